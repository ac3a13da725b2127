"""A headless Wayland desktop: sway, its portal and PipeWire, with folders and a bus of their own."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pictures
from between import Between

OUTPUT = "HEADLESS-1"
FIRST = (pictures.RED, pictures.BLUE, pictures.GREEN, pictures.WHITE)
SECOND = (pictures.WHITE, pictures.GREEN, pictures.BLUE, pictures.RED)

_PROGRAMS = ["sway", "swaymsg", "swaybg", "pipewire", "wireplumber", "dbus-run-session", "dbus-send"]
_PORTALS = ["xdg-desktop-portal-wlr", "xdg-desktop-portal"]
_STARTS_WITHIN = 20.0

# No sound card, camera or headset of this machine is touched: once for WirePlumber 0.4, once for 0.5.
_WIREPLUMBER = {
    "main.lua.d/51-none.lua": "alsa_monitor.enabled = false\nv4l2_monitor.enabled = false\nlibcamera_monitor.enabled = false\n",
    "bluetooth.lua.d/51-none.lua": "bluez_monitor.enabled = false\n",
    "wireplumber.conf.d/51-none.conf": "wireplumber.profiles = { main = {\n  hardware.audio = disabled\n"
    "  hardware.bluetooth = disabled\n  hardware.video-capture = disabled\n} }\n",
}


class Failed(Exception):
    """Something is not as it should be; the text says what."""


def _portal(name: str) -> str | None:
    places = ["/usr/libexec", "/usr/lib", f"/usr/lib/{name}"]
    return next((path for place in places if os.access(path := f"{place}/{name}", os.X_OK)), None)


def missing() -> list[str]:
    """The programs that are not installed."""
    lacking = [name for name in _PROGRAMS if shutil.which(name) is None]
    return lacking + [name for name in _PORTALS if _portal(name) is None]


def until(what: str, true, within: float = _STARTS_WITHIN):
    """Waits until something is true, and returns what it is."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.05)
    raise Failed(f"{what}: not within {within:.0f} s")


def environment(folder: Path) -> dict[str, str]:
    """The environment of programs on this desktop, without anything of the one around it."""
    home, run = folder / "home", folder / "run"
    home.mkdir(parents=True, exist_ok=True)
    run.mkdir(mode=0o700, exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "XDG_RUNTIME_DIR": str(run),
        "XDG_CONFIG_HOME": str(home),
        "XDG_CURRENT_DESKTOP": "sway",
        "WLR_BACKENDS": "headless",
        "WLR_RENDERER": "pixman",
        "WLR_LIBINPUT_NO_DEVICES": "1",
    }


class Desktop:
    """Everything that was started here ends with it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._programs: dict[str, subprocess.Popen] = {}
        self._chooser = self.folder / "chooser"
        self.environment = dict(os.environ)

    def __enter__(self) -> "Desktop":
        try:
            self._begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        for name in reversed(list(self._programs)):
            self.stop(name)

    def _begin(self) -> None:
        home, run = self.folder / "home", self.folder / "run"
        pictures.quarters(self.folder / "first.png", FIRST)
        pictures.quarters(self.folder / "second.png", SECOND)
        background = f"output {OUTPUT} resolution {pictures.WIDTH}x{pictures.HEIGHT} bg {self.folder}/first.png fill\n"
        terminal = 'for_window [app_id="foot"] floating enable, resize set 640 200, move position center\n'
        (home / "sway").write_text("xwayland disable\ndefault_border none\n" + terminal + background)
        portal = home / "xdg-desktop-portal-wlr"
        portal.mkdir(exist_ok=True)
        (portal / "config").write_text(f"[screencast]\nchooser_type=simple\nchooser_cmd={self._chooser}\n")
        (home / "xdg-desktop-portal").mkdir(exist_ok=True)
        (home / "xdg-desktop-portal" / "portals.conf").write_text("[preferred]\ndefault=wlr\n")
        for name, text in _WIREPLUMBER.items():
            path = home / "wireplumber" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.choose(f"echo {OUTPUT}")

        self.start("sway", ["sway", "--config", str(home / "sway")])
        display = until("sway", lambda: next((p for p in run.glob("wayland-*") if p.suffix != ".lock"), None))
        control = until("sway's socket", lambda: next(run.glob("sway-ipc.*"), None))
        self.environment |= {"WAYLAND_DISPLAY": display.name, "SWAYSOCK": str(control)}
        Between(run / "portal", display)
        self.start("pipewire", ["pipewire"])
        until("PipeWire", (run / "pipewire-0").exists)
        self.start("wireplumber", ["wireplumber"])
        self.start_portal()
        self.start("portal", [_portal("xdg-desktop-portal")])
        self._on_bus("org.freedesktop.portal.Desktop")
        if shutil.which("foot"):
            said = "echo; echo '  In Camera under Wayland: 0123456789'; exec sleep 600"
            self.start("foot", ["foot", "sh", "-c", said])
            time.sleep(1)

    def start_portal(self) -> None:
        """The part of the portal that is sway's."""
        around = self.environment | {"WAYLAND_DISPLAY": "portal"}
        self.start("portal-wlr", [_portal("xdg-desktop-portal-wlr"), "-l", "DEBUG"], env=around)
        self._on_bus("org.freedesktop.impl.portal.desktop.wlr")

    def start(self, name: str, command: list[str], **more) -> subprocess.Popen:
        with (self.folder / f"{name}.log").open("ab") as log:
            more = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, "env": self.environment} | more
            self._programs[name] = subprocess.Popen(command, **more)
        return self._programs[name]

    def stop(self, name: str) -> None:
        program = self._programs.pop(name, None)
        if program is None:
            return
        program.terminate()
        try:
            program.wait(5)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def choose(self, script: str) -> None:
        """The answer of the person who is asked: an output, nothing, or no answer yet."""
        self._chooser.write_text(f"#!/bin/sh\n{script}\n")
        self._chooser.chmod(0o755)

    def sway(self, command: str) -> None:
        subprocess.run(["swaymsg", command], env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def _on_bus(self, name: str) -> None:
        bus = "org.freedesktop.DBus"
        ask = ["dbus-send", "--session", "--print-reply", f"--dest={bus}", "/", f"{bus}.NameHasOwner", f"string:{name}"]
        run = lambda: subprocess.run(ask, env=self.environment, capture_output=True, text=True, check=False)  # noqa: E731
        until(f"{name} on the bus", lambda: "true" in run().stdout)
