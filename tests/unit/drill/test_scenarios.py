"""What can be drilled is whole, and what is drilled is thrown away: nothing in it is protected, kept, or mailed."""

import pkgutil
from pathlib import Path

import pytest
import yaml

from dr_templates.config import Config, load
from dr_templates.drill import run as drill
from dr_templates.drill import scenarios
from dr_templates.drill.run import thrown_away
from dr_templates.drill.scenario import Scenario
from dr_templates.drill.scenarios import SCENARIOS
from dr_templates.failover.cause import ACTING

ISSUED = (
    "switchover",
    "primary-killed",
    "lost-region",
    "partition",
    "lost-link-then-region",
    "slow-link",
    "multi-az",
    "connection-storm",
    "storage-full",
    "one-way-partition",
    "route53-down",
    "control-region-down",
    "killed-mid-move",
    "old-primary-returns",
    "stalled-switchover",
)
"""All that a person is promised to be able to drill."""

each = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda scenario: scenario.name)


@pytest.fixture(scope="module")
def example(checkout: Path) -> Config:
    return load(checkout / "config/example.yaml")


def test_every_module_of_the_package_is_a_scenario_of_its_name() -> None:
    modules = [one.name.replace("_", "-") for one in pkgutil.iter_modules(scenarios.__path__)]
    assert sorted(SCENARIOS) == sorted(modules)


def test_all_that_was_promised_can_be_drilled() -> None:
    assert sorted(SCENARIOS) == sorted(ISSUED)


@each
def test_a_scenario_says_in_words_what_it_breaks_and_what_comes_of_it(scenario: Scenario) -> None:
    words = (scenario.title, scenario.breaks, scenario.expected, scenario.play.__doc__)
    assert all(said and len(said.split()) > 1 for said in words)
    assert not scenario.title.endswith(".")


def test_no_two_scenarios_have_the_same_title() -> None:
    assert len({scenario.title for scenario in SCENARIOS.values()}) == len(SCENARIOS)


@each
def test_what_a_scenario_asks_for_does_not_contradict_itself(scenario: Scenario) -> None:
    assert scenario.moves or scenario.lost == 0
    assert scenario.moves or not scenario.planned
    assert not scenario.planned or (scenario.lost == 0 and scenario.cause is None)
    assert not scenario.over_rpo or scenario.lost != 0
    if scenario.cause is not None:
        assert scenario.moves == (scenario.cause in ACTING)
    assert 1 <= scenario.rate <= 60


def test_an_order_runs_at_the_scenarios_rate_unless_it_names_another(example: Config) -> None:
    scenario = SCENARIOS["partition"]
    assert drill.Order(scenario, example).scale == scenario.rate
    assert drill.Order(scenario, example, rate=2.0).scale == 2.0


@each
def test_nothing_that_is_drilled_is_protected_or_kept_or_mailed(example: Config, scenario: Scenario) -> None:
    alarms = example.alarms.model_copy(update={"email": "oncall@example.com"})
    mine = example.model_copy(update={"alarms": alarms, "artifact_bucket": "acme-artifacts-{region}"})
    before = mine.model_dump()
    drilled = thrown_away(mine, scenario)
    protection = drilled.protection
    assert (protection.deletion_protection, protection.termination_protection) == (False, False)
    assert (protection.database_deletion_policy, protection.data_deletion_policy) == ("Delete", "Delete")
    assert drilled.alarms.email is None
    assert drilled.artifact_bucket is None
    assert drilled.failover.mode == "automatic"
    assert mine.model_dump() == before
    assert (mine.protection.deletion_protection, mine.failover.mode) == (True, "approve")


@each
def test_what_is_drilled_is_else_the_environment_as_it_is_configured(example: Config, scenario: Scenario) -> None:
    drilled, given = thrown_away(example, scenario).model_dump(), example.model_dump()
    assert {name for name, value in drilled.items() if value != given[name]} <= {"protection", "failover"}
    changed = {name for name, value in drilled["failover"].items() if value != given["failover"][name]}
    assert changed == {"mode", *scenario.changes}


@each
def test_what_is_drilled_would_be_taken_as_a_configuration(example: Config, scenario: Scenario, tmp_path: Path) -> None:
    path = tmp_path / "drilled.yaml"
    drilled = thrown_away(example, scenario)
    path.write_text(yaml.safe_dump(drilled.model_dump(mode="json", exclude_none=True)))
    assert load(path) == drilled
