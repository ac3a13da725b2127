"""The rules find what they are for, and the lists of names in them name what exists."""

import unittest
from pathlib import Path

import facets
import floors
from rules import _REASON, glossary_words
from tree import is_test_path

_ROOT = Path(__file__).resolve().parents[2]
_ROOM = _ROOT / facets.ROOM
_NAMES = [*facets.FACETS, *facets.ROUTER, *facets.OUTSIDE, *facets.TESTS]


class Facets(unittest.TestCase):
    def test_every_name_in_the_lists_exists(self):
        for name in _NAMES:
            exists = (_ROOM / name).is_dir() or (_ROOM / f"{name}.rs").is_file()
            self.assertTrue(exists, f"{name} is not in {facets.ROOM}")

    def test_no_name_is_in_two_lists(self):
        self.assertEqual(sorted(set(_NAMES)), sorted(_NAMES))

    def test_only_inside_outside_and_other_facets_are_refused(self):
        room = facets.ROOM
        imports = {
            f"{room}/chat/mod.rs": {
                f"{room}/wire.rs": 1,
                f"{room}/inside.rs": 2,
                f"{room}/call.rs": 3,
                f"{room}/chat/post.rs": 4,
                "client/engine/src/api/mod.rs": 5,
                f"{room}/call/other.rs": 6,
                f"{room}/joining.rs": 7,
                f"{room}/routing.rs": 8,
            },
            f"{room}/inside.rs": {f"{room}/chat/mod.rs": 1},
        }
        found = list(facets.arrows(imports, {f"{room}/routing.rs"}))
        path = f"{room}/chat/mod.rs"
        self.assertEqual(found, [(path, "inside", 2), (path, "call", 3), (path, "joining", 7), (path, "routing", 8)])

    def test_shared_values_import_no_facet(self):
        room = facets.ROOM
        imports = {f"{room}/view.rs": {f"{room}/wire/mod.rs": 1, f"{room}/media/mod.rs": 2}}
        self.assertEqual(list(facets.arrows(imports, set())), [(f"{room}/view.rs", "media", 2)])


class Floors(unittest.TestCase):
    def test_every_floor_exists(self):
        for name in floors.FLOORS:
            self.assertTrue((_ROOT / floors.WINDOW / name).is_dir(), f"{name} is not in {floors.WINDOW}")

    def test_only_imports_that_lead_upwards_are_refused(self):
        app = floors.WINDOW
        imports = {
            f"{app}/stage/bar.rs": {
                f"{app}/ui/theme/mod.rs": 1,
                f"{app}/stage/tile/mod.rs": 2,
                f"{app}/features/chat/mod.rs": 3,
                f"{app}/main.rs": 4,
            },
            f"{app}/main.rs": {f"{app}/pages/mod.rs": 1},
        }
        path = f"{app}/stage/bar.rs"
        self.assertEqual(list(floors.arrows(imports)), [(path, "features/chat/mod", 3), (path, "main", 4)])


class Texts(unittest.TestCase):
    def test_a_reason_is_a_sentence_of_its_own(self):
        self.assertTrue(_REASON.search("A path's states. Long because each transition is a row."))
        self.assertTrue(_REASON.search("Long because it is a table."))
        self.assertFalse(_REASON.search("A way that is long because of relays."))
        self.assertFalse(_REASON.search("Long because."))

    def test_the_glossary_counts_rows_of_a_word(self):
        document = (
            "# A\n\n## Glossary\n\n| word | meaning |\n| --- | --- |\n| *line* | a *text* |\n"
            "| *seal*, *open* | x |\n| *line* (of members) | y |\n\n## B\n\n| *text* | z |\n"
        )
        self.assertEqual(glossary_words(document), {"line": 2, "seal": 1, "open": 1})

    def test_test_code_is_known_by_its_place(self):
        self.assertTrue(is_test_path("client/engine/tests/a.rs"))
        self.assertTrue(is_test_path("client/engine/src/store/tests/a.rs"))
        self.assertTrue(is_test_path("client/engine/src/qr/tests.rs"))
        self.assertTrue(is_test_path("client/engine/src/room/simulation/chat.rs"))
        self.assertFalse(is_test_path("client/engine/src/room/chat.rs"))
        self.assertFalse(is_test_path("media/src/microphone/test.rs"))


if __name__ == "__main__":
    unittest.main()
