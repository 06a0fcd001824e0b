"""An emulator whose minutes are a second long, with the names of a pair as the templates make them."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.lab.emulator.types.conftest import AWAY, HOME, WAIT, client

from dr_templates.lab.emulator import Emulator, environment, running
from dr_templates.lab.names import Resolver
from dr_templates.lab.orders import ask
from dr_templates.tiers import dns

CONTROL = "eu-central-1"
RATE = 60.0
ZONE = "lab.internal"
WRITER = f"postgres.{ZONE}"
READER = f"postgres-reader.{ZONE}"
TARGETS = {"home": "home-db.hosts.internal", "away": "away-db.hosts.internal"}


@dataclass(frozen=True)
class Names:
    """What a pair's names are made of, and how they are asked for."""

    emulator: Emulator
    resolver: Resolver

    def publish(self, value: int) -> None:
        dimensions = [{"Name": "Environment", "Value": "shop-demo"}]
        datum = {"MetricName": "ActiveSite", "Dimensions": dimensions, "Value": value}
        client("cloudwatch", CONTROL).put_metric_data(Namespace="DatabaseRecovery", MetricData=[datum])

    def target(self, name: str = WRITER) -> str:
        """Tell at which site the name points just now."""
        told = self.resolver.look(name)[0]
        return next(site for site, target in TARGETS.items() if target == told)

    def now(self) -> float:
        return self.emulator.clock.now()


@pytest.fixture(scope="module")
def quick() -> Iterator[Emulator]:
    with running(rate=RATE) as there:
        yield there


@pytest.fixture
def told(quick: Emulator, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Lead the test to the quick emulator, and give what it tells of its resolver."""
    for name, value in environment(quick).items():
        monkeypatch.setenv(name, value)
    said: dict[str, Any] = ask(quick, "dns")
    return said


@pytest.fixture
def names(quick: Emulator, told: dict[str, Any]) -> Iterator[Names]:
    """Make the stack of names by the template itself, for two databases that are only names."""
    vpcs = {
        region: client("ec2", region).create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"] for region in (HOME, AWAY)
    }
    zone = zone_of(vpcs[HOME], "hosts.internal")
    for number, target in enumerate(TARGETS.values(), 1):
        put(zone, {"Name": target, "Type": "A", "TTL": 5, "ResourceRecords": [{"Value": f"127.0.0.{number}"}]})
    cloud = client("cloudformation", CONTROL)
    parameters = {
        "Name": "shop",
        "EnvironmentSuffix": "demo",
        "ZoneName": ZONE,
        "RecordTtlSeconds": "10",
        "DatabaseName": "app",
        **site("Home", HOME, "home", vpcs[HOME]),
        **site("Standby", AWAY, "away", vpcs[AWAY]),
    }
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    cloud.create_stack(StackName="dns", TemplateBody=json.dumps(dns.build().to_dict()), Parameters=given)
    cloud.get_waiter("stack_create_complete").wait(StackName="dns", WaiterConfig=WAIT)
    yield Names(quick, Resolver(told["host"], told["port"]))
    cloud.delete_stack(StackName="dns")
    cloud.get_waiter("stack_delete_complete").wait(StackName="dns", WaiterConfig=WAIT)
    for target in TARGETS.values():
        drop(zone, target)
    client("route53").delete_hosted_zone(Id=zone)
    for region, vpc in vpcs.items():
        client("ec2", region).delete_vpc(VpcId=vpc)


def site(place: str, region: str, name: str, vpc: str) -> dict[str, str]:
    values = {"Region": region, "SiteName": name, "VpcId": vpc, "DatabaseEndpoint": TARGETS[name]}
    return {f"{place}{key}": value for key, value in values.items()}


def zone_of(vpc: str, name: str, region: str = HOME) -> str:
    made = client("route53").create_hosted_zone(
        Name=name, CallerReference=f"{name} {vpc} {time.monotonic()}", VPC={"VPCRegion": region, "VPCId": vpc}
    )
    return str(made["HostedZone"]["Id"])


def put(zone: str, record: dict[str, Any]) -> None:
    change(zone, "UPSERT", record)


def drop(zone: str, name: str) -> None:
    """Remove what there is of a name."""
    found = client("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    for record in found:
        if record["Name"] == f"{name}.":
            change(zone, "DELETE", record)


def change(zone: str, action: str, record: dict[str, Any]) -> None:
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.02)
