"""The sampler beside real servers: who takes writes, whom the name means, and what that proves."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pg8000.native
import pytest
from tests.lab.ledger.conftest import AWAY, HOME, SOURCES, Stage, until

from dr_templates.drill.judge import double_writable, wrong_name
from dr_templates.drill.sampler import Sample, Watch, sampling
from dr_templates.lab import postgres, processes
from dr_templates.lab.postgres import ADMIN, Node

ADDRESSES = {"home": HOME, "away": AWAY}
STANCES: dict[str, bool | None] = {"home": False, "away": True}

Samples = list[Sample]


@pytest.fixture
def watch(stage: Stage) -> Watch:
    databases = {f"the-{name}": stage.login(name) for name in ADDRESSES}

    def look(_: str) -> tuple[str, str]:
        if stage.address not in ADDRESSES.values():
            raise OSError(stage.address)
        return next((name, address) for name, address in ADDRESSES.items() if address == stage.address)

    def stances() -> Mapping[str, bool | None]:
        return {f"the-{name}": replica for name, replica in STANCES.items()}

    return Watch(stage.ways, databases, look, stances, time.time)


def everywhere(samples: Samples, home: bool | None, away: bool | None) -> Callable[[], bool]:
    """Tell whether all places agree on that in the newest sample."""
    wanted = {place: {"the-home": home, "the-away": away} for place in SOURCES}
    return lambda: bool(samples) and samples[-1].writable == wanted


def test_a_well_pair_has_one_database_that_takes_writes_and_the_name_at_it(stage: Stage, watch: Watch) -> None:
    home = stage.primary()
    stage.replica(home)
    samples: Samples = []
    with sampling(watch, samples.append):
        until(everywhere(samples, home=True, away=False))
        first = len(samples)
        until(lambda: len(samples) > first + 10)
    assert samples[-1].name == dict.fromkeys(SOURCES, "the-home")
    assert samples[-1].stances == {"the-home": False, "the-away": True}
    assert {one.database for sample in samples for one in sample.accepted} == {"the-home"}
    assert all(one.sent <= one.answered for sample in samples for one in sample.accepted)
    assert postgres.sql(home, "SELECT place, writes > 10 FROM drill.sample ORDER BY place", "orders") == [
        [place, True] for place in sorted(SOURCES)
    ]
    assert double_writable(samples) == 0
    assert wrong_name(samples) == ()


def test_two_open_primaries_count_and_one_that_is_closed_counts_no_more(stage: Stage, watch: Watch) -> None:
    home = stage.primary()
    away = stage.replica(home)
    samples: Samples = []
    with sampling(watch, samples.append):
        until(everywhere(samples, home=True, away=False))
        postgres.promote(away)
        until(everywhere(samples, home=True, away=True))
        postgres.close_door(home)
        until(everywhere(samples, home=False, away=True))
        closed = len(samples)
        until(lambda: len(samples) > closed + 5)
    both = sum(len({one.database for one in sample.accepted}) == 2 for sample in samples)
    assert double_writable(samples) >= both > 0
    assert double_writable(samples[closed:]) == 0


def test_a_move_that_leaves_one_open_at_a_time_counts_nothing(stage: Stage, watch: Watch) -> None:
    home = stage.primary()
    away = stage.replica(home)
    samples: Samples = []
    with sampling(watch, samples.append):
        until(everywhere(samples, home=True, away=False))
        postgres.close_door(home)
        until(everywhere(samples, home=False, away=False))
        time.sleep(0.2)
        postgres.promote(away)
        stage.address = AWAY
        until(everywhere(samples, home=False, away=True))
        postgres.open_door(home)
        until(everywhere(samples, home=True, away=True))
    old = next(index for index, one in enumerate(samples) if one.writable["us-east-1"]["the-home"] is False)
    back = next(index for index, one in enumerate(samples[old:], old) if True in _of(one, "the-home"))
    assert double_writable(samples[:back]) == 0
    assert double_writable(samples) > 0


def test_a_name_at_a_replica_or_a_fenced_database_is_wrong_while_another_takes_writes(
    stage: Stage, watch: Watch
) -> None:
    home = stage.primary()
    stage.replica(home)
    samples: Samples = []
    with sampling(watch, samples.append):
        until(everywhere(samples, home=True, away=False))
        stage.address = AWAY
        until(lambda: samples[-1].name == dict.fromkeys(SOURCES, "the-away"))
        at = len(samples)
        postgres.close_door(home)
        until(everywhere(samples, home=False, away=False))
        nothing = len(samples)
        until(lambda: len(samples) > nothing + 3)
        stage.address = "nowhere"
        until(lambda: samples[-1].name == dict.fromkeys(SOURCES))
    wrong = wrong_name(samples)
    assert {(one.place, one.target, one.writable) for one in wrong} == {
        (place, "the-away", "the-home") for place in SOURCES
    }
    assert wrong[0].at <= samples[at - 1].at
    assert wrong[0].seconds > 0
    assert wrong_name(samples[nothing:]) == ()


@pytest.mark.parametrize("hindered", [pytest.param(name, id=name) for name in ("locked", "stopped")])
def test_a_database_that_does_not_answer_is_unknown_and_holds_nothing_up(
    stage: Stage, watch: Watch, hindered: str
) -> None:
    home = stage.primary()
    samples: Samples = []
    with sampling(watch, samples.append):
        until(everywhere(samples, home=True, away=False))
        with {"locked": locked, "stopped": stopped}[hindered](home):
            until(everywhere(samples, home=None, away=False))
            first, begun = len(samples), time.monotonic()
            until(lambda: len(samples) >= first + 10)
            assert time.monotonic() - begun < 10
            assert not any(True in _of(sample, "the-home") for sample in samples[first:])
        until(everywhere(samples, home=True, away=False))


def test_a_place_where_the_name_is_not_resolved_delays_no_samples(stage: Stage, watch: Watch) -> None:
    stage.primary()
    end = threading.Event()

    def look(place: str) -> tuple[str, str]:
        if place == "eu-west-1":
            end.wait()
        return "home", HOME

    samples: Samples = []
    with contextlib.ExitStack() as stack:
        stack.enter_context(sampling(replace(watch, look=look, bound=1.0), samples.append))
        stack.callback(end.set)
        until(lambda: bool(samples))
        first, begun = len(samples), time.monotonic()
        until(lambda: len(samples) >= first + 10)
        assert time.monotonic() - begun < 7
    assert samples[first].name == {"us-east-1": "the-home", "eu-west-1": None}


def test_a_sampler_leaves_no_thread_and_no_session_behind(stage: Stage, watch: Watch) -> None:
    home = stage.primary()
    before = threading.active_count()
    samples: Samples = []
    with contextlib.suppress(KeyboardInterrupt), sampling(watch, samples.append):
        until(everywhere(samples, home=True, away=False))
        raise KeyboardInterrupt
    assert threading.active_count() == before
    sessions = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'orders_admin'"
    until(lambda: postgres.sql(home, sessions) == [[0]])


def _of(sample: Sample, database: str) -> list[bool | None]:
    return [answers[database] for answers in sample.writable.values()]


@contextlib.contextmanager
def locked(node: Node) -> Iterator[None]:
    """Let every write of the sampler wait for a lock."""
    login = {"database": "orders", "password": node.room.password, "unix_sock": str(node.socket)}
    with pg8000.native.Connection(ADMIN, **login) as connection:
        connection.run("BEGIN; LOCK TABLE drill.sample")
        yield
        connection.run("ROLLBACK")


@contextlib.contextmanager
def stopped(node: Node) -> Iterator[None]:
    """Stop every process of the server."""
    postmaster = processes.postmaster(node.data)
    assert postmaster is not None
    pids = (postmaster, *processes.children(postmaster))
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    yield
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
