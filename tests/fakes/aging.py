"""Years of a bureau, drawn by chance, in a ledger and in the catalogue that is made of it.

``Years`` writes as much of an entry as the keeping asks for; here the rest is added, so that each
becomes its rows as in life.  ``live`` plays one history; the same seed gives the same one.
"""

from datetime import timedelta
from random import Random

from custody.candidates import wanted_of
from custody.shelf import read_shelf
from evidence.codec import format_time
from evidence.errors import CustodyError
from evidence.keeping import KEEPING
from tests.fakes.desk import person
from tests.fakes.house import SHANGHAI
from tests.fakes.kept import Years, item_rule, new_id
from vault.catalogue import SqlCatalogue
from vault.search import CatalogueReader
from vault.sql import sqlite_url

CLOCK = {"kind": "measured", "offset_ms": 0, "how": "asked"}
REQUEST = {"act": "play", "article": "18", "spans": [], "times": 1, "unit": "u:1", "row": "own",
           "path": [], "owners": [], "case": None}  # fmt: skip
BY_TIME = {"source": "attested", "law": [], "policies": [], "act": "x", "part": 0, "parts": 1}
REST = {  # what the keeping never asks for, and a catalogue does
    "segment.sealed": {"kind": "video", "container": "mp4", "tracks": []},
    "request.made": REQUEST,
    "request.decided": {"act": "play", "spans": [], "approver": "p:1", "row": "own", "path": [],
                        "rules": None, "confidential_until": None, "signature": None},
    "copy.opened": {"spans": [], "where": "page"},
    "copy.closed": {"bytes": 1, "spans": [], "how": "ended"},
    "case.reopened": {"closed_on": "2026-01-01"},
}  # fmt: skip
RULES = {
    "long": item_rule("2 years", "b"),
    "case": {**item_rule("as the case file", "c")},
    "never": item_rule("permanent", "d"),
}
PACKS = (
    {"standard": {"article": "17", "period": "6 months"}},
    {"standard": {"article": "17", "period": "3 months"}, "grace_days": 30},
    {"standard": {"article": "17", "period": "1 years"}},
    {"rule": RULES, "case_file": "1 years"},
    {"rule": {"short": item_rule("1 months", "a"), "done": item_rule("1 years", "b", **{
        "from": "case closed"})}},
)  # fmt: skip
WORDS = {
    "hold.placed": {"reference": "1", "words": ""},
    "hold.release_proposed": {"reference": "2"},
}


class Aging(Years):
    """``Years`` whose every entry has the form of life; ``segments`` are in custody, or were."""

    def __init__(self):
        super().__init__()
        self.segments, self.first, self.gone = [], {}, set()
        self.seen = {}  # sighting -> its segment
        self.last_gap = self.last_hold = None

    def write(self, kind, about, body, facts=None, *, of=None, by="head"):
        body = {**REST.get(kind, {}), **body}
        if kind == "segment.sealed":
            body["sha256"] = about[0].removeprefix("s:")
        if kind == "segment.seen":
            body["sealed"] = self.first[about[0]]
        seq = super().write(kind, about, body, facts, of=of, by=by)
        if kind == "segment.sealed":
            self.first[about[0]] = seq
        return seq

    @property
    def here(self):
        """Return what is in custody."""
        return [each for each in self.segments if each not in self.gone]

    def catalogue(self, path):
        """Return a reader of the catalogue that is made of the ledger; nothing is unreadable."""
        made = SqlCatalogue(sqlite_url(path))
        entries = self.ledger.entries()
        made.apply([(each, self.ledger.statement(each.seq)) for each in entries])
        assert [row for name, row in made.dump() if name == "unreadable"] == []
        made.close()
        return CatalogueReader(sqlite_url(path))

    def due(self, now):
        """Return what the ledger lets go at ``now``: every segment that ever was is decided."""
        return {each for each in dict.fromkeys(self.segments) if self.is_due(each, now)}

    def is_due(self, segment, now):
        try:
            return self.keeping(segment, now).due(now)
        except CustodyError:
            return False

    def over(self, now, within=timedelta()):
        """Return what nothing but a person's task keeps any longer by then."""
        found = set()
        for segment in self.here:
            ends = self.keeping(segment, now).grace_until
            if ends is not None and ends <= now + within:
                found.add(segment)
        return found

    def proposed(self, reader, now, within=timedelta(), *, blocked=False, limit=3):
        """Return what the catalogue proposes, page by page; nothing twice."""
        wanted = wanted_of(read_shelf(self.ledger), SHANGHAI, now, within, blocked=blocked)
        if wanted is None:
            return set()
        found, after = [], None
        while True:
            page = reader.candidates(wanted, limit, after)
            found += [f"s:{each}" for each in page.items]
            if page.after is None:
                break
            after = page.after
        assert len(found) == len(set(found))
        return set(found)


class Life:
    """Plays one history: each act is drawn, and what it is about."""

    def __init__(self, seed):
        self.years, self.random = Aging(), Random(seed)
        self.acts = {
            self.seal: 10, self.see: 2, self.label: 6, self.hold: 2, self.release: 3, self.mark: 5,
            self.gap: 2, self.say: 6, self.ask: 2, self.answer: 3, self.dock: 2, self.adopt: 1,
            self.close: 2, self.dispose: 2, self.end: 2, self.holder: 1,
        }  # fmt: skip
        self.sightings, self.gaps, self.holds, self.requests = [], [], [], []
        self.grants, self.listed, self.said = [], [], []

    def play(self, acts):
        self.years.adopt(**self.random.choice(PACKS[:3]))
        self.dock()
        self.seal()
        kinds, weights = list(self.acts), list(self.acts.values())
        for act in self.random.choices(kinds, weights, k=acts):
            act()
            self.years.clock.forward(hours=self.random.choice((1, 30, 300)))
        return self.years

    def some(self):
        return self.random.choice(self.years.segments)

    def chance(self, part=0.5):
        return self.random.random() < part

    # --- a docking

    def dock(self):
        noted = ["identity_conflict"] if self.chance(0.05) else []
        self.years.dock(
            self.random.choice(("measured", "measured", "measured", "at_least")), *noted
        )

    def seal(self, segment=None, **more):
        now, hour = self.years.now, timedelta(hours=1)
        claimed = now - self.random.choice((2, 50, 9000, -900)) * hour
        corrected = None if self.chance() else now - self.random.choice((1, 40, -30)) * hour
        more |= {"noted": ("clock_reset",)} if self.chance(0.1) else {}
        segment = self.years.seal(
            segment, corrected=corrected, claimed=None if self.chance(0.2) else claimed,
            important=self.chance(0.1), **more,
        )  # fmt: skip
        if segment not in self.years.segments:
            self.years.segments.append(segment)
        self.sightings.append((segment, self.years.sighting))
        if self.chance(0.6):
            self.years.label(segment, officers=("officer",))
        if self.chance(0.03):
            self.years.observe("identity_conflict")

    def see(self):
        segment = self.some()
        if segment in self.years.gone:
            self.years.gone.discard(segment)
            self.seal(segment, again=True)
        else:
            self.seal(segment)

    # --- people

    def label(self):
        body = {"complete": self.chance(0.9)}
        if self.chance(0.05):
            body["sensitivity"] = "state_secret"
        item = self.random.choice((None, "a", "b", "c", "d"))
        case = self.random.choice((None, None, "1", "2", "3"))
        officers = ("officer",) if self.chance() else ()
        by = self.random.choice(("officer", "supervisor"))
        for segment in {self.some() for _ in range(5)}:
            self.years.label(segment, item, case, by=by, officers=officers, **body)

    def hold(self):
        years, now = self.years, self.years.now
        kind = self.random.choice(("segment", "case", "person", "recorder"))
        if kind == "segment":
            answers = self.sightings[-1][1] if self.chance(0.3) else None
            self.holds.append(years.hold(self.some(), answers=answers))
            return
        if kind == "case":
            self.holds.append(years.hold(of=years.case(self.random.choice("123"))))
            return
        of = person("officer") if kind == "person" else years.bureau.recorder()
        window = [now + timedelta(days=each) for each in self.random.choice(((-40, 1), (-3, 30)))]
        self.holds.append(years.hold(of=of, since=window[0], until=window[1]))

    def release(self):
        if self.holds:
            self.years.release(self.holds.pop())

    def mark(self):
        segment, sighting = self.random.choice(self.sightings)
        if segment in self.years.here:
            self.years.resolve(segment, sighting)

    def holder(self):
        segment, sighting = self.random.choice(self.sightings)
        if segment in self.years.here:
            self.years.resolve_holder(segment, "officer", sighting)

    def gap(self):
        pair = [self.some(), self.random.choice((None, self.some()))]
        if pair[0] != pair[1]:
            kind = self.random.choice(("gap", "hole", "pause"))
            sides = [each for each in pair if each]
            self.gaps.append((self.years.docking, self.years.gap(*pair, kind), sides))

    def say(self):
        """Explain a gap, or answer what somebody has explained."""
        years = self.years
        if self.said and self.chance():
            docking, explained, sides, gap = self.said.pop()
            years.docking, docked = docking, years.docking
            verdict = "accepted" if self.chance(0.7) else "returned"
            years.answer(explained, verdict, *sides)
            years.docking = docked
            if verdict == "returned":
                self.gaps.append(gap)
        elif self.gaps:
            gap = docking, seams, sides = self.gaps.pop()
            years.docking, docked = docking, years.docking
            self.said.append((docking, years.explain(seams, *sides), sides, gap))
            years.docking = docked

    def ask(self):
        segment = self.some()
        purpose, days = self.random.choice(("case", "complaint")), self.random.choice((10, 900))
        self.requests.append((segment, self.years.ask(segment, days, purpose), self.years.asked))

    def answer(self):
        """Grant what was asked, or say that it needs no hold."""
        if not self.requests:
            return
        segment, request, asked = self.requests.pop()
        if self.chance():
            self.years.asked = asked
            grant = self.years.grant(segment, request)
            if self.chance():
                self.years.look(segment, grant, closed=self.chance(0.8))
        body = {"request": asked, "answer": "not_needed"}
        self.years.write("proposal.declined", (request, KEEPING), body, {"reason": "x"}, of=request)

    def adopt(self):
        self.years.adopt(**self.random.choice(PACKS))

    def close(self):
        number = self.random.choice("123")
        if self.chance(0.7):
            self.years.close_case(number, self.years.now.date().isoformat())
        else:
            self.years.reopen_case(number)

    # --- disposal

    def dispose(self):
        """Propose some segments, each due or not: the rules of that are not asked here."""
        disposal = new_id("x")
        segments = sorted({self.some() for _ in range(2)} - self.years.gone)
        if segments:
            body = {**BY_TIME, "disposal": disposal, "now": format_time(self.years.now), "bytes": 1}
            body |= {"count": len(segments), "root": "00", "warning_until": body["now"]}
            self.years.write("disposal.proposed", (disposal, KEEPING, *segments), body)
            self.listed.append((disposal, segments))

    def end(self):
        """Undo a disposal, or let some of it go and spare the rest."""
        if not self.listed:
            return
        years, (disposal, segments) = self.years, self.listed.pop()
        if self.chance(0.3):
            years.write("disposal.undone", (disposal, KEEPING), {"disposal": disposal})
            return
        for segment in segments:
            self._fate(disposal, segment)
        if self.chance(0.8):
            body = {"disposal": disposal, "disposed": 1, "spared": 1}
            years.write("disposal.done", (disposal, KEEPING), body)

    def _fate(self, disposal, segment):
        years = self.years
        if segment in years.gone:
            return
        if self.chance():
            body = {"disposal": disposal, "because": ["held"]}
            years.write("segment.spared", (segment, disposal), body)
            return
        body = {"disposal": disposal, "now": format_time(years.now), "source": "attested"}
        body |= {"sha256": segment.removeprefix("s:"), "grounds": []}
        years.write("segment.disposed", (segment, disposal), body)
        years.gone.add(segment)


def live(seed, acts=60):
    """Return a bureau after a history of its own."""
    return Life(seed).play(acts)
