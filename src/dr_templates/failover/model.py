"""The words of a failover: what a site can be, what was seen of it, what is allowed, and what to do next.

Times are seconds since 1970 by the clock of whoever looked; positions in the WAL are byte offsets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dr_templates.failover.state import Kind, State


class Stance(StrEnum):
    """What one site is now. One word each, so that no mixture of them can be written down."""

    PRIMARY = "primary"
    REPLICA = "replica"
    FENCED = "fenced"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class Answer(StrEnum):
    """What came of asking the database through the probe.

    CROWDED and STARTING are answers of a living server: it takes no more sessions, or not yet. SILENT means the probe
    ran and nothing answered it; UNASKED that the probe itself could not be asked, which says nothing of the database.
    """

    ANSWERED = "answered"
    CROWDED = "crowded"
    STARTING = "starting"
    REFUSING = "refusing"
    SILENT = "silent"
    UNASKED = "unasked"


@dataclass(frozen=True)
class Beat:
    """The newest heartbeat row a database holds: who wrote it, which it is, and when by that database's clock."""

    site: str
    number: int
    written_at: float


@dataclass(frozen=True)
class Sql:
    """The probe's witness: what SQL told. None means not known.

    ``written`` is how far a primary has flushed its WAL; ``received`` and ``replayed`` how far a replica has come.
    """

    answer: Answer = Answer.UNASKED
    in_recovery: bool | None = None
    system: str | None = None
    timeline: int | None = None
    written: int | None = None
    received: int | None = None
    replayed: int | None = None
    streaming: bool | None = None
    beat: Beat | None = None
    sessions: int | None = None
    error: str | None = None


@dataclass(frozen=True)
class Instance:
    """The RDS API's witness. ``status`` is RDS's own word, ``absent`` when there is no such instance, None not known.

    ``failing_over`` tells that RDS has announced a Multi-AZ failover lately (fact A36), None when it does not tell;
    ``backup_days`` how long automated backups are kept, 0 for none.
    """

    status: str | None = None
    replica: bool | None = None
    failing_over: bool | None = None
    backup_days: int | None = None


@dataclass(frozen=True)
class Gate:
    """The NACL before the database: the numbers of our denies by direction. None means it could not be read."""

    entering: frozenset[int] | None = None
    leaving: frozenset[int] | None = None


@dataclass(frozen=True)
class Mark:
    """What a site's watchdog leaves in the tables of the two other places: I was alive and allowed to write this.

    ``at`` is when it was sent, by the site's clock. ``armed`` says the watchdog could fence if it had to; ``shut`` is
    the epoch for which it has closed its gate, 0 for none. ``due`` is the epoch of a move to its site that it knows of:
    cut off, it would shut a replica as well, as that may be promoted at any time.
    """

    at: float
    armed: bool
    shut: int = 0
    due: int = 0


@dataclass(frozen=True)
class Sight:
    """All that was seen of one site.

    ``mark`` is its newest mark wherever found; ``heard`` whether both tables that may hold one could be read. ``copy``
    is the state as the site's own table holds it. ``secret_copied`` tells that its secret still follows another
    region's (fact A40).
    """

    sql: Sql = Sql()
    instance: Instance = Instance()
    gate: Gate = Gate()
    mark: Mark | None = None
    heard: bool = False
    copy: State | None = None
    secret_copied: bool | None = None


@dataclass(frozen=True)
class Pulse:
    """When the primary was last seen to take writes, by the controller's clock, and how far its WAL was.

    ``fed`` is when its replica was last seen to be fed, None when it had not been: only a receiver that fell silent
    with it bears witness. A look in which the replica told nothing leaves it as it was.
    """

    site: str
    at: float
    written: int | None = None
    fed: float | None = None


@dataclass(frozen=True)
class Observation:
    """One look at everything by ``runner``; ``state`` is None when the state table could not be read.

    The state is read first, then the marks, then the active site, then the other one: what is concluded from the later
    ones holds under the earlier.
    """

    at: float
    runner: str
    home: str
    sites: Mapping[str, Sight]
    state: State | None = None
    pulse: Pulse | None = None


class Mode(StrEnum):
    """What the controller may do by itself: move, fence and then wait for a person, or only tell."""

    AUTOMATIC = "automatic"
    APPROVE = "approve"
    OFF = "off"


CLOCKS = 5.0
"""How far the clocks of two places may be apart, in seconds; ``Policy.margin`` is more than that."""


@dataclass(frozen=True)
class Policy:
    """What an environment allows; all in seconds but ``mode`` and ``backup_days``.

    ``patience``: how long the witnesses must agree before an unplanned move; longer than a Multi-AZ failover's 120.
    ``lease``: within this time a site that reaches nobody fences itself. ``margin``: how much longer others wait
    before they count on it; clocks may differ by 5. ``drain``: how long a planned move may hold writes up before it is
    called off. ``settle``: how long a gate must have been seen shut, as EC2 answers before all its hosts know.
    ``rpo``: more loss than this needs a person. ``cooldown``: no move for this long after one. ``hold``: how long a
    lock lasts unless it is renewed. ``aftercare``: how long a new primary's backups and secret are tried.
    """

    mode: Mode = Mode.APPROVE
    patience: float = 180.0
    lease: float = 60.0
    margin: float = 15.0
    drain: float = 60.0
    settle: float = 3.0
    rpo: float = 600.0
    cooldown: float = 3600.0
    hold: float = 120.0
    aftercare: float = 900.0
    backup_days: int = 14


@dataclass(frozen=True)
class Want:
    """What somebody asked for: a planned or an unplanned move to a site, as epoch ``epoch``.

    ``cause`` is empty when ``by`` is a person, who has been told what may be lost and has said yes to it.
    """

    kind: Kind
    to: str
    epoch: int
    by: str
    cause: str = ""


class Verb(StrEnum):
    """Every step there is. Those above the line change the state table alone."""

    REST = "rest"
    HOLD = "hold"
    WAIT = "wait"
    ADOPT = "adopt"
    SUSPECT = "suspect"
    TRUST = "trust"
    LOCK = "lock"
    TAKE = "take"
    SEAL = "seal"
    RETURN = "return"
    CALL_OFF = "call-off"
    RECORD = "record"
    RELEASE = "release"
    # ---
    KEEP = "keep"
    BEGIN = "begin"
    FENCE = "fence"
    UNFENCE = "unfence"
    PROMOTE = "promote"
    NAME = "name"
    VERIFY = "verify"
    BACKUPS = "backups"
    DETACH = "detach"
    ASK = "ask"
    NOTIFY = "notify"


SETTLED = frozenset({Verb.REST, Verb.HOLD, Verb.KEEP, Verb.BEGIN})
"""After one of these there is nothing more to do for now."""


@dataclass(frozen=True)
class Action:
    """The one next safe step, and why.

    ``site`` is where it acts. ``before`` is the state it was decided on, and ``after`` the state once it is done: it is
    written only over exactly ``before``, so a step decided on old news changes nothing. ``denies`` are the numbers of
    the gate's denies that it adds or removes. ``seconds`` is how long to wait before the next look. A step that only
    writes nothing has a ``before`` and no ``after``; where it acts, the state must still be ``before`` right before it
    does. ``pulse`` and ``cause`` are what a step that keeps things as they are has seen. ``copy`` is the document in
    ``site``'s own table that is adopted: it is replaced by ``after`` as well, and first.
    """

    verb: Verb
    reason: str
    site: str | None = None
    before: State | None = None
    after: State | None = None
    denies: frozenset[int] = frozenset()
    seconds: float = 0.0
    want: Want | None = None
    pulse: Pulse | None = None
    copy: State | None = None
    cause: str = ""

    @property
    def settled(self) -> bool:
        """Whether nothing more is to be done for now."""
        return self.verb in SETTLED
