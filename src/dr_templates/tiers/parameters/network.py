"""Addresses and endpoints of one site."""

from dr_templates.tiers.parameters.entry import Entry

GROUP = "Network"
_ZONE_ID = r"[a-z]{3,4}\d-az\d"
_OCTET = r"(25[0-5]|2[0-4]\d|1?\d?\d)"
_PRIVATE = rf"(10\.{_OCTET}|172\.(1[6-9]|2\d|3[01])|192\.168)"

ENTRIES = {
    "VpcCidr": Entry(
        GROUP,
        "VPC address range",
        "A private IPv4 range of /16 to /20; six /24 subnets are cut from it. It must not overlap the other site's.",
        pattern=rf"{_PRIVATE}\.{_OCTET}\.{_OCTET}/(1[6-9]|20)",
    ),
    "AvailabilityZoneA": Entry(
        GROUP,
        "First availability zone",
        "Zone id such as use1-az1. Ids mean the same zone in every account, names such as us-east-1a do not; "
        "Lambda and many instance classes are missing from use1-az3.",
        pattern=_ZONE_ID,
    ),
    "AvailabilityZoneB": Entry(
        GROUP, "Second availability zone", "Zone id, different from the first.", pattern=_ZONE_ID
    ),
    "AvailabilityZoneC": Entry(
        GROUP, "Third availability zone", "Zone id, or empty for two zones.", default="", pattern=f"({_ZONE_ID})?"
    ),
    "SecretsManagerEndpoint": Entry(
        GROUP,
        "Secrets Manager endpoint",
        "Whether the VPC has an interface endpoint for Secrets Manager. Without it the probe cannot prepare its login "
        "and the password cannot rotate, as functions in the VPC reach no AWS API (fact C1).",
        default="yes",
        allowed=("yes", "no"),
    ),
    "Peering": Entry(
        GROUP,
        "Peering between the sites",
        "Whether the two VPCs are peered. Replication does not need it (fact A22); clients that cross regions do.",
        default="no",
        allowed=("yes", "no"),
    ),
}
