"""Whose a segment is, with what a person should know of that: certificate, holder, label."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Literal

from custody.history import chain
from custody.labels import Labelled
from custody.names import certificate_expired
from custody.tenure import SIGHTINGS, Tenure, Why, owner_of, recorded_at
from evidence.errors import UnknownSegmentError
from evidence.ports import Ledger

Remarked = Literal["certificate_expired", "holder_unknown", "not_duty", "state_secret"]


@dataclass(frozen=True, slots=True)
class Belongs:
    """One sighting, and whose it is; ``expired``: their certificate had run out by then."""

    sighting: int
    person: str | None
    unit: str | None
    why: Why
    expired: bool


def belongings(ledger: Ledger, segment: str, zone: tzinfo) -> tuple[Belongs, ...]:
    """Return whose every sighting of ``segment`` is, the oldest first; days are those of ``zone``.

    Raises ``UnknownSegmentError`` for a segment that is not in custody.
    """
    tenures: dict[str, Tenure] = {}
    found: list[Belongs] = []
    for entry in chain(segment, ledger):
        if entry.type in SIGHTINGS:
            holder = owner_of(ledger, entry, tenures)
            who, moment = holder.person, recorded_at(entry)
            expired = who is not None and certificate_expired(ledger, who, moment, zone)
            found.append(Belongs(entry.seq, who, holder.unit, holder.why, expired))
    if not found:
        raise UnknownSegmentError("segment_unknown", segment=segment)
    return tuple(reversed(found))


def remarks(belongs: Sequence[Belongs], label: Labelled | None) -> tuple[Remarked, ...]:
    """Return the findings that people and labels make; those of the recording stand in entries.

    Annex 3, 004 (certificate); article 21(4) (not on duty: never a reason for earlier disposal);
    article 19 (state secret).
    """
    secret = label is not None and label.entry.body.get("sensitivity") == "state_secret"
    told: tuple[tuple[Remarked, bool], ...] = (
        ("certificate_expired", any(each.expired for each in belongs)),
        ("holder_unknown", any(each.person is None for each in belongs)),
        ("not_duty", label is not None and label.no_case == "not_duty"),
        ("state_secret", secret),
    )
    return tuple(code for code, so in told if so)
