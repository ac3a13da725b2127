"""The facets of a room, and what they may not import: the inside, the outside and each other.

A part of the room is a file or folder of `room/`. Parts that are named below have that role. A file with an `impl Inside`
reaches into the inside and belongs to the router. What is left are values that facets share, which import nothing but each
other. `test_rules.py` holds that all the names exist.
"""

from tree import Tree

ROOM = "client/engine/src/room"
FACETS = ("call", "chat", "door", "links", "media", "roster", "trust")
# What goes in and comes out, and what carries it from one facet to another: these know all of them.
ROUTER = ("mod", "inside", "input", "output", "figures", "status", "hostile", "asking")
# What a room is before it has a group.
OUTSIDE = ("joining",)
# Test code.
TESTS = ("simulation",)


def part(path: str) -> str | None:
    """The part of the room that a file belongs to, as `chat`. `None` is outside the room."""
    if not path.startswith(ROOM + "/"):
        return None
    return path[len(ROOM) + 1 :].removesuffix(".rs").split("/")[0]


def inside_files(tree: Tree) -> list[str]:
    return [file.path for file in tree.production() if part(file.path) == "inside"]


def reaches_inside(tree: Tree, path: str) -> bool:
    return any(function.name.startswith("Inside::") for function in tree.files[path].contents.functions)


def spread(tree: Tree):
    """Each file beside the inside that has an `impl Inside`."""
    for file in tree.production():
        if part(file.path) not in (None, "inside", *TESTS) and reaches_inside(tree, file.path):
            yield file


def arrows(imports: dict[str, dict[str, int]], router: set[str]):
    """Each import that a facet or a shared value may not have: file, the imported part, and the line.

    `router` are the files that reach into the inside, beside those in the list.
    """
    for path, targets in imports.items():
        own = part(path)
        if own is None or own in (*ROUTER, *OUTSIDE, *TESTS) or path in router:
            continue
        seen = set()
        for target, line in sorted(targets.items(), key=lambda arrow: arrow[1]):
            other = part(target)
            if other is None or other == own or other in seen:
                continue
            if other in (*FACETS, *ROUTER, *OUTSIDE, *TESTS) or target in router:
                seen.add(other)
                yield path, other, line
