"""Which file imports which, within a crate: by `use` lines and by paths in the code, through re-exports.

An import leads to the file that defines what is imported. A re-export is a signpost and imports nothing, so a `mod.rs`
that only lists its children takes part in no circle. Test code imports whatever it likes.
"""

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from items import Module, Use
from tree import Tree

_ROOTS = ("src/lib.rs", "src/main.rs", "build.rs")
_ROOT_FOLDERS = ("src/bin", "benches", "fuzz_targets", "examples")


@dataclass
class Node:
    """A module in its place: its file, its parent, and its children by name."""

    module: Module
    file: str
    parent: "Node | None"
    children: "dict[str, Node]" = field(default_factory=dict)
    imported: dict[str, Use] = field(default_factory=dict)
    globs: list[Use] = field(default_factory=list)


@dataclass
class Found:
    """What a path leads to. A whole module has no item."""

    node: Node
    is_item: bool


class Imports:
    """The arrows of all crates: `arrows[importer][imported]` is the line of the first such import."""

    def __init__(self, tree: Tree):
        self.tree = tree
        self.arrows: dict[str, dict[str, int]] = {}
        self._seen_as_test: set[str] = set()
        self._seen_as_production: set[str] = set()
        roots = [self._grow(path) for path in self._root_files()]
        tree.mark_test_code(self._seen_as_test - self._seen_as_production)
        self._folders = {str(PurePosixPath(file.path).parent) for file in tree.production()}
        for root in roots:
            self._arrows_of(root, root)

    def folders(self, path: str) -> set[str]:
        """The folders that a file belongs to: its own, and `chat/` for a `chat.rs` beside it."""
        beside = path.removesuffix(".rs")
        return {str(PurePosixPath(path).parent), *({beside} & self._folders)}

    def are_in_one_folder(self, paths: list[str]) -> bool:
        return bool(set.intersection(*map(self.folders, paths)))

    def _root_files(self):
        for path in self.tree.files:
            crate = self.tree.crate(path)
            inside = path[len(crate) :].lstrip("/")
            parts = inside.split("/")
            in_folder = any(inside.startswith(folder + "/") for folder in _ROOT_FOLDERS)
            depth = len(parts) - (2 if inside.startswith("src/bin/") else 1)
            if inside in _ROOTS or (in_folder and (depth == 1 or (depth == 2 and parts[-1] == "main.rs"))):
                yield path

    def _grow(self, path: str) -> Node:
        return self._node(self.tree.files[path].contents.root, path, None, PurePosixPath(path).parent, False)

    def _node(self, module: Module, path: str, parent: Node | None, folder: PurePosixPath, is_test: bool) -> Node:
        (self._seen_as_test if is_test else self._seen_as_production).add(path)
        node = Node(module, path, parent)
        for use in module.uses:
            if use.name == "*":
                node.globs.append(use)
            else:
                node.imported[use.name] = use
        for child in module.children:
            node.children[child.name] = self._node(child, path, node, folder / child.name, is_test)
        for name, named_path, child_is_test in module.declared:
            child_path = self._child_path(path, folder, name, named_path)
            if child_path is None:
                continue
            contents = self.tree.files[child_path].contents
            child = self._node(contents.root, child_path, node, folder / name, is_test or child_is_test)
            if not child_is_test:
                node.children[name] = child
        return node

    def _child_path(self, path: str, folder: PurePosixPath, name: str, named_path: str | None) -> str | None:
        if named_path is not None:
            parts: list[str] = []
            for part in (PurePosixPath(path).parent / named_path).parts:
                parts = parts[:-1] if part == ".." else [*parts, part]
            candidates = ["/".join(parts)]
        else:
            name = name.removeprefix("r#")
            candidates = [str(folder / f"{name}.rs"), str(folder / name / "mod.rs")]
        return next((candidate for candidate in candidates if candidate in self.tree.files), None)

    def _arrows_of(self, node: Node, root: Node) -> None:
        if self.tree.files[node.file].is_test_code:
            return
        for use in node.module.uses:
            if use.is_reexport and use.name not in node.module.words:
                continue
            found = resolve(node, root, use.path)
            if found is not None and (found.is_item or use.name == "*"):
                self._arrow(node, found, use.line)
        for path, line in node.module.paths:
            found = resolve(node, root, path)
            if found is not None:
                self._arrow(node, found, line)
        for child in node.children.values():
            self._arrows_of(child, root)

    def _arrow(self, node: Node, found: Found, line: int) -> None:
        if found.node.file != node.file:
            self.arrows.setdefault(node.file, {}).setdefault(found.node.file, line)


def resolve(node: Node, root: Node, path: tuple[str, ...], seen: frozenset = frozenset()) -> Found | None:
    """Follows a path from a module, through re-exports. `None` is what lies in another crate."""
    key = (id(node), path)
    if key in seen or not path:
        return None
    seen = seen | {key}
    first, rest = path[0], path[1:]
    if first in ("crate", "$crate"):
        return _descend(root, root, rest, seen)
    if first == "self":
        return _descend(node, root, rest, seen)
    if first == "super":
        while True:
            if node.parent is None:
                return None
            node = node.parent
            if not rest or rest[0] != "super":
                return _descend(node, root, rest, seen)
            rest = rest[1:]
    return _look_up(node, root, first, rest, seen)


def _descend(node: Node, root: Node, path: tuple[str, ...], seen: frozenset) -> Found | None:
    if not path:
        return Found(node, False)
    found = _look_up(node, root, path[0], path[1:], seen)
    return found if found is not None or _is_foreign(node, path[0]) else Found(node, True)


def _look_up(node: Node, root: Node, name: str, rest: tuple[str, ...], seen: frozenset) -> Found | None:
    if rest and name in node.children:
        return _descend(node.children[name], root, rest, seen)
    if name in node.module.defined:
        return Found(node, True)
    if name in node.imported:
        found = resolve(node, root, node.imported[name].path, seen)
        if found is not None and not found.is_item and rest:
            return _descend(found.node, root, rest, seen)
        if found is not None:
            return found
    if name in node.children:
        return _descend(node.children[name], root, rest, seen)
    for use in node.globs:
        opened = resolve(node, root, use.path, seen)
        if opened is not None and (id(opened.node), name) not in seen:
            found = _look_up(opened.node, root, name, rest, seen | {(id(opened.node), name)})
            if found is not None:
                return found
    return None


def _is_foreign(node: Node, name: str) -> bool:
    """Whether a module only passes on a name of another crate."""
    return name in node.imported


def circles(arrows: dict[str, dict[str, int]]) -> list[list[str]]:
    """The groups of files that all import each other, directly or through others (Tarjan, without recursion)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found = []
    for start in sorted(arrows):
        if start in number:
            continue
        work = [(start, iter(sorted(arrows.get(start, ()))))]
        number[start] = low[start] = len(number)
        stack.append(start)
        on_stack.add(start)
        while work:
            path, following = work[-1]
            for target in following:
                if target not in number:
                    number[target] = low[target] = len(number)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(sorted(arrows.get(target, ())))))
                    break
                if target in on_stack:
                    low[path] = min(low[path], number[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[path])
                if low[path] == number[path]:
                    members = []
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        members.append(member)
                        if member == path:
                            break
                    if len(members) > 1:
                        found.append(sorted(members))
    return found
