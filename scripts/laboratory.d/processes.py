"""Programs inside of the laboratory: the servers, and `incamera-peer` for each person."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from network import DHT, RELAYS, SERVERS, Namespace

_STARTS_WITHIN = 20.0
_ENDS_WITHIN = 8.0


class Failed(Exception):
    """A program did not do what its row needs; the text is for the table."""


class Program:
    """A program in a namespace. What it says goes to files in the row's folder."""

    _started: list["Program"] = []

    def __init__(self, machine: Namespace, name: str, command: list[str], folder: Path, stdin: Path | None = None):
        self.name = name
        self.log = folder / f"{name}.log"
        self.out = folder / f"{name}.out"
        given = stdin or Path(os.devnull)
        with machine.inside(), given.open("rb") as said, self.out.open("wb") as out, self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdin=said, stdout=out, stderr=log)
        self._started.append(self)

    @classmethod
    def kill_all(cls) -> None:
        """Ends every program that was ever started here."""
        while cls._started:
            cls._started.pop().kill()

    def first_line(self, within: float = _STARTS_WITHIN) -> str:
        """What it says first. Raises `Failed` when it ends, or says nothing in time."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            text = self.out.read_text(encoding="utf-8", errors="replace")
            if "\n" in text:
                return text.split("\n", 1)[0]
            if self.process.poll() is not None:
                raise Failed(f"{self.name} ended: {self.last_words()}")
            time.sleep(0.02)
        raise Failed(f"{self.name} said nothing in {within:.0f} s")

    def running(self) -> bool:
        return self.process.poll() is None

    def wait(self, within: float) -> int:
        """Its exit status. Raises `Failed` when it does not end in time."""
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} did not end within {within:.0f} s") from None

    def kill(self) -> None:
        """As if its machine lost power."""
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """As Ctrl-C ends it; it may tidy up for some seconds."""
        if self.running():
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(_ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                self.kill()
                raise Failed(f"{self.name} did not end when told to") from None

    def last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1][:160] if lines else f"status {self.process.returncode}"


class Servers:
    """The relays and the DHT of a row."""

    TLS = 443
    # Whose Internet is down has the same settings as everyone.
    OUT_OF_REACH = ("--relay", f"https://{SERVERS}.{RELAYS[0]}/", "--dht-bootstrap", f"{SERVERS}.{DHT[0]}:6881")

    def __init__(self, tools: Path, machine: Namespace, folder: Path):
        self._tools = str(tools)
        self._machine = machine
        self._folder = folder
        self._nodes: Program | None = None
        self.relays: list[Program] = []
        self.options: list[str] = []

    def start(self, relays: int, dht: bool, tls: bool = True) -> None:
        for number in range(relays):
            address = f"{SERVERS}.{RELAYS[number]}"
            root, log = self._folder / f"relay{number}.pem", self._folder / f"relay{number}.jsonl"
            command = [self._tools, "relay", "--listen", f"{address}:80",
                       *(["--tls-listen", f"{address}:{self.TLS}"] if tls else []),
                       "--certificate-out", str(root), "--log", str(log)]
            self.relays.append(Program(self._machine, f"relay{number}", command, self._folder))
        if dht:
            command = [self._tools, "dht", "--listen", f"{SERVERS}.{DHT[0]}", "--nodes", str(len(DHT)),
                       "--dump", str(self._folder / "dht.jsonl")]
            self._nodes = Program(self._machine, "dht", command, self._folder)
        roots = self._folder / "roots.pem"
        for number, relay in enumerate(self.relays):
            self.options += ["--relay", json.loads(relay.first_line())["relay"]]
            with roots.open("a", encoding="ascii") as file:
                file.write((self._folder / f"relay{number}.pem").read_text(encoding="ascii"))
        if self.relays:
            self.options += ["--relay-ca", str(roots)]
        if self._nodes:
            for address in json.loads(self._nodes.first_line())["bootstrap"][:3]:
                self.options += ["--dht-bootstrap", address]

    def end(self) -> None:
        """Ends all servers; they finish what they write down."""
        for server in (*self.relays, *([self._nodes] if self._nodes else [])):
            server.end()


class Person:
    """Somebody with a profile, on a machine, who runs `incamera-peer`."""

    MEDIA = ["--camera", "test", "--microphone", "test", "--size", "320x180", "--fps", "25", "--video-kbps", "300"]
    # For three in one call on one machine.
    SMALL_MEDIA = ["--camera", "test", "--microphone", "test", "--size", "320x180", "--fps", "15", "--video-kbps", "200"]

    def __init__(self, peer: Path, machine: Namespace, name: str, options: list[str], folder: Path):
        self.name = name
        self._machine = machine
        self._folder = folder
        self._runs = 0
        self.passphrase = f"the passphrase of {name}"
        passphrase = folder / f"{name}.passphrase"
        passphrase.write_text(f"{self.passphrase}\n", encoding="utf-8")
        self._stateless = [str(peer), *options]
        self._global = [str(peer), "--data-dir", str(folder / name), "--profile", name,
                        "--passphrase-file", str(passphrase), *options]

    def run(self, *command: str) -> Program:
        self._runs += 1
        title = f"{self.name.lower()}-{self._runs}-{'-'.join(word for word in command[:2] if word.isalpha())}"
        return Program(self._machine, title, [*self._global, *command], self._folder)

    def do(self, *command: str, within: float = 30.0) -> str:
        """Runs a command to its end, and returns what it printed. Raises `Failed` when it fails."""
        program = self.run(*command)
        if program.wait(within) != 0:
            raise Failed(f"{program.name}: {program.last_words()}")
        return program.out.read_text(encoding="utf-8")

    def listen(self) -> Program:
        return self.run("listen", "--answer", "--json", *self.MEDIA, "--stats", str(self._stats("listen")))

    def call(self, contact: str, seconds: int) -> Program:
        command = ["call", contact, "--video", "--seconds", str(seconds), *self.MEDIA]
        return self.run(*command, "--stats", str(self._stats("call")))

    def create(self, seconds: int) -> Program:
        return self._in_room("create", "--name", self.name, seconds=seconds)

    def join(self, invitation: str, seconds: int) -> Program:
        link = self._folder / f"{self.name}.invitation"
        link.write_text(f"{invitation}\n", encoding="utf-8")
        return self._in_room("join", "-", "--name", self.name, seconds=seconds, stdin=link)

    def _in_room(self, *command: str, seconds: int, stdin: Path | None = None) -> Program:
        """A room that leaves nothing behind takes no profile."""
        media = [*self.SMALL_MEDIA, "--seconds", str(seconds), "--stats", str(self._stats(command[0]))]
        whole = [*self._stateless, *command, *media]
        return Program(self._machine, f"{self.name.lower()}-{command[0]}", whole, self._folder, stdin)

    def figures(self, of: str) -> dict:
        """What this person's figures of a call say about the one other participant."""
        participants = self.all_figures(of)
        if len(participants) != 1:
            raise Failed(f"{self.name}'s figures name {len(participants)} participants")
        return participants[0]

    def all_figures(self, of: str) -> list[dict]:
        return self.stats(of).get("participants", [])

    def stats(self, of: str) -> dict:
        try:
            return json.loads(self._stats(of).read_text(encoding="utf-8"))
        except (OSError, ValueError) as why:
            raise Failed(f"{self.name} wrote no figures ({type(why).__name__})") from None

    def _stats(self, of: str) -> Path:
        return self._folder / f"{self.name}-{of}.json"
