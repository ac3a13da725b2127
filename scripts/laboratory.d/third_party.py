"""What somebody knows who runs every relay and every node of the DHT: searched for what they must not know."""

import base64
import ipaddress
import json
from pathlib import Path

from processes import Failed


def search(folder: Path, words: list[str], addresses: list[str]) -> str:
    """Searches what relays and nodes wrote down for people's words, and the DHT's values for their addresses.

    Returns what there was to search. Raises `Failed` when there is something, or when nothing was written down.
    """
    stored = _lines(folder / "dht.jsonl")
    values = [bytes.fromhex(line["value"]) for line in stored if line.get("value")]
    for value in values:
        for address in addresses:
            if address.encode() in value or ipaddress.ip_address(address).packed in value:
                raise Failed("an address stands in the DHT in the clear")
    logs = sorted(folder.glob("relay*.jsonl"))
    haystack = [*values, *(log.read_bytes() for log in logs), json.dumps(stored).encode()]
    for word in words:
        for form in (word.encode(), word.encode().hex().encode(), base64.b64encode(word.encode()).rstrip(b"=")):
            if any(form in hay for hay in haystack):
                raise Failed("a name or a secret stands in the DHT or in a relay's log")
    items = {line["target"] for line in stored if line["kind"].startswith("put")}
    seen = sum(1 for log in logs for line in _lines(log) if line["event"] == "connected")
    return f"the DHT got {len(items)} items, the relays {seen} connections"


def _lines(file: Path) -> list[dict]:
    if not file.exists():
        raise Failed(f"{file.name} was not written")
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
