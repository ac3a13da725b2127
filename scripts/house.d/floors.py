"""The floors of the window, from the bottom up: a floor imports only itself and what lies below."""

WINDOW = "client/app/src"
FLOORS = ("ui", "engine", "stage", "features", "pages")


def floor(path: str) -> int | None:
    """How high a file lies. `None` is above all floors, as `main.rs`, or outside the window."""
    if not path.startswith(WINDOW + "/"):
        return None
    name = path[len(WINDOW) + 1 :].split("/")[0].removesuffix(".rs")
    return FLOORS.index(name) if name in FLOORS else None


def arrows(imports: dict[str, dict[str, int]]):
    """Each import that leads upwards: file, the imported file from the window's root, and the line."""
    for path, targets in imports.items():
        own = floor(path)
        if own is None:
            continue
        for target, line in sorted(targets.items(), key=lambda arrow: arrow[1]):
            if not target.startswith(WINDOW + "/"):
                continue
            other = floor(target)
            if other is None or other > own:
                yield path, target[len(WINDOW) + 1 :].removesuffix(".rs"), line
