"""The rules of the house: what each one finds in the tree. The limits are here and nowhere else."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import crates
import facets
import floors
import wire
from imports import Imports, circles
from tree import Tree

MAX_INSIDE_FIELDS = 10
MAX_INSIDE_LINES = 250
MAX_PUBLIC_FIELDS = 15
MAX_FILE_LINES = 400
MAX_FILE_LINES_WITHOUT_REASON = 300
MAX_FUNCTION_LINES = 60
MAX_TEST_NAME = 60

_REASON = re.compile(r"(?:^|[.!?:] )Long because \w")


@dataclass(frozen=True)
class Violation:
    """A place that breaks a rule. The number is what the ratchet holds; the name is `-` where the file says enough."""

    file: str
    name: str
    number: int
    text: str


@dataclass(frozen=True)
class Rule:
    name: str
    limit: str
    about: str
    find: Callable[["House"], Iterable[Violation]]
    # Whether a violation stands for many, whose number it has: then the numbers are added up, and not the violations.
    is_counted: bool = False
    can_be_owed: bool = True

    def count(self, numbers: list[int]) -> int:
        return sum(numbers) if self.is_counted else len(numbers)


class House:
    def __init__(self, root: Path):
        self.root = root
        self.tree = Tree(root)
        self.imports = Imports(self.tree)


def find_circles(house: House):
    """For each crate, the files in circles of more than one folder. How many circles they form does not matter."""
    by_crate: dict[str, list[list[str]]] = {}
    for circle in circles(house.imports.arrows):
        if not house.imports.are_in_one_folder(circle):
            by_crate.setdefault(house.tree.crate(circle[0]), []).append(circle)
    for crate, found in by_crate.items():
        files = sum(map(len, found))
        text = "\n".join(describe_circle(house.imports, circle) for circle in found)
        yield Violation(crate, "-", files, f"{files} files in {len(found)} circles\n{text}")


def describe_circle(imports: Imports, circle: list[str]) -> str:
    lines = [f"    a circle of {len(circle)} files; the arrows between its folders:"]
    members = set(circle)
    for path in circle:
        for target, line in sorted(imports.arrows[path].items()):
            if target in members and not imports.are_in_one_folder([path, target]):
                lines.append(f"      {path}:{line} -> {target}")
    return "\n".join(lines)


def find_inside_fields(house: House):
    for path in facets.inside_files(house.tree):
        for struct in house.tree.files[path].contents.structs:
            if struct.name == "Inside" and struct.fields > MAX_INSIDE_FIELDS:
                yield Violation(path, struct.name, struct.fields, f"line {struct.line}: {struct.fields} fields")


def find_inside_lines(house: House):
    paths = facets.inside_files(house.tree)
    lines = sum(house.tree.files[path].lines for path in paths)
    if lines > MAX_INSIDE_LINES:
        yield Violation(paths[0], "-", lines, f"{lines} lines in {', '.join(paths)}")


def find_structs(house: House):
    for path, file in house.tree.files.items():
        for struct in file.contents.structs:
            if struct.public_fields > MAX_PUBLIC_FIELDS:
                text = f"line {struct.line}: {struct.name} has {struct.public_fields} public fields"
                yield Violation(path, struct.name, struct.public_fields, text)


def find_files(house: House):
    for file in house.tree.production():
        has_reason = _REASON.search(file.opening) is not None
        if file.lines > (MAX_FILE_LINES if has_reason else MAX_FILE_LINES_WITHOUT_REASON):
            text = f"{file.lines} lines, {'with' if has_reason else 'without'} a reason"
            yield Violation(file.path, "-", file.lines, text)


def find_functions(house: House):
    for path, function in _functions(house):
        if function.lines > MAX_FUNCTION_LINES:
            text = f"line {function.line}: {function.name} has {function.lines} lines"
            yield Violation(path, function.name, function.lines, text)


def find_spread(house: House):
    for file in facets.spread(house.tree):
        yield Violation(file.path, "-", file.lines, f"{file.lines} lines, with an `impl Inside`")


def find_facets(house: House):
    router = {file.path for file in facets.spread(house.tree) if facets.part(file.path) not in facets.FACETS}
    for path, target, line in facets.arrows(house.imports.arrows, router):
        yield Violation(path, target, 1, f"line {line} imports {target}")


def find_crates(house: House):
    for path, other in crates.arrows(house.root):
        yield Violation(path, other, 1, f"depends on {other}")


def find_floors(house: House):
    for path, target, line in floors.arrows(house.imports.arrows):
        yield Violation(path, target, 1, f"line {line} imports {target}")


def find_wire(house: House):
    for path, file in house.tree.files.items():
        if path.startswith(wire.FOLDER) and not file.is_test_code:
            for name, line, what in wire.bare(file.source):
                yield Violation(path, name, 1, f"line {line}: {name} has a {what} without a bound")


def find_test_names(house: House):
    for path, function in _functions(house):
        length = len(function.name.split("::")[-1])
        if function.is_test and length > MAX_TEST_NAME:
            text = f"{path}:{function.line} {length} characters: {function.name}"
            yield Violation(house.tree.crate(path), function.name, length, text)


def find_came(house: House):
    for path, function in _functions(house):
        if function.name.endswith("_came") and not function.is_test:
            yield Violation(house.tree.crate(path), function.name, 1, f"{path}:{function.line} {function.name}")


def _functions(house: House):
    return ((path, function) for path, file in house.tree.files.items() for function in file.contents.functions)


def find_glossary(house: House):
    path = "ARCHITECTURE.md"
    words = glossary_words((house.root / path).read_text(encoding="utf-8"))
    if not words:
        yield Violation(path, "-", 1, "there is no table of words under the heading Glossary")
    for word, rows in words.items():
        if rows > 1:
            yield Violation(path, word.replace(" ", "-"), rows, f"the glossary has {rows} rows for {word}")


def glossary_words(document: str) -> Counter[str]:
    """How many rows of the glossary's table each word has. What is not in asterisks is an explanation."""
    _, _, section = document.partition("\n## Glossary\n")
    words: Counter[str] = Counter()
    for line in section.split("\n## ")[0].splitlines():
        cells = line.split("|")
        if line.startswith("|") and len(cells) >= 3:
            words.update({word.strip().lower() for word in re.findall(r"\*+([^*]+)\*+", cells[1])})
    return words


def find_limits(house: House):
    """What docs/limits.md says otherwise than the constants do."""
    yield from said_by("limits.py", "docs/limits.md", "differs from the constants", house)


def find_documents(house: House):
    """Links of documents that lead nowhere, and tests that they name and nobody has."""
    yield from said_by("documents.py", "SECURITY.md", "or another document is not true", house)


def said_by(script: str, file: str, what: str, house: House):
    """One violation with all that a script of this folder says, if it fails."""
    path = Path(__file__).with_name(script)
    done = subprocess.run([sys.executable, "-B", str(path)], capture_output=True, text=True, cwd=house.root)
    if done.returncode:
        said = (done.stdout + done.stderr).splitlines()
        yield Violation(file, "-", max(len(said), 1), "\n    ".join([what, *said]))


def unique(violations: Iterable[Violation]) -> list[Violation]:
    """The violations with a number behind each name that stands in one place twice, for `owed` to tell them apart."""
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for violation in violations:
        seen[violation.file, violation.name] += 1
        again = seen[violation.file, violation.name]
        found.append(violation if again == 1 else replace(violation, name=f"{violation.name}#{again}"))
    return found


_FILE_LIMIT = f"{MAX_FILE_LINES_WITHOUT_REASON}/{MAX_FILE_LINES}"
RULES = [
    Rule("circle", "0", "files in import circles of more than one folder", find_circles, is_counted=True),
    Rule("inside-fields", str(MAX_INSIDE_FIELDS), "fields of the room's Inside", find_inside_fields),
    Rule("inside-lines", str(MAX_INSIDE_LINES), "lines of the room's inside", find_inside_lines),
    Rule("struct", str(MAX_PUBLIC_FIELDS), "public fields of a struct", find_structs),
    Rule("file", _FILE_LIMIT, "lines of a production file, without or with a reason", find_files),
    Rule("function", str(MAX_FUNCTION_LINES), "lines of a function", find_functions),
    Rule("spread", "0", "files beside the inside that have an `impl Inside`", find_spread),
    Rule("facet", "0", "imports of inside, outside or facets by a facet or a shared value", find_facets),
    Rule("crate", "0", "dependencies on a crate that lies above or beside", find_crates, can_be_owed=False),
    Rule("floor", "0", "imports of an upper floor of the window by a lower one", find_floors),
    Rule("wire", "0", "lists and texts of the room's wire without a bound", find_wire, can_be_owed=False),
    Rule("test-name", str(MAX_TEST_NAME), "characters of a test's name", find_test_names),
    Rule("came", "0", "functions called something_came", find_came),
    Rule("glossary", "1", "rows of the glossary for one word", find_glossary),
    Rule("limits", "0", "bounds of docs/limits.md that differ from the constants", find_limits, can_be_owed=False),
    Rule("documents", "0", "dead links and paths of documents, and tests that nobody has", find_documents, can_be_owed=False),
]
