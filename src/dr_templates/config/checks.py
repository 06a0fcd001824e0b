"""The checks between values: each is right on its own, and they do not go together."""

from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Network
from typing import Any, Final

from dr_templates.config.problems import KeyPath, Problem, given
from dr_templates.config.windows import overlap
from dr_templates.topology import REGIONS

Facts = Mapping[KeyPath, Any]
"""Every value that is right on its own, given or by default, by its path; a check that misses one says nothing."""

_BUCKET_LENGTH: Final = 63


def places(facts: Facts) -> Iterator[Problem]:
    """Demand that home is a site, the sites are in two regions, and control is not where the home site is."""
    sites = _sites(facts)
    regions: dict[Any, Any] = {site: facts[path] for site in sites if (path := ("sites", site, "region")) in facts}
    home = facts.get(("home",))
    if sites and home is not None and home not in sites:
        yield Problem(("home",), given(home), f"one of {', '.join(sites)}")
    if len(regions) > 1 and len(set(regions.values())) == 1:
        site = [*regions][-1]
        yield Problem(("sites", site, "region"), given(regions[site]), "a region the other site is not in")
    control = facts.get(("control", "region"))
    if control is not None and control == regions.get(home):
        yield Problem(("control", "region"), given(control), "any region but the home site's: it must outlive that one")


def zones(facts: Facts) -> Iterator[Problem]:
    """Demand zone ids of the site's region, each once."""
    for site in _sites(facts):
        path = ("sites", site, "zones")
        ids, region = facts.get(path, ()), facts.get(("sites", site, "region"), "")
        for index, zone in enumerate(ids):
            prefix = REGIONS.get(region, "")
            if prefix and zone.partition("-")[0] != prefix:
                yield Problem((*path, index), given(zone), f"zone ids of {region}, which begin with {prefix}-az")
            if zone in ids[:index]:
                yield Problem((*path, index), given(zone), "every zone once")


def addresses(facts: Facts) -> Iterator[Problem]:
    """Demand address ranges that are apart: the private zone and a peering span both sites."""
    ranges = {site: IPv4Network(facts[path]) for site in _sites(facts) if (path := ("sites", site, "cidr")) in facts}
    match [*ranges.items()]:
        case [(first, one), (second, other)] if one.overlaps(other):
            path = ("sites", second, "cidr")
            yield Problem(path, given(facts[path]), f"a range apart from {one}, which {first} has")


def storage(facts: Facts) -> Iterator[Problem]:
    """Demand storage with room for autoscaling, for the WAL a slot may keep, and for the alarms to mean something."""

    def value(*path: str) -> Any:  # noqa: ANN401 - facts are of every type
        return facts.get(path)

    size = value("database", "allocated_storage_gib")
    cap, keep = value("database", "max_allocated_storage_gib"), value("database", "max_slot_wal_keep_mib")
    free, held = value("alarms", "free_storage_gib"), value("alarms", "slot_lag_mib")
    disk = value("alarms", "wal_disk_mib")
    if None not in (size, cap) and cap * 10 < size * 11:
        yield Problem(
            ("database", "max_allocated_storage_gib"), given(cap), f"at least {-(-size * 11 // 10)}, 10 % above {size}"
        )
    if None not in (size, keep) and keep >= size * 1024:
        yield Problem(("database", "max_slot_wal_keep_mib"), given(keep), f"less than the storage, {size * 1024} MiB")
    if None not in (size, free) and free >= size:
        yield Problem(("alarms", "free_storage_gib"), given(free), f"less than the storage, {size} GiB")
    if None not in (size, disk) and disk >= size * 1024:
        yield Problem(("alarms", "wal_disk_mib"), given(disk), f"less than the storage, {size * 1024} MiB")
    if None not in (held, keep) and held >= keep:
        yield Problem(
            ("alarms", "slot_lag_mib"),
            given(held),
            f"less than database.max_slot_wal_keep_mib, {keep}: past it is too late",
        )


def windows(facts: Facts) -> Iterator[Problem]:
    """Demand that the backup window and the maintenance window share no minute."""
    backup, path = facts.get(("database", "backup_window")), ("database", "maintenance_window")
    if backup is not None and path in facts and overlap(backup, facts[path]):
        yield Problem(path, given(facts[path]), f"a window clear of backup_window, {backup} on every day")


def rotation(facts: Facts) -> Iterator[Problem]:
    """Demand the endpoint for a rotation: without it a function in the VPC reaches no Secrets Manager (fact C1)."""
    path = ("secrets", "rotation_days")
    if facts.get(path) and facts.get(("network", "secrets_manager_endpoint")) is False:
        yield Problem(path, given(facts[path]), "0, or turn network.secrets_manager_endpoint on")


def patience(facts: Facts) -> Iterator[Problem]:
    """Demand that nobody moves before a site that is cut off has shut itself, and that is known."""
    path = ("failover", "patience_seconds")
    values = [facts.get(("failover", key)) for key in ("patience_seconds", "lease_seconds", "margin_seconds")]
    match values:
        case [int(waits), int(lease), int(margin)] if waits < lease + margin:
            yield Problem(path, given(waits), f"at least {lease + margin}, lease_seconds and margin_seconds together")


def buckets(facts: Facts) -> Iterator[Problem]:
    """Demand a bucket name that fits S3's 63 characters in every region in use."""
    parts = [facts.get((key,)) for key in ("name", "suffix", "account")]
    pattern = facts.get(("artifact_bucket",))
    if pattern is None and None not in parts:
        name, suffix, account = parts
        pattern = f"{name}-{suffix}-artifacts-{account}-{{region}}"
    regions = [value for path, value in facts.items() if path[-1] == "region"]
    longest = max(regions, key=len, default="")
    bucket = (pattern or "").replace("{region}", longest)
    if len(bucket) > _BUCKET_LENGTH:
        yield Problem(
            ("artifact_bucket",),
            f"{bucket} would have {len(bucket)} characters",
            "a bucket name of 63 characters at most",
        )


CHECKS: Final[tuple[Callable[[Facts], Iterator[Problem]], ...]] = (
    places,
    zones,
    addresses,
    storage,
    windows,
    rotation,
    patience,
    buckets,
)


def between(facts: Facts) -> tuple[Problem, ...]:
    """Run every check and give all problems found."""
    return tuple(problem for check in CHECKS for problem in check(facts))


def _sites(facts: Facts) -> list[str]:
    return [*dict.fromkeys(str(path[1]) for path in facts if path[0] == "sites" and len(path) > 1)]
