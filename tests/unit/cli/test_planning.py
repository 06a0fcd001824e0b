from pathlib import Path

import pytest

from dr_templates.aws.stacks.model import Change, Effect
from dr_templates.cli.planning import Request, following, hint
from plans.build import DATABASE, KEY, change, plan, planned

ASKED = Request(Path("drctl.yaml"))


@pytest.mark.parametrize(
    ("changed", "offered"),
    [
        (change("One", KEY, Effect.REMOVE), True),
        (change("One", DATABASE, Effect.REPLACE, KmsKeyId="Always"), False),
        (change("One", DATABASE, Effect.CHANGE, SourceDBInstanceIdentifier="Never"), False),
    ],
)
def test_leave_is_offered_only_where_it_would_help(changed: Change, offered: bool) -> None:
    words = hint(plan(planned(changed, named=("One",))), ASKED)
    assert words.startswith("Take back what would be lost")
    assert ("--allow-replace" in words) is offered


def test_where_nothing_would_be_lost_no_leave_is_offered() -> None:
    assert hint(plan(planned(change("One", KEY))), ASKED) == "No stack has been changed."


def test_the_next_command_has_the_terms_of_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRCTL_CONFIG", raising=False)
    assert following(ASKED) == "drctl deploy"
    asked = Request(Path("my own.yaml"), allowed=("A/B", "C"), first=True, save=Path("plan.json"))
    assert following(asked) == (
        "drctl deploy plan.json --config 'my own.yaml' --first-deploy --allow-replace A/B --allow-replace C"
    )
    monkeypatch.setenv("DRCTL_CONFIG", "my own.yaml")
    assert "--config" not in following(asked)
