"""Networks made of namespaces: an Internet in the middle, homes behind routers, hosts in them.

Addresses are those for benchmarks of networks (RFC 2544, 198.18.0.0/15), so a packet that did leave would be for
nobody.

    host --- home (router, NAT) --- core --- servers
    192.168.N.10   192.168.N.1 | 198.18.N.2   .1      198.18.0.2 and on
"""

import contextlib
import ctypes
import os
import socket
import subprocess
import time
from pathlib import Path

INTERNET = "198.18.0.0/15"
HOMES = "192.168.0.0/16"
SERVERS = "198.18.0"
# The last parts of the servers' addresses. 2 and 3 are for probes.
RELAYS = (10, 11)
DHT = range(101, 113)
_NETNS = Path("/run/netns")
_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def run(*command: str, given: str = "") -> str:
    """Runs a command in the current namespace; what it complains of is what goes wrong here."""
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


class Namespace:
    """One machine: a namespace with its own interfaces, routes and packet filter."""

    def __init__(self, name: str):
        self.name = name
        run("ip", "netns", "add", name)
        self.ip("link set lo up")
        with self.inside():
            # Without this a host waits a second or two before it uses its link-local IPv6 address.
            Path("/proc/sys/net/ipv6/conf/default/accept_dad").write_text("0", encoding="ascii")

    def ip(self, arguments: str) -> str:
        return run("ip", "-n", self.name, *arguments.split())

    def tables(self, rule: str, command: str = "iptables") -> str:
        with self.inside():
            return run(command, "-w", *rule.split())

    @contextlib.contextmanager
    def inside(self):
        """This thread, and the processes and sockets that it makes, are in the namespace."""
        outside = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        inside = os.open(_NETNS / self.name, os.O_RDONLY)
        try:
            _set_namespace(inside)
            yield
        finally:
            _set_namespace(outside)
            os.close(inside)
            os.close(outside)

    def socket(self, kind: socket.SocketKind, address: str = "", port: int = 0) -> socket.socket:
        with self.inside():
            made = socket.socket(socket.AF_INET, kind)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
        return made

    def forward(self) -> None:
        with self.inside():
            Path("/proc/sys/net/ipv4/ip_forward").write_text("1", encoding="ascii")

    def count(self, chain: str, table: str = "raw", command: str = "iptables") -> int:
        """Packets that met the first rule of a chain."""
        lines = self.tables(f"-t {table} -L {chain} -n -v -x", command).splitlines()
        return int(lines[2].split()[0])

    def guard_output(self) -> None:
        """Counts, and stops, what this machine sends to addresses outside of the laboratory."""
        for command, inside in (
            ("iptables", ("127.0.0.0/8", INTERNET, HOMES, "224.0.0.0/24", "255.255.255.255")),
            ("ip6tables", ("::1", "fe80::/10", "ff02::/16")),
        ):
            self.tables("-t raw -N OUTSIDE", command)
            self.tables("-t raw -A OUTSIDE -j DROP", command)
            for addresses in inside:
                self.tables(f"-t raw -A OUTPUT -d {addresses} -j ACCEPT", command)
            self.tables("-t raw -A OUTPUT -j OUTSIDE", command)

    def sent_outside(self) -> int:
        return self.count("OUTSIDE") + self.count("OUTSIDE", command="ip6tables")


def _set_namespace(descriptor: int) -> None:
    if _libc.setns(descriptor, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Network:
    """All machines of one row. Leaving the `with` block takes them apart."""

    def __init__(self):
        self.machines: list[Namespace] = []
        self.hosts: list[Host] = []
        self.core: Namespace | None = None
        self.servers: Namespace | None = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for machine in self.machines:
            run("ip", "netns", "del", machine.name)

    def machine(self, name: str) -> Namespace:
        machine = Namespace(name)
        self.machines.append(machine)
        return machine

    def internet(self) -> None:
        """The core that forwards between public networks and nothing else, and one machine for all servers."""
        self.core = self.machine("core")
        self.core.forward()
        # An Internet provider drops what is for private addresses: media tries them, as they may be in one network.
        self.core.tables("-t raw -N OUTSIDE")
        self.core.tables("-t raw -A OUTSIDE -j DROP")
        self.core.tables(f"-t raw -A PREROUTING -d {INTERNET} -j ACCEPT")
        self.core.tables(f"-t raw -A PREROUTING -d {HOMES} -j DROP")
        self.core.tables("-t raw -A PREROUTING -j OUTSIDE")
        self.servers = self.machine("servers")
        self.cable(self.core, "servers", self.servers, "eth0")
        self.core.ip(f"addr add {SERVERS}.1/24 dev servers")
        addresses = [f"addr add {SERVERS}.{last}/24 dev eth0" for last in (2, 3, *RELAYS, *DHT)]
        run("ip", "-n", "servers", "-batch", "-", given="\n".join(addresses))
        self.servers.ip(f"route add default via {SERVERS}.1")
        self.servers.guard_output()
        for last in RELAYS:
            self.servers.tables(f"-t raw -A PREROUTING -d {SERVERS}.{last} -j RETURN")

    def busiest_relay(self) -> int:
        """The relay, counted from 0, that takes in the most bytes in half a second."""
        before = self._bytes_to_relays()
        time.sleep(0.5)
        grown = [now - then for now, then in zip(self._bytes_to_relays(), before)]
        return grown.index(max(grown))

    def _bytes_to_relays(self) -> list[int]:
        lines = self.servers.tables("-t raw -L PREROUTING -n -v -x").splitlines()[2:]
        return [int(line.split()[1]) for line in lines]

    def cable(self, one: Namespace, end: str, other: Namespace, other_end: str) -> None:
        one.ip(f"link add name {end} type veth peer name {other_end} netns {other.name}")
        one.ip(f"link set {end} up")
        other.ip(f"link set {other_end} up")

    def public(self, machine: Namespace, interface: str, number: int) -> None:
        """A place in the Internet with the address 198.18.NUMBER.2."""
        self.cable(self.core, f"net{number}", machine, interface)
        self.core.ip(f"addr add 198.18.{number}.1/30 dev net{number}")
        machine.ip(f"addr add 198.18.{number}.2/30 dev {interface}")
        machine.ip(f"route add default via 198.18.{number}.1 dev {interface}")

    def host(self, name: str) -> "Host":
        host = Host(self, name)
        self.hosts.append(host)
        return host

    def home(self, number: int, nat: str | None = "cone") -> "Home":
        return Home(self, number, nat)

    def sent_outside(self) -> int:
        """Packets for addresses outside of the laboratory, from hosts and servers, or seen by the core."""
        machines = [*(host.machine for host in self.hosts), *([self.servers] if self.servers else [])]
        return sum(machine.sent_outside() for machine in machines) + (self.core.count("OUTSIDE") if self.core else 0)


class Home:
    """A local network, and its router: with a NAT of that kind, or (`None`) connected to nothing."""

    def __init__(self, network: Network, number: int, nat: str | None):
        self.network = network
        self.number = number
        self.router = router = network.machine(f"home{number}")
        router.ip("link add name lan type bridge")
        router.ip("link set lan up")
        router.ip(f"addr add 192.168.{number}.1/24 dev lan")
        self.connected = nat is not None
        if nat is None:
            return
        router.forward()
        network.public(router, "wan", number)
        # A symmetric NAT gives each destination another port; a cone keeps one port, which on Linux is the host's own.
        how = {"cone": "", "symmetric": " --random-fully"}[nat]
        router.tables(f"-t nat -A POSTROUTING -o wan -j MASQUERADE{how}")
        # Silently: an answer to an unexpected packet would end the other's attempt to get through.
        router.tables("-A INPUT -i wan -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT")
        router.tables("-A INPUT -i wan -j DROP")
        router.tables("-A FORWARD -i wan -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT")
        router.tables("-A FORWARD -i wan -j DROP")
        router.tables("-t raw -N LEAVING")
        router.tables("-t raw -A LEAVING -j RETURN")
        router.tables(f"-t raw -A PREROUTING -i lan -d 192.168.{number}.0/24 -j RETURN")
        router.tables("-t raw -A PREROUTING -i lan -d 224.0.0.0/24 -j RETURN")
        router.tables("-t raw -A PREROUTING -i lan -d 255.255.255.255 -j RETURN")
        router.tables("-t raw -A PREROUTING -i lan -j LEAVING")

    def allow_only_tcp(self, port: int) -> None:
        """From now on nothing gets out but TCP to one port, not even what was let through before."""
        self.router.tables(f"-I FORWARD -i lan -p tcp --dport {port} -j ACCEPT")
        self.router.tables("-I FORWARD 2 -i lan -j DROP")

    def left(self) -> int:
        """Packets from the local network for anywhere else."""
        return self.router.count("LEAVING")

    def plug(self, host: "Host", interface: str) -> None:
        self.network.cable(self.router, f"to-{host.machine.name}", host.machine, interface)
        self.router.ip(f"link set to-{host.machine.name} master lan")
        host.machine.ip(f"addr add 192.168.{self.number}.{host.last}/24 dev {interface}")
        if self.connected:
            host.machine.ip(f"route add default via 192.168.{self.number}.1 dev {interface}")

    def unplug(self, host: "Host") -> None:
        self.router.ip(f"link del to-{host.machine.name}")


class Host:
    """A person's machine. It can be moved from network to network."""

    def __init__(self, network: Network, name: str):
        self.network = network
        self.machine = network.machine(name)
        self.machine.guard_output()
        self.last = 10 + len(network.hosts)
        self.home: Home | None = None
        self.plugged = 0
        # All it ever had.
        self.addresses: set[str] = set()

    def live_in(self, home: Home) -> "Host":
        self._new_interface()
        home.plug(self, f"eth{self.plugged}")
        self.home = home
        self.addresses |= {self.address(), *([f"198.18.{home.number}.2"] if home.connected else [])}
        return self

    def live_in_public(self, number: int) -> "Host":
        self._new_interface()
        self.network.public(self.machine, f"eth{self.plugged}", number)
        self.addresses.add(self.address())
        return self

    def leave(self) -> None:
        """The interface goes away with its address and routes, as a wireless network does when it is out of reach."""
        if self.home:
            self.home.unplug(self)
        else:
            self.machine.ip(f"link del eth{self.plugged}")
        self.home = None

    def address(self) -> str:
        """Its IPv4 address in the network it is in."""
        return self.machine.ip(f"-4 -brief addr show dev eth{self.plugged}").split()[2].split("/")[0]

    def down(self) -> None:
        """Out of reach of its network, which it does not leave."""
        self.machine.ip(f"link set eth{self.plugged} down")

    def up(self) -> None:
        """Back in reach: the system put the address back, but no route."""
        self.machine.ip(f"link set eth{self.plugged} up")
        if self.home and self.home.connected:
            self.machine.ip(f"route add default via 192.168.{self.home.number}.1 dev eth{self.plugged}")

    def _new_interface(self) -> None:
        self.plugged += 1
