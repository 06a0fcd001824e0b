"""The watchdog's tier: what it may touch, and what it is told of the three places."""

from collections.abc import Callable
from typing import Any

import pytest

from dr_templates.aws.names import Names
from dr_templates.config import Config
from dr_templates.topology import CONTROL

Templates = dict[str, dict[str, Any]]
At = Callable[[str, object], Any]
SITES = ("virginia", "ireland")


def role(templates: Templates) -> dict[str, dict[str, Any]]:
    document = templates["watchdog"]["Resources"]["WatchdogRole"]["Properties"]["Policies"][0]["PolicyDocument"]
    return {statement["Sid"]: statement for statement in document["Statement"]}


@pytest.mark.parametrize("site", SITES)
def test_it_reaches_the_tables_of_control_and_of_the_other_site_by_their_names(
    templates: Templates, names: Names, at: At, site: str
) -> None:
    elsewhere = [
        f"arn:aws:dynamodb:{names.region(place)}:{names.account}:table/{names.table(place)}"
        for place in (CONTROL, names.peer(site))
    ]
    for sid, action, kind in (
        ("LeaveMarks", "dynamodb:PutItem", "mark"),
        ("ReadTheState", "dynamodb:GetItem", "state"),
    ):
        statement = role(templates)[sid]
        assert at(site, statement["Resource"]) == elsewhere
        assert statement["Action"] == [action]
        assert statement["Condition"] == {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [kind]}}


@pytest.mark.parametrize("site", SITES)
def test_it_can_write_nothing_elsewhere_but_marks(templates: Templates, names: Names, at: At, site: str) -> None:
    """The state, the journal and the other site's own words are for others to write."""
    own = f"arn:aws:dynamodb:{names.region(site)}:{names.account}:table/{names.table(site)}"
    writes = [s for s in role(templates).values() if "dynamodb:PutItem" in s["Action"]]
    assert [s["Sid"] for s in writes if at(site, s["Resource"]) != [own]] == ["LeaveMarks"]


def test_it_shuts_its_own_gate_and_no_other(templates: Templates, at: At) -> None:
    account = "arn:aws:ec2:eu-west-1:111122223333"
    shuts = role(templates)["ShutAndOpenTheGate"]
    assert at("ireland", shuts["Resource"]) == [f"{account}:network-acl/${{DatabaseAclId}}"]
    assert role(templates)["LookAtTheDatabase"]["Resource"] == [{"Ref": "DatabaseArn"}]
    assert role(templates)["AskTheProbe"]["Resource"] == [{"Ref": "ProbeFunctionArn"}]


@pytest.mark.parametrize("site", SITES)
def test_it_is_told_the_same_pair_at_both_sites(templates: Templates, environment: Config, at: At, site: str) -> None:
    variables = templates["watchdog"]["Resources"]["WatchdogFunction"]["Properties"]["Environment"]["Variables"]
    topology = environment.topology
    assert at(site, variables) == {
        "NAME": "orders",
        "SUFFIX": "prod",
        "ACCOUNT": "111122223333",
        "SITE": site,
        "HOME_SITE": topology.home.name,
        "HOME_REGION": topology.home.region,
        "STANDBY_SITE": topology.standby.name,
        "STANDBY_REGION": topology.standby.region,
        "CONTROL_REGION": topology.control_region,
        "LEASE_SECONDS": "60",
    }


def test_it_runs_outside_the_vpc_which_reaches_no_api(templates: Templates) -> None:
    assert "VpcConfig" not in templates["watchdog"]["Resources"]["WatchdogFunction"]["Properties"]


@pytest.mark.parametrize(
    ("tier", "table", "place"),
    [("watchdog", "Watch", "virginia"), ("watchdog", "Watch", "ireland"), ("failover", "State", CONTROL)],
)
def test_the_tables_have_one_shape_and_the_names_that_the_program_knows(
    templates: Templates, names: Names, at: At, tier: str, table: str, place: str
) -> None:
    body = at(place, templates[tier]["Resources"][f"{table}Table"]["Properties"])
    assert body["TableName"] == names.table(place)
    keys = {key["KeyType"]: key["AttributeName"] for key in body["KeySchema"]}
    assert keys == {"HASH": "Kind", "RANGE": "Order"}
    assert {one["AttributeName"]: one["AttributeType"] for one in body["AttributeDefinitions"]} == dict.fromkeys(
        keys.values(), "S"
    )


def test_what_the_program_calls_a_sites_things_the_templates_call_them(
    templates: Templates, names: Names, at: At
) -> None:
    """The failover names what is elsewhere and never looks it up, so one letter would leave it without a hand."""
    for site in SITES:
        watchdog = at(site, _property(templates, "watchdog", "WatchdogFunction", "FunctionName"))
        assert watchdog == f"{names.environment}-{site}-watchdog"
        assert at(site, _property(templates, "probe", "ProbeFunction", "FunctionName")) == names.probe(site)
        assert at(site, _property(templates, "network", "DatabaseAcl", "Tags")) == [
            {"Key": "Name", "Value": names.acl(site)}
        ]
        for tier in ("database-primary", "database-replica"):
            assert at(site, _property(templates, tier, "Database", "DBInstanceIdentifier")) == names.instance(site)
        rotation = at(site, _property(templates, "rotation", "RotationFunction", "FunctionName"))
        assert names.rotation_arn(site).rpartition(":")[2] == rotation
    assert at("virginia", _property(templates, "database-primary", "Secret", "Name")) == names.secret


def _property(templates: Templates, tier: str, resource: str, name: str) -> object:
    return templates[tier]["Resources"][resource]["Properties"][name]
