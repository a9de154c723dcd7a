"""Disposals: entries as the acts write them, and a keeper over the stores of a house.

``Keepers`` stands on the real stores of ``tests.fakes.house.House``; ``MemoryKeepers`` on those in
memory, whose shredder and remover police the order: tombstone, words, bytes.
"""

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from custody.destroy import Keeper, run
from custody.disposals import list_root, tombstone_of
from custody.history import chain
from custody.judging import Look
from evidence.codec import format_time
from evidence.disposal import PART_SEGMENTS, Now
from evidence.entry import Draft
from evidence.keeping import KEEPING, Blocker, Ground, Keeping, Shelf
from tests.fakes.clock import NOON
from tests.fakes.recorder import MemoryRecorder
from vault.remover import LocalRemover

DISPOSAL = "x:" + "d" * 32
PROPOSER, APPROVER = "p:" + "1" * 32, "p:" + "2" * 32
LATER = Now(NOON + timedelta(days=300), "attested")


def ended(segment, now, blockers=()):
    """Return the keeping of a segment whose only ground ended a day before ``now``."""
    end = now.at - timedelta(days=1)
    ground = Ground("standard", "17", 1, None, NOON, "recorded", end)
    return Keeping(segment, (ground,), end, end, tuple(blockers))


def blocked(segment, now, code):
    """Return the keeping of a segment that something forbids to go."""
    return ended(segment, now, [Blocker(code, "supervisor", now.at, None)])


class Trusting:
    """Takes every agreement and every tombstone for lawful: for tests of what comes after that."""

    def agreed(self, disposal):
        del disposal
        return []

    def check(self, segment):
        pass


@dataclass
class Keepers:
    """A house with films in custody, and a keeper who judges as the test says."""

    house: object
    judge: object = ended
    homes: list = field(default_factory=list)
    ends: object = field(default_factory=Trusting)

    def dock(self, count=3, salt=b""):
        films = {f"{n}.mp4": b"film %d " % n * 2000 + salt for n in range(count)}
        self.recorder = MemoryRecorder(films)
        return self.house.dock(self.recorder)

    @property
    def segments(self):
        return sorted(entry.body["sha256"] for entry in self.house.entries("segment.sealed"))

    @property
    def subjects(self):
        return tuple(f"s:{each}" for each in self.segments)

    def write(self, kind, about, body, actor="sys:keeper", expect=None):
        draft = Draft(kind, actor, about, body, expect or {})
        return self.ledger.append([draft]).indexes[0]

    def propose(self, segments=None):
        listed = sorted(segments or self.subjects)
        batches = [listed[i : i + PART_SEGMENTS] for i in range(0, len(listed), PART_SEGMENTS)]
        drafts = []
        for number, batch in enumerate(batches):
            body = {
                "disposal": DISPOSAL,
                "act": "proposed",
                "part": number,
                "parts": len(batches),
                "count": len(listed),
                "bytes": 0,
                "root": list_root(tuple(listed)),
                "warning_until": format_time(NOON + timedelta(days=7)),
            }
            drafts.append(Draft("disposal.proposed", PROPOSER, (DISPOSAL, KEEPING, *batch), body))
        return self.ledger.append(drafts).indexes[0]

    def approve(self):
        until = format_time(LATER.at - timedelta(days=1))
        body = {"disposal": DISPOSAL, "undo_until": until}
        return self.write("disposal.approved", (DISPOSAL, KEEPING), body, APPROVER)

    def agree(self, segments=None):
        """Two people decide, in time; then it is time to run."""
        self.propose(segments)
        self.house.clock.forward(days=298)
        approved = self.approve()
        self.house.clock.forward(days=3)
        return approved

    @property
    def ledger(self):
        return self.house.ledger

    @property
    def size(self):
        return len(self.house.entries())

    @property
    def keeper(self):
        return Keeper(self.ledger, self.look, self.shredder, [self.remover, *self.homes], self.ends)

    @property
    def shredder(self):
        return self.house.store

    @property
    def remover(self):
        return LocalRemover(self.house.root / "vault", self.house.breaker)

    def look(self):
        return Look(self.ledger.last(KEEPING), self.judge, Shelf(None))

    def run(self, now=LATER):
        return run(self.keeper, DISPOSAL, now, lambda _decided: None)

    def there(self):
        """Return the segments whose bytes lie in the vault."""
        return sorted(set(self.house.objects.names()) & set(self.segments))

    @contextmanager
    def meanwhile(self, act):
        """Let something happen after the keeper has looked and before it writes, once."""
        before = self.judge

        def judge(segment, now):
            self.judge = before
            act(segment)
            return before(segment, now)

        self.judge = judge
        yield
        self.judge = before


class MemoryKeepers(Keepers):
    """The same in memory."""

    home = "local"

    @property
    def shredder(self):
        return self

    @property
    def remover(self):
        return self

    def shred(self, segments):
        for segment in segments:
            assert tombstone_of(self.ledger, segment), "words go under a tombstone only"
            for entry in chain(segment, self.ledger):
                if entry.statement and entry.statement.of == segment:
                    self.ledger.statements[entry.statement.sha256] = None

    def remove(self, tombstone):
        assert tombstone_of(self.ledger, tombstone.segment) == tombstone
        for entry in chain(tombstone.segment, self.ledger):
            if entry.statement and entry.statement.of == tombstone.segment:
                assert self.ledger.statements[entry.statement.sha256] is None, "words go first"
        there = self.house.objects.objects.pop(tombstone.sha256, None)
        return "removed" if there is not None else "absent"
