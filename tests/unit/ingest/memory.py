"""A docking on stores in memory: no disk, no process, nothing but the rules."""

import json
import secrets

from evidence.errors import ParserError
from evidence.ids import new_id
from ingest.log_task import read_log
from ingest.session import dock
from ingest.tools import Plan, Rules, Tools
from tests.fakes.clock import FixedClock
from tests.fakes.house import PATTERNS, SHANGHAI, Heard
from tests.fakes.ledger import MemoryLedger
from tests.fakes.objects import MemoryObjects


def film(duration_ms, **told):
    """Return a file that says itself what ``Telling`` is to answer about it."""
    answer = {"kind": "video", "container": "mp4", "duration_ms": duration_ms, **told}
    return json.dumps(answer).encode() + b"\n" + secrets.token_bytes(500)


class Telling:
    """Parsers that answer what the first line of a file says; logs are read as they are."""

    def __init__(self):
        self.fault = None

    def parse(self, task, source, request):
        if self.fault:
            raise self.fault
        if task == "device_log":
            return read_log(source, request)
        line, end, _ = source.read(0, 4096).partition(b"\n")
        if end and line.startswith(b"{"):
            return {
                "tracks": [],
                "cuts": None,
                "noted": [],
                "parser": "boxes/1",
                **json.loads(line),
            }
        if line.startswith(b"LOG"):
            return {"kind": "log", "tracks": [], "cuts": None, "noted": [], "parser": "plain/1"}
        raise ParserError("parser_refused", task=task, because="test")


class MemoryHouse:
    """Ledger, vault and parsers in memory; one docking after the other."""

    def __init__(self):
        self.clock = FixedClock()
        self.ledger = MemoryLedger(clock=self.clock)
        self.objects = MemoryObjects()
        self.parsers = Telling()
        self.heard = Heard()
        self.rules = Rules(PATTERNS, SHANGHAI)

    @property
    def tools(self):
        return Tools(self.objects, self.ledger, self.parsers, self.clock, self.heard, self.rules)

    def dock(self, recorder, after="keep"):
        plan = Plan(new_id("d", secrets.token_bytes(16)), "1", after)
        return dock(recorder, plan, self.tools)

    def entries(self, kind=None):
        return self.ledger.entries(kind)

    def types(self):
        return [entry.type for entry in self.entries()]
