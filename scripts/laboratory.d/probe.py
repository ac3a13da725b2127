"""Shows by experiment that a network is what a row says it is, before anyone is judged by it."""

import socket

from network import RELAYS, SERVERS, Host, Namespace

_PORT = 7000
_WAIT = 0.4


class WrongNetwork(Exception):
    """The laboratory itself is not as it should be."""


def kind_of_nat(servers: Namespace, host: Host) -> str:
    """`none`, `cone` or `symmetric`, from what two servers see of one socket of the host.

    Raises `WrongNetwork` when the router lets in what nobody asked for.
    """
    lasts = (2, 3, RELAYS[0])
    first, second, stranger = (servers.socket(socket.SOCK_DGRAM, f"{SERVERS}.{last}", _PORT) for last in lasts)
    mine = host.machine.socket(socket.SOCK_DGRAM)
    with first, second, stranger, mine:
        for each in (first, second, mine):
            each.settimeout(_WAIT)
        seen = []
        for server in (first, second):
            mine.sendto(b"who am I", server.getsockname())
            _, address = server.recvfrom(64)
            server.sendto(b"you are", address)
            mine.recvfrom(64)
            seen.append(address)
        own = host.address()
        if seen[0][0] == own:
            return "none"
        stranger.sendto(b"unexpected", seen[0])
        if _receives(mine):
            raise WrongNetwork("the router lets strangers in")
        return "cone" if seen[0] == seen[1] else "symmetric"


def udp_gets_out(servers: Namespace, host: Host) -> bool:
    """Whether a datagram of the host reaches a server."""
    server = servers.socket(socket.SOCK_DGRAM, f"{SERVERS}.2", _PORT)
    with server, host.machine.socket(socket.SOCK_DGRAM) as mine:
        server.settimeout(_WAIT)
        mine.sendto(b"hello", server.getsockname())
        return _receives(server)


def tcp_gets_out(servers: Namespace, host: Host, port: int) -> bool:
    """Whether the host can connect to this port of a server."""
    server = servers.socket(socket.SOCK_STREAM, f"{SERVERS}.2", port)
    server.listen()
    with server, host.machine.socket(socket.SOCK_STREAM) as mine:
        mine.settimeout(_WAIT)
        try:
            mine.connect(server.getsockname())
        except OSError:
            return False
        return True


def _receives(waiting: socket.socket) -> bool:
    waiting.settimeout(_WAIT)
    try:
        waiting.recvfrom(64)
    except TimeoutError:
        return False
    return True
