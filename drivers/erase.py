"""How a recorder forgets: exactly the files of a certificate, and then a look to prove it.

Nothing here wipes: each way (``drivers/ways.py``) removes named files, one by one.  What no way
can name exactly stays on the recorder and is reported; whether it is gone is not asked of the
way but of a new listing.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from drivers.overlaps import SHARED
from drivers.ways import DISK_WAYS, Medium
from evidence.errors import CertificateError, EraseError
from evidence.findings import Finding, Noted
from evidence.recorders import FileEntry, Listing
from evidence.states import Certificate

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to go and what has to stay, both as they are listed right now."""

    where: str
    named: tuple[FileEntry, ...]
    others: tuple[FileEntry, ...]
    unlisted: bool = False  # something lies there that no listing shows


def plan_for(certificate: Certificate, listing: Listing, where: str) -> Plan:
    """Find what the certificate names.

    Raises ``EraseError("erase_changed")`` where a named file is not there as it was listed: then
    nothing is removed, because what lies there now is not what is in custody.
    """
    wanted = Counter(_key(each.stored.received.listed.file) for each in certificate.sealed)
    named: list[FileEntry] = []
    others: list[FileEntry] = []
    for file in listing.files:
        (named if wanted[_key(file)] else others).append(file)
        wanted[_key(file)] -= 1
    missing = sum(count for count in wanted.values() if count > 0)
    if missing:
        raise EraseError("erase_changed", where=where, files=missing)
    return Plan(where, tuple(named), tuple(others), any(map(_hides, listing.noted)))


def _hides(noted: Noted) -> bool:
    """Return whether a finding says that the listing does not show everything."""
    limit = str(noted.facts.get("because", "")).startswith("limit_")
    return noted.finding is Finding.LEFT_BEHIND or limit


def require_whole(certificate: Certificate, chosen: Plan) -> None:
    """Refuse a partial certificate for a medium that can only be wiped whole."""
    if not certificate.whole or chosen.others or chosen.unlisted:
        raise CertificateError("certificate_partial", where=chosen.where, others=len(chosen.others))


def not_nameable(chosen: Plan, aliases: Mapping[int, bytes]) -> frozenset[int]:
    """Return the handles of files that a tool working by names could confuse with another.

    Such tools fold case, match 8.3 names too and drop dots and blanks at the end; and a name that
    the text cannot carry cannot be given to them.  ``aliases``: 8.3 names beside long ones.
    """
    files = (*chosen.named, *chosen.others)
    spoken = Counter(
        name for file in files for name in {file.path.casefold(), _alias(file, aliases)}
    )
    return frozenset(
        file.handle for file in chosen.named if not _plain(file) or spoken[file.path.casefold()] > 1
    )


def forget(
    medium: Medium,
    chosen: Plan,
    shut_out: frozenset[int],
    list_again: Callable[[], Listing],
) -> str:
    """Remove the named files by the ways that work here, one way after the other.

    Returns the word of what kept a file from going, if one did; whether one did is what ``prove``
    tells.  Raises ``EraseError("erase_unsupported")`` where this machine has no way to write to
    this medium: then nothing was touched.
    """
    lacks = {way.name: way.lacks(medium) for way in DISK_WAYS}
    ways = [way for way in DISK_WAYS if not lacks[way.name]]
    if not ways:
        facts = {"file_system": medium.facts.file_system, "lacks": " ".join(_words(lacks))}
        raise EraseError("erase_unsupported", where=chosen.where, **facts)
    left = [file for file in chosen.named if file.handle not in shut_out]
    because = "names" if shut_out else "nothing"
    for way in ways:
        if not left:
            break
        try:
            way.remove(medium, left)
        except EraseError as error:
            because = error.word  # how far it came is what the listing tells
        left = _still(left, (), list_again())
    return because


def _words(lacks: Mapping[str, str | None]) -> list[str]:
    return [f"{name}:{lack}" for name, lack in lacks.items()]


def prove(chosen: Plan, after: Listing, because: str) -> None:
    """Hold a new listing against the plan.

    Raises ``EraseError``: ``erase_too_much`` where a file is gone that nobody named (first, it is
    the worst), ``erase_incomplete`` where a named one is still there, ``erase_disturbed`` where
    something lies there that did not before.
    """
    before = Counter(map(_key, chosen.others))
    now = Counter(map(_key, after.files))
    lost = before - now
    if lost:
        raise EraseError("erase_too_much", where=chosen.where, files=lost.total())
    still = _still(chosen.named, chosen.others, after)
    if still:
        raise EraseError("erase_incomplete", where=chosen.where, files=len(still), because=because)
    strange = now - before
    if strange:
        raise EraseError("erase_disturbed", where=chosen.where, files=strange.total())


def _still(
    named: Sequence[FileEntry], others: Sequence[FileEntry], after: Listing
) -> list[FileEntry]:
    """Return the named files of which a trace is listed: name, or directory entry and size."""
    kept = Counter(map(_key, others))
    fresh = [file for file in after.files if not kept[_key(file)]]
    names = {file.raw for file in fresh}
    spots = {(file.inode, file.size) for file in fresh if file.inode is not None}
    return [file for file in named if file.raw in names or (file.inode, file.size) in spots]


def _key(file: FileEntry) -> Key:
    return file.raw, file.inode, file.size, file.modified, file.extents


def _alias(file: FileEntry, aliases: Mapping[int, bytes]) -> str:
    """Return the path of a file by its 8.3 name; its path where it has no second name."""
    alias = aliases.get(file.handle)
    if alias is None:
        return file.path.casefold()
    above, slash, _ = file.path.rpartition("/")
    return f"{above}{slash}{alias.decode('latin-1')}".casefold()


def _plain(file: FileEntry) -> bool:
    """Return whether the path names this file and no other, for every tool there is."""
    parts = file.path.split("/")
    shared = any(noted.facts.get("because") == SHARED for noted in file.noted)
    return (
        not shared  # its clusters are another's too: freeing them would destroy that one
        and file.raw == file.path.encode()
        and all(part and part == part.strip() and not part.endswith(".") for part in parts)
        and not any("~" in part for part in parts[:-1])
    )
