"""Literals and comments hide nothing from the counts, and add nothing to them."""

import unittest

from lexer import Tokens, blank


def words(source: str) -> list[str]:
    return Tokens(source).text


class Lexer(unittest.TestCase):
    def test_comments_are_gone(self):
        self.assertEqual(words("a // { \" '\nb /* } /* nested */ { */ c"), ["a", "b", "c"])

    def test_strings_hide_their_braces_and_quotes(self):
        self.assertEqual(words(r'f("{ \" // }", b"{", c"}")'), ["f", "(", '"', '"', ",", '"', '"', ",", '"', '"', ")"])

    def test_raw_strings_end_at_their_own_hashes(self):
        self.assertEqual(words('r#"{ " } \\"# + br##"}"# {"##'), ['"', '"', "+", '"', '"'])

    def test_characters_are_no_lifetimes(self):
        self.assertEqual(words("'{' '\\'' b'}' '\\u{7d}' '\\x7b' '\"'"), ['"', '"'] * 6)
        self.assertEqual(words("fn f<'a,'b>(x: &'a str, y: &'b str) {}").count("'a"), 2)
        self.assertEqual(words("'outer: loop { break 'outer; }").count("'outer"), 2)

    def test_raw_identifiers_are_no_strings(self):
        self.assertIn("type", words('let r#type = "x";'))

    def test_blanking_keeps_lines_and_length(self):
        source = 'a "one\ntwo" /* three\nfour */ b // five\nc'
        self.assertEqual(blank(source).count("\n"), source.count("\n"))
        self.assertEqual(len(blank(source)), len(source))

    def test_tokens_know_their_lines_and_partners(self):
        tokens = Tokens('a {\n  "}\n" ( b\n)\n}')
        self.assertEqual(tokens.line(tokens.text.index("b")), 3)
        self.assertEqual(tokens.partner[1], len(tokens) - 1)
        self.assertEqual(tokens.line(tokens.partner[1]), 5)

    def test_an_open_comment_ends_with_the_file(self):
        self.assertEqual(words("a /* b"), ["a"])


if __name__ == "__main__":
    unittest.main()
