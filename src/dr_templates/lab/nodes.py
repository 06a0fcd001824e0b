"""Servers as data: the room they stand in, and what each of them is."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dr_templates.lab.clock import Clock
from dr_templates.lab.defaults import INNER_PORT
from dr_templates.lab.lines import Roads
from dr_templates.lab.software import Software

SOCKET = f".s.PGSQL.{INNER_PORT}"


@dataclass(frozen=True)
class Room:
    """A directory, a shorter path to it, its programs, its open doors, the password of its own two roles, its clock.

    Its roads lead to its servers: clients to their doors, replicas to their sources.
    """

    root: Path
    software: Software
    doors: dict[Path, Callable[[], None]] = field(default_factory=dict, repr=False)
    password: str = field(default_factory=secrets.token_urlsafe, repr=False)
    sockets: Path | None = None
    clock: Clock = field(default_factory=lambda: Clock(0.0))
    roads: Roads = field(default_factory=Roads, repr=False)


@dataclass(frozen=True)
class Node:
    """One server: its place in the room, its address, its key and certificate, its settings.

    ``trusted`` names the roles let in with any password: RDS checks an IAM token there, which only AWS can (A43). So
    are members of ``rds_iam`` when ``tokens_except`` names the master user, who alone of them keeps its password.
    """

    room: Room
    name: str
    host: str
    port: int
    pem: str = field(repr=False)
    settings: Mapping[str, str] = field(default_factory=dict)
    trusted: tuple[str, ...] = ()
    tokens_except: str | None = None

    @property
    def home(self) -> Path:
        """Holds data, log, socket and certificate."""
        return self.room.root / self.name

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.home / "log"

    @property
    def socket(self) -> Path:
        """The unix socket, the only place the server itself listens on."""
        return (self.room.sockets or self.room.root) / self.name / SOCKET


@dataclass(frozen=True)
class Master:
    """The master user RDS would make, and the first database."""

    user: str
    password: str = field(repr=False)
    database: str
