from pathlib import Path

import pytest

from dr_templates.aws.stacks.model import Effect, leaves
from dr_templates.config import load
from dr_templates.deploy import foreseen, roots
from dr_templates.deploy.blueprint import blueprints

CONFIG = load(Path(__file__).parents[3] / "config" / "example.yaml")
TEMPLATES = blueprints()


def names(template: str, **known: str) -> set[str]:
    place = {"primary": "virginia", "foundation": "virginia", "standby": "ireland"}.get(template, "control")
    changes = foreseen.additions(TEMPLATES, template, {**CONFIG.values(place), **known})
    return {"/".join((*path, change.logical_id)) for path, change in leaves(changes)}


@pytest.mark.parametrize("template", ["foundation", "primary", "standby", "control"])
def test_everything_foreseen_is_an_addition(template: str) -> None:
    place = {"primary": "virginia", "foundation": "virginia", "standby": "ireland"}.get(template, "control")
    changes = foreseen.additions(TEMPLATES, template, CONFIG.values(place))
    assert {change.effect for _, change in leaves(changes)} == {Effect.ADD}


def test_a_tier_that_is_switched_off_is_not_foreseen() -> None:
    assert not any(name.startswith("PeeringRequest/") for name in names("primary", Peering="no"))
    assert any(name.startswith("PeeringRequest/") for name in names("primary", Peering="yes"))


def test_a_condition_within_a_tier_is_asked() -> None:
    assert "Probe/PreparedDatabase" in names("primary", SecretsManagerEndpoint="yes")
    assert "Probe/PreparedDatabase" not in names("primary", SecretsManagerEndpoint="no")


def test_what_hangs_on_an_unknown_value_is_foreseen() -> None:
    assert "DatabasePrimary/Database" in names("primary")


def test_the_roots_come_in_the_order_of_deployment() -> None:
    assert [str(one) for one in roots.every(CONFIG.topology)] == [
        "virginia foundation",
        "ireland foundation",
        "virginia primary",
        "ireland standby",
        "control",
    ]
    assert [len(stage) for stage in roots.stages(CONFIG.topology)] == [2, 1, 1, 1]


def test_the_stacks_are_named_by_environment_and_place() -> None:
    named = [roots.stack_name(CONFIG, one) for one in roots.every(CONFIG.topology)]
    assert named[0] == "orders-prod-virginia-foundation"
    assert named[-1] == "orders-prod-control"
