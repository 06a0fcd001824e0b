"""Where each parameter of a root stack gets its value from."""

import json
from ipaddress import IPv4Network
from typing import Any

import pytest

from dr_templates.errors import DrError
from dr_templates.topology import CONTROL, Site, Topology
from dr_templates.wiring import Outputs, Place, read, resolve

HOME = Site("virginia", "us-east-1", IPv4Network("10.0.0.0/16"), ("use1-az1", "use1-az2"))
OTHER = Site("ireland", "eu-west-1", IPv4Network("10.1.0.0/16"), ("euw1-az1", "euw1-az2"))
TOPOLOGY = Topology(HOME, OTHER, "eu-central-1")
ENVIRONMENT = {"Name": "orders", "EnvironmentSuffix": "prod"}


def described(
    region: str, outputs: dict[str, str], site: str | None = None, suffix: str = "prod", **more: str
) -> dict[str, Any]:
    """Describe a stack as CloudFormation does."""
    parameters = {"Name": "orders", "EnvironmentSuffix": suffix} | ({"SiteName": site} if site else {})
    return {
        "StackId": f"arn:aws:cloudformation:{region}:111122223333:stack/any/0",
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
        **more,
    }


def answer(*stacks: dict[str, Any]) -> str:
    return json.dumps({"Stacks": stacks})


def test_the_first_that_knows_a_value_gives_it() -> None:
    values = resolve(
        {"A": "default", "B": "default", "C": "default", "D": "default"},
        {"A": "configured"},
        {"A": "key", "B": "key"},
        Outputs({"virginia": {"A": "output", "B": "output", "C": "output"}}),
        Place("virginia", TOPOLOGY),
    )
    assert list(values.items()) == [("A", "configured"), ("B", "key"), ("C", "output"), ("D", "default")]


def test_an_empty_configured_value_is_a_value() -> None:
    assert resolve({"A": "x"}, {"A": ""}, {}, Outputs(), Place("virginia", TOPOLOGY)) == {"A": ""}


def test_outputs_are_found_by_name_and_place() -> None:
    outputs = Outputs(
        {"virginia": {"VpcId": "vpc-1", "PeeringConnectionId": "pcx-1"}, "ireland": {"VpcId": "vpc-2", "KeyArn": "k"}}
    )
    home = resolve(
        {"VpcId": None, "PeerVpcId": None, "PeerKeyArn": None, "PeeringConnectionId": "none"},
        {},
        {},
        outputs,
        Place("virginia", TOPOLOGY),
    )
    assert home == {"VpcId": "vpc-1", "PeerVpcId": "vpc-2", "PeerKeyArn": "k", "PeeringConnectionId": "pcx-1"}
    control = resolve({"HomeVpcId": None, "StandbyVpcId": None}, {}, {}, outputs, Place(CONTROL, TOPOLOGY))
    assert control == {"HomeVpcId": "vpc-1", "StandbyVpcId": "vpc-2"}


def test_everything_missing_is_named_with_the_stack_that_would_give_it() -> None:
    outputs = Outputs(makers={"ireland": {"SecretKeyArn": "foundation"}})
    required = {"PeerSecretKeyArn": None, "VpcId": None, "Size": "5"}
    with pytest.raises(DrError) as caught:
        resolve(required, {}, {}, outputs, Place("virginia", TOPOLOGY))
    assert caught.value.what.splitlines() == [
        "PeerSecretKeyArn: no value; output SecretKeyArn of the foundation stack at ireland (eu-west-1) gives it",
        "VpcId: no value; output VpcId of a stack at virginia (us-east-1) gives it",
    ]
    assert "virginia" in caught.value.where
    assert "--outputs" in caught.value.hint


def test_a_default_that_means_nothing_is_not_taken_where_a_value_is_demanded() -> None:
    required = {"PeerPeeringConnectionId": "none", "Size": "5"}
    place = Place("ireland", TOPOLOGY)
    assert resolve(required, {}, {}, Outputs(), place) == required
    with pytest.raises(DrError) as caught:
        resolve(required, {}, {}, Outputs(), place, demanded={"PeerPeeringConnectionId"})
    assert caught.value.what == (
        "PeerPeeringConnectionId: no value; output PeeringConnectionId of a stack at virginia (us-east-1) gives it"
    )
    peered = Outputs({"virginia": {"PeeringConnectionId": "pcx-1"}})
    assert resolve(required, {}, {}, peered, place, demanded={"PeerPeeringConnectionId"}) == {
        "PeerPeeringConnectionId": "pcx-1",
        "Size": "5",
    }


def test_stacks_are_told_apart_by_their_parameters_and_region() -> None:
    first = answer(
        described("us-east-1", {"VpcId": "vpc-1"}, "virginia"),
        described("us-east-1", {"Endpoint": "db-1"}, "virginia"),
        described("us-east-1", {"VpcId": "of another environment"}, "virginia", suffix="test"),
        described("us-east-1", {"VpcId": "of a nested stack"}, "virginia", ParentId="arn:aws:cloudformation:x"),
        described("us-east-1", {"VpcId": "of a site elsewhere"}, "ireland"),
        described("us-east-1", {"VpcId": "of one that failed"}, "virginia", StackStatus="ROLLBACK_FAILED"),
        described("us-east-1", {"VpcId": "of one deleted"}, "virginia", StackStatus="DELETE_COMPLETE"),
        described("us-east-1", {"VpcId": "of a site long gone"}, "ohio"),
        {"StackId": "arn:aws:cloudformation:us-east-1:111122223333:stack/stranger/0"},
    )
    second = json.dumps(
        [described("eu-west-1", {"VpcId": "vpc-2"}, "ireland"), described("eu-central-1", {"ZoneId": "Z1"})]
    )
    assert read({"us.json": first, "eu.json": second}, ENVIRONMENT, TOPOLOGY) == {
        "virginia": {"VpcId": "vpc-1", "Endpoint": "db-1"},
        "ireland": {"VpcId": "vpc-2"},
        CONTROL: {"ZoneId": "Z1"},
    }


def test_control_and_standby_may_share_a_region() -> None:
    topology = Topology(HOME, OTHER, "eu-west-1")
    text = answer(described("eu-west-1", {"TopicArn": "a"}, "ireland"), described("eu-west-1", {"TopicArn": "b"}))
    assert read({"eu.json": text}, ENVIRONMENT, topology) == {"ireland": {"TopicArn": "a"}, CONTROL: {"TopicArn": "b"}}


def test_the_same_stack_described_twice_does_no_harm() -> None:
    text = answer(described("us-east-1", {"VpcId": "vpc-1"}, "virginia"))
    assert read({"a": text, "b": text}, ENVIRONMENT, TOPOLOGY) == {"virginia": {"VpcId": "vpc-1"}}


def test_stacks_that_disagree_are_refused() -> None:
    one, two = (answer(described("us-east-1", {"VpcId": vpc}, "virginia")) for vpc in ("vpc-1", "vpc-2"))
    with pytest.raises(DrError, match="VpcId: vpc-1 and vpc-2"):
        read({"a": one, "b": two}, ENVIRONMENT, TOPOLOGY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[1]",
        '{"Stacks": 3}',
        '{"Stacks": [{}]}',
        '[{"StackId": "arn:aws"}]',
        '[{"StackId": "a:b:c:d"}]',
        '[{"StackId": ["arn:aws:cloudformation:us-east-1"]}]',
    ],
)
def test_what_is_no_answer_of_describe_stacks_is_refused(text: str) -> None:
    with pytest.raises(DrError) as caught:
        read({"stacks.json": text}, ENVIRONMENT, TOPOLOGY)
    assert caught.value.where == "stacks.json"
    assert "json" in caught.value.hint


@pytest.mark.parametrize("kind", ["Parameter", "Output"])
@pytest.mark.parametrize(
    "entries",
    [
        "abc",
        ["abc"],
        [{}],
        3,
        True,
        {"a": 1},
        {"{}Key": "VpcId", "{}Value": "vpc-1"},
        [{"{}Key": 3, "{}Value": "vpc-1"}],
        [{"{}Key": "VpcId", "{}Value": ["vpc-1"]}],
        [{"{}Key": "VpcId", "{}Value": None}],
    ],
    ids=str,
)
def test_a_stack_whose_parameters_or_outputs_are_no_list_of_pairs_is_refused(kind: str, entries: object) -> None:
    stack = described("us-east-1", {"VpcId": "vpc-1"}, "virginia")
    stack[f"{kind}s"] = json.loads(json.dumps(entries).replace("{}K", f"{kind}K").replace("{}V", f"{kind}V"))
    with pytest.raises(DrError, match="not an answer of describe-stacks") as caught:
        read({"stacks.json": answer(stack)}, ENVIRONMENT, TOPOLOGY)
    assert caught.value.where == "stacks.json"


@pytest.mark.parametrize("absent", [None, []])
def test_a_stack_without_outputs_gives_none(absent: object) -> None:
    stack = described("us-east-1", {}, "virginia") | {"Outputs": absent}
    assert read({"stacks.json": answer(stack)}, ENVIRONMENT, TOPOLOGY) == {"virginia": {}}


def test_json_nested_beyond_reading_is_refused() -> None:
    with pytest.raises(DrError, match="not an answer of describe-stacks"):
        read({"stacks.json": "[" * 100_000}, ENVIRONMENT, TOPOLOGY)
