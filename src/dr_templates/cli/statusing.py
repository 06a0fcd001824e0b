"""``drctl status``: what is seen of the pair now, once or until Ctrl-C."""

import json
from pathlib import Path

from dr_templates.aws.observe import observe
from dr_templates.cli import desk, view
from dr_templates.cli.portrait import Portrait, blank, draw
from dr_templates.errors import DrError

REFRESH_SECONDS = 5.0


def run(config: Path, output: str, *, watch: bool) -> None:
    """Show the pair. Raises ``DrError`` when nothing at all could be read, unless it watches."""
    with view.progress("asking AWS who you are"):
        here = desk.take(config)
    if watch:
        _watch(here, output)
        return
    with view.progress(here.looking()):
        portrait = _look(here)
    if output == "json":
        view.data(portrait.plain)
    else:
        view.portrait(portrait)


def _watch(here: desk.Desk, output: str) -> None:
    """Look again and again. Leaving loses nothing, so Ctrl-C is how this ends well."""
    try:
        if output == "json":
            while True:
                view.line(json.dumps(draw(observe(here.eyes()), here.policy, here.names).plain))
                here.pause(REFRESH_SECONDS)
        with view.screen() as show:
            while True:
                show(draw(observe(here.eyes()), here.policy, here.names))
                here.pause(REFRESH_SECONDS)
    except KeyboardInterrupt:
        return


def _look(here: desk.Desk) -> Portrait:
    seen = observe(here.eyes())
    if blank(seen):
        absent = any(sight.instance.status == "absent" for sight in seen.sites.values())
        raise DrError(
            what="AWS answers, and nothing is there: no table, no database, no gate"
            if absent
            else "AWS gives no answer: no table, database or gate could be read",
            where=f"{here.names.environment} in {', '.join(here.names.topology.regions)}",
            hint="Check that it is deployed in this account, that you may read there, and that you are on line.",
        )
    return draw(seen, here.policy, here.names)
