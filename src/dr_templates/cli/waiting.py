"""What a move waits for, in words, by what its runner would do next. Pure."""

from dataclasses import replace

from dr_templates.cli.durations import spoken
from dr_templates.failover.decide import decide
from dr_templates.failover.model import Observation, Policy


def waits(seen: Observation, policy: Policy, epoch: int) -> str:
    """Say what is between the move of ``epoch`` and its next step."""
    if seen.state is None:
        return f"epoch {epoch} cannot be seen: the state table cannot be read"
    move = seen.state.move
    if move is None:
        return f"epoch {epoch} has not begun"
    if move.epoch != epoch:
        return f"epoch {epoch} waits: epoch {move.epoch} moves to {move.towards}, held by {move.holder}"
    if seen.at > move.until:
        return (
            f"epoch {epoch} is {move.phase}: {move.holder} has not been heard of for {spoken(seen.at - move.until)}; "
            "the next tick goes on with it"
        )
    following = decide(replace(seen, runner=move.holder), policy)
    return f"epoch {epoch} is {move.phase} for {spoken(seen.at - (move.turned or move.begun))}: {following.reason}"
