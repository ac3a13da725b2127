"""What somebody knows who runs every relay and every node of the DHT: searched for what they must not know."""

import base64
import binascii
import ipaddress
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from processes import Failed

# A shorter word stands by chance in enough random bytes, and finding it would say nothing.
_LETTERS = 10


def search(folder: Path, words: list[str], addresses: list[str]) -> str:
    """Searches what relays and nodes wrote down for people's words, and the DHT's values for their addresses.

    Returns what there was to search. Raises `Failed` when there is something, or when nothing was written down.
    """
    stored = _lines(folder / "dht.jsonl")
    for value in (bytes.fromhex(line["value"]) for line in stored if line.get("value")):
        for address in addresses:
            if address.encode() in value or ipaddress.ip_address(address).packed in value:
                raise Failed("the DHT holds an address in plain text")
    logs = {log: _lines(log) for log in sorted(folder.glob("relay*.jsonl"))}
    for file, lines in ((folder / "dht.jsonl", stored), *logs.items()):
        if holds(file.read_bytes(), lines, words):
            raise Failed("a name or a secret is in the DHT or in a relay's log")
    items = {line["target"] for line in stored if line["kind"].startswith("put")}
    seen = sum(1 for lines in logs.values() for line in lines if line["event"] == "connected")
    return f"the DHT got {len(items)} items, the relays {seen} connections"


def holds(raw: bytes, lines: list[dict], words: list[str]) -> bool:
    """Whether one of the words stands in the text of a file, or in what its fields are encodings of."""
    if short := [word for word in words if len(word) < _LETTERS]:
        raise ValueError(f"{len(short)} of the words are shorter than {_LETTERS} letters")
    needles = {form for word in words for form in _forms(word)}
    # Letters are compared without their case, base64 only as it is.
    hay = [raw, *(decoded for text in _texts(lines) for decoded in _decoded(text))]
    lowered = [some.lower() for some in hay]
    if any(needle.lower() in some for needle in needles for some in lowered):
        return True
    return any(encoded in some for needle in needles for encoded in _base64s(needle) for some in hay)


def prove() -> None:
    """Shows that the search finds what is there and nothing else. Raises `Failed` when it does not."""
    word = "Sesquipedalia"
    for name, field in _planted(word).items():
        line = {"kind": "put_mutable", "value": field}
        if not holds(json.dumps(line).encode(), [line], [word]):
            raise Failed(f"the search for names overlooks one that is there {name}")
    clean = {"value": os.urandom(4096).hex(), "salt": base64.b64encode(os.urandom(4096)).decode(), "headers": ["Sesqui"]}
    if holds(json.dumps(clean).encode(), [clean], [word]):
        raise Failed("the search for names finds one where there is none")


def _planted(word: str) -> dict[str, str | list]:
    """The word in a field, in every way that has to be found, at every offset that changes the encoding."""
    raw = word.encode()
    wide, random = word.encode("utf-16-le"), os.urandom(32)
    planted: dict[str, str | list] = {
        "plainly": f"before {word} after",
        "in capitals": word.upper(),
        "in a list": [["x-name", word]],
        "in UTF-16": (random + wide).hex(),
        "in UTF-16 of the other order": (random + word.encode("utf-16-be") + random).hex(),
        "in hexadecimal": (random + raw + random).hex(),
        "in hexadecimal in capitals": (random + raw).hex().upper(),
        "in hexadecimal within a text": f"/?name={raw.hex()}&",
        "in base32": base64.b32encode(random + raw).decode().rstrip("=").lower(),
        "in base64 within hexadecimal": base64.b64encode(random + raw).hex(),
        "in UTF-16 within base64": base64.b64encode(random + wide).decode(),
    }
    for offset in range(3):
        shifted = random[:offset] + raw + random
        planted[f"in base64 at {offset}"] = base64.b64encode(shifted).decode()
        planted[f"in base64 for URLs at {offset}"] = base64.urlsafe_b64encode(shifted).decode().rstrip("=")
        planted[f"in base64 at {offset} within a text"] = f"name: {base64.b64encode(shifted).decode()}; q"
    return planted


def _forms(word: str) -> set[bytes]:
    """The bytes that a word may be written as, and their hexadecimal."""
    forms = {word.encode(coding) for coding in ("utf-8", "utf-16-le", "utf-16-be")}
    return forms | {form.hex().encode() for form in forms}


def _base64s(needle: bytes) -> set[bytes]:
    """What of the needle's base64 does not depend on what stands before and after it, at each of three offsets."""
    encoded = set()
    for offset in range(3):
        text = base64.b64encode(bytes(offset) + needle)
        middle = text[-(-offset * 8 // 6) : (offset + len(needle)) * 8 // 6]
        encoded |= {middle, middle.replace(b"+", b"-").replace(b"/", b"_")}
    return encoded


def _texts(value: object) -> Iterator[str]:
    """Every text in a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts(list(value.items()))
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part)


def _decoded(text: str) -> Iterator[bytes]:
    """The text, and all that it may be an encoding of."""
    # In the file's bytes other letters than ASCII's are escaped.
    yield text.encode(errors="replace")
    if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", text):
        yield bytes.fromhex(text)
    stripped = text.rstrip("=")
    for decode, block, form in (
        (base64.b64decode, 4, stripped),
        (base64.urlsafe_b64decode, 4, stripped),
        (base64.b32decode, 8, stripped.upper()),
    ):
        try:
            yield decode(form + "=" * (-len(form) % block))
        except (binascii.Error, ValueError):
            continue


def _lines(file: Path) -> list[dict]:
    if not file.exists():
        raise Failed(f"{file.name} was not written")
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
