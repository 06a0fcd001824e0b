"""What a scenario can do: break the lab, ask for a move as a person does, and wait for what comes of it.

Seconds are those of the lab's clock, which are AWS's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from dr_templates.aws import journal, table, trigger
from dr_templates.aws.clients import AWS_ERRORS
from dr_templates.aws.sights import lsn
from dr_templates.aws.table import GarbledError, read_state, table_at
from dr_templates.drill.entrance import Entrance
from dr_templates.drill.ledger.pool import Pool
from dr_templates.drill.report.model import Broke, Checked, Noted
from dr_templates.drill.report.recorder import Recorder
from dr_templates.drill.stage import Stage
from dr_templates.errors import DrError
from dr_templates.failover import orders
from dr_templates.failover.model import Verb, Want
from dr_templates.failover.state import Kind, Phase, State
from dr_templates.topology import CONTROL

EVERYTHING, OUTSIDE = "*", "outside"
LOOK_SECONDS = 0.15
PERSON = "the drill"
LONGEST_MOVE = 1500.0
SERVED_SECONDS = 0.3
JOURNAL = 200


@dataclass
class Marks:
    """When (real seconds since 1970) something was last touched that has not been told of yet; and when the link went.

    ``unlinked`` is None as long as the replica can have everything.
    """

    touched: float | None = None
    unlinked: float | None = None


@dataclass(frozen=True)
class Act:
    """The hands of a scenario, in one lab, with clients that write meanwhile."""

    stage: Stage
    way_in: Entrance
    clients: Pool
    recorder: Recorder
    marks: Marks = field(default_factory=Marks)

    @property
    def home(self) -> str:
        """Name the site that is primary at the beginning."""
        return self.stage.names.home

    @property
    def away(self) -> str:
        """Name the other site."""
        return self.stage.names.peer(self.home)

    def broke(self, words: str) -> None:
        """Write down what has been broken, or mended, as of when it was begun: from the first one recovery is timed."""
        self.recorder.note(Broke(words), at=self.marks.touched)
        self.marks.touched = None

    def unlinked(self, words: str) -> None:
        """Write down that the replica no longer gets everything: what is written from now on may be lost."""
        self.marks.unlinked, self.marks.touched = time.time(), None
        self.note(words)

    def note(self, words: str) -> None:
        """Write down anything else that is worth telling; what was touched for it is told of with that."""
        self.marks.touched = None
        self.recorder.note(Noted(words))

    def network(self, *cuts: tuple[str, str, str], delays: tuple[tuple[str, str, str, float], ...] = ()) -> None:
        """Have exactly these ways cut or slow: from a place, to a place (``*`` for all), and for what (``*``)."""
        said = {
            "cuts": [{"from": self._at(one), "to": self._at(other), "what": what} for one, other, what in cuts],
            "delays": [
                {"from": self._at(one), "to": self._at(other), "what": what, "seconds": seconds}
                for one, other, what, seconds in delays
            ],
        }
        self.touch()
        self.stage.order("network", said)

    def apart(self, place: str) -> tuple[tuple[str, str, str], ...]:
        """Give the cuts that part a place from all others, and leave everything within it as it is."""
        others = [one for one in (*self.stage.names.sites, CONTROL) if one != place]
        return tuple(cut for one in others for cut in ((place, one, EVERYTHING), (one, place, EVERYTHING)))

    def dark(self, place: str) -> tuple[tuple[str, str, str], ...]:
        """Give the cuts that leave nothing of a place: no way in, no way out, and no way within."""
        return (*self.apart(place), (place, place, EVERYTHING))

    def database(self, order: str, site: str) -> None:
        """Have something done to the server of a site."""
        names = self.stage.names
        self.touch()
        told = self.stage.order(
            "databases", {"order": order, "region": names.region(site), "identifier": names.instance(site)}
        )
        if not told["done"]:
            raise DrError(
                what=f"{order} has not come about at {site}",
                where=names.instance(site),
                hint="The machine may be too busy: run fewer drills side by side.",
            )

    def pace(self, **actions: float) -> None:
        """Have RDS take so many seconds for these actions, and as long as before for the others."""
        now = self.stage.ask("pace")["actions"]
        self.stage.order("pace", {"actions": {**now, **actions}})

    def ask_for(self, kind: Kind, to: str) -> None:
        """Ask for a move as a person does: start the execution of the next epoch."""
        self.touch()
        state = self.state()
        want = Want(kind, to, state.epoch + 1, PERSON)
        control = self.stage.clients.stepfunctions(self.stage.region(CONTROL))
        trigger.start(control, self.stage.names, want)

    def approve(self) -> None:
        """Say yes to the move that waits for a person."""
        before = self.state()
        table.write_state(self.stage.table, before, orders.approve(before, PERSON))
        self.note("a person says yes to the loss")

    def state(self, place: str = CONTROL) -> State:
        """Read the state. Raises ``DrError`` when there is none."""
        found = read_state(table_at(place, self.stage.names, self.stage.clients))
        if found is None:
            raise DrError(what="there is no state", where=place, hint="The drill cannot go on.")
        return found

    def until(self, held: Callable[[], bool], what: str, seconds: float = LONGEST_MOVE) -> None:
        """Wait until something holds. Raises ``DrError`` when it does not within so many seconds."""
        end = self.stage.clock.now() + seconds
        while not _held(held):
            if self.stage.clock.now() > end:
                raise DrError(
                    what=f"in {seconds:.0f} s of the lab's clock it did not come about that {what}",
                    where=self.stage.names.environment,
                    hint="The report tells what did.",
                )
            time.sleep(LOOK_SECONDS)

    def until_moved(self, to: str, place: str = CONTROL) -> None:
        """Wait until a site is active and no move is under way."""

        def moved() -> bool:
            state = self.state(place)
            return state.active == to and state.move is None

        self.until(moved, f"{to} is primary")

    def stay(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.stage.clock.pause(seconds)

    def caught_up(self) -> bool:
        """Tell whether the replica has replayed all that the primary had written a moment ago."""
        written = self._position(self.home, "written")
        time.sleep(SERVED_SECONDS)
        replayed = self._position(self.away, "replayed")
        return written is not None and replayed is not None and replayed >= written

    def _position(self, site: str, name: str) -> int | None:
        region = self.stage.region(site)
        told = next((one[name] for one in self.stage.ask("databases") if one["region"] == region), None)
        return None if told is None else lsn(told)

    def served(self) -> bool:
        """Tell whether clients' writes are acknowledged just now."""
        before = self.clients.tally().acknowledged
        time.sleep(SERVED_SECONDS)
        return self.clients.tally().acknowledged > before

    def taken(self, verb: Verb) -> bool:
        """Tell whether a step of the move under way is taken and written down."""
        epoch = self.state().epoch
        entries = journal.read(self.stage.table, JOURNAL)
        return any(one.epoch == epoch and one.verb == verb and not one.trouble for one in entries)

    def asked(self) -> bool:
        """Tell whether a move waits for a person."""
        move = self.state().move
        return move is not None and move.phase is Phase.OPEN and move.told

    def called_off(self) -> bool:
        """Tell whether the last move has ended without having moved anything."""
        state = self.state()
        return state.move is None and state.last is not None and not state.last.moved

    def give_storage(self, site: str) -> None:
        """Make the storage of a site larger by half, at once."""
        self.touch()
        rds, name = self.stage.clients.rds(self.stage.region(site)), self.stage.names.instance(site)
        size = int(self.stage.config.database.allocated_storage_gib * 1.5)
        rds.modify_db_instance(DBInstanceIdentifier=name, AllocatedStorage=size, ApplyImmediately=True)

    def check(self, name: str, *, passed: bool, words: str) -> None:
        """Write down something that must hold besides what must hold in every drill."""
        self.recorder.note(Checked(name, passed, words))

    def touch(self) -> None:
        """Note that something is being touched now, unless that was noted since the last time it was told of."""
        if self.marks.touched is None:
            self.marks.touched = time.time()

    def _at(self, place: str) -> str:
        return place if place in (EVERYTHING, OUTSIDE) else self.stage.region(place)


def _held(held: Callable[[], bool]) -> bool:
    """Ask whether something holds; a machine that is too busy to answer has not said so."""
    try:
        return held()
    except (*AWS_ERRORS, GarbledError):
        return False
