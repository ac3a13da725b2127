#!/usr/bin/env python3
"""Checks the documents: relative links and their anchors lead somewhere, paths from the root exist, and so do the tests that
SECURITY.md names. Prints what is wrong, and exits with 1 if anything is.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(([^)\s]+)\)")


def documents():
    """Every Markdown file of the repository, outside of build folders."""
    for path in sorted(ROOT.rglob("*.md")):
        if not {"target", "node_modules", ".git", "shared"} & set(path.relative_to(ROOT).parts[:-1]):
            yield path


def anchors(text):
    """The anchors of a document's headings, as forges make them."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", words).strip().replace(" ", "-"))
    return found


def broken_links():
    for path in documents():
        text = path.read_text()
        for target in LINK.findall(text):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            to = (path.parent / file).resolve() if file else path
            if not to.exists():
                yield f"{path.relative_to(ROOT)}: {target} leads nowhere"
            elif anchor and to.suffix == ".md" and anchor not in anchors(to.read_text()):
                yield f"{path.relative_to(ROOT)}: {target} has no such heading"


def missing_paths():
    """Paths from the root in code spans, as `media/src/lib.rs`. One with a word in capitals, as `NAME`, is a pattern."""
    top = {path.name for path in ROOT.iterdir() if path.is_dir()}
    for document in documents():
        for path in re.findall(r"`([\w./-]+/[\w./-]*)`", document.read_text()):
            is_pattern = re.search(r"(^|/)[A-Z]{2,}(/|\.|$)", path)
            if path.split("/")[0] in top and not is_pattern and not (ROOT / path).exists():
                yield f"{document.relative_to(ROOT)}: there is no {path}"


def missing_tests():
    """Tests are named by module, in the last column of SECURITY.md's tables of what a member can try."""
    header = None
    for line in (ROOT / "SECURITY.md").read_text().split("\n"):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            header = None
        elif header is None:
            header = cells
        elif header[-1] == "held by" and not set(line) <= set("|-: "):
            folder = "client/engine"
            names = re.findall(r"`([^`]+)`(:)?", cells[-1])
            if not names and "reasoned" not in cells[-1] and "](" not in cells[-1]:
                yield f"SECURITY.md: nothing holds {cells[0]!r}"
            for name, is_crate in names:
                if is_crate:
                    folder = name
                elif not has_tests(ROOT / folder, name):
                    yield f"SECURITY.md: there is no {name} with tests in {folder}"


def has_tests(crate, name):
    if name.startswith("tests/"):
        files = [crate / name] if name.endswith(".rs") else sorted((crate / name).rglob("*.rs"))
    else:
        parts = name.split("::")
        files = [path for path in sorted((crate / "src").rglob("*.rs"))
                 if contains(path.relative_to(crate / "src").with_suffix("").parts, parts)]
    return any(path.exists() and "#[test]" in path.read_text() for path in files) or any(
        "#[tokio::test" in path.read_text() for path in files if path.exists())


def contains(path, parts):
    return any(list(path[at:at + len(parts)]) == parts for at in range(len(path) - len(parts) + 1))


def problems():
    yield from broken_links()
    yield from missing_paths()
    yield from missing_tests()


if __name__ == "__main__":
    FOUND = list(problems())
    print("\n".join(FOUND), end="\n" if FOUND else "")
    sys.exit(1 if FOUND else 0)
