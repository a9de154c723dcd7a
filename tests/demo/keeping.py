"""The third part of the demo: how long it is kept, and how it is lawfully destroyed.

A bureau has lived through eleven months (``tests/demo/year.py``); what is shown now is the real
program over its home, today, by today's clock, and once by a clock that is a year ahead.
"""

from datetime import UTC, datetime, timedelta

from appliance.settings import load_settings
from custody.desk import Hosts
from tests.demo import people as who
from tests.demo.expected import unkept
from tests.demo.story import Story
from tests.demo.terminals import PASSWORD, Terminals
from tests.demo.weeks import Weeks
from tests.demo.year import BEGIN_DAYS, Year
from tests.fakes.house import SHANGHAI
from vault.objects import LocalObjects
from vault.reader import LedgerReader

AHEAD_DAYS = 365
SHORT = 12  # signs of a digest that a person types
SITTING = (who.SUPERVISOR, who.HEAD, who.CHIEF, who.AUDITOR)  # at their terminals today
KEEPER, ADMIN = "keeper", who.ADMINS[0].number
# Who types one command after the other wants one ledger process for all of them.
CONFIG = """[access]
demo_keys = true

[ledger]
linger_s = 2

[vault]
reserve_bytes = 0
"""


class Keeping(Terminals):
    """``demo`` starts the program and speaks; see ``tests.demo``.  ``lived``: as it was made."""

    def __init__(self, demo):
        self.folder = demo.folder / "year"
        names = {each.number: each.called(demo.lang) for each in who.EVERYBODY}
        names[KEEPER] = demo.words("demo.keeper")
        super().__init__(demo, self.folder / "home", names)
        self.words = who.WORDS[demo.lang]
        self.today = datetime.now(UTC).astimezone(SHANGHAI).date()
        self.lived = self.last_week = None
        self.codes = {}

    def run(self):
        """Live, then show why something stays, what may go, and how it goes."""
        self.demo.say("demo.year")
        self.live()
        self.week()
        self.why()
        self.ahead()
        self.decide()
        self.destroy()

    def live(self):
        """Make the home; whoever acts today signs in."""
        self.home.mkdir(parents=True)
        (self.home / "appliance.toml").write_text(CONFIG)
        settings = load_settings(None, str(self.home), {})
        begin = datetime.now(UTC) - timedelta(days=BEGIN_DAYS)
        weeks = Weeks(settings, self.folder / "work", begin)
        try:
            story = Story(weeks, self.today, self.demo.lang)
            story.begin(Hosts())
            year = Year(story)
            self.lived, self.last_week = year.live(), year.last_week()
            codes = story.enrolling(SITTING)
        finally:
            weeks.close()
        self.codes = dict(codes)
        self.sit(who.SUPERVISOR)

    def sit(self, *workers):
        """Let them sign in, as was shown before: by their codes, later by their passwords.

        Acts of two people want a proof that is younger than five minutes.
        """
        for worker in workers:
            code = self.codes.pop(worker, None)
            first = ("--code",) if code else (worker.number,)
            file = self.secret(worker.number, *([code] if code else []), PASSWORD)
            self.document(worker.number, "login", *first, "--password-file", file)
            self.secret(worker.number, PASSWORD)

    # --- what came in last week ------------------------------------------------------------------

    def week(self):
        supervisor, week = who.SUPERVISOR.number, str(self.last_week.week)
        close = ("week", "close", self.words["east"], week)
        self.demo.say("demo.week", name=self.names[supervisor])
        self.works(supervisor, "week", self.words["east"], week)
        self.works(supervisor, *close)
        self.demo.say("demo.late")
        self.works("", "dock", str(self.last_week.late))
        self.works(supervisor, *close, "--sheet", str(self.sheet))

    @property
    def sheet(self):
        """Where the week lies to be printed and signed."""
        return self.folder / f"{self.last_week.week}.html"

    # --- what is kept, and why -------------------------------------------------------------------

    def why(self):
        supervisor, held = who.SUPERVISOR.number, short(self.lived.held[0])
        self.demo.say("demo.due", name=self.names[supervisor])
        self.works(supervisor, "retention", "due", "--within", "30d")
        self.works(supervisor, "retention", "blocked")
        self.demo.say("demo.held")
        self.works(supervisor, "hold", "list")
        self.works(supervisor, "retention", held)

    # --- a clock that nobody believes ------------------------------------------------------------

    def ahead(self):
        self.demo.say("demo.ahead")
        with self.demo.ahead(self.home, AHEAD_DAYS):
            self.works(KEEPER, "tend")
        self.demo.say("demo.clock_right")
        self.works(ADMIN, "clock", "accept")
        self.alarms()

    def alarms(self):
        auditor = who.AUDITOR.number
        self.sit(who.AUDITOR)
        self.demo.say("demo.alarms")
        self.works(auditor, "alarms")
        found = {each["code"]: each for each in self.document(auditor, "alarms")["alarms"]}
        jumped = str(found["clock_ahead"]["entry"])
        self.works(auditor, "alarms", "acknowledge", jumped, "--answer", "mended")

    # --- two people, and time --------------------------------------------------------------------

    def decide(self):
        supervisor, head, day = who.SUPERVISOR.number, who.HEAD.number, self.today.isoformat()
        self.sit(*SITTING)
        self.demo.say("demo.attest")
        for witness in (who.CHIEF, who.AUDITOR):
            self.works(witness.number, "time", "attest", day)
        self.demo.say("demo.propose")
        reason = ("--reason", self.words["over"])
        self.refuses(supervisor, "dispose", "propose", short(self.lived.held[0]), *reason)
        self.works(supervisor, "dispose", "propose", "--due", *reason)
        self.demo.say("demo.second", name=self.names[head])
        approve = ("dispose", "approve", self.lived.second[:14], "--reason", self.words["checked"])
        self.refuses(supervisor, *approve)
        self.works(head, *approve, "--key", str(self.folder / "work" / "keys" / head))

    def destroy(self):
        auditor, (gone, *_) = who.AUDITOR.number, self.lived.approved
        self.demo.say("demo.run")
        self.works(KEEPER, "dispose", "run")
        self.works(auditor, "dispose", "list", "--all")
        self.demo.say("demo.gone")
        self.works(auditor, "disposed", gone.removeprefix("s:"))
        self.demo.say("demo.still")
        self.works(who.SUPERVISOR.number, "list")
        self.demo.say("demo.space")
        self.works(auditor, "space")
        self.demo.say("demo.lawful")
        self.works(auditor, "audit")

    # --- what has become of it -------------------------------------------------------------------

    def lacking(self):
        """Return what did not come to light."""
        size = int((self.home / "ledger" / "checkpoint").read_text("utf-8").split("\n")[1])
        entries = list(LedgerReader(self.home / "ledger").entries(0, size, size))
        vault = LocalObjects(self.home / "vault", reserve_bytes=0)
        return unkept(self.lived, entries, {f"s:{name}" for name in vault.names()}, self.told_now())

    def told_now(self):
        supervisor, lived = who.SUPERVISOR.number, self.lived
        due = self.document(supervisor, "retention", "due")["due"]
        held = self.document(supervisor, "retention", short(lived.held[0]))["retention"]
        gone = self.document(who.AUDITOR.number, "disposed", lived.approved[0][2:])["tombstone"]
        return {
            "due": {f"s:{each['segment']}" for each in due},
            "held": held,
            "gone": gone,
            "sheet": self.sheet.is_file(),
        }


def short(segment):
    return segment.removeprefix("s:")[:SHORT]
