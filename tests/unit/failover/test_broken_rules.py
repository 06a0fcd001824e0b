"""The world is not kind: a brain or a watchdog that breaks one rule is found out by it.

Every invariant that the proofs rely on is broken here by somebody, so that a proof that holds says something.
"""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from dr_templates.failover import gate
from dr_templates.failover.decide import decide
from dr_templates.failover.model import Action, Gate, Mark, Observation, Policy, Sight, Verb, Want
from dr_templates.failover.state import Kind, Phase, State
from simulation.chaos import BEFALLS, Chaos
from simulation.database import Health
from simulation.holdings import Manner
from simulation.net import HOME, STANDBY
from simulation.rds import promote
from simulation.runner import Brain, Staff
from simulation.stories import BRISK, POLICY
from simulation.world import RECOVERY_SECONDS, World

Change = Callable[[State, Sight], Sight]


def as_if(change: Change, *, source: bool = True) -> Brain:
    """Give a brain that decides as ours does, on something else than was seen of a move's source (or target)."""

    def brain(seen: Observation, policy: Policy, want: Want | None) -> Action:
        state = seen.state
        if state is None or state.move is None or state.move.phase is not Phase.OPEN:
            return decide(seen, policy, want)
        site = state.move.source if source else state.move.target
        sites = {**seen.sites, site: change(state, seen.sites[site])}
        return decide(replace(seen, sites=sites), policy, want)

    return brain


def also(brain: Brain, change: Change) -> Brain:
    """Give a brain that is wrong about a move's target besides."""

    def both(seen: Observation, policy: Policy, want: Want | None) -> Action:
        if seen.state is None or seen.state.move is None:
            return brain(seen, policy, want)
        site = seen.state.move.target
        return brain(replace(seen, sites={**seen.sites, site: change(seen.state, seen.sites[site])}), policy, want)

    return both


def shut(state: State, sight: Sight) -> Sight:
    number = frozenset({gate.number(state.epoch)})
    return replace(sight, gate=Gate(number, number), sql=replace(sight.sql, sessions=0))


def empty(_state: State, sight: Sight) -> Sight:
    return replace(sight, sql=replace(sight.sql, sessions=0))


def caught_up(_state: State, sight: Sight) -> Sight:
    return replace(sight, sql=replace(sight.sql, replayed=1 << 60))


def told(brain: Brain, act: Callable[[Staff], None], *, manner: Manner = BRISK, seconds: float = 600.0) -> str:
    """Give what the world has to say of a brain after something was done under it."""
    world = World(manner=manner)
    staff = Staff(world, POLICY, brain).at_work()
    act(staff)
    world.advance(seconds)
    return " ".join(world.facts.violations)


def planned(staff: Staff) -> None:
    staff.ask(Kind.SWITCHOVER, STANDBY)


def unplanned(staff: Staff) -> None:
    staff.ask(Kind.FAILOVER, STANDBY)


def unwatched(act: Callable[[Staff], None]) -> Callable[[Staff], None]:
    """Take the second line of defence away: a watchdog shuts its site soon after the state says that it should."""

    def alone(staff: Staff) -> None:
        staff.world.watching[HOME] = staff.world.watching[STANDBY] = False
        act(staff)

    return alone


def planned_with_a_stall(staff: Staff) -> None:
    staff.world.stall = "receive"
    planned(staff)


def part(world: World) -> None:
    world.net.isolate(HOME)
    world.stream = False


def cut_off(staff: Staff) -> None:
    part(staff.world)


@pytest.mark.parametrize("act", [planned, unplanned])
def test_sealing_without_a_fence_lets_both_sites_accept_writes(act: Callable[[Staff], None]) -> None:
    assert told(decide, unwatched(act)) == ""
    said = told(also(as_if(shut), caught_up), unwatched(act))
    assert "both sites accept clients' writes" in said
    assert "home accepts writes and is not the active site" in said


def test_sealing_before_the_replica_has_caught_up_loses_acknowledged_rows() -> None:
    assert told(decide, planned_with_a_stall) == ""
    assert "a switchover has lost" in told(as_if(caught_up, source=False), planned_with_a_stall)


def test_counting_a_site_as_gone_before_its_lease_is_over_lets_both_accept_writes() -> None:
    """Told of no mark for long, the brain moves while the watchdog still waits for an answer."""

    def hasty(seen: Observation, policy: Policy, want: Want | None) -> Action:
        policy = replace(policy, patience=5.0, lease=1.0, margin=0.0)
        return decide(seen, policy, want)

    def loses_its_lease(staff: Staff) -> None:
        staff.world.advance(47.0)
        cut_off(staff)

    manner = replace(BRISK, linger=0.0, reboot=1.0, finish=1.0)
    world = World(manner=manner)
    staff = Staff(world, replace(POLICY, lease=120.0), hasty).at_work()
    loses_its_lease(staff)
    world.advance(600.0)
    assert "home accepts writes and is not the active site" in " ".join(world.facts.violations)


def test_a_watchdog_that_cannot_fence_makes_a_site_that_is_cut_off_a_second_primary() -> None:
    """The controller counts on it: it has said that it is armed, and its gate does not move."""
    world = World(manner=BRISK)
    Staff(world, POLICY).at_work()
    world.net.broken.add((HOME, "ec2"))
    part(world)
    world.advance(900.0)
    assert "both sites accept clients' writes" in " ".join(world.facts.violations)


def test_a_database_that_is_back_before_its_watchdog_serves_beside_the_new_primary() -> None:
    """The assumption about power (RECOVERY_SECONDS) is one: without it the old site serves until it has looked."""
    world = World(manner=BRISK)
    Staff(world, POLICY).at_work()
    world.power(HOME, on=False)
    world.advance(900.0)
    assert world.facts.violations == []
    world.power(HOME, on=True)
    world.advance(RECOVERY_SECONDS + 60.0)
    assert world.facts.violations == []
    world.gates[HOME].entering.clear()
    world.gates[HOME].leaving.clear()
    world.check()
    assert "both sites accept clients' writes" in " ".join(world.facts.violations)


def test_promoting_on_a_rumour_is_a_promotion_without_a_sealed_move() -> None:
    world = World(manner=BRISK)
    Staff(world, POLICY).at_work()
    world.watching[STANDBY] = False
    promote(world, STANDBY)
    world.advance(60.0)
    said = " ".join(world.facts.violations)
    assert "promoted without a sealed move" in said
    assert "both sites accept clients' writes" in said


def test_saying_that_nothing_is_lost_is_held_against_the_brain() -> None:
    def boastful(seen: Observation, policy: Policy, want: Want | None) -> Action:
        action = decide(seen, policy, want)
        if action.verb is not Verb.SEAL or action.after is None or action.after.move is None:
            return action
        proof = action.after.move.proof and replace(action.after.move.proof, loss_seconds=0.0)
        return replace(action, after=replace(action.after, move=replace(action.after.move, proof=proof)))

    assert told(decide, cut_off, seconds=900.0) == ""
    assert "and had said 0.0" in told(boastful, cut_off, seconds=900.0)


def test_opening_what_is_not_active_is_seen_at_once() -> None:
    world = World(manner=BRISK)
    staff = Staff(world, POLICY).at_work()
    planned(staff)
    world.advance(600.0)
    assert world.facts.violations == []
    world.watching[HOME] = False
    for doors in (world.gates[HOME].entering, world.gates[HOME].leaving):
        doors.clear()
    world.check()
    assert "both sites accept clients' writes" in " ".join(world.facts.violations)


def test_a_mark_that_claims_too_much_fools_a_runner_and_not_the_world() -> None:
    """A watchdog that says it has shut what it has not would part nobody from anybody."""
    lying = Mark(at=1e12, armed=True, shut=1)
    said = told(as_if(lambda _, sight: replace(empty(_, sight), mark=lying)), unwatched(unplanned))
    assert "home accepts writes and is not the active site" in said


@pytest.mark.parametrize(
    "rule", [also(as_if(shut), caught_up), as_if(caught_up, source=False)], ids=["no fence", "no drain"]
)
def test_random_sequences_find_a_broken_rule(rule: Brain) -> None:
    found = 0
    for seed in range(120):
        die = random.Random(seed)  # noqa: S311 - a die that can be thrown again
        chaos = Chaos(die, rule)
        for _ in range(12):
            chaos.step(die.choice(sorted(BEFALLS)))
        found += bool(chaos.world.facts.violations)
    assert found > 0


def test_a_site_that_is_cut_off_while_nobody_watches_it_is_the_one_thing_left_out() -> None:
    """Named in simulation.chaos: a watchdog that dies in the very moment in which its site is cut off."""
    world = World(manner=BRISK)
    Staff(world, POLICY).at_work()
    world.watching[HOME] = False
    part(world)
    world.advance(900.0)
    assert "both sites accept clients' writes" in " ".join(world.facts.violations)


def test_sealing_as_soon_as_ec2_tells_of_the_deny_is_too_early() -> None:
    """A deny is in force a little later than EC2 says so; clients of a server that nobody can ask write until then."""

    def slow(staff: Staff) -> None:
        staff.world.ail(HOME, Health.SLOW)
        staff.world.stream = False
        unplanned(staff)

    def hasty(seen: Observation, policy: Policy, want: Want | None) -> Action:
        return decide(seen, replace(policy, settle=0.0), want)

    manner = replace(BRISK, late=2.9)
    assert told(decide, unwatched(slow), manner=manner) == ""
    assert "home accepts writes and is not the active site" in told(hasty, unwatched(slow), manner=manner)
