"""What a call asks of a stack: its template, parameters and tags, read and judged as AWS judges them."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ministack.services.cloudformation import changesets, engine, handlers, helpers

from dr_templates.lab.emulator import patches

Params = Mapping[str, Any]
Record = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]


class Refused(Exception):  # noqa: N818 - said as it is meant: AWS's answer to a call it refuses
    """A call that is refused: ``answer`` is what goes back."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self.answer = answer


@dataclass(frozen=True)
class Request:
    """A template with the values of its parameters, and the tags and capabilities that come with it."""

    template: Record
    body: str
    values: Record
    tags: list[Record]
    tags_given: bool
    capabilities: list[str]

    @property
    def conditions(self) -> dict[str, bool]:
        """Which of the template's conditions hold."""
        held: dict[str, bool] = engine._evaluate_conditions(self.template, self.values)
        return held


def read(params: Params, stack: Record | None, unknown: frozenset[str] = frozenset()) -> Request:
    """Read a call that brings a template, or uses the stack's. Raises Refused in AWS's words.

    Parameters that are ``unknown`` yet have something in their place, which need not be a value they allow.
    """
    body, refusal = helpers._resolve_template(params)
    if refusal:
        raise Refused(refusal)
    previous = stack or {}
    if not body:
        body = previous.get("_template_body")
        if not body or helpers._p(params, "UsePreviousTemplate", "false").lower() != "true":
            raise invalid(says="Either Template URL or Template Body must be specified.")
    tags = helpers._extract_members(params, "Tags")
    if refusal := helpers._validate_stack_tags(tags):
        raise Refused(refusal)
    given = helpers._extract_members(params, "Parameters")
    try:
        template = engine._apply_transforms(engine._parse_template(body), given, previous.get("_resolved_params", {}))
    except Exception as error:
        raise invalid(says=f"Template format error: {error}") from error
    try:
        values = handlers._resolve_parameters(_relaxed(template, unknown), given, previous.get("_resolved_params", {}))
        conditions = engine._evaluate_conditions(template, values)
        handlers.validate_template_support(template, conditions, params=values)
    except ValueError as error:
        raise invalid(says=str(error)) from error
    if refusal := handlers._check_capabilities(template, template, params, macros=False):
        raise Refused(refusal)
    capabilities = helpers._extract_string_members(params, "Capabilities")
    return Request(template, body, values, tags, "Tags" in params or bool(tags), capabilities)


def asked(properties: Record, capabilities: Iterable[str] = ()) -> dict[str, Any]:
    """Write a nested stack's properties as a call would bring them. Raises ValueError when they cannot be."""
    params: dict[str, Any] = {"TemplateURL": [properties.get("TemplateURL", "")]}
    for number, (key, value) in enumerate((properties.get("Parameters") or {}).items(), 1):
        if isinstance(value, list | dict):
            words = "Value of property Parameters must be an object with String (or simple type) properties"
            raise ValueError(words)  # noqa: TRY004 - what a handler raises for properties that are wrong
        text = str(value).lower() if isinstance(value, bool) else str(value)
        params[f"Parameters.member.{number}.ParameterKey"] = [key]
        params[f"Parameters.member.{number}.ParameterValue"] = [text]
    own = [tag for tag in properties.get("Tags") or [] if not tag["Key"].startswith("aws:")]
    if not own:
        params["Tags"] = [""]
    for number, tag in enumerate(own, 1):
        params[f"Tags.member.{number}.Key"] = [tag["Key"]]
        params[f"Tags.member.{number}.Value"] = [str(tag["Value"])]
    for number, capability in enumerate(capabilities, 1):
        params[f"Capabilities.member.{number}"] = [capability]
    return params


def _relaxed(template: Record, unknown: frozenset[str]) -> Record:
    declared = template.get("Parameters", {})
    free = {name: {"Type": "String"} if name in unknown else one for name, one in declared.items()}
    return {**template, "Parameters": free} if unknown else template


def invalid(*, says: str, code: str = "ValidationError", status: int = 400) -> Refused:
    """Make AWS's refusal of a call."""
    return Refused(helpers._error(code, says, status))


def answering(handler: Callable[[Params], Answer]) -> Callable[[Params], Answer]:
    """Let a handler refuse by raising Refused, or ValueError with what is wrong with the template."""

    def answer(params: Params) -> Answer:
        try:
            return handler(params)
        except Refused as refused:
            return refused.answer
        except ValueError as error:
            return invalid(says=str(error)).answer

    return answer


def message(answer: Answer) -> str:
    """Give AWS's words out of an answer that refuses."""
    found = re.search(rb"<Message>(.*?)</Message>", answer[2], re.DOTALL)
    text = found[1].decode() if found else str(answer[0])
    for entity, sign in (("&#x27;", "'"), ("&quot;", '"'), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return text


def install() -> None:
    """Let every call that brings a template be judged as AWS does, where ministack lets pass what AWS refuses."""

    def resolve_parameters(
        template: Record, provided_params: list[Record], previous_params: Record | None = None
    ) -> Record:
        declared = template.get("Parameters", {})
        given = {one["Key"]: one for one in provided_params}
        strange = [name for name in given if name not in declared]
        if strange:
            words = f"Parameters: [{', '.join(strange)}] do not exist in the template"
            raise ValueError(words)
        missing = [name for name in declared if not _has_value(name, declared[name], given, previous_params or {})]
        if missing:
            words = f"Parameters: [{', '.join(missing)}] must have values"
            raise ValueError(words)
        values: Record = stock_parameters(template, provided_params, previous_params)
        return values

    def validate_template_support(template: Record, conditions: Record, params: Record | None = None) -> None:
        stock_support(template, conditions, params)
        _check_references(template)
        _check_circles(template)

    stock_parameters = engine._resolve_parameters
    stock_support = engine.validate_template_support
    patches.replace(handlers, "_capabilities_enforced", lambda: True)
    for module in (handlers, changesets):
        patches.replace(module, "_resolve_parameters", resolve_parameters)
        patches.replace(module, "validate_template_support", validate_template_support)


def _has_value(name: str, declared: Record, given: Mapping[str, Record], previous: Record) -> bool:
    if "Default" in declared:
        return True
    return name in given and (not given[name].get("UsePreviousValue") or name in previous)


def _check_references(template: Record) -> None:
    """Raise ValueError when a reference has no aim."""
    known = {*template.get("Resources", {}), *template.get("Parameters", {})}
    for block in ("Resources", "Outputs"):
        names = {name for name, _ in engine._intrinsic_references(_plain(template.get(block, {})))}
        lost = sorted(name for name in names - known if not name.startswith("AWS::"))
        if lost:
            words = f"Unresolved resource dependencies [{', '.join(lost)}] in the {block} block of the template"
            text = f"Template format error: {words}"
            raise ValueError(text)


def _plain(block: Record) -> list[Any]:
    return [copy.copy(one.get("Properties", one.get("Value"))) for one in block.values() if isinstance(one, dict)]


def _check_circles(template: Record) -> None:
    """Raise ValueError when resources wait for each other."""
    resources = template.get("Resources", {})
    waiting = {name: engine._extract_deps(one, set(resources)) for name, one in resources.items()}
    while free := [name for name, needed in waiting.items() if not needed]:
        waiting = {name: _without(needed, free) for name, needed in waiting.items() if name not in free}
    if waiting:
        words = f"Circular dependency between resources: [{', '.join(sorted(waiting))}]"
        raise ValueError(words)


def _without(needed: set[str], free: Iterable[str]) -> set[str]:
    return needed - set(free)
