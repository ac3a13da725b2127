"""The ratchet turns one way."""

import tempfile
import unittest
from pathlib import Path

import owed


class Ratchet(unittest.TestCase):
    def test_what_is_written_is_read_again(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "owed"
            entries = {("file", "a.rs", "-"): 410, ("struct", "a.rs", "B"): 20}
            owed.save(path, entries)
            self.assertEqual(owed.load(path), entries)
            self.assertEqual(owed.load(Path(folder) / "none"), {})

    def test_every_difference_is_a_complaint(self):
        before = {("file", name, "-"): 410 for name in ("same", "worse", "better", "mended")}
        lines = {"same": 410, "worse": 411, "better": 409, "new": 401}
        now = {("file", name, "-"): number for name, number in lines.items()}
        said = {key[1]: what.split(":")[0] for key, what in owed.complaints(now, before)}
        expected = {
            "worse": "is worse than the 410 that are owed",
            "better": "is better than the 410 that are owed",
            "mended": "is mended",
            "new": "breaks the rule",
        }
        self.assertEqual(said, expected)

    def test_a_move_is_no_growth_and_one_line_more_is(self):
        before = {("file", "a", "-"): 410, ("file", "b", "-"): 405}
        self.assertEqual(owed.grown({("file", "moved", "-"): 410, ("file", "b", "-"): 404}, before), [])
        self.assertEqual(owed.grown({("file", "moved", "-"): 411, ("file", "b", "-"): 405}, before), ["file"])
        self.assertEqual(owed.grown({**before, ("struct", "a", "B"): 16}, before), ["struct"])


if __name__ == "__main__":
    unittest.main()
