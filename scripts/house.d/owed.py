"""What still breaks a rule, and may until it is mended: a ratchet that only turns one way."""

from collections import Counter
from pathlib import Path

from rules import Violation

_HEADER = """\
# What still breaks a rule of scripts/house, which compares this list with the tree. It only ever gets shorter:
# `scripts/house --write-owed` writes it anew, and refuses where anything grew.
# rule file name number
"""

Key = tuple[str, str, str]


def load(path: Path) -> dict[Key, int]:
    owed = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                rule, file, name, number = line.split()
                owed[rule, file, name] = int(number)
    return owed


def save(path: Path, owed: dict[Key, int]) -> None:
    lines = [f"{' '.join(key)} {number}\n" for key, number in sorted(owed.items())]
    path.write_text(_HEADER + "".join(lines), encoding="utf-8")


def as_owed(found: dict[str, list[Violation]]) -> dict[Key, int]:
    return {
        (rule, violation.file, violation.name): violation.number
        for rule, violations in found.items()
        for violation in violations
    }


def complaints(now: dict[Key, int], owed: dict[Key, int]) -> list[tuple[Key, str]]:
    """Where the tree and the list differ: what is new or worse, and what could be struck."""
    said = []
    for key in sorted({*now, *owed}):
        was, number = owed.get(key), now.get(key)
        if was is None:
            said.append((key, "breaks the rule"))
        elif number is None:
            said.append((key, "is mended: strike it from scripts/house.d/owed (scripts/house --write-owed)"))
        elif number > was:
            said.append((key, f"is worse than the {was} that are owed"))
        elif number < was:
            said.append((key, f"is better than the {was} that are owed: lower it (scripts/house --write-owed)"))
    return said


def grown(now: dict[Key, int], owed: dict[Key, int]) -> list[str]:
    """The rules by which more is owed than before. A file that moves takes what it owes along, so only sums count."""
    rules = []
    for rule in sorted({key[0] for key in now}):
        places = Counter({"now": 0, "owed": 0})
        sums = Counter({"now": 0, "owed": 0})
        for side, entries in (("now", now), ("owed", owed)):
            for key, number in entries.items():
                if key[0] == rule:
                    places[side] += 1
                    sums[side] += number
        if places["now"] > places["owed"] or sums["now"] > sums["owed"]:
            rules.append(rule)
    return rules
