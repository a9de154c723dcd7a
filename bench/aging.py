"""A home whose footage grew old: sealed eleven months ago, its disposal agreed on, its keeper due.

The months before today are lived in one process with a clock that is told; the acts, the entries
and the stores are the real ones.  Today the real processes open the same home.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from appliance.clock import SystemClock
from appliance.home import Home
from appliance.launch import ledger_command
from appliance.ledgerplan import LedgerPlan
from bench.office import child
from custody.clockwatch import now_of
from custody.disposing import approve_disposal, propose_approval, propose_disposal
from custody.judging import Judges, Look
from custody.outside import AttestedTime, attest_day
from evidence.disposal import Now
from evidence.entry import Draft, Private
from tests.fakes.clock import FixedClock
from tests.fakes.desk import PEOPLE, SQUAD, Bureau, founded
from tests.fakes.grants import approval_of
from tests.fakes.house import FOUNDING, SHANGHAI, House
from tests.fakes.shelf import adopt, pack
from vault.client import LedgerClient

BEGIN, PROPOSED, APPROVED = timedelta(days=330), timedelta(days=30), timedelta(days=9)
WHO = ("chief", "inspector", "watcher", "supervisor", "head", "officer")
SAYING = ("chief", "inspector")  # which day it is
FILES_OF_A_DOCKING = 40
PACKS = ("jinzhong", "periods")


class Aged:
    """The home in ``root`` while it is lived in."""

    def __init__(self, root: Path) -> None:
        """Begin eleven months ago, with a few people and packs that are shipped."""
        self.now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
        self.clock = FixedClock(self.now - BEGIN)
        self.house = House(root, clock=self.clock)
        (Home(root).vault / "staging").mkdir(parents=True)
        self.bureau: Bureau = founded(self.house)
        for name in WHO:
            where, role = PEOPLE[name]
            self.bureau.enrol(name, where)
            self.bureau.role(name, role, where, since=self.clock.now())
        self.bureau.register("head")
        self.bureau.bind(self.bureau.recorder(), "officer", SQUAD, since=self.clock.now())
        for name in PACKS:
            adopt(self.bureau, pack(name))

    def seal(self, count: int, *, first: int = 0, kept: bool = True) -> list[str]:
        """Seal and label segments, docking after docking; ``kept``: their bytes are there too."""
        self.clock.forward(hours=1)
        found: list[str] = []
        for start in range(first, first + count, FILES_OF_A_DOCKING):
            self.bureau.take()
            numbers = range(start, min(start + FILES_OF_A_DOCKING, first + count))
            found += self._written(numbers)
            if kept:
                self._place(numbers)
        os.sync()
        return found

    def _place(self, numbers: range) -> None:
        """Put bytes to their places as the vault would, without a wait for the disk for each."""
        for number in numbers:
            data = f"segment {number}".encode()
            digest = sha256(data).hexdigest()
            place = Home(self.house.root).vault / "objects" / digest[:2] / digest
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
            place.chmod(0o444)

    def _written(self, numbers: range) -> list[str]:
        self.bureau.batch = []
        segments = [self.bureau.seal(number) for number in numbers]
        for segment in segments:
            self.bureau.label(segment, ["officer"])
        drafts, self.bureau.batch = self.bureau.batch, None
        self.bureau.ledger.append([_with_path(each) for each in drafts])
        return segments

    def dispose(self, segments: Sequence[str]) -> str:
        """Let two people agree that they go, each in their time; return the disposal."""
        desk, reason = self.bureau.desk, "over"
        self._forward_to(self.now - PROPOSED)
        actor, look = self.bureau.actor("supervisor"), self._look()
        found = propose_disposal(desk, actor, look, segments, reason, now=self._time())
        self._forward_to(self.now - APPROVED)
        actor, look, now = self.bureau.actor("head"), self._look(), self._time()
        approving = propose_approval(desk, actor, look, found.id, reason, now=now)
        signed = approval_of(self.bureau, "head", approving)
        approve_disposal(desk, actor, look, approving, signed)
        self._forward_to(self.now)
        return found.id

    def live_until_now(self) -> None:
        """Let the months pass."""
        self._forward_to(self.now)

    def today(self, client: LedgerClient) -> Bureau:
        """Return the same people today, over the process that has the home now."""
        self.bureau.house.clock = SystemClock()
        self.bureau.desk = replace(self.bureau.desk, ledger=client, clock=SystemClock())
        return self.bureau

    def close(self) -> None:
        """End what lived in it."""
        self.house.close()

    def _forward_to(self, moment: datetime) -> None:
        self.clock.forward(seconds=(moment - self.clock.now()).total_seconds())
        say_day(self.bureau, self.clock.now())

    def _look(self) -> Look:
        return Judges(self.bureau.ledger, SHANGHAI).look()

    def _time(self) -> Now:
        return now_of(self.clock.now(), AttestedTime(self.bureau.ledger, SHANGHAI).newest())


def say_day(bureau: Bureau, now: datetime) -> None:
    """Let two people say which day it is."""
    for who in SAYING:
        attest_day(bureau.desk, bureau.actor(who), now.astimezone(SHANGHAI).date())


def _with_path(draft: Draft) -> Draft:
    """Return the draft of a sealing as a docking writes it: with a path in its statement."""
    if draft.private is not None:
        return draft
    return replace(draft, private=Private(draft.about[0], {"path": "DCIM/0001.MP4"}))


def processor_s(pid: int) -> float:
    """Return what a process has used of its processors."""
    told = Path("/proc", str(pid), "stat").read_text("ascii").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(root: Path) -> Iterator[tuple[LedgerClient, int]]:
    """Yield a client of the real ledger process of a home, and its process id."""
    home = Home(root)
    home.run.mkdir(exist_ok=True)
    plan = LedgerPlan(str(root), "", str(home.socket), str(home.catalogue), FOUNDING.origin,
                      FOUNDING.station, FOUNDING.software, None, demo_keys=True)  # fmt: skip
    with child(ledger_command(plan)) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        process.stdout.readline()  # it is ready
        client = LedgerClient(home.socket)
        try:
            yield client, process.pid
        finally:
            client.close()
