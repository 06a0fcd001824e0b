"""The next step of a move under way, by its phase.

The order: lock, fence, drain, seal, promote, move the name, wait until promoted, open, verify by a write, backups,
detach the secret, record, notify.
"""

from __future__ import annotations

from dr_templates.failover import ending, opened, sealed, turning
from dr_templates.failover.look import Look
from dr_templates.failover.model import Action
from dr_templates.failover.state import Kind, Move, Phase


def go_on(look: Look, move: Move) -> Action:
    """Give the next step of a move whose lock the observer holds."""
    match move.phase:
        case Phase.OPEN if look.state.paused(look.at):
            return ending.call_off(look, move, f"paused: {look.state.pause.reason if look.state.pause else ''}")
        case Phase.OPEN:
            return opened.planned(look, move) if move.kind is Kind.SWITCHOVER else opened.unplanned(look, move)
        case Phase.CALLED_OFF:
            return ending.back(look, move)
        case Phase.SEALED:
            return sealed.forward(look, move)
        case Phase.TURNING:
            return turning.back(look, move)
        case Phase.DONE:
            return ending.tell(look, move)
