"""What the failover may do by itself, and how long it waits before and after."""

from dr_templates.tiers.parameters.entry import Entry

GROUP = "Failover"

ENTRIES = {
    "FailoverMode": Entry(
        GROUP,
        "Mode",
        "What it may do by itself when a site is lost: automatic moves the database, approve shuts the lost site and "
        "waits for a person, off only tells. Moves that a person asks for are not affected.",
        default="approve",
        allowed=("automatic", "approve", "off"),
    ),
    "PatienceSeconds": Entry(
        GROUP,
        "Patience (s)",
        "How long all witnesses must agree that a site is lost; a Multi-AZ failover takes up to 120. At least lease "
        "and margin together.",
        "Number",
        180,
        low=121,
        high=3600,
    ),
    "LeaseSeconds": Entry(
        GROUP,
        "Lease (s)",
        "A site that reaches neither other place for this long shuts its own database. The same at every place.",
        "Number",
        60,
        low=60,
        high=300,
    ),
    "MarginSeconds": Entry(
        GROUP,
        "Margin (s)",
        "How much longer than the lease the others wait before they count on it; clocks may differ by 5.",
        "Number",
        15,
        low=10,
        high=120,
    ),
    "DrainSeconds": Entry(
        GROUP,
        "Drain (s)",
        "How long a planned move may keep writes waiting for the replica before it is called off.",
        "Number",
        60,
        low=10,
        high=600,
    ),
    "RpoSeconds": Entry(
        GROUP,
        "Most loss (s)",
        "A move that may lose more than this needs a person. It is held against an upper bound, which counts the age "
        "of the newest heartbeat and all the time until the primary was seen fenced, patience included.",
        "Number",
        600,
        low=90,
        high=86400,
    ),
    "CooldownSeconds": Entry(
        GROUP, "Cool-down (s)", "No move by itself for this long after one.", "Number", 3600, low=0, high=86400
    ),
}
