"""Pictures that are easy to tell apart, as PNG, and those that were recorded, as YUV4MPEG2."""

import struct
import zlib
from pathlib import Path

WIDTH, HEIGHT = 1280, 720

# RGB, and what becomes of it in limited BT.709: luma, blue, red.
RED = ((255, 0, 0), (63, 102, 240))
BLUE = ((0, 0, 255), (32, 240, 118))
GREEN = ((0, 255, 0), (173, 42, 26))
WHITE = ((255, 255, 255), (235, 128, 128))


class Clip:
    """All pictures of a recording."""

    def __init__(self, path: Path):
        data = path.read_bytes()
        header, _, rest = data.partition(b"\n")
        fields = {field[:1]: field[1:] for field in header.split(b" ")[1:]}
        self.width, self.height = int(fields[b"W"]), int(fields[b"H"])
        size = self.width * self.height * 3 // 2
        step = len(b"FRAME\n") + size
        # A recording that still goes on may end within a picture.
        self.pictures = [rest[at + 6 : at + step] for at in range(0, len(rest) - step + 1, step)]

    def colour(self, nth: int, x: float, y: float) -> tuple[int, int, int]:
        """What a picture has at a place, given in parts of its sides."""
        picture, width, height = self.pictures[nth], self.width, self.height
        column, row = int(x * width), int(y * height)
        chroma = width * height + row // 2 * (width // 2) + column // 2
        return picture[row * width + column], picture[chroma], picture[chroma + width * height // 4]

    def has(self, nth: int, quarters: tuple) -> bool:
        """Whether a picture shows these colours: above left and right, below left and right."""
        places = [(0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9)]
        close = lambda a, b: all(abs(x - y) <= 6 for x, y in zip(a, b))  # noqa: E731
        return all(close(self.colour(nth, *place), colour[1]) for place, colour in zip(places, quarters))

    def save(self, nth: int, path: Path) -> None:
        """Writes a picture as PNG, for people to look at."""
        picture, width, height = self.pictures[nth], self.width, self.height
        luma, half = width * height, width // 2
        clamp = lambda value: max(0, min(255, int(value)))  # noqa: E731
        lines = []
        for row in range(height):
            line = bytearray(b"\0")
            for column in range(width):
                at = luma + row // 2 * half + column // 2
                y = (picture[row * width + column] - 16) * 1.1644
                u, v = picture[at] - 128, picture[at + luma // 4] - 128
                line += bytes((clamp(y + 1.7927 * v), clamp(y - 0.2132 * u - 0.5329 * v), clamp(y + 2.1124 * u)))
            lines.append(bytes(line))
        _png(path, width, height, b"".join(lines))


def quarters(path: Path, colours: tuple) -> None:
    """Draws a picture of four colours: above left and right, below left and right."""
    row = lambda left, right: b"\0" + bytes(left[0]) * (WIDTH // 2) + bytes(right[0]) * (WIDTH // 2)  # noqa: E731
    above, below = row(*colours[:2]) * (HEIGHT // 2), row(*colours[2:]) * (HEIGHT // 2)
    _png(path, WIDTH, HEIGHT, above + below)


def _png(path: Path, width: int, height: int, lines: bytes) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines, 1)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)
