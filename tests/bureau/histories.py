"""Random histories of a small station: each from its seed, the same one every time."""

import logging
import os
import random
import shutil
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from evidence.keeping import Scope
from evidence.people import ORGANISATION
from tests.bureau.acts import CODES, Office
from tests.bureau.check import check
from tests.bureau.model import DISPUTED, Pack, local
from tests.bureau.onethread import one_thread
from tests.bureau.station import Shown, name_of
from tests.fakes.clock import NOON, FixedClock
from tests.fakes.desk import EAST, LONG_AGO, SQUAD, WEST, person, small_bureau
from tests.fakes.house import SHANGHAI, House
from vault.lazy import LazyCatalogue
from vault.search import CatalogueReader
from vault.sql import sqlite_url

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own in there, whose syncs cost nothing
DAY = timedelta(days=1)
OFFICERS = ("officer", "mate", "west_officer")
HELD = {  # recorder: who holds it since long ago, in which unit; None: the pool
    "T000001": ("officer", SQUAD),
    "T000002": ("mate", SQUAD),
    "T000003": ("west_officer", WEST),
    "T000004": (None, EAST),
}
RECORDERS = (*HELD, "T000009")  # the last one was never bound
CASES = ("case 1", "case 2", "case 3")
SKEWS_S = (0, 0, 0, 180, -3600, 400 * 86400, -12 * 365 * 86400)  # of the clock of a recorder
BREAKS = 0.12  # of the acts


@contextmanager
def ground():
    """Give a folder in memory, with a founded home in it to begin every history from."""
    where = MEMORY if os.access(MEMORY, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="dockseal-bureau-", dir=where))
    try:
        with one_thread():
            yield Ground(folder)
    finally:
        shutil.rmtree(folder)


class Ground:
    """Where histories happen."""

    def __init__(self, folder):
        self.folder = folder
        house = House(folder / "founded", clock=FixedClock())
        bureau = small_bureau(house)
        for serial, (name, where) in list(HELD.items())[1:]:
            bureau.bind(bureau.recorder(serial), name, where)
        adopted = {"rules": "access", "name": "test", "version": "1", "sha256": "0" * 64}
        bureau.write("rules.adopted", (ORGANISATION,), adopted)
        house.project()
        self.keys = bureau.keys
        house.close()
        path = folder / "home" / "catalogue.sqlite"
        self.catalogue, self.reader = LazyCatalogue(path), CatalogueReader(sqlite_url(path))

    @contextmanager
    def office(self, rng, breaks=BREAKS):
        """Give a fresh office; it is gone afterwards."""
        home = self.folder / "home"
        shutil.copytree(self.folder / "founded", home)
        office = Office(home, self.keys, rng, self.catalogue, breaks)
        office.reader = self.reader
        _tell(office)
        try:
            yield office
        finally:
            office.house.close()
            shutil.rmtree(home)


def _tell(office):
    """Tell the model who holds which recorder, and which unit stands below which."""
    for serial, (name, where) in HELD.items():
        who = person(name) if name else None
        office.model.stays[office.bureau.recorder(serial)] = [(who, where, LONG_AGO, None)]
    for below, above in ((EAST, ORGANISATION), (SQUAD, EAST), (WEST, ORGANISATION)):
        office.model.parents[below] = [(NOON, above)]


def live(ground, seed, tell=None):
    """Live one history and compare everything; return what happened how often.

    ``tell`` hears each act, for who wants to see it.
    """
    logging.disable()  # what breaks is planted
    rng = random.Random(seed)
    try:
        with ground.office(rng) as office:
            life = Life(office, rng, tell or (lambda _told: None))
            life.go()
            check(office, seed)
            return office.counted | life.counts
    finally:
        logging.disable(logging.NOTSET)


class Life:
    """What happens in one history."""

    def __init__(self, office, rng, tell):
        self.office, self.rng, self.tell = office, rng, tell
        self.marks = 0.1  # of the films
        self.cards = {serial: {} for serial in RECORDERS}
        self.versions = 0
        self.films = 0
        self.counts = {}

    @property
    def model(self):
        return self.office.model

    def go(self):
        rng = self.rng
        if rng.random() < 0.9:
            self.adopt()
        for _ in range(rng.choice((1, 2, 2, 3))):
            self.dock()
        acts, weights = zip(*_WEIGHTS, strict=True)
        parts = (rng.randint(4, 12), rng.randint(2, 5))
        for part in parts if rng.random() < 0.4 else parts[:1]:
            for act in rng.choices(acts, weights, k=part):
                self.do(act)
            self.tidy()
            self.office.clock.forward(rng.choice((40, 90, 220, 420)) * DAY)
            self.do("dispose")

    def tidy(self):
        """People do what waits for them; not all of it."""
        rng, office, here = self.rng, self.office, self.model.here()
        for name in (each for each in here if rng.random() < 0.8):
            if "unlabelled" in self.model.verdict(name, office.now).codes:
                office.label([name], "searcher", no_case="patrol")
        for key in sorted({key for key, _ in self._waiting()}):
            if rng.random() < 0.8:
                office.resolve(key)
        for key in sorted({key for name in here for key in self.model.films[name].gaps}):
            if rng.random() < 0.3:
                office.explain(key, rng.choice(OFFICERS), "accepted")

    def do(self, act):
        size = self.office.house.store.size
        if getattr(self, act)() is not False:
            self.counts[act] = self.counts.get(act, 0) + 1
        types = [entry.type for entry in self.office.written(size)]
        self.tell(f"{self.office.now:%Y-%m-%d %H:%M} {act}: {' '.join(types)}")

    # --- rules and time --------------------------------------------------------------------------

    def adopt(self):
        rng = self.rng
        self.versions += 1
        name = rng.choice(("jinzhong", "jinzhong", "mps"))
        rules, case_file = (), None
        if rng.random() < 0.5:
            name, case_file = "periods", rng.choice(("1 months", "2 years"))
            rules = (
                (("daily_check",), "1 months", False),
                (("evidence",), rng.choice(("2 years", "3 months")), rng.random() < 0.3),
                (("compulsory", "hearing"), "as the case file", True),
                (("major",), "permanent", False),
            )
        standard = rng.choice(("1 months", "1 months", "2 months", "6 months", "1 years"))
        grace, warning, undo = rng.choice(((0, 1, 1), (2, 1, 1), (30, 14, 7), (90, 14, 7)))
        pack = Pack(name, standard, rules, case_file, grace, warning, undo)
        self.office.adopt(pack, self.versions)

    def wait(self):
        days = self.rng.choice((0.2, 1, 2.5, 7, 31, 60, 200))
        self.office.clock.forward(timedelta(seconds=round(days * 86400 * self.rng.uniform(0.6, 1))))

    def attest(self):
        """Two people say the day, unless they have said it."""
        day, last = local(self.office.now), [(None, None, False), *self.model.words][-1]
        if last[0] == day and last[2]:
            return False
        self.office.attest(day)
        return True

    def leap(self):
        """The clock jumps a year ahead, and back: meanwhile nothing is destroyed."""
        office, before = self.office, self.office.now
        if self.model.now(before) is None:
            return False
        office.clock.forward(365 * DAY)
        now = office.counts
        assert now.at <= before + DAY
        if self.model.here():
            name = self.rng.choice(self.model.here())
            if not self.model.verdict(name, now.at).due(now.at):
                assert office.propose([name], now) is None
        if self.rng.random() < 0.3:
            self.dock()
        office.set_back(before + timedelta(minutes=1))
        if self.rng.random() < 0.5:
            self.dock()  # it is no older for that
        return True

    # --- films -----------------------------------------------------------------------------------

    def dock(self):
        """A recorder comes home, sometimes late, with a clock that is right, or is not."""
        rng, office = self.rng, self.office
        serial = rng.choice(RECORDERS)
        card = self.cards[serial]
        skew_s = rng.choice(SKEWS_S)
        measured = rng.random() < 0.6
        hours = rng.choice((2, 5, 30, 24 * 30, 24 * 100))
        self.shoot(card, office.now + timedelta(seconds=skew_s) - timedelta(hours=hours))
        if measured and rng.random() < 0.1:  # it was set in the middle of the shift
            skew_s -= 86400 * rng.choice((1, 7, 200))
        after = rng.choice(("erase", "erase", "keep"))
        office.dock(serial, card, skew_ms=skew_s * 1000, measured=measured, after=after)
        if self.is_torn(card):
            card.clear()  # the officer puts in another card

    def is_torn(self, card):
        """Tell whether a recording on a card broke off."""
        there = {*map(name_of, card.values())}
        return any(there & {*pair} for pair in self.office.torn)

    def shoot(self, card, begin):
        """Record something; what broke off lies on a card of its own."""
        how = self.rng.choice(("one", "one", "one", "two", "broken", "cut", "names"))
        if card or how == "one":
            self.film(card, begin)
        elif how == "two":
            self.film(card, begin)
            self.film(card, begin + timedelta(minutes=10))
        elif how == "names":
            self.film(card, begin)
            self.film(card, begin + timedelta(minutes=10), device="CAM2")
        elif how == "cut":
            self.office.torn.add((self.film(card, begin, ends="cut"), None))
        else:  # full-length files follow each other without a break, and one of them is missing
            first = self.film(card, begin, lasts_ms=60_000)
            second = self.film(card, begin + timedelta(minutes=2), lasts_ms=60_000)
            self.film(card, begin + timedelta(minutes=3), lasts_ms=30_000)
            self.office.torn.add((first, second))

    def film(self, card, begin, device="CAM1", lasts_ms=None, ends="whole"):
        """Record one film; return its name.  No two of them last equally long by chance."""
        self.films += 1
        lasts_ms = lasts_ms or 70_000 + 2000 * self.films
        mark = "_IMP" if self.rng.random() < self.marks else ""
        stamp = begin.astimezone(SHANGHAI).strftime("%Y%m%d_%H%M%S")
        path = f"DCIM/DCAM_{device}_{self.films:06}_{stamp}{mark}.mp4"
        claimed = begin.replace(microsecond=0)
        film = Shown(path, claimed, lasts_ms, ends)
        name, card[path] = self.office.record(film, f"film {self.films}")
        return name

    def copy(self):
        """A copy of some film comes home once more, also of one that is gone."""
        if not self.model.films:
            return False
        name = self.rng.choice(sorted(self.model.films))
        card = {self.office.shown[name].path: self.office.contents[name]}
        skew_ms = self.rng.choice((0, 0, 3600_000))
        measured = self.rng.random() < 0.5
        self.office.dock(self.rng.choice(RECORDERS), card, skew_ms=skew_ms, measured=measured)
        return True

    def some(self, wanted=None):
        """Return the name of a film in custody, or None."""
        films = self.model.films
        found = [name for name in self.model.here() if wanted is None or wanted(films[name])]
        return self.rng.choice(found) if found else None

    # --- what people say -------------------------------------------------------------------------

    def label(self):
        rng, name = self.rng, self.some(lambda film: not film.labels or self.rng.random() < 0.3)
        if name is None:
            return False
        how = rng.choice(("patrol", "patrol", "item", "item", "item", "part", "secret"))
        case = rng.choice((None, *CASES))
        told = {
            "patrol": {"no_case": "patrol"},
            "item": {"item": rng.choice(CODES), "party": "somebody", "case": case},
            "part": {"words": "something", "case": case or CASES[0]},
            "secret": {"no_case": "patrol", "sensitivity": "state_secret"},
        }[how]
        officers = rng.sample(OFFICERS, rng.choice((1, 1, 2)))
        self.office.label([name], rng.choice(("searcher", *OFFICERS)), officers=officers, **told)
        return True

    def whose(self):
        name = self.some()
        if name is None:
            return False
        key = self.rng.choice(self.model.films[name].seen).key
        self.office.whose(name, key, self.rng.choice(OFFICERS))
        return True

    def relabel(self):
        """Somebody says what a film is of, a hold may catch it by that, and they take it back."""
        rng, name = self.rng, self.some()
        if name is None:
            return False
        by, case = rng.choice(("searcher", "searcher", *OFFICERS)), rng.choice(CASES)
        item, before = rng.choice(CODES), [rng.choice(OFFICERS)]
        self.office.label([name], by, officers=before, item=item, party="somebody", case=case)
        if rng.random() < 0.3:
            self.office.hold(self.office.of_case(case), {case})
        elif rng.random() < 0.3:
            of, since = person(before[0]), self.office.now - 900 * DAY
            self.office.hold(Scope("window", of=of, since=since), {of})
        self.office.clock.forward(rng.choice((1, 4, 20)) * DAY)
        other = by if rng.random() < 0.7 else "searcher"
        self.office.label([name], other, officers=[rng.choice(OFFICERS)], no_case="patrol")
        return True

    def explain(self):
        name = self.some(lambda film: film.gaps)
        if name is None:
            return False
        key = min(self.model.films[name].gaps)
        verdict = self.rng.choice(("accepted", "accepted", "returned"))
        self.office.explain(key, self.rng.choice(OFFICERS), verdict)
        return True

    def resolve(self):
        waiting = sorted(self._waiting())
        if not waiting:
            return False
        key, name = self.rng.choice(waiting)
        if self.rng.random() < 0.3:
            self.office.hold(Scope("segments", (name,)), (name,), answers=key)
        else:
            self.office.resolve(key)
        return True

    def _waiting(self):
        """Yield what waits for a word: the entry, and a film that it is about."""
        for name in self.model.here():
            film = self.model.films[name]
            for seen in film.seen:
                odd = seen.important or seen.nonsense or seen.nobodys
                if odd and seen.key not in self.model.answered:
                    yield seen.key, name
            for key, (purpose, _) in film.asked.items():
                if purpose in DISPUTED and key not in self.model.answered:
                    yield key, name

    def hold(self):
        rng, office = self.rng, self.office
        kind = rng.choice(("segments", "case", "window", "window"))
        if kind == "segments":
            names = {self.some(), self.some()} - {None}
            if not names:
                return False
            office.hold(Scope("segments", tuple(sorted(names))), names)
        elif kind == "case":
            case = rng.choice(CASES)
            office.hold(office.of_case(case), {case})
        else:
            self.window(self.some())
        return True

    def window(self, near):
        """Hold a window, mostly around the time of some film, which it may just miss."""
        rng, office = self.rng, self.office
        recorder, officer = rng.choice(RECORDERS), person(rng.choice(OFFICERS))
        of = rng.choice((officer, officer, EAST, SQUAD, WEST, ORGANISATION))
        since = office.now - rng.choice((1, 20, 200)) * DAY
        if near is not None and rng.random() < 0.8:
            seen = self.model.films[near].seen[-1]
            of = seen.recorder if rng.random() < 0.6 else of
            since = seen.best + timedelta(hours=rng.randint(-60, 30))
        elif rng.random() < 0.3:
            of = office.bureau.recorder(recorder)
        until = rng.choice((None, since + rng.choice((1, 30, 900)) * timedelta(hours=1)))
        office.hold(Scope("window", of=of, since=since, until=until), {of})

    def seize(self):
        """Somebody holds all that was ever recorded until now."""
        scope = Scope("window", of=ORGANISATION, since=LONG_AGO - 900 * DAY)
        self.office.hold(scope, {ORGANISATION})

    def release(self):
        standing = [key for key, hold in self.model.holds.items() if hold.released is None]
        if not standing:
            return False
        self.office.release(self.rng.choice(standing), agreed=self.rng.random() < 0.8)
        return True

    def close(self):
        named = {said.case for film in self.model.films.values() for said in film.labels}
        if not named - {None}:
            return False
        case = self.rng.choice(sorted(named - {None}))
        (self.office.reopen if case in self.model.closed else self.office.close)(case)
        return True

    def ask(self):
        name = self.some()
        if name is None:
            return False
        purpose = self.rng.choice(("case", "complaint", "litigation"))
        key = self.office.ask(name, purpose, self.rng.choice((2, 20)))
        if key is not None and self.rng.random() < 0.6:
            self.rng.choice((self.office.withdraw, self.office.grant))(name, key)
        return True

    def doubt(self):
        name = self.some()
        if name is None:
            return False
        self.office.doubt(name)
        how = self.rng.random()
        if how < 0.3:
            self.office.clear(name)
        elif how < 0.6:  # it lay on a card, and is read whole and compared
            card = {self.office.shown[name].path: self.office.contents[name]}
            self.office.dock(self.rng.choice(RECORDERS), card)
        return True

    def move(self):
        """A squad comes to another unit: what it recorded before is of both."""
        above = self.rng.choice((EAST, WEST))
        self.office.move(SQUAD, above)

    def rebind(self):
        serial = self.rng.choice(tuple(HELD))
        self.office.rebind(
            serial, self.rng.choice((*OFFICERS, None)), self.rng.choice((SQUAD, WEST))
        )

    # --- disposal --------------------------------------------------------------------------------

    def dispose(self):
        """Two people decide over what is due, with whatever comes in between, and it is run."""
        rng, office = self.rng, self.office
        self.attest()
        now = office.counts
        due = self.model.due(now.at)
        other = self.some()
        if other not in {None, *due} and rng.random() < 0.3:
            assert office.propose(sorted({*due, other}), now) is None
        if not due:
            return False
        listed = due if rng.random() < 0.8 else rng.sample(due, rng.randint(1, len(due)))
        disposal = office.propose(sorted(listed), now)
        if rng.random() < 0.2:
            assert not office.approve(disposal, now)
        self.between()
        self.until(self.model.disposals[disposal].warning)
        assert office.approve(disposal, office.counts)
        self.between()
        if rng.random() < 0.1:
            office.undo(disposal)
            return True
        if rng.random() < 0.2:
            assert not office.run(disposal, office.counts)
        self.until(self.model.disposals[disposal].undo)
        come = rng.choice((None, None, self.seize, self.hold, self.label, self.copy, self.ask))
        office.run(disposal, office.counts, rng.choice((None, self.copy)), come)
        return True

    def between(self):
        if self.rng.random() < 0.5:
            self.do(
                self.rng.choice(("hold", "hold", "label", "copy", "adopt", "ask", "dock", "doubt"))
            )

    def until(self, moment):
        """Wait until the day after, and let two people say that it has come."""
        self.office.clock.moment = max(self.office.now, moment + DAY)
        self.attest()


_WEIGHTS = (
    ("wait", 6), ("dock", 4), ("copy", 2), ("label", 6), ("relabel", 2.5), ("hold", 3),
    ("release", 2), ("adopt", 1.5), ("resolve", 2), ("explain", 2), ("ask", 1), ("close", 1.5),
    ("doubt", 0.5), ("leap", 1), ("whose", 1), ("dispose", 3), ("attest", 0.5), ("move", 0.4),
    ("rebind", 0.6),
)  # fmt: skip
