"""Whose recorder is it?  From what the device says and from the names of its files.

An identity is read from the recorder that is in the slot now, or it is unknown (invariant 8).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from evidence.findings import Finding, Noted
from evidence.ids import recorder_text as text_of
from evidence.recorders import ClockReading, FileEntry, Identity
from evidence.states import NameFacts
from ingest.tools import Rules


def merge_identity(
    told: Identity, names: Iterable[NameFacts]
) -> tuple[Identity, tuple[Noted, ...]]:
    """Return the identity, completed from the names of the files, and what contradicts it.

    Names that tell two devices contradict each other; two officers do not, because recorders are
    pooled: then the officer is unknown.
    """
    known = tuple(names)
    devices = {name.device for name in known if name.device}
    if told.device:
        devices.add(told.device)
    noted = (Noted(Finding.IDENTITY_CONFLICT, {"devices": len(devices)}),)
    identity = told
    for field in ("maker", "device", "officer"):
        identity = _complete(identity, field, {getattr(name, field) for name in known} - {None})
    return identity, noted if len(devices) > 1 else ()


def recorder_text(identity: Identity) -> str | None:
    """Return the text behind the recorder's id: the best name that it has, or None."""
    return text_of(identity.serial, identity.maker, identity.device, identity.volume)


def bound_clock(
    reading: ClockReading, times: Iterable[datetime | None], now: datetime, tolerance_ms: int
) -> ClockReading:
    """Return a measured reading as it is; else a bound from the newest claim, else unknown.

    Only the future tells something: a file from 10:03 that is docked at 10:00 proves a clock at
    least three minutes ahead.  An old newest file proves nothing.
    """
    if reading.kind == "measured":
        return reading
    ahead = [int((time - now).total_seconds() * 1000) for time in times if time]
    if ahead and max(ahead) > tolerance_ms:
        return ClockReading("at_least", max(ahead), "newest_file")
    return ClockReading("unknown")


def claim_findings(
    file: FileEntry, name: NameFacts, now: datetime, rules: Rules
) -> tuple[Noted, ...]:
    """Return what is odd about the claims of one file before it has been read."""
    noted = [*file.noted]
    if name.important:
        noted.append(Noted(Finding.IMPORTANT))
    if name.pattern is None:
        noted.append(Noted(Finding.NAME_UNKNOWN))
    claim = name.time or file.modified
    if claim and claim.date() < rules.earliest:
        noted.append(Noted(Finding.CLOCK_RESET, {"year": claim.year}))
    if claim and (claim - now).total_seconds() * 1000 > rules.clock_tolerance_ms:
        ahead_s = int((claim - now).total_seconds())
        noted.append(Noted(Finding.FROM_THE_FUTURE, {"ahead_s": ahead_s}))
    return tuple(noted)


def _complete(identity: Identity, field: str, told: set[str]) -> Identity:
    if getattr(identity, field) or len(told) != 1:
        return identity
    sources = (*identity.sources, (field, "names"))
    (value,) = told
    if field == "maker":
        return replace(identity, maker=value, sources=sources)
    if field == "device":
        return replace(identity, device=value, sources=sources)
    return replace(identity, officer=value, sources=sources)
