"""What all rows have in common: networks, servers, two people who make contact, and a call between them."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import probe
import third_party
from network import Home, Host, Network
from processes import Failed, Person, Program, Servers
from report import Result
from watch import Watch

# Of 25 pictures a second: less is no picture that people would talk over. The machine may be busy with other things.
_FLUENT_FPS = 12.0
_CALL_UP_WITHIN = 25.0
# Longer than anything that could stand in random bytes by chance, and found nowhere else.
_ALICE, _BOB, _CAROL = ("Alice", "Quackenbush"), ("Bob", "Featherstonehaugh"), ("Carol", "Throckmorton")
# Of the sound between those who keep the rules; and what has to come of a hostile member's pictures for the row to say anything.
_LOST_SOUND = 0.01
_REFUSED = 100


class Stage:
    """One row while it is played. Alice calls, Bob answers. Without `peer` only its networks are shown."""

    def __init__(self, network: Network, peer: Path | None, tools: Path | None, folder: Path, result: Result):
        self.network = network
        self.result = result
        self._peer = peer
        self._tools = tools
        self._folder = folder
        self.servers: Servers | None = None
        self.alice: Person
        self.bob: Person
        self.alices: Host
        self.bobs: Host
        self._listening: Program | None = None

    def internet(self, relays: int = 1, dht: bool = True, tls: bool = True) -> None:
        self.network.internet()
        if self._tools:
            self.servers = Servers(self._tools, self.network.servers, self._folder)
            self.servers.start(relays, dht, tls)

    def hosts(self) -> tuple[Host, Host]:
        self.alices, self.bobs = self.network.host("alice"), self.network.host("bob")
        return self.alices, self.bobs

    def homes(self, alices: str, bobs: str) -> tuple[Home, Home]:
        """A home network for each, behind these kinds of NAT, shown to be of these kinds."""
        homes = self.network.home(1, alices), self.network.home(2, bobs)
        for host, home, kind in zip(self.hosts(), homes, (alices, bobs)):
            host.live_in(home)
            self.expect_nat(host, kind)
        return homes

    def expect_nat(self, host: Host, kind: str) -> None:
        shown = probe.kind_of_nat(self.network.servers, host)
        if shown != kind:
            raise probe.WrongNetwork(f"{host.machine.name}'s NAT should be {kind}, but is {shown}")

    def meet(self, *options: str, network: str = "internet", lan: str = "on") -> None:
        """Both get a profile, Bob invites Alice and listens, Alice accepts."""
        if not self._peer:
            return
        self.result.connected = False
        common = ["--network", network, "--lan", lan, *(self.servers.options if self.servers else []), *options]
        self.alice = Person(self._peer, self.alices.machine, "-".join(_ALICE), common, self._folder)
        self.bob = Person(self._peer, self.bobs.machine, "-".join(_BOB), common, self._folder)
        for person in (self.alice, self.bob):
            person.do("profile", "create", person.name)
        invitation = self.bob.do("contact", "invite", "--hours", "1").split("\n", 1)[0]
        if not invitation:
            raise Failed("the invitation is empty")
        self.bob_listens()
        began = time.monotonic()
        self.alice.do("contact", "accept", invitation, "--seconds", "30", within=40)
        self.result.contact_after = time.monotonic() - began

    def bob_listens(self) -> None:
        if self._peer:
            self._listening = self.bob.listen()

    def bob_stops(self) -> None:
        if self._listening:
            self._listening.end()

    def call(self, seconds: int = 6, meanwhile: Callable[[tuple[Watch, Watch]], None] | None = None) -> None:
        """Alice calls Bob. `meanwhile` may disturb the call: then it has to judge what became of it."""
        if not self._peer:
            return
        calling = self.alice.call(self.bob.name, seconds)
        watches = Watch(calling), Watch(self._listening)
        try:
            self._until_media_flows(calling, watches)
            if meanwhile:
                meanwhile(watches)
                # So that the figures tell of some seconds after the disturbance as well.
                time.sleep(1.5)
                calling.end()
            elif calling.wait(seconds + 20) != 0:
                raise Failed(f"the call ended badly: {calling.last_words()}")
        finally:
            for watch in watches:
                watch.stop()
        self.bob_stops()
        self._figures(disturbed=meanwhile is not None)
        if self.servers:
            self.servers.end()
            words = [_ALICE[1], _BOB[1], self.alice.passphrase, self.bob.passphrase]
            addresses = sorted(self.alices.addresses | self.bobs.addresses)
            self.result.notes.append(third_party.search(self._folder, words, addresses))

    def gather(self, between: Host, seconds: int = 20) -> None:
        """Carol, who is between the two, founds a room of three. What Alice and Bob see of each other is judged."""
        if not self._peer:
            return
        self.result.connected = False
        options = ["--network", "internet", "--lan", "off"]
        carol, self.alice, self.bob = (
            Person(self._peer, host.machine, name, options, self._folder)
            for host, name in ((between, _CAROL[1]), (self.alices, _ALICE[1]), (self.bobs, _BOB[1])))
        founded = carol.create(seconds + 10)
        invitation = founded.first_line()
        joined = self.alice.join(invitation, seconds + 5), self.bob.join(invitation, seconds)
        for program in reversed(joined):
            if program.wait(seconds + 40) != 0:
                raise Failed(f"{program.name} ended badly: {program.last_words()}")
        founded.end()
        both = [[of for of in seen.all_figures("join") if of["name"] == name]
                for seen, name in ((self.alice, _BOB[1]), (self.bob, _ALICE[1]))]
        if not all(both):
            raise Failed("the two never met")
        self._note([(self.alice, both[0][0]), (self.bob, both[1][0])], disturbed=False)
        self.result.connected = True
        # Bob came last. Whom he could not hear at once he has heard for a shorter time than Carol.
        heard = {of["name"]: of["audio"]["played_ms"] / 1000 for of in self.bob.all_figures("join")}
        self.result.gap = heard[_CAROL[1]] - heard[_ALICE[1]]

    def beside_hostile(self, carols: Host, mallorys: Host, seconds: int = 14) -> None:
        """Carol founds a room, Alice and Bob come, then Mallory, who keeps no rule. What the three see and hear of each other
        is judged, and what became of Mallory's pictures."""
        if not self._peer:
            return
        self.result.connected = False
        options = ["--network", "lan", "--lan", "off"]
        carol, self.alice, self.bob = three = [
            Person(self._peer, host.machine, name, options, self._folder)
            for host, name in ((carols, _CAROL[1]), (self.alices, _ALICE[1]), (self.bobs, _BOB[1]))]
        founded = carol.create(seconds + 6)
        invitation = self._folder / "mallory.invitation"
        invitation.write_text(f"{founded.first_line()}\n", encoding="utf-8")
        link = invitation.read_text(encoding="utf-8").strip()
        programs = [founded, self.alice.join(link, seconds + 5), self.bob.join(link, seconds + 4)]
        time.sleep(1.5)
        # With a machine of its own it would not take the others' processor either.
        command = ["nice", "-n", "10", str(self._tools), "hostile", str(invitation), "--seconds", str(seconds)]
        hostile = Program(mallorys.machine, "mallory-hostile", command, self._folder)
        for program in (*reversed(programs), hostile):
            if program.wait(seconds + 40) != 0:
                raise Failed(f"{program.name} ended badly: {program.last_words()}")
        sent = json.loads(hostile.first_line())
        for person, of in zip(three, ("create", "join", "join")):
            self._judge_beside_hostile(person, person.stats(of), [other.name for other in three if other is not person])
        self.result.connected = True
        self.result.show_worst()
        self.result.notes.append(", ".join(f"{many} {kind}" for kind, many in sent.items()) + " by the fourth")

    def _judge_beside_hostile(self, person: Person, stats: dict, others: list[str]) -> None:
        fail = self.result.failures.append
        figures = {of["name"]: of for of in stats["participants"]}
        if lacking := {*others, "Mallory"} - figures.keys():
            raise Failed(f"{person.name} never met {', '.join(sorted(lacking))}")
        for name in others:
            self._note([(person, figures[name])], disturbed=False)
            if freezes := figures[name]["video"]["freezes"]:
                fail(f"{name}'s picture froze {freezes} times for {person.name}")
            if (lost := figures[name]["audio"]["concealed_ratio"]) > _LOST_SOUND:
                fail(f"{person.name} did not hear {lost:.1%} of {name}'s sound")
        hostile = figures["Mallory"]["video"]
        if hostile["frames"]:
            fail(f"{person.name} was shown {hostile['frames']} of the hostile pictures")
        if hostile["refused"] < _REFUSED:
            fail(f"only {hostile['refused']} hostile pictures were refused by {person.name}")
        if stats["decoder"] != "sandboxed" or stats["decoder_ended"]:
            fail(f"{person.name}'s decoder is {stats['decoder']} and ended {stats['decoder_ended']} times")

    def _until_media_flows(self, calling: Program, watches: tuple[Watch, Watch]) -> None:
        until = time.monotonic() + _CALL_UP_WITHIN
        while not all(watch.flows() for watch in watches):
            for program in (calling, self._listening):
                if not program.running():
                    raise Failed(f"no call, as {program.name} ended: {program.last_words()}")
            if time.monotonic() > until:
                raise Failed(f"no media within {_CALL_UP_WITHIN:.0f} s")
            time.sleep(0.05)
        self.result.connected = True

    def _figures(self, disturbed: bool) -> None:
        self._note([(self.alice, self.alice.figures("call")), (self.bob, self.bob.figures("listen"))], disturbed)

    def _note(self, seen: list[tuple[Person, dict]], disturbed: bool) -> None:
        result = self.result
        result.connected_after = _seconds(seen[0][1].get("connected_after_ms"))
        result.first_picture = _seconds(seen[0][1].get("first_picture_after_ms"))
        for person, figures in seen:
            video = figures["video"]
            path = figures["path"] if figures["path"] != "link" else f"link, {figures.get('link_route')}"
            result.paths.append(path)
            result.fps.append(video["fps"])
            result.freezes.append(video["freezes"])
            result.frozen.append(video["frozen_ms"] / 1000)
            result.longest_freeze.append(video["longest_freeze_ms"] / 1000)
            result.lost_sound.append(figures["audio"]["concealed_ratio"] * figures["audio"]["played_ms"] / 1000)
            result.reconnected_after += [ms / 1000 for ms in figures.get("reconnected_after_ms") or []]
            if video["fps"] < _FLUENT_FPS and not disturbed:
                result.failures.append(f"{person.name} saw only {video['fps']:.1f} pictures a second")


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
