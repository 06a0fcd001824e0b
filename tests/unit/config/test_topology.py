"""Regions, zone ids and versions, held against the data cfn-lint brings."""

import json
from importlib import resources
from ipaddress import IPv4Network

import pytest

from dr_templates.topology import CONTROL, ENGINE_VERSIONS, REGIONS, Site, Topology, family

SCHEMAS = resources.files("cfnlint") / "data/schemas"
HERE = Site("here", "us-east-1", IPv4Network("10.0.0.0/16"), ("use1-az1", "use1-az2"))
THERE = Site("there", "eu-west-1", IPv4Network("10.1.0.0/16"), ("euw1-az1", "euw1-az2"))


def postgres_versions(file: str) -> set[str]:
    """Collect every version one of cfn-lint's rules for RDS names together with the engine postgres."""
    rule = json.loads((SCHEMAS / "extensions/aws_rds_dbinstance" / file).read_text())
    found: set[str] = set()
    for case in rule.get("allOf", [rule]):
        text = json.dumps(case)
        if '"const": "postgres"' in text:
            versions = case["if"]["properties"]["EngineVersion"].get("enum")
            found.update(versions or case["then"]["properties"]["EngineVersion"]["enum"])
    return found


def test_every_version_is_known_and_can_still_be_created() -> None:
    known, deprecated = postgres_versions("engine_version.json"), postgres_versions("engine_version_deprecated.json")
    assert {"15.19", "15.12"} <= known
    assert "15.12" in deprecated
    majors = {"15", "16", "17", "18"}
    creatable = {version for version in known - deprecated if "." in version and version.split(".")[0] in majors}
    assert set(ENGINE_VERSIONS) == creatable


def test_every_region_has_schemas_and_postgres_instances() -> None:
    providers = {file.name.removesuffix(".json") for file in (SCHEMAS / "providers").iterdir()}
    classes = json.loads((SCHEMAS / "extensions/aws_rds_dbinstance/dbinstanceclass_enum.json").read_text())
    offering = {region for region, rule in classes.items() if '"const": "postgres"' in json.dumps(rule)}
    assert set(REGIONS) <= providers & offering
    abroad = ("cn-", "us-gov-", "us-iso", "eu-iso", "eusc-")
    assert {region for region in providers & offering if not region.startswith(abroad)} == set(REGIONS)


@pytest.mark.parametrize(
    ("region", "prefix"),
    [
        ("us-east-1", "use1"),
        ("us-west-2", "usw2"),
        ("eu-central-1", "euc1"),
        ("eu-north-1", "eun1"),
        ("ap-southeast-2", "apse2"),
        ("ap-northeast-1", "apne1"),
        ("ap-south-1", "aps1"),
        ("ap-east-1", "ape1"),
        ("ca-central-1", "cac1"),
        ("sa-east-1", "sae1"),
        ("me-central-1", "mec1"),
        ("il-central-1", "ilc1"),
        ("af-south-1", "afs1"),
    ],
)
def test_zone_ids_begin_with_the_prefix_of_their_region(region: str, prefix: str) -> None:
    assert REGIONS[region] == prefix


def test_prefixes_tell_regions_apart() -> None:
    assert len(set(REGIONS.values())) == len(REGIONS)


def test_the_family_is_named_after_the_major_version() -> None:
    assert {family(version) for version in ENGINE_VERSIONS} == {f"postgres{major}" for major in (15, 16, 17, 18)}
    assert family("15.19") == "postgres15"


def test_places_regions_and_peers() -> None:
    topology = Topology(HERE, THERE, "eu-west-1")
    assert topology.places == ("here", "there", CONTROL)
    assert topology.regions == ("us-east-1", "eu-west-1")
    assert topology.peer("here") is THERE
    assert topology.peer("there") is HERE
    assert topology.site("there") is THERE
    assert topology.region(CONTROL) == topology.region("there") == "eu-west-1"
    with pytest.raises(KeyError):
        topology.region("nowhere")
