"""A bare list or text in a type of the wire is found, and a bounded one is not."""

import unittest
from pathlib import Path

import wire

_ROOT = Path(__file__).resolve().parents[2]

_SOURCE = """
#[derive(Clone, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub(crate) enum Message {
    Join { package: Vec<u8> },
    // A Vec<u32> of old.
    Removed { commits: Vec<Vec<u8>> },
    Name(String),
    Few(Few<Short<8>, 4>),
}

#[derive(Deserialize)]
struct Private(Vec<u32>);

#[derive(Deserialize)]
pub(super) struct Pairs(Vec<(u8, u8)>);

#[derive(Serialize)]
pub struct Written(Vec<String>);
"""


class Wire(unittest.TestCase):
    def test_bare_lists_and_texts_are_found(self):
        found = [("Message", 7, "Vec"), ("Message", 8, "String"), ("Private", 13, "Vec"), ("Pairs", 16, "Vec")]
        self.assertEqual(wire.bare(_SOURCE), found)

    def test_the_folder_exists(self):
        self.assertTrue((_ROOT / wire.FOLDER).is_dir())
