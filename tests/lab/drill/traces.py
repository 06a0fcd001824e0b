"""What a lab can leave on a machine: processes, directories, links, and sockets that listen."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
TABLES = ("tcp", "tcp6", "udp", "udp6")
LISTENING, UNCONNECTED = "0A", "07"
"""States in the kernel's tables of a TCP socket that listens, and of a UDP socket that takes packets from anybody."""

Place = tuple[str, str, int]
"""Table, address and port of a socket that others can reach."""


def owned(room: Path) -> set[int]:
    """Give the processes that have to do with a directory: by their words, their environment, or where they work."""
    ours = os.fsencode(room)
    return {pid for pid in _pids() if pid != os.getpid() and any(ours in said for said in _said(pid))}


def reachable(pids: set[int]) -> set[Place]:
    """Give the sockets of these processes that others can reach."""
    held = {inode for pid in pids for inode in _inodes(pid)}
    return {place for inode, place in _open().items() if inode in held}


def all_reachable() -> set[Place]:
    """Give every socket on this machine that others can reach."""
    return set(_open().values())


def loopback(place: Place) -> bool:
    """Say whether only this machine can reach a socket."""
    return ipaddress.ip_address(place[1]).is_loopback


def links(room: Path) -> list[Path]:
    """Give the links in /tmp that lead into a directory."""
    found = [path for path in Path("/tmp").iterdir() if path.is_symlink()]  # noqa: S108 - where the lab makes them
    return [path for path in found if room in path.readlink().parents]


def _pids() -> Iterator[int]:
    return (int(one.name) for one in PROC.iterdir() if one.name.isdecimal())


def _said(pid: int) -> Iterator[bytes]:
    for name in ("cmdline", "environ"):
        try:
            yield (PROC / str(pid) / name).read_bytes()
        except OSError:  # ended meanwhile, or another user's
            continue
    try:
        yield os.fsencode((PROC / str(pid) / "cwd").readlink())
    except OSError:
        return


def _inodes(pid: int) -> Iterator[str]:
    try:
        descriptors = [*(PROC / str(pid) / "fd").iterdir()]
    except OSError:
        return
    for one in descriptors:
        try:
            to = str(one.readlink())
        except OSError:  # closed meanwhile
            continue
        if to.startswith("socket:["):
            yield to.removeprefix("socket:[").removesuffix("]")


def _open() -> dict[str, Place]:
    found: dict[str, Place] = {}
    for table in TABLES:
        for line in (PROC / "net" / table).read_text().splitlines()[1:]:
            _, local, _, state, *rest = line.split()
            if state == (LISTENING if table.startswith("tcp") else UNCONNECTED):
                address, port = local.split(":")
                found[rest[5]] = (table, _address(address), int(port, 16))
    return found


def _address(told: str) -> str:
    """Read an address as the kernel shows it: words of four bytes, each with its last byte first."""
    packed = b"".join(bytes.fromhex(told[place : place + 8])[::-1] for place in range(0, len(told), 8))
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)
