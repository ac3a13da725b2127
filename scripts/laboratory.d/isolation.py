"""A corner of this machine that is cut off from its network, and that ends with the process in it.

Everything runs in namespaces of its own: network, so that there is no interface to the real machine; processes, so that
the system itself ends all of them when the first one ends, however that comes; mounts, so that nothing has to be put
back.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

INSIDE = "INCAMERA_LABORATORY_INSIDE"
_NEW = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
_AS_ROOT_OF_ONES_OWN = ["--user", "--map-root-user"]
# A name server in the laboratory's networks that nobody serves: a question for it is counted, and answered by nobody.
NAME_SERVER = "198.18.0.53"


class NotPermitted(Exception):
    """The system refuses what the laboratory is made of; the text says what."""


def is_inside() -> bool:
    return INSIDE in os.environ


def enter(command: list[str]) -> int:
    """Runs a command inside, and returns its exit status. Ends it when told to end."""
    flags = _flags()
    # Debian keeps `ip` and `iptables` where only root looks for programs.
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    child = subprocess.Popen([*flags, *command], env={**os.environ, "PATH": path, INSIDE: "1"})

    def end(*_):
        # Nobody is left: unshare ends its child, and the system all of the child's processes.
        child.kill()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    status = child.wait()
    return status if status >= 0 else 130


def _flags() -> list[str]:
    why = "there is no unshare"
    for flags in (_NEW, [*_NEW, *_AS_ROOT_OF_ONES_OWN]):
        try:
            done = subprocess.run([*flags, "true"], capture_output=True, text=True, check=False)
        except FileNotFoundError:
            break
        if done.returncode == 0:
            return flags
        why = done.stderr.strip()
    raise NotPermitted(why)


def furnish() -> None:
    """Once inside: makes room for network namespaces, and shows that everything can be had that a network needs."""
    if interfaces := sorted(set(os.listdir("/sys/class/net")) & set(_interfaces()) - {"lo"}):
        raise NotPermitted(f"there are interfaces where there should be none: {', '.join(interfaces)}")
    trial = [
        ["mount", "-t", "tmpfs", "tmpfs", "/run"],
        ["ip", "netns", "add", "trial"],
        ["ip", "-n", "trial", "link", "add", "name", "one", "type", "veth", "peer", "name", "two"],
        ["ip", "-n", "trial", "link", "add", "name", "bridge", "type", "bridge"],
        ["ip", "netns", "exec", "trial", "iptables", "-t", "nat", "-A", "POSTROUTING", "-p", "udp", "-j", "MASQUERADE",
         "--random-fully"],
        ["ip", "netns", "exec", "trial", "iptables", "-A", "FORWARD", "-m", "conntrack", "--ctstate", "ESTABLISHED",
         "-j", "ACCEPT"],
        ["ip", "netns", "exec", "trial", "ip6tables", "-A", "OUTPUT", "-j", "DROP"],
        ["ip", "netns", "del", "trial"],
    ]
    for command in trial:
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise NotPermitted(f"there is no {command[0]}") from None
        if done.returncode != 0:
            raise NotPermitted(f"{' '.join(command)}: {done.stderr.strip()}")
    names = Path("/run/resolv.conf")
    names.write_text(f"nameserver {NAME_SERVER}\n", encoding="ascii")
    done = subprocess.run(["mount", "--bind", str(names), "/etc/resolv.conf"], capture_output=True, check=False)
    if done.returncode != 0:
        print("laboratory: /etc/resolv.conf stays; questions to its name server would count as going outside",
              file=sys.stderr)


def _interfaces() -> list[str]:
    lines = Path("/proc/net/dev").read_text(encoding="ascii").splitlines()[2:]
    return [line.split(":")[0].strip() for line in lines]
