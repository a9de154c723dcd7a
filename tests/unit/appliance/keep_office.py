"""The command line of keeping, over a desk in memory: ``office("head", "hold", "list")``."""

import io
import json
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace

from appliance import (
    commands_alarm,
    commands_case,
    commands_dispose,
    commands_hold,
    commands_keep,
    commands_policy,
    commands_simulate,
)
from appliance.cli import run
from appliance.exits import Exit
from appliance.keeper import Keeping
from appliance.output import Terminal
from appliance.services import Page
from custody.destroy import Keeper
from custody.judging import Judges
from custody.lawful import Lawful
from custody.outside import AttestedTime
from custody.tenure import recorded_at
from evidence.errors import UnknownSegmentError
from tests.fakes.desk import small_bureau
from tests.fakes.disposing import MemoryKeepers
from tests.fakes.house import SHANGHAI
from tests.fakes.searching import Projected
from tests.unit.appliance.fake_house import DETAIL, ROW

MODULES = (
    commands_alarm,
    commands_case,
    commands_dispose,
    commands_hold,
    commands_keep,
    commands_policy,
    commands_simulate,
)


class KeepOffice:
    """Whoever calls is signed in.  ``page``: how many segments the catalogue gives at once."""

    def __init__(self, monkeypatch, home, page=1000):
        self.bureau = small_bureau().take()
        self.home, self.page = home, page
        self.catalogue = Projected(self.bureau.ledger)
        self.who = None
        self.seen = {}  # documents by command
        for module in MODULES:
            monkeypatch.setattr(module, "actor", lambda _call: self.bureau.actor(self.who))

    @property
    def sealed(self):
        entries = self.bureau.house.entries("segment.sealed")
        return {f"s:{each.body['sha256']}": each for each in entries}

    def segments(self, wanted):
        """A page of the catalogue, as far as keeping asks it: all that match, newest first."""
        rows = [
            replace(ROW, segment=segment[2:])
            for segment, entry in reversed(self.sealed.items())
            if not wanted.important or entry.body["sighting"]["important"]
            if not wanted.until or recorded_at(entry) <= datetime.fromisoformat(wanted.until)
        ]
        start = int(wanted.after or 0)
        more = start + self.page < len(rows)
        return Page(
            tuple(rows[start : start + self.page]), str(start + self.page) if more else None
        )

    def candidates(self, wanted, after=None):
        return self.catalogue.candidates(wanted, self.page, after)

    def segment(self, start):
        for segment in self.sealed:
            if segment.startswith(f"s:{start}"):
                return replace(DETAIL, row=replace(DETAIL.row, segment=segment[2:]))
        raise UnknownSegmentError("segment_unknown", segment=start)

    @property
    def lawful(self):
        desk = self.bureau.desk
        return Lawful(desk.ledger, SHANGHAI, desk.rules, desk.hosts)

    @property
    def keeper(self):
        """The keeper of the memory: what it removes it polices."""
        ledger, homes = self.bureau.ledger, MemoryKeepers(self.bureau.house)
        judges = Judges(ledger, SHANGHAI)
        keeper = Keeper(ledger, judges.look, homes, [homes], self.lawful)
        return Keeping(keeper, ledger, self.bureau.clock, AttestedTime(ledger, SHANGHAI), judges)

    def __call__(self, who, *arguments, lang="en_US.UTF-8"):
        self.who = who
        out, err = io.StringIO(), io.StringIO()
        services = SimpleNamespace(
            desk=self.bureau.desk,
            segment=self.segment,
            segments=self.segments,
            candidates=self.candidates,
            catalogue=self.catalogue,
            recorder=self.bureau.recorder,
            keeper=self.keeper,
        )
        code = run(
            ["--home", str(self.home), *arguments],
            {"HOME": str(self.home), "LANG": lang},
            lambda _settings: services,
            lambda as_json, quiet: Terminal(out, err, as_json, quiet),
        )
        return SimpleNamespace(code=code, out=out.getvalue(), err=err.getvalue())

    def json(self, who, *arguments, code=Exit.OK):
        said = self(who, *arguments, "--json")
        assert said.code == code, said.out
        document = json.loads(said.out)
        if code == Exit.OK:
            self.seen.setdefault(document["dockseal"]["command"], []).append(document)
        return document

    def refused(self, who, *arguments, word, code=Exit.REFUSED):
        error = self.json(who, *arguments, code=code)["error"]
        assert error["word"] == word, error
        return error
