"""What each entry becomes in the catalogue: one function for each type, in one table.

Pure: an entry and its statement give rows, and nothing else is asked; so a rebuild gives the same
rows.  A statement whose key is destroyed is None: then the rows without names remain.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from evidence.canonical import encode
from evidence.entry import Entry, Statement
from evidence.errors import ConflictError, MalformedError
from evidence.keeping import same_alarm
from vault.desk_rows import DESK
from vault.docking_rows import (
    docking_certified,
    docking_ended,
    docking_erased,
    docking_opened,
    identity_observed,
    inventory_taken,
    segment_left,
)
from vault.fields import items, milliseconds, number, sub, text, text_or_none, time, time_or_none
from vault.keep_rows import KEEP
from vault.rows import Row, Rows
from vault.segment_rows import seams_judged, segment_sealed, segment_seen

# Nine of ten entries, and their row in ``sightings`` says already what they are about.
SIGHTINGS = frozenset({"segment.sealed", "segment.seen"})


@dataclass(frozen=True, slots=True)
class Projected:
    """The rows of ``count`` entries from ``first`` on, by table; plain values, easily sent."""

    first: int
    count: int
    rows: dict[str, list[Row]]


def project_all(entries: Sequence[tuple[Entry, Statement | None]]) -> Projected:
    """Return the rows of entries that follow each other.

    Raises ``ConflictError`` (``catalogue_gap``) where they do not, else as ``project``.
    """
    first = entries[0][0].seq if entries else 0
    rows: dict[str, list[Row]] = defaultdict(list)
    for seq, (entry, statement) in enumerate(entries, first):
        if entry.seq != seq:
            raise ConflictError("catalogue_gap", applied=seq, got=entry.seq)
        for name, row in project_or_name(entry, statement):
            rows[name].append(row)
    return Projected(first, len(entries), dict(rows))


def project_or_name(entry: Entry, statement: Statement | None) -> list[tuple[str, Row]]:
    """Return the rows of one entry; one that has not its form is named in ``unreadable``.

    It must not keep all others from being found.  Where only the statement is odd, the rows
    without names stay.  Raises ``MalformedError`` only for a type that is not in the table.
    """
    try:
        return list(project(entry, statement))
    except MalformedError as error:
        field = f"statement.{_field(error)}"
    try:
        rows = list(project(entry, None))
    except MalformedError as error:
        rows, field = list(_placed(entry, entry.about)), _field(error)
    return [*rows, ("unreadable", {"entry": entry.seq, "field": field})]


def project(entry: Entry, statement: Statement | None) -> Rows:
    """Yield the rows of one entry, with every column of their tables.

    Raises ``MalformedError`` for a type that is not in the table, and for a body without its
    fields: a catalogue with holes would answer "there is none".
    """
    yield from _placed(entry, () if entry.type in SIGHTINGS else entry.about)
    yield from PROJECTIONS[entry.type](entry, statement)


def _placed(entry: Entry, subjects: Iterable[str]) -> Rows:
    """Yield where the entry stands and what it is about, which every entry tells."""
    if entry.type not in PROJECTIONS:
        raise MalformedError("entry_malformed", field="type", entry=entry.seq)
    yield (
        "events",
        {
            "entry": entry.seq,
            "type": entry.type,
            "at": milliseconds(entry.at),
            "actor": entry.actor,
        },
    )
    for subject in sorted(subjects):
        yield "event_subjects", {"entry": entry.seq, "subject": subject}


def _field(error: MalformedError) -> str:
    return str(error.facts.get("field", error.word))


def _ledger_started(entry: Entry, _statement: Statement | None) -> Rows:
    body = entry.body
    yield (
        "origins",
        {
            "entry": entry.seq,
            "origin": text(body, "origin"),
            "vkey": text(body, "vkey"),
            "software": text_or_none(body, "software"),
        },
    )


def _configuration_changed(entry: Entry, _statement: Statement | None) -> Rows:
    body = entry.body
    yield (
        "configurations",
        {
            "entry": entry.seq,
            "sha256": text(body, "sha256"),
            "settings": encode(sub(body, "settings")).decode(),
            "changed": encode(list(items(body, "changed"))).decode(),
            "software": text(body, "software"),
        },
    )


def _alarm_raised(entry: Entry, _statement: Statement | None) -> Rows:
    yield (
        "alarms",
        {
            "entry": entry.seq,
            "alarm": text(entry.body, "alarm"),
            "same": same_alarm(text(entry.body, "alarm"), entry.about),
            "facts": encode(sub(entry.body, "facts")).decode(),
        },
    )


def _clock_accepted(entry: Entry, _statement: Statement | None) -> Rows:
    yield (
        "clock_steps",
        {
            "entry": entry.seq,
            "before": time_or_none(entry.body, "before"),
            "after": time(entry.body, "after"),
        },
    )


def _audit_done(entry: Entry, _statement: Statement | None) -> Rows:
    body = entry.body
    yield (
        "audits",
        {
            "entry": entry.seq,
            "level": text(body, "level"),
            "size": number(body, "size"),
            "root": text(body, "root"),
            "findings": number(body, "findings"),
            "verdict": text(body, "verdict"),
        },
    )


# In the order of evidence.entry.ENTRY_TYPES; a test holds the two together.
PROJECTIONS: MappingProxyType[str, Callable[[Entry, Statement | None], Rows]] = MappingProxyType(
    {
        "ledger.started": _ledger_started,
        "configuration.changed": _configuration_changed,
        "docking.opened": docking_opened,
        "inventory.taken": inventory_taken,
        "identity.observed": identity_observed,
        "segment.sealed": segment_sealed,
        "segment.seen": segment_seen,
        "segment.left": segment_left,
        "seams.judged": seams_judged,
        "docking.certified": docking_certified,
        "docking.erased": docking_erased,
        "docking.ended": docking_ended,
        "alarm.raised": _alarm_raised,
        "clock.accepted": _clock_accepted,
        "audit.done": _audit_done,
        **DESK,
        **KEEP,
    }
)
