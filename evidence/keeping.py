"""Why a segment is kept, until when, and what forbids its disposal: values (docs/keeping.md).

Rules stand in policy packs, which are adopted into the ledger whole; holds, answers and closed
cases are entries about ``KEEPING`` (``custody/shelf.py``).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Literal, get_args

from evidence.asking import Purpose
from evidence.canonical import encode
from evidence.errors import UsageError

KEEPING = "k:" + "0" * 32  # the keeping of this station: one in every ledger

Reason = Literal["case-evidence", "dispute", "obstruction", "emergency", "major-case"]
# case-evidence  作为证据使用: article 17 (1)
# dispute        复议、诉讼、异议、投诉: (2)
# obstruction    阻碍执法、妨害公务、暴力抗法: (3)
# emergency      突发事件、群体性事件: (4)
# major-case     重大、复杂、疑难的案件: (5)
REASONS: tuple[Reason, ...] = get_args(Reason)

# What is asked for these purposes proposes a hold, which a person places or declines.
PROPOSES: Mapping[Purpose, Reason] = {
    "transfer": "case-evidence",
    "court": "case-evidence",
    "litigation": "dispute",
    "complaint": "dispute",
    "review": "major-case",
}

PeriodKind = Literal["months", "years", "permanent", "case_file"]
Start = Literal["recorded", "case_closed"]  # of a rule: what its period counts from
From = Literal["recorded", "sealed", "case_closed", "marked", "held", "released"]
ReleaseGround = Literal["placed_in_error", "archive_over"]  # "case closed" is none: 长期 has no end
RELEASE_GROUNDS: tuple[ReleaseGround, ...] = get_args(ReleaseGround)
ScopeKind = Literal["segments", "case", "window"]
SCOPES: tuple[ScopeKind, ...] = get_args(ScopeKind)
HELD_SEGMENTS_LIMIT = 60  # of one hold by segments: they all stand in ``about``

Code = Literal[
    "no_policy",  # nothing was adopted: nobody has said how long anything is kept
    "unlabelled",
    "open_gap",  # a pause is none
    "quarantine",  # the recorder's identity was in conflict
    "state_secret",
    "clock",  # the recorder's clock was out of all order, and nobody said that it does not matter
    "mark",  # the officer's important mark, not decided yet
    "proposed",  # asked for in a dispute, before a court, …: hold it or not, not decided yet
    "open_request",
    "open_grant",  # somebody may still look, or is looking
    "held",
    "in_grace",
    "not_verified",  # the vault gave other bytes than the sealed ones
    "disposing",  # it stands in a disposal under way
]
CODES: tuple[Code, ...] = get_args(Code)
Whose = Literal["officer", "supervisor", "head", "auditor", "nobody"]
WHOSE: tuple[Whose, ...] = get_args(Whose)

AlarmAnswer = Literal["mended", "no_harm", "lost", "known"]
ALARM_ANSWERS: tuple[AlarmAnswer, ...] = get_args(AlarmAnswer)
ALARM_OF = ("s:", "d:", "r:", "k:")  # kinds of subjects that tell one alarm from another

_COUNTED = re.compile(r"([1-9][0-9]?) (months|years)")
_NAMED: Mapping[str, PeriodKind] = {"permanent": "permanent", "as the case file": "case_file"}


@dataclass(frozen=True, slots=True)
class Period:
    """How long: calendar months or years, for ever, or as long as the file of its case."""

    kind: PeriodKind
    count: int = 0  # 1 to 99 months or years; 0 where nothing is counted

    def __str__(self) -> str:
        """Return the text that ``parse_period`` reads."""
        if self.kind == "case_file":
            return "as the case file"
        return self.kind if self.kind == "permanent" else f"{self.count} {self.kind}"


def parse_period(text: str) -> Period:
    """Return a period; raises ``UsageError`` (``period_malformed``).

    ``6 months``, ``2 years`` (1 to 99), ``permanent``, ``as the case file``; nothing else.
    """
    if text in _NAMED:
        return Period(_NAMED[text])
    counted = _COUNTED.fullmatch(text)
    if counted is None:
        raise UsageError("period_malformed", text=text)
    return Period("years" if counted[2] == "years" else "months", int(counted[1]))


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a pack.  ``items``: codes of the list ``list``; () in a rule for everything."""

    id: str
    article: str
    period: Period
    items: tuple[str, ...] = ()
    list: str | None = None  # name of a list of items (config/items)
    start: Start = "recorded"


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy pack, checked.  ``sha256``: of its canonical JSON, as the ledger carries it.

    ``case_file``: how long the file of a case is kept after its close, for ``as the case file``.
    ``entry`` and ``replaced``: policy.adopted of it, and of the next version of the same name.
    """

    name: str
    version: str
    sha256: str
    standard: Rule
    rules: tuple[Rule, ...]
    reasons: Mapping[Reason, str]  # long-term, each with its article
    case_file: Period | None
    grace_days: int
    grace_because: str
    warning_days: int
    undo_days: int
    label_days: int  # then what is unlabelled goes from the officer to the supervisor
    entry: int | None = None
    replaced: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pack that somebody has proposed and nobody adopted or withdrew yet."""

    policy: Policy
    entry: int  # policy.proposed
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Scope:
    """What a hold catches, also when it is docked or labelled only later.

    ``segments``: those named.  ``case``: all of the case ``of`` (c:…).  ``window``: all of an
    officer (p:…), a recorder (r:…) or a unit (u:…) from ``since`` until ``until`` (None: open).
    """

    kind: ScopeKind
    segments: tuple[str, ...] = ()
    of: str | None = None
    since: datetime | None = None
    until: datetime | None = None  # not included


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold that stands in the ledger.  ``proposed``: its release, by one person so far."""

    id: str  # h:…
    entry: int
    reason: Reason
    article: str
    scope: Scope
    at: datetime
    by: str
    proposed: int | None = None  # hold.release_proposed
    released: int | None = None  # hold.released
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attested:
    """A day of which a person said that it is today; ``second``: their entry says so again."""

    day: date
    entry: int
    by: str
    second: bool


@dataclass(frozen=True, slots=True)
class Raised:
    """Alarms that say the same, which nobody has answered: how often, the first and the newest.

    ``same``: see ``same_alarm``.  ``first`` and ``newest`` are entries ``alarm.raised``.
    """

    same: str
    code: str
    first: int
    newest: int
    count: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What somebody answered: it holds for alarm ``alarm`` and all before it that say the same."""

    alarm: int
    entry: int  # alarm.acknowledged
    answer: AlarmAnswer
    by: str
    at: datetime


def same_alarm(code: str, subjects: Iterable[str]) -> str:
    """Return what alarms share that say the same: a SHA-256 in hex of code and subjects.

    Through which question somebody met rotten bytes makes no difference: see ``ALARM_OF``.
    """
    told = sorted(each for each in subjects if each.startswith(ALARM_OF))
    return sha256(encode([code, *told])).hexdigest()


@dataclass(frozen=True, slots=True)
class SetBack:
    """Entry ``clock.accepted``: our own clock went back, from ``before``, and a person said so."""

    entry: int
    before: datetime


@dataclass(frozen=True, slots=True)
class Shelf:
    """Policies, holds and answers as of entry ``index`` about ``KEEPING``; None: nothing yet.

    Made by custody/shelf.py.  ``catching``: ids of holds, released ones too, by what they name: s:
    for segments, c: for a case, p:, r: or u: for a window; so that one segment is decided without
    a look at every hold.  ``answered``: by sighting (a mark, a clock) or request.made (a
    proposal), the entry that answers it.  ``raised`` and ``acknowledged`` are by what alarms say
    (``same_alarm``), ``raised`` only of those about ``KEEPING`` itself: the others are told by the
    chains of what they are about.  ``cleared``: by alarm, the entry by which an auditor ended its
    doubt, after an audit that found every byte as it was sealed.
    """

    index: int | None
    policies: tuple[Policy, ...] = ()  # every version ever adopted, oldest first
    proposals: Mapping[int, Proposal] = field(default_factory=dict)  # by entry policy.proposed
    holds: Mapping[str, Hold] = field(default_factory=dict)  # by id; released ones too
    catching: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answered: Mapping[int, int] = field(default_factory=dict)
    closed: Mapping[str, date] = field(default_factory=dict)  # cases that are closed: the day
    attested: tuple[Attested, ...] = ()  # oldest first
    raised: Mapping[str, Raised] = field(default_factory=dict)
    acknowledged: Mapping[str, Acknowledged] = field(default_factory=dict)
    cleared: Mapping[int, int] = field(default_factory=dict)
    set_back: tuple[SetBack, ...] = ()  # oldest first

    def in_force(self) -> tuple[Policy, ...]:
        """Return the packs that hold now: of each name the newest version."""
        return tuple(each for each in self.policies if each.replaced is None)

    def promised(self, since: int) -> tuple[Policy, ...]:
        """Return every version that held at entry ``since`` or after it: none of them is undone."""
        return tuple(p for p in self.policies if p.replaced is None or p.replaced > since)

    def no_earlier(self, entry: int, at: datetime) -> datetime:
        """Return ``at``, or what our clock showed before it was set back, ahead of that ``entry``.

        Else whoever sets it back a year makes what is docked today due today.
        """
        return max((at, *(each.before for each in self.set_back if each.entry < entry)))


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason to keep a segment.  ``what``: a rule's id, or ``hold:<reason>`` or ``mark``."""

    what: str
    article: str
    policy: int | None  # policy.adopted, of a rule
    entry: int | None  # hold.placed, or the sighting with the mark
    start: datetime
    from_: From
    ends: datetime | None  # first moment at which it keeps no more; None: no end


@dataclass(frozen=True, slots=True)
class Blocker:
    """One reason why a segment cannot be disposed of, and whose task it is to mend it."""

    code: Code
    whose: Whose
    since: datetime
    entry: int | None  # where it stands in the ledger


@dataclass(frozen=True, slots=True)
class Keeping:
    """What the ledger says of the keeping of one segment at one moment."""

    segment: str
    grounds: tuple[Ground, ...]
    until: datetime | None  # the latest end; None: no end
    grace_until: datetime | None  # None: no end
    blockers: tuple[Blocker, ...]

    def due(self, now: datetime) -> bool:
        """Return whether it may go at ``now``: nothing keeps it, and nothing forbids it.

        ``now`` is the moment that it was decided for.
        """
        ended = self.grace_until is not None and self.grace_until <= now
        return ended and not self.blockers
