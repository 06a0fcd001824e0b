"""Keys in two regions for the tests of the emulator's RDS, and a way into the databases."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.lab.emulator.types.conftest import AWAY, HOME, client, until

from dr_templates.lab.emulator import Emulator
from dr_templates.runtime.database import Target

PASSWORD, ANOTHER, TOKEN = "Master-Password-1", "Another-Password-1", "stands for an IAM token"


@dataclass(frozen=True)
class Databases:
    """The RDS of two regions, seen as its users see it."""

    emulator: Emulator
    keys: dict[str, str]

    def create(self, name: str, **more: object) -> dict[str, Any]:
        settings = {
            "Engine": "postgres",
            "EngineVersion": "15.19",
            "DBInstanceClass": "db.t4g.micro",
            "AllocatedStorage": 20,
            "MasterUsername": "master",
            "MasterUserPassword": PASSWORD,
            "DBName": "app",
            "StorageEncrypted": True,
            "KmsKeyId": self.keys[HOME],
            "EnableIAMDatabaseAuthentication": True,
            "BackupRetentionPeriod": 3,
        }
        client("rds").create_db_instance(DBInstanceIdentifier=name, **{**settings, **more})
        return self.available(name)

    def replicate(self, name: str, source: str, **more: object) -> dict[str, Any]:
        request = {"SourceDBInstanceIdentifier": source, "SourceRegion": HOME, "KmsKeyId": self.keys[AWAY], **more}
        client("rds", AWAY).create_db_instance_read_replica(DBInstanceIdentifier=name, **request)
        return self.available(name, AWAY)

    def see(self, name: str, region: str = HOME) -> dict[str, Any]:
        return client("rds", region).describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]

    def available(self, name: str, region: str = HOME) -> dict[str, Any]:
        until(lambda: self.see(name, region)["DBInstanceStatus"] not in AT_WORK)
        seen = self.see(name, region)
        assert seen["DBInstanceStatus"] == "available"
        return seen

    def delete(self, name: str, region: str = HOME) -> None:
        client("rds", region).delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
        until(lambda: name not in self.names(region))

    def names(self, region: str) -> list[str]:
        found = client("rds", region).describe_db_instances()["DBInstances"]
        return [one["DBInstanceIdentifier"] for one in found]

    def address(self, host: str) -> str:
        hosts = json.loads((self.emulator.home / "work/rds/hosts.json").read_text())
        return str(hosts[host])

    def target(self, instance: dict[str, Any], password: str = PASSWORD, user: str = "master") -> Target:
        """Give the way in; by the address, as nothing here resolves the endpoint's name."""
        authority = (self.emulator.home / "work/rds/authority.pem").read_text()
        endpoint = instance["Endpoint"]
        return Target(self.address(endpoint["Address"]), endpoint["Port"], "app", user, password, ca=authority)


AT_WORK = ("creating", "modifying", "renaming", "rebooting", "stopping", "starting", "deleting")


@pytest.fixture
def keys(led: None) -> dict[str, str]:  # noqa: ARG001 - where its clients are led to
    return {region: client("kms", region).create_key()["KeyMetadata"]["Arn"] for region in (HOME, AWAY)}


@pytest.fixture
def databases(emulator: Emulator, keys: dict[str, str]) -> Iterator[Databases]:
    them = Databases(emulator, keys)
    yield them
    for region in (AWAY, HOME):
        for name in them.names(region):
            until(lambda name=name, region=region: them.see(name, region)["DBInstanceStatus"] not in AT_WORK)
            if them.see(name, region)["DeletionProtection"]:
                client("rds", region).modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False)
                them.available(name, region)
            them.delete(name, region)
    assert not list((emulator.home / "work/rds").glob("db-*"))
