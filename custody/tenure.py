"""Who held a recorder, and when: its tenure, from entries; never a guess (docs/access.md).

A recorder is bound to a person (their own) or pooled in a unit, and a pooled one is handed out and
in.  These entries name, besides the recorder, the subject ``tenure_id``: a recorder has thousands
of entries a year from its dockings, and the chain of that subject is its tenure alone, complete.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from custody import fields
from custody.history import chain
from evidence.entry import Entry
from evidence.errors import MalformedError, UsageError
from evidence.ports import Ledger

Why = Literal["own", "pooled", "none", "two", "resolved"]
SIGHTINGS = frozenset({"segment.sealed", "segment.seen"})
HOLDING = frozenset({"recorder.bound", "recorder.corrected", "handover.out"})  # name who holds


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose footage it is.

    ``person`` is None where nobody (``none``) or more than one (``two``) held the recorder;
    ``unit`` is given wherever all that is known names the same one.
    """

    person: str | None
    unit: str | None
    why: Why


NOBODY = Holder(None, None, "none")


@dataclass(frozen=True, slots=True)
class Stay:
    """A recorder with a person, or (``person`` None) in the pool of a unit, for a time."""

    person: str | None
    unit: str
    since: datetime
    until: datetime | None  # not included; None: still
    due: datetime | None  # of a handover: when it should be back
    entry: int  # recorder.bound or handover.out
    void: bool = False  # never was: so says its correction
    corrected: int | None = None  # the newest recorder.corrected

    def at(self, moment: datetime) -> bool:
        """Return whether ``moment`` lies in it."""
        return not self.void and _within(moment, self.since, self.until)

    def late(self, now: datetime) -> bool:
        """Return whether it came back after it was due, or is not back although it is due."""
        return self.due is not None and (self.until or now) > self.due


@dataclass(frozen=True, slots=True)
class Tenure:
    """All bindings and handovers of one recorder, oldest first."""

    recorder: str
    last: int | None  # newest entry of the tenure: what a writer expects
    bound: tuple[Stay, ...] = ()
    out: tuple[Stay, ...] = ()
    replaced: tuple[Stay, ...] = ()  # bindings as they stood until they were corrected

    def binding(self) -> Stay | None:
        """Return the binding that holds, or None."""
        return _open(self.bound)

    def handover(self) -> Stay | None:
        """Return the handover that has not come back, or None."""
        return _open(self.out)

    def stays(self, moment: datetime) -> tuple[Stay, ...]:
        """Return with whom, or in whose pool, it was at ``moment``."""
        return tuple(each for each in (*self.bound, *self.out) if each.at(moment))

    def holder(self, moment: datetime) -> Holder:
        """Return who held it at ``moment``: exactly one person, or nobody is named."""
        bound = [each for each in self.bound if each.at(moment)]
        own = [each for each in bound if each.person is not None]
        carried = [*own, *(each for each in self.out if each.at(moment))]
        unit = _only(each.unit for each in carried or bound)
        people = {each.person for each in carried}
        if len(people) == 1:
            return Holder(people.pop(), unit, "own" if own else "pooled")
        return Holder(None, unit, "two" if people else "none")

    def ever(self, moment: datetime) -> frozenset[str]:
        """Return whom a binding that was corrected since had named for ``moment``."""
        return frozenset(each.person for each in self.replaced if each.person and each.at(moment))


def tenure_id(ledger: Ledger, recorder: str) -> str:
    """Return the subject whose chain is the tenure of ``recorder`` and nothing else."""
    return ledger.pseudonym("r", f"tenure:{recorder}")


def kit_id(ledger: Ledger, unit: str) -> str:
    """Return the subject whose chain names every recorder that ever was with ``unit``."""
    return ledger.pseudonym("r", f"kit:{unit}")


def new_to(ledger: Ledger, tenure: Tenure, unit: str) -> tuple[str, ...]:
    """Return the kit of ``unit`` where this recorder was never with it: its next entry names it.

    Once is enough, and keeps that chain short however often a recorder is handed out.
    """
    stays = (*tenure.bound, *tenure.out, *tenure.replaced)
    return () if any(each.unit == unit for each in stays) else (kit_id(ledger, unit),)


def read_tenure(ledger: Ledger, recorder: str, before: int | None = None) -> Tenure:
    """Return the tenure of a recorder; raises ``MalformedError`` for what no writer makes.

    ``before``: as it was before that entry, for who decides again what was decided then.
    """
    tenure = Tenure(recorder, None)
    told = chain(tenure_id(ledger, recorder), ledger)
    entries = [each for each in told if before is None or each.seq < before]
    for entry in reversed(entries):
        if fields.text(entry.body, "recorder") != recorder:
            raise MalformedError("body_malformed", field="recorder")
        tenure = replace(_next(tenure, entry), last=entry.seq)
    return tenure


def holder(ledger: Ledger, recorder: str, moment: datetime) -> Holder:
    """Return who held ``recorder`` at ``moment``."""
    return read_tenure(ledger, recorder).holder(moment)


def owner_of(
    ledger: Ledger,
    sighting: Entry,
    known: dict[str, Tenure] | None = None,
    about: Sequence[Entry] | None = None,
) -> Holder:
    """Return whose a sighting is: who held the recorder, or whom a person has named since.

    ``known`` keeps the tenures that were read, for who asks for many; ``about``: every entry about
    the segment, newest first, of who has read them.  Raises ``UsageError`` (``not_a_sighting``)
    for another entry.
    """
    segment = segment_of(sighting)
    for entry in chain(segment, ledger) if about is None else about:
        if entry.type == "holder.resolved" and entry.body.get("sighting") == sighting.seq:
            body = entry.body
            return Holder(fields.text(body, "person"), fields.text(body, "unit"), "resolved")
    recorder = next((each for each in sighting.about if each.startswith("r:")), None)
    if recorder is None:
        return NOBODY
    tenures = {} if known is None else known
    if recorder not in tenures:
        tenures[recorder] = read_tenure(ledger, recorder)
    return tenures[recorder].holder(recorded_at(sighting))


def once_named(ledger: Ledger, sighting: Entry, known: dict[str, Tenure]) -> frozenset[str]:
    """Return whom the tenure had named for a sighting before it was corrected.

    A correction may take away a right; it never heals a conflict.
    """
    found: frozenset[str] = frozenset()
    for recorder in (each for each in sighting.about if each.startswith("r:")):
        if recorder not in known:
            known[recorder] = read_tenure(ledger, recorder)
        found |= known[recorder].ever(recorded_at(sighting))
    return found


def segment_of(sighting: Entry) -> str:
    """Return the segment of a sighting; raises ``UsageError`` for another entry."""
    if sighting.type not in SIGHTINGS:
        raise UsageError("not_a_sighting", entry=sighting.seq)
    return next(each for each in sighting.about if each.startswith("s:"))


def recorded_at(sighting: Entry) -> datetime:
    """Return when it was recorded: the corrected time, else the claimed one, else the sealing."""
    seen = fields.mapping(sighting.body, "sighting")
    corrected = fields.optional_moment(seen, "corrected_at")
    return corrected or fields.optional_moment(seen, "claimed_at") or sighting.at


def _next(tenure: Tenure, entry: Entry) -> Tenure:
    body = entry.body
    match entry.type:
        case "recorder.bound":
            stay = _stay(entry, fields.moment(body, "since"), None)
            return replace(tenure, bound=(*tenure.bound, stay))
        case "handover.out":
            stay = _stay(entry, fields.moment(body, "at"), fields.optional_moment(body, "due"))
            return replace(tenure, out=(*tenure.out, stay))
        case "recorder.unbound":
            return replace(tenure, bound=_ended(tenure.bound, fields.moment(body, "until")))
        case "handover.in":
            return replace(tenure, out=_ended(tenure.out, fields.moment(body, "at")))
        case "recorder.corrected":
            return _corrected(tenure, entry)
        case _:
            raise MalformedError("body_malformed", field="type")


def _stay(entry: Entry, since: datetime, due: datetime | None) -> Stay:
    body = entry.body
    person = fields.optional_text(body, "person")
    return Stay(person, fields.text(body, "unit"), since, None, due, entry.seq)


def _corrected(tenure: Tenure, entry: Entry) -> Tenure:
    """Return the tenure with one binding as it should have been, and as it was until then."""
    wrong = fields.integer(entry.body, "corrects")
    old = next((each for each in tenure.bound if each.entry == wrong), None)
    if old is None:
        raise MalformedError("body_malformed", field="corrects")
    stay = replace(
        _stay(entry, fields.moment(entry.body, "since"), None),
        until=fields.optional_moment(entry.body, "until"),
        entry=wrong,
        void=fields.boolean(entry.body, "void"),
        corrected=entry.seq,
    )
    bound = tuple(stay if each is old else each for each in tenure.bound)
    before = replace(old, until=old.until or entry.at)
    return replace(tenure, bound=bound, replaced=(*tenure.replaced, before))


def _within(moment: datetime, since: datetime, until: datetime | None) -> bool:
    return since <= moment and (until is None or moment < until)


def _ended(stays: tuple[Stay, ...], until: datetime) -> tuple[Stay, ...]:
    """Return the stays with every open one ended: a writer leaves one open at most."""
    return tuple(replace(each, until=until) if _is_open(each) else each for each in stays)


def _open(stays: tuple[Stay, ...]) -> Stay | None:
    return next((each for each in reversed(stays) if _is_open(each)), None)


def _is_open(stay: Stay) -> bool:
    return stay.until is None and not stay.void


def _only(units: Iterable[str]) -> str | None:
    found = set(units)
    return found.pop() if len(found) == 1 else None
