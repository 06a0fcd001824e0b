"""Whether the keys of an environment that stands can still be used."""

from collections.abc import Iterator

from dr_templates.aws.account.keys import ENABLED, Key
from dr_templates.aws.account.look import Seen
from dr_templates.deploy.preflight.finding import Finding, blocker, ok, unread
from dr_templates.deploy.preflight.wanted import Wanted

CHECK = "keys"
DISABLED, LEAVING = "Disabled", "PendingDeletion"


def keys(wanted: Wanted, seen: Seen) -> Iterator[Finding]:
    """Find keys behind our aliases that are disabled, or about to be deleted, or that their policies shut us out of."""
    for region in wanted.topology.regions:
        place, heard = wanted.label(region), seen.at("keys", region)
        if heard.told is None:
            by_hand = f"aws kms describe-key --region {region} --key-id alias/{wanted.environment}-..."
            yield unread(CHECK, place, heard, by_hand)
            continue
        bad = [_unusable(key, place, region) for key in heard.told if key.state != ENABLED]
        what = f"{len(heard.told)} keys can be used" if heard.told else "none is there yet"
        yield from bad or [ok(CHECK, place, what)]


def _unusable(key: Key, place: str, region: str) -> Finding:
    enable = f"aws kms enable-key --region {region} --key-id {key.id}"
    mends = {
        DISABLED: f"Enable it: {enable}",
        LEAVING: f"Keep it: aws kms cancel-key-deletion --region {region} --key-id {key.id}, then {enable}",
    }
    what = f"{key.alias} leads to a key that cannot be used: it is {key.state}"
    return blocker(CHECK, place, what, mends.get(key.state, f"See: aws kms describe-key --key-id {key.id}"))
