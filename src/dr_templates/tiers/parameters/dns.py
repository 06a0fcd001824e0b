"""The name that clients use."""

from dr_templates.tiers.parameters.entry import Entry

GROUP = "DNS"

ENTRIES = {
    "ZoneName": Entry(
        GROUP,
        "Private zone",
        "The private hosted zone; clients connect to postgres.<zone>.",
        default="database.internal",
        pattern=r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+",
    ),
    "RecordTtlSeconds": Entry(
        GROUP,
        "Record TTL (s)",
        "How long a client may keep the old answer; the same on every weighted record (fact B11).",
        "Number",
        5,
        low=1,
        high=10,
    ),
}
