"""What an unplanned move costs, in words, for the person who is to say yes to it. Pure."""

from collections.abc import Iterator

from dr_templates.aws.names import Names
from dr_templates.cli.durations import spoken
from dr_templates.cli.portrait import lag
from dr_templates.failover.cause import name
from dr_templates.failover.fitness import unwilling
from dr_templates.failover.loss import exposure
from dr_templates.failover.model import Observation, Policy, Want
from dr_templates.failover.stance import peer, stance
from dr_templates.failover.state import Kind


def cost(seen: Observation, to: str, policy: Policy, names: Names) -> Iterator[str]:
    """Say what is seen, what is fenced, how far behind the target is, and what may be lost."""
    source = peer(seen, to)
    yield f"seen: {name(seen, policy).words}"
    now = stance(seen.sites[source])
    yield f"{source} ({names.region(source)}, now {now}) will be fenced: no client will reach it any more"
    age, behind = lag(seen, to)
    heartbeat = "its newest heartbeat is not known" if age is None else f"its newest heartbeat is {spoken(age)} old"
    positions = "how many bytes it lacks is not known" if behind is None else f"it lacks {behind:,} bytes"
    yield f"{to} ({names.region(to)}, now {stance(seen.sites[to])}): {heartbeat}, {positions}"
    loss = exposure(seen, to, policy)
    most = (
        "nobody can tell how much may be lost" if loss.seconds is None else f"{spoken(loss.seconds)} of commits at most"
    )
    least = "" if loss.bytes is None else f"; {loss.bytes:,} bytes of WAL are known to be missing now"
    drains = "; less if it still answers, for the replica drains first" if loss.seconds else ""
    yield f"may be lost: {most}{least}{drains}"
    if _lossless(seen, to, policy):
        yield f"both sites are well: drctl switchover --to {to} loses nothing"


def _lossless(seen: Observation, to: str, policy: Policy) -> bool:
    """Tell whether a planned move could begin instead, which needs the control region and no move under way."""
    state = seen.state
    if state is None or state.move is not None or state.alone:
        return False
    return unwilling(seen, policy, Want(Kind.SWITCHOVER, to, state.epoch + 1, by="")) is None
