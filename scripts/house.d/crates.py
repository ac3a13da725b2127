"""The crates of the workspace, from the bottom up: which other ones a crate may know. Tests may know more."""

import tomllib
from pathlib import Path

# What each crate depends on. A crate that stands in no row may depend on any.
ALLOWED = {
    "content": set(),
    "group-crypto": set(),
    "media": set(),
    "engine": {"content", "group-crypto", "media"},
    "incamera": {"engine"},
    "peer": {"engine", "media"},
}


def arrows(root: Path):
    """Each dependency of one crate on another that is not allowed: the manifest, and the name."""
    manifests = {}
    workspace = tomllib.loads((root / "Cargo.toml").read_text(encoding="utf-8"))
    for member in workspace.get("workspace", {}).get("members", []):
        path = f"{member}/Cargo.toml"
        manifest = tomllib.loads((root / path).read_text(encoding="utf-8"))
        manifests[manifest["package"]["name"]] = path, manifest
    for name, (path, manifest) in manifests.items():
        for other in sorted(dependencies(manifest) & set(manifests) - {name}):
            if name in ALLOWED and other not in ALLOWED[name]:
                yield path, other


def dependencies(manifest: dict) -> set[str]:
    """The names of all packages that the library or program itself needs, on whatever system."""
    tables = [manifest, *manifest.get("target", {}).values()]
    lists = [table.get(kind, {}) for table in tables for kind in ("dependencies", "build-dependencies")]
    return {entry.get("package", name) if isinstance(entry, dict) else name for entries in lists for name, entry in entries.items()}
