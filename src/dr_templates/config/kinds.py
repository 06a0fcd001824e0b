"""The kinds of value a configuration holds, each with the words that say what is allowed."""

import re
from collections.abc import Callable, Collection
from ipaddress import IPv4Network
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from dr_templates.config.reserved import RESERVED
from dr_templates.config.windows import daily, weekly
from dr_templates.topology import CONTROL, ENGINE_VERSIONS, REGIONS

_PRIVATE: Final = tuple(IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_PREFIXES: Final = range(16, 21)
_LABEL: Final = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"

_FREE: Final = "a name that PostgreSQL and RDS do not keep for themselves"
_SITE: Final = f"any name but {CONTROL}, which means the control region"
_RANGE: Final = "a private IPv4 range from /16 to /20 without host bits, such as 10.20.0.0/16"
_BUCKET: Final = "a bucket name with {region} in it once, as every region has its own: acme-artifacts-{region}"


def _one_of(allowed: Collection[str]) -> Callable[[str], str]:
    text = f"one of {', '.join(allowed)}"

    def check(value: str) -> str:
        if value not in allowed:
            raise ValueError(text)
        return value

    return check


def _free(value: str) -> str:
    if value in RESERVED or value.startswith(("pg_", "rds_")):
        raise ValueError(_FREE)
    return value


def _site_name(value: str) -> str:
    if value == CONTROL:
        raise ValueError(_SITE)
    return value


def _cidr(value: object) -> IPv4Network:
    try:
        network = IPv4Network(value if isinstance(value, str) else "")
    except ValueError:
        network = None
    if network is None or network.prefixlen not in _PREFIXES or not any(map(network.subnet_of, _PRIVATE)):
        raise ValueError(_RANGE)
    return network


def _bucket(value: str) -> str:
    if (
        value.count("{region}") != 1
        or re.fullmatch(r"[a-z0-9][a-z0-9.-]*[a-z0-9]", value.replace("{region}", "r")) is None
    ):
        raise ValueError(_BUCKET)
    return value


def _window(read: Callable[[str], object]) -> Callable[[str], str]:
    def check(value: str) -> str:
        read(value)
        return value

    return check


Name = Annotated[str, Field(pattern=r"^[a-z](-?[a-z0-9])*$", min_length=1, max_length=16)]
Suffix = Annotated[str, Field(pattern=r"^[a-z0-9]+$", min_length=1, max_length=10)]
Account = Annotated[str, Field(pattern=r"^\d{12}$")]
SiteName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,9}$"), AfterValidator(_site_name)]
Region = Annotated[str, AfterValidator(_one_of(REGIONS)), Field(json_schema_extra={"enum": [*REGIONS]})]
ZoneId = Annotated[str, Field(pattern=r"^[a-z]{3,4}[0-9]-az[0-9]$", description="a zone id such as use1-az1")]
Cidr = Annotated[
    IPv4Network, BeforeValidator(_cidr), WithJsonSchema({"type": "string", "pattern": r"^[0-9.]+/(16|17|18|19|20)$"})
]
Bucket = Annotated[str, AfterValidator(_bucket)]
EngineVersion = Annotated[
    str,
    AfterValidator(_one_of(ENGINE_VERSIONS)),
    Field(json_schema_extra={"enum": [*ENGINE_VERSIONS]}),
]
InstanceClass = Annotated[str, Field(pattern=r"^db\.[a-z0-9-]+\.[a-z0-9]+$")]
DatabaseName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$"), AfterValidator(_free)]
Username = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,15}$"), AfterValidator(_free)]
DailyWindow = Annotated[
    str, AfterValidator(_window(daily)), WithJsonSchema({"type": "string", "pattern": "^..:..-..:..$"})
]
WeeklyWindow = Annotated[
    str, AfterValidator(_window(weekly)), WithJsonSchema({"type": "string", "pattern": "^...:..:..-...:..:..$"})
]
Zone = Annotated[str, Field(pattern=rf"^{_LABEL}(\.{_LABEL})+$", max_length=200)]
Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
LogStatement = Literal["none", "ddl", "mod", "all"]
Retention = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]
Interval = Literal[1, 5, 10, 15, 30, 60]
