"""What is kept and what may go, in the eleven months before today.  ``Year(story).live()``.

    335 days ago  two people adopt how long footage is kept
    334           Liu docks; Wang stays out, and the recorder with him
    333           a complaint about Wang arrives: a hold on that day of his
    331           his recorder is docked, and the hold catches it
    300, 280      Ma docks; of the last shift one film is never labelled
     40           the day is attested, and Liu's films are proposed to be destroyed
     16           another person approves that, and Ma's film of day 300 is proposed

Nothing is destroyed by then: the keeper comes today.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

from appliance.packs import load_pack
from custody import labels
from custody.adopting import adopt_policy, propose_policy
from custody.clockwatch import now_of
from custody.disposing import approve_disposal, propose_approval, propose_disposal
from custody.holds import Wanted, place_hold
from custody.judging import Judges
from custody.labels import Label
from custody.outside import AttestedTime, attest_day
from evidence.keeping import Scope
from evidence.weeks import IsoWeek, week_of_day
from tests.demo import people as who
from tests.demo.shifts import build_shift
from tests.fakes.house import SHANGHAI

BEGIN_DAYS = 336  # before today
LAST_DAYS = 16  # of what happens here
THURSDAY, SUNDAY = 3, 6
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Lived:
    """What has become of it by this morning: segments (s:…), and the two disposals (x:…)."""

    held: tuple[str, ...]  # for a complaint that came before their recorder
    approved: tuple[str, ...]  # of ``first``: its time to undo is over
    warned: tuple[str, ...]  # of ``second``: its warning is over
    due: tuple[str, ...]
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class LastWeek:
    """The week that is to be closed, and the recorder that turns up after that: a description."""

    week: IsoWeek
    late: Path


class Year:
    """``story`` has begun: there are people, units and recorders."""

    def __init__(self, story):
        self.story, self.weeks, self.words = story, story.weeks, story.words

    def live(self):
        """Live through it; return what it comes to."""
        self.adopt()
        approved = self.shift(334, who.LIU, ("whole",))
        held = self.complaint()
        warned = self.shift(300, who.MA, ("short",))
        due = self.shift(280, who.MA, ("whole",), unlabelled=1)
        first = self.propose(40, approved)
        self.approve(LAST_DAYS, first)
        second = self.propose(LAST_DAYS, warned)
        return Lived(held, approved, warned, due[:-1], first, second)

    def adopt(self):
        self.at(335, "10:00")
        desk, actor = self.weeks.desk, self.weeks.actor
        proposed = propose_policy(desk, actor(who.OVERSEER), load_pack("jinzhong"))
        adopt_policy(desk, actor(who.CHIEF), proposed)

    def shift(self, ago, worker, kinds, *, docked=0, unlabelled=0):
        """Let a shift come home ``docked`` days late; return its segments, in their order."""
        self.at(ago - docked, "17:30")
        home = self.weeks.dock(who.OWN[worker], worker.number, self.day(ago), kinds)
        for segment in home.segments[: len(home.segments) - unlabelled]:
            self.label(worker, segment)
        return home.segments

    def label(self, worker, segment):
        said = Label(
            officers=(self.weeks.people[worker],),
            item="inspection",
            cause=self.words["trade"],
            party=self.words["third_party"],
            place=self.words["market"],
        )
        labels.label(self.weeks.desk, self.weeks.actor(worker), [segment], said, self.weeks.items)

    def complaint(self):
        """Hold a day of an officer whose recorder is still out; return what came in later."""
        self.at(333, "09:40")
        begin = datetime.combine(self.day(334), time(), SHANGHAI)
        scope = Scope("window", of=self.weeks.people[who.WANG], since=begin, until=begin + DAY)
        wanted = Wanted("dispute", scope, self.words["letter"], self.words["complained"])
        place_hold(self.weeks.desk, self.weeks.actor(who.SUPERVISOR), wanted)
        return self.shift(334, who.WANG, ("whole",), docked=3)

    def last_week(self):
        """Live through the last week that is over: Liu's recorder stays out on the Thursday."""
        week = week_of_day(self.story.today).before
        for worker, kinds in ((who.WANG, ("whole",)), (who.MA, ("short",))):
            self.shift(self.ago(week, SUNDAY), worker, kinds)  # nothing is recorded after it
        folder = self.weeks.folder.parent / "late"
        serial, thursday = who.OWN[who.LIU], self.day(self.ago(week, THURSDAY))
        return LastWeek(week, build_shift(folder, serial, who.LIU.number, thursday, ("whole",)))

    def ago(self, week, weekday):
        return (self.story.today - week.monday).days - weekday

    def morning(self):
        """Be today, for who was not shown it: a clock a year ahead, and then the keeper."""
        keeper = self.weeks.keeper
        with self.weeks.clock.ahead(365 * DAY):
            now = keeper.now()  # raises the alarm
            assert not list(keeper.waiting(now))
        self.weeks.ledger.accept_clock("sys:local")
        now = self.attested(0)
        for each in list(keeper.waiting(now)):
            keeper.run(each.id, now, lambda _decided: None)

    # --- two people, and a day that two people have said -----------------------------------------

    def propose(self, ago, segments):
        """Attest the day, then propose; return the disposal."""
        self.at(ago, "09:00")
        desk, actor = self.weeks.desk, self.weeks.actor(who.SUPERVISOR)
        now, look = self.attested(ago), self.look()
        reason = self.words["over"]
        return propose_disposal(desk, actor, look, segments, reason, now=now).id

    def approve(self, ago, disposal):
        self.at(ago, "09:00")
        desk, actor = self.weeks.desk, self.weeks.actor(who.HEAD)
        now, look, checked = self.attested(ago), self.look(), self.words["checked"]
        approving = propose_approval(desk, actor, look, disposal, checked, now=now)
        signed = self.story.sign(who.HEAD, approving.challenge)
        approve_disposal(desk, actor, look, approving, signed)

    def attested(self, ago):
        """Let two people say which day it is; return the time that counts from then on."""
        outside = AttestedTime(self.weeks.ledger, SHANGHAI)
        if outside.newest() is None or outside.newest()[0].astimezone(SHANGHAI).date() < self.day(
            ago
        ):
            for worker in (who.CHIEF, who.AUDITOR):
                attest_day(self.weeks.desk, self.weeks.actor(worker), self.day(ago))
        return now_of(self.weeks.clock.now(), outside.newest())

    def look(self):
        return Judges(self.weeks.ledger, SHANGHAI).look()

    def day(self, ago):
        return self.story.today - ago * DAY

    def at(self, ago, clock):
        self.weeks.at(self.day(ago), clock)
