"""The fence: a gate shut for a number, and the sessions behind it ended."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from dr_templates.aws import asked, nacl, sights
from dr_templates.aws.asked import REFUSALS
from dr_templates.aws.hands import Hands, unable
from dr_templates.failover.model import Answer

LOOKS = 3
LOOK_SECONDS = 0.5
LONGEST_SECONDS = 15.0
"""A database that is too slow to end its sessions is not waited for: its way out is shut all the same."""


def fence(hands: Hands, site: str, denies: Iterable[int]) -> None:
    """Shut the way in, end what is inside, shut the way out: not even a late answer leaves after that (fact A49).

    Raises ``UnableError``. Whether anybody was left inside is for the next look to say.
    """
    ec2, numbers = hands.clients.ec2(hands.names.region(site)), sorted(denies)
    with unable(f"Shutting the gate of {site}"):
        acl = nacl.find(ec2, hands.names.acl(site)).id
        for number in numbers:
            nacl.close(ec2, acl, number, leaving=False)
        _end_sessions(hands, site)
        for number in numbers:
            nacl.close(ec2, acl, number, leaving=True)


def unfence(hands: Hands, site: str, denies: Iterable[int]) -> None:
    """Lift exactly these denies. Raises ``UnableError``."""
    ec2 = hands.clients.ec2(hands.names.region(site))
    with unable(f"Opening the gate of {site}"):
        nacl.open_(ec2, nacl.find(ec2, hands.names.acl(site)).id, denies)


def _end_sessions(hands: Hands, site: str) -> None:
    """End the sessions of clients, so that they hear of it at once; one that does not answer is cut all the same."""
    probe, function = hands.clients.lambda_(hands.names.region(site)), hands.names.probe(site)
    with contextlib.suppress(*REFUSALS):
        end = hands.clock() + LONGEST_SECONDS
        for left in reversed(range(LOOKS)):
            asked.invoke(probe, function, end_sessions=True)
            seen = sights.sql(asked.invoke(probe, function))
            if seen.answer is not Answer.ANSWERED or seen.sessions == 0 or hands.clock() > end or not left:
                return
            hands.pause(LOOK_SECONDS)
