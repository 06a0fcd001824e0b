"""The pair as it is on AWS: a body for the brain, in Lambda and at the terminal alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dr_templates.aws.clients import Clients
from dr_templates.aws.hands import Hands
from dr_templates.aws.names import Names
from dr_templates.aws.observe import Eyes, observe
from dr_templates.aws.perform import perform
from dr_templates.aws.settings import Upkeep
from dr_templates.failover.model import Action, Observation, Policy
from dr_templates.topology import CONTROL


@dataclass(frozen=True)
class AwsPair:
    """Both sites, by the credentials of whoever runs this.

    ``runner`` names the holder of a lock: an execution's ARN, or a person at a machine. ``clock`` gives seconds since
    1970, ``pause`` waits for some. ``hold`` is how long a lock lasts without being renewed, in seconds.

    ``state_place`` is the place whose table holds the state: control, or a site once a person has said that the control
    region is lost (``control_gone``). Then that site's copy is the truth, the other site's table alone is asked for
    marks, and nothing needs the control region: the name stays where it is, and nobody is told.
    """

    names: Names
    clients: Clients
    clock: Callable[[], float]
    pause: Callable[[float], None]
    runner: str
    upkeep: Upkeep
    hold: float = Policy().hold
    state_place: str = CONTROL
    control_gone: bool = False

    def observe(self) -> Observation:
        """Look at everything. What cannot be seen is told as not known; nothing is raised."""
        return observe(
            Eyes(self.names, self.clients, self.clock, self.runner, self.state_place, control_gone=self.control_gone)
        )

    def perform(self, action: Action) -> None:
        """Do one step; doing it twice is as good as once. Raises ``LostError`` and ``UnableError``."""
        hands = Hands(
            names=self.names,
            clients=self.clients,
            clock=self.clock,
            pause=self.pause,
            upkeep=self.upkeep,
            hold=self.hold,
            state_place=self.state_place,
            control_gone=self.control_gone,
        )
        perform(hands, action)
