"""Reads the catalogue: lists in pages, everything about one thing, and where two differ."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from evidence.candidates import CANDIDATES_LIMIT, Figure, Wanted
from evidence.errors import UnknownSegmentError, UsageError
from evidence.keeping import CODES, Code, Raised
from evidence.search import (
    PAGE_LIMIT,
    PREFIX_MINIMUM,
    Difference,
    DockingRecord,
    EventRecord,
    FindingRecord,
    LabelRecord,
    LineRecord,
    Page,
    SeamRecord,
    SegmentFilter,
    SegmentLine,
    SegmentRecord,
)
from vault import alarm_queries, label_queries, queries, records
from vault.candidates import blocked_sums, candidate_page
from vault.compare import differences
from vault.queries import Key, Query
from vault.records import Columns
from vault.rows import Row
from vault.sql import Asking, asking, dump, open_for_reading

Item = TypeVar("Item")

_PREFIX = re.compile(rf"[0-9a-f]{{{PREFIX_MINIMUM},64}}")
_PLACE = re.compile(r"(-?[0-9]{1,18})\.([0-9]{1,18})")


class CatalogueReader:
    """Reads and never writes; every answer is as of one moment.

    Raises ``VaultUnavailableError`` with the words ``catalogue_missing``, ``catalogue_damaged``,
    ``catalogue_version`` and ``catalogue_unavailable``.  Lists come in pages of at most
    ``PAGE_LIMIT``; ``after`` is what the page before gave, else ``UsageError`` (``page_unknown``).
    """

    def __init__(self, url: str) -> None:
        self._engine = open_for_reading(url)

    def applied(self) -> int:
        """Return how many entries of the ledger the catalogue holds."""
        with asking(self._engine) as ask:
            return ask.applied

    def segments(
        self, wanted: SegmentFilter, limit: int = 100, after: str | None = None
    ) -> Page[SegmentLine]:
        """Return the segments that are ``wanted``, each once, the newest beginning first."""
        most = _limited(limit)
        place = _place(after)
        with asking(self._engine) as ask:
            query = queries.segment_page(wanted, place, most + 1, led=_is_led(ask, wanted))
            rows = ask.rows(query)
            lines = _segment_lines(ask, rows[:most])
        return _page(lines, rows, most, ("at", "entry"))

    def find_segments(self, prefix: str, limit: int = 10) -> list[str]:
        """Return the digests that begin with ``prefix``, 4 to 64 hexadecimal digits, sorted.

        Raises ``UsageError`` (``segment_prefix``) for anything else.
        """
        if not _PREFIX.fullmatch(prefix):
            raise UsageError("segment_prefix", prefix=prefix, minimum=PREFIX_MINIMUM)
        with asking(self._engine) as ask:
            rows = ask.rows(queries.digests_from(prefix, _limited(limit)))
            return [row["sha256"] for row in rows]

    def segment(self, sha256: str) -> SegmentRecord:
        """Return what is known of one segment; of sightings, findings and seams at most 1000.

        Raises ``UnknownSegmentError`` (``segment_unknown``).
        """
        with asking(self._engine) as ask:
            rows = ask.rows(queries.first_sightings(sha256))
            if not rows:
                raise UnknownSegmentError("segment_unknown", segment=sha256)
            entry = rows[0]["segment_entry"]
            places = ask.rows(queries.sightings_of(entry, PAGE_LIMIT))
            names = _names(ask, places)
            noted = queries.finding_conditions(segment=entry)
            joined = queries.seam_conditions(segment=f"s:{sha256}")
            return SegmentRecord(
                line=_segment_lines(ask, rows[:1])[0],
                sightings=tuple(records.sighting(row, names.get(row["entry"])) for row in places),
                findings=_all(ask, queries.finding_page(noted, None, PAGE_LIMIT), records.finding),
                seams=_all(ask, queries.seam_page(joined, None, PAGE_LIMIT), records.seam),
            )

    def dockings(
        self,
        *,
        slot: str | None = None,
        recorder: str | None = None,
        docking: str | None = None,
        limit: int = 100,
        after: str | None = None,
    ) -> Page[DockingRecord]:
        """Return dockings, the newest first; None asks for nothing."""
        most = _limited(limit)
        asked = (("slot", slot), ("recorder", recorder), ("docking", docking))
        with asking(self._engine) as ask:
            rows = ask.rows(queries.docking_page(asked, _place(after), most + 1))
            items = _dockings(ask, rows[:most])
        return _page(items, rows, most, ("entry",))

    def lines(self, docking: str, limit: int = 100, after: str | None = None) -> Page[LineRecord]:
        """Return the lines of a docking's inventory, in their order; none without its key."""
        most = _limited(limit)
        query = queries.line_page(docking, _place(after), most + 1)
        return self._list(query, records.inventory_line, most, ("entry", "n"))

    def seams(
        self,
        *,
        docking: str | None = None,
        segment: str | None = None,
        kinds: Sequence[str] = (),
        limit: int = 100,
        after: str | None = None,
    ) -> Page[SeamRecord]:
        """Return seams of a docking (d:…), of a segment (s:…), of some kinds; else all.

        The newest entry comes first; within one entry the order is that of the inventory.
        """
        most = _limited(limit)
        asked = queries.seam_conditions(docking, segment, kinds)
        query = queries.seam_page(asked, _place(after), most + 1)
        return self._list(query, records.seam, most, ("entry", "n"))

    def findings(
        self,
        *,
        docking: str | None = None,
        finding: str | None = None,
        limit: int = 100,
        after: str | None = None,
    ) -> Page[FindingRecord]:
        """Return what was noticed about dockings and their files, the newest entry first."""
        most = _limited(limit)
        asked = queries.finding_conditions(docking, finding=finding)
        query = queries.finding_page(asked, _place(after), most + 1)
        return self._list(query, records.finding, most, ("entry", "n"))

    def events(self, subject: str, limit: int = 100, after: str | None = None) -> Page[EventRecord]:
        """Return the entries about a subject, the newest first."""
        most = _limited(limit)
        query = queries.event_page(subject, _place(after), most + 1)
        return self._list(query, records.event, most, ("entry",))

    def alarms(
        self, *, every: bool = False, limit: int = 100, after: str | None = None
    ) -> Page[Raised]:
        """Return alarms, those that say the same as one, the newest first.

        Those that nobody has answered, or (``every``) all that were ever raised.
        """
        most, place = _limited(limit), _place(after)
        query = alarm_queries.alarm_page(place and place[0], most + 1, every=every)
        return self._list(query, lambda row: Raised(**row), most, ("newest",))

    def candidates(
        self, wanted: Wanted, limit: int = CANDIDATES_LIMIT, after: str | None = None
    ) -> Page[str]:
        """Return digests of what the ledger may let go, and of little else, the oldest first.

        A page reads as far as it must to be full: the last one reads to the end.
        """
        most, place = _limited(limit, CANDIDATES_LIMIT), _place(after)
        query = candidate_page(wanted, place[0] if place else -1, most + 1)
        return self._list(query, lambda row: str(row["sha256"]), most, ("entry",))

    def blocked(self, now: datetime) -> Mapping[Code, Figure]:
        """Return what each reason keeps from going at ``now``; reads every segment."""
        with asking(self._engine) as ask:
            (sums,) = ask.rows(blocked_sums(now))
        return {
            code: Figure(sums[f"{code}_count"], sums[f"{code}_bytes"])
            for code in CODES
            if f"{code}_count" in sums
        }

    def dump(self) -> Iterator[tuple[str, Row]]:
        """Yield every row of every table in one order, as of one moment."""
        yield from dump(self._engine)

    def differences(self, other: "CatalogueReader") -> Iterator[Difference]:
        """Yield every row that this catalogue (ours) and another one (theirs) do not share."""
        yield from differences(self.dump(), other.dump())

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _list(
        self, query: Query, item: Callable[[Columns], Item], most: int, order: Sequence[str]
    ) -> Page[Item]:
        with asking(self._engine) as ask:
            rows = ask.rows(query)
            return _page([item(row) for row in rows[:most]], rows, most, order)


def _is_led(ask: Asking, wanted: SegmentFilter) -> bool:
    """Return whether so few labels say what is wanted that a search begins with them."""
    if not label_queries.asks_labels(wanted):
        return False
    (count,) = ask.rows(label_queries.count_led(wanted))
    return bool(count["labels"] <= label_queries.LED_LIMIT)


def _segment_lines(ask: Asking, rows: Sequence[Columns]) -> list[SegmentLine]:
    names, codes = _names(ask, rows), defaultdict[int, list[str]](list)
    for row in ask.rows(queries.codes_of([row["segment_entry"] for row in rows])):
        codes[row["segment"]].append(row["finding"])
    held = _labels(ask, [row["segment_sha256"] for row in rows])
    return [
        records.segment_line(
            row,
            names.get(row["entry"]),
            codes[row["segment_entry"]],
            held.get(row["segment_sha256"]),
        )
        for row in rows
    ]


def _labels(ask: Asking, digests: Sequence[str]) -> dict[str, LabelRecord]:
    rows = ask.rows(label_queries.labels_of(digests))
    people = defaultdict[int, list[str]](list)
    for each in ask.rows(label_queries.people_of([row["entry"] for row in rows])):
        people[each["entry"]].append(each["person"])
    return {row["sha256"]: records.label(row, people[row["entry"]]) for row in rows}


def _names(ask: Asking, sightings: Sequence[Columns]) -> dict[int, Columns]:
    query = queries.names_of([row["entry"] for row in sightings])
    return {row["entry"]: row for row in ask.rows(query)}


def _dockings(ask: Asking, rows: Sequence[Columns]) -> list[DockingRecord]:
    names = [row["docking"] for row in rows]
    beside: dict[str, dict[str, list[Columns]]] = {name: defaultdict(list) for name in names}
    for table in queries.BESIDE_A_DOCKING:
        for row in ask.rows(queries.of_dockings(table, names)):
            beside[row["docking"]][table.name].append(row)
    return [records.docking(row, beside[row["docking"]]) for row in rows]


def _all(ask: Asking, query: Query, item: Callable[[Columns], Item]) -> tuple[Item, ...]:
    return tuple(item(row) for row in ask.rows(query))


def _page(
    items: Sequence[Item], rows: Sequence[Columns], most: int, order: Sequence[str]
) -> Page[Item]:
    """Return a page of ``most`` of the ``rows``, of which one more was asked for than is shown."""
    if len(rows) <= most:
        return Page(tuple(items), None)
    last = [rows[most - 1][name] for name in order]
    return Page(tuple(items), ".".join(str(value) for value in (*last, 0)[:2]))


def _place(after: str | None) -> Key | None:
    if after is None:
        return None
    if not (match := _PLACE.fullmatch(after)):
        raise UsageError("page_unknown", after=after)
    first, second = match.groups()
    return int(first), int(second)


def _limited(limit: int, most: int = PAGE_LIMIT) -> int:
    if not 1 <= limit <= most:
        raise UsageError("page_size", limit=limit, most=most)
    return limit
