"""The checks of sharing under Wayland. The docstring of each says what must be true; each returns its figures."""

import time
from pathlib import Path

from desktop import FIRST, OUTPUT, SECOND, Desktop, Failed, until
from pictures import Clip


class Call:
    """Ann shares, and Bea records."""

    def __init__(self, desktop: Desktop, peer: Path, name: str):
        self._desktop, self._ann, self._bea = desktop, f"{name}-ann", f"{name}-bea"
        self.record = desktop.folder / name
        network = ["--network", "local", "--camera", "none", "--microphone", "none", "--speaker", "none"]
        create = [str(peer), "create", "--name", "Ann", *network, "--share-screen", "portal", "--screen-fps", "10"]
        self._out = desktop.folder / f"{name}-ann.out"
        with self._out.open("wb") as out:
            self.ann = desktop.start(self._ann, create, stdout=out)
        link = until("Ann's invitation", lambda: self._out.read_text().partition("\n")[0] if self._out.exists() else "")
        join = [str(peer), "join", link, "--name", "Bea", *network, "--record", str(self.record)]
        desktop.start(self._bea, join)

    def __enter__(self) -> "Call":
        return self

    def __exit__(self, *_) -> None:
        self._desktop.stop(self._ann)
        self._desktop.stop(self._bea)

    def ann_says(self, text: str) -> None:
        until(f"Ann says {text!r}", lambda: text in self._desktop.said(self._ann))

    def clip(self) -> Clip:
        """The recording, once all of it is on disk."""
        self.__exit__()
        path = self.record / "Ann-screen.y4m"
        if not path.exists() or path.stat().st_size == 0:
            raise Failed("nothing was recorded")
        return Clip(path)


def shown(desktop: Desktop, peer: Path) -> str:
    """the desktop's picture arrives, and so does a change"""
    desktop.sway(f"output {OUTPUT} bg {desktop.folder}/first.png fill")
    with Call(desktop, peer, "shown") as call:
        time.sleep(6)
        desktop.sway(f"output {OUTPUT} bg {desktop.folder}/second.png fill")
        time.sleep(4)
        clip = call.clip()
    clip.save(0, desktop.folder / "shown-first.png")
    clip.save(-1, desktop.folder / "shown-last.png")
    if (clip.width, clip.height) != (1280, 720):
        raise Failed(f"the picture is {clip.width}x{clip.height}")
    if not any(clip.has(nth, FIRST) for nth in range(len(clip.pictures))):
        raise Failed(f"the first picture never came; in place of it {clip.colour(0, 0.1, 0.1)}")
    if not clip.has(-1, SECOND):
        raise Failed(f"the change never came; in place of it {clip.colour(-1, 0.1, 0.1)}")
    return f"{len(clip.pictures)} pictures of {clip.width}x{clip.height}"


def still(desktop: Desktop, peer: Path) -> str:
    """hardly any picture is sent while nothing changes"""
    with Call(desktop, peer, "still") as call:
        time.sleep(3)
        # Sway's portal gives no picture before something changes.
        desktop.sway(f"output {OUTPUT} bg {desktop.folder}/first.png fill")
        time.sleep(10)
        clip = call.clip()
    # Of about a hundred: one a second as a sign of life, and those that make the first sharp.
    if len(clip.pictures) > 40:
        raise Failed(f"{len(clip.pictures)} pictures in 10 s")
    return f"{len(clip.pictures)} pictures in 10 s, at most 10 a second"


def resized(desktop: Desktop, peer: Path) -> str:
    """sharing continues when the screen changes its size"""
    with Call(desktop, peer, "resized") as call:
        time.sleep(3)
        desktop.sway(f"output {OUTPUT} bg {desktop.folder}/first.png fill")
        time.sleep(3)
        # Once: after a second change in a row this portal (0.7.0) may find no free buffer, and begins no other picture.
        desktop.sway(f"output {OUTPUT} resolution 1600x900 bg {desktop.folder}/second.png fill")
        time.sleep(4)
        clip = call.clip()
    desktop.sway(f"output {OUTPUT} resolution 1280x720 bg {desktop.folder}/first.png fill")
    if not any(clip.has(nth, FIRST) for nth in range(len(clip.pictures))):
        raise Failed("the smaller screen never came")
    if not clip.has(-1, SECOND):
        raise Failed("the larger one never came")
    # A recording has the size of its first picture; what was said of the stream is the portal's.
    if "size: (1600, 900)" not in desktop.said("portal-wlr"):
        raise Failed("the two sides never agreed on the larger size")
    return f"{len(clip.pictures)} pictures"


def declined(desktop: Desktop, peer: Path) -> str:
    """a person who chooses nothing is told that nothing is shared"""
    desktop.choose("true")
    try:
        with Call(desktop, peer, "declined") as call:
            call.ann_says("nothing was chosen, so nothing is shared")
    finally:
        desktop.choose(f"echo {OUTPUT}")
    return "said"


def undecided(desktop: Desktop, peer: Path) -> str:
    """a person who leaves while the desktop asks is not delayed"""
    asked = desktop.folder / "asked"
    desktop.choose(f"touch {asked}; exec sleep 15")
    try:
        with Call(desktop, peer, "undecided") as call:
            until("somebody is asked", asked.exists)
            began = time.monotonic()
            call.ann.terminate()
            until("Ann has left", lambda: call.ann.poll() is not None, 10)
            took = time.monotonic() - began
    finally:
        desktop.choose(f"echo {OUTPUT}")
    # Sway's portal asks on its only thread, and hears nothing else until it is answered.
    desktop.stop("portal-wlr")
    desktop.start_portal()
    return f"left after {took:.1f} s"


def gone(desktop: Desktop, peer: Path) -> str:
    """a share that the desktop takes away is reported as gone"""
    with Call(desktop, peer, "gone") as call:
        time.sleep(4)
        desktop.stop("portal-wlr")
        try:
            call.ann_says("the shared screen or window is gone")
        finally:
            desktop.start_portal()
    return "said"


def nowhere(desktop: Desktop, peer: Path) -> str:
    """a desktop without a portal is reported as one that cannot be shared"""
    bus = desktop.environment["DBUS_SESSION_BUS_ADDRESS"]
    desktop.environment["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nowhere"
    try:
        with Call(desktop, peer, "nowhere") as call:
            call.ann_says("the screen cannot be shared")
    finally:
        desktop.environment["DBUS_SESSION_BUS_ADDRESS"] = bus
    return "said"


ALL = [shown, still, resized, declined, undecided, gone, nowhere]
