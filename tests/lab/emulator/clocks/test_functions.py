import time

import pytest
from tests.lab.emulator.clocks.conftest import Function, call
from tests.lab.emulator.types.conftest import AWAY, HOME, client

from dr_templates.lab.clock import Clock
from dr_templates.lab.emulator import environment, running

SLEEPER = """
import time
from time import sleep, time as now  # as code does that wants a name of its own

def handler(event, context):
    began, real, left = now(), time.monotonic(), context.get_remaining_time_in_millis()
    sleep(20)
    return {
        "began": began,
        "ended": time.time(),
        "nanoseconds": time.time_ns(),
        "real": time.monotonic() - real,
        "left": (left - context.get_remaining_time_in_millis()) / 1000,
    }
"""
CALLER = """
import boto3

def handler(event, context):
    sent = []
    client = boto3.client("sts")
    client.meta.events.register("before-send", lambda request, **_: sent.append(request.headers["User-Agent"]))
    client.get_caller_identity()
    [agent] = sent
    return agent if isinstance(agent, str) else agent.decode()
"""


def test_a_functions_time_is_the_labs_and_its_sleep_as_quick(clock: Clock, function: Function) -> None:
    function("sleeper", SLEEPER)
    before = clock.now()
    said = call("sleeper")
    assert before <= said["began"] < said["ended"] <= clock.now()
    assert said["ended"] - said["began"] >= 20
    assert said["nanoseconds"] == pytest.approx(said["ended"] * 1e9, abs=1e9)
    assert said["real"] < 15


def test_the_time_a_function_has_left_is_the_machines_as_that_is_when_it_is_ended(function: Function) -> None:
    function("hurried", SLEEPER)
    said = call("hurried")
    assert said["left"] == pytest.approx(said["real"], abs=0.5)


@pytest.mark.parametrize("region", [HOME, AWAY])
def test_each_call_of_a_function_says_where_it_comes_from(region: str, function: Function) -> None:
    function("caller", CALLER, region)
    assert f"app/lab-{region}" in call("caller", region).split()


def test_a_function_in_a_network_of_its_own_says_so_too(function: Function) -> None:
    ec2 = client("ec2", AWAY)
    subnet = ec2.describe_subnets()["Subnets"][0]
    group = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [subnet["VpcId"]]}])["SecurityGroups"][0]
    where = {"SubnetIds": [subnet["SubnetId"]], "SecurityGroupIds": [group["GroupId"]]}
    function("inside", CALLER, AWAY, VpcConfig=where)
    assert f"app/lab-{AWAY}" in call("inside", AWAY).split()


def test_at_the_machines_rate_calls_say_so_as_well_and_time_is_left_alone(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running() as there:
        for name, value in environment(there).items():
            monkeypatch.setenv(name, value)
        function("caller", CALLER)
        assert f"app/lab-{HOME}" in call("caller").split()
        function("clock", "import time\ndef handler(event, context):\n    return time.time(), repr(time.time)\n")
        before = time.time()
        now, what = call("clock")
        assert before <= now <= time.time()
        assert what == repr(time.time)
