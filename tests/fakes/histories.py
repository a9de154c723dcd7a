"""Plausible ledgers without a ledger: entries and statements as sessions would have written them.

Nothing is signed and no digest is of anything; a catalogue asks for neither.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from evidence.codec import format_time
from evidence.entry import Commitment, Entry, Private, Statement
from evidence.json import Json
from tests.fakes.desk_histories import add_every_act
from tests.fakes.keep_histories import add_every_keeping

Pair = tuple[Entry, Statement | None]

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
KINDS = ("video", "video", "video", "video", "audio", "photo", "log", "unknown", "empty")
FINDINGS = ("gap_inside", "no_audio", "variable_rate", "clock_reset", "from_the_future")
SEAMS = ("contiguous", "contiguous", "pause", "gap", "hole", "unknown")


class History:
    """Writes entries one after the other; the same seed gives the same history."""

    def __init__(self, seed: int = 0, people: int = 20) -> None:
        self.random = Random(seed)
        self.people = people  # as many officers, and recorders
        self.pairs: list[Pair] = []
        self.now = START
        self.size = 0
        self.sealed: dict[str, int] = {}  # sha256: index of segment.sealed
        self._last: dict[str, int] = {}

    def add(
        self, kind: str, about: Sequence[str], body: dict[str, Json], private: Private | None = None
    ) -> int:
        """Write one entry and return its index."""
        seq = self.size
        self.now += timedelta(milliseconds=self.random.randrange(1, 5000))
        statement = private and self._statement(private)
        entry = Entry(
            type=kind,
            station="rack-1",
            seq=seq,
            at=self.now,
            actor="sys:ingest",
            about={subject: self._last.get(subject) for subject in about},
            statement=Commitment(statement.of, self.hex(64)) if statement else None,
            body=body,
        )
        self._last |= dict.fromkeys(about, seq)
        self.size += 1
        self.pairs.append((entry, statement))
        return seq

    def hex(self, digits: int) -> str:
        """Return random hex."""
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"

    def forget(self) -> None:
        """Let go of what was written, so that a long history needs no memory."""
        self.sealed.clear()
        self._last.clear()

    def start(self) -> None:
        """Write entry 0."""
        body = {"origin": "org.example/dock/rack-1/1", "vkey": "rack-1+00+AA", "software": "0"}
        self.add("ledger.started", (), body)

    def configured(self, **settings: Json) -> None:
        """Write that these settings are in force from here on."""
        told = {"vault.sm3": False, **settings}
        body = {"sha256": self.hex(64), "settings": told, "changed": sorted(told)}
        self.add("configuration.changed", (f"b:{5:064x}",), {**body, "software": "0"})

    def docking(self, files: int = 3, again: Sequence[str] = (), **told: Json) -> str:
        """Write a whole docking with ``files`` new segments and those of ``again``; return d:…."""
        return _Docking(self, told).write(files, again)

    def alarm(self) -> None:
        """Write an alarm about a segment, or about nothing."""
        about = [f"s:{sha256}" for sha256 in list(self.sealed)[:1]]
        self.add("alarm.raised", about, {"alarm": "digest_differs", "facts": {"line": 1}})

    def clock(self) -> None:
        """Write that a person accepted a step of our own clock."""
        body = {"before": format_time(self.now), "after": format_time(self.now - timedelta(1))}
        self.add("clock.accepted", (), body)

    def audit(self) -> None:
        """Write that an audit was done."""
        size = self.size
        body = {"level": "size", "size": size, "root": self.hex(64), "findings": 0}
        self.add("audit.done", (), {**body, "verdict": "intact"})

    def _statement(self, private: Private) -> Statement:
        lines = tuple({**line, "salt": self.hex(32)} for line in private.lines)
        return Statement(private.of, self.hex(64), private.facts, lines)


class _Docking:
    def __init__(self, history: History, told: dict[str, Json]) -> None:
        self.history = history
        random = history.random
        self.docking = f"d:{history.hex(32)}"
        number = random.randrange(history.people)
        self.slot = str(told.get("slot", f"slot-{random.randrange(1, 5)}"))
        self.officer = str(told.get("officer", str(100000 + random.randrange(history.people))))
        self.recorder = str(told.get("recorder", f"r:{number:064x}"))
        self.device = f"DSJ{number:04d}"
        self.about = (self.docking, self.recorder)
        self.inventory = 0
        self.names: list[str] = []

    def write(self, files: int, again: Sequence[str]) -> str:
        history, random = self.history, self.history.random
        self.opened()
        self.inventoried(files + len(again))
        if random.random() < 0.3:
            self.observed()
        for line, sha256 in enumerate(again):
            self.seen(sha256, line)
        for line in range(len(again), len(again) + files):
            if random.random() < 0.05:
                self.left(line)
            else:
                self.seal(line)
        if self.names:
            self.judged()
            self.certified()
        self.ended(files + len(again), len(again))
        history.now += timedelta(minutes=random.randrange(1, 600))
        return self.docking

    def opened(self) -> None:
        body = {"slot": self.slot, "driver": "disk", "battery": 80, "sources": [], "after": "keep"}
        facts = {"where": "/dev/sda", **self.who(), "maker": "TC", "volume": "FAT32:1A2B-3C4D"}
        self.history.add("docking.opened", self.about, body, Private(self.docking, facts))

    def who(self) -> dict[str, Json]:
        return {"serial": "A1", "device": self.device, "officer": self.officer, "unit": None}

    def inventoried(self, files: int) -> None:
        body = {
            "files": files,
            "bytes": files << 20,
            "deleted": 0,
            "file_system": "FAT32",
            "total_bytes": 1 << 36,
            "free_bytes": 1 << 35,
            "noted": [],
            "clock": {"kind": "measured", "offset_ms": 90_000, "how": "vendor"},
        }
        day = format_time(self.history.now)
        times = {"modified": day, "created": None, "inode": 3, "deleted": False, "raw": None}
        lines = tuple(
            {"line": line, "path": f"DCIM/{line}.MP4", "size": 1 << 20, **times}
            for line in range(files)
        )
        private = Private(self.docking, lines=lines)
        self.inventory = self.history.add("inventory.taken", self.about, body, private)

    def observed(self) -> None:
        noted = [{"finding": "identity_conflict", "devices": 2}]
        body = {"agrees": False, "sources": [], "noted": noted}
        private = Private(self.docking, self.who())
        self.history.add("identity.observed", self.about, body, private)

    def seal(self, line: int) -> None:
        history, random = self.history, self.history.random
        sha256, kind = history.hex(64), random.choice(KINDS)
        picture = {"kind": "video", "codec": "h264", "width": 1920, "height": 1080}
        tracks = [picture, {"kind": "audio", "codec": "aac", "width": None}]
        body = {
            "size": random.randrange(1 << 28),
            "sha256": sha256,
            "sm3": None,
            "kind": kind,
            "container": "mp4",
            "duration_ms": random.randrange(600_000),
            "parser": "boxes/1",
            "tracks": tracks if kind == "video" else [],
            "slices": {"count": 1, "root": sha256, "sha256": sha256},
            **self.sighting(line),
        }
        about = (f"s:{sha256}", *self.about)
        history.sealed[sha256] = history.add("segment.sealed", about, body, self.private(sha256))
        self.names.append(sha256)

    def seen(self, sha256: str, line: int) -> None:
        body = {"sealed": self.history.sealed[sha256], **self.sighting(line)}
        about = (f"s:{sha256}", *self.about)
        self.history.add("segment.seen", about, body, self.private(sha256))
        self.names.append(sha256)

    def sighting(self, line: int) -> dict[str, Json]:
        random = self.history.random
        claimed = self.history.now - timedelta(seconds=random.randrange(-600, 100_000))
        corrected = claimed - timedelta(seconds=90)
        finding = random.choice(FINDINGS) if random.random() < 0.99 else "truncated"
        return {
            "sighting": {
                "docking": self.docking,
                "line": line,
                "inventory": self.inventory,
                "important": random.random() < 0.05,
                "claimed_at": format_time(claimed) if random.random() < 0.9 else None,
                "claimed_from": "name",
                "corrected_at": format_time(corrected) if random.random() < 0.5 else None,
            },
            "noted": [{"finding": finding, "at_ms": line}] if random.random() < 0.1 else [],
        }

    def private(self, sha256: str) -> Private:
        names = {"maker": "TC", "device": self.device, "officer": self.officer, "number": 7}
        return Private(f"s:{sha256}", {"path": "DCIM/7.MP4", "pattern": "tc", **names})

    def left(self, line: int) -> None:
        noted = [{"finding": "left_behind", "because": "unreadable"}]
        body = {"line": line, "because": "unreadable", "noted": noted}
        self.history.add("segment.left", self.about, body)

    def judged(self) -> None:
        names = [f"s:{name}" for name in dict.fromkeys(self.names)]
        for start in range(0, len(names), 40):
            part = names[start : start + 41]
            seams = [self.seam(pair, line) for line, pair in enumerate(self.pairs(part), start)]
            body = {"act": self.docking, "part": start // 40, "parts": 1, "seams": seams}
            self.history.add("seams.judged", (self.docking, *part), body)

    def pairs(self, names: list[str]) -> Iterator[tuple[str, str | None]]:
        yield from zip(names, [*names[1:], None], strict=True)

    def seam(self, pair: tuple[str, str | None], line: int) -> dict[str, Json]:
        kind = self.history.random.choice(SEAMS)
        because = "no_time" if kind == "unknown" else None
        before, after = pair
        lines = [line, line + 1 if after else None]
        ends = {"before": before, "after": after, "lines": lines}
        return {**ends, "kind": kind, "ms": 40, "because": because}

    def certified(self) -> None:
        names = [f"s:{name}" for name in dict.fromkeys(self.names)]
        part = names[:90]
        body = {"act": "a", "part": 0, "parts": 1, "whole": True, "lines": list(range(len(part)))}
        index = self.history.add("docking.certified", (*self.about, *part), body)
        erased = {"certified": [index], "lines": list(range(len(part))), "remaining": 0}
        self.history.add("docking.erased", self.about, erased)

    def ended(self, files: int, seen: int) -> None:
        counts = {"files": files, "sealed": files - seen, "seen": seen, "left": 0}
        body = {"outcome": "complete", "recorder": "erased", **counts}
        rest = {"bytes": files << 20, "ms": 1234, "because": None}
        self.history.add("docking.ended", self.about, {**body, **rest})


def every_type(seed: int = 0) -> list[Pair]:
    """Return a history with every type of entry, a segment seen twice among them."""
    history = History(seed)
    history.start()
    history.docking(4)
    while len({pair[0].type for pair in history.pairs}) < 11:  # left and observed come by chance
        history.docking(8, again=list(history.sealed)[:2])
    history.alarm()
    history.clock()
    history.audit()
    history.configured()
    add_every_act(history)
    add_every_keeping(history)
    return history.pairs


def some(seed: int, steps: Sequence[int]) -> list[Pair]:
    """Return a history of ``steps``: how many new files each docking brings."""
    history = History(seed)
    history.start()
    for files in steps:
        known = list(history.sealed)
        again = history.random.sample(known, min(len(known), files // 2))
        history.docking(files, again)
        history.random.choice((history.alarm, history.clock, history.audit))()
    return history.pairs


def renumbered(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the pairs in another order as one ledger: no session would have written it."""
    return [(replace(entry, seq=seq), statement) for seq, (entry, statement) in enumerate(pairs)]


def without_keys(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the pairs as they are when every key has been destroyed."""
    return [(entry, None) for entry, _ in pairs]


def batches(pairs: Sequence[Pair], size: int) -> Iterator[list[Pair]]:
    """Yield the pairs in lists of ``size``."""
    for start in range(0, len(pairs), size):
        yield list(pairs[start : start + size])
