"""A bureau that closes its weeks, in memory; ``NOON`` of the clock is Sunday 2026-11-22, 12:00 UTC.

That is 20:00 in Shanghai, in week 2026-W47.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from custody.weeks import close_week, week_of
from evidence.checkpoint import Checkpoint, encode
from evidence.codec import format_time
from evidence.merkle import leaf_hash, root_hash
from evidence.tiles import TILE_WIDTH, encode_bundle, entries_path, tile_path
from evidence.weeks import Hours, parse_week
from tests.fakes.clock import FixedClock
from tests.fakes.desk import EAST, SQUAD, MemoryHouse, small_bureau
from tests.fakes.house import SHANGHAI

W47 = parse_week("2026-W47")
HOURS = Hours(SHANGHAI, timedelta(hours=8))


class MemoryTiles:
    """As much of a published tree as a week asks for: the newest checkpoint, and the bundles."""

    def __init__(self, ledger):
        self.ledger = ledger

    def checkpoint(self):
        leaves = self.ledger.leaves
        root = root_hash(map(leaf_hash, leaves))
        return encode(Checkpoint("memory", len(leaves), root)).encode() + b"\n- none\n"

    def read(self, path):
        leaves = self.ledger.leaves
        if path.startswith("tile/") and not path.startswith("tile/entries/"):
            return self.tile(path)
        bundles = (
            leaves[first : first + TILE_WIDTH] for first in range(0, len(leaves), TILE_WIDTH)
        )
        named = ((entries_path(n, len(each)), each) for n, each in enumerate(bundles))
        return next((encode_bundle(each) for name, each in named if name == path), None)

    def tile(self, path):
        """The tile of hashes at a path, of any width up to that of today."""
        level, hashes = 0, [leaf_hash(each) for each in self.ledger.leaves]
        while hashes:
            for n, first in enumerate(range(0, len(hashes), TILE_WIDTH)):
                chunk = hashes[first : first + TILE_WIDTH]
                for width in range(1, len(chunk) + 1):
                    if tile_path(level, n, width) == path:
                        return b"".join(chunk[:width])
            full = range(0, len(hashes) - TILE_WIDTH + 1, TILE_WIDTH)
            level, hashes = level + 1, [root_hash(hashes[n : n + TILE_WIDTH]) for n in full]
        return None

    def names(self):
        yield from ()


def local(text):
    """A moment in Shanghai: ``11-22 09:30``."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


class Weekly:
    """A bureau; the clock is set to local times, forward only, and things happen."""

    def __init__(self, house=None, start="11-16 00:30"):
        house = house or MemoryHouse(FixedClock(local(start)))
        if isinstance(house, MemoryHouse):
            house.tiles = MemoryTiles(house.ledger)
        self.bureau = small_bureau(house)
        self.own = self.bureau.recorder()  # the officer's
        self.count = 0
        self.sealed = {}

    @property
    def ledger(self):
        return self.bureau.ledger

    def at(self, text):
        """Let it be that local time."""
        now = self.bureau.now
        self.bureau.clock.forward(seconds=(local(text) - now).total_seconds())
        return self

    def docking(self, *recorded, recorder=None, outcome="complete", **more):
        """Dock a recorder with footage of these local times; return the segments."""
        name = self.own if recorder is None else recorder
        self.count += 1
        docking = f"d:{5000 + self.count:032x}"
        about = (docking, *([name] if name else []))
        write = self.bureau.write
        write("docking.opened", about, {"slot": "1"}, by="sys:ingest")
        clock = {"kind": "measured", "offset_ms": 0, "how": None}
        body = {"clock": clock, "noted": []}
        inventory = write("inventory.taken", about, body, by="sys:ingest")
        names = [f"{self.count}-{n}" for n in range(len(recorded))]
        rows = zip(more.pop("names", names), recorded, strict=True)
        found = [self.seal(row, about, inventory, **more) for row in rows]
        if outcome:
            write("docking.ended", about, {"outcome": outcome}, by="sys:ingest")
        return tuple(found)

    def seal(self, row, about, inventory, *, noted=(), corrected=None):
        name, recorded = row
        digest = sha256(f"week {name}".encode()).hexdigest()
        known = self.sealed.get(digest)
        seen = {"docking": about[0], "line": 0, "inventory": inventory, "important": False}
        seen |= {"claimed_at": format_time(local(recorded)) if recorded else None}
        seen |= {"claimed_from": "name", "corrected_at": corrected}
        body = {"sighting": seen, "noted": [{"finding": each} for each in noted]}
        if known is None:
            body |= {"size": 100, "sha256": digest, "duration_ms": 9}
        else:
            body |= {"sealed": known, "read": "whole"}
        kind = "segment.sealed" if known is None else "segment.seen"
        entry = self.bureau.write(kind, (f"s:{digest}", *about), body, by="sys:ingest")
        self.sealed.setdefault(digest, entry)
        return f"s:{digest}"

    def label(self, *segments, **more):
        for each in segments:
            self.bureau.label(each, ["officer"], **more)

    def look(self, unit=EAST, week=W47, hours=HOURS):
        return week_of(self.bureau.desk, unit, week, hours)

    def close(self, by="supervisor", unit=EAST, week=W47, hours=HOURS):
        return close_week(self.bureau.desk, self.bureau.actor(by), unit, week, hours)

    def pooled(self, serial="P000001", where=SQUAD):
        """A recorder of the pool."""
        recorder = self.bureau.recorder(serial)
        self.bureau.bind(recorder, None, where, local("11-01 08:00"))
        return recorder

    def hand(self, recorder, out, back=None, *, due=None):
        """Hand it out, and bring it back."""
        ends = local(due) if due else None
        self.bureau.handover("handover.out", recorder, "mate", SQUAD, local(out), due=ends)
        if back:
            self.bureau.handover("handover.in", recorder, "mate", SQUAD, local(back), due=ends)
