"""What a template's values can become: the branches of ``Fn::If``, each with the conditions it stands under.

A property is rarely one value. It has one for every branch of every ``Fn::If`` above it, and it is missing in the
branches that say ``AWS::NoValue``. The rules ask for all of them, and compare two properties only where one deployment
can have both.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cfnlint.rules import RuleMatch
from cfnlint.template import Template

_IF_PARTS = 3


ABSENT: Final = object()
"""Stands for a property that is not there; ``None`` would not do, for a template may say null."""


@dataclass(frozen=True)
class Value:
    """One value, the path to it, and the truth of every condition it takes to get it.

    ``at`` is where the property itself begins, before any ``Fn::If`` inside it, so that a fault of the property can be
    told from a fault of one branch.
    """

    value: Any
    path: tuple[str | int, ...]
    when: dict[str, bool] = field(default_factory=dict)
    at: tuple[str | int, ...] = ()

    @property
    def absent(self) -> bool:
        """Whether the property is missing here."""
        return self.value is ABSENT

    @property
    def true(self) -> bool:
        """Whether the value is a yes, written as a boolean or as CloudFormation's string."""
        return self.value is True or (isinstance(self.value, str) and self.value.lower() == "true")


@dataclass(frozen=True)
class Resource:
    """A resource of the template, with its properties as a value to walk into."""

    name: str
    type: str
    body: dict[str, Any]
    properties: Value


def resources(cfn: Template, *types: str) -> Iterator[Resource]:
    """Give the resources of the types named, or all of them."""
    for name, body in cfn.get_resources(list(types)).items():
        condition = body.get("Condition")
        when = {str(condition): True} if isinstance(condition, str) else {}
        path = ("Resources", name, "Properties")
        yield Resource(str(name), str(body["Type"]), body, Value(body.get("Properties"), path, when, path))


def branches(value: Value) -> Iterator[Value]:
    """Follow ``Fn::If`` down to every value it can give; a branch its own conditions rule out is left out."""
    match value.value:
        case {"Fn::If": [str() as condition, *parts]} if len(parts) + 1 == _IF_PARTS and len(value.value) == 1:
            for number, truth in ((1, True), (2, False)):
                if value.when.get(condition, truth) is truth:
                    when = {**value.when, condition: truth}
                    path = (*value.path, "Fn::If", number)
                    yield from branches(replace(value, value=parts[number - 1], path=path, when=when))
        case {"Ref": "AWS::NoValue"} | None:
            yield replace(value, value=ABSENT)
        case _:
            yield value


def choices(parent: Value, *names: str) -> Iterator[Value]:
    """Give every value of a property, named by the way down to it, ``ABSENT`` among them where it can be missing.

    A parent that is no mapping, or an intrinsic that cannot be read, gives ``ABSENT`` only if it is missing itself;
    otherwise nothing is known and nothing is given.
    """
    name, *below = names
    for holder in branches(parent):
        if holder.absent:
            yield holder
        elif isinstance(holder.value, dict) and not is_function(holder.value):
            path = (*holder.path, name)
            inner = Value(holder.value.get(name), path, holder.when, path)
            yield from choices(inner, *below) if below else branches(inner)


def present(parent: Value, *names: str) -> Iterator[Value]:
    """Give every value a property can have, leaving out that it may be missing."""
    return (value for value in choices(parent, *names) if not value.absent)


def elements(parent: Value, *names: str) -> Iterator[Value]:
    """Give every element a list property can hold; a lone value counts as a list of one."""
    for value in present(parent, *names):
        if isinstance(value.value, list):
            for number, element in enumerate(value.value):
                path = (*value.path, number)
                yield from (e for e in branches(Value(element, path, value.when, path)) if not e.absent)
        else:
            yield value


def is_function(value: object) -> bool:
    """Whether a mapping is an intrinsic function and not data."""
    return isinstance(value, dict) and len(value) == 1 and all(k == "Ref" or str(k).startswith("Fn::") for k in value)


def possible(cfn: Template, *values: Value) -> bool:
    """Whether one deployment can have all these values at once, as far as the template's conditions tell."""
    together: dict[str, bool] = {}
    for value in values:
        for condition, truth in value.when.items():
            if together.setdefault(condition, truth) is not truth:
                return False
    if not together:
        return True
    wanted = {condition: {truth} for condition, truth in together.items()}
    return any(True for _ in cfn.conditions.build_scenarios(wanted))


def fault(path: tuple[str | int, ...], message: str) -> RuleMatch:
    """Make a match; cfn-lint wants the path as a list, and itself drops what is reported twice."""
    return RuleMatch(list(path), message)
