"""The dashboard: both sites and the failover on one page, each graph from the region that has its figures (fact D5)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from troposphere import Join, Sub, Template, cloudwatch

from dr_templates.tiers import sheet
from dr_templates.tiers.alarms import NAMESPACE
from dr_templates.tiers.arns import HERE, HOME, STANDBY, Where

WIDTH, HEIGHT = 8, 6
"""Of a widget, in the console's grid of 24 columns: three to a row."""
ENVIRONMENT = "${Name}-${EnvironmentSuffix}"

Metric = tuple[str, Mapping[str, str], str]
"""A metric's name, its dimensions and the statistic that is shown."""


def add(template: Template) -> cloudwatch.Dashboard:
    """Add the dashboard: a row for the failover, two for each site."""
    shown = [*_failover(), *_site(HOME), *_site(STANDBY)]
    texts = [json.dumps({**_place(index), **widget}) for index, widget in enumerate(shown)]
    return template.add_resource(
        cloudwatch.Dashboard(
            "Dashboard",
            DashboardName=sheet.physical(),
            DashboardBody=Join("", ['{"widgets":[', Join(",", [Sub(text) for text in texts]), "]}"]),
        )
    )


def _place(index: int) -> dict[str, int]:
    in_row = 24 // WIDTH
    return {"x": index % in_row * WIDTH, "y": index // in_row * HEIGHT, "width": WIDTH, "height": HEIGHT}


def _failover() -> Sequence[dict[str, Any]]:
    pair = {"Environment": ENVIRONMENT}
    machine = {"StateMachineArn": "${StateMachineArn}"}
    executions = ("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut")
    return (
        _graph(
            "Active site: 1 ${HomeSiteName}, 2 ${StandbySiteName}", HERE, NAMESPACE, [("ActiveSite", pair, "Maximum")]
        ),
        _graph("Age of the lock (s)", HERE, NAMESPACE, [("LockAgeSeconds", pair, "Maximum")]),
        _graph("Executions", HERE, "AWS/States", [(name, machine, "Sum") for name in executions]),
    )


def _site(site: Where) -> Sequence[dict[str, Any]]:
    """Show a site in two rows: what its probe says, then what RDS says."""
    probe = {"Environment": ENVIRONMENT, "Site": site.name}
    database = {"DBInstanceIdentifier": f"{ENVIRONMENT}-{site.name}"}
    return (
        _graph(
            f"{site.name}: reachable, in recovery, streaming",
            site,
            NAMESPACE,
            [(name, probe, "Maximum") for name in ("Reachable", "InRecovery", "WalReceiverStreaming")],
        ),
        _graph(
            f"{site.name}: heartbeat age (s), RDS's lag (s)",
            site,
            NAMESPACE,
            [("HeartbeatAgeSeconds", probe, "Maximum")],
            ("AWS/RDS", [("ReplicaLag", database, "Average")]),
        ),
        _graph(f"{site.name}: replay lag (bytes)", site, NAMESPACE, [("ReplayLagBytes", probe, "Maximum")]),
        _graph(
            f"{site.name}: client sessions, connections",
            site,
            NAMESPACE,
            [("ClientSessions", probe, "Maximum")],
            ("AWS/RDS", [("DatabaseConnections", database, "Maximum")]),
        ),
        _graph(f"{site.name}: CPU (%)", site, "AWS/RDS", [("CPUUtilization", database, "Average")]),
        _graph(f"{site.name}: free storage (bytes)", site, "AWS/RDS", [("FreeStorageSpace", database, "Minimum")]),
    )


def _graph(
    title: str, where: Where, namespace: str, metrics: Sequence[Metric], *others: tuple[str, Sequence[Metric]]
) -> dict[str, Any]:
    lines = [
        [space, name, *(word for pair in dimensions.items() for word in pair), {"stat": statistic}]
        for space, some in ((namespace, metrics), *others)
        for name, dimensions, statistic in some
    ]
    return {
        "type": "metric",
        "properties": {
            "title": title,
            "region": where.region,
            "view": "timeSeries",
            "period": 60,
            "metrics": lines,
        },
    }
