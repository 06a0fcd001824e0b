"""What everything is called: physical names, ARNs and regions of one environment, in the one place that knows them."""

from __future__ import annotations

from dataclasses import dataclass

from dr_templates.topology import CONTROL, Topology


@dataclass(frozen=True)
class Names:
    """The names of an environment, as the templates give them: system, suffix, place, and what it is for.

    ``account`` is the AWS account's number; all regions are of AWS's commercial partition.
    """

    name: str
    suffix: str
    account: str
    topology: Topology

    @property
    def environment(self) -> str:
        """Name the environment: what a person types to confirm, and the dimension of its metrics."""
        return f"{self.name}-{self.suffix}"

    @property
    def home(self) -> str:
        """Name the site that is primary when nothing has happened."""
        return self.topology.home.name

    @property
    def sites(self) -> tuple[str, str]:
        """Name both sites, home first."""
        return (self.topology.home.name, self.topology.standby.name)

    def region(self, place: str) -> str:
        """Give the region of a site or of control. Raises ``KeyError`` for any other name."""
        return self.topology.region(place)

    def peer(self, site: str) -> str:
        """Name the other site. Raises ``KeyError`` when no site is called so."""
        return self.topology.peer(site).name

    def table(self, place: str) -> str:
        """Name the table of a place: control's holds the state, a site's its own copy of it."""
        return self._at(place, "state" if place == CONTROL else "watch")

    def instance(self, site: str) -> str:
        """Give the DBInstanceIdentifier of a site; it never changes (fact A17)."""
        return self._at(site)

    def acl(self, site: str) -> str:
        """Give the Name tag of the network ACL before the database of a site."""
        return self._at(site, "database")

    def probe(self, site: str) -> str:
        """Name the probe function of a site."""
        return self._at(site, "probe")

    def rotation_arn(self, site: str) -> str:
        """Give the ARN of the function that changes the master password at a site."""
        return f"arn:aws:lambda:{self.region(site)}:{self.account}:function:{self._at(site, 'rotation')}"

    @property
    def secret(self) -> str:
        """Name the master user's secret; a copy of it in another region has the same name (fact A39)."""
        return f"{self.environment}/database"

    @property
    def machine_arn(self) -> str:
        """Give the ARN of the state machine that carries moves out."""
        return f"arn:aws:states:{self.region(CONTROL)}:{self.account}:stateMachine:{self._moves}"

    def execution_arn(self, execution: str) -> str:
        """Give the ARN of one execution of that machine, by its name."""
        return f"arn:aws:states:{self.region(CONTROL)}:{self.account}:execution:{self._moves}:{execution}"

    @property
    def topic_arn(self) -> str:
        """Give the ARN of the topic on which moves are announced."""
        return f"arn:aws:sns:{self.region(CONTROL)}:{self.account}:{self._at(CONTROL)}"

    @property
    def _moves(self) -> str:
        return self._at(CONTROL, "moves")

    def _at(self, place: str, purpose: str = "") -> str:
        return "-".join(filter(None, (self.name, self.suffix, place, purpose)))
