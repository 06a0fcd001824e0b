"""The loop that carries out a move, as a state machine, and what starts it and tells when it breaks."""

import json
from collections.abc import Mapping

import awacs.awslambda
import awacs.states
from troposphere import GetAtt, Ref, Template, awslambda, events, iam, stepfunctions

from dr_templates.failover import machine
from dr_templates.tiers import policy, schedule, sheet

TICK = json.dumps({"want": None})
"""The input of an execution that only watches, and begins a move if its decision is to."""
BROKEN = ("FAILED", "TIMED_OUT", "ABORTED")


def moves(template: Template, functions: Mapping[str, awslambda.Function]) -> stepfunctions.StateMachine:
    """Add the state machine over the functions, by the names of its tasks.

    Standard, not express: an execution may take a day, its name can be taken once in ninety days, and Step Functions
    keeps its history as long. So it has no log group: what delivers to one may not be narrower than ``*``, and what a
    move has done is in the journal.
    """
    role = template.add_resource(
        iam.Role(
            "MovesRole",
            Description="Lets the state machine run its three functions",
            AssumeRolePolicyDocument=policy.trust("states"),
            Policies=[
                iam.Policy(
                    PolicyName=sheet.physical("moves"),
                    PolicyDocument=policy.document(
                        policy.allow(
                            "RunTheFunctions",
                            [awacs.awslambda.InvokeFunction],
                            [GetAtt(functions[task], "Arn") for task in machine.FUNCTIONS],
                        )
                    ),
                )
            ],
        )
    )
    return template.add_resource(
        stepfunctions.StateMachine(
            "Moves",
            StateMachineName=sheet.physical("moves"),
            StateMachineType="STANDARD",
            RoleArn=GetAtt(role, "Arn"),
            Definition=machine.definition(),
            DefinitionSubstitutions={
                f"{task}FunctionArn": GetAtt(functions[task], "Arn") for task in machine.FUNCTIONS
            },
            Tags=sheet.tags("moves"),
        )
    )


def ticks(template: Template, moves: stepfunctions.StateMachine) -> None:
    """Start an execution that watches, every minute."""
    role = template.add_resource(
        iam.Role(
            "TicksRole",
            Description="Lets the schedule start the state machine",
            AssumeRolePolicyDocument=policy.trust("events"),
            Policies=[
                iam.Policy(
                    PolicyName=sheet.physical("ticks"),
                    PolicyDocument=policy.document(
                        policy.allow("StartTheMachine", [awacs.states.StartExecution], [Ref(moves)])
                    ),
                )
            ],
        )
    )
    schedule.every_minute(
        template,
        "ticks",
        "Looks at the pair every minute",
        target=Ref(moves),
        RoleArn=GetAtt(role, "Arn"),
        Input=TICK,
    )


def breaks(template: Template, moves: stepfunctions.StateMachine, topic: object) -> None:
    """Tell the topic of every execution that has ended otherwise than by its own decision."""
    template.add_resource(
        events.Rule(
            "BrokenMoves",
            Name=sheet.physical("broken-moves"),
            Description="Tells of executions that have failed, timed out or been aborted",
            State="ENABLED",
            EventPattern={
                "source": ["aws.states"],
                "detail-type": ["Step Functions Execution Status Change"],
                "detail": {"stateMachineArn": [Ref(moves)], "status": list(BROKEN)},
            },
            Targets=[events.Target(Id="topic", Arn=topic)],
        )
    )
