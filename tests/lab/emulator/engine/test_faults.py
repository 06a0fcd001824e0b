import operator
import sys
import urllib.error
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from tests.lab.emulator.engine.hand import Hand

from dr_templates.lab.emulator.orders.faults import Armed, ResourceFault


def code(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str, int]:
    said = error.value.response
    return said["Error"]["Code"], said["Error"]["Message"], said["ResponseMetadata"]["HTTPStatusCode"]


def test_the_next_calls_that_fit_fail_as_often_as_ordered(hand: Hand) -> None:
    hand.order("faults", [{"service": "cloudformation", "action": "ListStacks", "times": 2}])
    for _ in range(2):
        with pytest.raises(ClientError) as error:
            hand.cloud.list_stacks()
        assert code(error) == ("Throttling", "Rate exceeded", 400)
    hand.cloud.list_stacks()
    assert hand.order("faults", method="GET") == []


def test_other_regions_and_calls_are_left_alone(hand: Hand) -> None:
    hand.order("faults", [{"service": "cloudformation", "action": "ListStacks", "region": "us-east-1"}])
    hand.cloud.list_stacks()
    hand.cloud.list_exports()
    assert len(hand.order("faults", method="GET")) == 1


@pytest.mark.parametrize(
    ("service", "action", "call", "status"),
    [
        ("dynamodb", "ListTables", "list_tables", 400),
        ("sns", "ListTopics", "list_topics", 403),
        ("ec2", "DescribeVpcs", "describe_vpcs", 400),
        ("lambda", "GET /2015-03-31/functions", "list_functions", 403),
        ("s3", "ListBuckets", "list_buckets", 403),
        ("ssm", "DescribeParameters", "describe_parameters", 400),
    ],
)
def test_each_protocol_words_its_own_errors(hand: Hand, service: str, action: str, call: str, status: int) -> None:
    fault = {"service": service, "action": action, "code": "AccessDenied", "message": "not <you>", "status": status}
    hand.order("faults", [fault])
    with pytest.raises(ClientError) as error:
        operator.methodcaller(call)(hand.client(service))
    assert code(error) == ("AccessDenied", "not <you>", status)


def test_a_call_without_an_answer_to_read_fails_by_its_status(hand: Hand) -> None:
    fault = {"service": "s3", "action": "HeadBucket", "code": "AccessDenied", "message": "no", "status": 403}
    hand.order("faults", [fault])
    with pytest.raises(ClientError) as error:
        hand.client("s3").head_bucket(Bucket=hand.bucket)
    assert error.value.response["Error"]["Code"] == "403"


def test_calls_of_s3_are_named_by_method_and_path(hand: Hand) -> None:
    hand.order("calls", method="DELETE")
    client = hand.client("s3")
    client.put_object(Bucket=hand.bucket, Key="a/b", Body=b"x")
    client.head_object(Bucket=hand.bucket, Key="a/b")
    client.head_bucket(Bucket=hand.bucket)
    client.get_bucket_location(Bucket=hand.bucket)
    client.put_bucket_versioning(Bucket=hand.bucket, VersioningConfiguration={"Status": "Enabled"})
    assert [one["action"] for one in hand.order("calls", method="GET")] == [
        "PutObject",
        "HeadObject",
        "HeadBucket",
        "GetBucketLocation",
        "PutBucketVersioning",
    ]


def test_calls_are_logged_with_service_region_and_time_until_the_log_is_emptied(hand: Hand) -> None:
    hand.order("calls", method="DELETE")
    hand.cloud.list_stacks()
    (call,) = hand.order("calls", method="GET")
    assert (call["service"], call["region"], call["action"]) == ("cloudformation", hand.region, "ListStacks")
    assert call["stamp"] > 1_700_000_000
    hand.order("calls", method="DELETE")
    assert hand.order("calls", method="GET") == []


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("faults", {"service": "s3"}),
        ("faults", [{"action": "PutObject"}]),
        ("faults", [{"service": "s3", "action": "PutObject", "strange": 1}]),
        ("faults", [{"stack": "none", "status": "CREATE_FAILED", "region": "eu-west-1"}]),
        ("pace", {"scale": -1, "types": {}}),
        ("pace", {"scale": 1, "types": {"*": "long"}}),
        ("pace", {"scale": 1}),
    ],
)
def test_an_order_that_cannot_be_read_is_refused_and_changes_nothing(hand: Hand, what: str, said: object) -> None:
    with pytest.raises(urllib.error.HTTPError) as error:
        hand.order(what, said)
    with error.value as answer:
        assert answer.code == 400
    assert hand.order("faults", method="GET") == []
    assert hand.order("pace", method="GET") == {"scale": 0.0, "types": {}, "actions": {}}


def test_a_fault_that_is_to_come_so_often_comes_so_often_however_many_ask_at_once() -> None:
    armed = Armed([ResourceFault("AWS::SNS::Topic", reason="no", times=500)])
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)

    def meet(_: int) -> str:
        try:
            armed.on_resource("AWS::SNS::Topic", "Topic", "DELETE")
        except ValueError as error:
            return str(error)
        return ""

    try:
        with ThreadPoolExecutor(8) as pool:
            met = list(pool.map(meet, range(2000)))
    finally:
        sys.setswitchinterval(interval)
    assert Counter(met) == {"no": 500, "": 1500}
