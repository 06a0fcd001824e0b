"""The failover: what remembers, what looks, decides and acts, and what starts it every minute."""

from collections.abc import Sequence

from awacs.aws import Statement
from troposphere import AccountId, Ref, Region, Template, awslambda, dynamodb

from dr_templates.tiers import failover_machine, failover_rights, sheet, tables, topic
from dr_templates.tiers.function import TAKES, Code, function

TIMEOUTS = {"observe": 55, "decide": 25, "perform": 85}
"""Seconds; each a little less than the state machine waits for the task, so that a function says itself why."""

MEMORY = {"observe": 1024, "decide": 256, "perform": 1024}
"""MiB. CPU comes with it: two of them make a client for each service in each region before they can begin."""

PAIR = {
    "NAME": Ref("Name"),
    "SUFFIX": Ref("EnvironmentSuffix"),
    "ACCOUNT": AccountId,
    "HOME_SITE": Ref("HomeSiteName"),
    "HOME_REGION": Ref("HomeRegion"),
    "STANDBY_SITE": Ref("StandbySiteName"),
    "STANDBY_REGION": Ref("StandbyRegion"),
    "CONTROL_REGION": Region,
}
POLICY = {
    "MODE": Ref("FailoverMode"),
    "PATIENCE_SECONDS": Ref("PatienceSeconds"),
    "LEASE_SECONDS": Ref("LeaseSeconds"),
    "MARGIN_SECONDS": Ref("MarginSeconds"),
    "DRAIN_SECONDS": Ref("DrainSeconds"),
    "RPO_SECONDS": Ref("RpoSeconds"),
    "COOLDOWN_SECONDS": Ref("CooldownSeconds"),
    "BACKUP_DAYS": Ref("BackupRetentionDays"),
}
PROMOTED = {
    "BACKUP_DAYS": Ref("BackupRetentionDays"),
    "BACKUP_WINDOW": Ref("BackupWindow"),
    "ROTATION_DAYS": Ref("RotationDays"),
}
"""What a promoted instance and its secret are given."""


def build() -> Template:
    """Give topic, state table, the three functions, the state machine, its schedule, and word of its failures."""
    template = sheet.begin(
        "Failover in the control region: state, functions that look, decide and act, the state machine that runs them.",
        (
            *TAKES,
            *topic.TAKES,
            "FailoverArchiveKey",
            "DeletionProtection",
            *(f"{place}{name}" for place in ("Home", "Standby") for name in ("SiteName", "Region", "DatabaseAclId")),
            *(value.data["Ref"] for value in (*POLICY.values(), *PROMOTED.values())),
        ),
    )
    told = topic.add(template, "Alarms", ["cloudwatch"], topic.rules())
    state = _state(template)
    functions = {
        "Observe": _function(template, "observe", failover_rights.observe(), PAIR, "Looks at both sites and the state"),
        "Decide": _function(template, "decide", failover_rights.decide(), POLICY, "Names the one next safe step"),
        "Perform": _function(
            template,
            "perform",
            failover_rights.perform(),
            {**PAIR, **PROMOTED},
            "Carries out one step of a move",
        ),
    }
    moves = failover_machine.moves(template, functions)
    failover_machine.ticks(template, moves)
    failover_machine.breaks(template, moves, Ref(told))
    sheet.give(template, "TopicArn", Ref(told), "Where moves, and what goes wrong with them, are announced.")
    sheet.give(template, "StateTableName", Ref(state), "Active site, epoch, lock, marks and journal.")
    sheet.give(template, "StateMachineArn", Ref(moves), "Carries out moves; drctl starts it.")
    for task, made in functions.items():
        sheet.give(template, f"{task}FunctionName", Ref(made), f"Name of the function that does {task}.")
    return template


def _state(template: Template) -> dynamodb.Table:
    """Add the table that holds the truth, with every change of its last 35 days.

    While deletion protection is on, DynamoDB refuses to delete it and the stack stays as well. Without it the table
    goes with the stack: Retain would leave it in the way of the next stack of that name, and a policy that is a
    parameter would take a transform that must not be fed another tier's outputs (docs/decisions/0003). Should it be
    lost all the same, the pair is not: each site's own table has a copy, and who is primary can be seen.
    """
    return tables.table(
        template,
        "state",
        DeletionProtectionEnabled=Ref("DeletionProtection"),
        PointInTimeRecoverySpecification=dynamodb.PointInTimeRecoverySpecification(PointInTimeRecoveryEnabled=True),
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Retain",
    )


def _function(
    template: Template, purpose: str, rights: Sequence[Statement], environment: dict[str, object], description: str
) -> awslambda.Function:
    return function(
        template,
        purpose,
        Code(f"{purpose}_handler", "FailoverArchiveKey", memory=MEMORY[purpose]),
        rights,
        description=description,
        environment=environment,
        in_vpc=False,
        timeout=TIMEOUTS[purpose],
    )
