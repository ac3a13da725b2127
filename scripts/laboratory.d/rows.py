"""The rows: one network, and what happens in it, each."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import probe
from processes import Failed, Servers
from stage import Stage
from watch import Watch

DIRECT = {"direct", "link, direct"}
RELAYED = {"link, relayed", "forwarded"}
# What is promised for the time from the network's return, across a change of address, and when a relay dies.
_BACK_WITHIN = 3.0
_BACK_AFTER_LONG_WITHIN = 2.0
_MOVED_WITHIN = 5.0
_OTHER_RELAY_WITHIN = 2.0
# How much later somebody is heard who is so only through a third.
_FORWARDED_WITHIN = 2.0
_SETTLED = 2.0
_RECOVERS_WITHIN = 25.0


@dataclass(frozen=True)
class Row:
    name: str
    about: str
    play: Callable[[Stage], None]
    # How media may go at the end; anything else is a failure.
    paths: set[str]


ROWS: dict[str, Row] = {}


def row(name: str, about: str, paths: set[str]):
    def note(play: Callable[[Stage], None]) -> Callable[[Stage], None]:
        ROWS[name] = Row(name, about, play, paths)
        return play

    return note


@row("lan-offline", "one local network that is connected to nothing, with mDNS only", DIRECT)
def lan_offline(stage: Stage) -> None:
    home = stage.network.home(1, nat=None)
    for host in stage.hosts():
        host.live_in(home)
    stage.meet(*Servers.OUT_OF_REACH)
    stage.call()


@row("lan-only", "one local network with Internet, and `--network lan`: nothing may leave it", DIRECT)
def lan_only(stage: Stage) -> None:
    stage.internet()
    home = stage.network.home(1)
    for host in stage.hosts():
        host.live_in(home)
    stage.expect_nat(stage.alices, "cone")
    before = home.left()
    stage.servers = None
    stage.meet(network="lan")
    stage.call()
    if (left := home.left() - before) > 0:
        raise Failed(f"{left} packets left the local network")
    stage.result.notes.append("nothing left the local network")


@row("cone-cone", "two homes behind NATs that keep a port (cone)", DIRECT)
def cone_cone(stage: Stage) -> None:
    stage.internet()
    stage.homes("cone", "cone")
    stage.meet()
    stage.call()


@row("symmetric-cone", "on one side, a NAT with a different port for each destination", DIRECT | RELAYED)
def symmetric_cone(stage: Stage) -> None:
    stage.internet()
    stage.homes("symmetric", "cone")
    stage.meet()
    stage.call()


@row("symmetric-symmetric", "such a NAT on both sides", RELAYED)
def symmetric_symmetric(stage: Stage) -> None:
    stage.internet()
    stage.homes("symmetric", "symmetric")
    stage.meet()
    stage.call()


@row("udp-blocked", "one of two contacts moves to a network that only lets TCP to port 443 out", RELAYED)
def udp_blocked(stage: Stage) -> None:
    stage.internet()
    stage.homes("cone", "cone")
    office = stage.network.home(3)
    office.allow_only_tcp(Servers.TLS)
    stage.meet()
    stage.alices.leave()
    stage.alices.live_in(office)
    servers = stage.network.servers
    if probe.udp_gets_out(servers, stage.alices) or probe.tcp_gets_out(servers, stage.alices, 80):
        raise probe.WrongNetwork("the office lets out more than it should")
    if not probe.tcp_gets_out(servers, stage.alices, Servers.TLS):
        raise probe.WrongNetwork("the office lets nothing out")
    stage.call()


@row("dht-only", "public addresses, no relay; both restart with new addresses before the call", DIRECT)
def dht_only(stage: Stage) -> None:
    stage.internet(relays=0)
    for number, host in enumerate(stage.hosts(), 20):
        host.live_in_public(number)
        stage.expect_nat(host, "none")
    stage.meet(lan="off")
    stage.bob_stops()
    for number, host in enumerate((stage.alices, stage.bobs), 30):
        host.leave()
        host.live_in_public(number)
        stage.expect_nat(host, "none")
    stage.bob_listens()
    stage.call()


@row("moves", "during a call, one person moves from one home to another", DIRECT | RELAYED)
def moves(stage: Stage) -> None:
    stage.internet()
    stage.homes("cone", "cone")
    elsewhere = stage.network.home(3)

    def go(watches: tuple[Watch, Watch]) -> None:
        time.sleep(_SETTLED)
        left = time.monotonic()
        stage.alices.leave()
        stage.alices.live_in(elsewhere)
        _judge(stage, _back(watches, left), _MOVED_WITHIN)

    stage.meet()
    stage.call(seconds=40, meanwhile=go)


@row("away", "during a call, one person has no network for 3 s", DIRECT | RELAYED)
def away(stage: Stage) -> None:
    stage.internet()
    stage.homes("cone", "cone")

    def go(watches: tuple[Watch, Watch]) -> None:
        time.sleep(_SETTLED)
        stage.alices.down()
        time.sleep(3.0)
        returned = time.monotonic()
        stage.alices.up()
        _judge(stage, _back(watches, returned), _BACK_WITHIN)

    stage.meet()
    stage.call(seconds=40, meanwhile=go)


@row("long-away", "during a call, one person has no network for 20 s, and then another network", DIRECT | RELAYED)
def long_away(stage: Stage) -> None:
    stage.internet()
    stage.homes("cone", "cone")
    elsewhere = stage.network.home(3)

    def go(watches: tuple[Watch, Watch]) -> None:
        time.sleep(_SETTLED)
        stage.alices.leave()
        time.sleep(20.0)
        returned = time.monotonic()
        stage.alices.live_in(elsewhere)
        _judge(stage, _back(watches, returned), _BACK_AFTER_LONG_WITHIN)

    stage.meet()
    stage.call(seconds=90, meanwhile=go)


@row("forwarded", "symmetric NATs on both sides, no relay, and a third person whom both can reach", {"forwarded"})
def forwarded(stage: Stage) -> None:
    stage.internet(relays=0, dht=False)
    stage.homes("symmetric", "symmetric")
    between = stage.network.host("carol").live_in_public(30)
    stage.expect_nat(between, "none")
    stage.gather(between)
    if stage.result.connected:
        _judge(stage, stage.result.gap or 0.0, _FORWARDED_WITHIN)
        _judge_call(stage, _FORWARDED_WITHIN)


@row("relay-killed", "during a relayed call, the relay in use is killed; there is a second one", RELAYED)
def relay_killed(stage: Stage) -> None:
    _kill_relay(stage, tls=True)


@row("relay-killed-plain", "the same, with relays over plain HTTP", RELAYED)
def relay_killed_plain(stage: Stage) -> None:
    _kill_relay(stage, tls=False)


def _kill_relay(stage: Stage, tls: bool) -> None:
    stage.internet(relays=2, tls=tls)
    stage.homes("symmetric", "symmetric")

    def kill(watches: tuple[Watch, Watch]) -> None:
        time.sleep(_SETTLED)
        busiest = stage.network.busiest_relay()
        killed = time.monotonic()
        stage.servers.relays[busiest].kill()
        _judge(stage, _back(watches, killed), _OTHER_RELAY_WITHIN)

    stage.meet()
    stage.call(seconds=50, meanwhile=kill)
    _judge_call(stage, _OTHER_RELAY_WITHIN)


@row("relay-killed-direct", "during a direct call, the only relay is killed", DIRECT)
def relay_killed_direct(stage: Stage) -> None:
    stage.internet()
    stage.homes("cone", "cone")

    def kill(watches: tuple[Watch, Watch]) -> None:
        time.sleep(_SETTLED)
        killed = time.monotonic()
        stage.servers.relays[0].kill()
        time.sleep(5.0)
        stage.result.gap = max(watch.longest_silence(killed) for watch in watches)
        if not all(watch.flows() for watch in watches):
            raise Failed("media stopped with the relay")

    stage.meet()
    stage.call(seconds=40, meanwhile=kill)


@row("hostile", "three people talk while a fourth sends invalid pictures, lies, has much forwarded, and floods", DIRECT)
def hostile(stage: Stage) -> None:
    home = stage.network.home(1, nat=None)
    carols, mallorys = (stage.network.host(name) for name in ("carol", "mallory"))
    for host in (*stage.hosts(), carols, mallorys):
        host.live_in(home)
    stage.beside_hostile(carols, mallorys)


def _judge(stage: Stage, gap: float, target: float) -> None:
    stage.result.gap, stage.result.gap_target = gap, target
    if gap > target:
        stage.result.failures.append(f"a gap of {gap:.1f} s, more than {target:g} s")


def _judge_call(stage: Stage, longest: float) -> None:
    """Fails where a picture stood for longer than this, or as much sound was lost."""
    for what, seconds in (("a picture stood", stage.result.longest_freeze), ("sound was lost", stage.result.lost_sound)):
        if (worst := max(seconds, default=0.0)) > longest:
            stage.result.failures.append(f"{what} for {worst:.1f} s")


def _back(watches: tuple[Watch, Watch], since: float) -> float:
    """Seconds until media flows to both again. Raises `Failed` when it does not."""
    # A change takes a moment to be felt: media that still flows may be what was on its way.
    time.sleep(1.0)
    until = time.monotonic() + _RECOVERS_WITHIN
    while not all(watch.flows() for watch in watches):
        if time.monotonic() > until:
            raise Failed(f"media did not come back within {_RECOVERS_WITHIN:.0f} s")
        time.sleep(0.05)
    return max(watch.back_after(since) for watch in watches)
