"""The probe: the one that asks the database itself, from inside the VPC, and needs no endpoint to do it (fact C3)."""

import awacs.kms
import awacs.rds_db
import awacs.secretsmanager
from awacs.aws import Condition, Statement, StringEquals
from troposphere import GetAtt, Ref, Sub, Template, awslambda, events
from troposphere.cloudformation import CustomResource

from dr_templates.tiers import policy, sheet
from dr_templates.tiers.function import ANSWER_SECONDS, TAKES, VPC_TAKES, Code, function

USER = "dr_probe"
TIMEOUT = 30


def build() -> Template:
    """Give the function, its minute-by-minute schedule, and the custom resource that prepares its login at deploy."""
    template = sheet.begin(
        "Probe of one site: asks the database from inside the VPC, every minute and on demand.",
        (
            *TAKES,
            *VPC_TAKES,
            "ProbeArchiveKey",
            "DatabaseEndpoint",
            "DatabasePort",
            "DatabaseResourceId",
            "DatabaseName",
            "SecretArn",
            "SecretKeyArn",
            "SecretsManagerEndpoint",
        ),
    )
    probe = function(
        template,
        "probe",
        Code("probe_handler", "ProbeArchiveKey"),
        [_login(), *read_secret()],
        description="Asks the database what only SQL can tell",
        environment={
            "ENVIRONMENT": Sub("${Name}-${EnvironmentSuffix}"),
            "SITE": Ref("SiteName"),
            "DATABASE_HOST": Ref("DatabaseEndpoint"),
            "DATABASE_PORT": Ref("DatabasePort"),
            "DATABASE_NAME": Ref("DatabaseName"),
            "DATABASE_USER": USER,
            "SECRET_ARN": Ref("SecretArn"),
        },
        in_vpc=True,
        timeout=TIMEOUT,
    )
    _schedule(template, probe)
    _prepare(template, probe)
    sheet.give(template, "ProbeFunctionName", Ref(probe), "Name of the probe.")
    sheet.give(template, "ProbeFunctionArn", GetAtt(probe, "Arn"), "ARN of the probe, for whoever observes the pair.")
    return template


def _login() -> Statement:
    """Let the probe log in to this one instance as its own user (fact A43)."""
    user = f"arn:${{AWS::Partition}}:rds-db:${{AWS::Region}}:${{AWS::AccountId}}:dbuser:${{DatabaseResourceId}}/{USER}"
    return policy.allow("LogInAsTheProbe", [awacs.rds_db.connect], [Sub(user)])


def read_secret() -> list[Statement]:
    """Let a function read this site's copy of the master secret, and its key for nothing else."""
    through = Condition(StringEquals("kms:ViaService", Sub("secretsmanager.${AWS::Region}.amazonaws.com")))
    return [
        policy.allow("ReadTheSecret", [awacs.secretsmanager.GetSecretValue], [Ref("SecretArn")]),
        policy.allow("DecryptTheSecret", [awacs.kms.Decrypt], [Ref("SecretKeyArn")], through),
    ]


def _schedule(template: Template, probe: awslambda.Function) -> None:
    """Probe every minute; a missed minute is a fact of its own, so nothing is tried twice."""
    rule = template.add_resource(
        events.Rule(
            "ProbeSchedule",
            Name=sheet.physical("probe"),
            Description="Probes the database every minute",
            ScheduleExpression="rate(1 minute)",
            State="ENABLED",
            Targets=[
                events.Target(
                    Id="probe",
                    Arn=GetAtt(probe, "Arn"),
                    RetryPolicy=events.RetryPolicy(MaximumRetryAttempts=0, MaximumEventAgeInSeconds=60),
                )
            ],
        )
    )
    template.add_resource(
        awslambda.Permission(
            "ProbeScheduleMayInvoke",
            FunctionName=Ref(probe),
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=GetAtt(rule, "Arn"),
        )
    )


def _prepare(template: Template, probe: awslambda.Function) -> None:
    """Make the probe's login and heartbeat table at deploy; on a replica, see that they have arrived.

    Runs again when the code changes. Without the endpoint the function cannot read the secret and the SQL of
    ``runtime/prepare.sql`` is run by hand.
    """
    endpoint = sheet.switch(template, "HasSecretsManagerEndpoint", "SecretsManagerEndpoint")
    template.add_resource(
        CustomResource(
            "PreparedDatabase",
            Condition=endpoint,
            ServiceToken=GetAtt(probe, "Arn"),
            ServiceTimeout=ANSWER_SECONDS,
            Archive=Ref("ProbeArchiveKey"),
            Database=Ref("DatabaseResourceId"),
        )
    )
