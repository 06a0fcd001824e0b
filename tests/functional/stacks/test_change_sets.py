"""Change sets as CloudFormation answers about them, in the answers it gives rarely."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from dr_templates.aws.stacks import change_sets
from dr_templates.aws.stacks.change_sets import Order, StaleError
from dr_templates.aws.stacks.model import Effect, Touch
from dr_templates.deploy import gates
from plans.build import planned

ARN = "arn:aws:cloudformation:us-east-1:111122223333:changeSet/drctl-1/0a1b"
INNER = "arn:aws:cloudformation:us-east-1:111122223333:changeSet/drctl-1-Keys/0c2d"
STACK = "arn:aws:cloudformation:us-east-1:111122223333:stack/orders/9f"
NESTED = "AWS::CloudFormation::Stack"
ORDER = Order("orders", "drctl-1", "https://s3/t.yaml", {"A": "1"}, {"k": "v"})


class Cloud:
    """A client whose answers are given beforehand, and the pauses that were made."""

    def __init__(self) -> None:
        anyone = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")  # noqa: S106 - no secret
        self.client = anyone.client("cloudformation")
        self.stub = Stubber(self.client)
        self.pauses = 0

    def pause(self) -> None:
        self.pauses += 1

    def told(self, status: str, *changes: dict[str, Any], arn: str = ARN, reason: str = "", **more: object) -> None:
        answer = {
            "ChangeSetId": arn,
            "StackId": STACK,
            "Status": status,
            "StatusReason": reason,
            "Changes": [{"Type": "Resource", "ResourceChange": change} for change in changes],
            **{name: value for name, value in more.items() if name != "page"},
        }
        asked = {"ChangeSetName": arn, "IncludePropertyValues": True}
        if "page" in more:
            asked["NextToken"] = more["page"]
        self.stub.add_response("describe_change_set", answer, asked)

    def created(self) -> None:
        self.stub.add_response("create_change_set", {"Id": ARN, "StackId": STACK}, None)

    def made(self) -> change_sets.ChangeSet:
        return change_sets.make(self.client, ORDER, None, self.pause)


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    there = Cloud()
    with there.stub:
        yield there
        there.stub.assert_no_pending_responses()


def change(name: str, action: str = "Modify", kind: str = "AWS::KMS::Key", **more: object) -> dict[str, Any]:
    return {"Action": action, "LogicalResourceId": name, "ResourceType": kind, **more}


def test_a_change_set_is_asked_for_with_its_nested_stacks_and_the_right_to_make_roles(cloud: Cloud) -> None:
    asked = {
        "ClientToken": "drctl-1",
        "StackName": "orders",
        "ChangeSetName": "drctl-1",
        "ChangeSetType": "CREATE",
        "TemplateURL": "https://s3/t.yaml",
        "Parameters": [{"ParameterKey": "A", "ParameterValue": "1"}],
        "Tags": [{"Key": "k", "Value": "v"}],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        "IncludeNestedStacks": True,
    }
    cloud.stub.add_response("create_change_set", {"Id": ARN, "StackId": STACK}, asked)
    cloud.told("CREATE_COMPLETE")
    assert cloud.made().arn == ARN


def test_it_is_waited_for_and_every_page_of_it_is_read(cloud: Cloud) -> None:
    cloud.created()
    cloud.told("CREATE_PENDING")
    cloud.told("CREATE_IN_PROGRESS")
    cloud.told("CREATE_COMPLETE", change("First"), NextToken="more")
    cloud.told("CREATE_COMPLETE", change("Second", Replacement="True"), page="more")
    made = cloud.made()
    assert [(one.logical_id, one.effect) for one in made.changes] == [
        ("First", Effect.CHANGE),
        ("Second", Effect.REPLACE),
    ]
    assert cloud.pauses == 2


@pytest.mark.parametrize(
    ("action", "replacement", "effect"),
    [
        ("Add", None, Effect.ADD),
        ("Import", None, Effect.ADD),
        ("Remove", None, Effect.REMOVE),
        ("Dynamic", None, Effect.PERHAPS),
        ("Dynamic", "False", Effect.PERHAPS),
        ("SyncWithActual", None, Effect.CHANGE),
        ("Undreamt", None, Effect.PERHAPS),
        ("Modify", "True", Effect.REPLACE),
        ("Modify", "Undreamt", Effect.PERHAPS),
        ("Modify", "Conditional", Effect.PERHAPS),
        ("Modify", "False", Effect.CHANGE),
    ],
)
def test_an_action_has_its_effect(cloud: Cloud, action: str, replacement: str | None, effect: Effect) -> None:
    cloud.created()
    cloud.told("CREATE_COMPLETE", change("Key", action, **({"Replacement": replacement} if replacement else {})))
    assert [one.effect for one in cloud.made().changes] == [effect]


def test_a_nested_stack_holds_its_own_changes_and_one_without_any_is_none(cloud: Cloud) -> None:
    cloud.created()
    listed = {"kind": NESTED, "Scope": ["Properties"]}
    cloud.told(
        "CREATE_COMPLETE", change("Keys", ChangeSetId=INNER, **listed), change("Same", ChangeSetId=ARN, **listed)
    )
    cloud.told("CREATE_COMPLETE", change("Key", "Remove"), arn=INNER)
    cloud.told("CREATE_COMPLETE", arn=ARN)
    (keys,) = cloud.made().changes
    assert [(one.logical_id, one.effect) for one in keys.nested] == [("Key", Effect.REMOVE)]


def test_a_nested_stack_that_nothing_is_told_of_may_lose_anything(cloud: Cloud) -> None:
    cloud.created()
    cloud.told("CREATE_COMPLETE", change("Keys", kind=NESTED, Scope=["Properties"], Replacement="False"))
    assert [(one.effect, one.nested) for one in cloud.made().changes] == [(Effect.PERHAPS, ())]


def test_a_nested_change_set_that_failed_is_no_word_that_nothing_changes(cloud: Cloud) -> None:
    cloud.created()
    cloud.told("CREATE_COMPLETE", change("Keys", kind=NESTED, ChangeSetId=INNER, Scope=["Properties"]))
    cloud.told("FAILED", arn=INNER, reason="Internal Failure")
    assert [one.effect for one in cloud.made().changes] == [Effect.PERHAPS]


@pytest.mark.parametrize("reason", change_sets.UNCHANGED)
def test_a_nested_change_set_without_changes_is_none(cloud: Cloud, reason: str) -> None:
    cloud.created()
    cloud.told("CREATE_COMPLETE", change("Keys", kind=NESTED, ChangeSetId=INNER, Scope=["Properties"]))
    cloud.told("FAILED", arn=INNER, reason=reason)
    assert cloud.made().changes == ()


def test_the_properties_that_change_are_named_each_once_with_what_they_were_and_will_be(cloud: Cloud) -> None:
    key = {"Attribute": "Properties", "Name": "KmsKeyId", "RequiresRecreation": "Always"}
    policy = {"Attribute": "DeletionPolicy", "RequiresRecreation": "Never"}
    details = [{"Target": {**key, "BeforeValue": "a", "AfterValue": "b"}}] * 2 + [{"Target": policy}, {}]
    cloud.created()
    cloud.told("CREATE_COMPLETE", change("Database", "Modify", Details=details))
    (database,) = cloud.made().changes
    assert database.touches == (Touch("KmsKeyId", "Always", "a", "b"), Touch("DeletionPolicy"), Touch(""))


def test_what_a_change_may_do_that_is_left_open_as_a_whole_is_not_judged_by_its_details(cloud: Cloud) -> None:
    harmless = [{"Target": {"Attribute": "Properties", "Name": "MultiAZ", "RequiresRecreation": "Conditionally"}}]
    cloud.created()
    cloud.told("CREATE_COMPLETE", change("Database", "Dynamic", "AWS::RDS::DBInstance", Details=harmless))
    (database,) = cloud.made().changes
    assert [reason for reason in gates.refusals(planned(database), ()) if "may be replaced" in reason]


@pytest.mark.parametrize(
    "reason",
    [
        "The submitted information didn't contain changes. Submit different information to create a change set.",
        "No updates are to be performed.",
    ],
)
def test_where_there_is_nothing_to_do_the_change_set_is_thrown_away(cloud: Cloud, reason: str) -> None:
    cloud.created()
    cloud.told("FAILED", reason=reason)
    cloud.stub.add_response("delete_change_set", {}, {"ChangeSetName": ARN})
    assert (cloud.made().arn, cloud.pauses) == ("", 0)


@pytest.mark.parametrize("reason", ["no changes may be made before Monday", "", "Template error"])
def test_any_other_failure_is_trouble(cloud: Cloud, reason: str) -> None:
    cloud.created()
    cloud.told("FAILED", reason=reason)
    assert cloud.made().trouble == (reason or "CloudFormation gives no reason")


def test_the_reason_of_a_nested_change_set_comes_before_that_of_its_parent(cloud: Cloud) -> None:
    cloud.created()
    cloud.told("FAILED", change("Keys", kind=NESTED, ChangeSetId=INNER), reason="Nested change set was not created")
    cloud.told("FAILED", arn=INNER, reason="Parameter X is not allowed")
    assert cloud.made().trouble == "Parameter X is not allowed\nNested change set was not created"


def test_a_nested_change_set_is_asked_for_its_reason_where_its_parent_lists_none(cloud: Cloud) -> None:
    words = f"Nested change set {INNER} was not successfully created: Currently in FAILED."
    cloud.created()
    cloud.told("FAILED", reason=words)
    cloud.told("FAILED", arn=INNER, reason="Parameter X is not allowed")
    assert cloud.made().trouble == f"Parameter X is not allowed\n{words}"


def test_what_validation_found_is_asked_for(cloud: Cloud) -> None:
    cloud.created()
    cloud.told("FAILED", reason="The following hook(s) failed: [AWS::EarlyValidation::ResourceExistenceCheck]")
    events = [{"ValidationPath": "/Resources/Log", "ValidationStatusReason": "the log group exists already"}]
    cloud.stub.add_response(
        "describe_events", {"OperationEvents": events}, {"ChangeSetName": ARN, "Filters": {"FailedEvents": True}}
    )
    assert cloud.made().trouble.startswith("/Resources/Log: the log group exists already\n")


def test_what_validation_found_that_may_not_be_read_does_not_hide_that_it_failed(cloud: Cloud) -> None:
    cloud.created()
    cloud.told("FAILED", reason="The following hook(s) failed: [AWS::EarlyValidation::ResourceExistenceCheck]")
    cloud.stub.add_client_error("describe_events", "AccessDenied", "not authorized to perform DescribeEvents")
    unread, reason = cloud.made().trouble.splitlines()
    assert "not authorized to perform DescribeEvents" in unread
    assert reason.startswith("The following hook(s) failed")


def test_a_nested_change_set_that_is_gone_does_not_hide_why_its_parent_failed(cloud: Cloud) -> None:
    cloud.created()
    cloud.told("FAILED", change("Keys", kind=NESTED, ChangeSetId=INNER), reason="Template error")
    cloud.stub.add_client_error("describe_change_set", "ChangeSetNotFound", "it does not exist")
    assert cloud.made().trouble == "Template error"


def test_one_that_is_never_done_with_is_trouble_and_no_wait_for_ever(cloud: Cloud) -> None:
    cloud.created()
    for _ in range(change_sets.LOOKS + 1):
        cloud.told("CREATE_IN_PROGRESS")
    assert "has not got beyond CREATE_IN_PROGRESS" in cloud.made().trouble


def refused(cloud: Cloud, code: str) -> None:
    asked = {"ChangeSetName": ARN, "DisableRollback": True, "ClientRequestToken": ANY}
    cloud.stub.add_client_error("execute_change_set", code, "words", expected_params=asked)


def test_an_execution_whose_answer_was_lost_is_not_begun_again(cloud: Cloud) -> None:
    refused(cloud, "InvalidChangeSetStatus")
    cloud.told("CREATE_COMPLETE", ExecutionStatus="EXECUTE_IN_PROGRESS")
    change_sets.execute(cloud.client, ARN, keep=True)


@pytest.mark.parametrize("execution", ["OBSOLETE", "EXECUTE_COMPLETE", "UNAVAILABLE"])
def test_a_change_set_that_no_longer_fits_is_stale(cloud: Cloud, execution: str) -> None:
    refused(cloud, "InvalidChangeSetStatus")
    cloud.told("CREATE_COMPLETE", ExecutionStatus=execution)
    with pytest.raises(StaleError, match="words"):
        change_sets.execute(cloud.client, ARN, keep=True)


def test_a_change_set_that_is_gone_is_stale_to_whoever_executes_or_reads_it(cloud: Cloud) -> None:
    refused(cloud, "ChangeSetNotFound")
    with pytest.raises(StaleError):
        change_sets.execute(cloud.client, ARN, keep=True)
    cloud.stub.add_client_error("describe_change_set", "ChangeSetNotFound", "words")
    with pytest.raises(StaleError):
        change_sets.read_made(cloud.client, ARN, cloud.pause)


def test_a_change_set_that_somebody_throws_away_while_it_is_made_is_trouble(cloud: Cloud) -> None:
    cloud.created()
    cloud.told("CREATE_IN_PROGRESS")
    cloud.stub.add_client_error("describe_change_set", "ChangeSetNotFound", "it does not exist")
    made = cloud.made()
    assert (made.arn, made.stack_id) == (ARN, STACK)
    assert "it does not exist" in made.trouble


@pytest.mark.parametrize(("execution", "obsolete"), [("AVAILABLE", False), ("OBSOLETE", True), ("UNAVAILABLE", True)])
def test_a_change_set_that_can_no_longer_be_executed_is_told_from_one_that_can(
    cloud: Cloud, execution: str, obsolete: bool
) -> None:
    cloud.told("CREATE_COMPLETE", ExecutionStatus=execution)
    assert change_sets.read_made(cloud.client, ARN, cloud.pause).obsolete is obsolete


@pytest.mark.parametrize("code", ["ChangeSetNotFound", "InvalidChangeSetStatus"])
def test_one_that_is_gone_or_going_need_not_be_thrown_away(cloud: Cloud, code: str) -> None:
    cloud.stub.add_client_error("delete_change_set", code, "words")
    change_sets.delete(cloud.client, ARN)


def listing(cloud: Cloud, *arns: str, **told: str) -> None:
    answer = {"Summaries": [{"ChangeSetId": arn, **told} for arn in arns]}
    cloud.stub.add_response("list_change_sets", answer, {"StackName": STACK})


def standing(cloud: Cloud, status: str) -> None:
    stack = {"StackName": "orders", "StackId": STACK, "StackStatus": status, "CreationTime": "2026-11-25T00:00:00Z"}
    cloud.stub.add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": STACK})


def thrown_away(cloud: Cloud, before: Callable[[], None]) -> None:
    cloud.stub.add_response("delete_change_set", {}, {"ChangeSetName": ARN})
    before()
    change_sets.discard(cloud.client, ARN, STACK, cloud.pause)


def test_a_stack_of_nothing_goes_with_its_last_change_set_once_that_is_gone(cloud: Cloud) -> None:
    def before() -> None:
        listing(cloud, ARN)
        listing(cloud)
        standing(cloud, "REVIEW_IN_PROGRESS")
        cloud.stub.add_response("delete_stack", {}, {"StackName": STACK})
        standing(cloud, "DELETE_IN_PROGRESS")
        standing(cloud, "DELETE_COMPLETE")

    thrown_away(cloud, before)
    assert cloud.pauses == 2


@pytest.mark.parametrize(
    "told", [{"Status": "DELETE_FAILED"}, {"Status": "CREATE_COMPLETE", "ExecutionStatus": "EXECUTE_IN_PROGRESS"}]
)
def test_one_that_will_not_go_is_not_waited_for(cloud: Cloud, told: dict[str, str]) -> None:
    def before() -> None:
        listing(cloud, ARN, **told)
        standing(cloud, "REVIEW_IN_PROGRESS")

    thrown_away(cloud, before)
    assert cloud.pauses == 0


@pytest.mark.parametrize(
    ("others", "status"), [((INNER,), "REVIEW_IN_PROGRESS"), ((), "CREATE_IN_PROGRESS"), ((), "CREATE_COMPLETE")]
)
def test_a_stack_with_somebody_elses_change_set_or_more_than_that_stays(
    cloud: Cloud, others: tuple[str, ...], status: str
) -> None:
    def before() -> None:
        listing(cloud, *others)
        standing(cloud, status)

    thrown_away(cloud, before)
