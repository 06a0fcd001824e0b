"""A primary and its replica, a name that is moved by hand, and clients at two places."""

import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dr_templates.drill.ledger.pool import Pace
from dr_templates.drill.ledger.table import Row, fetch_rows, prepare
from dr_templates.drill.ledger.way import Bounds, Login, Session, Way, connect
from dr_templates.lab import postgres
from dr_templates.lab.certificates import Authority, issue, make_authority
from dr_templates.lab.postgres import Master, Node, Room
from dr_templates.lab.software import find

MASTER = Master("orders_admin", "Master-Password-1", "orders")
NAME = "orders.db.internal"
HOME, AWAY = "127.41.0.10", "127.42.0.10"
SOURCES = {"us-east-1": "127.41.0.240", "eu-west-1": "127.42.0.240"}


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not become true in time"
        time.sleep(0.05)


@dataclass
class Stage:
    """Two servers, and the address the name has at present."""

    room: Room
    authority: Authority
    trusted: Path
    address: str = HOME
    port: int = field(default_factory=lambda: postgres.free_port(HOME))

    def node(self, name: str, host: str) -> Node:
        return Node(self.room, name, host, self.port, issue(self.authority, host), {"max_connections": "40"})

    def primary(self, name: str = "home", host: str = HOME) -> Node:
        node = postgres.create_primary(self.node(name, host), MASTER)
        session = self.session(host)
        prepare(session)
        session.close()
        return node

    def replica(self, source: Node) -> Node:
        node = postgres.create_replica(self.node("away", AWAY), source)
        until(lambda: postgres.sql(node, "SELECT status FROM pg_stat_wal_receiver") == [["streaming"]])
        return node

    def resolve(self, name: str) -> str:
        known = {NAME: self.address, "home": HOME, "away": AWAY}
        if name not in known:
            raise OSError(name)
        return known[name]

    @property
    def ways(self) -> list[Way]:
        return [Way(place, source, self.resolve) for place, source in SOURCES.items()]

    def login(self, name: str = NAME) -> Login:
        return Login(name, self.port, MASTER.database, MASTER.user, MASTER.password, self.trusted)

    def session(self, address: str) -> Session:
        return connect(self.ways[0], self.login(), address, Bounds())

    def rows(self, address: str) -> tuple[Row, ...]:
        session = self.session(address)
        try:
            return fetch_rows(session)
        finally:
            session.close()


@pytest.fixture(scope="session")
def authority() -> Authority:
    return make_authority()


@pytest.fixture
def stage(authority: Authority, tmp_path: Path) -> Iterator[Stage]:
    trusted = tmp_path / "ca.pem"
    trusted.write_text(authority.pem)
    with postgres.open_room(find(os.environ)) as room:
        yield Stage(room, authority, trusted)


@pytest.fixture
def pace() -> Pace:
    return Pace(workers=3, rate=40, bounds=Bounds(connect=1.0, statement=1.0))


@pytest.fixture
def chance() -> Callable[[], float]:
    return random.Random(5).random  # noqa: S311 - it only spreads the clients in time
