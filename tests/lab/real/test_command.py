"""The deployer as a person runs it: ``drctl`` against the emulator, from an empty account to an empty account."""

import json
import shlex
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dr_templates.lab.emulator import Emulator, environment, running
from plans import lab, small

DRCTL = (sys.executable, "-c", "from dr_templates.cli.main import main; raise SystemExit(main())")
Ran = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Emulator]:
    """Give an emulator that nothing has been deployed to."""
    with running() as there:
        yield there


def drctl(emulator: Emulator, checkout: Path, *arguments: str, config: Path = small.CONFIG) -> Ran:
    variables = {**lab.passed(), "HOME": str(emulator.home), **environment(emulator)}
    done = subprocess.run(
        [*DRCTL, *arguments, "--config", str(config)],
        env=variables,
        cwd=checkout,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert "Traceback" not in done.stderr
    return done


def told(done: Ran) -> Any:  # noqa: ANN401 - JSON
    return json.loads(done.stdout)


def test_an_environment_from_its_first_plan_to_its_end(elsewhere: Emulator, checkout: Path, tmp_path: Path) -> None:
    file = str(tmp_path / "plan.json")
    blind = drctl(elsewhere, checkout, "plan")
    assert blind.returncode == 4
    assert "--first-deploy" in blind.stderr
    assert "--allow-replace" not in blind.stderr

    planned = drctl(elsewhere, checkout, "plan", "--first-deploy", "--save", file, "--output", "json")
    assert planned.returncode == 3, planned.stderr
    assert [stack["new"] for stack in told(planned)["plan"]["stacks"]] == [True] * 5
    assert told(planned)["refused"] == []
    same = shlex.join(["drctl", "deploy", file, "--config", str(small.CONFIG), "--first-deploy"])
    assert f"next: {same}\n" in planned.stderr

    unasked = drctl(elsewhere, checkout, "deploy", file, "--first-deploy")
    assert unasked.returncode == 2
    assert "nobody to ask" in unasked.stderr

    deployed = drctl(elsewhere, checkout, "deploy", file, "--first-deploy", "--yes", "--output", "json")
    assert deployed.returncode == 0, deployed.stderr
    assert told(deployed)["outputs"]["control"]["WriterName"] == "postgres.orders.internal"
    assert "ireland standby: DatabaseReplica/Database CREATE_COMPLETE" in deployed.stderr
    assert "\x1b" not in deployed.stderr

    lab.unharmed(elsewhere)
    again = drctl(elsewhere, checkout, "plan")
    assert (again.returncode, again.stdout) == (0, "")
    assert "nothing to do" in again.stderr
    twice = drctl(elsewhere, checkout, "deploy", "--yes")
    assert twice.returncode == 0
    assert "nothing to do" in twice.stderr
    assert lab.calls(elsewhere, "ExecuteChangeSet") == []

    carried_out = drctl(elsewhere, checkout, "deploy", file, "--yes", "--output", "json")
    assert carried_out.returncode == 0
    assert "nothing to do" in carried_out.stderr
    assert told(carried_out)["outputs"] == told(deployed)["outputs"]
    assert lab.calls(elsewhere, "ExecuteChangeSet") == []

    status = drctl(elsewhere, checkout, "status", "--output", "json")
    assert status.returncode == 0, status.stderr

    unconfirmed = drctl(elsewhere, checkout, "destroy")
    assert unconfirmed.returncode == 2
    destroyed = drctl(elsewhere, checkout, "destroy", "--yes", "--output", "json")
    assert destroyed.returncode == 0, destroyed.stderr
    assert told(destroyed)["retained"] == []
    assert len(told(destroyed)["deleted"]) == 5


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (("sts", "GetCallerIdentity", "ExpiredToken", "The token is expired"), "AWS does not know who you are"),
        (("sts", "GetCallerIdentity", "InternalFailure", "later"), "AWS does not say whose account"),
        (("s3", "CreateBucket", "AccessDenied", "Access Denied"), "Access Denied"),
        (("cloudformation", "DescribeStacks", "AccessDenied", "not authorized"), "not authorized"),
        (("cloudformation", "CreateChangeSet", "AccessDenied", "not authorized"), "not authorized"),
    ],
)
def test_what_aws_refuses_is_one_error_and_no_traceback(
    elsewhere: Emulator, checkout: Path, fault: tuple[str, str, str, str], words: str
) -> None:
    service, action, code, message = fault
    refusal = {"service": service, "action": action, "code": code, "message": message, "status": 403, "times": 1000}
    lab.arm(elsewhere, refusal)
    done = drctl(elsewhere, checkout, "deploy", "--first-deploy", "--yes", "--output", "json")
    lab.unharmed(elsewhere)
    assert done.returncode == 1
    assert words in done.stderr
    assert "hint:" in done.stderr
    assert words in told(done)["error"]["what"]


def test_what_goes_on_without_the_deployer_is_said_when_aws_refuses_it_half_way(
    elsewhere: Emulator, checkout: Path
) -> None:
    fault = {"service": "cloudformation", "action": "DescribeStackEvents", "code": "ExpiredToken", "message": "expired"}
    lab.arm(elsewhere, {**fault, "region": "eu-west-1", "status": 403, "times": 1000})
    cut = drctl(elsewhere, checkout, "deploy", "--first-deploy", "--yes")
    lab.unharmed(elsewhere)
    assert cut.returncode == 1
    assert "CloudFormation goes on with what it has begun" in cut.stderr
    assert drctl(elsewhere, checkout, "destroy", "--yes").returncode == 0


def test_credentials_of_another_account_change_nothing(elsewhere: Emulator, checkout: Path, tmp_path: Path) -> None:
    config = tmp_path / "other.yaml"
    config.write_text(small.CONFIG.read_text(encoding="utf-8").replace("111122223333", "444455556666"))
    lab.unharmed(elsewhere)
    done = drctl(elsewhere, checkout, "deploy", "--first-deploy", "--yes", config=config)
    assert done.returncode == 2
    assert "the credentials are of account 111122223333" in done.stderr
    assert lab.calls(elsewhere, "CreateBucket") == []


RESUMED = {("up",): "", ("up", "--rate", "7.5"): " --rate 7.5"}
"""How to come back to a lab that was started so."""


def test_the_lab_goes_up_once_and_down_without_a_trace(checkout: Path, tmp_path: Path) -> None:
    home = tmp_path / "lab"

    def done(code: int, *arguments: str) -> Any:  # noqa: ANN401 - JSON
        ran = subprocess.run(
            [*DRCTL, "lab", *arguments, "--home", str(home), "--output", "json"],
            cwd=checkout,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert ran.returncode == code, ran.stderr
        if code == 0 and arguments in RESUMED:
            assert f'eval "$(drctl lab up --home {home}{RESUMED[arguments]})"' in ran.stderr
        return json.loads(ran.stdout)

    def ran(*arguments: str) -> Any:  # noqa: ANN401 - JSON
        return done(0, *arguments)

    def refused(*arguments: str) -> str:
        return str(done(2, *arguments)["error"]["what"])

    first = ran("up", "--port", "46621")
    assert ran("up", "--port", "46621")["pid"] == first["pid"]
    assert ran("up")["pid"] == first["pid"]
    assert "http://127.0.0.1:46621" in refused("up", "--port", "46622")
    assert first["environment"]["AWS_ENDPOINT_URL"] == "http://127.0.0.1:46621"
    assert ran("down") == {"ended": True}
    assert ran("down") == {"ended": False}
    assert ran("up", "--port", "0", "--rate", "7.5")["pid"]
    assert "7.5 times as fast, not 1" in refused("up")
    assert ran("up", "--rate", "7.5")["pid"]
    assert ran("down") == {"ended": True}
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(first["endpoint"], timeout=5)  # noqa: S310 - http, ours
    assert not (home / "work").exists()


def test_a_plan_is_not_written_over_another_file_nor_read_from_one(
    elsewhere: Emulator, checkout: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("precious: yes\n")
    lab.unharmed(elsewhere)
    for arguments in (
        ("plan", "--first-deploy", "--save", str(mine)),
        ("plan", "--first-deploy", "--save", str(tmp_path / "nowhere" / "plan.json")),
        ("deploy", str(mine), "--first-deploy", "--yes"),
    ):
        assert drctl(elsewhere, checkout, *arguments).returncode == 2
    assert mine.read_text() == "precious: yes\n"
    assert not (tmp_path / "nowhere").exists()
    assert lab.calls(elsewhere, "CreateChangeSet") == []
