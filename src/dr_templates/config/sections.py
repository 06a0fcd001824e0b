"""What a section is, and those about what surrounds the database: network, logs, DNS.

Every section knows its fields and their bounds; one that names no place, its CloudFormation parameters as well.
"""

from pydantic import BaseModel, ConfigDict, Field

from dr_templates.config import kinds
from dr_templates.config.values import yes_no


class Section(BaseModel):
    """A part of the file: nothing but its fields, each of exactly its type, and never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Network(Section):
    """What the VPCs offer."""

    secrets_manager_endpoint: bool = Field(
        default=True,
        description="Interface endpoint for Secrets Manager; without it the password cannot rotate (fact C1).",
    )
    peering: bool = Field(
        default=False,
        description="Peer the two VPCs, for clients that cross regions. Replication does not need it (fact A22).",
    )

    def values(self) -> dict[str, str]:
        """Give the parameters of this section."""
        return {
            "SecretsManagerEndpoint": yes_no(self.secrets_manager_endpoint),
            "Peering": yes_no(self.peering),
        }


class Logs(Section):
    """Log groups."""

    retention_days: kinds.Retention = Field(default=90, description="Days every log group keeps its events.")

    def values(self) -> dict[str, str]:
        """Give the parameters of this section."""
        return {"LogRetentionDays": str(self.retention_days)}


class Dns(Section):
    """The name clients use."""

    zone: kinds.Zone = Field(
        description="Private zone of two labels or more, such as orders.internal; clients connect to postgres.<zone>."
    )
    ttl_seconds: int = Field(default=5, ge=1, le=10, description="Seconds a client may keep an answer (fact B11).")

    def values(self) -> dict[str, str]:
        """Give the parameters of this section."""
        return {"ZoneName": self.zone, "RecordTtlSeconds": str(self.ttl_seconds)}
