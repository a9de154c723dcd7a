"""What must hold after every crash, and what must hold once the recorder was docked again.

Asked of a real house that is opened over what the crash left, and of the recorder's own folder.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from custody.audit import AuditReport
from custody.findings import AuditFinding
from evidence.entry import Entry
from tests.fakes.house import House

# Before the recorder is docked again: bytes whose entry was not written any more lie in the vault.
# They are placed as soon as their file is docked again; the audit names them until then.
LEFTOVER = frozenset({AuditFinding.OBJECT_UNPLACED})


class ViolationError(AssertionError):
    """A promise is broken."""


@dataclass(frozen=True)
class Known:
    """What the world outside has been told, or can see, at the moment of a crash."""

    shift: Mapping[str, bytes]  # everything that lay on the recorder: path -> bytes
    cleared: Collection[str] = ()  # paths that the recorder has forgotten
    leaves: tuple[bytes, ...] = ()  # entries that were acknowledged to somebody, from entry 0 on
    sealed: Collection[str] = ()  # digests that were reported as sealed


def check_nothing_lost(house: House, known: Known) -> None:
    """Hold what was promised before the crash; something may still be missing, and be read again.

    1. Every acknowledged entry is there, byte for byte.
    2. What was reported as sealed is sealed, and the vault gives its bytes.
    3. The recorder was cleared only of what is sealed, certified, and given back.
    4. The audit finds nothing but bytes that wait for their entry.
    """
    there = tuple(house.store.leaf(index) for index in range(house.store.size))
    if there[: len(known.leaves)] != known.leaves:
        raise ViolationError(f"entries lost: {len(there)} of {len(known.leaves)}")
    entries = house.entries()
    sealed = [entry.body["sha256"] for entry in entries if entry.type == "segment.sealed"]
    lost = set(known.sealed) - set(sealed)
    if lost:
        raise ViolationError(f"reported as sealed, and is not: {sorted(lost)}")
    certified = _certified(entries)
    for path in known.cleared:
        digest = sha256(known.shift[path]).hexdigest()
        if f"s:{digest}" not in certified:
            raise ViolationError(f"{path} was cleared and never certified")
    for digest in {*sealed, *(sha256(known.shift[path]).hexdigest() for path in known.cleared)}:
        _held(house, digest)
    _clean(house.audit(catalogue=False), LEFTOVER)


def check_whole(house: House, shift: Collection[bytes], leftover: Collection[str] = ()) -> None:
    """Hold that everything is in custody exactly once, and that nothing else lies about.

    ``leftover``: names of objects that the audit may find without an entry.
    """
    wanted = {sha256(content).hexdigest(): content for content in shift}
    once = Counter(dict.fromkeys(wanted, 1))
    sealed = Counter(entry.body["sha256"] for entry in house.entries("segment.sealed"))
    if sealed != once:
        raise ViolationError(f"sealed twice {sealed - once}, never {once - sealed}")
    for digest, content in wanted.items():
        if _held(house, digest) != content:
            raise ViolationError(f"{digest} has other bytes")
    _tidy(house)
    _clean(house.audit(), (), leftover)


def _certified(entries: Sequence[Entry]) -> set[str]:
    return {
        subject
        for entry in entries
        if entry.type == "docking.certified"
        for subject in entry.about
        if subject.startswith("s:")
    }


def _held(house: House, digest: str) -> bytes:
    """Return the bytes of a segment as the medium gives them, if they are there and its own."""
    if house.objects.size(digest) is None:
        raise ViolationError(f"{digest} is not in the vault")
    content = b"".join(map(bytes, house.objects.read_back(digest)))
    if sha256(content).hexdigest() != digest:
        raise ViolationError(f"{digest} is damaged")
    return content


def _tidy(house: House) -> None:
    """Hold that no file is left half way: every staged one was finished or taken away."""
    staged = [
        *(house.root / "vault" / "staging").iterdir(),
        *(house.root / "private" / "staging").iterdir(),
    ]
    if staged:
        raise ViolationError(f"left in the staging: {[path.name for path in staged]}")


def _clean(report: AuditReport, allowed: Collection[str], leftover: Collection[str] = ()) -> None:
    found = [
        each
        for each in report.findings
        if each.code not in allowed
        and not (each.code in LEFTOVER and each.facts["name"] in leftover)
    ]
    if found:
        raise ViolationError(f"the audit found {found}")
