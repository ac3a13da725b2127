"""Types of the room's wire whose lists or texts have no bound of their own."""

import re

FOLDER = "client/engine/src/room/wire/"

_DERIVED = re.compile(r"#\[derive\([^)]*\bDeserialize\b[^)]*\)\](?:\s*#\[[^\]]*\])*\s*(?:pub(?:\([^)]*\))? )?(?:struct|enum) (\w+)")
# Bytes take no more memory than they have on the wire.
_BARE = re.compile(r"\b(?:Vec|VecDeque)<(?!u8>)|\b(?:String|BTreeMap|BTreeSet|HashMap|HashSet)\b")


def bare(source: str) -> list[tuple[str, int, str]]:
    """The types that are read from others and hold a bare list or text: name, line and what it is."""
    source = re.sub(r"//[^\n]*", "", source)
    found = []
    for match in _DERIVED.finditer(source):
        body = source[match.end() : _end(source, match.end())]
        for one in _BARE.finditer(body):
            line = source.count("\n", 0, match.end() + one.start()) + 1
            found.append((match.group(1), line, one.group().rstrip("<")))
    return found


def _end(source: str, at: int) -> int:
    """Where the type ends that begins there: at its last brace, or with a semicolon."""
    depth = 0
    for place in range(at, len(source)):
        sign = source[place]
        depth += (sign in "{(") - (sign in "})")
        if depth == 0 and sign in "};":
            return place
    return len(source)
