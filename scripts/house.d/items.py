"""What stands in one Rust file: functions, structs, modules, and the paths that its production code names."""

from dataclasses import dataclass, field

from lexer import Tokens
from syntax import inner_attributes_say_test, is_word, leaves, names_test, says_test

_MODIFIERS = {"async", "unsafe", "default", "auto"}
_NAMED = {"struct", "enum", "union", "trait", "type", "const", "static", "fn"}


@dataclass
class Function:
    name: str
    line: int
    lines: int
    is_test: bool
    is_test_code: bool


@dataclass
class Struct:
    name: str
    line: int
    fields: int
    public_fields: int
    is_test_code: bool


@dataclass
class Use:
    """One leaf of a `use` tree. The name is `*` for a glob."""

    path: tuple[str, ...]
    name: str
    line: int
    is_reexport: bool


@dataclass
class Module:
    """A module in a file: the file's own, or one in braces."""

    name: str
    children: "list[Module]" = field(default_factory=list)
    # Modules in files of their own: name, `#[path]` where there is one, and whether the module is test code.
    declared: list[tuple[str, str | None, bool]] = field(default_factory=list)
    defined: set[str] = field(default_factory=set)
    uses: list[Use] = field(default_factory=list)
    paths: list[tuple[tuple[str, ...], int]] = field(default_factory=list)
    # Every identifier of the production code outside `use`: says whether what is re-exported is used here, too.
    words: set[str] = field(default_factory=set)


@dataclass
class Contents:
    root: Module
    functions: list[Function]
    structs: list[Struct]
    is_test_code: bool


def read(source: str, is_test_code: bool = False) -> Contents:
    return _Reader(source, is_test_code).read()


class _Reader:
    def __init__(self, source: str, is_test_code: bool):
        self.source = source
        self.tokens = Tokens(source)
        self.text = self.tokens.text
        self.contents = Contents(Module(""), [], [], is_test_code)
        # Where test code stands inside an item that is none, as (begin, end) of tokens.
        self.excluded: list[tuple[int, int]] = []

    def read(self) -> Contents:
        if inner_attributes_say_test(self.text, self.tokens.partner):
            self.contents.is_test_code = True
        self._items(0, len(self.tokens), self.contents.root, "", self.contents.is_test_code, True)
        return self.contents

    def _items(self, at: int, end: int, module: Module, owner: str, in_test: bool, top: bool) -> None:
        """Reads the items between two tokens. `top` is whether they stand in a module, and not in an `impl`."""
        while at < end:
            begin = at
            attributes, at = self._attributes(at, end)
            is_public, at = self._visibility(at)
            at = self._modifiers(at)
            if at >= end:
                return
            is_test = in_test or any(says_test(attribute) for attribute in attributes)
            close = self._item_end(at, end)
            self._item(at, close, module, owner, attributes, is_public, is_test, top)
            if is_test and not top and not in_test:
                self.excluded.append((begin, close))
            at = close

    def _item(self, at, end, module, owner, attributes, is_public, is_test, top) -> None:
        word, name = self.text[at], self.text[at + 1] if at + 1 < end else ""
        if word == "mod":
            self._module(at, end, module, attributes, is_test)
            return
        if word == "fn":
            full = f"{owner}::{name}" if owner else name
            lines = self.tokens.line(end - 1) - self.tokens.line(at) + 1
            is_a_test = any(names_test(attribute) for attribute in attributes)
            self.contents.functions.append(Function(full, self.tokens.line(at), lines, is_a_test, is_test))
        elif word == "struct":
            self._struct(at, end, is_test)
        if top:
            if not is_test:
                self._define(at, module)
            self.excluded = []
        body = self._body(at, end)
        if word in ("impl", "trait") and body is not None:
            inner = self._implemented(at, body) if word == "impl" else name
            self._items(body + 1, end - 1, module, inner, is_test, False)
        if top and not is_test:
            if word == "use":
                self._use(at, end, module, is_public)
            else:
                self._paths(at, end, module)

    def _module(self, at: int, end: int, module: Module, attributes, is_test: bool) -> None:
        name = self.text[at + 1]
        body = self._body(at, end)
        if body is None:
            module.declared.append((name, self._path_attribute(at), is_test))
            return
        child = Module(name)
        if not is_test:
            module.children.append(child)
        self._items(body + 1, end - 1, child, "", is_test, True)

    def _path_attribute(self, at: int) -> str | None:
        """The file that `#[path = "…"]` names on this line or the one above: the tokens have no literals."""
        line = self.tokens.line(at)
        above = self.source.splitlines()[max(line - 2, 0) : line]
        for text in above:
            if "#[path" in text:
                return text.split('"')[1]
        return None

    def _define(self, at: int, module: Module) -> None:
        word = self.text[at]
        if word in _NAMED:
            name = self.text[at + 1]
            module.defined.add(self.text[at + 2] if name == "mut" else name)
        elif word == "macro_rules":
            module.defined.add(self.text[at + 2])

    def _struct(self, at: int, end: int, is_test: bool) -> None:
        fields = public = 0
        begin = self._fields_begin(at, end)
        if begin is not None:
            for has_public in self._fields(begin + 1, self.tokens.partner.get(begin, end)):
                fields += 1
                public += has_public
        name, line = self.text[at + 1], self.tokens.line(at)
        self.contents.structs.append(Struct(name, line, fields, public, is_test))

    def _fields(self, at: int, end: int):
        """Whether each field between two tokens is public, for structs with names and with numbers."""
        while at < end:
            _, at = self._attributes(at, end)
            if at >= end:
                return
            yield self.text[at] == "pub"
            angle = 0
            while at < end and (self.text[at] != "," or angle > 0):
                angle += {"<": 1, ">": -1}.get(self.text[at], 0)
                at = max(self.tokens.partner.get(at, at), at) + 1
            at += 1

    def _fields_begin(self, at: int, end: int) -> int | None:
        angle = 0
        for index in range(at, end):
            token = self.text[index]
            angle += {"<": 1, ">": -1}.get(token, 0)
            if angle == 0 and token in ("{", "("):
                return index
        return None

    def _attributes(self, at: int, end: int) -> tuple[list[list[str]], int]:
        """The attributes from a token on, each as its tokens, and where they end."""
        found = []
        while at < end and self.text[at] == "#":
            bracket = at + 2 if self.text[at + 1] == "!" else at + 1
            close = self.tokens.partner.get(bracket)
            if close is None:
                break
            found.append(self.text[bracket + 1 : close])
            at = close + 1
        return found, at

    def _visibility(self, at: int) -> tuple[bool, int]:
        if at < len(self.text) and self.text[at] == "pub":
            at += 1
            if self.text[at : at + 1] == ["("] and self.text[at + 1] in ("crate", "self", "super", "in"):
                at = self.tokens.partner.get(at, at) + 1
            return True, at
        return False, at

    def _modifiers(self, at: int) -> int:
        """Steps over what may stand before `fn`, `impl` and `trait`: `const`, `async`, `unsafe`, `extern "C"`."""
        while at + 1 < len(self.text):
            word, following = self.text[at], self.text[at + 1]
            if word in _MODIFIERS or (word == "const" and following in ("fn", "async", "unsafe", "extern")):
                at += 1
            elif word == "extern" and following == '"':
                at += 3
            else:
                break
        return at

    def _item_end(self, at: int, end: int) -> int:
        """Behind the item that begins here: behind its `;`, or behind its body."""
        word = self.text[at]
        ends_with_semicolon = word in ("use", "const", "static", "type", "extern")
        while at < end:
            token = self.text[at]
            if token == ";":
                return at + 1
            if token in "([{":
                close = self.tokens.partner.get(at, at)
                if token == "{" and not ends_with_semicolon:
                    return close + 1
                at = close
            at += 1
        return end

    def _body(self, at: int, end: int) -> int | None:
        return self.tokens.partner.get(end - 1) if self.text[end - 1] == "}" else None

    def _implemented(self, at: int, body: int) -> str:
        """The type that an `impl` is for, by its last name: `Room` in `impl<T> fmt::Debug for api::Room<T>`."""
        words, angle, name = self.text[at + 1 : body], 0, ""
        for word in words:
            if word in ("<", ">"):
                angle += 1 if word == "<" else -1
            elif angle == 0 and word == "for":
                name = ""
            elif angle == 0 and word == "where":
                break
            elif angle == 0 and is_word(word):
                name = word
        return name

    def _use(self, at: int, end: int, module: Module, is_public: bool) -> None:
        line = self.tokens.line(at)
        for path, name in leaves(self.text[at + 1 : end - 1], ()):
            module.uses.append(Use(path, name, line, is_public))

    def _paths(self, at: int, end: int, module: Module) -> None:
        """Collects what the code between two tokens names: `a::b` paths, and each `use` inside a function."""
        excluded = sorted(self.excluded)
        while at < end:
            if excluded and at >= excluded[0][0]:
                at = max(at, excluded.pop(0)[1])
                continue
            token = self.text[at]
            if token == "use" and self.text[at + 1] != "<":
                close = self._item_end(at, end)
                self._use(at, close, module, False)
                at = close
            elif token == "pub":
                # `pub(in crate::room)` imports nothing.
                _, at = self._visibility(at)
            elif is_word(token):
                at = self._path(at, end, module)
            else:
                at += 1

    def _path(self, at: int, end: int, module: Module) -> int:
        begin, path = at, [self.text[at]]
        at += 1
        while at + 1 < end and self.text[at] == "::" and is_word(self.text[at + 1]):
            path.append(self.text[at + 1])
            at += 2
        is_continued = begin > 0 and self.text[begin - 1] in ("::", ".")
        if not is_continued:
            module.words.add(path[0])
            if len(path) > 1:
                module.paths.append((tuple(path), self.tokens.line(begin)))
        return at
