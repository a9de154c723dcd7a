"""A house that answers every command from memory, and fails on request."""

import io
import json
import sys
from dataclasses import replace

from appliance.cli import run
from appliance.output import Terminal
from appliance.services import (
    AuditReport,
    ClockAccepted,
    Found,
    HistoryEvent,
    KeyMade,
    Page,
    Ready,
    Rebuilt,
    SeamRow,
    SegmentDetail,
    SegmentRow,
    VerifyReport,
)
from evidence.search import Page as Digests
from tests.fakes.desk import MemoryHouse, open_home

A, B = "3fa9c1" + "0" * 58, "77" * 32

ROW = SegmentRow(
    segment=A,
    size=3_000_000_000,
    kind="video",
    container="mp4",
    duration_ms=900_000,
    sealed_at="2026-03-01T10:00:00.000Z",
    recorder="r:" + "1" * 32,
    officer="012345",
    path="DCIM/警号\x1b[2J.MP4",
    claimed_at="2026-03-01T00:03:02.000Z",
    corrected_at="2026-03-01T00:00:00.000Z",
    important=True,
    findings=("important", "truncated"),
)
SEAM = SeamRow("d:" + "2" * 32, "2026-03-01T10:00:01.000Z", "gap", A, B, None, "b.mp4", 7000, None)
DETAIL = SegmentDetail(
    row=ROW,
    entry=5,
    sm3="ab" * 32,
    parser="boxes/1",
    tracks=({"kind": "video", "codec": "h264", "width": 1920},),
    slices={"count": 450, "root": "cd" * 32, "sha256": "ef" * 32},
    noted=({"finding": "truncated"},),
    sightings=({"docking": SEAM.docking, "entry": 5, "line": 0, "path": None},),
    seams=(SEAM, replace(SEAM, kind="unknown", ms=None, because="no_time")),
)
FOUND = Found("object_digest", 5, f"s:{A}", {"found": B})
YES = {"intact": "yes", "signed": "yes", "witnessed": "not_checked", "in_time": "yes"}
NOTE = "dockseal.example/dock/a/1\n12\nq6s=\n\n— dockseal.example/dock/a/1 AAAA\n"
AUDIT = AuditReport(
    "digest", 12, "ab" * 32, NOTE, 1, 3_000_000_000, 2500, YES, (), ("no_witness",), 12
)
VERIFY = VerifyReport("dockseal.example/dock/a/1", 12, "ab" * 32, NOTE, 30, YES, ())

# A slot process in the small: says what it is told to say, and ends with the code that it is told.
SLOT = """
import sys, json, pathlib
sys.path[:0] = {path!r}
from appliance.slotstate import SlotState, write_state
state = json.loads({state!r})
write_state(pathlib.Path({folder!r}), SlotState(**state))
sys.exit({code})
"""


class FakeHouse:
    """Implements ``appliance.services.Services``; a method named in ``faults`` raises."""

    def __init__(self, settings, faults=None, slots=None):
        self.settings = settings
        self.faults = faults or {}
        self.slots = slots or {}
        self.asked = []

    @property
    def desk(self):
        return open_home(MemoryHouse()).desk

    def _do(self, name, answer, *asked):
        self.asked.append((name, *asked))
        if name in self.faults:
            raise self.faults[name]
        return answer

    def prepare(self):
        return self._do("prepare", Ready(made=True, vkey="a+b+c"))

    def open(self):
        return self._do("open", Ready(made=True, vkey="a+b+c"))

    def fence(self):
        return self._do("fence", {"seccomp": 1, "landlock": 7, "namespaces": 0, "capabilities": 1})

    def slot_command(self, job):
        code, state = self.slots.get(job.path.rpartition("/")[2], (0, {}))
        row = {"slot": job.number, "path": job.path, "at_ms": 1, "stage": "done", **state}
        folder = str(self.settings.home.slots)
        text = SLOT.format(path=sys.path, state=json.dumps(row), folder=folder, code=code)
        return self._do("slot_command", [sys.executable, "-c", text], job)

    def end_docking(self, docking, because):
        return self._do("end_docking", None, docking, because)

    def ledger_command(self):
        return self._do("ledger_command", [sys.executable, "-c", "import time; time.sleep(60)"])

    def segments(self, wanted):
        return self._do("segments", Page((ROW, replace(ROW, segment=B)), "7.8"), wanted)

    def candidates(self, wanted, after=None):
        return self._do("candidates", Digests((A,), None), wanted, after)

    def segment(self, start):
        return self._do("segment", DETAIL, start)

    def history(self, start):
        event = HistoryEvent(
            5, "2026-03-01T10:00:00.000Z", "sys:ingest", "segment.sealed", {"n": 1}
        )
        return self._do("history", (event,), start)

    def seams(self, docking, *, every):
        return self._do("seams", DETAIL.seams, docking, every)

    def audit(self, level, known, tell):
        tell(1, 2)
        return self._do("audit", replace(AUDIT, level=level), level, known)

    def verify(self, ledger, vkey, known, tell):
        tell(0, 0)
        return self._do("verify", VERIFY, str(ledger), vkey, known)

    def rebuild(self, tell):
        tell(2, 2)
        return self._do("rebuild", Rebuilt(12, 40, 30))

    def make_key(self):
        return self._do("make_key", KeyMade("dockseal.example/dock/station-1/1", "a+b+c"))

    def accept_clock(self):
        accepted = ClockAccepted("2026-03-01T10:00:00.000Z", "2026-03-01T09:00:00.000Z", 6)
        return self._do("accept_clock", accepted)


class Said:
    """What one call of the command line said, and how it ended."""

    def __init__(self, code, out, err, houses):
        self.code = code
        self.out = out
        self.err = err
        self.houses = houses

    @property
    def document(self):
        return json.loads(self.out)

    @property
    def asked(self):
        return [row for house in self.houses for row in house.asked]


def say(home, *arguments, environment=None, faults=None, slots=None):
    """Run one command line over a fake house."""
    out, err, houses = io.StringIO(), io.StringIO(), []

    def wire(settings):
        houses.append(FakeHouse(settings, faults, slots))
        return houses[-1]

    code = run(
        ["--home", str(home), *arguments],
        {"HOME": str(home), "LANG": "en_US.UTF-8", **(environment or {})},
        wire,
        lambda json, quiet: Terminal(out, err, json, quiet),
    )
    return Said(code, out.getvalue(), err.getvalue(), houses)
