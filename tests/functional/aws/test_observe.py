"""One look: a healthy pair in full, and whatever fails as not known, quickly, with nothing raised."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.functional.aws.cloud import HOME, STANDBY, STATE, Call, Cloud, done, error, raw
from tests.functional.aws.probes import NOW, Database, FailedFunctionError

from dr_templates.aws import nacl, table
from dr_templates.aws.clients import Clients
from dr_templates.aws.observe import Eyes, observe
from dr_templates.failover.codec import decode, encode
from dr_templates.failover.model import Answer, Gate, Instance, Mark, Observation, Pulse, Sight, Sql
from dr_templates.failover.state import Kind, Move, State
from dr_templates.runtime.database import Stage
from dr_templates.topology import CONTROL

if TYPE_CHECKING:
    from collections.abc import Mapping

DARK = Sight(sql=Sql(), instance=Instance(), gate=Gate(), heard=False)


def test_a_healthy_pair_is_seen_in_full(written: Cloud, databases: dict[str, Database]) -> None:
    seen = written.pair("me").observe()
    assert (seen.at, seen.runner, seen.home, seen.state) == (NOW, "me", HOME, STATE)
    assert seen.pulse == Pulse(HOME, NOW - 60, 5)
    home, standby = seen.sites[HOME], seen.sites[STANDBY]
    assert (home.sql.answer, home.sql.in_recovery, home.sql.written) == (Answer.ANSWERED, False, 0x3000148)
    assert (standby.sql.in_recovery, standby.sql.streaming, standby.sql.replayed) == (True, True, 0x3000148)
    assert home.instance == Instance("available", replica=False, failing_over=False, backup_days=14)
    assert (standby.instance.status, standby.instance.replica) == ("available", True)
    assert home.gate == standby.gate == Gate(frozenset(), frozenset())
    assert (home.mark, home.heard) == (Mark(NOW - 4, armed=True), True)
    assert (standby.mark, standby.heard) == (Mark(NOW - 6, armed=False), True)
    assert home.copy == standby.copy == replace(STATE, serial=3)
    assert (home.secret_copied, standby.secret_copied) == (False, True)
    assert databases[HOME].beat is not None
    assert databases[HOME].beat.beat == 8
    assert decode(Observation, encode(seen)) == seen


def test_no_document_yet_means_home_is_meant_to_be_active(cloud: Cloud) -> None:
    assert cloud.pair().observe().state == State(active=HOME)


def test_a_database_is_not_written_to_while_a_move_is_under_way(
    written: Cloud, databases: Mapping[str, Database]
) -> None:
    move = Move(2, Kind.SWITCHOVER, HOME, STANDBY, "one", NOW + 60, NOW, "ops")
    table.write_state(written.table(CONTROL), STATE, replace(STATE, serial=5, epoch=2, move=move))
    written.pair().observe()
    assert databases[HOME].beat is not None
    assert databases[HOME].beat.beat == 7


def test_a_database_is_not_written_to_while_nobody_knows_who_is_active(
    written: Cloud, databases: Mapping[str, Database]
) -> None:
    """Home may have been replaced, and what is written there then would be one more thing to lose."""
    control = written.names.region(CONTROL)
    written.refuse = lambda call: call.service == "dynamodb" and call.region == control
    assert written.pair().observe().state is None
    assert databases[HOME].beat is not None
    assert databases[HOME].beat.beat == 7


def test_a_document_that_names_a_site_of_another_plan_is_handed_on_as_it_is(written: Cloud) -> None:
    foreign = replace(STATE, active="paris", serial=5)
    table.write_state(written.table(CONTROL), STATE, foreign)
    seen = written.pair().observe()
    assert seen.state == foreign
    assert {sight.sql.answer for sight in seen.sites.values()} == {Answer.ANSWERED}


def test_dead_endpoints_leave_everything_unknown_and_raise_nothing(cloud: Cloud, closed_port: int) -> None:
    dead = Clients(lambda service, region, config: raw(service, region, f"http://127.0.0.1:{closed_port}", config))
    start = time.monotonic()
    seen = observe(Eyes(cloud.names, dead, cloud.clock, "me"))
    assert time.monotonic() - start < 10
    assert seen == Observation(NOW, "me", HOME, {HOME: DARK, STANDBY: DARK})


FAULTS = ("ThrottlingException", "AccessDeniedException", "InternalServerError", "RequestTimeout")


@pytest.mark.parametrize("code", FAULTS)
def test_whatever_aws_refuses_is_not_known(written: Cloud, code: str) -> None:
    for operation in (
        "GetItem",
        "DescribeNetworkAcls",
        "DescribeDBInstances",
        "DescribeEvents",
        "DescribeSecret",
        "Invoke",
    ):
        written.answer[operation] = lambda _: error(code)
    assert written.pair("me").observe() == Observation(NOW, "me", HOME, {HOME: DARK, STANDBY: DARK})


@pytest.mark.parametrize(
    "operation",
    ["GetItem", "DescribeNetworkAcls", "DescribeDBInstances", "DescribeEvents", "DescribeSecret", "Invoke"],
)
def test_what_one_witness_does_not_say_leaves_the_others_words(written: Cloud, operation: str) -> None:
    written.refuse = lambda call: call.operation == operation
    seen = written.pair("me").observe()
    known = {
        "GetItem": seen.state is not None and seen.sites[HOME].heard and seen.sites[HOME].copy is not None,
        "DescribeNetworkAcls": seen.sites[HOME].gate != Gate(),
        "DescribeDBInstances": seen.sites[HOME].instance.status is not None,
        "DescribeSecret": seen.sites[HOME].secret_copied is not None,
        "Invoke": seen.sites[HOME].sql.answer is not Answer.UNASKED,
        "DescribeEvents": False,
    }
    assert {name for name, is_known in known.items() if not is_known} == {operation, "DescribeEvents"}
    assert seen.sites[HOME].instance.failing_over is (None if operation == "DescribeEvents" else False)


def test_a_site_is_heard_of_only_when_both_tables_could_be_read(written: Cloud) -> None:
    written.refuse = lambda call: call.service == "dynamodb" and call.region == written.names.region(STANDBY)
    seen = written.pair().observe()
    assert (seen.sites[HOME].heard, seen.sites[STANDBY].heard) == (False, True)
    assert seen.sites[HOME].mark == Mark(NOW - 9, armed=True)


def test_a_garbled_document_is_no_document(written: Cloud) -> None:
    item = {"Kind": {"S": "state"}, "Order": {"S": "current"}, "Body": {"S": "?"}}
    written.client("dynamodb", CONTROL).put_item(TableName=written.names.table(CONTROL), Item=item)
    assert written.pair().observe().state is None


def failing(_: object) -> object:
    raise FailedFunctionError


@pytest.mark.parametrize(
    "told",
    [b"no json", b"", b"\xff", [], None, {"stage": "answered", "in_recovery": "no"}, {"errorMessage": "out of memory"}],
)
def test_a_probe_that_answers_nonsense_has_not_been_asked(written: Cloud, told: object) -> None:
    written.probes[written.names.probe(HOME)] = lambda _: told
    assert written.pair().observe().sites[HOME].sql == Sql(Answer.UNASKED)


def test_a_probe_that_fails_has_not_been_asked(written: Cloud) -> None:
    written.probes[written.names.probe(HOME)] = failing
    assert written.pair().observe().sites[HOME].sql == Sql(Answer.UNASKED)


def test_a_silent_database_is_told_by_a_probe_that_ran(written: Cloud, databases: Mapping[str, Database]) -> None:
    databases[HOME].fault = (Stage.REFUSED, "[Errno 111] Connection refused", None)
    assert written.pair().observe().sites[HOME].sql.answer is Answer.SILENT


def test_an_instance_that_is_not_there_is_absent(written: Cloud) -> None:
    written.answer["DescribeDBInstances"] = lambda _: error("DBInstanceNotFound")
    assert written.pair().observe().sites[STANDBY].instance == Instance("absent", failing_over=False)


def test_a_failover_that_rds_has_announced_is_seen(written: Cloud) -> None:
    written.answer["DescribeEvents"] = lambda region: done(
        Events=[{"EventCategories": ["failover" if region == "eu-west-1" else "backup"]}]
    )
    seen = written.pair().observe()
    assert (seen.sites[HOME].instance.failing_over, seen.sites[STANDBY].instance.failing_over) == (True, False)


def test_only_what_rds_has_announced_of_late_is_asked_for(written: Cloud) -> None:
    """A failover of this morning must not keep the pair from moving now."""
    written.pair().observe()
    asked = {
        wish["SourceIdentifier"]: (wish["SourceType"], wish["Duration"]) for wish in written.told("DescribeEvents")
    }
    assert asked == {written.names.instance(site): ("db-instance", 10) for site in (HOME, STANDBY)}


def test_a_shut_gate_is_seen(written: Cloud) -> None:
    ec2 = written.client("ec2", HOME)
    acl = nacl.find(ec2, written.names.acl(HOME)).id
    nacl.close(ec2, acl, 105, leaving=False)
    assert written.pair().observe().sites[HOME].gate == Gate(frozenset({105}), frozenset())


def test_without_the_control_region_a_sites_table_is_the_truth(written: Cloud) -> None:
    control = written.names.region(CONTROL)
    written.refuse = lambda call: call.region == control
    seen = written.pair(state_place=STANDBY, control_gone=True).observe()
    assert seen.state == replace(STATE, serial=3)
    assert (seen.sites[HOME].heard, seen.sites[HOME].mark) == (True, Mark(NOW - 4, armed=True))
    assert not [call for call in written.calls if call.region == control]


def test_an_empty_table_of_a_site_is_no_document(cloud: Cloud) -> None:
    assert cloud.pair(state_place=STANDBY, control_gone=True).observe().state is None


def test_calls_are_recorded_by_what_they_are(written: Cloud) -> None:
    """The other tests rest on this record: it names services and regions as botocore does."""
    written.pair().observe()
    assert Call("lambda", "eu-west-1", "Invoke") in written.calls
    assert {call.service for call in written.calls} == {"dynamodb", "ec2", "lambda", "rds", "secretsmanager"}
