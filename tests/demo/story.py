"""What happens in the bureau in two weeks, day by day.  ``Story(weeks, today, lang).tell()``.

The year before them is that of ``tests/demo/year.py``.

Every act is one of the rules of ``custody/``, done by whoever does it in life.  Decisions were
signed with keys in files, as a demo may: their entries say ``signer: demo``.
"""

from datetime import UTC, date, datetime, time, timedelta

from custody import enrol, gaps, handover, keys, labels, roles
from custody.access import Access
from custody.decide import Answer, decide, propose
from custody.enrol import Founders, new_person
from custody.enrolment import give_code
from custody.gaps import Explanation, gaps_of
from custody.grants import load_grant, withdraw_grant
from custody.history import chain
from custody.labels import Label
from custody.names import PersonFacts
from custody.plans import Letter, Wanted
from custody.requests import ask
from custody.tenure import SIGHTINGS
from evidence.approval import SOFTWARE
from evidence.asking import Approval, Span
from evidence.people import ORGANISATION
from tests.demo import people as who
from tests.demo.year import Year
from tests.fakes.house import SHANGHAI
from vault.softkey import make_soft_key

DAYS = 14
CERTIFICATE = date(2028, 12, 31)
DAY = timedelta(days=1)


class Story:
    """``today``: the day on which somebody looks; the story ends the evening before."""

    def __init__(self, weeks, today, lang):
        self.weeks, self.today, self.lang = weeks, today, lang
        self.words = who.WORDS[lang]
        self.signers = {}
        self.home = {}  # dockings of a worker, by day

    def tell(self, hosts):
        """Live through it; return the codes by which people of each role enrol today."""
        self.begin(hosts)
        year = Year(self)
        year.live()
        self.deputise()
        for number in range(DAYS):
            self.day(number, self.today - (DAYS - number) * DAY)
        self.weeks.clock.forward_to(datetime.now(UTC))
        year.morning()
        return self.enrolling(who.SHOWN)

    # --- the day before ------------------------------------------------------------------------

    def begin(self, hosts):
        weeks = self.weeks
        founders = {worker: new_person() for worker in (*who.ADMINS, who.AUDITOR)}
        weeks.people |= founders
        admins = {founders[worker]: self.facts(worker) for worker in who.ADMINS}
        auditor = {founders[who.AUDITOR]: self.facts(who.AUDITOR)}
        enrol.found(weeks.desk, self.words["bureau"], hosts, Founders(admins, auditor), weeks.items)
        self.staff()
        for worker in who.SIGNERS:
            self.register(worker)
        for worker, serial in who.OWN.items():
            whose = weeks.people[worker]
            handover.bind(weeks.desk, self.admin, weeks.recorder(serial), person=whose)
        pool = weeks.recorder(who.POOLED)
        handover.bind(weeks.desk, self.admin, pool, unit=weeks.units["west"])

    def staff(self):
        weeks = self.weeks
        for word, above, enforcing in (
            ("east", None, True), ("squad", "east", False), ("west", None, True),
        ):  # fmt: skip
            parent = self.unit(above)
            weeks.units[word] = enrol.add_unit(
                weeks.desk, self.admin, self.words[word], parent, enforcing=enforcing
            )
        for worker in who.STAFF:
            place = self.unit(worker.unit)
            weeks.people[worker] = enrol.enrol(weeks.desk, self.admin, place, self.facts(worker))
            if worker is not who.DEPUTY:
                self.role(self.admin, worker)

    def deputise(self):
        until = self.weeks.clock.now() + 30 * DAY
        self.role(self.weeks.actor(who.HEAD), who.DEPUTY, until)

    def role(self, actor, worker, until=None):
        person, unit = self.weeks.people[worker], self.unit(worker.unit)
        roles.grant_role(self.weeks.desk, actor, person, role=worker.role, unit=unit, until=until)

    def register(self, worker):
        folder = self.weeks.folder / "keys"
        folder.mkdir(parents=True, exist_ok=True)
        key = self.signers[worker] = make_soft_key(folder / worker.number)
        new = keys.NewKey(key.fmt, "sign", "", key.public, "")
        actor, person = self.weeks.actor(worker), self.weeks.people[worker]
        self.signers[worker, "entry"] = keys.register_key(
            self.weeks.desk, actor, person, new, self.weeks.actor(who.AUDITOR)
        )

    @property
    def admin(self):
        return self.weeks.actor(who.ADMINS[0])

    def unit(self, word):
        return self.weeks.units[word] if word else ORGANISATION

    def facts(self, worker):
        officer = worker.role == "officer"
        certificate = f"3301{worker.number}" if officer else None
        return PersonFacts(
            worker.called(self.lang), worker.number, certificate, CERTIFICATE if officer else None
        )

    # --- each day ------------------------------------------------------------------------------

    def day(self, number, day):
        weeks = self.weeks
        weeks.at(day, "08:20")
        self.morning(number)
        out = number != NOBODYS_DAY
        if out:
            self.hand(handover.handover_out, due=datetime.combine(day, time(19), SHANGHAI))
        for worker, kinds in shifts(number):
            weeks.at(day, "17:30")
            serial = who.OWN.get(worker, who.POOLED)
            docked = weeks.dock(serial, worker.number, day, kinds)
            self.home[worker, number] = docked
            self.evening(number, worker, docked)
        if out:
            weeks.at(day, "18:10")
            self.hand(handover.handover_in)

    def hand(self, act, **more):
        weeks = self.weeks
        pool, person = weeks.recorder(who.POOLED), weeks.people[who.HU]
        more = {name: moment.astimezone(UTC) for name, moment in more.items()}
        act(weeks.desk, weeks.actor(who.WEST_HEAD), pool, person, **more)

    def evening(self, number, worker, docked):
        """Label what came home, but for some; say why it broke off, but for some."""
        if worker is who.HU and number == NOBODYS_DAY:
            return  # nobody held it: nobody may
        left_over = LEFT_UNLABELLED.get((worker, number), 0)
        for place, segment in enumerate(docked.segments[: len(docked.segments) - left_over]):
            self.label(worker, segment, number + place // 2)
        for gap in gaps_of(self.weeks.ledger, docked.docking):
            if number not in UNEXPLAINED:
                reason = "battery" if number % 2 else "weather"
                words = self.words["battery" if number % 2 else "rain"]
                told = Explanation(reason, words, spoken=number % 3 == 0)
                gaps.explain(self.weeks.desk, self.weeks.actor(worker), gap, told)

    def label(self, worker, segment, turn):
        officer = self.weeks.people[worker]
        mate = self.weeks.people[who.LIU if worker is who.WANG else who.WANG]
        if turn % 5 == 4:
            said = Label(no_case="patrol")
        else:
            said = Label(
                officers=(officer,) if worker is who.HU else (officer, mate),
                item=ITEMS[turn % len(ITEMS)],
                cause=self.words[("trade", "building", "noise")[turn % 3]],
                party=self.words[("party", "other_party", "third_party")[turn % 3]],
                case_number=case_number(turn, self.lang),
                place=self.words[("market", "bridge")[turn % 2]],
            )
        labels.label(self.weeks.desk, self.weeks.actor(worker), [segment], said, self.weeks.items)

    # --- who asks, and what becomes of it ------------------------------------------------------

    def morning(self, number):
        act = getattr(self, f"on_day_{number}", None)
        if act:
            act()

    def on_day_2(self):
        self.answer_gaps("accepted")
        question = self.ask(who.SUPERVISOR, (who.WANG, 0), "complaint", "complaint", times=3)
        grant = self.decide(who.HEAD, question)
        self.fetch(who.SUPERVISOR, grant)

    def on_day_3(self):
        question = self.ask(who.SUPERVISOR, (who.WANG, 2), "case", "curious")
        self.decide(who.HEAD, question, Answer("refuse", (question.id,), self.words["no_need"]))

    def on_day_5(self):
        self.answer_gaps("returned")
        question = self.ask(who.SUPERVISOR, (who.HU, 3), "transfer", "transfer", times=2)
        grant = self.decide(who.WEST_HEAD, question)
        self.fetch(who.SUPERVISOR, grant)
        self.fetch(who.SUPERVISOR, grant)

    def on_day_7(self):
        question = self.ask(who.AUDITOR, (who.LIU, 4), "inspection", "inspect")
        hidden = self.weeks.clock.now() + 20 * DAY
        answer = Answer("approve", (question.id,), self.words["inspect"], confidential_until=hidden)
        self.fetch(who.AUDITOR, self.decide(who.CHIEF, question, answer))

    def on_day_9(self):
        question = self.ask(who.SUPERVISOR, (who.MA, 7), "complaint", "complaint", times=2)
        grant = self.decide(who.DEPUTY, question)
        self.weeks.clock.forward_to(self.weeks.clock.now() + timedelta(hours=2))
        head = self.weeks.actor(who.HEAD)
        withdraw_grant(self.weeks.desk, head, grant, self.words["withdrawn"])

    def on_day_11(self):
        self.answer_gaps("accepted")
        seen = self.home[who.HU, NOBODYS_DAY]
        ledger, west = self.weeks.ledger, self.weeks.actor(who.WEST_HEAD)
        sighting = next(
            each.seq for each in chain(seen.segments[0], ledger) if each.type in SIGHTINGS
        )
        person = self.weeks.people[who.HU]
        handover.resolve_holder(self.weeks.desk, west, sighting, person, self.words["said"])

    def on_day_12(self):
        self.refusals()
        question = self.ask(who.SUPERVISOR, (who.WANG, 10), "review", "review", times=3, days=60)
        self.decide(who.HEAD, question)  # nobody has used it yet
        self.ask(who.SUPERVISOR, (who.LIU, 8), "complaint", "complaint", times=2, days=30)

    def on_day_13(self):
        self.ask(who.SUPERVISOR, (who.WANG, 12), "case", "transfer", days=30)
        self.ask(who.WANG, (who.WANG, 12), "case", "complaint", days=30, act="view")

    def refusals(self):
        weeks, segment = self.weeks, self.home[who.WANG, 10].segments[0]
        other = weeks.actor(who.MA)
        weeks.refused(lambda: labels.label(weeks.desk, other, [segment], Label(no_case="patrol"),
                                           weeks.items))  # fmt: skip
        weeks.refused(lambda: self.ask(who.ADMINS[1], (who.WANG, 10), "case", "curious"))

    def ask(self, worker, of, purpose, reason, *, act="copy", times=1, days=9):
        """Ask for the first two segments that somebody (``of``) brought home on a day."""
        until = self.weeks.clock.now() + days * DAY
        spans = tuple(Span(each) for each in self.home[of].segments[:2])
        letter = Letter(LETTERS[self.lang]) if purpose == "transfer" else None
        wanted = Wanted(act, spans, purpose, until, self.words[reason], times,
                        case_number(of[1], self.lang), letter=letter)  # fmt: skip
        return ask(self.weeks.desk, self.weeks.actor(worker), wanted)

    def decide(self, worker, question, answer=None):
        """Decide with the key in a file; return the grant, None where there is none."""
        weeks = self.weeks
        weeks.clock.forward_to(weeks.clock.now() + timedelta(minutes=25))
        actor = weeks.actor(worker)
        said = answer or Answer("approve", (question.id,))
        proposal = propose(weeks.desk, actor, said)
        approval = self.sign(worker, proposal.challenge) if said.answer == "approve" else None
        index = decide(weeks.desk, actor, proposal, approval)
        (answered,) = weeks.ledger.entry(index).body["requests"]
        return answered["grant"]

    def sign(self, worker, challenge):
        """Sign with the key in a file."""
        key, entry = self.signers[worker], self.signers[worker, "entry"]
        return Approval(SOFTWARE, entry, key.envelope(challenge))

    def fetch(self, worker, grant):
        """Take a copy; where it goes to is not the story's affair."""
        weeks = self.weeks
        weeks.clock.forward_to(weeks.clock.now() + timedelta(minutes=10))
        for piece in Access(weeks.desk).read(load_grant(weeks.desk, grant), weeks.actor(worker)):
            assert piece.data

    def answer_gaps(self, verdict):
        weeks, actor = self.weeks, self.weeks.actor(who.SUPERVISOR)
        since = weeks.clock.now() - 6 * DAY
        words = self.words["returned"] if verdict == "returned" else ""
        for gap in list(gaps.to_answer(weeks.desk, actor, since)):
            gaps.answer(weeks.desk, actor, gap, verdict, words)

    # --- today ---------------------------------------------------------------------------------

    def enrolling(self, workers):
        """Return (worker, code) of each: today they get their passwords."""
        weeks = self.weeks
        weeks.clock.forward_to(datetime.now(UTC))
        found = []
        for worker in workers:
            by = who.ADMINS[1] if worker is who.ADMINS[0] else who.ADMINS[0]
            given = give_code(weeks.entrance, weeks.actor(by), weeks.people[worker])
            found.append((worker, given.code.text))
        return found


NOBODYS_DAY = 9  # the pooled recorder was taken without a word
LEFT_UNLABELLED = {(who.WANG, 12): 2, (who.LIU, 13): 3, (who.MA, 13): 1, (who.HU, 12): 1}
UNEXPLAINED = frozenset({10, 12})
LETTERS = {"en": "Police letter 31/2026", "zh-CN": "湖公函〔2026〕31号"}
ITEMS = ("inspection", "hearing", "seizure")


def shifts(number):
    """Yield who was out on a day, and what they recorded."""
    if number % 2 == 0:
        yield who.WANG, ("gap", "short") if number % 4 == 2 else ("whole", "marked")
        yield who.LIU, ("whole", "short")
    else:
        yield who.MA, ("whole", "marked") if number % 3 else ("gap",)
        yield who.HU, ("short", "whole") if number % 4 == 1 else ("gap",)
    if number == DAYS - 1:
        yield who.LIU, ("whole", "short")
    if number == DAYS - 2:
        yield who.HU, ("short",)


def case_number(turn, lang):
    return f"城执〔2026〕{turn + 131}号" if lang == "zh-CN" else f"2026-{turn + 131}"
