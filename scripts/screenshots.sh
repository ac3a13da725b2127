#!/usr/bin/env bash
# Takes the pictures in docs/ from the real window, without a screen: a live demo room, dark, light and in French.
set -euo pipefail
cd "$(dirname "$0")/.."

incamera="${CARGO_TARGET_DIR:-target}/debug/incamera"
cargo build --locked --workspace --bins --features incamera/scenes
mkdir -p docs

# shot FILE SECONDS ARGUMENT...
shot() {
    local file=$1 after=$2
    shift 2
    scripts/headless.sh "$incamera" "$@" --network local --screenshot "docs/$file" --after "$after"
    [ -s "docs/$file" ] || { echo "error: docs/$file was not written" >&2; exit 1; }
    echo "docs/$file"
}

shot start.png 3 --keep-nothing
shot lobby.png 4 --screen lobby --name Ada --camera test --microphone test
shot room.png 12 demo --name Ada --language en
shot room-light.png 12 demo --name Ada --theme light --language fr
# These are filled by the scripted engine of the tests, because contacts with a history cannot be made in a moment.
for scene in home ringing invite network; do
    shot "$scene.png" 4 --scene "$scene"
done
