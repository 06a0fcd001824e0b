"""The commands of ``drctl``: their options and their words. What a command does is imported when it runs.

So ``drctl --help`` loads neither troposphere nor cfn-lint, which take seconds.
"""
# ruff: noqa: PLC0415 - the imports inside the commands are the point of this module

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import click

from dr_templates.cli import options
from dr_templates.cli.rehearsing import REHEARSING
from dr_templates.cli.stacking import STACKING
from dr_templates.cli.verbs import VERBS

TEMPLATES: Final = Path("templates")

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 3 when a template is missing, stale or surplus.")
@click.option("--to", "folder", type=_FOLDER, default=TEMPLATES, show_default=True, help="Folder of the templates.")
@options.output()
def generate(check: bool, folder: Path, output: str) -> None:
    """Write the templates, or check that they are current.

    Templates that no source makes any more are removed, files that others wrote are left alone: the banner on the first
    line tells them apart. A file with the name of a template is replaced whoever wrote it.
    """
    from dr_templates.cli import generating

    (generating.check if check else generating.write)(folder, output)


@click.command()
@click.argument("templates", nargs=-1, type=options.FILE)
@options.config("Check for the regions of this configuration rather than for the three of .cfnlintrc.", None)
@options.output()
def lint(templates: tuple[Path, ...], config: Path | None, output: str) -> None:
    """Lint templates with cfn-lint and the rules of this package.

    TEMPLATES are files; without any, all of templates/. A single finding, infos included, makes the exit code 1.
    """
    from dr_templates.cli import linting

    linting.run(templates or tuple(sorted(TEMPLATES.glob("*.yaml"))), config, output)


@click.command()
@click.option("--site", "place", required=True, metavar="SITE|control", help="Site by its name, or control.")
@click.option("--stack", metavar="ROOT", help="Root stack; a site has two, so there it must be said which.")
@options.config()
@click.option(
    "--outputs",
    multiple=True,
    type=options.FILE,
    metavar="DESCRIBE_STACKS_JSON",
    help="Answer of `aws cloudformation describe-stacks`, one file a region; may be given several times.",
)
@options.output()
def parameters(place: str, stack: str | None, config: Path, outputs: tuple[Path, ...], output: str) -> None:
    """Give the parameter values of one root stack.

    With --output json they can go straight to `aws cloudformation deploy --parameter-overrides file://FILE`. Values
    come from the configuration, the Lambda archives and the outputs of stacks already deployed; what stays open is
    listed.
    """
    from dr_templates.cli import parameterizing

    parameterizing.run(parameterizing.Request(place, stack, config, outputs), output)


@click.command()
@options.output()
def schema(output: str) -> None:  # noqa: ARG001 - the schema is JSON either way
    """Give the JSON Schema of the configuration, for editors."""
    from dr_templates.cli import describing

    describing.schema()


@click.command()
@click.option("--to", "folder", type=_FOLDER, required=True, help="Folder to write to; keys become paths below it.")
@options.output()
def archives(folder: Path, output: str) -> None:
    """Build the Lambda archives.

    Each lands at FOLDER/KEY, where KEY is its place in the artifact bucket and carries the hash of its content.
    """
    from dr_templates.cli import archiving

    archiving.run(folder, output)


COMMANDS: Final[Mapping[str, click.Command]] = MappingProxyType(
    {
        "generate": generate,
        "lint": lint,
        "parameters": parameters,
        "schema": schema,
        "archives": archives,
        **STACKING,
        **VERBS,
        **REHEARSING,
    }
)
