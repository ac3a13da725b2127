"""The facets of a room, and what they may not import: the inside, the outside and each other.

A facet is what lies in `room/` and has no other part in the list below, so that a new file is a facet until it is shown
to be something else. `test_rules.py` holds that all the names exist.
"""

from tree import Tree

ROOM = "client/engine/src/room"
# Routes between the facets, and knows them all.
ROUTER = ("mod", "inside", "routing")
# What a room is before it has a group.
OUTSIDE = ("joining",)
# Values that facets have in common.
SHARED = ("wire", "keep", "numbers", "view", "meter", "rows", "size", "link", "input", "output", "own", "pairs", "figures")
# Test code, and what a hostile member is made with.
TESTS = ("simulation", "hostile")
# Folders whose entries are facets themselves.
GROUPS: tuple[str, ...] = ()


def part(path: str) -> str | None:
    """The part of the room that a file belongs to, as `chat` or `media/sending`. `None` is outside the room."""
    if not path.startswith(ROOM + "/"):
        return None
    steps = path[len(ROOM) + 1 :].removesuffix(".rs").split("/")
    return "/".join(steps[:2]) if steps[0] in GROUPS else steps[0]


def is_facet(name: str) -> bool:
    return name not in (*ROUTER, *OUTSIDE, *SHARED, *TESTS) and not (name in GROUPS or name.endswith("/mod"))


def inside_files(tree: Tree) -> list[str]:
    return [file.path for file in tree.production() if part(file.path) == "inside"]


def arrows(imports: dict[str, dict[str, int]]):
    """Each import that a facet may not have: file, the imported part, and the line."""
    for path, targets in imports.items():
        own = part(path)
        if own is None or not is_facet(own):
            continue
        seen = set()
        for target, line in sorted(targets.items(), key=lambda arrow: arrow[1]):
            other = part(target)
            if other is None or other == own or other in seen:
                continue
            if is_facet(other) or other == "inside" or other in OUTSIDE:
                seen.add(other)
                yield path, other, line
