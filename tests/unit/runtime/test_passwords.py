"""What a password must do without, and how a login is read from a secret."""

import string

import pytest

from dr_templates.runtime.errors import WorkError
from dr_templates.runtime.passwords import UNUSABLE, login


def test_what_rds_refuses_and_what_trips_urls_shells_and_connection_strings_is_kept_out() -> None:
    refused_by_rds = set("/\"@ '")
    in_urls = set("/?#&=%:;@+") - {"+"}
    in_shells = set("$`\\\"'<>&;#")
    assert set(UNUSABLE) >= refused_by_rds | in_urls | in_shells
    assert len(set(UNUSABLE)) == len(UNUSABLE)


def test_enough_is_left_to_be_strong() -> None:
    left = set(string.ascii_letters + string.digits + string.punctuation) - set(UNUSABLE)
    assert left >= set(string.ascii_letters + string.digits)
    assert len(left & set(string.punctuation)) >= 12


def test_a_login_keeps_what_else_the_secret_holds() -> None:
    text = '{"username": "orders_admin", "password": "x", "port": 5432}'
    assert login(text, "The secret") == {"username": "orders_admin", "password": "x", "port": 5432}


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "Secret-1",
        "null",
        '["Secret-1"]',
        '{"username": "Secret-1"}',
        '{"username": "a", "password": null, "more": "Secret-1"}',
        '{"username": "", "password": "Secret-1"}',
    ],
)
def test_anything_else_is_refused_without_showing_it(text: str | None) -> None:
    with pytest.raises(WorkError) as caught:
        login(text, "The secret")
    assert caught.value.reason == "The secret is not JSON with a username and a password"
    assert caught.value.__context__ is None
