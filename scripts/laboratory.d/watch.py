"""How long nothing comes, as the machine's own counters tell it: independent of what the program says about itself."""

import statistics
import threading
import time
from pathlib import Path

from processes import Program

_EVERY = 0.05
# Sound and picture of a call are about 45 kB/s, and a link that only stays open is less than 1 kB/s.
_FLOWING = 10_000.0
_WINDOW = 0.3


class Watch:
    """Samples what a program's machine receives, until it is stopped."""

    def __init__(self, program: Program):
        self._counters = Path(f"/proc/{program.process.pid}/net/dev")
        self._samples: list[tuple[float, int]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        last: dict[str, int] = {}
        total = 0
        while not self._stop.wait(_EVERY):
            try:
                lines = self._counters.read_text(encoding="ascii").splitlines()[2:]
            except OSError:
                return
            now = {name.strip(): int(figures.split()[0]) for name, figures in (line.split(":") for line in lines)}
            now.pop("lo", None)
            # Interfaces come and go when a person moves.
            total += sum(received - last.get(name, 0) for name, received in now.items())
            last = now
            self._samples.append((time.monotonic(), total))

    def flows(self) -> bool:
        """Whether media arrives now."""
        return bool(rates := self._rates(time.monotonic() - 1.0)) and statistics.median(r for _, r in rates) > _FLOWING

    def back_after(self, since: float) -> float:
        """Seconds from `since` to the end of the last silence; 0 when there was none."""
        return max((end - since for _, end in self._silent(since)), default=0.0)

    def longest_silence(self, since: float) -> float:
        """Seconds, to about a tenth."""
        return max((end - begin for begin, end in self._silent(since)), default=0.0)

    def _rates(self, since: float) -> list[tuple[float, float]]:
        """Bytes per second of each short window that ends after `since`."""
        samples = list(self._samples)
        rates, begin = [], 0
        for end, (when, total) in enumerate(samples):
            while when - samples[begin][0] > _WINDOW:
                begin += 1
            if when >= since and end > begin:
                rates.append((when, (total - samples[begin][1]) / (when - samples[begin][0])))
        return rates

    def _silent(self, since: float) -> list[tuple[float, float]]:
        """Stretches in which less came than media is, from the last byte to the first one."""
        stretches: list[tuple[float, float]] = []
        begin = None
        for when, rate in self._rates(since):
            if rate < _FLOWING:
                begin = begin if begin is not None else when - _WINDOW
            elif begin is not None:
                stretches.append((begin, when))
                begin = None
        if begin is not None:
            stretches.append((begin, time.monotonic()))
        return stretches
