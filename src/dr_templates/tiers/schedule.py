"""What happens every minute. A missed minute is a fact of its own, so nothing is tried twice."""

from troposphere import GetAtt, Ref, Template, awslambda, events

from dr_templates.tiers import sheet

STALE_SECONDS = 60
"""An event older than this is dropped: the next minute brings the next one."""


def every_minute(template: Template, purpose: str, description: str, *, target: object, **how: object) -> events.Rule:
    """Add a rule that calls the target, an ARN, once a minute; ``how`` is what the target needs besides."""
    return template.add_resource(
        events.Rule(
            f"{purpose.capitalize()}Schedule",
            Name=sheet.physical(purpose),
            Description=description,
            ScheduleExpression="rate(1 minute)",
            State="ENABLED",
            Targets=[
                events.Target(
                    Id=purpose,
                    Arn=target,
                    RetryPolicy=events.RetryPolicy(MaximumRetryAttempts=0, MaximumEventAgeInSeconds=STALE_SECONDS),
                    **how,
                )
            ],
        )
    )


def run_every_minute(template: Template, purpose: str, description: str, function: awslambda.Function) -> None:
    """Run a function once a minute, and let this rule and no other do so."""
    rule = every_minute(template, purpose, description, target=GetAtt(function, "Arn"))
    template.add_resource(
        awslambda.Permission(
            f"{rule.title}MayInvoke",
            FunctionName=Ref(function),
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=GetAtt(rule, "Arn"),
        )
    )
