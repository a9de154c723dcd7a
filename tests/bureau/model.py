"""What docs/keeping.md says, told a second time: facts go in, a verdict on each film comes out.

Nothing of the product is imported, and its arithmetic is not copied: whoever doubts a verdict
reads this file in one sitting.  Times are aware; the station stands in Shanghai.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, timezone

HERE = timezone(timedelta(hours=8))  # no summer time there since 1991
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DISPUTED = frozenset({"transfer", "court", "litigation", "complaint", "review"})


def local(moment):
    """Return the day that a calendar on the wall shows."""
    return moment.astimezone(HERE).date()


def begins(day):
    """Return when a day begins on the wall."""
    return datetime.combine(day, time(), HERE)


def last_kept(day, period):
    """Return the last day of a period, or None: it has no end.  Goes from month to month."""
    if period == "permanent":
        return None
    count, word = period.split()
    month = day.replace(day=1)
    for _ in range(int(count) * (12 if word == "years" else 1)):
        month = (month + 31 * DAY).replace(day=1)
    for number in range(day.day, 27, -1):
        with suppress(ValueError):
            return month.replace(day=number)
    return month.replace(day=day.day)


@dataclass
class Pack:
    """One version of one pack.  ``rules``: (items, period, counted from the close of the case)."""

    name: str
    standard: str
    rules: tuple = ()
    case_file: str | None = None
    grace: int = 90
    warning: int = 14
    undo: int = 7
    ended: int | None = None  # tick at which its next version was adopted


@dataclass
class Hold:
    """``kind``: segments, case or window.  ``until`` is not included."""

    tick: int
    kind: str
    names: frozenset  # films; or one case, officer, recorder or unit
    since: datetime | None = None
    until: datetime | None = None
    released: datetime | None = None


@dataclass
class Seen:
    """One place where a film lay."""

    key: object  # what a person answers by
    at: datetime  # sealed, or seen again
    recorder: str
    claimed: datetime
    recorded: datetime | None = None  # where the offset of its clock was measured
    lasts: timedelta = timedelta()
    important: bool = False
    odd: bool = False  # reset, or in the future, and no offset corrects it
    two: bool = False  # its docking named two recorders
    floor: datetime | None = None  # what the clock had shown before it was set back
    named: list = field(default_factory=list)  # (officer, unit): a person says who held it

    @property
    def nonsense(self):
        """Tell whether its time tells nothing."""
        return self.odd if self.recorded is None else self.recorded > self.at + HOUR

    @property
    def nobodys(self):
        """Tell whether its docking named two recorders, and nobody has said whose it was."""
        return self.two and not self.named

    @property
    def best(self):
        """Return the best known beginning."""
        return self.recorded or self.claimed

    @property
    def likely(self):
        """Return in which moment a week counts it: never after its sealing."""
        return self.at if self.odd and self.recorded is None else min(self.best, self.at)

    def reaches(self, hold):
        """Tell whether it may have been recorded in the window of ``hold``."""
        if self.nonsense:
            return self.at >= hold.since
        doubt = timedelta() if self.recorded else DAY
        early, late = self.best - doubt, self.best + self.lasts + doubt
        return late >= hold.since and (hold.until is None or early < hold.until)


@dataclass
class Said:
    """One label."""

    tick: int
    at: datetime
    by: str
    complete: bool = True
    secret: bool = False
    item: str | None = None
    case: str | None = None
    officers: frozenset = frozenset()


@dataclass
class Film:
    """One stay in custody; docked again after its end, it begins anew."""

    tick: int  # sealed
    seen: list = field(default_factory=list)
    labels: list = field(default_factory=list)  # oldest first
    gaps: set = field(default_factory=set)  # that nobody has accepted an explanation of
    asked: dict = field(default_factory=dict)  # key: (purpose, waits until or None)
    granted: dict = field(default_factory=dict)  # key: until
    damaged: object = None  # the vault gave other bytes, and nobody has said since that it is whole
    disposal: object = None  # it stands in it
    gone: bool = False


@dataclass
class Verdict:
    """Until when, and what forbids its disposal."""

    until: datetime | None
    grace: datetime | None
    codes: frozenset

    def due(self, now, but=frozenset()):
        """Tell whether it may go."""
        return self.grace is not None and self.grace <= now and not self.codes - but


@dataclass
class Disposal:
    """A list under two names."""

    films: tuple
    warning: datetime
    undo: datetime | None = None
    state: str = "proposed"


@dataclass
class Model:
    """A station: what was ever said about its films.  A tick orders what happened."""

    whole: str = "the organisation"  # a unit above all
    films: dict = field(default_factory=dict)
    packs: list = field(default_factory=list)
    holds: dict = field(default_factory=dict)
    closed: dict = field(default_factory=dict)  # case: the day
    answered: set = field(default_factory=set)  # sightings and questions that a person answered
    stays: dict = field(default_factory=dict)  # recorder: [(officer or None, unit, since, until)]
    parents: dict = field(default_factory=dict)  # unit: [(since, the unit above it)]
    words: list = field(default_factory=list)  # on the day: (day, who, second of two)
    disposals: dict = field(default_factory=dict)
    floor: datetime | None = None  # the latest that the clock had shown when it was set back
    tick: int = 0

    # --- what happens ----------------------------------------------------------------------------

    def next(self):
        """Return a new tick."""
        self.tick += 1
        return self.tick

    def adopt(self, pack):
        """Let a pack hold; its former version ends."""
        now = self.next()
        for each in self.in_force():
            if each.name == pack.name:
                each.ended = now
        self.packs.append(pack)

    def see(self, name, seen, *, whole=True):
        """Take in a film, or see it again."""
        film = self.films.get(name)
        if film is None or film.gone:
            film = self.films[name] = Film(self.next())
        seen.floor = self.floor
        film.seen.append(seen)
        film.damaged = None if whole else film.damaged
        return film

    def hold(self, key, kind, names, window=(None, None), *, answers=None):
        """Place a hold; it may answer a mark or a question."""
        self.holds[key] = Hold(self.next(), kind, frozenset(names), *window)
        self.answered.add(answers)

    def release(self, key, at):
        """Two people end a hold."""
        self.holds[key].released = _no_earlier(at, self.floor)

    def set_back(self, shown):
        """A clock that showed ``shown`` is set back, and a person accepts that."""
        self.floor = _no_earlier(shown, self.floor)

    def attest(self, day, who):
        """Hear a word on which day it is; the second of two people makes it count."""
        last = self.words[-1] if self.words else None
        second = last is not None and last[0] == day and last[1] != who and not last[2]
        self.words.append((day, who, second))

    def propose(self, key, films, now):
        """Propose a disposal of what is due."""
        warning = now + max(pack.warning for pack in self.in_force()) * DAY
        self.disposals[key] = Disposal(tuple(films), warning)
        for name in films:
            self.films[name].disposal = key

    def approve(self, key, now):
        """Approve it, after the warning."""
        found = self.disposals[key]
        assert now >= found.warning, "approved before the warning was over"
        found.undo, found.state = now + max(pack.undo for pack in self.in_force()) * DAY, "approved"

    def undo(self, key):
        """Undo it: nothing of it goes that is not gone."""
        self.disposals[key].state = "undone"
        self._let_go(key)

    def run(self, key, now):
        """Let the keeper come; return what goes."""
        found = self.disposals[key]
        assert found.state == "approved"
        assert now >= found.undo, "run before the time to undo was over"
        own = frozenset({"disposing"})
        going = [name for name in found.films if self.verdict(name, now).due(now, but=own)]
        for name in going:
            self.films[name].gone = True
        found.state = "done"
        self._let_go(key)
        return going

    def _let_go(self, key):
        for film in self.films.values():
            if film.disposal == key:
                film.disposal = None

    # --- what holds ------------------------------------------------------------------------------

    def in_force(self):
        """Return the newest version of every pack."""
        return [pack for pack in self.packs if pack.ended is None]

    def now(self, clock):
        """Return the time that counts, or None: nobody outside has said one."""
        said = [day for day, _, second in self.words if second]
        return min(clock, begins(said[-1])) if said else None

    def here(self):
        """Return what is in custody."""
        return sorted(name for name, film in self.films.items() if not film.gone)

    def due(self, now):
        """Return what may go."""
        return [name for name in self.here() if self.verdict(name, now).due(now)]

    def brought(self, units, since, until):
        """Return what was recorded in a week by what belongs to ``units``, and is here."""
        return {
            name
            for name, film in self.films.items()
            if not film.gone
            for seen in film.seen
            if since <= seen.likely < until and self._unit(seen) in units
        }

    def _unit(self, seen):
        """Return in whose hands its recorder was."""
        for _, unit, since, until in self.stays.get(seen.recorder, ()):
            if since <= seen.best and (until is None or seen.best < until):
                return unit
        return self.whole

    def verdict(self, name, now):
        """Return the verdict on one film at ``now``."""
        film = self.films[name]
        promised = [p for p in self.packs if p.ended is None or p.ended > film.tick]
        holds = [hold for hold in self.holds.values() if self._catches(hold, name, film)]
        ends = [*self._ruled(film, promised), *(_released(hold) for hold in holds)]
        ends += [None for seen in film.seen if self._marked(seen)]
        until = grace = None
        if promised and None not in ends:
            last = max(ends)
            until = begins(last + DAY)
            grace = begins(last + max(pack.grace for pack in promised) * DAY + DAY)
        codes = {
            "no_policy": not promised,
            "in_grace": until is not None and until <= now < grace,
            "unlabelled": not film.labels or not film.labels[-1].complete,
            "state_secret": bool(film.labels) and film.labels[-1].secret,
            "open_gap": bool(film.gaps),
            "not_verified": film.damaged is not None,
            "disposing": film.disposal is not None,
            "held": any(hold.released is None for hold in holds),
            "quarantine": any(seen.nobodys and self._waits(seen) for seen in film.seen),
            "clock": any(seen.nonsense and self._waits(seen) for seen in film.seen),
            "mark": any(self._marked(seen) for seen in film.seen),
            "open_request": any(end and now < end for _, end in film.asked.values()),
            "proposed": any(
                purpose in DISPUTED and key not in self.answered
                for key, (purpose, _) in film.asked.items()
            ),
            "open_grant": any(now < end for end in film.granted.values()),
        }
        return Verdict(until, grace, frozenset(code for code, so in codes.items() if so))

    def _waits(self, seen):
        return seen.key not in self.answered

    def _marked(self, seen):
        return seen.important and self._waits(seen)

    def _ruled(self, film, promised):
        """Yield the last day by every rule of every pack that was ever promised; None: no end."""
        labels = [said for n, said in enumerate(film.labels) if _stands(said, film.labels[n + 1 :])]
        cases = {said.case for said in labels} - {None}
        closed = None
        if cases and cases <= self.closed.keys():
            closed = max(self.closed[case] for case in cases)
        day = max(local(self._counted(seen)) for seen in film.seen)
        closed = closed and max(closed, day)
        for pack in promised:
            yield last_kept(day, pack.standard)
            for items, period, from_close in pack.rules:
                if any(said.item in items for said in labels):
                    start = closed if from_close else day
                    length = pack.case_file if period == "as the case file" else period
                    yield last_kept(start, length) if start and length else None

    def _counted(self, seen):
        """Return from when a sighting counts: the later of corrected time and sealing."""
        sealed = _no_earlier(seen.at, seen.floor)
        if seen.recorded is None or (seen.nonsense and not self._waits(seen)):
            return sealed
        return max(seen.recorded, sealed)

    def _catches(self, hold, name, film):
        if hold.kind == "segments":
            return name in hold.names
        later = [each.tick for each in film.labels[1:]]  # each label is corrected by the next one
        corrected = [*later, None][: len(film.labels)]
        stood = [
            s for s, end in zip(film.labels, corrected, strict=True) if not end or end > hold.tick
        ]
        if hold.kind == "case":
            return any(said.case in hold.names for said in stood)
        within = [seen for seen in film.seen if seen.reaches(hold)]
        if any(hold.names & said.officers for said in stood):
            return bool(within)
        return any(hold.names & self._names(seen) for seen in within)

    def _names(self, seen):
        """Return by what a window may catch a sighting: recorder, officers, units and all above."""
        exact = seen.recorded is not None and not seen.nonsense
        moments = {seen.best} if exact else {seen.best, seen.at}
        stays = [
            (officer, unit)
            for moment in moments
            for officer, unit, since, until in self.stays.get(seen.recorder, ())
            if since <= moment and (until is None or moment < until)
        ]
        stays += seen.named
        names = {seen.recorder, *(officer for officer, _ in stays if officer)}
        for unit in {unit for _, unit in stays} or {self.whole}:
            for moment in (seen.best, None):
                names |= set(self._above(unit, moment))
        return names

    def _above(self, unit, moment):
        yield unit
        while unit in self.parents:
            known = self.parents[unit]
            stood = [parent for since, parent in known if moment is None or since <= moment]
            unit = stood[-1] if stood else known[0][1]
            yield unit


def _released(hold):
    """Return the last day that a hold keeps, or None: it stands."""
    return None if hold.released is None else local(hold.released)


def _stands(said, later):
    """Tell whether a label still promises what the rules give to its item and its case."""
    if any(each.by != said.by for each in later):
        return False
    return not later or not timedelta() <= later[0].at - said.at <= 3 * DAY


def _no_earlier(moment, floor):
    """Return the later of both: nobody makes footage older by setting a clock back."""
    return moment if floor is None else max(moment, floor)
