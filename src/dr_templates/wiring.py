"""Which value each parameter of a root stack gets: from the configuration, the archives or a stack already deployed.

The deployed stacks are wired by name (docs/design.md): a parameter takes the output of its own name at its own site,
``Peer<Name>`` the output ``<Name>`` of the other site, and in control ``Home<Name>`` and ``Standby<Name>`` those of the
two sites. There is no lookup language.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from dr_templates.errors import DrError
from dr_templates.topology import CONTROL, Topology

Values = Mapping[str, str]
_REGION = 3  # which part of an ARN is the region
_GONE = ("DELETE_", "ROLLBACK_", "CREATE_FAILED")
"""How the status of a stack begins whose outputs name what is no longer there, or never was."""


@dataclass(frozen=True)
class Place:
    """Where a root stack lives: a site of the topology by name, or control."""

    name: str
    topology: Topology

    @property
    def region(self) -> str:
        """Give the region the stack is deployed to."""
        return self.topology.region(self.name)

    def source(self, parameter: str) -> tuple["Place", str]:
        """Tell whose output fills a parameter, and which: both are a matter of the parameter's name alone."""
        if self.name == CONTROL:
            prefixes = {"Home": self.topology.home.name, "Standby": self.topology.standby.name}
        else:
            prefixes = {"Peer": self.topology.peer(self.name).name}
        for prefix, site in prefixes.items():
            rest = parameter.removeprefix(prefix)
            if rest != parameter and rest[:1].isupper():  # so that Peering… is not taken for an output of the peer
                return Place(site, self.topology), rest
        return self, parameter


@dataclass(frozen=True)
class Outputs:
    """What the stacks of one environment give: by place, then by output name.

    ``makers`` has the same two levels and names the root that makes an output: what to deploy, or to describe, first.
    """

    values: Mapping[str, Values] = field(default_factory=dict)
    makers: Mapping[str, Values] = field(default_factory=dict)


def attempt(
    required: Mapping[str, str | None],
    known: Values,
    keys: Values,
    outputs: Outputs,
    place: Place,
    demanded: Collection[str] = (),
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Give a value to every parameter in ``required``, which maps each to the template's default, ``None`` for none.

    The first that knows it answers: the configuration (``known``), the archive ``keys``, the outputs of deployed
    stacks, the template's default. A parameter in ``demanded`` may not fall back to its default, which means "none"
    where one is needed. Gives what was found, and the names of those left open.
    """
    defaults = {name: None if name in demanded else default for name, default in required.items()}
    found = {name: _find(name, default, (known, keys), outputs, place) for name, default in defaults.items()}
    values = {name: value for name, value in found.items() if value is not None}
    return values, tuple(name for name in found if name not in values)


def resolve(
    required: Mapping[str, str | None],
    known: Values,
    keys: Values,
    outputs: Outputs,
    place: Place,
    demanded: Collection[str] = (),
) -> dict[str, str]:
    """Do what ``attempt`` does, for someone who has to have them all.

    Raises one ``DrError`` that names every parameter left open and where its value would come from.
    """
    values, missing = attempt(required, known, keys, outputs, place, demanded)
    if missing:
        raise DrError(
            "\n".join(lacking(name, outputs, place) for name in missing),
            where=f"parameters of a stack at {place.name} ({place.region})",
            hint="Deploy those stacks first, save `aws cloudformation describe-stacks --region REGION --output json` "
            "of each region to a file, and pass the files with --outputs.",
        )
    return values


def _find(name: str, default: str | None, given: tuple[Values, ...], outputs: Outputs, place: Place) -> str | None:
    for values in given:
        if name in values:
            return values[name]
    source, output = place.source(name)
    return outputs.values.get(source.name, {}).get(output, default)


def lacking(name: str, outputs: Outputs, place: Place) -> str:
    """Say that a parameter has no value, and which stack's output would be it."""
    source, output = place.source(name)
    root = outputs.makers.get(source.name, {}).get(output)
    stack = f"the {root} stack" if root else "a stack"
    return f"{name}: no value; output {output} of {stack} at {source.name} ({source.region}) gives it"


def read(described: Values, environment: Values, topology: Topology) -> dict[str, dict[str, str]]:
    """Read what ``aws cloudformation describe-stacks`` printed, one text for each file name: outputs by place.

    Only root stacks of this environment count: those whose parameters Name and EnvironmentSuffix say so, and that live
    in the region of the site they name; one that failed to be made or is gone gives nothing. So the answer may list
    every stack of the region. Raises ``DrError`` when a text is not such an answer, or when two stacks of a place
    disagree about an output.
    """
    outputs: dict[str, dict[str, str]] = {}
    for where, text in described.items():
        for stack in _stacks(text, where):
            place = _place(stack, environment, topology)
            if place is not None:
                _add(outputs.setdefault(place, {}), _pairs(stack, "Output"), f"{where}, {stack['StackId']}")
    return outputs


def _add(known: dict[str, str], offered: Values, where: str) -> None:
    for name, value in offered.items():
        if known.setdefault(name, value) != value:
            raise DrError(
                what=f"two stacks of one place give output {name}: {known[name]} and {value}",
                where=where,
                hint="Leave the stack that does not belong to this environment out of the file.",
            )


def _stacks(described: str, where: str) -> list[dict[str, Any]]:
    try:
        answer = json.loads(described)
    except ValueError as error:
        raise DrError(what=f"not JSON: {error}", where=where, hint="Describe the stacks with --output json.") from error
    except RecursionError:
        answer = None  # nested deeper than Python reads, and than any answer is
    stacks = answer.get("Stacks") if isinstance(answer, dict) else answer
    if not isinstance(stacks, list) or not all(map(_is_stack, stacks)):
        raise DrError(
            what="not an answer of describe-stacks: there is no list of stacks in it",
            where=where,
            hint="Save what `aws cloudformation describe-stacks --region REGION --output json` prints.",
        )
    return stacks


def _is_stack(stack: object) -> bool:
    if not isinstance(stack, dict) or not isinstance(stack.get("StackId"), str):
        return False
    parts = stack["StackId"].split(":")
    return (
        parts[0] == "arn" and len(parts) > _REGION and all(_has_pairs(stack, kind) for kind in ("Parameter", "Output"))
    )


def _has_pairs(stack: Mapping[str, Any], kind: str) -> bool:
    entries = stack.get(f"{kind}s")
    return entries is None or (
        isinstance(entries, list)
        and all(
            isinstance(entry, dict)
            and isinstance(entry.get(f"{kind}Key"), str)
            and isinstance(entry.get(f"{kind}Value", ""), str)
            for entry in entries
        )
    )


def _place(stack: Mapping[str, Any], environment: Values, topology: Topology) -> str | None:
    """Tell where a stack belongs: its parameters say it, its region must agree. None for strangers and nested ones."""
    parameters = _pairs(stack, "Parameter")
    ours = all(parameters.get(name) == environment[name] for name in ("Name", "EnvironmentSuffix"))
    gone = str(stack.get("StackStatus", "")).startswith(_GONE)
    if not ours or gone or "ParentId" in stack:
        return None
    place = parameters.get("SiteName", CONTROL)
    region = stack["StackId"].split(":")[_REGION]
    return place if place in topology.places and topology.region(place) == region else None


def _pairs(stack: Mapping[str, Any], kind: str) -> dict[str, str]:
    """Give the parameters or the outputs of a stack as a mapping."""
    entries = stack.get(f"{kind}s") or ()
    return {entry[f"{kind}Key"]: entry.get(f"{kind}Value", "") for entry in entries}
