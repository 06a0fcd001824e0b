"""A template's outer form: how a tier begins it, takes parameters, gives outputs and names things."""

from collections.abc import Iterable, Mapping

from troposphere import Equals, Join, Not, Output, Ref, Sub, Tags, Template

from dr_templates.tiers.parameters import CATALOGUE, PLACES, find

EXTENSIONS = "AWS::LanguageExtensions"
"""The transform that lets a deletion policy be a parameter (docs/decisions/0003)."""


def begin(description: str, takes: Iterable[str], *, nested: bool = True, extensions: bool = False) -> Template:
    """Give a template with its parameters declared and laid out for the console's form."""
    template = Template(Description=description)
    template.set_version("2010-09-09")
    if extensions:
        template.set_transform(EXTENSIONS)
    for name in sorted(set(takes), key=_place_in_form):
        template.add_parameter(find(name).parameter(name, nested=nested))
    template.set_metadata({"AWS::CloudFormation::Interface": _interface(template.parameters)})
    return template


def _place_in_form(name: str) -> tuple[int, str]:
    order = list(CATALOGUE)
    prefix = next((p for p in PLACES if name not in CATALOGUE and name.startswith(p)), "")
    return order.index(name.removeprefix(prefix)), prefix


def _interface(names: Iterable[str]) -> Mapping[str, object]:
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(find(name).group, []).append(name)
    return {
        "ParameterGroups": [{"Label": {"default": group}, "Parameters": members} for group, members in groups.items()],
        "ParameterLabels": {name: {"default": find(name).label} for name in names},
    }


def give(template: Template, name: str, value: object, description: str, *, when: str | None = None) -> None:
    """Add an output; ``when`` names the condition under which it exists."""
    extra = {"Condition": when} if when else {}
    template.add_output(Output(name, Value=value, Description=description, **extra))


def physical(purpose: str = "") -> Sub:
    """Give a physical name: system, environment suffix, site and, where one thing is not enough, its purpose."""
    return Sub("${Name}-${EnvironmentSuffix}-${SiteName}" + (f"-{purpose}" if purpose else ""))


def tags(purpose: str = "") -> Tags:
    """Give the Name tag, for what has an id instead of a name of its own."""
    return Tags(Name=physical(purpose))


def switch(template: Template, condition: str, parameter: str) -> str:
    """Add a condition that holds when a yes/no parameter says yes, and give its name."""
    template.add_condition(condition, Equals(Ref(parameter), "yes"))
    return condition


def unless(template: Template, condition: str, parameter: str, value: str) -> str:
    """Add a condition that holds unless a parameter has the value that means "none", and give its name."""
    template.add_condition(condition, Not(Equals(Ref(parameter), value)))
    return condition


def listed(parameter: str) -> Join:
    """Give a list parameter as the one string that an output or a nested stack's parameter takes."""
    return Join(",", Ref(parameter))
