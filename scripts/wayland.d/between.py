"""Stands between sway and its portal, so that the two work together without a graphics card.

The portal takes pictures in shared memory, but refuses to begin where sway does not offer those of a graphics card as well,
which it never uses here (xdg-desktop-portal-wlr, issue 289). So such an offer is added; all else passes as it is.
"""

import os
import socket
import struct
import threading
from pathlib import Path

# Of `zwlr_screencopy_frame_v1`: events, and a buffer's format in the names of shared memory and of graphics cards.
_BUFFER, _LINUX_DMABUF, _BUFFER_DONE = 0, 5, 6
_XRGB8888 = 0x34325258
_MOST_FDS = 28


class Between:
    """Listens at `path` for whoever is meant for the compositor at `compositor`. Its threads end with their connections."""

    def __init__(self, path: Path, compositor: Path):
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._compositor = compositor
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._compositor))
            for way in ((client, server, lambda data: data), (server, client, _Offers().add)):
                threading.Thread(target=_pass_on, args=way, daemon=True).start()


def _pass_on(come: socket.socket, go: socket.socket, change) -> None:
    try:
        while True:
            data, fds, _, _ = socket.recv_fds(come, 1 << 16, _MOST_FDS)
            if not data:
                break
            data = change(data)
            if fds or data:
                sent = socket.send_fds(go, [data], fds) if fds else go.send(data)
                go.sendall(data[sent:])
            for fd in fds:
                os.close(fd)
    except OSError:
        pass
    for end in (come, go):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class _Offers:
    """Adds the offer between a frame's `buffer` and its `buffer_done`."""

    def __init__(self):
        self._rest = b""
        self._offered: tuple[int, bytes] | None = None

    def add(self, data: bytes) -> bytes:
        self._rest += data
        out = b""
        while len(self._rest) >= 8:
            of, what = struct.unpack_from("=II", self._rest)
            size, event = what >> 16, what & 0xFFFF
            if size < 8 or len(self._rest) < size:
                break
            message, self._rest = self._rest[:size], self._rest[size:]
            if self._offered is not None and (event, size) == (_BUFFER_DONE, 8) and self._offered[0] == of:
                out += struct.pack("=III", of, 20 << 16 | _LINUX_DMABUF, _XRGB8888) + self._offered[1]
            self._offered = (of, message[12:20]) if (event, size) == (_BUFFER, 24) else None
            out += message
        return out
