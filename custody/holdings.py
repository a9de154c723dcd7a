"""One segment in the vault against the entry that sealed it.  Pure but for the port; any thread."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import cast

from custody.findings import AuditFinding, Found
from evidence.digest import digest_of
from evidence.errors import DigestMismatchError, IntegrityError, MalformedError, VaultError
from evidence.json import JsonObject
from evidence.media import Cut
from evidence.merkle import leaf_hash, root_hash
from evidence.ports import Objects
from evidence.slices import ROLL_LIMIT_BYTES, SliceHasher, check_cuts, parse_roll

RECORD_LIMIT_BYTES = 512  # of one line of a roll; no record of ours comes near it


class Level(StrEnum):
    """How deep an audit looks into the vault."""

    PRESENCE = "presence"  # every object has its name there
    SIZE = "size"  # and its size; the rolls of slices are read and checked
    DIGEST = "digest"  # and every byte is read from the medium and digested
    SLICES = "slices"  # and digested once more, slice by slice


READING = frozenset({Level.DIGEST, Level.SLICES})  # levels at which bytes of segments are read


@dataclass(frozen=True, slots=True)
class Holding:
    """What an entry ``segment.sealed`` says of the vault; digests and root in hex."""

    entry: int
    sha256: str
    size: int  # bytes
    count: int  # slices
    root: str
    roll: str  # SHA-256 of the roll of slices


@dataclass(frozen=True, slots=True)
class Roll:
    """The roll of slices as it lies in the vault, found to be the one that was sealed."""

    lines: tuple[bytes, ...]
    cuts: tuple[Cut, ...]


def check_holding(holding: Holding, objects: Objects, level: Level) -> list[Found]:
    """Return what is wrong with one segment in the vault; nothing is repaired.

    Level ``digest`` digests each byte once, and the slices only of a segment that is damaged.
    That is as good against whoever changes the vault, for nobody can change a sealed slice digest
    in it; only level ``slices`` sees a segment whose slices were sealed wrong in the first place.
    """
    try:
        guards = _check_guards(holding, objects)
        files = all(each.facts["because"] != "no_file" for each in guards)
        return guards + (_check(holding, objects, level) if files else [])
    except (VaultError, IntegrityError) as error:
        return [_found(AuditFinding.OBJECT_UNREADABLE, holding, because=error.word)]


def _check_guards(holding: Holding, objects: Objects) -> list[Found]:
    """Tell what is not kept as it was placed; what is no file (a pipe) must not even be opened."""
    found = []
    for name in (holding.sha256, holding.roll) if holding.count else (holding.sha256,):
        because = objects.unguarded(name)
        if because:
            unguarded = AuditFinding.OBJECT_UNGUARDED
            if because == "no_file":
                unguarded = AuditFinding.OBJECT_UNREADABLE
            found.append(_found(unguarded, holding, name=name, because=because))
    return found


def _check(holding: Holding, objects: Objects, level: Level) -> list[Found]:
    there = objects.size(holding.sha256)
    rolled = holding.count == 0 or objects.size(holding.roll) is not None
    found = []
    if there is None:
        found.append(_found(AuditFinding.OBJECT_MISSING, holding))
    if not rolled:
        found.append(_found(AuditFinding.SLICES_MISSING, holding, sha256=holding.roll))
    if level is Level.PRESENCE:
        return found
    if there not in {None, holding.size}:
        found.append(_found(AuditFinding.OBJECT_SIZE, holding, expected=holding.size, found=there))
    roll = _read_roll(holding, objects, found) if rolled else None
    # More bytes than were sealed are other bytes: nobody makes us read a petabyte of zeros.
    if level in READING and there is not None and there <= holding.size:
        found += _check_bytes(holding, objects, roll, slices=level is Level.SLICES)
    return found


def read_roll(holding: Holding, objects: Objects) -> Roll:
    """Return the roll of slices; ``MalformedError`` when it is not the one that was sealed."""
    limit = min(ROLL_LIMIT_BYTES, holding.count * RECORD_LIMIT_BYTES) + 1
    data = b"".join(objects.read(holding.roll, 0, limit)) if holding.count else b""
    return parse_roll_of(holding, data)


def _read_roll(holding: Holding, objects: Objects, found: list[Found]) -> Roll | None:
    """Return the roll, or None and a finding when it is not the one that was sealed."""
    try:
        return read_roll(holding, objects)
    except MalformedError as error:
        found.append(_found(AuditFinding.SLICES_DAMAGED, holding, because=error.word))
        return None


def parse_roll_of(holding: Holding, data: bytes) -> Roll:
    """Return the roll that ``data`` holds; ``MalformedError`` when it is not the sealed one."""
    if sha256(data).hexdigest() != holding.roll:
        raise MalformedError("roll_digest")
    cuts = tuple(cut_of(record) for record in parse_roll(data))
    lines = tuple(data.split(b"\n")[:-1])
    root = root_hash(leaf_hash(line) for line in lines).hex()
    if (len(lines), root) != (holding.count, holding.root):
        raise MalformedError("roll_root")
    check_cuts(cuts, holding.size)
    return Roll(lines, cuts)


def _check_bytes(
    holding: Holding, objects: Objects, roll: Roll | None, *, slices: bool
) -> list[Found]:
    """Read every byte from the medium, past the page cache; say which slice has other bytes."""
    if roll is None or not slices:
        whole = digest_of(objects.read_back(holding.sha256))
        if roll is None or whole == holding.sha256:
            return _check_whole(holding, whole)
    hasher = SliceHasher(roll.cuts)
    try:
        for view in objects.read_back(holding.sha256):
            hasher.update(view)
        whole, records = hasher.finish()
    except DigestMismatchError as error:  # bytes too many or too few for its slices
        return [_found(AuditFinding.OBJECT_DIGEST, holding, found=error.word)]
    found = _check_whole(holding, whole)
    wrong = [i for i, record in enumerate(records) if record != roll.lines[i]]
    if wrong:
        offset = roll.cuts[wrong[0]].offset
        found.append(
            _found(
                AuditFinding.SLICES_DIFFER,
                holding,
                slices=len(wrong),
                first=wrong[0],
                offset=offset,
            )
        )
    return found


def _check_whole(holding: Holding, whole: str) -> list[Found]:
    if whole == holding.sha256:
        return []
    return [_found(AuditFinding.OBJECT_DIGEST, holding, found=whole)]


def cut_of(record: JsonObject) -> Cut:
    """Return the cut that a record describes, whose form ``parse_roll`` has checked."""
    fields = (record[each] for each in ("off", "len", "key", "pts0", "pts1", "n"))
    return Cut(*cast("tuple[int, int, bool, int | None, int | None, int]", tuple(fields)))


def _found(code: AuditFinding, holding: Holding, **facts: int | str | None) -> Found:
    return Found(code, holding.entry, f"s:{holding.sha256}", facts)
