import contextlib
import http.client
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.session import Session

from dr_templates.aws.clients import boto
from dr_templates.errors import DrError
from dr_templates.lab.emulator import Emulator, at, down, environment, running, up
from plans import drive, lab


@pytest.fixture
def home() -> Iterator[Path]:
    """Give a directory with a short path: the sockets of PostgreSQL below it must not have a long one."""
    with tempfile.TemporaryDirectory(prefix="dr-lab-") as directory:
        yield Path(directory)


def answers(emulator: Emulator) -> bool:
    with urllib.request.urlopen(f"{emulator.endpoint}/_ministack/health") as answer:  # noqa: S310 - http, ours
        return bool(answer.status == 200)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def variables(pid: int) -> dict[str, str]:
    said = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(one.split("=", 1) for one in said if "=" in one)


def account(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in environment(emulator).items():
        monkeypatch.setenv(name, value)
    client = Session().create_client("sts", region_name="us-east-1")  # a session of its own: one keeps its credentials
    return str(client.get_caller_identity()["Account"])


def test_two_run_side_by_side_and_nothing_is_left_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real-secret")
    monkeypatch.setenv("AWS_PROFILE", "real")
    with running() as one, running(account="222233334444") as other:
        assert one.endpoint != other.endpoint
        assert one.home != other.home
        for there in (one, other):
            assert answers(there)
            assert not {"AWS_PROFILE", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"} & set(variables(there.pid))
        monkeypatch.delenv("AWS_PROFILE")
        assert account(one, monkeypatch) == "111122223333"
        assert account(other, monkeypatch) == "222233334444"
    for there in (one, other):
        assert gone(there.pid)
        assert not there.home.exists()


def test_an_idle_connection_is_not_closed_lest_a_request_be_carried_out_without_an_answer(emulator: Emulator) -> None:
    # a server that closes what is idle loses the answers of requests that come in that moment; its default is 5 seconds
    with contextlib.closing(http.client.HTTPConnection(emulator.endpoint.removeprefix("http://"))) as kept:
        for wait in (0, 6):
            time.sleep(wait)
            kept.request("GET", "/_ministack/health")
            kept.auto_open = 0  # ours, or none
            with kept.getresponse() as answer:
                assert answer.status == 200
                answer.read()


def test_it_listens_on_the_loopback_address_alone(emulator: Emulator) -> None:
    port = f":{int(emulator.endpoint.rpartition(':')[2]):04X}"
    table = [line.split() for line in Path(f"/proc/{emulator.pid}/net/tcp").read_text().splitlines()[1:]]
    assert [line[1] for line in table if line[3] == "0A" and line[1].endswith(port)] == [f"0100007F{port}"]


def test_an_error_in_the_block_ends_it_as_well() -> None:
    with pytest.raises(ZeroDivisionError), running() as there:
        raise ZeroDivisionError
    assert gone(there.pid)
    assert not there.home.exists()


def test_a_proxy_is_not_asked_whether_it_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9" if name == "http_proxy" else "")
    with running() as there:
        assert not gone(there.pid)


def test_it_does_not_outlive_a_caller_that_is_killed() -> None:
    program = (
        "import sys, time\nfrom dr_templates.lab.emulator import running\n"
        "with running() as there:\n    print(there.pid, there.home, flush=True)\n    time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as caller:
        assert caller.stdout is not None
        pid, home = caller.stdout.readline().split()
        caller.send_signal(signal.SIGKILL)
    wait(lambda: gone(int(pid)))
    assert Path(home).is_dir()  # who is killed cannot tidy up
    shutil.rmtree(home)


def wait(until: object, seconds: float = 10) -> None:
    assert callable(until)
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_up_starts_one_in_the_background_and_down_ends_it(home: Path) -> None:
    there = up(home / "lab", port=0)
    try:
        assert answers(there)
        assert up(home / "lab", port=0) == there == at(home / "lab")
        said = json.loads((home / "lab/record.json").read_text())
        assert (said["pid"], said["endpoint"]) == (there.pid, there.endpoint)
    finally:
        assert down(home / "lab")
    assert gone(there.pid)
    assert sorted(path.name for path in (home / "lab").iterdir()) == ["lock", "log"]
    assert not down(home / "lab")


def test_a_record_of_one_that_was_killed_is_cleaned_up(home: Path) -> None:
    first = up(home, port=0)
    os.kill(first.pid, signal.SIGKILL)
    wait(lambda: at(home) is None)
    assert (home / "record.json").exists()
    second = up(home, port=0)
    try:
        assert second.pid != first.pid
        assert answers(second)
    finally:
        assert down(home)


def test_a_record_that_names_a_process_of_somebody_else_is_not_believed(home: Path) -> None:
    said = {"endpoint": "http://127.0.0.1:1", "pid": os.getpid(), "account": "111122223333"}
    (home / "record.json").write_text(json.dumps(said))
    assert at(home) is None
    assert not down(home)


@pytest.mark.parametrize("torn", ["", "[]", '{"pid": 1}', "{"])
def test_a_torn_record_is_none(home: Path, torn: str) -> None:
    (home / "record.json").write_text(torn)
    assert at(home) is None


def test_down_ends_what_the_emulator_has_started_and_nobody_who_merely_speaks_to_it(home: Path) -> None:
    there = up(home, port=0)
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    with (
        subprocess.Popen(sleep, env={**os.environ, **environment(there)}) as user,
        subprocess.Popen(sleep, env={"DR_LAB_HOME": str(home)}) as started,
    ):
        try:
            assert down(home)
            assert started.wait(10) == -signal.SIGKILL
            assert user.poll() is None
        finally:
            user.kill()
            started.kill()


def test_a_port_that_is_taken_is_told_and_nothing_stays(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(DrError, match=f"port {port} cannot be used.*Give another port"):
            up(home, port=port)
    assert at(home) is None
    assert sorted(path.name for path in home.iterdir()) == ["lock", "log"]


def test_a_custom_resource_that_waits_for_ever_does_not_hold_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = "def handler(event, context):\n    return None\n"
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Handler": "index.handler",
            "Runtime": "python3.13",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Code": {"ZipFile": silent},
        },
    }
    waiting = {"Type": "Custom::Waiting", "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}}}
    trust = {"Version": "2012-10-17", "Statement": []}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    template = json.dumps({"Resources": {"Function": function, "Waiting": waiting, "Role": role}})
    with running() as there:
        for name, value in environment(there).items():
            monkeypatch.setenv(name, value)
        cloud = boto("cloudformation", "us-east-1", Config())
        cloud.create_stack(StackName="waiting", TemplateBody=template, Capabilities=["CAPABILITY_IAM"])
        wait(lambda: "Waiting" in str(cloud.describe_stack_events(StackName="waiting")["StackEvents"]))
        time.sleep(1)
        began = time.monotonic()
    assert time.monotonic() - began < 8
    assert gone(there.pid)


def test_a_call_that_waits_for_a_function_does_not_hold_the_end() -> None:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", "import time\ndef handler(event, context):\n    time.sleep(60)\n")
    with running() as there, ThreadPoolExecutor(1) as pool:
        once = Config(retries={"total_max_attempts": 1})
        functions, roles = (drive.clients(there).make(name, "us-east-1", once) for name in ("lambda", "iam"))
        role = roles.create_role(RoleName="r", AssumeRolePolicyDocument='{"Statement": []}')["Role"]["Arn"]
        settings = {"Runtime": "python3.13", "Handler": "index.handler", "Timeout": 90, "Role": role}
        functions.create_function(FunctionName="slow", Code={"ZipFile": code.getvalue()}, **settings)
        waiting = pool.submit(functions.invoke, FunctionName="slow")
        wait(lambda: lab.calls(there, "POST /2015-03-31/functions/slow/invocations"))
        os.kill(there.pid, signal.SIGTERM)
        began = time.monotonic()
        wait(lambda: gone(there.pid))
        assert isinstance(waiting.exception(10), BotoCoreError)
    assert time.monotonic() - began < 8
