"""What the steps do in the world. Each looks before it acts, or does what is harmless when it is done again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from dr_templates.aws import primary, publish, trigger
from dr_templates.aws.asked import REFUSALS
from dr_templates.aws.fence import fence, unfence
from dr_templates.aws.hands import Hands, unable
from dr_templates.aws.table import write_pulse, write_state
from dr_templates.failover.loop import UnableError
from dr_templates.failover.model import Action, Verb
from dr_templates.failover.orders import skip
from dr_templates.topology import CONTROL

SUBJECT_CHARACTERS = 99
"""SNS takes fewer than a hundred, printable ASCII on one line; what people give as a reason may be anything."""


def carry_out(hands: Hands, action: Action) -> None:
    """Do what a step does besides changing the state. Raises ``UnableError``, and ``LostError``."""
    EFFECTS[action.verb](hands, action)


def _keep(hands: Hands, action: Action) -> None:
    """Say who is active, and when it was last seen to take writes.

    The other site keeps the pulse as well, where it can: for whoever has to move the database without control.
    """
    if action.pulse is not None:
        with contextlib.suppress(*REFUSALS):
            write_pulse(hands.table(hands.names.peer(action.pulse.site)), action.pulse)
        with unable("Noting the pulse"):
            write_pulse(hands.state, action.pulse)
    if action.before is not None:
        with unable("Publishing the active site"):
            publish.look(hands.clients, hands.names, action.before, hands.clock(), action.cause)


def _begin(hands: Hands, action: Action) -> None:
    """Start the move's execution. An epoch whose name is used up is counted on, and the next look takes another."""
    if action.want is None:
        return
    with unable(f"Starting {trigger.execution(action.want.epoch)}"):
        try:
            trigger.start(hands.clients.stepfunctions(hands.names.region(CONTROL)), hands.names, action.want)
        except trigger.SpentError as error:
            if action.before is not None:
                write_state(hands.state, action.before, skip(action.before))
            raise UnableError(reason=f"{error.reason}; the next look takes the epoch after it") from error


def _name(hands: Hands, action: Action) -> None:
    state = action.after or action.before
    if state is not None:
        with _in_control(hands, "Moving the name"):
            publish.active(hands.clients, hands.names, state)


def _notify(hands: Hands, action: Action) -> None:
    """Tell those who have subscribed to the topic; being told twice is no harm."""
    subject = _subject(f"{hands.names.environment}: {action.reason}")
    with _in_control(hands, "Telling people"):
        hands.clients.sns(hands.names.region(CONTROL)).publish(
            TopicArn=hands.names.topic_arn, Subject=subject, Message=_message(action)
        )


def _subject(words: str) -> str:
    line = " ".join(words.split()).encode("ascii", "replace").decode()
    return "".join(one if one.isprintable() else "?" for one in line)[:SUBJECT_CHARACTERS]


def _message(action: Action) -> str:
    move = action.before.move if action.before else None
    if move is None:
        return action.reason
    asked_by = f"{move.by} ({move.cause})" if move.cause else move.by
    head = f"{move.kind} from {move.source} to {move.target}, epoch {move.epoch}, asked for by {asked_by}"
    return "\n".join((action.reason, head, *(f"Left undone: {what}" for what in move.left)))


def _in_control(hands: Hands, doing: str) -> AbstractContextManager[None]:
    """Forgive what only the control region could have done, once a person has said that it is lost."""
    return contextlib.suppress(*REFUSALS) if hands.control_gone else unable(doing)


def _at(effect: Callable[[Hands, str], None]) -> Callable[[Hands, Action], None]:
    return lambda hands, action: effect(hands, _site(action))


def _site(action: Action) -> str:
    if action.site is None:
        raise ValueError(action)
    return action.site


EFFECTS: Mapping[Verb, Callable[[Hands, Action], None]] = {
    Verb.KEEP: _keep,
    Verb.BEGIN: _begin,
    Verb.FENCE: lambda hands, action: fence(hands, _site(action), action.denies),
    Verb.UNFENCE: lambda hands, action: unfence(hands, _site(action), action.denies),
    Verb.PROMOTE: _at(primary.promote),
    Verb.NAME: _name,
    Verb.VERIFY: _at(primary.verify),
    Verb.BACKUPS: _at(primary.keep_backups),
    Verb.DETACH: _at(primary.keep_secret),
    Verb.ASK: _notify,
    Verb.NOTIFY: _notify,
}
"""The steps that do something besides changing the state."""
