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
CONFIG = "[access]\ndemo_keys = true\n\n[ledger]\nlinger_s = 2\n"


class Keeping(Terminals):
    """``demo`` starts the program and speaks; see ``tests.demo``.  ``lived``: as it was made."""

    def __init__(self, demo):
        self.folder = demo.folder / "year"
        names = {each.number: each.called(demo.lang) for each in who.EVERYBODY}
        names[KEEPER] = demo.words("demo.keeper")
        super().__init__(demo, self.folder / "home", names)
        self.words = who.WORDS[demo.lang]
        self.today = datetime.now(UTC).astimezone(SHANGHAI).date()
        self.lived = None

    def run(self):
        """Live, then show why something stays, what may go, and how it goes."""
        self.demo.say("demo.year")
        self.live()
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
            self.lived = Year(story).live()
            codes = story.enrolling(SITTING)
        finally:
            weeks.close()
        for worker, code in codes:
            file = self.secret(worker.number, code, PASSWORD)
            self.document(worker.number, "login", "--code", "--password-file", file)
            self.secret(worker.number, PASSWORD)

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
            self.works(KEEPER, "dispose", "run")
        self.demo.say("demo.clock_right")
        self.works(ADMIN, "clock", "accept")

    # --- two people, and time --------------------------------------------------------------------

    def decide(self):
        supervisor, head, day = who.SUPERVISOR.number, who.HEAD.number, self.today.isoformat()
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
        return {"due": {f"s:{each['segment']}" for each in due}, "held": held, "gone": gone}


def short(segment):
    return segment.removeprefix("s:")[:SHORT]
