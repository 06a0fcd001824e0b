"""``drctl parameters``: what ``aws cloudformation deploy`` is given, and what is said when it cannot be."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from awscli.argprocess import unpack_cli_arg
from awscli.clidriver import create_clidriver
from awscli.customizations.cloudformation.deploy import DeployCommand

from dr_templates import artifact
from dr_templates.config import load
from dr_templates.deploy.blueprint import blueprints
from dr_templates.deploy.roots import at as roots
from dr_templates.tiers.root import root

Drctl = Callable[..., Any]


ROOTS = [
    ("virginia", "foundation"),
    ("ireland", "foundation"),
    ("virginia", "primary"),
    ("ireland", "standby"),
    ("control", "control"),
]


def described(place: str, region: str) -> dict[str, Any]:
    """Describe every root stack of a place as deployed, each output worth ``<place>/<output>``."""
    site = [] if place == "control" else [{"ParameterKey": "SiteName", "ParameterValue": place}]
    names = [
        {"ParameterKey": key, "ParameterValue": value}
        for key, value in (("Name", "orders"), ("EnvironmentSuffix", "prod"))
    ]
    return {
        "StackId": f"arn:aws:cloudformation:{region}:111122223333:stack/{place}/0",
        "Parameters": names + site,
        "Outputs": [
            {"OutputKey": output, "OutputValue": f"{place}/{output}"}
            for at, stack in ROOTS
            if at == place
            for output in root(stack).outputs
        ],
    }


@pytest.fixture
def outputs(tmp_path: Path, example: Path) -> list[str | Path]:
    """Give the options that name the outputs of a whole deployed environment, a file for each region."""
    options: list[str | Path] = []
    topology = load(example).topology
    for place in topology.places:
        path = tmp_path / f"{place}.json"
        path.write_text(json.dumps({"Stacks": [described(place, topology.region(place))]}))
        options += ["--outputs", path]
    return options


def values(out: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in json.loads(out))


@pytest.mark.parametrize(("place", "stack"), ROOTS)
def test_every_root_gets_every_parameter_it_has(
    drctl: Drctl, example: Path, outputs: list[str | Path], place: str, stack: str
) -> None:
    ran = drctl("parameters", "--site", place, "--stack", stack, "--config", example, *outputs, "--output", "json")
    assert list(values(ran.out)) == list(blueprints().parameters(stack))


@pytest.mark.parametrize(("place", "stack"), ROOTS)
def test_no_parameter_is_left_to_its_default_behind_the_users_back(example: Path, place: str, stack: str) -> None:
    """What the configuration can say, it passes under the name the template has."""
    config = load(example)
    known = {
        *config.values(place),
        *(archive.parameter for archive in artifact.archives()),
        *(
            prefix + output
            for _, made in ROOTS
            for output in root(made).outputs
            for prefix in ("", "Peer", "Home", "Standby")
        ),
    }
    assert set(blueprints().parameters(stack)) <= known


def test_values_come_from_configuration_archives_and_the_right_stacks(
    drctl: Drctl, example: Path, outputs: list[str | Path]
) -> None:
    ran = drctl(
        "parameters", "--site", "virginia", "--stack", "primary", "--config", example, *outputs, "--output", "json"
    )
    found = values(ran.out)
    assert found["EngineVersion"] == "15.19"
    assert found["ProbeArchiveKey"] == {a.parameter: a.key for a in artifact.archives()}["ProbeArchiveKey"]
    assert found["DatabaseKeyArn"] == "virginia/DatabaseKeyArn"
    assert found["PeerSecretKeyArn"] == "ireland/SecretKeyArn"
    control = values(drctl("parameters", "--site", "control", "--config", example, *outputs, "--output", "json").out)
    assert control["HomeVpcId"] == "virginia/VpcId"
    assert control["StandbyVpcId"] == "ireland/VpcId"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_aws_cli_reads_the_json_as_it_is(drctl: Drctl, example: Path, outputs: list[str | Path]) -> None:
    ran = drctl(
        "parameters", "--site", "virginia", "--stack", "primary", "--config", example, *outputs, "--output", "json"
    )
    command = DeployCommand(create_clidriver().session)
    argument = command.arg_table["parameter-overrides"]
    overrides = command.parse_key_value_arg(unpack_cli_arg(argument, [ran.out]), "parameter-overrides")
    assert overrides == values(ran.out)
    assert overrides["WalRetrieveRetryMs"] == ""


def test_text_shows_the_same_line_by_line(drctl: Drctl, example: Path) -> None:
    asked = ("parameters", "--site", "ireland", "--stack", "foundation", "--config", example)
    ran = drctl(*asked)
    assert ran.out.splitlines() == json.loads(drctl(*asked, "--output", "json").out)
    assert "foundation at ireland (eu-west-1)" in ran.err


@pytest.mark.parametrize(("place", "stack"), ROOTS)
@pytest.mark.parametrize("form", ["text", "json"])
def test_the_command_that_protects_the_stack_is_told_when_the_configuration_wants_it(
    drctl: Drctl, example: Path, outputs: list[str | Path], tmp_path: Path, place: str, stack: str, form: str
) -> None:
    asked = ("parameters", "--site", place, "--stack", stack, *outputs, "--output", form, "--config")
    region = load(example).topology.region(place)
    command = (
        f"aws cloudformation update-termination-protection --enable-termination-protection --region {region} "
        f"--stack-name orders-prod-{place if place == stack else f'{place}-{stack}'}"
    )
    ran = drctl(*asked, example)
    assert [line for line in ran.err.splitlines() if line.endswith(command)]
    assert command not in ran.out
    bare = tmp_path / "bare.yaml"
    bare.write_text(example.read_text().replace("termination_protection: true", "termination_protection: false"))
    assert "termination-protection" not in drctl(*asked, bare).err


def test_a_peering_that_is_wanted_and_not_made_yet_is_an_open_value(
    drctl: Drctl, example: Path, outputs: list[str | Path], tmp_path: Path
) -> None:
    """The home site was deployed before peering was turned on, so its stack gives no connection."""
    before = tmp_path / "virginia.json"
    answer = json.loads(before.read_text())
    connection = {"OutputKey": "PeeringConnectionId", "OutputValue": "virginia/PeeringConnectionId"}
    answer["Stacks"][0]["Outputs"].remove(connection)
    before.write_text(json.dumps(answer))
    peered = tmp_path / "peered.yaml"
    peered.write_text(re.sub("peering: false", "peering: true", example.read_text()))

    asked = ("parameters", "--site", "ireland", "--stack", "standby", *outputs, "--config")
    assert drctl(*asked, peered).fails() == (
        "PeerPeeringConnectionId: no value; output PeeringConnectionId of the primary stack at virginia (us-east-1) "
        "gives it"
    )
    assert "PeerPeeringConnectionId=none" in drctl(*asked, example).out.splitlines()
    answer["Stacks"][0]["Outputs"].append(connection)
    before.write_text(json.dumps(answer))
    assert "PeerPeeringConnectionId=virginia/PeeringConnectionId" in drctl(*asked, peered).out.splitlines()


UNUSED_BY_REASON = {
    "RecordTtlSeconds": "the records are the control stack's",
    "ZoneName": "a replica brings no secret, and so no name to connect to, of its own",
    "AllocatedStorageGib": "a replica begins with the storage of its source",
    "BackupRetentionDays": "a replica takes backups once it is promoted",
    "BackupWindow": "as the retention",
    "MasterUsername": "a replica has the users of its source",
    "ReplicatedBackupRetentionDays": "the copies of the primary's backups are made by the primary's stack",
}
"""What a site is told and may not ask for: roles move between sites, so each is told all that either role needs."""


@pytest.mark.parametrize("place", ["virginia", "ireland", "control"])
def test_what_the_configuration_gives_a_place_a_stack_there_takes(example: Path, place: str) -> None:
    config = load(example)
    taken = {name for stack in roots(place, config.topology) for name in blueprints().parameters(stack)}
    assert set(config.values(place)) - taken <= set(UNUSED_BY_REASON)


def test_every_reason_for_a_value_that_is_not_taken_is_needed(example: Path) -> None:
    config = load(example)
    spare = {
        name
        for place in config.topology.places
        for name in set(config.values(place))
        - {name for stack in roots(place, config.topology) for name in blueprints().parameters(stack)}
    }
    assert spare == set(UNUSED_BY_REASON)


def test_what_stays_open_is_listed_with_the_stack_that_gives_it(drctl: Drctl, example: Path) -> None:
    ran = drctl("parameters", "--site", "virginia", "--stack", "primary", "--config", example, "--output", "json")
    lines = ran.fails().splitlines()
    assert (
        "PeerSecretKeyArn: no value; output SecretKeyArn of the foundation stack at ireland (eu-west-1) gives it"
        in lines
    )
    assert (
        "DatabaseKeyArn: no value; output DatabaseKeyArn of the foundation stack at virginia (us-east-1) gives it"
        in lines
    )
    assert list(json.loads(ran.out)) == ["error"]


@pytest.mark.parametrize(
    ("options", "what", "hint"),
    [
        (("--site", "paris"), "there is no site paris", "virginia, ireland, control"),
        (("--site", "virginia"), "virginia has 2 stacks, which one is meant?", "--stack foundation, --stack primary"),
        (("--site", "virginia", "--stack", "standby"), "there is no stack standby at virginia", "--stack primary"),
        (("--site", "control", "--stack", "primary"), "there is no stack primary at control", "--stack control"),
    ],
)
def test_a_wrong_place_or_stack_is_wrong_usage(
    drctl: Drctl, example: Path, options: tuple[str, ...], what: str, hint: str
) -> None:
    ran = drctl("parameters", *options, "--config", example)
    assert ran.fails(2) == what
    assert hint in ran.err


def test_a_wrong_configuration_is_told_in_full(tmp_path: Path, drctl: Drctl, example: Path) -> None:
    config = tmp_path / "drctl.yaml"
    config.write_text(
        example.read_text().replace("suffix: prod", "suffix: PROD").replace("home: virginia", "home: mars")
    )
    ran = drctl("parameters", "--site", "virginia", "--config", config)
    assert [line.split(": ")[1] for line in ran.fails().splitlines()] == ["suffix", "home"]
    assert ran.out == ""


def test_the_configuration_is_drctl_yaml_unless_the_environment_says_otherwise(program: Drctl, example: Path) -> None:
    asked = ("parameters", "--site", "virginia", "--stack", "foundation")
    ran = program(*asked)
    assert "drctl.yaml" in ran.err
    assert ran.fails() == "there is no such configuration file"
    assert program(*asked, env={"DRCTL_CONFIG": str(example)}).code == 0


@pytest.mark.parametrize(
    ("content", "what"), [(b"\xff", "not text in UTF-8"), (b"{}", "not an answer of describe-stacks")]
)
def test_a_file_of_outputs_that_is_none_is_refused(
    tmp_path: Path, drctl: Drctl, example: Path, content: bytes, what: str
) -> None:
    path = tmp_path / "outputs.json"
    path.write_bytes(content)
    asked = ("parameters", "--site", "virginia", "--stack", "foundation", "--config", example, "--outputs", path)
    assert drctl(*asked).fails().startswith(what)


def test_a_file_of_outputs_that_is_not_there_is_named_with_the_way_to_get_it(
    tmp_path: Path, drctl: Drctl, example: Path
) -> None:
    path = tmp_path / "nope.json"
    ran = drctl("parameters", "--site", "virginia", "--stack", "foundation", "--config", example, "--outputs", path)
    assert ran.fails() == "there is no such file of stack outputs"
    assert f"where: {path}\n" in ran.err
    assert "aws cloudformation describe-stacks" in ran.err
