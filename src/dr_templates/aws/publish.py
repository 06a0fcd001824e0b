"""The metrics of the failover: what the clients' name follows (fact B7), and what the alarms of control watch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dr_templates.failover.cause import Cause
from dr_templates.topology import CONTROL

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef

    from dr_templates.aws.clients import Clients
    from dr_templates.aws.names import Names
    from dr_templates.failover.state import State

NAMESPACE: Final = "DatabaseRecovery"
DAY_SECONDS = 86400.0


def active(clients: Clients, names: Names, state: State) -> None:
    """Publish which site is active: 1 for home, 2 for the other one. Raises what boto3 raises."""
    _put(clients, names, [_active(names, state)])


def look(clients: Clients, names: Names, state: State, at: float, cause: str) -> None:
    """Publish which site is active, how long a move has been under way, how long ago the last drill was, and trouble.

    Without a move the age is 0; before the first drill its metric is missing; trouble is 1 unless nothing is wrong.
    Raises what boto3 raises.
    """
    age = max(0.0, at - state.move.begun) if state.move else 0.0
    trouble = 0.0 if cause in ("", Cause.NOTHING) else 1.0
    data = [_active(names, state), _datum(names, "LockAgeSeconds", age), _datum(names, "Trouble", trouble)]
    if state.drilled > 0:
        data.append(_datum(names, "DaysSinceDrill", max(0.0, at - state.drilled) / DAY_SECONDS))
    _put(clients, names, data)


def _active(names: Names, state: State) -> MetricDatumTypeDef:
    return _datum(names, "ActiveSite", 1 if state.active == names.home else 2)


def _datum(names: Names, metric: str, value: float) -> MetricDatumTypeDef:
    return {
        "MetricName": metric,
        "Dimensions": [{"Name": "Environment", "Value": names.environment}],
        "Value": value,
    }


def _put(clients: Clients, names: Names, data: list[MetricDatumTypeDef]) -> None:
    clients.cloudwatch(names.region(CONTROL)).put_metric_data(Namespace=NAMESPACE, MetricData=data)
