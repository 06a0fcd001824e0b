"""What a rotation makes of secrets that hold something unexpected, and of a standby."""

from __future__ import annotations

import contextlib
import json
import traceback
from typing import TYPE_CHECKING

import pytest

from dr_templates.runtime.database import session
from dr_templates.runtime.errors import WorkError

if TYPE_CHECKING:
    from tests.functional.lambdas.conftest import Lab, Pair, PointAt, Secret

MASTER = "Master-Password-1"


@pytest.fixture
def at_home(pair: Pair, database_environment: PointAt) -> None:
    """Point the function at the standing primary, which none of these tests may change."""
    database_environment(pair.primary)


@pytest.mark.parametrize("password", [MASTER, "another"])
def test_at_a_standby_the_test_step_is_a_login_and_no_more(
    pair: Pair, secret: Secret, database_environment: PointAt, password: str
) -> None:
    database_environment(pair.replica)
    token = secret.begin()
    secret.pend(token, json.dumps({"username": "orders_admin", "password": password}))
    with contextlib.ExitStack() as stack:
        if password != MASTER:
            stack.enter_context(pytest.raises(WorkError, match="does not take the pending password"))
        secret.step("testSecret", token)


MALFORMED = ["", "plain-Password-9", '"plain-Password-9"', '{"username": "orders_admin"}', '{"password": "plain"}']
MALFORMED += ['{"username": "orders_admin", "password": ""}', '{"username": "orders_admin", "password": 9}']


@pytest.mark.usefixtures("at_home")
@pytest.mark.parametrize("value", MALFORMED)
def test_a_version_that_holds_no_login_is_a_clear_reason(secret: Secret, value: str) -> None:
    token = secret.begin()
    secret.pend(token, value or " ")
    for step in ("createSecret", "setSecret", "testSecret"):
        with pytest.raises(WorkError) as caught:
            secret.step(step, token)
        assert caught.value.reason == "The secret's AWSPENDING version is not JSON with a username and a password"
    token = secret.begin()
    secret.client.put_secret_value(SecretId=secret.arn, SecretString=value or " ")
    with pytest.raises(WorkError, match="The secret's AWSCURRENT version is not JSON"):
        secret.step("createSecret", token)


@pytest.mark.usefixtures("at_home")
def test_a_version_of_bytes_is_a_clear_reason(secret: Secret) -> None:
    secret.client.put_secret_value(SecretId=secret.arn, SecretBinary=b"plain-Password-9")
    with pytest.raises(WorkError, match="The secret's AWSCURRENT version is not JSON"):
        secret.step("createSecret", secret.begin())


@pytest.mark.usefixtures("at_home")
def test_a_password_of_more_than_ascii_is_a_clear_reason(lab: Lab, pair: Pair, secret: Secret) -> None:
    token = secret.begin()
    secret.pend(token, json.dumps({"username": "orders_admin", "password": "Pässword-9"}))
    with pytest.raises(WorkError, match="pending password is not plain ASCII") as caught:
        secret.step("setSecret", token)
    assert "ä" not in "".join(traceback.format_exception(caught.value))
    with session(lab.as_master(pair.primary)) as connection:
        assert connection.run("SELECT 1") == [[1]]
