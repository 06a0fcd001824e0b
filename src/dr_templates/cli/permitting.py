"""Whether a deployment may begin, and go on: no move is under way, and that is known."""

from dr_templates.aws import operator, table
from dr_templates.aws.names import Names
from dr_templates.aws.table import AbsentError
from dr_templates.deploy import gates
from dr_templates.deploy.deployment import Deployment
from dr_templates.deploy.looking import look_at
from dr_templates.deploy.roots import Root
from dr_templates.errors import DrError
from dr_templates.topology import CONTROL

NO_TABLE = "--first-deploy says that there is nothing yet that could move"


def moving(on: Deployment, *, first: bool) -> str | None:
    """Say why nothing may be deployed now: a move is unfinished, or whether one is cannot be known. None when it may.

    ``first`` is a person's word that there is nothing yet that could move. It stands for a table that is not there, and
    for one that cannot be read as long as no control stack stands either; never against what is there.
    """
    names = Names(on.config.name, on.config.suffix, on.config.account, on.topology)
    where = f"table {names.table(CONTROL)} in {names.region(CONTROL)}"
    try:
        with operator.explained(where):
            state = table.read_standing(table.table_at(CONTROL, names, on.clients))
    except AbsentError:
        return None if first else f"whether a move is under way cannot be known: there is no {where}; {NO_TABLE}"
    except DrError as error:
        if first and look_at(on, Root(CONTROL, CONTROL)) is None:
            return None
        return f"whether a move is under way cannot be known: {error.what} ({where})"
    return gates.unfinished(state)


def under_way(on: Deployment) -> str | None:
    """Say that a move is unfinished, as far as that can be known: what is being lost need not be readable."""
    names = Names(on.config.name, on.config.suffix, on.config.account, on.topology)
    try:
        with operator.explained(names.table(CONTROL)):
            return gates.unfinished(table.read_standing(table.table_at(CONTROL, names, on.clients)))
    except (AbsentError, DrError):
        return None
