"""The README's way: `aws cloudformation package` and `deploy`, with the parameters `drctl` prints."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dr_templates.artifact import archives
from dr_templates.aws.clients import Clients
from dr_templates.lab.emulator import Emulator, environment, running
from plans import drive, lab, small

DRCTL = ("-c", "from dr_templates.cli.main import main; raise SystemExit(main())")
BUCKETS = {region: f"orders-demo-artifacts-111122223333-{region}" for region in ("us-east-1", "eu-west-1")}


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Emulator]:
    """Give an emulator that nothing has been deployed to."""
    with running() as there:
        yield there


@pytest.fixture(scope="module")
def clients(elsewhere: Emulator) -> Clients:
    """Give clients, once the archives lie in the buckets."""
    made = drive.clients(elsewhere)
    for region, bucket in BUCKETS.items():
        s3 = made.s3(region)
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=bucket, **where)
        for archive in archives():
            s3.put_object(Bucket=bucket, Key=archive.key, Body=archive.body)
    return made


def ran(emulator: Emulator, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        env={**lab.passed(), "HOME": str(emulator.home), **environment(emulator)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def parameters(emulator: Emulator, site: str, stack: str, *described: Path) -> list[str]:
    asked = ["parameters", "--config", str(small.CONFIG), "--site", site, "--stack", stack, "--output", "json"]
    for file in described:
        asked += ["--outputs", str(file)]
    values: list[str] = json.loads(ran(emulator, *DRCTL, *asked))
    return values


def deployed(
    emulator: Emulator, checkout: Path, room: Path, site: str, region: str, root: str, *described: Path
) -> str:
    """Deploy a root as the README says; give the status of its stack."""
    packaged, overrides = room / f"{site}-{root}.yaml", room / f"{site}-{root}.json"
    overrides.write_text(json.dumps(parameters(emulator, site, root, *described)), encoding="utf-8")
    cloudformation = ("-m", "awscli", "cloudformation")
    template = str(checkout / "templates" / f"{root}.yaml")
    ran(
        emulator,
        *cloudformation,
        "package",
        "--region",
        region,
        "--s3-bucket",
        BUCKETS[region],
        "--template-file",
        template,
        "--output-template-file",
        str(packaged),
    )
    name = f"orders-demo-{site}-{root}"
    ran(
        emulator,
        *cloudformation,
        "deploy",
        "--region",
        region,
        "--stack-name",
        name,
        "--template-file",
        str(packaged),
        "--parameter-overrides",
        f"file://{overrides}",
        "--capabilities",
        "CAPABILITY_IAM",
        "CAPABILITY_AUTO_EXPAND",
        *(() if root == "foundation" else ("--disable-rollback",)),
    )
    (room / f"{region}.json").write_text(
        ran(emulator, *cloudformation, "describe-stacks", "--region", region, "--output", "json"), encoding="utf-8"
    )
    found = ran(
        emulator,
        *cloudformation,
        "describe-stacks",
        "--region",
        region,
        "--stack-name",
        name,
        "--query",
        "Stacks[0].StackStatus",
        "--output",
        "text",
    )
    return found.strip()


@pytest.mark.usefixtures("clients")
def test_foundation_and_primary_deploy_with_the_aws_cli_and_the_parameters_drctl_prints(
    elsewhere: Emulator, checkout: Path, tmp_path: Path
) -> None:
    complete = "CREATE_COMPLETE"
    assert deployed(elsewhere, checkout, tmp_path, "virginia", "us-east-1", "foundation") == complete
    assert deployed(elsewhere, checkout, tmp_path, "ireland", "eu-west-1", "foundation") == complete
    described = (tmp_path / "us-east-1.json", tmp_path / "eu-west-1.json")
    assert deployed(elsewhere, checkout, tmp_path, "virginia", "us-east-1", "primary", *described) == complete
