"""The loop as a Step Functions definition: an invocation a step, so a promotion may outlast a function (fact C5)."""

from __future__ import annotations

from typing import Any, Final

FUNCTIONS: Final = ("Observe", "Decide", "Perform")
"""The tasks; the definition refers to each one's function as ``${<Task>FunctionArn}``."""

TRANSIENT: Final = (
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "States.Timeout",
)
RECOVERY_SECONDS: Final = 5
LONGEST_SECONDS: Final = 24 * 3600
"""A move that takes longer loses its execution, not its place: the next tick goes on with it."""


def definition() -> dict[str, Any]:
    """Give the definition in Amazon States Language.

    Input ``{"want": null}`` is a tick of the schedule; a want makes a move. No failure of a task ends a move: it waits
    and looks again, since whatever was half done is seen then. A tick leaves that to the next one.
    """
    return {
        "Comment": "Observe, decide, perform, until nothing more is to be done",
        "StartAt": "Observe",
        "TimeoutSeconds": LONGEST_SECONDS,
        "States": {
            "Observe": _task("Observe", {"runner.$": "$$.Execution.Id"}, "$.observation", 60, "Decide"),
            "Decide": _task(
                "Decide",
                {
                    "observation.$": "$.observation",
                    "want.$": "$.want",
                    "started.$": "$$.Execution.StartTime",
                },
                "$.decision",
                30,
                "Perform",
            ),
            "Perform": _task(
                "Perform",
                {"action.$": "$.decision.action", "then.$": "$.decision.then", "until.$": "$.decision.until"},
                "$.performed",
                90,
                "Settled?",
            ),
            "Settled?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.decision.last", "BooleanEquals": True, "Next": "Settled"}],
                "Default": "Pause",
            },
            "Pause": {"Type": "Wait", "SecondsPath": "$.decision.seconds", "Next": "Observe"},
            "Failed": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.want", "IsNull": True, "Next": "Given up"}],
                "Default": "Recover",
            },
            "Recover": {"Type": "Wait", "Seconds": RECOVERY_SECONDS, "Next": "Observe"},
            "Given up": {
                "Type": "Fail",
                "Error": "TaskFailed",
                "Cause": "A task of this tick failed; the next looks again",
            },
            "Settled": {"Type": "Pass", "InputPath": "$.decision", "End": True},
        },
    }


def _task(name: str, parameters: dict[str, str], result: str, seconds: int, following: str) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": f"${{{name}FunctionArn}}",
        "Parameters": parameters,
        "ResultPath": result,
        "TimeoutSeconds": seconds,
        "Retry": [{"ErrorEquals": list(TRANSIENT), "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 2.0}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Failed"}],
        "Next": following,
    }
