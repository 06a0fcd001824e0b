"""``drctl parameters``: the parameter values of one root stack, as ``aws cloudformation deploy`` takes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dr_templates import artifact, wiring
from dr_templates.cli import view
from dr_templates.config import Config, load
from dr_templates.deploy import roots
from dr_templates.deploy.blueprint import blueprints
from dr_templates.errors import DrError, Exit


@dataclass(frozen=True)
class Request:
    """What the user asked for: a place, perhaps a root stack, and the files to read."""

    place: str
    stack: str | None
    config: Path
    outputs: tuple[Path, ...]


def run(request: Request, output: str) -> None:
    """Show the values. Raises ``DrError`` when the place or the stack is wrong, or a value is missing."""
    config = load(request.config)
    topology = config.topology
    if request.place not in topology.places:
        raise DrError(
            what=f"there is no site {request.place}",
            where=str(request.config),
            hint=f"Choose one of: {', '.join(topology.places)}",
            code=Exit.USAGE,
        )
    stack = choose(request.stack, roots.at(request.place, topology), request.place)
    known = config.values(request.place)
    templates = blueprints()
    values = wiring.resolve(
        templates.parameters(stack),
        known=known,
        keys={archive.parameter: archive.key for archive in artifact.archives()},
        outputs=wiring.Outputs(_outputs(request.outputs, config), roots.makers(topology, templates)),
        place=wiring.Place(request.place, topology),
        demanded=templates.demanded(stack, known),
    )
    overrides = [f"{name}={value}" for name, value in values.items()]
    if output == "json":
        view.data(overrides)
    else:
        for override in overrides:
            view.line(override)
    view.say(f"{len(values)} parameters of {stack} at {request.place} ({topology.region(request.place)})")
    if config.protection.termination_protection:
        name = roots.stack_name(config, roots.Root(request.place, stack))
        view.say(
            "once the stack stands, protect it: aws cloudformation update-termination-protection "
            f"--enable-termination-protection --region {topology.region(request.place)} --stack-name {name}"
        )


def choose(stack: str | None, here: Sequence[str], place: str) -> str:
    """Take the stack asked for, or the only one there is. Raises ``DrError`` (wrong usage) when neither can be done."""
    if stack is not None and stack in here:
        return stack
    if stack is None and len(here) == 1:
        return here[0]
    raise DrError(
        what=f"there is no stack {stack} at {place}"
        if stack
        else f"{place} has {len(here)} stacks, which one is meant?",
        where="option --stack",
        hint=f"Choose one of: {', '.join(f'--stack {name}' for name in here)}",
        code=Exit.USAGE,
    )


def _outputs(files: Sequence[Path], config: Config) -> Mapping[str, wiring.Values]:
    environment = {"Name": config.name, "EnvironmentSuffix": config.suffix}
    return wiring.read({str(file): _text(file) for file in files}, environment, config.topology)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise DrError(
            what="there is no such file of stack outputs",
            where=str(file),
            hint=f"Save it: aws cloudformation describe-stacks --region REGION --output json > {file}",
        ) from error
    except UnicodeDecodeError as error:
        raise DrError(what="not text in UTF-8", where=str(file), hint="Save the answer of describe-stacks.") from error
