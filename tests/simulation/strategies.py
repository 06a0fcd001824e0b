"""Observations of every kind: made up from the words alone, and real ones with something changed about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from hypothesis import strategies as st

from dr_templates.failover import gate
from dr_templates.failover.cause import Cause
from dr_templates.failover.model import (
    Answer,
    Beat,
    Gate,
    Instance,
    Mark,
    Mode,
    Observation,
    Policy,
    Pulse,
    Sight,
    Sql,
    Want,
)
from dr_templates.failover.state import Doubt, Ended, Kind, Move, Pause, Phase, Proof, State, Suspicion
from simulation.net import SITES
from simulation.stories import Case
from simulation.world import EPOCH

ME, OTHER = "me", "somebody else"
AT = EPOCH
EPOCHS = (0, 1, 2, 3)
LSNS = (None, 0, 90, 100, 110)
AGES = (-3.0, 0.0, 1.0, 30.0, 59.0, 61.0, 74.0, 76.0, 100.0, 179.0, 181.0, 301.0, 901.0, 4000.0)

ages = st.sampled_from(AGES)
times = ages.map(lambda age: AT - age)
later = st.sampled_from((-1000.0, -1.0, 0.0, 1.0, 119.0, 3600.0)).map(lambda left: AT + left)
sites = st.sampled_from(SITES)
runners = st.sampled_from((ME, ME, OTHER))
epochs = st.sampled_from(EPOCHS)
sometimes = st.sampled_from((None, True, False))
numbers = st.frozensets(st.sampled_from((*(gate.number(epoch) for epoch in EPOCHS), gate.OWN, 777)), max_size=2)
causes = st.sampled_from(("", *Cause))
texts = st.sampled_from(("ann", "something"))

beats = st.builds(Beat, sites, st.integers(1, 99), times)
sqls = st.builds(
    Sql,
    answer=st.sampled_from((Answer.ANSWERED, Answer.ANSWERED, Answer.SILENT, *Answer)),
    in_recovery=sometimes,
    system=st.sampled_from((None, "s", "s", "t")),
    timeline=st.sampled_from((None, 1, 1, 2)),
    written=st.sampled_from(LSNS),
    received=st.sampled_from(LSNS),
    replayed=st.sampled_from(LSNS),
    streaming=sometimes,
    beat=st.none() | beats,
    sessions=st.sampled_from((None, 0, 0, 3)),
    error=st.sampled_from((None, "an error")),
)
instances = st.builds(
    Instance,
    status=st.sampled_from(
        (None, "available", "available", "modifying", "backing-up", "absent", "storage-full", "new")
    ),
    replica=sometimes,
    failing_over=st.sampled_from((False, False, False, True, None)),
    backup_days=st.sampled_from((None, 0, 7)),
)
gates = st.builds(Gate, st.none() | numbers, st.none() | numbers) | numbers.map(lambda some: Gate(some, some))
marks = st.builds(Mark, at=times, armed=st.booleans(), shut=epochs, due=epochs)
proofs = st.builds(Proof, at=times, shut=texts, loss_seconds=st.sampled_from((None, 0.0, 9.0)))
moves = st.builds(
    Move,
    epoch=epochs,
    kind=st.sampled_from(Kind),
    source=sites,
    target=sites,
    holder=runners,
    until=later,
    begun=times,
    by=texts,
    cause=causes,
    approved=st.sampled_from((None, None, "ann")),
    phase=st.sampled_from(Phase),
    fenced=st.none() | times,
    answered=times,
    back=st.booleans(),
    first=epochs,
    turned=times,
    asked=st.none() | times,
    named=st.booleans(),
    verified=st.none() | times,
    proof=st.none() | proofs,
    result=texts,
)
ends = st.builds(Ended, epochs, st.sampled_from(Kind), sites, sites, st.booleans(), times, texts, back=st.booleans())
suspicions = st.builds(Suspicion, causes, times, times)
states = st.builds(
    State,
    active=sites,
    serial=st.sampled_from((0, 5, 5, 6)),
    epoch=epochs,
    move=st.none() | moves,
    pause=st.none() | st.none() | st.builds(Pause, texts, texts, later),
    cool_until=st.sampled_from((0.0, AT - 1, AT + 1)),
    suspicion=st.none() | suspicions,
    last=st.none() | ends,
    doubt=st.none() | st.none() | st.builds(Doubt, sites, st.none() | times),
)
sights = st.builds(
    Sight, sqls, instances, gates, st.none() | marks, st.booleans(), st.none() | st.none() | states, sometimes
)
pulses = st.builds(Pulse, sites, times, st.sampled_from(LSNS))
made_up = st.builds(
    Observation,
    at=st.just(AT),
    runner=st.just(ME),
    home=sites,
    sites=st.fixed_dictionaries(dict.fromkeys(SITES, sights)),
    state=st.none() | states | states,
    pulse=st.none() | pulses,
)
policies = st.builds(
    Policy,
    mode=st.sampled_from((Mode.AUTOMATIC, Mode.AUTOMATIC, Mode.APPROVE, Mode.OFF)),
    patience=st.sampled_from((130.0, 180.0)),
    lease=st.sampled_from((30.0, 60.0)),
    rpo=st.sampled_from((90.0, 300.0)),
)
wants = st.none() | st.builds(Want, st.sampled_from(Kind), sites, epochs, texts, causes)

PARTS: dict[type, st.SearchStrategy[Any]] = {
    Sql: sqls,
    Instance: instances,
    Gate: gates,
    Mark: marks,
    Move: moves,
    State: states,
    Suspicion: suspicions,
    Proof: proofs,
    Beat: beats,
    Pulse: pulses,
    Doubt: st.builds(Doubt, sites, st.none() | times),
    Pause: st.builds(Pause, texts, texts, later),
    Sight: sights,
}
"""What a part of an observation may be changed into, as a whole."""


def _choices(kind: type, name: str) -> st.SearchStrategy[Any]:
    """Give what a field of a word may hold, by the strategy that makes the word up."""
    return PARTS[kind].map(lambda made: getattr(made, name))


@st.composite
def changed(draw: st.DrawFn, real: Observation) -> Observation:
    """Change up to three things about an observation, wherever in it they are."""
    seen = real
    for _ in range(draw(st.integers(0, 3))):
        seen = _change(draw, seen)
    return seen


def _change(draw: st.DrawFn, seen: Observation) -> Observation:
    part = draw(st.sampled_from(("state", "state", "home", "standby", "pulse")))
    if part in SITES:
        return replace(seen, sites={**seen.sites, part: _within(draw, seen.sites[part], seen.at)})
    if part == "pulse":
        return replace(seen, pulse=draw(st.none() | pulses))
    return replace(seen, state=_within(draw, seen.state, seen.at) if seen.state else draw(st.none() | states))


def _within(draw: st.DrawFn, word: Any, at: float) -> Any:  # noqa: ANN401 - any word, and the same kind back
    """Change one field of a word, or of a word within it. Times are made to lie around the observation's own."""
    name = draw(st.sampled_from([field.name for field in fields(word)]))
    now = getattr(word, name)
    if is_dataclass(now) and draw(st.booleans()):
        return replace(word, **{name: _within(draw, now, at)})
    made = draw(_choices(type(word), name)) if type(word) in PARTS else now
    if isinstance(made, float) and made > AT / 2:
        made += at - AT
    return replace(word, **{name: made})


@st.composite
def _like(draw: st.DrawFn, real: Sequence[Case]) -> Case:
    seen, policy, want = draw(st.sampled_from(real))
    wanted = draw(wants) if draw(st.integers(0, 5)) == 0 else want
    allowed = draw(policies) if draw(st.booleans()) else policy
    return draw(changed(replace(seen, runner=ME))), allowed, wanted


def cases_like(real: Sequence[Case]) -> st.SearchStrategy[Case]:
    """Give what a decision is made of: a third of it imagination, the rest real but for a change or two."""
    imagined = st.tuples(made_up, policies, wants)
    return st.one_of(imagined, _like(real), _like(real))


def near(real: Sequence[Case], policy: Policy) -> st.SearchStrategy[Case]:
    """Give cases that differ from real ones in what is seen, and in the policy."""
    return st.sampled_from(real).flatmap(lambda one: st.tuples(changed(one[0]), st.just(policy), st.just(one[2])))
