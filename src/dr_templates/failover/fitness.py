"""Whether a site can be promoted, and a move begun: each question is answered with the reason against it, or None."""

from __future__ import annotations

from dr_templates.failover import gate
from dr_templates.failover.loss import same_cluster
from dr_templates.failover.model import Observation, Policy, Stance, Want
from dr_templates.failover.stance import fresh, gone, peer, stance, writable
from dr_templates.failover.state import Kind


def unfit(seen: Observation, target: str) -> str | None:
    """Say why a site cannot be promoted now. A replica that is being backed up cannot, RDS refuses it (fact A25)."""
    sight, source = seen.sites[target], seen.sites[peer(seen, target)]
    now = stance(sight)
    if now is not Stance.REPLICA:
        return f"{target} is {now}, not a replica" + (f" ({sight.sql.error})" if sight.sql.error else "")
    if sight.instance.status is None:
        return f"RDS does not tell how {target} is"
    if sight.instance.replica is not True:
        return f"RDS does not call {target} a replica"
    if sight.instance.status != "available":
        return f"RDS says {target} is {sight.instance.status}; only an available replica can be promoted"
    if source.sql.system is not None and sight.sql.system is not None and source.sql.system != sight.sql.system:
        return f"{target} does not belong to the cluster at {peer(seen, target)}"
    return None


def unwilling(seen: Observation, policy: Policy, want: Want) -> str | None:
    """Say why a move that somebody asked for must not begin."""
    if want.to not in seen.sites:
        return f"there is no site {want.to}"
    return unfit(seen, want.to) or (
        _not_planned(seen, want.to) if want.kind is Kind.SWITCHOVER else _not_severed(seen, want.to, policy)
    )


def _not_planned(seen: Observation, target: str) -> str | None:
    """Say what a planned move lacks: it needs both sides well, or it would only stop the writes."""
    name = peer(seen, target)
    source, replica = seen.sites[name], seen.sites[target]
    if not writable(source.sql):
        return f"{name} does not answer as primary; a move without it is a failover"
    if not gate.known(source.gate):
        return f"the gate of {name} cannot be read, so it cannot be fenced"
    if replica.sql.streaming is not True:
        return f"{target} does not stream from {name}"
    if not same_cluster(source, replica):
        return f"{target} is not known to be on the timeline of {name}"
    return None


def _not_severed(seen: Observation, target: str, policy: Policy) -> str | None:
    """Say why the other side could go on serving: it must be possible to part it from its clients, or be certain."""
    name = peer(seen, target)
    if gate.known(seen.sites[name].gate) or gone(seen, name, policy) or fresh(seen, name, policy.lease):
        return None
    return f"{name} can be neither fenced nor counted as gone: two of three places must agree that it serves nobody"
