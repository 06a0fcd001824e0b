"""After destroy nothing is left: in any service of any region, nor on this machine."""

from collections.abc import Iterator
from typing import Any

import pytest

from dr_templates.config import load
from dr_templates.deploy import deployment
from dr_templates.deploy.deployment import Deployment
from dr_templates.lab.emulator import running
from plans import drive, small

LISTED: tuple[tuple[str, str, str], ...] = (
    ("cloudformation", "describe_stacks", "Stacks"),
    ("cloudwatch", "describe_alarms", "MetricAlarms"),
    ("cloudwatch", "list_dashboards", "DashboardEntries"),
    ("dynamodb", "list_tables", "TableNames"),
    ("ec2", "describe_flow_logs", "FlowLogs"),
    ("ec2", "describe_network_acls", "NetworkAcls"),
    ("ec2", "describe_route_tables", "RouteTables"),
    ("ec2", "describe_security_groups", "SecurityGroups"),
    ("ec2", "describe_subnets", "Subnets"),
    ("ec2", "describe_vpc_endpoints", "VpcEndpoints"),
    ("ec2", "describe_vpc_peering_connections", "VpcPeeringConnections"),
    ("ec2", "describe_vpcs", "Vpcs"),
    ("events", "list_rules", "Rules"),
    ("iam", "list_roles", "Roles"),
    ("kms", "list_aliases", "Aliases"),
    ("lambda", "list_functions", "Functions"),
    ("logs", "describe_log_groups", "logGroups"),
    ("rds", "describe_db_instances", "DBInstances"),
    ("rds", "describe_db_parameter_groups", "DBParameterGroups"),
    ("rds", "describe_db_snapshots", "DBSnapshots"),
    ("rds", "describe_db_subnet_groups", "DBSubnetGroups"),
    ("rds", "describe_event_subscriptions", "EventSubscriptionsList"),
    ("route53", "list_health_checks", "HealthChecks"),
    ("route53", "list_hosted_zones", "HostedZones"),
    ("s3", "list_buckets", "Buckets"),
    ("secretsmanager", "list_secrets", "SecretList"),
    ("sns", "list_subscriptions", "Subscriptions"),
    ("sns", "list_topics", "Topics"),
    ("stepfunctions", "list_state_machines", "stateMachines"),
)
"""How each service lists what it holds. An empty account has some of it as well: what counts is the difference."""


def held(on: Deployment) -> dict[str, list[Any]]:
    """Give everything that the services of all regions list."""
    found = {}
    for region in on.topology.regions:
        for service, call, key in LISTED:
            client = on.clients.make(service, region, on.clients.config)
            found[f"{region} {service} {key}"] = list(_all(client, call, key))
        keys = on.clients.make("kms", region, on.clients.config)
        states = [keys.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in _all(keys, "list_keys", "Keys")]
        alive = [key for key in states if key["KeyManager"] == "CUSTOMER" and key["KeyState"] != "PendingDeletion"]
        found[f"{region} kms Keys"] = alive
    return found


def _all(client: Any, call: str, key: str) -> Iterator[Any]:  # noqa: ANN401 - a client of any service
    if client.can_paginate(call):
        for page in client.get_paginator(call).paginate():
            yield from page[key]
    else:
        yield from getattr(client, call)()[key]


@pytest.mark.parametrize("peering", [pytest.param(False, marks=pytest.mark.slow), True])
def test_destroy_leaves_nothing_behind(peering: bool) -> None:
    read = load(small.CONFIG)
    config = read.model_copy(update={"network": read.network.model_copy(update={"peering": peering})})
    with running() as emulator:
        on = drive.deployment(emulator, config)
        before = held(on)
        drive.deploy(on, deployment.source(config))
        during = held(on)
        assert sum(map(len, during.values())) > sum(map(len, before.values())) + 200
        drive.destroy(on)
        after = {what: there for what, there in held(on).items() if len(there) != len(before[what])}
        assert after == {}
        assert list((emulator.home / "work").rglob("postmaster.pid")) == []
