"""Clients write through a moving name to real servers, and their book is held against what the servers have."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.lab.ledger.conftest import AWAY, HOME, SOURCES, Stage, until

from dr_templates.drill.ledger.book import Kind, read_book
from dr_templates.drill.ledger.count import count
from dr_templates.drill.ledger.outage import longest_outage, outages, two_writers, writer_turns
from dr_templates.drill.ledger.pool import Pace, Pool, open_pool
from dr_templates.drill.ledger.table import Row
from dr_templates.drill.ledger.way import FAULTS, Bounds, Way, connect, why
from dr_templates.errors import DrError
from dr_templates.lab import postgres
from dr_templates.lab.certificates import make_authority
from dr_templates.lab.postgres import Node

SLOW_COMMIT = """
    CREATE FUNCTION drill.linger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON drill.ledger DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION drill.linger()
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return tmp_path / "book"


@pytest.fixture
def pool(stage: Stage, book: Path, pace: Pace, chance: Callable[[], float]) -> Iterator[Pool]:
    with open_pool(book, stage.ways, stage.login(), clock=time.time, chance=chance, pace=pace) as pool:
        yield pool


def more(pool: Pool, number: int = 20) -> None:
    """Wait until so many more commits have been acknowledged."""
    aim = pool.tally().acknowledged + number
    until(lambda: pool.tally().acknowledged >= aim)


def at_commit(node: Node, body: str) -> None:
    """Have every commit do something before it is one."""
    postgres.sql(node, SLOW_COMMIT.format(body=body), "orders")


def cut_link(primary: Node, replica: Node) -> None:
    """Let the replica have all there is, and nothing that comes after."""
    lsn = postgres.sql(primary, "SELECT pg_current_wal_lsn()")[0][0]
    replayed = "SELECT pg_last_wal_replay_lsn() >= CAST(:lsn AS pg_lsn)"
    until(lambda: postgres.sql(replica, replayed, lsn=lsn) == [[True]])
    postgres.sql(replica, "ALTER SYSTEM SET primary_conninfo = ''")
    postgres.sql(replica, "SELECT pg_reload_conf()")
    until(lambda: not postgres.sql(replica, "SELECT 1 FROM pg_stat_wal_receiver"))


def test_all_that_was_acknowledged_is_there_and_nothing_else(stage: Stage, pool: Pool, book: Path, pace: Pace) -> None:
    stage.primary()
    pool.start()
    more(pool, 60)
    pool.stop()
    entries = read_book(book)
    counted = count(entries, stage.rows(HOME))
    assert counted.acknowledged == counted.present == pool.tally().acknowledged >= 60
    assert (counted.lost, counted.doubtful_present, counted.refused_present, counted.strangers) == (0, 0, 0, 0)
    workers = {entry.worker for entry in entries if entry.kind is Kind.ACKNOWLEDGED}
    assert workers == {f"{place}/{index}" for place in SOURCES for index in range(pace.workers)}
    assert set(outages(entries)) == set(SOURCES)


def test_clients_come_from_the_address_of_their_place(stage: Stage, pool: Pool, pace: Pace) -> None:
    home = stage.primary()
    pool.start()
    more(pool)
    names = postgres.sql(home, "SELECT application_name, count(*) FROM pg_stat_activity WHERE usename = 'orders_admin' "
                         "GROUP BY 1 ORDER BY 1")  # fmt: skip
    assert names == [[f"ledger {place}", pace.workers] for place in sorted(SOURCES)]


def test_a_known_loss_is_reported_as_exactly_that(stage: Stage, pool: Pool, book: Path) -> None:
    home = stage.primary()
    away = stage.replica(home)
    pool.start()
    more(pool)
    pool.hold()
    cut_link(home, away)
    pool.write(7)
    postgres.kill(home)
    killed = time.time()
    pool.go_on()
    time.sleep(0.5)
    postgres.promote(away)
    stage.address = AWAY
    more(pool)
    back = time.time()
    pool.stop()

    entries = read_book(book)
    counted = count(entries, stage.rows(AWAY))
    assert counted.lost == 7
    assert counted.present == counted.acknowledged - 7
    assert (counted.refused_present, counted.strangers) == (0, 0)
    held, freed = (next(entry.at for entry in entries if entry.kind is kind) for kind in (Kind.HELD, Kind.FREED))
    last = {(one.worker, one.number) for one in entries if one.kind is Kind.ACKNOWLEDGED and held < one.at < freed}
    assert set(counted.lost_numbers) == last

    outage = longest_outage(entries)
    assert outage is not None
    assert outage.over
    assert killed <= outage.begin < outage.end <= back
    assert outage.seconds >= 0.5
    [turn] = writer_turns(entries)
    assert (turn.before, turn.after, turn.back) == (HOME, AWAY, False)
    assert two_writers(entries) == ()


def test_commits_without_an_answer_are_doubtful_and_told_apart_at_the_end(stage: Stage, pool: Pool, book: Path) -> None:
    home = stage.primary()
    at_commit(home, "PERFORM pg_sleep(0.5)")
    pool.start()

    def lost(cut: Callable[[], None]) -> None:
        known = pool.tally()
        until(lambda: len([one for one in read_book(book) if one.kind is Kind.SENT]) > sum(fates()))
        cut()
        until(lambda: pool.tally().doubtful > known.doubtful)

    def fates() -> tuple[int, ...]:
        tally = pool.tally()
        return tally.acknowledged, tally.doubtful

    lost(lambda: postgres.close_door(home))
    time.sleep(0.7)
    survivors = count(read_book(book), _as_superuser(home))
    assert survivors.doubtful_present > 0
    postgres.open_door(home)
    more(pool, 3)
    lost(lambda: postgres.kill(home))
    pool.stop()
    postgres.start(home)
    counted = count(read_book(book), stage.rows(HOME))
    assert counted.doubtful_present >= survivors.doubtful_present
    assert counted.doubtful_absent > survivors.doubtful_absent
    assert counted.doubtful_present + counted.doubtful_absent == pool.tally().doubtful
    assert (counted.lost, counted.refused_present, counted.strangers) == (0, 0, 0)


def test_commits_that_the_database_refuses_are_not_there(stage: Stage, pool: Pool, book: Path) -> None:
    home = stage.primary()
    at_commit(home, "IF NEW.number % 2 = 0 THEN RAISE EXCEPTION 'not this one'; END IF")
    pool.start()
    more(pool)
    pool.stop()
    entries = read_book(book)
    counted = count(entries, stage.rows(HOME))
    assert (counted.lost, counted.refused_present, counted.doubtful_present, counted.strangers) == (0, 0, 0, 0)
    refused = [entry for entry in entries if entry.kind is Kind.REFUSED]
    assert {(entry.number % 2, entry.sqlstate, entry.why) for entry in refused} == {(0, "P0001", "not this one")}


def test_held_clients_write_nothing_but_what_they_are_told_to(stage: Stage, pool: Pool) -> None:
    home = stage.primary()
    at_commit(home, "IF NEW.number % 2 = 0 THEN RAISE EXCEPTION 'not this one'; END IF")
    pool.start()
    more(pool)
    pool.hold()
    at_first = len(stage.rows(HOME))
    for number in (1, 13, 0):
        before = len(stage.rows(HOME))
        pool.write(number)
        assert len(stage.rows(HOME)) == before + number
    time.sleep(0.3)
    assert len(stage.rows(HOME)) == at_first + 14
    pool.go_on()
    more(pool)


def test_writing_a_number_of_commits_fails_when_the_database_takes_none(stage: Stage, pool: Pool) -> None:
    home = stage.primary()
    pool.start()
    more(pool)
    pool.hold()
    postgres.kill(home)
    with pytest.raises(DrError, match="0 of 4 commits"):
        pool.write(4, patience=0.5)
    postgres.start(home)
    before = len(stage.rows(HOME))
    time.sleep(0.7)
    assert len(stage.rows(HOME)) == before
    pool.write(4)
    assert len(stage.rows(HOME)) == before + 4


def test_clients_of_a_replica_write_once_it_is_promoted(stage: Stage, pool: Pool, book: Path) -> None:
    away = stage.replica(stage.primary())
    stage.address = AWAY
    pool.start()
    until(lambda: pool.tally().refused > 5)
    assert pool.tally().acknowledged == 0
    postgres.promote(away)
    more(pool)
    pool.stop()
    assert {one.sqlstate for one in read_book(book) if one.kind is Kind.REFUSED} == {"25006"}


def test_two_databases_that_take_writes_by_turns_are_found(
    stage: Stage, book: Path, pace: Pace, chance: Callable[[], float]
) -> None:
    postgres.promote(stage.replica(stage.primary()))
    where = dict(zip(SOURCES, (HOME, AWAY), strict=True))
    ways = [Way(way.place, way.source, lambda _, place=way.place: where[place]) for way in stage.ways]
    with open_pool(book, ways, stage.login(), clock=time.time, chance=chance, pace=pace) as pool:
        pool.start()
        more(pool)
    found = two_writers(read_book(book))
    assert found
    assert {turn.after for turn in found} <= {HOME, AWAY}


def test_a_server_whose_certificate_is_not_trusted_gets_no_password(stage: Stage, pool: Pool, book: Path) -> None:
    stage.primary()
    stage.trusted.write_text(make_authority("another").pem)
    pool.start()
    until(lambda: pool.tally().unconnected > 3)
    pool.stop()
    kept_out = [entry for entry in read_book(book) if entry.kind is Kind.UNCONNECTED]
    assert all("certificate verify failed" in entry.why and entry.address == HOME for entry in kept_out)
    assert pool.tally().acknowledged == pool.tally().refused == 0


def test_a_login_that_is_refused_leaves_no_socket_behind(stage: Stage) -> None:
    stage.primary()
    before = _descriptors()
    login = replace(stage.login(), user="nobody_known")
    with pytest.raises(FAULTS) as caught:
        connect(stage.ways[0], login, HOME, Bounds())
    until(lambda: _descriptors() <= before)
    assert why(caught.value)[1] == "28P01"


def test_a_name_that_is_not_resolved_is_written_down(
    stage: Stage, book: Path, pace: Pace, chance: Callable[[], float]
) -> None:
    login = stage.login("nowhere.db.internal")
    with open_pool(book, stage.ways, login, clock=time.time, chance=chance, pace=pace) as pool:
        pool.start()
        until(lambda: pool.tally().unconnected > 3)
    kept_out = [entry for entry in read_book(book) if entry.kind is Kind.UNCONNECTED]
    assert {(entry.why, entry.address) for entry in kept_out} == {("nowhere.db.internal", "")}


def test_stopping_does_not_wait_for_a_database_that_does_not_answer(
    stage: Stage, book: Path, pace: Pace, chance: Callable[[], float]
) -> None:
    home = stage.primary()
    at_commit(home, "PERFORM pg_sleep(60)")
    pace = replace(pace, bounds=Bounds(connect=3, statement=120))
    with open_pool(book, stage.ways, stage.login(), clock=time.time, chance=chance, pace=pace) as pool:
        pool.start()
        until(lambda: len([one for one in read_book(book) if one.kind is Kind.SENT]) == 2 * pace.workers)
        begun = time.monotonic()
        pool.stop(patience=0.1)
        assert time.monotonic() - begun < 10
    assert pool.tally().doubtful == 2 * pace.workers
    outage = longest_outage(read_book(book))
    assert outage is not None
    assert not outage.over


def test_a_client_that_is_killed_has_all_it_was_told_in_its_book_and_another_goes_on(
    stage: Stage, book: Path, pace: Pace, chance: Callable[[], float]
) -> None:
    stage.primary()
    with _another_process(stage, book) as client:
        until(lambda: book.exists() and sum(one.kind is Kind.ACKNOWLEDGED for one in read_book(book)) > 40)
        os.kill(client.pid, signal.SIGKILL)
    first = count(read_book(book), stage.rows(HOME))
    assert first.acknowledged > 40
    assert (first.lost, first.refused_present, first.strangers) == (0, 0, 0)
    book.write_bytes(book.read_bytes() + b'{"kind":"acknowledged","at":17')
    with open_pool(book, stage.ways, stage.login(), clock=time.time, chance=chance, pace=pace) as pool:
        pool.start()
        more(pool)
    second = count(read_book(book), stage.rows(HOME))
    assert second.acknowledged >= first.acknowledged + 20
    assert pool.tally().refused == 0
    assert (second.lost, second.refused_present, second.strangers) == (0, 0, 0)


def test_clients_stop_when_their_book_cannot_be_written(stage: Stage, book: Path) -> None:
    stage.primary()
    with _another_process(stage, book, limit=8000) as client:
        _, errors = client.communicate(timeout=30)
    assert b"DrError: the ledger's book cannot be written: [Errno 27] File too large" in errors
    assert 7000 < book.stat().st_size <= 8000
    counted = count(read_book(book), stage.rows(HOME))
    assert counted.acknowledged > 10
    assert (counted.lost, counted.refused_present, counted.strangers) == (0, 0, 0)


CLIENT = """
import random, resource, sys, time
from pathlib import Path
from dr_templates.drill.ledger.pool import Pace, open_pool
from dr_templates.drill.ledger.way import Login, Way
book, source, address, port, password, trusted, limit = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
login = Login("name", int(port), "orders", "orders_admin", password, Path(trusted))
ways = [Way("us-east-1", source, lambda name: address)]
with open_pool(Path(book), ways, login, clock=time.time, chance=random.random, pace=Pace(rate=200)) as pool:
    pool.start()
    while True:
        time.sleep(0.2)
        pool.write(0)
        pool.go_on()
"""


@contextlib.contextmanager
def _another_process(stage: Stage, book: Path, limit: int = 10**8) -> Iterator[subprocess.Popen[bytes]]:
    login = stage.login()
    told = (book, SOURCES["us-east-1"], HOME, str(login.port), login.password, login.authority, str(limit))
    with subprocess.Popen([sys.executable, "-c", CLIENT, *told], stderr=subprocess.PIPE) as client:
        try:
            yield client
        finally:
            client.kill()


def _descriptors() -> int:
    """Count this process's, of which the servers' doors have some too."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def _as_superuser(node: Node) -> list[Row]:
    rows = postgres.sql(node, "SELECT worker, number, address FROM drill.ledger", "orders")
    return [Row(*row) for row in rows]
