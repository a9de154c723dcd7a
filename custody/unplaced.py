"""Objects in the vault that no entry names: of a docking that was cut, or put there by hand."""

import re
from collections.abc import Callable, Collection, Iterator

from custody.fields import digest, integer, mapping
from custody.findings import AuditFinding, Findings, Found
from custody.holdings import READING, Level
from custody.shelves import Shelves
from custody.spare import Sized, spare_rolls
from evidence.checkpoint import parse
from evidence.codec import decode_entry
from evidence.digest import digest_of
from evidence.errors import IntegrityError, VaultError
from evidence.json import JsonObject
from evidence.note import VerifierKey, open_note
from evidence.ports import Objects, Tiles
from evidence.tiles import TILE_WIDTH

OURS_LIMIT_BYTES = 64 << 30  # more than any recorder writes in one file: not read to the end
_NAME = re.compile(r"[0-9a-f]{64}")


def find_unplaced(
    objects: Objects,
    placed: Callable[[bytes], bool],
    since: Callable[[], set[str]],
    sealed: Sized,
    level: Level,
) -> Iterator[Found]:
    """Yield a finding for each object that no entry names, ``placed`` being those that are.

    A spare roll of a segment that is ``sealed`` has its place too.  ``since`` is asked last: what
    was sealed while the audit ran is not accused.  What a docking under way has stored and not yet
    sealed is, for nothing tells it from a forgery.  What is still in the staging has no name in
    the vault.
    """
    strangers = [name for name in objects.names() if not _is_placed(name, placed)]
    named = since() if strangers else set()
    accused = {name for name in strangers if name not in named}
    ours = {name for name in accused if _NAME.fullmatch(name)}
    placed_beside = spare_rolls(ours, objects, sealed, level) if ours else set()
    for name in strangers:
        if name in accused - placed_beside:
            yield _describe(name, objects, level)


def placed_since(tiles: Tiles, key: VerifierKey, size: int) -> set[str]:
    """Return the digests that entries from ``size`` on name; none where they cannot be read."""
    named: set[str] = set()
    try:
        newest = parse(open_note(tiles.checkpoint() or b"", [key])).size
        shelves = Shelves(tiles, newest, Findings())
        for number in range(size // TILE_WIDTH, -(-newest // TILE_WIDTH)):
            for raw in shelves.bundle(number) or ():
                entry = decode_entry(raw)
                if entry.type == "segment.sealed":
                    named.add(digest(entry.body, "sha256"))
                    named.add(digest(mapping(entry.body, "slices"), "sha256"))
    except IntegrityError:
        return named
    return named


def sealed_of(tiles: Tiles, key: VerifierKey, sizes: Collection[int]) -> Iterator[tuple[str, int]]:
    """Yield name and size of every sealed segment of one of ``sizes``, as far as can be read."""
    try:
        size = parse(open_note(tiles.checkpoint() or b"", [key])).size
        shelves = Shelves(tiles, size, Findings())
        for number in range(-(-size // TILE_WIDTH)):
            for raw in shelves.bundle(number) or ():
                entry = decode_entry(raw)
                if entry.type == "segment.sealed" and entry.body.get("size") in sizes:
                    yield digest(entry.body, "sha256"), integer(entry.body, "size")
    except IntegrityError:
        return


def _is_placed(name: str, placed: Callable[[bytes], bool]) -> bool:
    return _NAME.fullmatch(name) is not None and placed(bytes.fromhex(name))


def _describe(name: str, objects: Objects, level: Level) -> Found:
    """Say whether it could be ours: its name is a digest and, where bytes are read, its own."""
    ours = _NAME.fullmatch(name) is not None
    size: int | None = None
    try:
        if ours:
            size = objects.size(name)
            ours = objects.unguarded(name) != "no_file"
        if ours and level in READING and (size or 0) <= OURS_LIMIT_BYTES:
            ours = digest_of(objects.read_back(name)) == name
    except VaultError:
        ours = False
    facts: JsonObject = {"name": name, "ours": ours, "size": size}
    return Found(AuditFinding.OBJECT_UNPLACED, None, f"s:{name}" if ours else None, facts)
