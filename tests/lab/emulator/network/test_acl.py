"""What a network ACL lets through."""

from dr_templates.aws.nacl import EPHEMERAL, EVERYWHERE, POSTGRES, TCP
from dr_templates.lab.emulator.network.acl import Entry, allows

CLIENT, FUNCTION = "10.1.7.7", "10.1.255.9"


def entry(number: int, action: str, cidr: str, *, egress: bool = False, **more: object) -> Entry:
    first, last = EPHEMERAL if egress else POSTGRES
    ports = {"From": first, "To": last}
    rule = {"RuleNumber": number, "RuleAction": action, "CidrBlock": cidr, "Egress": egress}
    return {**rule, "Protocol": TCP, "PortRange": ports, **more}


OPEN = [entry(200, "allow", "10.1.0.0/16"), entry(100, "allow", "10.1.255.0/24")]


def test_the_rule_with_the_lowest_number_that_fits_decides() -> None:
    fenced = [*OPEN, entry(110, "deny", EVERYWHERE)]
    assert allows(OPEN, CLIENT, 5432, egress=False)
    assert not allows(fenced, CLIENT, 5432, egress=False)
    assert allows(fenced, FUNCTION, 5432, egress=False)


def test_directions_are_apart() -> None:
    answers = [entry(200, "allow", EVERYWHERE, egress=True)]
    assert allows([*OPEN, *answers, entry(110, "deny", EVERYWHERE)], CLIENT, 50000, egress=True)
    assert not allows([*OPEN, *answers, entry(110, "deny", EVERYWHERE, egress=True)], CLIENT, 50000, egress=True)
    assert not allows(OPEN, CLIENT, 50000, egress=True)


def test_what_no_rule_fits_is_denied() -> None:
    assert not allows([], CLIENT, 5432, egress=False)
    assert not allows(OPEN, "10.9.0.1", 5432, egress=False)
    assert not allows(OPEN, CLIENT, 5433, egress=False)


def test_rules_of_other_protocols_are_not_asked_and_one_of_all_covers_every_port() -> None:
    ping = entry(1, "deny", EVERYWHERE, Protocol="1")
    six = {"RuleNumber": 2, "RuleAction": "deny", "Ipv6CidrBlock": "::/0", "Egress": False, "Protocol": "-1"}
    assert allows([ping, six, *OPEN], CLIENT, 5432, egress=False)
    everything = {"RuleNumber": 1, "RuleAction": "deny", "CidrBlock": EVERYWHERE, "Egress": False, "Protocol": "-1"}
    assert not allows([everything, *OPEN], CLIENT, 5432, egress=False)
