"""One docked recorder, from plug to "cleared", in memory: what an audit must find clean."""

import random
from hashlib import sha256

from custody.audit import Sources, audit
from custody.holdings import Level
from evidence.media import Cut
from evidence.slices import SliceHasher, roll
from tests.fakes.objects import MemoryObjects
from tests.unit.custody.book import KEY, Book, codes

DOCKING = "d:" + "0d" * 16
RECORDER = "r:" + "4e" * 32
FILES = [random.Random(number).randbytes(length) for number, length in enumerate((3000, 700, 0))]
NAMES = [sha256(content).hexdigest() for content in FILES]
SEGMENTS = [f"s:{name}" for name in NAMES]


def cuts_of(size):
    """Small slices, so that a small file has several."""
    return tuple(
        Cut(at, min(1000, size - at), at == 0, None, None, 0) for at in range(0, size, 1000)
    )


class Shift:
    """Writes the entries of one docking step by step; each test leaves out or changes one."""

    def __init__(self, more=()):
        self.files = [*FILES, *more]
        self.names = [sha256(content).hexdigest() for content in self.files]
        self.book = Book()
        self.objects = MemoryObjects()
        self.rolls = []
        self.index_of = {}

    def note(self, name, index):
        self.index_of[name] = index
        return index

    def open(self, docking=DOCKING):
        body = {"slot": 1, "driver": "simulated", "battery": 80, "sources": [], "after": "erase"}
        about = (docking, RECORDER)
        self.note(
            "opened", self.book.write("docking.opened", body, about, facts={"serial": "1234567"})
        )

    def inventory(self, docking=DOCKING, **fields):
        lines = [
            {"line": line, "path": f"F{line}.MP4", "size": len(content), "deleted": False}
            for line, content in enumerate(FILES)
        ]
        lines.append({"line": 3, "path": "GONE.MP4", "size": 9, "deleted": True})
        body = {"files": 3, "bytes": 3700, "deleted": 1, "noted": [], **fields}
        about = (docking, RECORDER)
        self.note("inventory", self.book.write("inventory.taken", body, about, lines=lines))

    def sighting(self, line, docking=DOCKING, **fields):
        inventory = self.index_of.get("inventory", 0)
        return {"docking": docking, "line": line, "inventory": inventory, **fields}

    def store(self, line):
        content, name = self.files[line], self.names[line]
        hasher = SliceHasher(cuts_of(len(content)))
        hasher.update(memoryview(content))
        made, data = roll(hasher.finish()[1])
        self.objects.objects[name] = content
        if made.count:
            self.objects.objects[made.sha256] = data
        return made

    def seal(self, line, *, noted=(), **fields):
        made = self.store(line)
        self.rolls.append(made.sha256)
        body = {
            "size": len(self.files[line]),
            "sha256": self.names[line],
            "slices": {"count": made.count, "root": made.root, "sha256": made.sha256},
            "sighting": self.sighting(line),
            "noted": [{"finding": each} for each in noted],
            **fields,
        }
        about = (f"s:{self.names[line]}", DOCKING, RECORDER)
        index = self.book.write("segment.sealed", body, about, facts={"path": f"F{line}"})
        self.note(f"sealed{line}", index)

    def see(self, line, docking=DOCKING, **fields):
        body = {
            "sealed": self.index_of[f"sealed{line}"],
            "sighting": self.sighting(line, docking),
            "noted": [],
            **fields,
        }
        about = (SEGMENTS[line], docking, RECORDER)
        self.note("seen", self.book.write("segment.seen", body, about, facts={"path": "again"}))

    def judge(self, before=0, after=1, /, **fields):
        seam = {
            "before": SEGMENTS[before],
            "after": SEGMENTS[after],
            "lines": [before, after],
            "kind": "contiguous",
            **fields,
        }
        body = {"act": "a", "part": 0, "parts": 1, "seams": [seam]}
        about = (DOCKING, SEGMENTS[before], SEGMENTS[after])
        self.note("judged", self.book.write("seams.judged", body, about))

    def certify(self, lines=(0, 1, 2), /, *, named=None, **fields):
        body = {"act": "c", "part": 0, "parts": 1, "whole": len(lines) == 3, "lines": list(lines)}
        segments = named if named is not None else [SEGMENTS[line] for line in lines]
        about = (DOCKING, RECORDER, *segments)
        self.note("certified", self.book.write("docking.certified", {**body, **fields}, about))

    def erase(self, lines=(0, 1, 2), /, **fields):
        body = {"certified": [self.index_of["certified"]], "lines": list(lines), "remaining": 0}
        about = (DOCKING, RECORDER)
        self.note("erased", self.book.write("docking.erased", {**body, **fields}, about))

    def end(self, docking=DOCKING, **fields):
        body = {"outcome": "complete", "sealed": 3, "seen": 0, "left": 0, **fields}
        self.note("ended", self.book.write("docking.ended", body, (docking, RECORDER)))

    def sources(self, **fields):
        options = {
            "tiles": self.book.tiles,
            "key": KEY,
            "objects": self.objects,
            "statements": self.book.statements,
            "index": self.book.last_of.get,
            "counted": lambda: (len(self.book.leaves), len(self.book.last_of)),
            "catalogue": lambda: (),
        }
        return Sources(**{**options, **fields})

    def audit(self, level=Level.SLICES, sources=None, **options):
        self.book.publish()
        return audit(sources or self.sources(), level, **options)


def whole_shift():
    """Return a docking on which nothing is wrong."""
    shift = Shift()
    shift.open()
    shift.inventory()
    for line in range(3):
        shift.seal(line)
    shift.judge()
    shift.certify()
    shift.erase()
    shift.end()
    return shift


def started():
    shift = Shift()
    shift.open()
    shift.inventory()
    shift.seal(0)
    return shift


def act(*steps):
    """Return the codes found when ``steps`` follow a docking with one sealed segment."""
    shift = started()
    for step in steps:
        step(shift)
    return codes(shift.audit().findings)
