"""One observation with all that a decision is made from, and the forms a decision can take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from dr_templates.failover.cause import name
from dr_templates.failover.model import Action, Answer, Observation, Policy, Pulse, Sight, Verb, Want
from dr_templates.failover.stance import peer, writable
from dr_templates.failover.state import Move, State, succeed


@dataclass(frozen=True)
class Look:
    """What is seen, allowed and wanted, with a state that could be read."""

    seen: Observation
    policy: Policy
    want: Want | None
    state: State

    @property
    def at(self) -> float:
        """When it was seen."""
        return self.seen.at

    @property
    def active(self) -> str:
        """The site that may take writes."""
        return self.state.active

    @property
    def other(self) -> str:
        """The site that may not."""
        return peer(self.seen, self.state.active)

    def sight(self, site: str) -> Sight:
        """Give what was seen of a site."""
        return self.seen.sites[site]

    def stay(self, reason: str) -> Action:
        """Leave the pair as it is: whoever asked for a move is held, a tick says who is active and notes the pulse.

        Without a document nobody knows who is active, and nothing is said.
        """
        if self.want is not None:
            return Action(Verb.HOLD, reason, before=self.state)
        if self.state.serial == 0:
            return Action(Verb.REST, reason)
        sql = self.sight(self.active).sql
        pulse = Pulse(self.active, self.at, sql.written, self._fed()) if writable(sql) else None
        return Action(Verb.KEEP, reason, self.active, self.state, pulse=pulse, cause=name(self.seen, self.policy))

    def _fed(self) -> float | None:
        """Say when the replica was last seen to be fed: just now, or as was known before if it tells nothing now."""
        streaming, before = self.sight(self.other).sql.streaming, self.seen.pulse
        if streaming is None:
            return before.fed if before is not None and before.site == self.active else None
        return self.at if streaming else None

    def write(self, verb: Verb, reason: str, seconds: float = 0.0, **changes: Any) -> Action:  # noqa: ANN401 - fields of State
        """Change the state, and nothing else."""
        return Action(verb, reason, before=self.state, after=succeed(self.state, **changes), seconds=seconds)

    def step(self, verb: Verb, move: Move, reason: str, seconds: float = 0.0, **changes: Any) -> Action:  # noqa: ANN401 - fields of Move
        """Take a step of a move: do it, then note these changes; the lock is renewed with it."""
        return self.write(verb, reason, seconds, move=self.renewed(move, **changes))

    def renewed(self, move: Move, **changes: Any) -> Move:  # noqa: ANN401 - fields of Move
        """Give the move with these changes, its lock good for another while, and when its new primary last answered."""
        handed = self.state.hands_over_to(move.target)
        heard = self.sight(move.target).sql.answer not in (Answer.SILENT, Answer.UNASKED)
        answered = self.at if handed and heard else move.answered
        return replace(move, **{"until": self.at + self.policy.hold, "answered": answered, **changes})
