#!/usr/bin/env python3
"""Compares docs/limits.md with the constants in the sources.

Each table there has a column "bound" and a column "constant". All numbers of a bound, in their order, have to be those of
its constants, in theirs. A constant is named `crate::module::NAME`: the module is the end of its path, so that a folder can
move; where no module of that name has the constant, it is looked for in the whole crate. `in KiB` behind a name says what
the constant counts, where that is not bytes, pieces or a `Duration`.

Prints each row that differs or names no constant, and exits with 1 if there is one. `--places` prints where each constant is.
"""

import ast
import pathlib
import re
import sys
from fractions import Fraction

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "limits.md"

SECONDS = {"ns": Fraction(1, 10**9), "us": Fraction(1, 10**6), "ms": Fraction(1, 1000), "s": Fraction(1),
           "min": Fraction(60), "h": Fraction(3600), "days": Fraction(86400), "samples": Fraction(1, 48000),
           "blocks": Fraction(1, 100)}
NUMBERS = {"": Fraction(1), "bytes": Fraction(1), "KiB": Fraction(1024), "MiB": Fraction(1024**2), "GiB": Fraction(1024**3),
           "MB": Fraction(10**6), "bit/s": Fraction(1), "kbit/s": Fraction(1000), "Mbit/s": Fraction(10**6),
           "%": Fraction(1, 100), "tenths": Fraction(1, 10), "halves": Fraction(1, 2), "thousandths": Fraction(1, 1000),
           "units of 256 bytes": Fraction(256), "megapixels": Fraction(10**6)}

CONSTANT = re.compile(r"^[ \t]*(?:pub(?:\([a-z: ]+\))? )?const ([A-Z][A-Z0-9_]*):([^=;]+|\s*\[[^\]]*\]\s*)=([^;]+);", re.MULTILINE)
IMPL = re.compile(r"^impl(?:<[^>]*>)? (?:[A-Za-z:]+ for )?([A-Za-z]+)", re.MULTILINE)
QUANTITY = re.compile(r"(\d+)\^(\d+)|(\d[\d,]*(?:\.\d+)?)")
UNIT = re.compile(r"\s?(ns|us|ms|s|min|h|days|bytes|KiB|MiB|GiB|MB|bit/s|kbit/s|Mbit/s|megapixels|%)(?![A-Za-z])")
NAMED = re.compile(r"`([a-z_-]+(?:::[A-Za-z0-9_]+)+)`(?: in (units of 256 bytes|[A-Za-z/%]+))?")


class Unreadable(Exception):
    """An expression, or a name, that this script can't make sense of."""


class Constant:
    def __init__(self, crate, path, modules, type_name, name, line, text):
        self.crate, self.path, self.modules, self.type_name = crate, path, modules, type_name
        self.name, self.line, self.text = name, line, text


def crates():
    """The folder of each package of the workspace, by the package's name."""
    found = {}
    for manifest in ROOT.rglob("Cargo.toml"):
        if {"target", "fuzz"} & set(manifest.relative_to(ROOT).parts):
            continue
        name = re.search(r'^\[package\].*?^name = "([^"]+)"', manifest.read_text(), re.MULTILINE | re.DOTALL)
        if name:
            found[name[1].replace("-", "_")] = manifest.parent / "src"
    return found


def constants():
    """All constants of all packages outside of test files."""
    found = []
    for crate, folder in crates().items():
        for path in sorted(folder.rglob("*.rs")):
            parts = list(path.relative_to(folder).with_suffix("").parts)
            if "tests" in parts or "simulation" in parts:
                continue
            if parts[-1] in ("mod", "lib", "main"):
                parts.pop()
            text = path.read_text()
            code = re.sub(r"//[^\n]*", lambda comment: " " * len(comment[0]), text)
            owners = [(owner.start(), owner[1]) for owner in IMPL.finditer(code)]
            for match in CONSTANT.finditer(code):
                indented = match[0][0] in " \t"
                owner = [name for start, name in owners if start < match.start()][-1:] if indented else []
                line = code.count("\n", 0, match.start(1)) + 1
                found.append(Constant(crate, path, parts, owner[0] if owner else None, match[1], line, match[3].strip()))
    return found


class Sources:
    def __init__(self):
        self.all = constants()

    def find(self, path):
        """The constant that is meant by `crate::module::Type::NAME`."""
        crate, *middle, name = path.split("::")
        type_name = middle.pop() if middle and middle[-1][0].isupper() else None
        same = [c for c in self.all if c.crate == crate.replace("-", "_") and c.name == name
                and (type_name is None or c.type_name == type_name)]
        close = [c for c in same if c.modules[len(c.modules) - len(middle):] == middle]
        if not middle:
            close = [c for c in same if not c.modules] or same
        if type_name is None and len(close) > 1:
            close = [c for c in close if c.type_name is None]
        chosen = close or same
        if len(chosen) == 1:
            return chosen[0]
        if not chosen:
            raise Unreadable(f"there is no constant {path}")
        places = ", ".join("::".join([c.crate, *c.modules, name]) for c in chosen)
        raise Unreadable(f"{path} may be any of {places}")

    def value(self, constant, depth=0):
        """What a constant is: a list of numbers, each with whether it is a time (in seconds)."""
        if depth > 8:
            raise Unreadable(f"{constant.name} leads in a circle")
        return flat(evaluate(parsed(constant.text), lambda path: self.reference(constant, path, depth + 1)))

    def reference(self, user, path, depth):
        """A constant that another one's expression names: of the same file, or of wherever its path leads."""
        *middle, name = path.split("::")
        if path in ("u8::MAX", "u16::MAX", "u32::MAX"):
            return number(2 ** int(middle[0][1:]) - 1)
        here = [c for c in self.all if c.path == user.path and c.name == name]
        crate = [c for c in self.all if c.crate == (middle[0] if middle and middle[0] in crates() else user.crate) and c.name == name]
        imported = re.findall(rf"\b([a-z_]+)::(?:\{{[^{{}}]*\b{name}\b[^{{}}]*\}}|{name}\b)", user.path.read_text())
        for choice in (here if not middle or middle == ["Self"] else [], crate, here):
            close = [c for c in choice if set(c.modules[-1:]) & set(middle[-1:] or imported)] or choice
            if len(close) == 1:
                return self.value(close[0], depth)
        raise Unreadable(f"{path} in {user.name} is not one constant")


def number(value):
    return (Fraction(value), False)


def parsed(text):
    """The syntax tree of a Rust expression that was made Python's."""
    code = re.sub(r"\b(\d[\d_]*)(?:[ui](?:8|16|32|64|128|size)|f(?:32|64))\b", r"\1", text)
    code = re.sub(r"\bas (?:[ui](?:8|16|32|64|128|size)|f(?:32|64))\b", "", code)
    code = re.sub(r"\b[A-Za-z_:]*[A-Z][A-Za-z]*\s*\{([^{}]*)\}", lambda m: "(" + re.sub(r"\b[a-z_]+\s*:(?!:)", "", m[1]) + ",)", code)
    code = re.sub(r"(.+?)\.\.=?(.+)", r"(\1, \2)", code, flags=re.DOTALL)
    code = re.sub(r"\b([A-Za-z_]\w*(?:::\w+)+)", lambda m: m[1].replace("::", "__"), code)
    code = code.replace("&[", "[").replace("\n", " ").strip()
    try:
        return ast.parse(code, mode="eval").body
    except SyntaxError as error:
        raise Unreadable(f"can't read the expression {text!r}") from error


def evaluate(node, look_up):
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return [number(Fraction(str(node.value)))]
    if isinstance(node, (ast.Tuple, ast.List)):
        return [value for item in node.elts for value in evaluate(item, look_up)]
    if isinstance(node, ast.Name):
        found = look_up(node.id.replace("__", "::"))
        return found if isinstance(found, list) else [found]
    if isinstance(node, ast.BinOp):
        return [combined(node.op, one(evaluate(node.left, look_up)), one(evaluate(node.right, look_up)))]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        values = [value for item in node.args for value in evaluate(item, look_up)]
        name = node.func.id.replace("__", "::").split("::")[-1]
        scale = {"from_secs": "s", "from_secs_f64": "s", "secs": "s", "from_millis": "ms", "from_micros": "us",
                 "from_mins": "min", "from_hours": "h"}.get(name)
        return [(value * SECONDS[scale], True) for value, _ in values] if scale else values
    raise Unreadable("an expression of another kind")


def combined(operator, left, right):
    (a, a_is_time), (b, b_is_time) = left, right
    if isinstance(operator, ast.Mult):
        return (a * b, a_is_time or b_is_time)
    if isinstance(operator, ast.Div):
        return (a / b if a_is_time or a.denominator != 1 else Fraction(a // b), a_is_time)
    if isinstance(operator, ast.LShift):
        return (a * 2 ** int(b), False)
    if isinstance(operator, ast.Add):
        return (a + b, a_is_time)
    if isinstance(operator, ast.Sub):
        return (a - b, a_is_time)
    raise Unreadable("an operator of another kind")


def one(values):
    if len(values) != 1:
        raise Unreadable("several values where one is expected")
    return values[0]


def flat(values):
    return values if isinstance(values, list) else [values]


def stated(cell):
    """The numbers of a bound, each with whether it is a time."""
    for match in QUANTITY.finditer(cell):
        amount = Fraction(int(match[1]) ** int(match[2])) if match[1] else Fraction(match[3].rstrip(",").replace(",", ""))
        unit = UNIT.match(cell, match.end() if not match[3] or not match[3].endswith(",") else match.end() - 1)
        name = unit[1] if unit else ""
        yield (amount * SECONDS[name], True) if name in SECONDS else (amount * NUMBERS[name], False)


def counted(values, unit):
    """The values of a constant that counts in a unit of its own."""
    if not unit:
        return values
    if unit in SECONDS:
        return [(value * SECONDS[unit], True) for value, _ in values]
    if unit in NUMBERS:
        return [(value * NUMBERS[unit], False) for value, _ in values]
    raise Unreadable(f"there is no unit {unit!r}")


def rows(text):
    """Each row of a table with a bound and a constant, with the number of its line."""
    header = None
    for line, content in enumerate(text.split("\n"), 1):
        if not content.startswith("|"):
            header = None
            continue
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", content.strip().strip("|"))]
        if header is None:
            header = cells
        elif "bound" in header and "constant" in header and not set("".join(cells)) <= set("-: "):
            if len(cells) != len(header):
                raise SystemExit(f"{DOCUMENT}:{line}: {len(cells)} cells where the header has {len(header)}")
            row = dict(zip(header, cells))
            yield line, cells[0], row["bound"], row["constant"]


def shown(values):
    return ", ".join(f"{float(value):g}{' s' if is_time else ''}" for value, is_time in values)


def problems(shows_places=False):
    """Each row that differs from the sources, or names no constant."""
    sources, used, total = Sources(), {}, 0
    for line, what, bound, cell in rows(DOCUMENT.read_text()):
        total += 1
        try:
            names = NAMED.findall(cell)
            if not names:
                raise Unreadable("it names no constant")
            values = []
            for name, unit in names:
                constant = sources.find(name)
                place = (constant.path, constant.line)
                if place in used:
                    raise Unreadable(f"{name} stands in line {used[place]} already")
                used[place] = line
                values += counted(sources.value(constant), unit)
                if shows_places:
                    print(f"{name}: {constant.path.relative_to(ROOT)}:{constant.line}")
            if list(stated(bound)) != values:
                raise Unreadable(f"it says {shown(stated(bound))}, the sources {shown(values)}")
        except Unreadable as reason:
            yield f"docs/limits.md:{line}: {what}: {reason}"
    if not total:
        yield "docs/limits.md: no row has a bound and a constant"


if __name__ == "__main__":
    FOUND = list(problems("--places" in sys.argv))
    print("\n".join(FOUND), end="\n" if FOUND else "")
    sys.exit(1 if FOUND else 0)
