"""The failover's tier: what its functions may do, what they are told, and what starts and watches the machine."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from dr_templates.aws.names import Names
from dr_templates.config import Config
from dr_templates.failover import machine
from dr_templates.topology import CONTROL

Templates = dict[str, dict[str, Any]]
At = Callable[[str, object], Any]
TASKS = ("Observe", "Decide", "Perform")
ACCOUNT = "111122223333"


def properties(templates: Templates, name: str) -> dict[str, Any]:
    found: dict[str, Any] = templates["failover"]["Resources"][name]["Properties"]
    return found


def role(templates: Templates, name: str) -> dict[str, dict[str, Any]]:
    document = properties(templates, f"{name}Role")["Policies"][0]["PolicyDocument"]
    return {statement["Sid"]: statement for statement in document["Statement"]}


def test_observe_can_change_nothing(templates: Templates) -> None:
    """But through the probes: to ask one is to invoke it, and it does what it is told."""
    actions = {action for s in role(templates, "Observe").values() for action in s["Action"]}
    reading = {a for a in actions if a.partition(":")[2].startswith(("Get", "Describe"))}
    assert actions - reading == {"lambda:InvokeFunction", "logs:CreateLogStream", "logs:PutLogEvents"}


def test_decide_has_no_right_but_to_log(templates: Templates) -> None:
    assert set(role(templates, "Decide")) == {"WriteOwnLogs"}


def test_perform_cannot_forge_a_mark(templates: Templates) -> None:
    """Marks are what a site's word is taken from; only its own watchdog may leave one."""
    write = role(templates, "Perform")["WriteTheState"]
    assert write["Condition"] == {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["state", "pulse", "journal"]}}


def test_perform_is_denied_what_no_step_does_whatever_it_is_given_some_day(templates: Templates) -> None:
    denied = {a for s in role(templates, "Perform").values() if s["Effect"] == "Deny" for a in s["Action"]}
    assert {"rds:DeleteDBInstance", "route53:ChangeResourceRecordSets"} <= denied
    assert {"iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:CreateAccessKey", "iam:PassRole"} <= denied
    for statement in role(templates, "Perform").values():
        if statement["Effect"] == "Deny":
            assert statement["Resource"] == ["*"]
            assert "Condition" not in statement


@pytest.mark.parametrize(
    ("who", "sid", "arns"),
    [
        (
            "Observe",
            "ReadTheTables",
            (
                "dynamodb:eu-central-1:{0}:table/orders-prod-control-state",
                "dynamodb:us-east-1:{0}:table/orders-prod-virginia-watch",
                "dynamodb:eu-west-1:{0}:table/orders-prod-ireland-watch",
            ),
        ),
        (
            "Perform",
            "PromoteAndBackUp",
            ("rds:us-east-1:{0}:db:orders-prod-virginia", "rds:eu-west-1:{0}:db:orders-prod-ireland"),
        ),
        (
            "Perform",
            "AskTheProbes",
            (
                "lambda:us-east-1:{0}:function:orders-prod-virginia-probe",
                "lambda:eu-west-1:{0}:function:orders-prod-ireland-probe",
            ),
        ),
        (
            "Perform",
            "ShutAndOpenTheGates",
            (
                "ec2:us-east-1:{0}:network-acl/${{HomeDatabaseAclId}}",
                "ec2:eu-west-1:{0}:network-acl/${{StandbyDatabaseAclId}}",
            ),
        ),
        (
            "Perform",
            "DetachTheSecret",
            (
                "secretsmanager:us-east-1:{0}:secret:orders-prod/database-??????",
                "secretsmanager:eu-west-1:{0}:secret:orders-prod/database-??????",
            ),
        ),
    ],
)
def test_rights_reach_both_sites_by_name_and_nothing_else(
    templates: Templates, at: At, who: str, sid: str, arns: tuple[str, ...]
) -> None:
    wanted = [f"arn:aws:{arn.format(ACCOUNT)}" for arn in arns]
    assert at(CONTROL, role(templates, who)[sid]["Resource"]) == wanted


def test_rights_hold_for_what_the_program_calls(templates: Templates, names: Names, at: At) -> None:
    perform = role(templates, "Perform")
    assert at(CONTROL, perform["BeginAMove"]["Resource"]) == [names.machine_arn]
    assert at(CONTROL, perform["LookAtMoves"]["Resource"]) == [names.execution_arn("epoch-*")]
    assert at(CONTROL, perform["HandItToTheRotation"]["Resource"]) == [names.rotation_arn(site) for site in names.sites]
    assert at(CONTROL, properties(templates, "Topic")["TopicName"]) == names.topic_arn.rpartition(":")[2]
    assert at(CONTROL, properties(templates, "Moves")["StateMachineName"]) == names.machine_arn.rpartition(":")[2]


def test_metrics_are_published_under_our_own_namespace_alone(templates: Templates) -> None:
    condition = role(templates, "Perform")["MoveTheName"]["Condition"]
    assert condition == {"StringEquals": {"cloudwatch:namespace": "DatabaseRecovery"}}


def test_the_machine_runs_the_definition_over_its_three_functions_and_may_run_no_other(templates: Templates) -> None:
    moves = properties(templates, "Moves")
    arns = {f"{task}FunctionArn": {"Fn::GetAtt": [f"{task}Function", "Arn"]} for task in TASKS}
    assert moves["Definition"] == machine.definition()
    assert set(re.findall(r"\$\{(\w+)\}", json.dumps(moves["Definition"]))) == set(arns)
    assert moves["DefinitionSubstitutions"] == arns
    (run,) = role(templates, "Moves").values()
    assert run["Resource"] == [*arns.values()]


@pytest.mark.parametrize("task", TASKS)
def test_a_function_gives_up_before_the_machine_gives_it_up(templates: Templates, task: str) -> None:
    """So what it says is what went wrong, and it does not act on while another has begun."""
    waits = machine.definition()["States"][task]["TimeoutSeconds"]
    assert waits - 10 <= properties(templates, f"{task}Function")["Timeout"] < waits


def test_a_tick_is_an_execution_that_wants_nothing(templates: Templates) -> None:
    (target,) = properties(templates, "TicksSchedule")["Targets"]
    assert json.loads(target["Input"]) == {"want": None}
    assert target["Arn"] == {"Ref": "Moves"}
    assert target["RetryPolicy"]["MaximumRetryAttempts"] == 0
    (start,) = role(templates, "Ticks").values()
    assert start["Resource"] == [{"Ref": "Moves"}]


def test_an_execution_that_breaks_is_announced_through_an_encrypted_topic(templates: Templates, at: At) -> None:
    pattern = properties(templates, "BrokenMoves")["EventPattern"]
    assert pattern["detail"] == {"stateMachineArn": [{"Ref": "Moves"}], "status": ["FAILED", "TIMED_OUT", "ABORTED"]}
    assert properties(templates, "BrokenMoves")["Targets"] == [{"Id": "topic", "Arn": {"Ref": "Topic"}}]
    assert properties(templates, "Topic")["KmsMasterKeyId"] == {"Ref": "NotificationKeyArn"}

    policy = {s["Sid"]: s for s in properties(templates, "TopicPolicy")["PolicyDocument"]["Statement"]}
    assert policy["Rules"]["Principal"] == {"Service": "events.amazonaws.com"}
    assert "Condition" not in policy["Rules"], "EventBridge gives SNS no context: its messages would be dropped"
    key = templates["control-keys"]["Resources"]["NotificationKey"]["Properties"]["KeyPolicy"]["Statement"]
    (used,) = [s for s in key if s["Principal"] == {"Service": "events.amazonaws.com"}]
    assert at(CONTROL, used["Condition"]) == {
        "StringEquals": {
            "kms:EncryptionContext:aws:sns:topicArn": f"arn:aws:sns:eu-central-1:{ACCOUNT}:orders-prod-control"
        }
    }
    (alarms,) = [s for s in key if s["Principal"] == {"Service": ["cloudwatch.amazonaws.com"]}]
    assert alarms["Action"] == used["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]


def test_perform_may_publish_under_the_topics_key_through_sns_alone(templates: Templates) -> None:
    under = role(templates, "Perform")["NotifyUnderTheKey"]
    assert under["Resource"] == [{"Ref": "NotificationKeyArn"}]
    assert under["Condition"]["StringEquals"]["kms:ViaService"] == {"Fn::Sub": "sns.${AWS::Region}.amazonaws.com"}


def test_the_table_stays_while_the_database_is_protected_and_goes_with_a_test_environment(
    templates: Templates, environment: Config
) -> None:
    table = templates["failover"]["Resources"]["StateTable"]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Delete", "Retain")
    assert table["Properties"]["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}
    assert templates["control"]["Parameters"]["DeletionProtection"]["Default"] == "true"
    assert environment.values(CONTROL)["DeletionProtection"] == "true"


def test_the_functions_are_told_the_pair_and_the_policy_of_the_configuration(
    templates: Templates, environment: Config, at: At
) -> None:
    told = at(CONTROL, properties(templates, "PerformFunction")["Environment"]["Variables"])
    policy = environment.policy
    assert told["CONTROL_REGION"] == environment.topology.control_region
    assert (told["HOME_SITE"], told["STANDBY_SITE"]) == ("virginia", "ireland")
    decided = at(CONTROL, properties(templates, "DecideFunction")["Environment"]["Variables"])
    assert decided == {
        "MODE": policy.mode.value,
        "PATIENCE_SECONDS": str(policy.patience),
        "LEASE_SECONDS": str(policy.lease),
        "MARGIN_SECONDS": str(policy.margin),
        "DRAIN_SECONDS": str(policy.drain),
        "RPO_SECONDS": str(policy.rpo),
        "COOLDOWN_SECONDS": str(policy.cooldown),
        "BACKUP_DAYS": str(policy.backup_days),
    }
