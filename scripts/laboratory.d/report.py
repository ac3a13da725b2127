"""The table of what happened."""

import dataclasses
import json

COLUMNS = ["row", "connected", "path", "connected after", "first picture", "fps", "freezes", "gap", "outcome"]


@dataclasses.dataclass
class Result:
    """One row. Times are in seconds; pairs are the caller's figure and the other's."""

    row: str
    about: str
    # `None` where nobody connects.
    connected: bool | None = None
    paths: list[str] = dataclasses.field(default_factory=list)
    connected_after: float | None = None
    first_picture: float | None = None
    fps: list[float] = dataclasses.field(default_factory=list)
    freezes: list[int] = dataclasses.field(default_factory=list)
    frozen: list[float] = dataclasses.field(default_factory=list)
    contact_after: float | None = None
    gap: float | None = None
    reconnected_after: list[float] = dataclasses.field(default_factory=list)
    gap_target: float | None = None
    longest_freeze: list[float] = dataclasses.field(default_factory=list)
    lost_sound: list[float] = dataclasses.field(default_factory=list)
    failures: list[str] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)
    took: float = 0.0
    packets_outside: int = 0

    @property
    def passed(self) -> bool:
        return not self.failures

    def show_worst(self) -> None:
        """Of more than two figures the table has room for the worst."""
        self.fps = [min(self.fps)]
        self.freezes, self.frozen = [max(self.freezes)], [max(self.frozen)]

    def cells(self) -> list[str]:
        gap = _seconds(self.gap)
        if self.gap is not None and self.gap_target is not None:
            gap += f" (target {self.gap_target:g})"
        return [
            self.row,
            {None: "-", True: "yes", False: "no"}[self.connected],
            " / ".join(dict.fromkeys(self.paths)) or "-",
            _seconds(self.connected_after),
            _seconds(self.first_picture),
            " / ".join(f"{fps:.1f}" for fps in self.fps) or "-",
            " / ".join(f"{count} ({frozen:.1f} s)" for count, frozen in zip(self.freezes, self.frozen)) or "-",
            gap,
            "; ".join([*(f"FAILED: {failure}" for failure in self.failures), *self.notes]) or "ok",
        ]


def text(results: list[Result]) -> str:
    rows = [COLUMNS, *(result.cells() for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS) - 1)]
    return "\n".join("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[-1]]) for row in rows)


def markdown(results: list[Result]) -> str:
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)]
    for result in results:
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in result.cells()) + " |")
    return "\n".join(lines)


def as_json(results: list[Result]) -> str:
    return json.dumps([{**dataclasses.asdict(result), "passed": result.passed} for result in results], indent=2)


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} s"
