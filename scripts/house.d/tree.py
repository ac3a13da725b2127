"""The Rust files of the repository: which are test code, and which crate each belongs to."""

import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import items

# Folders and files that hold test code alone, whatever declares them.
TEST_FOLDERS = {"tests"}
TEST_FILES = {"tests.rs"}
TEST_PLACES = ("client/engine/src/room/simulation",)


@dataclass
class File:
    path: str
    source: str
    contents: items.Contents
    is_test_code: bool

    @cached_property
    def lines(self) -> int:
        return len(self.source.splitlines())

    @cached_property
    def opening(self) -> str:
        """The `//!` lines at the top, as one line of text."""
        texts = []
        for line in self.source.splitlines():
            if not line.startswith("//!"):
                break
            texts.append(line[3:].strip())
        return " ".join(texts)


class Tree:
    """All Rust files that git tracks or would track, by path from the root."""

    def __init__(self, root: Path):
        self.root = root
        listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        self.paths = sorted({path for path in listed.split("\0") if path and _is_own_file(root / path)})
        self.crates = sorted(path[: -len("Cargo.toml")] for path in self.paths if path.endswith("Cargo.toml"))
        self.files: dict[str, File] = {}
        for path in self.paths:
            if path.endswith(".rs"):
                self._read(path)

    def _read(self, path: str) -> None:
        source = (self.root / path).read_text(encoding="utf-8")
        is_test_code = is_test_path(path)
        contents = items.read(source, is_test_code)
        self.files[path] = File(path, source, contents, contents.is_test_code)

    def crate(self, path: str) -> str:
        """The folder of the crate that a file belongs to, without the slash at its end."""
        folders = [folder for folder in self.crates if path.startswith(folder)]
        return max(folders, key=len).rstrip("/") if folders else ""

    def mark_test_code(self, paths) -> None:
        """Says that files are test code because of the `#[cfg(test)]` of the `mod` that declares them."""
        for path in paths:
            file = self.files[path]
            if not file.is_test_code:
                file.is_test_code = True
                file.contents = items.read(file.source, True)

    def production(self):
        return (file for file in self.files.values() if not file.is_test_code)


def is_test_path(path: str) -> bool:
    *folders, name = path.split("/")
    inside = any(path == place + ".rs" or path.startswith(place + "/") for place in TEST_PLACES)
    return inside or name in TEST_FILES or any(folder in TEST_FOLDERS for folder in folders)


def _is_own_file(path: Path) -> bool:
    """Some crates link to files of others, which are measured where they are."""
    return path.is_file() and not path.is_symlink()


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True, text=True).stdout
