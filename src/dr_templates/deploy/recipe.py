"""What a root is to be made of: its template's address, and the values of its parameters, found by name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from dr_templates import wiring
from dr_templates.deploy import roots
from dr_templates.deploy.deployment import Deployment, Source
from dr_templates.deploy.plan import Stacks
from dr_templates.deploy.roots import Root


@dataclass(frozen=True)
class Recipe:
    """``missing`` names the parameters that only a stack not made yet will give; ``text`` is the template's."""

    template_url: str
    text: str
    parameters: Mapping[str, str]
    missing: tuple[str, ...]

    def inputs(self, besides: Collection[str] = ()) -> str:
        """Give a hash of it, leaving out the parameters ``besides``. Of equal inputs equal stacks are made."""
        known = sorted((name, value) for name, value in self.parameters.items() if name not in besides)
        return hashlib.sha256(json.dumps([self.template_url, known]).encode()).hexdigest()[:32]


def recipe(on: Deployment, source: Source, one: Root, stacks: Stacks) -> Recipe:
    """Say what a root is to be made of, by the configuration and by what the stacks before it give."""
    known = on.config.values(one.place)
    values, missing = wiring.attempt(
        source.blueprints.parameters(one.template),
        known=known,
        keys=source.keys,
        outputs=wiring.Outputs(_outputs(stacks)),
        place=wiring.Place(one.place, on.topology),
        demanded=source.blueprints.demanded(one.template, known),
    )
    package = source.packages[on.region(one)]
    return Recipe(package.roots[one.template], package.text(one.template), values, missing)


def _outputs(stacks: Stacks) -> dict[str, dict[str, str]]:
    outputs: dict[str, dict[str, str]] = {}
    for one, stack in stacks.items():
        if stack is not None and stack.outputs:
            outputs.setdefault(one.place, {}).update(stack.outputs)
    return outputs


def lacking(on: Deployment, source: Source, one: Root, missing: tuple[str, ...]) -> str:
    """Say which parameters of a root have no value, and which stack's output each would be."""
    outputs = wiring.Outputs({}, roots.makers(on.topology, source.blueprints))
    place = wiring.Place(one.place, on.topology)
    return "\n".join(f"{one}: {wiring.lacking(name, outputs, place)}" for name in missing)
