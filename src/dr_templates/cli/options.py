"""Options that several commands share, each with one spelling and one explanation."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click

from dr_templates.cli import durations

CONFIG: Final = Path("drctl.yaml")
VARIABLE: Final = "DRCTL_CONFIG"
FILE: Final = click.Path(dir_okay=False, path_type=Path)
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def output() -> Decorator:
    """Give ``--output``."""
    return click.option(
        "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form of the result."
    )


def wants_json(arguments: Sequence[str]) -> bool:
    """Tell whether the arguments ask for JSON, also where they are wrong and no command ever gets to read them."""
    wanted = False
    for argument, following in zip(arguments, (*arguments[1:], ""), strict=False):
        if argument == "--":
            break
        if argument == "--output":
            wanted = following == "json"
        elif argument.startswith("--output="):
            wanted = argument == "--output=json"
    return wanted


def config(help_text: str = "Configuration of the environment.", default: Path | None = CONFIG) -> Decorator:
    """Give ``--config``."""
    return click.option(
        "--config",
        type=FILE,
        default=default,
        envvar=VARIABLE,
        show_default=True,
        show_envvar=True,
        help=help_text,
    )


class Duration(click.ParamType[int, Any]):
    """A length of time such as 30m, 2h or 3d, within bounds; its value is in seconds."""

    name = "duration"

    def __init__(self, shortest: int, longest: int) -> None:
        self.shortest = shortest
        self.longest = longest

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the text, or refuse it as wrong usage."""
        try:
            length = durations.seconds(str(value))
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)
        if not self.shortest <= length <= self.longest:
            bounds = f"{durations.spoken(self.shortest)} to {durations.spoken(self.longest)}"
            self.fail(f"{value!r} is not within {bounds}.", param, ctx)
        return length
