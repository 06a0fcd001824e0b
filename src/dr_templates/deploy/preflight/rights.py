"""Whether the credentials may do what a deploy does, and whether RDS has the role that it needs for itself."""

from collections.abc import Iterable, Iterator

from dr_templates.aws.account.look import Seen
from dr_templates.aws.account.rights import Denial
from dr_templates.deploy.preflight.actions import SERVICE_ROLE
from dr_templates.deploy.preflight.finding import ACCOUNT, Finding, blocker, ok, unread, warning
from dr_templates.deploy.preflight.wanted import Wanted

CHECK, ROLE = "rights", "service role"
CREATE = "aws iam create-service-linked-role --aws-service-name rds.amazonaws.com"


def rights(wanted: Wanted, seen: Seen) -> Iterator[Finding]:
    """Find actions that IAM's simulator denies; the service-linked role has a check of its own."""
    for region in wanted.topology.regions:
        place, heard = wanted.label(region), seen.at("rights", region)
        if heard.trouble:
            yield unread(CHECK, place, heard, "ask whoever grants rights whether these may deploy")
        elif heard.told is None:
            what = "a federated user's rights cannot be simulated"
            yield warning(CHECK, place, what, "Deploy with a role or a user to have them checked.")
        else:
            denied = [denial for denial in heard.told if denial.action != SERVICE_ROLE]
            yield from _denied(denied, place) or [ok(CHECK, place, f"may do what a deploy does in {region}")]


def _denied(denied: list[Denial], place: str) -> list[Finding]:
    """Tell apart what is denied, what no policy allows, and what the simulator cannot know for certain."""
    above = [one for one in denied if one.organisation]
    unsure = [one for one in denied if one.unknown and not one.organisation]
    sure = [one for one in denied if not one.unknown and not one.organisation]
    forbidden = [one for one in sure if one.explicit]
    missing = [one for one in sure if not one.explicit]
    found = []
    if forbidden:
        mend = "Look for a deny in their policies and their permissions boundary."
        found.append(blocker(CHECK, place, f"these credentials are denied {_names(forbidden)}", mend))
    if missing:
        mend = "Grant it, on the resources of this environment at least, or deploy with another role."
        found.append(blocker(CHECK, place, f"no policy allows these credentials {_names(missing)}", mend))
    if above:
        mend = "Ask who runs the organisation: conditions in its policies are not known to the simulator."
        found.append(warning(CHECK, place, f"it seems that the organisation's policies deny {_names(above)}", mend))
    if unsure:
        keys = ", ".join(sorted({key for one in unsure for key in one.unknown}))
        mend = f"See that the deploy meets the conditions on {keys}."
        found.append(warning(CHECK, place, f"whether these credentials may {_names(unsure)} hangs on {keys}", mend))
    return found


def _names(denials: Iterable[Denial]) -> str:
    return ", ".join(one.action for one in denials)


def service_role(wanted: Wanted, seen: Seen) -> Iterator[Finding]:
    """Find that RDS's service-linked role is missing, as in an account that never had a database."""
    heard, may = seen.at("rds role"), seen.at("rights", wanted.topology.home.region)
    if heard.trouble:
        yield unread(ROLE, ACCOUNT, heard, "aws iam get-role --role-name AWSServiceRoleForRDS")
    elif heard.told:
        yield ok(ROLE, ACCOUNT, "RDS has its service-linked role")
    elif any(one.action == SERVICE_ROLE and not one.unknown and not one.organisation for one in may.told or ()):
        what = f"RDS has no service-linked role, and these credentials may not {SERVICE_ROLE}"
        yield blocker(ROLE, ACCOUNT, what, f"Have it made once: {CREATE}")
    else:
        what = "RDS has no service-linked role yet; the first database makes it, if the credentials may"
        yield warning(ROLE, ACCOUNT, what, f"To be sure, make it first: {CREATE}")
