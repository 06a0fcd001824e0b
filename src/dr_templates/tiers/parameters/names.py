"""The words that every physical name is made of, and the place this stack is in."""

from dr_templates.tiers.parameters.entry import Entry

GROUP = "Names"
_REGION = r"[a-z]{2}(-[a-z]+)+-\d"

ENTRIES = {
    "Name": Entry(
        GROUP,
        "System",
        "What the database serves; the first word of every physical name (1 to 16 characters).",
        pattern="[a-z](-?[a-z0-9])*",
        longest=16,
    ),
    "EnvironmentSuffix": Entry(
        GROUP,
        "Environment suffix",
        "Tells environments apart in one account; part of every physical name (1 to 10 characters).",
        pattern="[a-z0-9]+",
        longest=10,
    ),
    "SiteName": Entry(
        GROUP,
        "Site",
        "The fixed place this stack is in. Sites do not move, roles do (1 to 10 characters).",
        pattern="[a-z][a-z0-9]*",
        longest=10,
    ),
    "Region": Entry(GROUP, "Region", "The site's region.", pattern=_REGION),
    "ControlRegion": Entry(
        GROUP, "Control region", "Where the failover is decided; never the home site's region.", pattern=_REGION
    ),
    "AtHome": Entry(
        GROUP,
        "At home",
        "Whether this is the site that is primary when nothing has happened.",
        allowed=("yes", "no"),
    ),
}
