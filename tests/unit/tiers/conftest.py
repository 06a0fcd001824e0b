"""Values of the templates as the stacks of an environment would have them, worked out on this machine."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from dr_templates.aws.names import Names
from dr_templates.config import Config, load
from dr_templates.topology import CONTROL

At = Callable[[str, object], Any]


@pytest.fixture(scope="session")
def environment(checkout: Path) -> Config:
    return load(checkout / "config/example.yaml")


@pytest.fixture(scope="session")
def names(environment: Config) -> Names:
    """Give what the program calls everything; the templates have to call it the same."""
    return Names(environment.name, environment.suffix, environment.account, environment.topology)


@pytest.fixture(scope="session")
def at(environment: Config) -> At:
    """Give the function that says what a value in a template comes to in the stack of a place.

    What the configuration does not know stays as the template has it: ``${DatabaseAclId}``, ``${Moves.Arn}``.
    """

    def arrive(place: str, value: object) -> Any:  # noqa: ANN401 - a property may be anything
        parameters = {
            "SiteName": CONTROL,
            **environment.values(place),
            "AWS::Partition": "aws",
            "AWS::AccountId": environment.account,
            "AWS::Region": environment.topology.region(place),
        }
        return _resolved(value, parameters, {"IsHome": place == environment.home})

    return arrive


def _resolved(value: Any, parameters: Mapping[str, str], conditions: Mapping[str, bool]) -> Any:  # noqa: ANN401 - as above
    def inner(part: object) -> Any:  # noqa: ANN401 - as above
        return _resolved(part, parameters, conditions)

    def filled(text: str) -> str:
        return re.sub(r"\$\{([\w:.]+)\}", lambda hole: parameters.get(hole[1], hole[0]), text)

    found: Any
    match value:
        case {"Ref": str(name)}:
            found = parameters.get(name, f"${{{name}}}")
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            found = f"${{{name}.{attribute}}}"
        case {"Fn::Sub": str(text)}:
            found = filled(text)
        case {"Fn::If": [str(condition), yes, no]}:
            found = inner(yes if conditions[condition] else no)
        case {"Fn::Join": [str(between), list(parts)]}:
            found = between.join(inner(part) for part in parts)
        case dict():
            found = {key: inner(part) for key, part in value.items()}
        case list():
            found = [inner(part) for part in value]
        case _:
            found = value
    return found
