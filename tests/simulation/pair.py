"""The third body: observes and performs in the simulated world, with the same discipline of writes as the AWS body."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from dr_templates.failover import orders
from dr_templates.failover.loop import LostError, UnableError
from dr_templates.failover.model import Action, Observation, Policy, Verb
from dr_templates.failover.state import State, succeed
from simulation.database import Health
from simulation.eyes import Doing, Result, instance, look, sql
from simulation.facts import written_alone
from simulation.holdings import put, take
from simulation.net import CONTROL, LostCallError
from simulation.rds import promote
from simulation.world import World

Held = Callable[[str], None]

WRITTEN_ONLY = frozenset(
    {
        Verb.REST,
        Verb.HOLD,
        Verb.WAIT,
        Verb.ADOPT,
        Verb.SUSPECT,
        Verb.TRUST,
        Verb.LOCK,
        Verb.TAKE,
        Verb.SEAL,
        Verb.RETURN,
        Verb.CALL_OFF,
        Verb.RECORD,
        Verb.RELEASE,
    }
)
WRITTEN = "the state has been written since"
LOOKS = 3
"""How often a fence looks whether the sessions it has ended are gone."""


class CrashError(Exception):
    """The runner has died at this moment."""


def _unheld(_moment: str) -> None:
    """Let nothing hold a runner up."""


@dataclass(frozen=True)
class SimulatedPair:
    """A runner's hands and eyes. ``place`` is where it runs; ``table`` whose table it takes for the state table.

    With ``control_gone`` a person has said that the control region is lost. ``held`` is told every moment, and may let
    time pass or raise ``CrashError``. ``twice`` has every effect happen twice.
    """

    world: World
    runner: str
    policy: Policy
    place: str = CONTROL
    table: str = CONTROL
    held: Held = _unheld
    twice: bool = False
    control_gone: bool = False

    def observe(self) -> Observation:
        """Look at everything, at once but for what ``held`` does."""
        return self._drain(self.looking())

    def perform(self, action: Action) -> None:
        """Do one step, at once but for what ``held`` does."""
        self._drain(self.doing(action))

    def looking(self) -> Doing[Observation]:
        """Look, a moment at a time."""
        return (yield from look(self.world, self.place, self.runner, self.table, control_gone=self.control_gone))

    def doing(self, action: Action) -> Doing[None]:
        """Do one step, a moment at a time: renew, effect and record are three, and an effect is several."""
        yield f"before {action.verb}"
        try:
            yield from self._step(action)
        except LostCallError as error:
            raise UnableError(str(error)) from error
        yield f"{action.verb} is done"

    def _step(self, action: Action) -> Doing[None]:
        before, after = action.before, action.after
        if action.verb in WRITTEN_ONLY:
            if before is not None and after is not None:
                if action.copy is not None and action.site is not None:
                    self._write(action.site, action.copy, after)
                    yield f"{action.verb} is written at {action.site}"
                self._write(self.table, before, after)
                if action.verb is Verb.RETURN:
                    self._returned(after)
            return
        if before is not None and before.move is not None and after is not None:
            until = max(before.move.until, self.world.clock(self.place) + self.policy.hold)
            answered = after.move.answered if after.move else before.move.answered
            renewed = succeed(before, move=replace(before.move, until=until, answered=answered))
            self._write(self.table, before, renewed)
            yield f"the lock is renewed for {action.verb}"
            yield from self._effects(action)
            yield f"{action.verb} has its effect, and no record"
            move = after.move and replace(after.move, until=max(after.move.until, until))
            self._write(self.table, renewed, replace(after, serial=renewed.serial + 1, move=move))
        else:
            if action.verb in (Verb.FENCE, Verb.UNFENCE) and before is not None:
                self._still(before)
            yield from self._effects(action)

    def _returned(self, after: State) -> None:
        """Hold what is lost at the site that was left against what was said of it."""
        if after.move is not None and after.move.proof is not None:
            lost = written_alone(self.world.databases[after.move.source], self.world.databases[after.move.target])
            self.world.facts.returned(self.world.now, lost, after.move.proof.loss_seconds)

    def _effects(self, action: Action) -> Doing[None]:
        for _ in range(2 if self.twice else 1):
            yield from self._effect(action, action.site or "")

    def _effect(self, action: Action, site: str) -> Doing[None]:
        if action.verb is Verb.FENCE:
            yield from self._fence(site, action.denies)
        elif action.verb is Verb.UNFENCE:
            doors = self.world.gates[site]
            self._call(site, "ec2", lambda: take(doors.leaving, action.denies))
            yield "the way out is open"
            self._call(site, "ec2", lambda: take(doors.entering, action.denies))
        else:
            self._at_a_stroke(action, site)

    def _at_a_stroke(self, action: Action, site: str) -> None:
        """Have an effect that is one call."""
        match action.verb:
            case Verb.PROMOTE:
                if instance(self.world, self.place, site).replica is not False:
                    self._call(site, "rds", lambda: promote(self.world, site))
            case Verb.NAME:
                self.world.facts.names.append((self.world.now, site))
            case Verb.VERIFY:
                self._verify(site)
            case Verb.BACKUPS:
                database = self.world.databases[site]
                self._call(site, "rds", lambda: setattr(database, "backup_days", self.policy.backup_days))
            case Verb.DETACH:
                self._call(site, "secrets", lambda: self.world.secret_copied.update({site: False}))
            case Verb.NOTIFY | Verb.ASK:
                self.world.facts.notices.append(action.reason)
            case Verb.BEGIN:
                self._begin(action)
            case _:
                self._keep(action)

    def _fence(self, site: str, denies: frozenset[int]) -> Doing[None]:
        """Shut the way in, end the sessions, look whether they are gone, and shut the way out (fact A49)."""
        doors = self.world.gates[site]
        self._call(site, "ec2", lambda: put(doors.entering, denies, self.world.now))
        yield "the way in is shut"
        with suppress(LostCallError):
            self._call(site, "probe", lambda: self._end_sessions(site))
        for _ in range(LOOKS):
            yield "before looking for sessions"
            if not sql(self.world, self.place, site, beat=False).sessions:
                break
        self._call(site, "ec2", lambda: put(doors.leaving, denies, self.world.now))

    def _end_sessions(self, site: str) -> None:
        database = self.world.databases[site]
        if database.serving and database.health is not Health.SLOW:
            database.sessions = 0

    def _verify(self, site: str) -> None:
        told = sql(self.world, self.place, site)
        if told.in_recovery is not False or told.beat is None or told.beat.site != site:
            raise UnableError(reason=f"{site} has not taken a write")

    def _begin(self, action: Action) -> None:
        want, before = action.want, action.before
        if want is None or before is None or self.world.starting is None:
            raise UnableError(reason="there is nobody to begin it")
        name = f"epoch-{want.epoch}"
        if self.world.executions.get(name) is False:
            self._write(self.table, before, orders.skip(before))
            raise UnableError(reason=f"{name} has ended already")
        if name not in self.world.executions:
            self.world.executions[name] = True
            self.world.add(self.world.starting(name, want))

    def _keep(self, action: Action) -> None:
        if action.pulse is not None:
            self._call(self.table, "tables", lambda: setattr(self.world.tables[self.table], "pulse", action.pulse))

    def _still(self, before: State) -> None:
        """See that nobody has written since: a step outside a move has no lock."""
        for _ in self.world.net.calling(self.place, self.table, "tables"):
            now = self.world.tables[self.table].state
            if now is None or now.serial != before.serial:
                raise LostError(WRITTEN)

    def _write(self, table: str, before: State, after: State) -> None:
        for _ in self.world.net.calling(self.place, table, "tables"):
            if not self.world.write_state(table, before, after):
                raise LostError(WRITTEN)
        self.world.check()

    def _call(self, called: str, service: str, change: Callable[[], object]) -> None:
        self.world.facts.calls.append((self.place, called, service))
        for _ in self.world.net.calling(self.place, called, service):
            change()
        self.world.check()

    def _drain(self, doing: Doing[Result]) -> Result:
        while True:
            try:
                moment = next(doing)
            except StopIteration as ended:
                result: Result = ended.value
                return result
            self.held(moment)
