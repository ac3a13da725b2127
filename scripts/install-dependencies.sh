#!/usr/bin/env bash
# Installs missing packages on Debian or Ubuntu. Does nothing, and asks for nothing, when everything is there.
#
#   scripts/install-dependencies.sh run     to build and to open the window
#   scripts/install-dependencies.sh test    to build and to run every test without a screen
#   scripts/install-dependencies.sh wayland to build and to share a headless Wayland desktop
#   scripts/install-dependencies.sh deny    to check the dependencies
set -euo pipefail
cd "$(dirname "$0")/.."

build=(build-essential perl pkg-config cmake clang libclang-dev nasm
    libasound2-dev libpipewire-0.3-dev libudev-dev libwayland-dev libxkbcommon-dev)
window=(mesa-vulkan-drivers libvulkan1 libxkbcommon-x11-0 libxi6 libxcursor1 libxrandr2)
headless=(xvfb xauth)
wayland=(sway swaybg foot pipewire wireplumber xdg-desktop-portal xdg-desktop-portal-wlr dbus python3)
laboratory=(iproute2 iptables python3)

case "${1:-}" in
    run) wanted=("${build[@]}" "${window[@]}") ;;
    test) wanted=("${build[@]}" "${window[@]}" "${headless[@]}" "${laboratory[@]}") ;;
    wayland) wanted=("${build[@]}" "${wayland[@]}") ;;
    deny) wanted=("${build[@]}") ;;
    *)
        sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
esac

say() { printf '== %s\n' "$*" >&2; }
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "this needs root, and there is no sudo. As root, run: $*"
    fi
}

# apt_install PACKAGE...: the lists are fetched only when something is to be installed.
apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@"
}

install_packages() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        [ "$(uname -s)" = Linux ] || return 0 # Windows and macOS bring what the crates need with their SDKs.
        say "this is neither Debian nor Ubuntu, so nothing was installed; the build needs the contents of these packages:"
        say "${wanted[*]}"
        [ -n "${INCAMERA_DEPENDENCIES_ARE_THERE:-}" ] && return 0
        fail "install them in the way of this system, then run: INCAMERA_DEPENDENCIES_ARE_THERE=1 make $1"
    fi
    local lacking=() package
    for package in "${wanted[@]}"; do
        dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || lacking+=("$package")
    done
    [ ${#lacking[@]} -eq 0 ] && return 0
    say "installing ${lacking[*]}"
    apt_install "${lacking[@]}"
}

# The oldest compiler that builds the workspace, as Cargo.toml says.
needed_rust() { sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml; }

have_rust() {
    command -v cargo >/dev/null || return 1
    local found
    found=$(cargo --version | cut -d' ' -f2)
    [ "$(printf '%s\n%s\n' "$(needed_rust)" "${found%%-*}" | sort -V | head -n1)" = "$(needed_rust)" ]
}

# From the Rust project's own server, checked against the digest that lies beside it.
install_rustup() {
    local host=https://static.rust-lang.org/rustup/dist target folder
    case "$(uname -m)" in
        x86_64) target=x86_64-unknown-linux-gnu ;;
        aarch64 | arm64) target=aarch64-unknown-linux-gnu ;;
        *) return 1 ;;
    esac
    if ! command -v curl >/dev/null && command -v apt-get >/dev/null; then
        apt_install curl ca-certificates
    fi
    folder=$(mktemp -d)
    if (
        cd "$folder"
        mkdir -p "target/$target/release"
        curl --proto '=https' --tlsv1.2 -fsS --retry 2 -O "$host/$target/rustup-init"
        curl --proto '=https' --tlsv1.2 -fsS --retry 2 "$host/$target/rustup-init.sha256" |
            awk '{ print $1 "  rustup-init" }' | sha256sum --check --quiet
        chmod +x rustup-init
        ./rustup-init -y --no-modify-path --profile minimal --component rustfmt,clippy --default-toolchain "$(needed_rust)"
    ); then
        rm -rf "$folder"
    else
        rm -rf "$folder"
        return 1
    fi
}

install_rust() {
    have_rust && return 0
    local how="install Rust $(needed_rust) or newer with rustup (https://rustup.rs), with rustfmt and clippy"
    if command -v rustup >/dev/null; then
        fail "this Rust is older than $(needed_rust). Run: rustup update stable && rustup default stable"
    fi
    [ "$(uname -s)" = Linux ] || fail "$how"
    say "installing Rust with rustup, for this user only"
    install_rustup || fail "rustup could not be fetched: $how"
    hash -r
    have_rust || fail "rustup was installed, but another cargo comes first: put ~/.cargo/bin first in PATH"
}

# Kept outside the clone and outside every target folder, so that it is built once.
install_cargo_deny() {
    local tools=${INCAMERA_TOOLS:-$HOME/.cache/incamera/tools}
    PATH="$tools/bin:$PATH" cargo deny --version >/dev/null 2>&1 && return 0
    say "installing cargo-deny into $tools"
    env -u CARGO_TARGET_DIR cargo install --locked --root "$tools" cargo-deny
}

install_packages "$1"
install_rust
[ "$1" != deny ] || install_cargo_deny
