"""The probe: the one that asks the database itself, from inside the VPC, and needs no endpoint to do it (fact C3)."""

import awacs.kms
import awacs.rds_db
import awacs.secretsmanager
from awacs.aws import Statement
from troposphere import GetAtt, Ref, Sub, Template, awslambda

from dr_templates.tiers import policy, schedule, sheet
from dr_templates.tiers.function import TAKES, VPC_TAKES, Code, ask, function

USER = Sub("dr_probe_${Name}-${EnvironmentSuffix}")
"""The environment is in the user's name, and so the right to log in need not name the instance: one that is built
again after a failover has a new resource id, and the probe must know it without a change in IAM."""

TIMEOUT = 30


def build() -> Template:
    """Give the probe with its schedule, and the function that prepares the database for it at deploy.

    They share an archive and differ in rights: only the second, which runs once, may read the master's password.
    """
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
    place = {
        "DATABASE_HOST": Ref("DatabaseEndpoint"),
        "DATABASE_PORT": Ref("DatabasePort"),
        "DATABASE_NAME": Ref("DatabaseName"),
        "DATABASE_USER": USER,
    }
    probe = function(
        template,
        "probe",
        Code("probe_handler", "ProbeArchiveKey"),
        [_login()],
        description="Asks the database what only SQL can tell",
        environment={**place, "ENVIRONMENT": Sub("${Name}-${EnvironmentSuffix}"), "SITE": Ref("SiteName")},
        in_vpc=True,
        timeout=TIMEOUT,
    )
    prepare = function(
        template,
        "prepare",
        Code("probe_handler", "ProbeArchiveKey", "prepare"),
        [_login(), *_read_secret()],
        description="Makes the probe's login and heartbeat table, or sees that they have arrived",
        environment={**place, "SECRET_ARN": Ref("SecretArn")},
        in_vpc=True,
        timeout=TIMEOUT,
    )
    schedule.run_every_minute(template, "probe", "Probes the database every minute", probe)
    _prepare(template, prepare)
    sheet.give(template, "ProbeFunctionName", Ref(probe), "Name of the probe.")
    sheet.give(template, "ProbeFunctionArn", GetAtt(probe, "Arn"), "ARN of the probe, for whoever observes the pair.")
    return template


def _login() -> Statement:
    """Let a function log in as this environment's probe, to whichever instance serves the site now (fact A43)."""
    user = f"arn:${{AWS::Partition}}:rds-db:${{AWS::Region}}:${{AWS::AccountId}}:dbuser:*/{USER.data['Fn::Sub']}"
    return policy.allow("LogInAsTheProbe", [awacs.rds_db.connect], [Sub(user)])


def _read_secret() -> list[Statement]:
    """Let a function read this site's copy of the master secret, and its key for nothing else."""
    through = policy.through("secretsmanager")
    return [
        policy.allow("ReadTheSecret", [awacs.secretsmanager.GetSecretValue], [Ref("SecretArn")]),
        policy.allow("DecryptTheSecret", [awacs.kms.Decrypt], [Ref("SecretKeyArn")], through),
    ]


def _prepare(template: Template, prepare: awslambda.Function) -> None:
    """Prepare at deploy, and again when the code or the instance changes.

    Without the endpoint the function cannot read the secret, and the SQL of ``runtime/prepare.sql`` is run by hand.
    """
    endpoint = sheet.switch(template, "HasSecretsManagerEndpoint", "SecretsManagerEndpoint")
    ask(
        template,
        "PreparedDatabase",
        prepare,
        when=endpoint,
        Archive=Ref("ProbeArchiveKey"),
        Database=Ref("DatabaseResourceId"),
    )
