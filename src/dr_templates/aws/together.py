"""Several calls to AWS side by side, in a time that is bounded whatever hangs, with every failure as a word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from dr_templates.aws.clients import AWS_ERRORS, code
from dr_templates.aws.nacl import NoGateError
from dr_templates.aws.table import GarbledError

Calls = Mapping[str, Callable[[], Any]]


@dataclass(frozen=True)
class _Wrong:
    reason: str


def call(calls: Calls, seconds: float, instead: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Make these calls at once; give the answers there are, and for each of the others what went wrong.

    ``instead`` gives answers for AWS's error codes that are as good as one. After ``seconds`` a call that hangs, in a
    resolver for instance, is left to itself.
    """
    pool = ThreadPoolExecutor(max_workers=len(calls))
    began = {pool.submit(_answered, each, instead): name for name, each in calls.items()}
    done, late = wait(began, timeout=seconds)
    pool.shutdown(wait=False, cancel_futures=True)
    answers = {began[future]: future.result() for future in done}
    wrong = {name: answer.reason for name, answer in answers.items() if isinstance(answer, _Wrong)}
    wrong |= {began[future]: "no answer in time" for future in late}
    return {name: answer for name, answer in answers.items() if name not in wrong}, wrong


def _answered(each: Callable[[], Any], instead: Mapping[str, Any]) -> Any:  # noqa: ANN401 - calls answer differently
    try:
        return each()
    except (NoGateError, GarbledError) as error:
        return _Wrong(error.reason)
    except AWS_ERRORS as error:
        if isinstance(error, ClientError) and code(error) in instead:
            return instead[code(error)]
        return _Wrong(str(error))
