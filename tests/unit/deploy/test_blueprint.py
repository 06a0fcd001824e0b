import pytest

from dr_templates.deploy.blueprint import blueprints

TEMPLATES = blueprints()


def test_parameters_of_a_root_come_with_their_defaults() -> None:
    found = TEMPLATES.parameters("foundation")
    assert found["Name"] is None
    assert found["KeyDeletionWindowDays"] == "30"
    assert found["AvailabilityZoneC"] == ""


def test_a_template_that_does_not_exist_has_no_parameters() -> None:
    with pytest.raises(KeyError):
        TEMPLATES.parameters("nothing")


def test_what_is_switched_on_needs_what_it_takes_from_other_stacks() -> None:
    assert TEMPLATES.demanded("primary", {"Peering": "no"}) == frozenset()
    assert "PeerVpcId" in TEMPLATES.demanded("primary", {"Peering": "yes"})


def test_the_nested_stacks_of_a_root_are_known_by_their_templates() -> None:
    assert {tier for tier, _ in TEMPLATES.nested("foundation").values()} == {"keys", "network", "security"}
