"""Whether a segment's end is lawful: decided again, from the entries before its tombstone alone.

Asked by the audit of every tombstone, by the ledger process before it destroys words, and by the
keeper before it goes on with what another run has begun.  So who may only append, the process that
serves browsers above all, destroys nothing: it has nobody's key.

1. The list was proposed by one person and approved by another, who held a role for it then, with a
   signature over exactly this list.
2. The warning and the time to undo lasted as long as the packs then in force asked, counted by the
   time that counted; nobody had undone it.
3. Just before the tombstone nothing kept the segment, and nothing forbade its disposal.
4. No time in it is ahead of what people had attested by then.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo

from custody.agreement import Agreement, begin_agreement
from custody.bygone import Bygone
from custody.desk import AccessRules, Hosts
from custody.disposals import FATES, list_root
from custody.fields import moment, text
from custody.history import chain
from custody.kept import facts_of
from custody.past import Past
from custody.register import register_at
from custody.retention import keeping_of
from custody.signing import was_signed
from evidence.entry import Entry
from evidence.errors import CustodyError
from evidence.keeping import Policy, Shelf
from evidence.people import Register
from evidence.ports import Ledger

OWN = "disposing"  # the very disposal whose tombstone is looked at
SLOW = timedelta(hours=1)  # between looking at the time and writing what was decided by it
SOURCES = frozenset({"local", "attested"})
PROPOSERS = frozenset({"supervisor", "head", "deputy", "overseer"})
APPROVERS = frozenset({"head", "deputy", "overseer"})
REMEMBERED_LIMIT = 1000  # disposals whose agreement is not looked at again

Days = Callable[[Policy], int]
_Seen = tuple[str, int, int]  # a disposal, its approval, how long its list is


@dataclass
class Lawful:
    """Decides over ``ledger``.  For one thread.

    ``zone`` is where the station stands; ``rules`` and ``hosts`` say which signatures count.
    """

    ledger: Ledger
    zone: tzinfo
    rules: AccessRules
    hosts: Hosts
    _bygone: Bygone = field(init=False)
    _past: Past = field(init=False)  # before the last tombstone that was decided
    _followed: dict[str, tuple[int, Agreement | None]] = field(default_factory=dict)
    _agreed: dict[_Seen, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._bygone, self._past = Bygone(self.ledger), Past(self.ledger)

    def check(self, segment: str) -> None:
        """Return where ``segment`` lies under a lawful tombstone.

        Raises ``CustodyError``: ``not_disposed`` where its newest fate is none at all, and
        ``disposed_unlawfully`` with why.
        """
        tombstone = self._tombstone(segment)
        agreement = self._agreement(tombstone)
        faults = list(_said(agreement, tombstone, segment)) if agreement else []
        faults += self(tombstone, segment)
        if faults:
            raise CustodyError("disposed_unlawfully", segment=segment, because=" ".join(faults))

    def agreed(self, disposal: str) -> list[str]:
        """Return why a disposal was not agreed on as it must be; [] means it was."""
        found = self._follow(disposal)
        if found is None or found.approved is None:
            return ["not_approved"]
        return self._agreed_faults(disposal, found)

    def __call__(self, tombstone: Entry, segment: str) -> list[str]:
        """Return why the segment might not go when its tombstone was written; [] means lawful.

        What the entries of the disposal say by themselves, ``custody/endings.py`` has asked.
        """
        now = moment(tombstone.body, "now")
        try:
            shelf = self._bygone.at(tombstone.seq - 1)
            kept = facts_of(self._past_of(tombstone), segment, shelf)
        except CustodyError as error:
            return [error.word]
        agreement = self._agreement(tombstone)
        if agreement is None:
            return ["not_listed"]
        faults = self._agreed_faults(text(tombstone.body, "disposal"), agreement)
        keeping = keeping_of(kept, shelf, self.zone, now)
        codes = [str(each.code) for each in keeping.blockers if each.code != OWN]
        ended = keeping.grace_until is not None and keeping.grace_until <= now
        early = self._unsaid(tombstone, shelf)
        return [*faults, *(codes or ([] if ended else ["kept"])), *early]

    def _past_of(self, tombstone: Entry) -> Past:
        """Return the ledger before ``tombstone``; tombstones come in rows, and share what was read.

        Between two that follow each other stands nothing that says anything else.
        """
        follows = self._past.before == tombstone.seq - 1
        past = self._past.before_next() if follows else Past(self.ledger, tombstone.seq)
        self._past = past
        return past

    def _tombstone(self, segment: str) -> Entry:
        newest = (each for each in chain(segment, self.ledger) if each.type in FATES)
        found = next(newest, None)
        if found is None or found.type != "segment.disposed" or not segment.startswith("s:"):
            raise CustodyError("not_disposed", segment=segment)
        return found

    # --- what people agreed on ---------------------------------------------------------------

    def _agreement(self, tombstone: Entry) -> Agreement | None:
        """Return what was agreed on of the disposal that a tombstone names; None: nothing was."""
        disposal = text(tombstone.body, "disposal")
        return self._follow(disposal) if disposal in tombstone.about else None

    def _follow(self, disposal: str) -> Agreement | None:
        """Return the agreement along the chain of a disposal, of which only what is new is read."""
        seen, found = self._followed.get(disposal, (None, None))
        newer: list[Entry] = []
        for entry in chain(disposal, self.ledger):
            if seen is not None and entry.seq <= seen:
                break
            newer.append(entry)
        for entry in reversed(newer):
            if found is None and entry.type == "disposal.proposed":
                found = begin_agreement(entry)
            if found is not None and entry.type in _STEPS:
                _STEPS[entry.type](found, entry)
        if newer:
            if len(self._followed) >= REMEMBERED_LIMIT:
                self._followed.clear()
            self._followed[disposal] = (newer[0].seq, found)
        return found

    def _agreed_faults(self, disposal: str, found: Agreement) -> list[str]:
        """Return what is wrong with proposal and approval; looked at once for each list."""
        if found.approved is None:
            return []  # "not_approved" has been said
        seen = (disposal, found.approved.seq, len(found.listed))
        if seen not in self._agreed:
            if len(self._agreed) >= REMEMBERED_LIMIT:
                self._agreed.clear()
            self._agreed[seen] = list(self._weigh(found, found.approved))
        return self._agreed[seen]

    def _weigh(self, found: Agreement, approved: Entry) -> Iterator[str]:
        proposed, root = found.proposed, list_root(tuple(found.listed))
        if {text(proposed.body, "root"), text(approved.body, "root")} != {root}:
            yield "list_differs"
        if not _holds(register_at(self.ledger, proposed.seq), proposed, PROPOSERS):
            yield "proposer_unfit"
        then = register_at(self.ledger, approved.seq)
        if not _holds(then, approved, APPROVERS):
            yield "approver_unfit"
        if not was_signed(approved, then, self.rules, self.hosts):
            yield "not_signed"
        if proposed.actor == approved.actor:
            yield "same_person"
        if moment(approved.body, "now") < found.warning_until:
            yield "warning_open"
        yield from self._windows(proposed, approved)

    def _windows(self, proposed: Entry, approved: Entry) -> Iterator[str]:
        """Yield which of the two windows was shorter than the packs asked, or begun too early."""
        windows: Sequence[tuple[Entry, str, str, Days]] = (
            (proposed, "warning_until", "warning_short", lambda policy: policy.warning_days),
            (approved, "undo_until", "undo_short", lambda policy: policy.undo_days),
        )
        for entry, name, short, days in windows:
            shelf = self._bygone.at(entry.seq - 1)
            asked = timedelta(days=max((days(each) for each in shelf.in_force()), default=0))
            if moment(entry.body, name) - moment(entry.body, "now") < asked:
                yield short
            yield from self._unsaid(entry, shelf)
            if moment(entry.body, "now") < self._least(entry, shelf):
                yield "time_past"

    # --- the time that counted ---------------------------------------------------------------

    def _unsaid(self, entry: Entry, shelf: Shelf) -> Iterator[str]:
        """Yield that nobody had said, by then, that it is as late as ``entry`` counts."""
        said = self._days_said(shelf)
        now, source = moment(entry.body, "now"), text(entry.body, "source")
        if source not in SOURCES or not said or now > said[-1][1]:
            yield "time_unsaid"

    def _least(self, entry: Entry, shelf: Shelf) -> datetime:
        """Return the least that the time can have been when ``entry`` was decided.

        An earlier one would have let a window run out before it began.
        """
        before, said = entry.at - SLOW, self._days_said(shelf)
        known = [day for at, day in said if at <= before]
        days = known[-1:] or [day for _, day in said[:1]]
        return min([before, *days])

    def _days_said(self, shelf: Shelf) -> list[tuple[datetime, datetime]]:
        """Return when two people said a day, and when that day began; oldest first."""
        return [
            (self.ledger.entry(each.entry).at,
             datetime.combine(each.day, time(), self.zone).astimezone(UTC))
            for each in shelf.attested
            if each.second
        ]  # fmt: skip


def _said(agreement: Agreement, tombstone: Entry, segment: str) -> Iterator[str]:
    yield from agreement.unnamed(tombstone, segment)
    yield from agreement.untimely(tombstone)


_STEPS: Mapping[str, Callable[[Agreement, Entry], list[str]]] = {
    "disposal.proposed": Agreement.listing,
    "disposal.approved": Agreement.approve,
    "disposal.undone": Agreement.undo,
}


def _holds(then: Register, entry: Entry, wanted: frozenset[str]) -> bool:
    """Return whether who wrote ``entry`` held one of these roles then, and was not suspended."""
    return not wanted.isdisjoint(each.role for each in then.roles(entry.actor, entry.at))
