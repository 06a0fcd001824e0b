"""What a configuration tells the stacks of each place."""

from ipaddress import IPv4Network
from pathlib import Path

import pytest

from dr_templates.config import Config, load
from dr_templates.failover.model import Mode, Policy
from dr_templates.topology import CONTROL, Site, Topology

EXAMPLE = Path(__file__).parents[3] / "config/example.yaml"


@pytest.fixture
def config() -> Config:
    return load(EXAMPLE)


def test_the_topology_puts_home_first(config: Config) -> None:
    virginia = Site("virginia", "us-east-1", IPv4Network("10.20.0.0/16"), ("use1-az1", "use1-az2", "use1-az4"))
    ireland = Site("ireland", "eu-west-1", IPv4Network("10.30.0.0/16"), ("euw1-az1", "euw1-az2", "euw1-az3"))
    assert config.topology == Topology(virginia, ireland, "eu-central-1")
    swapped = config.model_copy(update={"home": "ireland"})
    assert swapped.topology == Topology(ireland, virginia, "eu-central-1")


def test_a_site_knows_itself_and_its_peer(config: Config) -> None:
    values = config.values("ireland")
    assert {
        "Name": "orders",
        "EnvironmentSuffix": "prod",
        "SiteName": "ireland",
        "VpcCidr": "10.30.0.0/16",
        "PeerSiteName": "virginia",
        "PeerRegion": "us-east-1",
        "PeerVpcCidr": "10.20.0.0/16",
        "ControlRegion": "eu-central-1",
        "LeaseSeconds": "60",
        "AvailabilityZoneA": "euw1-az1",
        "AvailabilityZoneB": "euw1-az2",
        "AvailabilityZoneC": "euw1-az3",
        "ArtifactBucket": "orders-prod-artifacts-111122223333-eu-west-1",
    }.items() <= values.items()


def test_control_knows_both_sites_and_is_none(config: Config) -> None:
    values = config.values(CONTROL)
    assert values == {
        "Name": "orders",
        "EnvironmentSuffix": "prod",
        "HomeSiteName": "virginia",
        "HomeRegion": "us-east-1",
        "StandbySiteName": "ireland",
        "StandbyRegion": "eu-west-1",
        "ZoneName": "orders.internal",
        "RecordTtlSeconds": "5",
        "ArtifactBucket": "orders-prod-artifacts-111122223333-eu-central-1",
        "FailoverMode": "approve",
        "PatienceSeconds": "180",
        "LeaseSeconds": "60",
        "MarginSeconds": "15",
        "DrainSeconds": "60",
        "RpoSeconds": "600",
        "CooldownSeconds": "3600",
        "LockAgeAlarmSeconds": "1800",
        "DrillAlarmDays": "90",
        "AlarmEmail": "",
        "DatabaseName": "app",
        "BackupRetentionDays": "14",
        "BackupWindow": "03:00-04:00",
        "RotationDays": "30",
        "LogRetentionDays": "90",
        "DeletionProtection": "true",
        "DataDeletionPolicy": "Retain",
        "KeyDeletionWindowDays": "30",
    }


def test_the_policy_is_the_configurations_in_seconds(config: Config) -> None:
    assert config.policy == Policy()
    section = config.failover.model_copy(
        update={
            "mode": "automatic",
            "patience_seconds": 240,
            "lease_seconds": 90,
            "margin_seconds": 20,
            "drain_seconds": 30,
            "rpo_seconds": 120,
            "cooldown_minutes": 10,
        }
    )
    database = config.database.model_copy(update={"backup_retention_days": 7})
    assert config.model_copy(update={"failover": section, "database": database}).policy == Policy(
        mode=Mode.AUTOMATIC, patience=240, lease=90, margin=20, drain=30, rpo=120, cooldown=600, backup_days=7
    )


def test_flags_units_and_absent_values_are_written_as_the_templates_read_them(config: Config) -> None:
    values = config.values("virginia")
    assert (values["MultiAz"], values["DeletionProtection"]) == ("true", "true")
    assert (values["SecretsManagerEndpoint"], values["Peering"]) == ("yes", "no")
    assert (values["WalRetrieveRetryMs"], values["AlarmEmail"]) == ("", "")
    assert values["FreeableMemoryAlarmBytes"] == str(512 * 1024 * 1024)
    assert values["FreeStorageAlarmBytes"] == str(20 * 1024**3)
    assert values["SlotLagAlarmBytes"] == str(10 * 1024**3)
    assert values["WalDiskAlarmBytes"] == str(20 * 1024**3)


def test_what_may_be_left_out_is_passed_when_given(config: Config) -> None:
    given = config.model_copy(
        update={
            "database": config.database.model_copy(update={"wal_retrieve_retry_ms": 100, "multi_az": False}),
            "alarms": config.alarms.model_copy(update={"email": "oncall@example.com"}),
            "artifact_bucket": "acme-{region}-artifacts",
            "sites": {
                **config.sites,
                "virginia": config.sites["virginia"].model_copy(update={"zones": ("use1-az1", "use1-az2")}),
            },
        }
    ).values("virginia")
    assert (given["WalRetrieveRetryMs"], given["MultiAz"], given["AlarmEmail"]) == (
        "100",
        "false",
        "oncall@example.com",
    )
    assert given["ArtifactBucket"] == "acme-us-east-1-artifacts"
    assert given["AvailabilityZoneC"] == ""


def test_every_value_is_a_string_as_cloudformation_wants_it(config: Config) -> None:
    for place in config.topology.places:
        assert all(type(value) is str for value in config.values(place).values())


def test_a_place_that_does_not_exist_has_no_values(config: Config) -> None:
    with pytest.raises(KeyError):
        config.values("paris")
