"""The watchdog: a site's own vote. Cut off from both other places, it closes the gate before its own database.

It is outside the VPC, as it speaks to AWS's APIs only (fact C1), and it runs nearly the whole minute, so that one
follows the other without a gap.
"""

import awacs.awslambda
import awacs.dynamodb
import awacs.ec2
import awacs.rds
from awacs.aws import Statement
from troposphere import AccountId, If, Ref, Region, Template

from dr_templates.tiers import arns, policy, schedule, sheet, tables
from dr_templates.tiers.function import TAKES, Code, function

MEMORY = 512
"""MiB; with less CPU the first look of a new sandbox would come late."""
TIMEOUT = 80
"""Seconds; a run looks for 52 of them, and the rest is for a last look whose calls all hang on a network that fails."""


def build() -> Template:
    """Give the function with its schedule, and the site's table, where the other site's watchdog leaves its marks."""
    template = sheet.begin(
        "Watchdog of one site: tells the others that it is alive, and shuts its database when it reaches neither.",
        (
            *TAKES,
            "WatchdogArchiveKey",
            "PeerSiteName",
            "PeerRegion",
            "ControlRegion",
            "AtHome",
            "LeaseSeconds",
            "DatabaseArn",
            "DatabaseAclId",
            "ProbeFunctionArn",
        ),
    )
    table = tables.table(template, "watch", DeletionPolicy="Delete", UpdateReplacePolicy="Delete")
    watchdog = function(
        template,
        "watchdog",
        Code("watchdog_handler", "WatchdogArchiveKey", memory=MEMORY),
        _rights(),
        description="Marks this site as alive in the other places, and shuts its database when cut off from both",
        environment=_environment(template),
        in_vpc=False,
        timeout=TIMEOUT,
    )
    schedule.run_every_minute(template, "watchdog", "Starts the watchdog's next minute", watchdog)
    sheet.give(template, "WatchdogFunctionName", Ref(watchdog), "Name of the watchdog.")
    sheet.give(template, "WatchTableName", Ref(table), "Marks of the other site and a copy of the state.")
    return template


def _environment(template: Template) -> dict[str, object]:
    """Tell the function the three places; which of the two sites is home is the root's answer, ``AtHome``."""
    home = sheet.switch(template, "IsHome", "AtHome")
    own, peer = (Ref("SiteName"), Region), (Ref("PeerSiteName"), Ref("PeerRegion"))
    (home_site, home_region), (standby_site, standby_region) = (
        tuple(If(home, mine, other) for mine, other in zip(first, second, strict=True))
        for first, second in ((own, peer), (peer, own))
    )
    return {
        "NAME": Ref("Name"),
        "SUFFIX": Ref("EnvironmentSuffix"),
        "ACCOUNT": AccountId,
        "SITE": Ref("SiteName"),
        "HOME_SITE": home_site,
        "HOME_REGION": home_region,
        "STANDBY_SITE": standby_site,
        "STANDBY_REGION": standby_region,
        "CONTROL_REGION": Ref("ControlRegion"),
        "LEASE_SECONDS": Ref("LeaseSeconds"),
    }


def _rights() -> list[Statement]:
    """Let it mark and read the state elsewhere, keep its own table, and shut or open its own gate.

    Elsewhere it can forge neither the state nor the journal: rights to a table are cut along its first key.
    """
    elsewhere = [
        arns.arn("dynamodb", "table/", arns.CONTROL, "state"),
        arns.arn("dynamodb", "table/", arns.PEER, "watch"),
    ]
    return [
        policy.allow("LeaveMarks", [awacs.dynamodb.PutItem], elsewhere, policy.of_kind(tables.MARK)),
        policy.allow("ReadTheState", [awacs.dynamodb.GetItem], elsewhere, policy.of_kind(tables.STATE)),
        policy.allow(
            "KeepTheOwnTable",
            [awacs.dynamodb.GetItem, awacs.dynamodb.PutItem],
            [arns.arn("dynamodb", "table/", arns.HERE, "watch")],
        ),
        policy.allow("LookAtTheDatabase", [awacs.rds.DescribeDBInstances], [Ref("DatabaseArn")]),
        policy.allow("AskTheProbe", [awacs.awslambda.InvokeFunction], [Ref("ProbeFunctionArn")]),
        policy.allow("LookAtGates", [awacs.ec2.DescribeNetworkAcls], ["*"]),
        policy.allow(
            "ShutAndOpenTheGate",
            [awacs.ec2.CreateNetworkAclEntry, awacs.ec2.DeleteNetworkAclEntry],
            [arns.gate(arns.HERE, "DatabaseAclId")],
        ),
    ]
