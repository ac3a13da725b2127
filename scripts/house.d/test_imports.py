"""Imports lead to the file that defines what is imported, and circles are found."""

import subprocess
import tempfile
import unittest
from pathlib import Path

from imports import Imports, circles
from tree import Tree


class Arrows(unittest.TestCase):
    def imports(self, **files: str) -> Imports:
        """The imports of a crate `c`; `a__b` stands for the file `a/b.rs`."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = Path(folder.name)
        subprocess.run(["git", "init", "-q", str(root)], check=True)
        (root / "c/src").mkdir(parents=True)
        (root / "c/Cargo.toml").write_text("")
        for name, source in files.items():
            path = root / "c/src" / (name.replace("__", "/") + ".rs")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)
        return Imports(Tree(root))

    def arrows(self, **files: str) -> set[tuple[str, str]]:
        found = self.imports(**files).arrows
        short = lambda path: path.removeprefix("c/src/").removesuffix(".rs")  # noqa: E731
        return {(short(path), short(target)) for path, targets in found.items() for target in targets}

    def test_a_use_leads_to_the_definition_through_reexports(self):
        found = self.arrows(
            lib="mod a; mod b; pub use b::Thing;",
            a="use crate::Thing;\nuse super::b;\nfn f() { b::g(); }",
            b__mod="mod inner; pub use inner::Thing; pub use inner::g;",
            b__inner="pub struct Thing; pub fn g() {}",
        )
        self.assertEqual(found, {("a", "b/inner")})

    def test_a_reexport_that_is_used_where_it_stands_is_an_import(self):
        found = self.arrows(lib="mod a; pub use a::Thing; struct B(Thing);", a="pub struct Thing;")
        self.assertEqual(found, {("lib", "a")})

    def test_paths_in_code_are_imports(self):
        found = self.arrows(
            lib="mod a; mod b;",
            a="fn f(x: super::b::Kind) { match x { crate::b::Kind::One => () } }",
            b="pub enum Kind { One }",
        )
        self.assertEqual(found, {("a", "b")})

    def test_globs_and_other_crates(self):
        found = self.arrows(
            lib="mod a; mod b; mod c;",
            a="use super::b::*; use std::fmt; use serde::Serialize; fn f() { fmt::x(); Thing::new(); }",
            b="pub use super::c::Thing; pub use std::io::Read;",
            c="pub struct Thing;",
        )
        self.assertEqual(found, {("a", "b"), ("a", "c")})

    def test_modules_in_braces_belong_to_their_file(self):
        found = self.arrows(
            lib="pub mod names { pub use crate::a::Name; pub(crate) fn g() {} } mod a; mod b;",
            a="pub struct Name; fn f() { crate::names::g() }",
            b="use crate::names::Name;",
        )
        self.assertEqual(found, {("a", "lib"), ("b", "a")})

    def test_test_code_imports_what_it_likes(self):
        found = self.arrows(
            lib="mod a; #[cfg(test)] mod b;",
            a="#[cfg(test)]\nmod tests { use crate::lib_thing; use super::super::b; }\npub struct A;",
            b="use crate::a::A;",
        )
        self.assertEqual(found, set())

    def test_circles_know_their_folders(self):
        imports = self.imports(
            lib="mod a; mod b; mod d;",
            b__tests="",
            a="mod inner; pub use inner::Inner; use crate::b::B; pub struct A(B);",
            a__inner="pub struct Inner; use super::A;",
            b="pub struct B; use crate::a::Inner; #[cfg(test)] mod tests;",
            d="use crate::a::A;",
        )
        self.assertEqual(circles(imports.arrows), [["c/src/a.rs", "c/src/a/inner.rs", "c/src/b.rs"]])
        self.assertEqual(imports.folders("c/src/a.rs"), {"c/src", "c/src/a"})
        self.assertEqual(imports.folders("c/src/b.rs"), {"c/src"})
        self.assertTrue(imports.are_in_one_folder(["c/src/a.rs", "c/src/a/inner.rs"]))
        self.assertTrue(imports.are_in_one_folder(["c/src/a.rs", "c/src/b.rs"]))
        self.assertFalse(imports.are_in_one_folder(["c/src/a.rs", "c/src/b.rs", "c/src/a/inner.rs"]))

    def test_circles_without_a_way_back_are_none(self):
        self.assertEqual(circles({"a": {"b": 1, "c": 1}, "b": {"c": 1}}), [])
        self.assertEqual(circles({"a": {"b": 1}, "b": {"c": 1}, "c": {"b": 1}, "d": {"a": 1}}), [["b", "c"]])


if __name__ == "__main__":
    unittest.main()
