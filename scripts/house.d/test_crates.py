"""A crate knows only what lies below it."""

import tempfile
import unittest
from pathlib import Path

import crates


class Crates(unittest.TestCase):
    def arrows(self, **manifests):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "Cargo.toml").write_text(f"[workspace]\nmembers = {list(manifests)}\n")
            for name, rest in manifests.items():
                (root / name).mkdir()
                (root / name / "Cargo.toml").write_text(f'[package]\nname = "{name}"\n{rest}')
            return list(crates.arrows(root))

    def test_dependency_on_an_upper_crate_is_found(self):
        found = self.arrows(engine="", content="[dependencies]\nengine.workspace = true\nserde = '1'\n")
        self.assertEqual(found, [("content/Cargo.toml", "engine")])

    def test_dependency_under_another_name_or_for_one_system_is_found(self):
        found = self.arrows(
            media="[dependencies]\nroom = { package = 'engine', path = '../engine' }\n",
            content="[target.'cfg(unix)'.dependencies]\nmedia.workspace = true\n",
            engine="",
        )
        self.assertEqual(found, [("media/Cargo.toml", "engine"), ("content/Cargo.toml", "media")])

    def test_dependencies_down_and_those_of_tests_are_allowed(self):
        found = self.arrows(
            engine="[dependencies]\ncontent.workspace = true\nmedia.workspace = true\n",
            content="[dev-dependencies]\nengine.workspace = true\n",
            media="",
            benches="[dependencies]\nengine.workspace = true\n",
        )
        self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main()
