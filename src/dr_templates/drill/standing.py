"""What stands when a drill is over, as the lab itself tells: the document, the servers, the calls, the network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dr_templates.drill.calls import promotions
from dr_templates.drill.reckoning import Standing
from dr_templates.drill.stage import Stage
from dr_templates.failover import gate

CLIENTS = ("clients", "*")
RESTARTED = "DB instance restarted"
"""RDS's words when a server is up again (event 6)."""
EVENTS_MINUTES = 600
"""How far back RDS is asked for that, by the lab's clock."""


def standing(stage: Stage) -> Standing:
    """Ask. Raises ``DrError`` when the lab does not answer, and what boto3 raises."""
    seen = stage.look()
    state = seen.state
    active = state.active if state is not None else ""
    network, servers = stage.ask("network"), stage.ask("databases")
    primaries = {one["region"] for one in servers if one["in_recovery"] is False and one["open"]}
    dark = {site for site in stage.names.sites if not _reaches(network["cuts"], stage, site, site)}
    serving = [
        site
        for site in stage.names.sites
        if stage.region(site) in primaries and site not in dark and not gate.shut(seen.sites[site].gate)
    ]
    return Standing(
        active=active,
        moving=state is None or state.move is not None,
        serving=serving[0] if len(serving) == 1 else None,
        promotions=promotions(stage),
        restarted=_restarted(stage, active) if active else None,
        reaching=frozenset(
            site for site in stage.names.sites if active and _reaches(network["cuts"], stage, site, active)
        ),
    )


def _reaches(cuts: Iterable[Mapping[str, str]], stage: Stage, place: str, site: str) -> bool:
    """Tell whether clients at a place have a way to a site: their own, or the other one's by the peering."""
    if place != site and not stage.config.network.peering:
        return False
    one, other = stage.region(place), stage.region(site)
    ways = ((one, other), (other, one))
    return not any(
        cut["what"] in CLIENTS and cut["from"] in (source, "*") and cut["to"] in (target, "*")
        for cut in cuts
        for source, target in ways
    )


def _restarted(stage: Stage, site: str) -> float | None:
    """Ask RDS when a site's server was up again: no client can know that as early."""
    rds, name = stage.clients.rds(stage.region(site)), stage.names.instance(site)
    told = rds.describe_events(SourceIdentifier=name, SourceType="db-instance", Duration=EVENTS_MINUTES)["Events"]
    times = [one["Date"].timestamp() for one in told if one["Message"] == RESTARTED]
    return stage.clock.real(max(times)) if times else None
