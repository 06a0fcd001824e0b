"""A custom resource answers exactly once, in time, whatever happens to its work."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest

from dr_templates.runtime.custom_resource import Post, answer
from dr_templates.runtime.errors import WorkError

if TYPE_CHECKING:
    from tests.functional.lambdas.conftest import CloudFormation, Context


def fails(_event: object) -> tuple[str, dict[str, str]]:
    raise WorkError(reason="the reason")


def breaks(_event: object) -> tuple[str, dict[str, str]]:
    raise KeyError("secret")


def test_done_work_is_answered_with_its_attributes(cloudformation: CloudFormation, context: Context) -> None:
    answer(cloudformation.event("Create"), context, lambda _: ("id-1", {"Key": "value"}), Post(emulated=True))
    [sent] = cloudformation.answers
    assert sent == {
        "Status": "SUCCESS",
        "Reason": "Done",
        "PhysicalResourceId": "id-1",
        "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/test/1",
        "RequestId": "request-1",
        "LogicalResourceId": "Thing",
        "Data": {"Key": "value"},
    }
    [headers] = cloudformation.headers
    assert headers["Content-Type"] == ""


def test_failed_work_is_answered_with_its_reason_and_keeps_its_id(
    cloudformation: CloudFormation, context: Context
) -> None:
    event = {**cloudformation.event("Update"), "PhysicalResourceId": "id-1"}
    answer(event, context, fails, Post(emulated=True))
    [sent] = cloudformation.answers
    assert (sent["Status"], sent["Reason"], sent["PhysicalResourceId"]) == ("FAILED", "the reason", "id-1")


def test_unexpected_errors_are_answered_without_their_text_and_reach_the_log(
    cloudformation: CloudFormation, context: Context
) -> None:
    with pytest.raises(KeyError):
        answer(cloudformation.event("Create"), context, breaks, Post(emulated=True))
    [sent] = cloudformation.answers
    assert (sent["Status"], sent["Reason"]) == ("FAILED", "Ended with KeyError; the function's log says more")
    assert "secret" not in json.dumps(sent)


def test_delete_succeeds_without_any_work(cloudformation: CloudFormation, context: Context) -> None:
    event = {**cloudformation.event("Delete"), "PhysicalResourceId": "id-1"}
    answer(event, context, breaks, Post(emulated=True))
    [sent] = cloudformation.answers
    assert (sent["Status"], sent["PhysicalResourceId"]) == ("SUCCESS", "id-1")


def test_work_that_takes_too_long_is_answered_before_the_time_is_up(cloudformation: CloudFormation) -> None:
    class NearlyOver:
        def get_remaining_time_in_millis(self) -> int:
            return 5_100

    def work(_event: object) -> tuple[str, dict[str, str]]:
        while not cloudformation.answers:
            threading.Event().wait(0.01)
        return "id-1", {}

    answer(cloudformation.event("Create"), NearlyOver(), work, Post(emulated=True))
    [sent] = cloudformation.answers
    assert (sent["Status"], sent["Reason"]) == ("FAILED", "Not done after 0 seconds")


@pytest.mark.parametrize("characters", ["x", "é"])
def test_an_answer_never_exceeds_the_limit(cloudformation: CloudFormation, context: Context, characters: str) -> None:
    def fail(_event: object) -> tuple[str, dict[str, str]]:
        raise WorkError(characters * 100_000)

    answer(cloudformation.event("Create"), context, fail, Post(emulated=True))
    answer(cloudformation.event("Create"), context, lambda _: ("id", {"Key": "x" * 5000}), Post(emulated=True))
    short, long = cloudformation.answers
    assert short["Reason"].startswith(characters)
    assert (long["Status"], long["Reason"]) == ("FAILED", "The answer is over 4096 bytes")
    assert all(int(headers["Content-Length"]) <= 4096 for headers in cloudformation.headers)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://bucket.s3.amazonaws.com/x",
        "https://evil.example/x",
        "https://amazonaws.com.evil.example/x",
        "https://bucket.s3.amazonaws.com@evil.example/x",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_is_not_awss_gets_no_answer_and_no_work(
    cloudformation: CloudFormation, context: Context, url: str
) -> None:
    with pytest.raises(WorkError, match="not AWS over https"):
        answer({**cloudformation.event("Create"), "ResponseURL": url}, context, breaks, Post())


def test_an_emulator_is_still_no_reason_to_open_files(cloudformation: CloudFormation, context: Context) -> None:
    with pytest.raises(WorkError, match="would go to nowhere"):
        answer(
            {**cloudformation.event("Create"), "ResponseURL": "file:///etc/passwd"},
            context,
            breaks,
            Post(emulated=True),
        )


@pytest.mark.parametrize("host", ["bucket.s3.us-east-1.amazonaws.com", "bucket.s3.cn-north-1.amazonaws.com.cn"])
def test_awss_own_addresses_are_taken(cloudformation: CloudFormation, context: Context, host: str) -> None:
    sent: list[str] = []
    url = f"https://{host}/answer?signature=1"
    event = {**cloudformation.event("Create"), "ResponseURL": url}
    answer(event, context, lambda _: ("id", {}), Post(put=lambda where, *_: sent.append(where)))
    assert sent == [url]
