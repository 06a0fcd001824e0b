from dataclasses import replace
from pathlib import Path

import pytest

from dr_templates.aws.clients import Clients
from dr_templates.aws.stacks.model import Change, Effect, Touch
from dr_templates.config import load
from dr_templates.deploy import roots, saved
from dr_templates.deploy.deployment import Deployment
from dr_templates.deploy.roots import Root
from dr_templates.errors import DrError, Exit
from plans.build import KEY, change, nested, plan, planned

ON = Deployment(load(Path(__file__).parents[3] / "config" / "example.yaml"), Clients(), lambda _: None)
KEY_CHANGES = nested("Keys", Change(Effect.PERHAPS, "Key", KEY, "id", (Touch("P", "Always", None, "b"),)))
MADE = plan(
    *(planned(KEY_CHANGES, root=one) for one in roots.every(ON.topology)[:-1]),
    planned(
        change("Other", KEY, Effect.ADD), root=Root("control", "control"), waits=("VpcId",), change_set="", new=True
    ),
)


def test_a_plan_is_read_as_it_was_saved(tmp_path: Path) -> None:
    saved.save(MADE, tmp_path / "plan.json")
    assert saved.load(tmp_path / "plan.json", ON) == MADE


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DrError, match="no such plan"):
        saved.load(tmp_path / "plan.json", ON)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff\xfe", b'{"environment": 1}'])
def test_a_file_that_is_no_plan_is_said(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "plan.json").write_bytes(body)
    with pytest.raises(DrError, match="holds no plan"):
        saved.load(tmp_path / "plan.json", ON)


@pytest.mark.parametrize("change", [{"environment": "other-prod"}, {"account": "000000000000"}])
def test_a_plan_of_another_environment_is_refused(tmp_path: Path, change: dict[str, str]) -> None:
    saved.save(replace(MADE, **change), tmp_path / "plan.json")
    with pytest.raises(DrError, match="the plan is of") as caught:
        saved.load(tmp_path / "plan.json", ON)
    assert caught.value.code is Exit.USAGE


def test_a_plan_of_other_stacks_no_longer_holds(tmp_path: Path) -> None:
    saved.save(replace(MADE, stacks=MADE.stacks[1:]), tmp_path / "plan.json")
    with pytest.raises(DrError, match="other stacks") as caught:
        saved.load(tmp_path / "plan.json", ON)
    assert caught.value.code is Exit.PENDING
