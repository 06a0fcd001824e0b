"""Starting a move, and asking what became of it: one execution of the state machine for each epoch.

Step Functions refuses a name it has had within 90 days (fact C5), so an epoch is begun once, by whomever. The functions
raise what boto3 raises.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from dr_templates.aws.clients import code
from dr_templates.failover.codec import decode, encode
from dr_templates.failover.model import Action, Want

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

    from dr_templates.aws.names import Names

USED = "ExecutionAlreadyExists"
RUNNING = "RUNNING"


class SpentError(Exception):
    """The execution of this epoch has ended: its name cannot be had again, and a move needs the next epoch."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Outcome:
    """How an execution stands: ``status`` in Step Functions' words, ``last`` the action it has settled on, if any.

    ``trouble`` is why it has ended otherwise.
    """

    status: str
    last: Action | None = None
    trouble: str = ""

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.status == RUNNING


def execution(epoch: int) -> str:
    """Name the execution of an epoch."""
    return f"epoch-{epoch}"


def start(machine: SFNClient, names: Names, want: Want) -> bool:
    """Start the move of ``want``'s epoch. Tells whether it is ours: False means that another want's runs already.

    The very same want may be started again while it runs, and is the same execution. Raises ``SpentError`` when one has
    run and ended.
    """
    name = execution(want.epoch)
    try:
        machine.start_execution(stateMachineArn=names.machine_arn, name=name, input=json.dumps({"want": encode(want)}))
    except ClientError as error:
        if code(error) != USED:
            raise
        found = outcome(machine, names, name)
        if not found.running:
            raise SpentError(reason=f"{name} has run already and ended: {found.status}") from error
        return False
    return True


def outcome(machine: SFNClient, names: Names, name: str) -> Outcome:
    """Tell how an execution stands, and what it has settled on. An output that cannot be read leaves that out."""
    found = machine.describe_execution(executionArn=names.execution_arn(name))
    trouble = ": ".join(filter(None, (found.get("error"), found.get("cause"))))
    return Outcome(found["status"], _settled(found.get("output")), trouble)


def newest(machine: SFNClient, names: Names) -> str | None:
    """Name the execution that has ended by its own decision last; None while none has."""
    found = machine.list_executions(stateMachineArn=names.machine_arn, statusFilter="SUCCEEDED", maxResults=1)
    return next((one["name"] for one in found["executions"]), None)


def _settled(output: str | None) -> Action | None:
    try:
        return decode(Action, json.loads(output)["action"]) if output else None
    except (KeyError, TypeError, ValueError):
        return None
