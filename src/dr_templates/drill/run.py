"""One drill from its lab to its report."""

from __future__ import annotations

import contextlib
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dr_templates.aws.clients import AWS_ERRORS
from dr_templates.aws.table import GarbledError
from dr_templates.config import Config
from dr_templates.drill import checking, facts, reckoning
from dr_templates.drill.act import Act
from dr_templates.drill.entrance import Entrance, entrance
from dr_templates.drill.ledger.book import read_book
from dr_templates.drill.ledger.pool import Pace, Pool, open_pool
from dr_templates.drill.ledger.table import Row, fetch_rows, prepare
from dr_templates.drill.ledger.way import FAULTS, Bounds, Session, connect, why
from dr_templates.drill.reckoning import Ended
from dr_templates.drill.report.model import Broke, Checked, Noted, Objectives, Started
from dr_templates.drill.report.outcome import Entry, Report
from dr_templates.drill.report.recorder import Recorder
from dr_templates.drill.sampler import Watch, sampling
from dr_templates.drill.scenario import Scenario
from dr_templates.drill.stage import Stage, Told, stage
from dr_templates.drill.standing import standing
from dr_templates.drill.watching import Watching, watching
from dr_templates.errors import DrError

PROMOTION_SECONDS, FAILOVER_SECONDS, REBOOT_SECONDS = 120.0, 90.0, 60.0
"""What RDS takes, in AWS's seconds: of a promotion it gives no number (fact A26), a failover takes a minute or two."""
BEFORE_SECONDS, AFTER_SECONDS = 2.0, 2.0
"""Real seconds that clients write before anything is broken, and after it is over."""
RTO_SECONDS = 900.0


def durations() -> dict[str, float]:
    """Give how long RDS takes for what, in AWS's seconds."""
    return {"promotion": PROMOTION_SECONDS, "failover": FAILOVER_SECONDS, "reboot": REBOOT_SECONDS}


@dataclass(frozen=True)
class Order:
    """What is drilled, and how. ``rate`` overrides the scenario's; ``rto`` is the objective in AWS's seconds.

    ``actions`` is how long RDS takes for what, in AWS's seconds too.
    """

    scenario: Scenario
    config: Config
    rate: float | None = None
    rto: float = RTO_SECONDS
    pace: Pace = field(default_factory=lambda: Pace(workers=4, rate=8.0, bounds=Bounds(2.0, 3.0)))
    actions: Mapping[str, float] = field(default_factory=durations)

    @property
    def scale(self) -> float:
        """How fast the lab's clock runs."""
        return self.rate or self.scenario.rate


def run(order: Order, told: Told, tell: Callable[[Entry], None]) -> Report:
    """Set the stage, let clients write, play the scenario, and reckon up; ``told`` hears what is prepared.

    ``tell`` hears every entry of the report as it is made. A scenario that does not come to its end is a drill that has
    failed, and has a report all the same; one that is interrupted has none. Raises ``DrError`` when there can be none.
    """
    return drilled(order, told, tell)[0]


def drilled(order: Order, told: Told, tell: Callable[[Entry], None]) -> tuple[Report, Ended]:
    """Do what ``run`` does, and give besides what the report was reckoned from."""
    config = thrown_away(order.config, order.scenario)
    with stage(config, order.scale, told) as at, tempfile.TemporaryDirectory(prefix="dr-drill-") as room:
        at.order("pace", {"scale": 0, "types": {}, "actions": dict(order.actions)})
        way_in = entrance(at)
        recorder = Recorder(_started(order, at), secrets=(way_in.login.password,), tell=tell)
        told("clients begin to write")
        book = Path(room) / "book"
        with watching(at, recorder) as watched:
            _prepare(at, way_in)
            with _clients(order, at, way_in, book) as clients, _sampled(at, way_in, watched):
                clients.start()
                act = Act(at, way_in, clients, recorder)
                _play(order.scenario, act)
        ended = _reckon(order, act, watched, book=book)
        return recorder.finish(), ended


def thrown_away(config: Config, scenario: Scenario) -> Config:
    """Give the environment as it is drilled: nothing of it is protected or kept, nobody is mailed, and it may move."""
    protection = config.protection.model_copy(
        update={
            "deletion_protection": False,
            "termination_protection": False,
            "database_deletion_policy": "Delete",
            "data_deletion_policy": "Delete",
        }
    )
    failover = config.failover.model_copy(update={"mode": "automatic", **scenario.changes})
    alarms = config.alarms.model_copy(update={"email": None})
    update = {"protection": protection, "failover": failover, "alarms": alarms, "artifact_bucket": None}
    return config.model_copy(update=update)


def _started(order: Order, at: Stage) -> Started:
    scenario = order.scenario
    return Started(
        scenario=scenario.name,
        title=scenario.title,
        breaks=scenario.breaks,
        expected=scenario.expected,
        objectives=Objectives(order.rto, at.policy.rpo),
        scale=at.clock.rate,
        clock=at.clock.start,
        versions=facts.versions(),
        configuration={
            **facts.configuration(at.config, order.pace),
            **{f"RDS: {k} (s)": f"{v:g}" for k, v in order.actions.items()},
        },
    )


def _play(scenario: Scenario, act: Act) -> None:
    """Play the scenario between two times of quiet; what goes wrong in it is written down, and it has failed."""
    time.sleep(BEFORE_SECONDS)
    passed, words = True, "it did"
    try:
        scenario.play(act)
    except DrError as fault:
        passed, words = False, fault.what
    except (*AWS_ERRORS, GarbledError) as fault:
        passed, words = False, str(fault)
    time.sleep(AFTER_SECONDS)
    act.check("the scenario came to its end", passed=passed, words=words)


def _prepare(at: Stage, way_in: Entrance) -> None:
    with _session(way_in, at.names.home) as session:
        prepare(session)


@contextlib.contextmanager
def _clients(order: Order, at: Stage, way_in: Entrance, book: Path) -> Iterator[Pool]:
    """Have clients at both sites, who know the moving name alone."""
    ways = [way_in.ways[site] for site in at.names.sites]
    with open_pool(book, ways, way_in.login, clock=time.time, chance=random.random, pace=order.pace) as clients:
        yield clients


def _sampled(at: Stage, way_in: Entrance, watched: Watching) -> contextlib.AbstractContextManager[None]:
    ways = [way_in.ways[site] for site in at.names.sites]
    watch = Watch(ways, way_in.databases, way_in.look, watched.stances, time.time)
    return sampling(watch, watched.take)


@contextlib.contextmanager
def _session(way_in: Entrance, site: str) -> Iterator[Session]:
    """Come in by the name from a site, as everybody does. Raises ``DrError``."""
    way = way_in.ways[site]
    try:
        session = connect(way, way_in.login, way.resolve(way_in.login.name), Bounds(5.0, 30.0))
    except FAULTS as error:
        words, _ = why(error)
        raise DrError(
            what=f"the database cannot be reached by its name: {words}",
            where=f"{way_in.login.name} from {site}",
            hint="The report tells what there is.",
        ) from error
    try:
        yield session
    finally:
        session.close()


def _reckon(order: Order, act: Act, watched: Watching, *, book: Path) -> Ended:
    """Write down what it has come to, and give what that rests on."""
    recorder = watched.recorder
    now, broke = standing(act.stage), _broke(recorder)
    ended = Ended(
        scenario=order.scenario,
        book=read_book(book),
        rows=_rows(recorder, act, now.active),
        watched=watched,
        broke=broke,
        unlinked=broke if act.marks.unlinked is None else act.marks.unlinked,
        now=now,
    )
    recorder.note(reckoning.sampled(ended))
    if rated := reckoning.rated(ended):
        recorder.note(rated)
    found, counted = reckoning.counted(ended)
    recorder.note(counted)
    longest = reckoning.outage(ended)
    split = None if longest is None else reckoning.split(ended, longest)
    if split is not None:
        recorder.note(split)
    checks = checking.checks(ended, found, longest)
    for check in (*checks, *checking.objectives(ended, order.rto, split, counted)):
        recorder.note(check)
    return ended


def _broke(recorder: Recorder) -> float:
    return next((one.at for one in recorder.entries if isinstance(one.word, Broke)), recorder.entries[0].at)


def _rows(recorder: Recorder, act: Act, active: str) -> tuple[Row, ...]:
    """Read what is there, in the database that the name means to clients at the active site, which has to be theirs.

    That it cannot be read is a fault of the drill's, and everything counts as lost then.
    """
    try:
        with _session(act.way_in, active) as session:
            address = act.way_in.ways[active].resolve(act.way_in.databases[active].name)
            ours = session.address == address and session.run("SELECT pg_is_in_recovery()") == [[False]]
            recorder.note(Checked("the rows are read from the active primary", ours, f"{session.address}, {address}"))
            return fetch_rows(session)
    except (DrError, KeyError, *FAULTS) as error:
        recorder.note(Noted(f"the rows could not be read: {error}"))
        recorder.note(Checked("the rows behind the name can be read", passed=False, words=str(error)))
        return ()
