"""Rust source as tokens: comments and the contents of literals are gone, and each token knows its line."""

import bisect
import re

# What may hold braces, quotes and keywords that are no code. A lifetime stands here so that its quote opens no literal.
_OPAQUE = re.compile(
    r"""
      //[^\n]*
    | /\*
    | \b[bc]?r(?P<hashes>\#*)".*?"(?P=hashes)
    | (?:\b[bc])?"(?:[^"\\]|\\.)*"
    | (?:\bb)?'(?:\\(?:u\{[^}]*\}|x[0-9a-fA-F]{2}|.)|[^\\'\n])'
    | '[A-Za-z_]\w*
    """,
    re.DOTALL | re.VERBOSE,
)
_TOKEN = re.compile(r"'?[A-Za-z_]\w*|\d\w*|::|->|=>|\"|[^\w\s]")
_BLOCK_COMMENT_EDGE = re.compile(r"/\*|\*/")
_NOT_NEWLINE = re.compile(r"[^\n]")
_CLOSES = {")": "(", "]": "[", "}": "{"}


class Tokens:
    """The tokens of one file: `text[i]`, `line(i)` and, for a bracket, the index of its partner `partner[i]`."""

    def __init__(self, source: str):
        self.text: list[str] = []
        self._at: list[int] = []
        for match in _TOKEN.finditer(blank(source)):
            self.text.append(match.group())
            self._at.append(match.start())
        self._newlines = [match.start() for match in re.finditer("\n", source)]
        self.partner = _partners(self.text)

    def __len__(self) -> int:
        return len(self.text)

    def line(self, index: int) -> int:
        return bisect.bisect_left(self._newlines, self._at[index]) + 1


def blank(source: str) -> str:
    """The source at its old length and lines, without comments, and with every literal as `""` and spaces."""
    parts, at = [], 0
    while match := _OPAQUE.search(source, at):
        begin, end = match.span()
        parts.append(source[at:begin])
        found = match.group()
        if found == "/*":
            end = _block_comment_end(source, end)
        if found.startswith("/"):
            parts.append(_NOT_NEWLINE.sub(" ", source[begin:end]))
        elif found.startswith("'") and not found.endswith("'"):
            parts.append(found)
        else:
            parts.append('""' + _NOT_NEWLINE.sub(" ", found[2:]))
        at = end
    parts.append(source[at:])
    return "".join(parts)


def _block_comment_end(source: str, at: int) -> int:
    depth = 1
    while depth:
        edge = _BLOCK_COMMENT_EDGE.search(source, at)
        if edge is None:
            return len(source)
        depth += 1 if edge.group() == "/*" else -1
        at = edge.end()
    return at


def _partners(text: list[str]) -> dict[int, int]:
    partner, open_brackets = {}, []
    for index, token in enumerate(text):
        if token in "([{":
            open_brackets.append(index)
        elif token in _CLOSES and open_brackets and text[open_brackets[-1]] == _CLOSES[token]:
            begin = open_brackets.pop()
            partner[begin], partner[index] = index, begin
    return partner
