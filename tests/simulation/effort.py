"""How hard to try, by the profile that is in force."""

from hypothesis import settings

THOROUGH = 10_000


def thorough() -> bool:
    """Tell whether the nightly profile is in force: then every case is tried, and not only every so many."""
    return settings().max_examples >= THOROUGH
