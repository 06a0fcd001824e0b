"""The gate: shut and opened by number, and what somebody else has put there is not taken for ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.functional.aws.cloud import HOME, error, hold
from tests.functional.aws.standing import make_gate

from dr_templates.aws import nacl
from dr_templates.failover.gate import OWN, denies, number, shut_by
from dr_templates.failover.model import Gate

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from tests.functional.aws.cloud import Cloud


@pytest.fixture
def ec2(cloud: Cloud) -> EC2Client:
    return cloud.clients().ec2(cloud.names.region(HOME))


def test_a_gate_is_shut_in_both_directions_and_opened_by_number(cloud: Cloud, ec2: EC2Client) -> None:
    acl = nacl.find(ec2, cloud.names.acl(HOME))
    assert acl.gate == Gate(frozenset(), frozenset())
    for deny in (number(4), OWN):
        for leaving in (False, True):
            nacl.close(ec2, acl.id, deny, leaving=leaving)
            nacl.close(ec2, acl.id, deny, leaving=leaving)
    seen = nacl.find(ec2, cloud.names.acl(HOME)).gate
    assert shut_by(seen, number(4))
    assert shut_by(seen, OWN)
    assert hold(cloud, HOME) == {number(4), OWN}
    nacl.open_(ec2, acl.id, {number(4)})
    assert hold(cloud, HOME) == {OWN}
    assert denies(nacl.find(ec2, cloud.names.acl(HOME)).gate) == {OWN}


def test_a_gate_that_is_half_open_lets_nobody_in_whose_answers_cannot_leave(cloud: Cloud, ec2: EC2Client) -> None:
    """The ways out are opened first: whoever comes in finds the whole way open, also when the rest is refused."""
    acl, deletions = nacl.find(ec2, cloud.names.acl(HOME)).id, []
    for deny in (104, 105):
        for leaving in (False, True):
            nacl.close(ec2, acl, deny, leaving=leaving)

    def third_is_refused(_: str) -> Any:  # noqa: ANN401 - as botocore wants it
        deletions.append(None)
        return error("RequestLimitExceeded") if len(deletions) == 3 else None

    cloud.answer["DeleteNetworkAclEntry"] = third_is_refused
    with pytest.raises(ClientError, match="RequestLimitExceeded"):
        nacl.open_(ec2, acl, {104, 105})
    assert nacl.find(ec2, cloud.names.acl(HOME)).gate == Gate(frozenset({104, 105}), frozenset())


def test_a_deny_that_is_gone_is_open(cloud: Cloud, ec2: EC2Client) -> None:
    cloud.answer["DeleteNetworkAclEntry"] = lambda _: error("InvalidNetworkAclEntry.NotFound")
    nacl.open_(ec2, nacl.find(ec2, cloud.names.acl(HOME)).id, {number(4)})
    assert [call.operation for call in cloud.calls].count("DeleteNetworkAclEntry") == 2


def entry(**changes: Any) -> Any:  # noqa: ANN401 - as a test likes
    shut = {
        "RuleNumber": 104,
        "RuleAction": "deny",
        "Egress": False,
        "Protocol": "6",
        "CidrBlock": "0.0.0.0/0",
        "PortRange": {"From": 5432, "To": 5432},
    }
    return {**shut, **changes}


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"Protocol": "-1", "PortRange": {}}, True),
        ({"PortRange": {"From": 0, "To": 65535}}, True),
        ({"RuleAction": "allow"}, False),
        ({"CidrBlock": "10.0.0.0/8"}, False),
        ({"Protocol": "17"}, False),
        ({"PortRange": {"From": 5433, "To": 5433}}, False),
        ({"RuleNumber": 100}, False),
        ({"RuleNumber": 200}, False),
        ({"RuleNumber": 32767, "Protocol": "-1"}, False),
    ],
)
def test_only_a_deny_that_keeps_everybody_out_is_a_fence(changes: dict[str, Any], counts: bool) -> None:
    assert bool(nacl.gate([entry(**changes)]).entering) is counts
    assert nacl.gate([entry(**changes)]).leaving == frozenset()


def test_answers_are_cut_only_by_a_deny_of_every_port_they_leave_by() -> None:
    assert nacl.gate([entry(Egress=True)]).leaving == frozenset()
    assert nacl.gate([entry(Egress=True, PortRange={"From": 1024, "To": 65535})]).leaving == {104}


def test_two_of_one_name_are_no_gate_and_none_is_none(cloud: Cloud, ec2: EC2Client) -> None:
    make_gate(cloud.client("ec2", HOME), cloud.names.acl(HOME))
    with pytest.raises(nacl.NoGateError, match="2 network ACLs"):
        nacl.find(ec2, cloud.names.acl(HOME))
    with pytest.raises(nacl.NoGateError, match="0 network ACLs"):
        nacl.find(ec2, "orders-none-database")


@pytest.mark.parametrize(
    ("code", "may"),
    [("DryRunOperation", True), ("NetworkAclEntryAlreadyExists", True), ("UnauthorizedOperation", False)],
)
def test_whether_it_may_be_shut_is_asked_without_shutting_it(
    cloud: Cloud, ec2: EC2Client, code: str, may: bool
) -> None:
    cloud.answer["CreateNetworkAclEntry"] = lambda _: error(code)
    assert nacl.may_close(ec2, "acl-1") is may
    assert hold(cloud, HOME) == frozenset()


def test_no_yes_and_no_no_is_not_taken_for_either(cloud: Cloud, ec2: EC2Client) -> None:
    cloud.answer["CreateNetworkAclEntry"] = lambda _: error("RequestLimitExceeded")
    with pytest.raises(ClientError, match="RequestLimitExceeded"):
        nacl.may_close(ec2, "acl-1")
