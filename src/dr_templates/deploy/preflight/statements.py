"""What one statement of a key policy says to one request, as far as it can be told without asking AWS. Pure.

Answers are True, False or None: None where it hangs on who exactly asks, or on a condition nobody knows the value of.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from types import MappingProxyType
from typing import Any, Final

Statement = Mapping[str, Any]
EVERYBODY, AWS, SERVICE = "*", "AWS", "Service"
GRANT: Final = "kms:creategrant"
THROUGH: Final = "kms:viaservice"
_ACCOUNT_PART: Final = 4


@dataclass(frozen=True)
class Request:
    """Something that is done with a key: by whom (``kind`` AWS is the account), what, on which key, and under what.

    ``context`` gives condition keys in small letters.
    """

    kind: str
    who: str
    action: str
    key: str
    context: Mapping[str, str]


def statements(policy: Mapping[str, Any]) -> tuple[Statement, ...]:
    """Give the statements of a policy, which may be a single one without a list."""
    return _several(policy.get("Statement", ()))


def requests(statement: Statement, account: str, key: str) -> Iterator[Request]:
    """Give everything that a statement of a template allows, one by one: who does what under which condition."""
    asked = [
        (name.lower(), [_word(value) for value in _several(values)])
        for keys in statement.get("Condition", {}).values()
        for name, values in keys.items()
    ]
    given = [dict(zip((name for name, _ in asked), chosen, strict=True)) for chosen in product(*(v for _, v in asked))]
    for kind, who in _principals(statement["Principal"]):
        for action in map(_word, _several(statement["Action"])):
            for context in given:
                yield Request(kind, who, action, key, {**_known(kind, action, context, account), **context})


def _known(kind: str, action: str, context: Mapping[str, str], account: str) -> dict[str, str]:
    """Give what is true of our requests beside what the template asks of them."""
    known = {"aws:securetransport": "true", "aws:principalisawsservice": str(kind == SERVICE).lower()}
    if kind == AWS:
        known |= {"kms:calleraccount": account, "aws:principalaccount": account}
        known["kms:bypasspolicylockoutsafetycheck"] = "false"
        if THROUGH in context and action.lower() == GRANT:
            known["kms:grantisforawsresource"] = "true"
    return known


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Give True if one is, and None if none is but one may be."""
    heard = set(answers)
    return True if True in heard else None if None in heard else False


def applies(statement: Statement, request: Request) -> bool | None:
    """Tell whether a statement, be it of an Allow or of a Deny, is about a request."""
    answers = (_is_who(statement, request), _is_what(statement, request), *_conditions(statement, request))
    return False if False in answers else None if None in answers else True


def _is_who(statement: Statement, request: Request) -> bool | None:
    if "Principal" in statement:
        return any_of(_same(kind, who, request) for kind, who in _principals(statement["Principal"]))
    spared = any_of(_same(kind, who, request) for kind, who in _principals(statement.get("NotPrincipal", ())))
    return None if request.kind == AWS and spared is not False else not spared


def _same(kind: str, who: str, request: Request) -> bool | None:
    """Compare principals. The account stands for all of its roles and users, one of which alone may be the one."""
    if kind in (AWS, EVERYBODY) and who == EVERYBODY:
        return True
    if kind != request.kind:
        return False
    if kind != AWS:
        alike = _without_region(who) == _without_region(request.who)
        return True if who.lower() == request.who.lower() else None if alike else False
    account, whole = _account(who)
    if account != _account(request.who)[0]:
        return False
    return True if whole else None


def _without_region(service: str) -> str:
    """Name a service as if it were one for all regions; some it is, under either name."""
    return ".".join(part for part in service.lower().split(".") if "-" not in part)


def _account(who: str) -> tuple[str, bool]:
    """Give the account of a principal and whether it is the whole of it: a number alone is one too."""
    parts = who.split(":")
    if len(parts) <= _ACCOUNT_PART:
        return who, True
    return parts[_ACCOUNT_PART], parts[-1] == "root"


def _is_what(statement: Statement, request: Request) -> bool | None:
    if "Action" in statement:
        done = _fits(_several(statement["Action"]), request.action.lower())
    else:
        done = not _fits(_several(statement.get("NotAction", ())), request.action.lower())
    return done and _fits(_several(statement.get("Resource", "*")), request.key.lower())


def _fits(patterns: Iterable[Any], word: str) -> bool:
    return any(_pattern(_word(pattern).lower()).fullmatch(word) for pattern in patterns)


def _conditions(statement: Statement, request: Request) -> Iterator[bool | None]:
    for operator, keys in statement.get("Condition", {}).items():
        for name, values in keys.items():
            words = [_word(value) for value in _several(values)]
            yield _met(operator.lower(), words, request.context.get(name.lower()))


def _equal(value: str, known: str) -> bool:
    return value == known


def _equal_but_for_case(value: str, known: str) -> bool:
    return value.lower() == known.lower()


def _like(value: str, known: str) -> bool:
    return _pattern(value).fullmatch(known) is not None


OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = MappingProxyType(
    {
        "stringequals": _equal,
        "stringequalsignorecase": _equal_but_for_case,
        "stringlike": _like,
        "arnequals": _like,
        "arnlike": _like,
        "bool": _equal_but_for_case,
    }
)
"""Those of IAM that compare with a word; each has a negation but the last."""


def _met(operator: str, values: list[str], known: str | None) -> bool | None:
    """Evaluate one condition; what a template gives as a pattern stands for all that the pattern fits."""
    plain = operator.rpartition(":")[2].removesuffix("ifexists")
    compare = OPERATORS.get(plain.replace("not", "", 1))
    if known is None or (compare is None and plain != "null"):
        return None
    if compare is None:
        return "false" in values
    fits = any(compare(value, known) for value in values)
    if not fits and ("*" in known or any("${" in value for value in values)):
        return None
    return fits != ("not" in plain)


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", "."))


def _principals(told: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - a word, or a mapping to one or several
    if isinstance(told, Mapping):
        yield from ((kind, _word(who)) for kind, several in told.items() for who in _several(several))
    else:
        yield from ((EVERYBODY, _word(who)) for who in _several(told))


def _several(value: Any) -> tuple[Any, ...]:  # noqa: ANN401 - IAM takes one of a thing for a list of one
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
