"""Answers that are none of AWS's: a proxy or a portal speaks in its place, and what it says tells nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.functional.aws.cloud import HOME, STANDBY, Cloud, raw
from tests.functional.aws.probes import NOW, answering

from dr_templates.aws.asking import ask_all
from dr_templates.aws.clients import Clients
from dr_templates.aws.observe import Eyes, observe
from dr_templates.failover.model import Instance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.config import Config

BODIES = {
    "a page": b"<html><body>Welcome to the airport</body></html>",
    "nothing": b"",
    "a list": b"[]",
    "another service's answer": b"<ListQueuesResponse><ListQueuesResult/></ListQueuesResponse>",
}


@pytest.fixture(params=BODIES)
def portal(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of somebody who answers everything with 200 and the same words."""
    body = BODIES[request.param]
    with answering(lambda *_: (body, {})) as url:
        yield url


@pytest.mark.parametrize("service", ["rds", "secretsmanager"])
def test_what_somebody_else_says_in_its_place_is_not_known(cloud: Cloud, portal: str, service: str) -> None:
    def make(name: str, region: str, config: Config) -> Any:  # noqa: ANN401 - as many types as services
        return raw(name, region, portal, config) if name == service else cloud.clients().make(name, region, config)

    seen = observe(Eyes(cloud.names, Clients(make), lambda: NOW, "me"))
    for site in (HOME, STANDBY):
        if service == "rds":
            assert seen.sites[site].instance == Instance()
        else:
            assert seen.sites[site].secret_copied is not True
            assert seen.sites[site].instance != Instance()


def test_who_is_asked_nothing_answers_nothing() -> None:
    assert ask_all({}, 1.0) == ({}, {})
