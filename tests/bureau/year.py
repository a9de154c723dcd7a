"""A year of a bureau in one run: forty officers, wrong clocks, absences, complaints, disposals.

From November to November.  Rules of six months and a grace of ninety days hold from the beginning,
so from the tenth month on something falls due; in July the packs change.
"""

import logging
import random
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from custody.weeks import close_week, week_of
from evidence.keeping import Scope
from evidence.weeks import Hours, week_of_day
from tests.bureau.check import check
from tests.bureau.histories import DAY, OFFICERS, Life
from tests.bureau.model import HERE, Pack, local
from tests.fakes.desk import EAST, LONG_AGO, SQUAD, WEST, person
from tests.fakes.house import SHANGHAI

BREAKS = 0.01  # of the acts
JULY = 230  # days after the beginning
DUE = 270  # from then on something is proposed
HOURS = Hours(SHANGHAI, timedelta(hours=8))
CLOSING = {EAST: "supervisor", WEST: "west_supervisor"}
BELOW = {EAST: {EAST, SQUAD}, WEST: {WEST}}
SKEWS_S = {3: 180, 7: -12 * 365 * 86400, 11: 400 * 86400, 15: -3600}  # of recorders, by number
GUESSED = 5  # of so many recorders, one tells nobody by how much its clock is wrong


@dataclass
class Officer:
    """One officer and their own recorder."""

    name: str
    unit: str
    serial: str
    number: int
    away: range = range(0)  # days
    card: dict = field(default_factory=dict)
    unlabelled: list = field(default_factory=list)

    def works(self, n):
        """Tell whether they are on duty on that day."""
        return (n + self.number) % 4 == 0 and n not in self.away


@dataclass
class Row:
    """Four weeks in figures."""

    until: datetime
    taken: int
    here: int
    held: int
    blocked: int
    gone: int


class Year(Life):
    """The year.  ``rows``: what it came to, every four weeks."""

    def __init__(self, office, rng, officers, days):
        super().__init__(office, rng, lambda _told: None)
        self.begin, self.days = local(office.now), days
        self.marks = 0.02
        self.rows, self.running = [], []
        self.officers = [self.enrol(n) for n in range(officers)]

    def enrol(self, n):
        """Let an officer begin, with a recorder of their own."""
        name, unit, serial = f"officer {n}", SQUAD if n % 2 else WEST, f"Y{n:06}"
        bureau, away = self.office.bureau, self.rng.randrange(self.days)
        bureau.enrol(name, unit)
        bureau.role(name, "officer", unit, LONG_AGO)
        bureau.bind(bureau.recorder(serial), name, unit)
        self.office.model.stays[bureau.recorder(serial)] = [(person(name), unit, LONG_AGO, None)]
        return Officer(name, unit, serial, n, range(away, away + 21))

    def go(self):
        """Live the year, day by day."""
        for pack in (Pack("jinzhong", "6 months"), Pack("mps", "6 months")):
            self.office.adopt(pack, 1)
        for n in range(self.days):
            day = self.begin + n * DAY
            self.at(day, "07:30")
            self.morning(n, day)
            for officer in self.officers:
                if officer.works(n):
                    self.shift(officer, day)
            if n % 28 == 27:
                self.note()
        self.note()

    def at(self, day, clock):
        moment = datetime.combine(day, time.fromisoformat(clock), HERE)
        self.office.clock.moment = max(moment, self.office.now)

    # --- officers --------------------------------------------------------------------------------

    def shift(self, officer, day):
        """They record something, and dock when they come home; sometimes only the next time."""
        rng = self.rng
        skew_s = SKEWS_S.get(officer.number, 0)
        begin = datetime.combine(day, time(9 + rng.randrange(8), rng.randrange(60)), HERE)
        begin = begin.astimezone(self.office.now.tzinfo)
        self.shoot(officer.card, begin + timedelta(seconds=skew_s))
        if rng.random() < 0.04 and not self.is_torn(officer.card):
            return
        self.at(day, f"18:{officer.number % 60:02}")
        before = set(self.model.films)
        self.office.dock(
            officer.serial,
            officer.card,
            skew_ms=skew_s * 1000,
            measured=officer.number % GUESSED != 2,
        )
        officer.card.clear()
        officer.unlabelled += sorted(set(self.model.films) - before)

    def shoot(self, card, begin):
        if self.rng.random() < 0.9:
            self.film(card, begin)
        else:
            super().shoot(card, begin)

    def labels(self, officer):
        """They label what they recorded; two of them never do."""
        waiting = [name for name in officer.unlabelled if not self.model.films[name].gone]
        if officer.number in {8, 9} or not waiting:
            return
        item, case = self.rng.choice(
            ((None, None),) * 8 + (("evidence", "case 1"), ("major", None))
        )
        told = {"item": item, "party": "somebody", "case": case} if item else {"no_case": "patrol"}
        self.office.label(waiting, officer.name, officers=[officer.name], **told)
        officer.unlabelled.clear()

    # --- those who lead --------------------------------------------------------------------------

    def morning(self, n, day):
        """Do what falls on this day."""
        self.seldom(n, day)
        if day.isoweekday() == 1:
            self.monday(n, day)
        if day.isoweekday() == 5:
            for officer in self.officers:
                if self.rng.random() < 0.7:
                    self.labels(officer)

    def seldom(self, n, day):
        """Do what comes once in weeks, or once."""
        if n % 7 == 3:
            self.complain(n, day)
        if n == JULY:
            self.change()
        if n in {100, 250}:
            self.do("leap")
        if n % 30 == 29:
            self.mend()

    def complain(self, n, day):
        """Somebody complains of who is on duty today, before the recorder is docked."""
        officer = self.rng.choice([each for each in self.officers if each.works(n)])
        since = datetime.combine(day - DAY, time(8), HERE)
        of, scope = person(officer.name), (since, since + 2 * DAY)
        self.office.hold(Scope("window", of=of, since=scope[0], until=scope[1]), {of})
        self.counted("complaint")
        standing = [key for key, hold in self.model.holds.items() if hold.released is None]
        if len(standing) > 20:
            self.office.release(standing[0])

    def change(self):
        """In July one pack gets shorter, which reaches back to nothing, and another one comes."""
        self.office.adopt(Pack("jinzhong", "3 months", grace=60), 2)
        rules = ((("evidence",), "2 years", False), (("major",), "permanent", False))
        self.office.adopt(Pack("periods", "6 months", rules), 1)

    def mend(self):
        """The supervisor does what others have left: labels, marks, clocks, gaps."""
        here = [name for name in self.model.here() if not self.model.films[name].labels]
        late = [name for name in here if self.rng.random() < 0.3]
        for begin in range(0, len(late), 100):
            self.office.label(late[begin : begin + 100], "searcher", no_case="patrol")
        for key in sorted({key for key, _ in self._waiting()}):
            if self.rng.random() < 0.5:
                self.office.resolve(key)
        everybody = (*OFFICERS, *(officer.name for officer in self.officers))
        names = {person(name): name for name in everybody}
        for name in self.model.here():
            for key in sorted(self.model.films[name].gaps):
                recorder = self.model.films[name].seen[0].recorder
                ((who, *_), *_) = self.model.stays.get(recorder, [(None,)])
                self.office.explain(key, names.get(who, "officer"), "accepted")

    def monday(self, n, day):
        """Two people say the day, last week is closed, disposals go on."""
        self.office.attest(day)
        for unit, who in CLOSING.items():
            self.close_weeks(unit, who, day)
        now = self.office.counts
        for disposal in list(self.running):
            found = self.model.disposals[disposal]
            if found.state == "proposed" and now.at >= found.warning:
                self.office.approve(disposal, now)
            elif found.state == "approved" and now.at >= found.undo:
                self.office.run(disposal, now)
                self.running.remove(disposal)
        if n >= DUE and n % 2 == 0:
            self.propose(now)

    def propose(self, now):
        """Propose all that is due, and once something that is not."""
        due = self.model.due(now.at)
        if due:
            self.running.append(self.office.propose(due, now))
            seen = self.rng.choice(due)  # by somebody who reads the list, and objects
            self.office.hold(Scope("segments", (seen,)), (seen,))
            other = self.some()
            assert self.office.propose([other], now) is None

    def close_weeks(self, unit, who, day):
        """Close the week before, and the one before that where it was docked late since."""
        for back in (2, 1):
            week = week_of_day(day - back * 7 * DAY)
            if week.monday < self.begin:
                continue
            found = week_of(self.office.desk, unit, week, HOURS)
            self.agree(found, unit)
            if found.state != "closed":
                self.close_week(unit, who, week)

    def close_week(self, unit, who, week):
        desk, actor = self.office.desk, self.office.actor(who)
        self.office.act("week.closed", lambda: close_week(desk, actor, unit, week, HOURS))
        self.counted("week")

    def agree(self, found, unit):
        """Hold what the product says of a week against what the model knows."""
        brought = self.model.brought(BELOW[unit], found.since, found.until)
        assert {each.segment for each in found.brought} == brought, "a week is another one"
        unlabelled = {n for n in brought if "unlabelled" in self.model.verdict(n, found.at).codes}
        assert set(found.unlabelled) == unlabelled

    # --- figures ---------------------------------------------------------------------------------

    def counted(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def note(self):
        """Write down how it stands."""
        now, model = self.office.now, self.model
        codes = [model.verdict(name, now).codes for name in model.here()]
        gone = sum(film.gone for film in model.films.values())
        held = sum("held" in each for each in codes)
        blocked = sum(bool(each - {"held", "in_grace", "disposing"}) for each in codes)
        self.rows.append(Row(now, len(model.films), len(codes), held, blocked, gone))


def live_year(homes, officers=40, days=365, seed=1):
    """Live a year and compare everything; return it."""
    logging.disable()  # what breaks is planted
    rng = random.Random(seed)
    try:
        with homes.office(rng, BREAKS) as office:
            year = Year(office, rng, officers, days)
            year.go()
            check(office)
            year.counts |= office.counted
            return year
    finally:
        logging.disable(logging.NOTSET)


def picture(year):
    """Return the year as lines of text: what was taken in, held, and disposed of."""
    most = max(row.taken for row in year.rows)
    lines = ["   until    taken in  here  held  waits  gone"]
    for row in year.rows:
        gone, held = (round(40 * value / most) for value in (row.gone, row.held))
        rest = round(40 * row.taken / most) - gone - held
        bar = "x" * gone + "#" * held + "=" * rest
        figures = f"{row.taken:8}{row.here:7}{row.held:6}{row.blocked:7}{row.gone:6}"
        lines.append(f"{row.until.astimezone(HERE):%Y-%m-%d}{figures}  {bar}")
    return [*lines, "x disposed of   # held   = in custody"]
