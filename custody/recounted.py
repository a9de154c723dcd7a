"""What an audit reads of closed weeks: when, by whom, after which, and whether the figures are so.

Every closing is counted again from the ledger as it stood under the checkpoint that it names.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from custody.closings import CLOSED, closing_body, closing_of
from custody.fields import mapping, moment, text
from custody.findings import AuditFinding, Findings
from custody.organising import known_unit, roles_over
from custody.register import register_at
from custody.tree import Tree
from custody.weeks import Then, then_of
from evidence.entry import Entry
from evidence.errors import UsageError
from evidence.json import Json
from evidence.ports import Ledger, Tiles
from evidence.weeks import Hours, parse_week

CLOSERS = frozenset({"supervisor", "head", "deputy"})
ZONE = "station.time_zone"  # among the settings of configuration.changed
LATE_AFTER = "weeks.late_after_h"
HOUR = timedelta(hours=1)
SLOW = timedelta(hours=1)  # between looking and writing
TOLD = frozenset({"closes_again"})  # decided by the entries, not counted

Recount = Callable[[Entry, Mapping[str, int]], list[str]]  # what is wrong with a closing


class ClosedWeeks:
    """Reads the entries in order."""

    def __init__(self, findings: Findings, recount: Recount | None = None) -> None:
        """``recount`` counts a closing again; None: nothing is at hand to do it with."""
        self._findings, self._recount = findings, recount
        self._last: dict[tuple[str, str], int] = {}  # closing of a unit's week
        self._recorders: dict[str, int] = {}  # last entry about each
        self._zone: Json = None  # of the configuration that was in force
        self._hours: Json = None
        self._skipped = False

    def skip(self) -> None:
        """Pass over entries that are not there: a closing or a docking may be among them."""
        self._skipped = True

    def read(self, entry: Entry) -> None:
        """Check one entry; raises ``MalformedError`` for a body without its form."""
        if entry.type == "configuration.changed":
            settings = mapping(entry.body, "settings")
            self._zone, self._hours = settings.get(ZONE), settings.get(LATE_AFTER)
        elif entry.type == CLOSED:
            faults = self._faults(entry)
            if faults and not self._skipped:
                unit = text(entry.body, "unit")
                self._findings.add(AuditFinding.WEEK_WRONG, entry.seq, unit, because=faults)
        for subject in entry.about:
            if subject.startswith("r:"):
                self._recorders[subject] = entry.seq

    def _faults(self, entry: Entry) -> str:
        """Return the fields of a closing that are not so, joined; "" where all are."""
        closing, body = closing_of(entry), entry.body
        named = (text(body, "unit"), text(body, "week"))
        late = entry.at - closing.counted_at
        said = {
            "unit": named[0] not in entry.about,
            "until": closing.counted_at < moment(body, "until"),
            "counted_at": not timedelta() <= late <= SLOW,
            "checkpoint": closing.size > entry.seq,
            "closes_again": closing.again != self._last.get(named),
            "zone": self._zone not in (None, text(body, "zone")),
            "late_after_s": self._hours not in (None, closing.late_after / HOUR),
        }
        self._last[named] = entry.seq
        faults = [word for word, so in said.items() if so]
        if not faults and self._recount and not self._skipped:
            faults = self._recount(entry, self._recorders)
        return ", ".join(faults)


@dataclass(frozen=True, slots=True)
class Recounting:
    """Counts closings again; ``zone`` is where the station stands."""

    ledger: Ledger
    tiles: Tiles
    zone: tzinfo

    def __call__(self, entry: Entry, newest: Mapping[str, int]) -> list[str]:
        """Return the fields of a week.closed that are not so.

        ``newest``: the last entry about each recorder up to this one, so that no chain is walked
        from its end for every week of the past.  One by another zone than today's is not counted.
        """
        if text(entry.body, "zone") != str(self.zone):
            return []
        try:
            return list(self._differs(entry, newest))
        except UsageError as error:  # no week, or no unit, that anybody could have asked for
            return [error.word]

    def _differs(self, entry: Entry, newest: Mapping[str, int]) -> Iterator[str]:
        closing, body = closing_of(entry), entry.body
        unit, week = text(body, "unit"), parse_week(text(body, "week"))
        register = register_at(self.ledger, entry.seq)
        known_unit(register, unit)
        if roles_over(register, entry.actor, unit, entry.at).isdisjoint(CLOSERS):
            yield "actor"
        if Tree(self.tiles).root_of(closing.size) != closing.root:
            yield "root"
        found = then_of(Then(self.ledger, self.tiles, newest), unit, week, self.zone, closing)
        counted = closing_body(found, Hours(self.zone, closing.late_after))
        yield from (
            each for each in counted if each not in TOLD and counted[each] != body.get(each)
        )
