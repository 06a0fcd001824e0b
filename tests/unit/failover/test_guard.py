"""The watchdog's table: when a site shuts itself, when it opens itself, and when it leaves everything as it is."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dr_templates.failover import gate
from dr_templates.failover.guard import Post, guard, shut_for
from dr_templates.failover.model import Gate, Verb
from dr_templates.failover.state import Kind, Move, Phase, State
from simulation.strategies import gates, states

LEASE = 60.0
AT = 1_000_000.0
OPEN = Gate(frozenset(), frozenset())
EPOCH = 4
NUMBER = gate.number(EPOCH)
STATE = State("home", serial=9, epoch=EPOCH)
AWAY = replace(STATE, active="standby")


def by(*denies: int) -> Gate:
    return Gate(frozenset(denies), frozenset(denies))


def moving(kind: Kind, phase: Phase, source: str = "home") -> State:
    target = "standby" if source == "home" else "home"
    active = target if phase is Phase.SEALED else source
    return replace(STATE, active=active, move=Move(EPOCH, kind, source, target, "r", AT, AT, "ann", phase=phase))


POST = Post(AT, "home", AT - 5.0, OPEN, STATE, sure=True, replica=False)


@dataclass(frozen=True)
class Row:
    """What a watchdog sees, and what it does."""

    what: str
    post: Post
    verb: Verb
    denies: tuple[int, ...] = ()


ROWS = (
    Row("active and heard", POST, Verb.KEEP),
    Row("heard by nobody for long", replace(POST, acked=AT - 59.0), Verb.FENCE, (gate.OWN,)),
    Row("and not known to be a replica", replace(POST, acked=AT - 59.0, replica=None), Verb.FENCE, (gate.OWN,)),
    Row("and nobody known to be active", replace(POST, acked=AT - 59.0, state=None), Verb.FENCE, (gate.OWN,)),
    Row("and shut already", replace(POST, acked=AT - 59.0, gate=by(gate.OWN)), Verb.KEEP),
    Row(
        "and shut in one direction alone",
        replace(POST, acked=AT - 59.0, gate=Gate(frozenset({gate.OWN}), frozenset())),
        Verb.FENCE,
        (gate.OWN,),
    ),
    Row("and its gate cannot be read", replace(POST, acked=AT - 59.0, gate=Gate()), Verb.FENCE, (gate.OWN,)),
    Row("heard by nobody, and a replica", replace(POST, acked=AT - 59.0, replica=True, state=AWAY), Verb.KEEP),
    Row("heard by nobody as yet", replace(POST, acked=None), Verb.KEEP),
    Row("heard a tick ago, after a while", replace(POST, gate=by(gate.OWN)), Verb.UNFENCE, (gate.OWN,)),
    Row("so it is, by a copy's word", replace(POST, gate=by(gate.OWN), sure=False), Verb.KEEP),
    Row("nobody is known to be active", replace(POST, gate=by(gate.OWN), state=None), Verb.KEEP),
    Row(
        "a move that is over has left it shut", replace(POST, gate=by(gate.number(3))), Verb.UNFENCE, (gate.number(3),)
    ),
    Row("somebody else's deny", replace(POST, gate=by(150 + 49)), Verb.UNFENCE, (gate.OWN,)),
    Row("a deny that is none of ours", replace(POST, gate=by(77)), Verb.KEEP),
    Row("not active, and takes writes", replace(POST, state=AWAY), Verb.FENCE, (gate.OWN,)),
    Row("so it is, by a copy's word: shut", replace(POST, state=AWAY, sure=False), Verb.FENCE, (gate.OWN,)),
    Row("not active, and nobody tells what it is", replace(POST, state=AWAY, replica=None), Verb.KEEP),
    Row("not active, and a replica", replace(POST, state=AWAY, replica=True), Verb.KEEP),
    Row(
        "a replica that was shut", replace(POST, state=AWAY, replica=True, gate=by(gate.OWN)), Verb.UNFENCE, (gate.OWN,)
    ),
    Row(
        "a replica that a move that is over has shut",
        replace(POST, state=AWAY, replica=True, gate=by(NUMBER)),
        Verb.UNFENCE,
        (NUMBER,),
    ),
    Row("one that a move just begun has shut", replace(POST, replica=True, gate=by(gate.number(EPOCH + 1))), Verb.KEEP),
    Row("an unplanned move away", replace(POST, state=moving(Kind.FAILOVER, Phase.OPEN)), Verb.FENCE, (NUMBER,)),
    Row("the same, shut", replace(POST, state=moving(Kind.FAILOVER, Phase.OPEN), gate=by(NUMBER)), Verb.KEEP),
    Row(
        "the same, and shut by itself as well",
        replace(POST, state=moving(Kind.FAILOVER, Phase.OPEN), gate=by(NUMBER, gate.OWN)),
        Verb.UNFENCE,
        (gate.OWN,),
    ),
    Row(
        "shut by itself alone",
        replace(POST, state=moving(Kind.FAILOVER, Phase.OPEN), gate=by(gate.OWN)),
        Verb.FENCE,
        (NUMBER,),
    ),
    Row("a planned move away", replace(POST, state=moving(Kind.SWITCHOVER, Phase.OPEN)), Verb.KEEP),
    Row(
        "a planned move's fence is its own affair",
        replace(POST, state=moving(Kind.SWITCHOVER, Phase.OPEN), gate=by(NUMBER)),
        Verb.KEEP,
    ),
    Row("sealed for the other", replace(POST, state=moving(Kind.SWITCHOVER, Phase.SEALED)), Verb.FENCE, (gate.OWN,)),
    Row(
        "alone on a person's word",
        replace(POST, acked=AT - 900.0, state=replace(STATE, alone="ann")),
        Verb.KEEP,
    ),
    Row(
        "alone, by the word of a copy",
        replace(POST, acked=AT - 900.0, state=replace(STATE, alone="ann"), sure=False),
        Verb.FENCE,
        (gate.OWN,),
    ),
    Row(
        "the other is alone",
        replace(POST, acked=AT - 900.0, state=replace(AWAY, alone="ann")),
        Verb.FENCE,
        (gate.OWN,),
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_the_table(row: Row) -> None:
    action = guard(row.post, LEASE)
    assert (action.verb, tuple(sorted(action.denies))) == (row.verb, row.denies)
    assert action.reason
    assert action.site == "home"


@pytest.mark.parametrize("lease", [30.0, 60.0, 300.0])
def test_it_is_shut_a_tick_and_its_calls_before_its_lease_is_over(lease: float) -> None:
    """Ticks are up to ten seconds apart, and one of them may wait four for an answer."""
    late = replace(POST, acked=AT - (lease - 14.0))
    assert guard(late, lease).verb is Verb.FENCE
    assert guard(replace(POST, acked=AT - 14.0), lease).verb is Verb.KEEP


@pytest.mark.parametrize(
    ("state", "seen", "epoch"),
    [
        (moving(Kind.FAILOVER, Phase.OPEN), by(NUMBER), EPOCH),
        (moving(Kind.FAILOVER, Phase.OPEN), Gate(frozenset({NUMBER}), frozenset()), 0),
        (moving(Kind.FAILOVER, Phase.OPEN), by(gate.OWN), 0),
        (moving(Kind.FAILOVER, Phase.OPEN, "standby"), by(NUMBER), 0),
        (STATE, by(NUMBER), 0),
        (None, by(NUMBER), 0),
    ],
)
def test_a_mark_tells_of_a_gate_shut_for_the_move_under_way_and_nothing_else(
    state: State | None, seen: Gate, epoch: int
) -> None:
    assert shut_for(replace(POST, state=state, gate=seen)) == epoch


posts = st.builds(
    Post,
    at=st.just(AT),
    site=st.just("home"),
    acked=st.none() | st.sampled_from((AT, AT - 30.0, AT - 61.0)),
    gate=gates,
    state=st.none() | states,
    sure=st.booleans(),
    replica=st.sampled_from((None, True, False)),
)


@given(posts)
def test_it_opens_only_where_it_is_sure_and_only_what_it_has_seen(post: Post) -> None:
    action = guard(post, LEASE)
    if action.verb is not Verb.UNFENCE:
        return
    assert post.sure
    assert action.denies <= gate.denies(post.gate)
    assert action.denies
    assert post.acked is not None
    state = post.state
    assert state is not None
    assert state.active == "home" or post.replica is True
    assert post.at - post.acked < LEASE or state.alone


@given(posts)
def test_one_that_reaches_nobody_never_serves_on(post: Post) -> None:
    if post.acked is None or post.at - post.acked < LEASE or post.replica is True:
        return
    alone = post.sure and post.state is not None and post.state.alone and post.state.active == "home"
    action = guard(post, LEASE)
    assert alone or gate.shut_by(post.gate, gate.OWN) or (action.verb, action.denies) == (Verb.FENCE, {gate.OWN})
