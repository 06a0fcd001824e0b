"""What the decision never does, over observations of every kind, also such as cannot be."""

from dataclasses import replace

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis.errors import NoSuchExample

from dr_templates.failover import gate
from dr_templates.failover.decide import decide
from dr_templates.failover.model import (
    Action,
    Answer,
    Gate,
    Instance,
    Mode,
    Observation,
    Policy,
    Sight,
    Sql,
    Verb,
    Want,
)
from dr_templates.failover.state import Kind, Suspicion
from simulation import turning
from simulation.laws import LAWS
from simulation.net import SITES, STANDBY
from simulation.pair import SimulatedPair
from simulation.runner import Brain, Staff
from simulation.stories import POLICY, sightings
from simulation.strategies import cases_like, near
from simulation.world import World

REAL = (*sightings(), *turning.looks())
cases = cases_like(REAL)


def test_no_decision_breaks_a_law() -> None:
    """Of every verb there is: what a law says of one would say nothing if none of the observations led to it."""
    verbs: set[Verb] = set()

    @given(cases)
    @settings(max_examples=max(900, settings().max_examples))
    def hold(case: tuple[Observation, Policy, Want | None]) -> None:
        seen, policy, want = case
        action = decide(seen, policy, want)
        assert decide(seen, policy, want) == action
        broken = {law.__name__: wrong for law in LAWS if (wrong := law(seen, policy, want, action))}
        assert not broken, action
        verbs.add(action.verb)

    hold()
    verbs |= {decide(*case).verb for case in REAL}
    assert set(Verb) - verbs == set()


def _sealing_early(seen: Observation, policy: Policy, want: Want | None) -> Action:
    """Decide as the brain does, but take every other side for fenced."""
    state = seen.state
    if state is None or state.move is None:
        return decide(seen, policy, want)
    number = frozenset({gate.number(state.move.epoch)})
    sites = {site: replace(seen.sites[site], gate=Gate(number, number)) for site in seen.sites}
    return decide(replace(seen, sites=sites), policy, want)


def _taking_unknown_for_dead(seen: Observation, policy: Policy, want: Want | None) -> Action:
    """Decide as the brain does, but take whatever does not answer for a sign of death."""

    def deaf(sight: Sight) -> Sight:
        silent = sight.sql.answer not in (Answer.ANSWERED, Answer.SILENT)
        sql = Sql(Answer.SILENT) if silent else replace(sight.sql, streaming=bool(sight.sql.streaming))
        return replace(sight, sql=sql, instance=Instance("available", sight.instance.replica, failing_over=False))

    return decide(replace(seen, sites={name: deaf(sight) for name, sight in seen.sites.items()}), policy, want)


def _regardless_of_locks(seen: Observation, policy: Policy, want: Want | None) -> Action:
    """Decide as the brain does, but take every lock for one's own."""
    if seen.state is None or seen.state.move is None:
        return decide(seen, policy, want)
    mine = replace(seen.state, move=replace(seen.state.move, holder=seen.runner))
    return replace(decide(replace(seen, state=mine), policy, want), before=seen.state)


def _regardless_of_pauses(seen: Observation, policy: Policy, want: Want | None) -> Action:
    state = seen.state and replace(seen.state, pause=None, cool_until=0.0)
    action = decide(replace(seen, state=state), policy, want)
    return replace(action, before=seen.state) if action.before is not None else action


def _regardless_of_people(seen: Observation, policy: Policy, want: Want | None) -> Action:
    return decide(seen, replace(policy, mode=Mode.AUTOMATIC, rpo=1e9), want)


def _taking_a_standby_for_a_replica(seen: Observation, policy: Policy, want: Want | None) -> Action:
    def replica(sight: Sight) -> Sight:
        return replace(sight, instance=replace(sight.instance, replica=True, status="available"))

    return decide(replace(seen, sites={name: replica(sight) for name, sight in seen.sites.items()}), policy, want)


@pytest.mark.parametrize(
    ("brain", "law", "verb"),
    [
        (_sealing_early, "seals_what_is_parted", Verb.SEAL),
        (_sealing_early, "returns_what_is_parted", Verb.RETURN),
        (_taking_unknown_for_dead, "moves_on_agreement", Verb.BEGIN),
        (_regardless_of_locks, "acts_under_its_lock", Verb.PROMOTE),
        (_regardless_of_pauses, "keeps_still", Verb.LOCK),
        (_regardless_of_people, "asks_a_person", Verb.SEAL),
        (_taking_a_standby_for_a_replica, "promotes_a_replica", Verb.SEAL),
    ],
)
def test_a_brain_that_breaks_a_law_is_found_out(brain: Brain, law: str, verb: Verb) -> None:
    """Searched for close to what a move sees when it takes the step that the law is about."""
    (held,) = (one for one in LAWS if one.__name__ == law)

    policy = replace(POLICY, mode=Mode.APPROVE) if law == "asks_a_person" else POLICY
    about = [case for case in REAL if decide(*case).verb is verb]

    def breaks(case: tuple[Observation, Policy, Want | None]) -> bool:
        return held(*case, brain(*case)) is not None

    try:
        find(
            near(about, policy), breaks, settings=settings(max_examples=5000, derandomize=True, phases=[Phase.generate])
        )
    except NoSuchExample:  # pragma: no cover - the failure of this test
        pytest.fail(f"nothing found out that {law} is broken")


WITNESSES = {
    "probe": lambda sight: replace(sight, sql=Sql(error="the probe did not answer")),
    "RDS": lambda sight: replace(sight, instance=Instance()),
    "gate": lambda sight: replace(sight, gate=Gate()),
    "marks": lambda sight: replace(sight, mark=None, heard=False),
    "old mark": lambda sight: replace(sight, mark=sight.mark and replace(sight.mark, at=sight.mark.at - 3600)),
}


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("witness", WITNESSES)
@pytest.mark.parametrize("cause", ["dead", "gone", "isolated"])
def test_one_witness_that_is_not_known_begins_nothing(witness: str, site: str, cause: str) -> None:
    """Not even when the cause it could be taken for has been suspected for long."""
    world = World()
    staff = Staff(world, POLICY).at_work()
    seen = SimulatedPair(world, "me", POLICY).observe()
    assert staff.world.facts.violations == []
    assert seen.state is not None
    suspicion = Suspicion(cause, seen.at - 1000, seen.at - 1)
    sites = {**seen.sites, site: WITNESSES[witness](seen.sites[site])}
    doubtful = replace(seen, sites=sites, state=replace(seen.state, suspicion=suspicion))
    assert decide(doubtful, POLICY, None).verb in (Verb.TRUST, Verb.KEEP)
    want = Want(Kind.FAILOVER, STANDBY, seen.state.epoch + 1, "the controller", cause)
    assert decide(doubtful, POLICY, want).verb is Verb.HOLD
