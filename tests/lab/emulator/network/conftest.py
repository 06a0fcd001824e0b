"""Two regions with a database each, its replica in the other, and clients in either."""

import contextlib
import functools
import json
import ssl
import threading
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pg8000.native
import pytest
from botocore.config import Config
from tests.lab.emulator.clocks.conftest import made
from tests.lab.emulator.rds.conftest import PASSWORD, Databases
from tests.lab.emulator.types.conftest import AWAY, HOME, ONCE, client, until

from dr_templates.aws.clients import boto
from dr_templates.lab.emulator import Emulator, environment, running

RATE = 10.0
CIDRS = {HOME: "10.1", AWAY: "10.2"}
FREE = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with running(rate=RATE) as there:
        yield there


@dataclass(frozen=True)
class Network:
    """The network, as who orders it and who suffers from it see it."""

    emulator: Emulator

    def told(self, method: str = "GET", body: object = None, what: str = "network") -> Any:  # noqa: ANN401 - any JSON
        data = None if body is None else json.dumps(body).encode()
        url = f"{self.emulator.endpoint}/_lab/{what}"
        request = urllib.request.Request(url, method=method, data=data)  # noqa: S310 - our own emulator
        with FREE.open(request, timeout=10) as answer:
            return json.load(answer)

    def cut(self, *cuts: tuple[str, str, str]) -> None:
        listed = [{"from": source, "to": target, "what": what} for source, target, what in cuts]
        self.told("POST", {"cuts": listed})

    def slow(self, *delays: tuple[str, str, str, float]) -> None:
        names = ("from", "to", "what", "seconds")
        self.told("POST", {"delays": [dict(zip(names, delay, strict=True)) for delay in delays]})

    def shut(self) -> dict[str, bool]:
        """Tell of the databases by region whether their gate is shut."""
        return {one["region"]: one["shut"] for one in self.told(what="databases")}

    def heal(self) -> None:
        self.told("DELETE")

    def caller(self, service: str, place: str, region: str = HOME) -> Any:  # noqa: ANN401 - boto3 types by literals
        return boto(service, region, ONCE.merge(Config(user_agent_appid=f"lab-{place}")))


@pytest.fixture
def network(emulator: Emulator, led: None) -> Iterator[Network]:  # noqa: ARG001 - where its clients are led to
    there = Network(emulator)
    yield there
    there.heal()


@dataclass(frozen=True)
class Pair:
    """A database at home and its replica away, in subnets of their own behind an ACL of their own."""

    databases: Databases
    acls: dict[str, str]

    def session(self, place: str | None = None, name: str = "orders", region: str = HOME) -> pg8000.native.Connection:
        """Connect from a place; without one as a function beside the database."""
        emulator = self.databases.emulator
        host = self.databases.see(name, region)["Endpoint"]["Address"]
        context = ssl.create_default_context(cafile=str(emulator.home / "work/rds/authority.pem"))
        context.check_hostname = False
        source = None if place is None else (Network(emulator).told()["addresses"][place], 0)
        return pg8000.native.Connection(
            "master",
            host=self.databases.address(host),
            database="app",
            password=PASSWORD,
            ssl_context=context,
            source_address=source,
            timeout=30,
        )


@pytest.fixture(scope="session")
def standing_pair(emulator: Emulator) -> Pair:
    """Stand until the emulator ends."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(emulator).items():
            patch.setenv(name, value)
        keys = {region: client("kms", region).create_key()["KeyMetadata"]["Arn"] for region in (HOME, AWAY)}
        databases = Databases(emulator, keys)
        acls = {region: _site(region) for region in (HOME, AWAY)}
        source = databases.create("orders", DBSubnetGroupName="data")
        databases.replicate("orders-away", source["DBInstanceArn"], DBSubnetGroupName="data")
        with Pair(databases, acls).session() as connection:
            connection.run("CREATE TABLE written (n int)")
    return Pair(databases, acls)


@pytest.fixture
def pair(standing_pair: Pair, network: Network) -> Pair:  # noqa: ARG001 - whole before and after each test
    return standing_pair


def _site(region: str) -> str:
    """Make a network for databases and functions as the templates do, and give the ACL before the databases."""
    ec2 = client("ec2", region)
    vpc = ec2.create_vpc(CidrBlock=f"{CIDRS[region]}.0.0/16")["Vpc"]["VpcId"]
    subnet = functools.partial(_subnet, ec2, vpc)
    data = [subnet(f"{CIDRS[region]}.{number}.0/24", region + letter) for number, letter in ((1, "a"), (2, "b"))]
    functions = f"{CIDRS[region]}.255.0/24"
    _function(region, subnet(functions, f"{region}a"))
    group = {"DBSubnetGroupName": "data", "DBSubnetGroupDescription": "data"}
    client("rds", region).create_db_subnet_group(**group, SubnetIds=data)
    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    for one in data:
        filters = [{"Name": "association.subnet-id", "Values": [one]}]
        (had,) = ec2.describe_network_acls(Filters=filters)["NetworkAcls"]
        (now,) = (named for named in had["Associations"] if named["SubnetId"] == one)
        ec2.replace_network_acl_association(AssociationId=now["NetworkAclAssociationId"], NetworkAclId=acl)
    for number, cidr in ((100, functions), (200, f"{CIDRS[HOME]}.0.0/16"), (210, f"{CIDRS[AWAY]}.0.0/16")):
        entry = {"NetworkAclId": acl, "RuleNumber": number, "Protocol": "6", "CidrBlock": cidr, "RuleAction": "allow"}
        ec2.create_network_acl_entry(**entry, Egress=False, PortRange={"From": 5432, "To": 5432})
        ec2.create_network_acl_entry(**entry, Egress=True, PortRange={"From": 1024, "To": 65535})
    return str(acl)


def _subnet(ec2: Any, vpc: str, cidr: str, zone: str) -> str:  # noqa: ANN401 - a client
    return str(ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"]["SubnetId"])


def _function(region: str, subnet: str) -> None:
    group = client("ec2", region).describe_security_groups(GroupNames=["default"])["SecurityGroups"][0]["GroupId"]
    inside = {"SubnetIds": [subnet], "SecurityGroupIds": [group]}
    made("probe", "def handler(event, context): return None", region, VpcConfig=inside)


@contextlib.contextmanager
def started(work: Callable[[], object]) -> Iterator[threading.Thread]:
    """Do some work on a thread, which may hang for a while, and wait for its end."""
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield thread
    finally:
        thread.join(30)
        assert not thread.is_alive()


__all__ = ["AWAY", "HOME", "RATE", "Network", "Pair", "client", "started", "until"]
