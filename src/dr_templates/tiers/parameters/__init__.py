"""Every parameter of every template, defined once: a tier takes it by name, so it reads the same everywhere."""

from collections.abc import Mapping
from types import MappingProxyType

from dr_templates.tiers.parameters import alarms, database, dns, failover, functions, keys, names, network, wired
from dr_templates.tiers.parameters.entry import Entry

CATALOGUE: Mapping[str, Entry] = MappingProxyType(
    {
        **names.ENTRIES,
        **network.ENTRIES,
        **keys.ENTRIES,
        **database.ENTRIES,
        **functions.ENTRIES,
        **alarms.ENTRIES,
        **dns.ENTRIES,
        **failover.ENTRIES,
        **wired.ENTRIES,
    }
)
"""Name to definition. The order of the groups is the order in which the console's form shows them."""

PLACES: Mapping[str, str] = MappingProxyType(
    {"Peer": "the other site", "Home": "the home site", "Standby": "the standby site"}
)
"""Prefixes that turn an output of another site into a parameter here (docs/design.md, wired by name)."""


def find(name: str) -> Entry:
    """Give the definition of a parameter, also of one that names another site's output, such as ``PeerSecretKeyArn``.

    Raises ``KeyError`` for a name the catalogue does not know: a tier asked for something nobody can give.
    """
    if name in CATALOGUE:
        return CATALOGUE[name]
    for prefix, place in PLACES.items():
        base = name.removeprefix(prefix)
        if base != name and base in CATALOGUE:
            entry = CATALOGUE[base]
            return entry._replace(
                label=f"{entry.label} ({place})", description=f"{entry.description} Taken from {place}."
            )
    raise KeyError(name)
