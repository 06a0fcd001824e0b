"""The kinds of value a configuration holds, each with the words that say what is allowed.

The words are ``errorMessage`` in the JSON Schema, where editors (VS Code and what shares its language servers) look for
what to show. Kinds that list their values, or have a lowest and a highest number, need none.
"""

import re
from collections.abc import Callable, Collection
from ipaddress import IPv4Network
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic.config import JsonDict

from dr_templates.config.reserved import RESERVED
from dr_templates.config.windows import DAILY, WEEKLY, daily, weekly
from dr_templates.topology import CONTROL, ENGINE_VERSIONS, REGIONS

_PRIVATE: Final = tuple(IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_PREFIXES: Final = range(16, 21)
_LABEL: Final = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"

_FREE: Final = "a name that PostgreSQL and RDS do not keep for themselves"
_SITE: Final = f"any name but {CONTROL}, which means the control region"
SITE_NAME: Final = "1 to 10 characters of a-z and 0-9, starting with a letter"
_RANGE: Final = "a private IPv4 range from /16 to /20 without host bits, such as 10.20.0.0/16"
_BUCKET: Final = "a bucket name with {region} in it once, as every region has its own: acme-artifacts-{region}"


def allowed(words: str) -> JsonDict:
    """Give what a field adds to the JSON Schema so that its bound is told in words."""
    return {"errorMessage": words}


def _one_of(values: Collection[str]) -> Callable[[str], str]:
    text = f"one of {', '.join(values)}"

    def check(value: str) -> str:
        if value not in values:
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


def _off(value: object) -> object:
    return "off" if value is False else value


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


def _text(words: str, pattern: str, *, longest: int | None = None) -> Any:  # noqa: ANN401 - pydantic's Field is Any too
    return Field(pattern=pattern, max_length=longest, json_schema_extra=allowed(words))


Name = Annotated[
    str,
    _text(
        "1 to 16 characters of a-z, 0-9 and single hyphens, starting with a letter and not ending with a hyphen",
        r"^[a-z](-?[a-z0-9])*$",
        longest=16,
    ),
]
Suffix = Annotated[str, _text("1 to 10 characters of a-z and 0-9", r"^[a-z0-9]+$", longest=10)]
Account = Annotated[str, _text("12 digits, in quotes", r"^[0-9]{12}$")]
SiteName = Annotated[str, _text(SITE_NAME, r"^[a-z][a-z0-9]{0,9}$"), AfterValidator(_site_name)]
Region = Annotated[str, AfterValidator(_one_of(REGIONS)), Field(json_schema_extra={"enum": [*REGIONS]})]
ZoneId = Annotated[str, _text("a zone id such as use1-az1", r"^[a-z]{3,4}[0-9]-az[0-9]$")]
Cidr = Annotated[
    IPv4Network,
    BeforeValidator(_cidr),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9.]+/(16|17|18|19|20)$", **allowed(_RANGE)}),
]
Bucket = Annotated[
    str, AfterValidator(_bucket), Field(json_schema_extra={"pattern": r"^[^{}]*\{region\}[^{}]*$", **allowed(_BUCKET)})
]
EngineVersion = Annotated[
    str,
    AfterValidator(_one_of(ENGINE_VERSIONS)),
    Field(json_schema_extra={"enum": [*ENGINE_VERSIONS]}),
]
InstanceClass = Annotated[str, _text("an instance class such as db.r6g.large", r"^db\.[a-z0-9-]+\.[a-z0-9]+$")]
DatabaseName = Annotated[
    str,
    _text("1 to 63 characters of a-z, 0-9 and _, starting with a letter", r"^[a-z][a-z0-9_]{0,62}$"),
    AfterValidator(_free),
]
Username = Annotated[
    str,
    _text("1 to 16 characters of a-z, 0-9 and _, starting with a letter", r"^[a-z][a-z0-9_]{0,15}$"),
    AfterValidator(_free),
]
DailyWindow = Annotated[
    str,
    AfterValidator(_window(daily)),
    WithJsonSchema({"type": "string", "pattern": "^..:..-..:..$", **allowed(DAILY)}),
]
WeeklyWindow = Annotated[
    str,
    AfterValidator(_window(weekly)),
    WithJsonSchema({"type": "string", "pattern": "^...:..:..-...:..:..$", **allowed(WEEKLY)}),
]
Zone = Annotated[
    str,
    _text(
        "two labels or more of a-z, 0-9 and hyphens, 200 characters in all, such as orders.internal",
        rf"^{_LABEL}(\.{_LABEL})+$",
        longest=200,
    ),
]
Email = Annotated[str, _text("an e-mail address", r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Mode = Annotated[Literal["automatic", "approve", "off"], BeforeValidator(_off)]
"""YAML 1.1 reads a bare ``off`` as false."""
LogStatement = Literal["none", "ddl", "mod", "all"]
Retention = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]
Interval = Literal[1, 5, 10, 15, 30, 60]
