"""Random lives of a small bureau, beside a model that knows nothing of the code.

The model keeps plain sets and answers from them who may ask, who decides, and which grants live.
A sequence is made from one number; the same number is the same life.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from custody.decide import Answer, decide, propose
from custody.grants import load_grant, withdraw_grant
from custody.plans import Wanted
from custody.requests import ask, load_request, withdraw
from evidence.asking import Span
from evidence.errors import ConflictError, ProofError, RefusedError, UsageError
from evidence.people import ORGANISATION
from tests.fakes.desk import (
    EAST,
    LONG_AGO,
    PEOPLE,
    SQUAD,
    TERMS,
    UNITS,
    WEST,
    MemoryHouse,
    open_home,
    person,
    small_bureau,
)
from tests.fakes.grants import approval_of

NAMES = tuple(PEOPLE)
LEADING = {"supervisor", "head", "deputy"}
CASES = ("C-1", "C-2", None)
NO = (RefusedError, ConflictError, ProofError)


@dataclass
class Held:
    name: str
    role: str
    unit: str
    since: object
    until: object
    entry: int


@dataclass
class Label:
    segment: str
    names: frozenset
    case: str | None
    entry: int
    corrected: bool = False


@dataclass
class Question:
    id: str
    asker: str
    segments: tuple
    case: str | None
    until: object
    times: int
    unit: str
    state: str = "open"


@dataclass
class Given:
    question: Question
    until: object
    left: int
    withdrawn: bool = False


@dataclass
class Model:
    parents: dict = field(default_factory=lambda: {u: p for u, p, _ in UNITS})
    enforcing: set = field(default_factory=lambda: {u for u, _, e in UNITS if e})
    home: dict = field(default_factory=lambda: {name: u for name, (u, _) in PEOPLE.items()})
    held: list = field(default_factory=list)
    suspended: set = field(default_factory=set)
    keys: set = field(default_factory=set)
    holders: dict = field(default_factory=dict)  # segment: name or None
    owners: dict = field(default_factory=dict)  # segment: unit
    labels: list = field(default_factory=list)
    questions: dict = field(default_factory=dict)
    grants: dict = field(default_factory=dict)

    def path(self, unit):
        found = [unit]
        while found[-1] != ORGANISATION:
            found.append(self.parents[found[-1]])
        return found

    def deciding(self, unit):
        return next((u for u in self.path(unit) if u in self.enforcing), ORGANISATION)

    def roles(self, name, now):
        if name in self.suspended:
            return set()
        return {
            (h.role, h.unit)
            for h in self.held
            if h.name == name and h.since <= now and (h.until is None or now < h.until)
        }

    def people_of(self, segment, *, ever):
        """Who stands in labels of the segment, and of its cases: (labelled, of the case)."""
        here = [each for each in self.labels if each.segment == segment]
        kept = [each for each in here if ever or not each.corrected]
        cases = {each.case for each in kept} - {None}
        return (
            {name for each in kept for name in each.names},
            {name for case in cases for name in self.of_case(case, ever=ever)},
        )

    def of_case(self, case, *, ever):
        return {
            name
            for each in self.labels
            if each.case == case and (ever or not each.corrected)
            for name in each.names
        }

    def appear(self, segments, case):
        found = set(self.of_case(case, ever=True)) if case else set()
        for segment in segments:
            labelled, of_case = self.people_of(segment, ever=True)
            found |= labelled | of_case | {self.holders[segment]}
        return found - {None}

    def may_ask(self, name, segments, now):
        roles = self.roles(name, now)
        kinds = {role for role, _ in roles}
        if "admin" in kinds or any(self.holders[segment] is None for segment in segments):
            return False
        if kinds & LEADING:
            return True
        over = set.intersection(*(set(self.path(self.owners[s])) for s in segments))
        if any(role in {"overseer", "auditor"} and unit in over for role, unit in roles):
            return True
        mine, named = [], []
        for segment in segments:
            labelled, of_case = self.people_of(segment, ever=False)
            mine.append(name in labelled | {self.holders[segment]})
            named.append(name in of_case)
        return "officer" in kinds and (all(mine) or all(named))

    def who_decides(self, asker, segments, case, now):
        """Return the unit whose head decides, or None where it must be asked for apart."""
        owners = {self.deciding(self.owners[segment]) for segment in segments}
        home = self.deciding(self.home[asker])
        if owners == {home} or all(home in self.path(owner) for owner in owners):
            unit = home
        elif len(owners) > 1:
            return None
        else:
            (unit,) = owners
        barred = {asker} | self.appear(segments, case)
        while True:
            heads = {name for name in NAMES if ("head", unit) in self.roles(name, now)}
            if not heads or heads - barred or unit == ORGANISATION:
                return unit
            unit = self.deciding(self.parents[unit])

    def may_answer(self, name, question, now):
        roles = self.roles(name, now)
        return (
            question.state == "open"
            and now < question.until
            and bool({("head", question.unit), ("deputy", question.unit)} & roles)
            and not any(role == "admin" for role, _ in roles)
            and name != question.asker
            and name not in self.appear(question.segments, question.case)
        )

    def lives(self, given, now):
        return (
            not given.withdrawn
            and now < given.until
            and given.left > 0
            and given.question.asker not in self.suspended
        )


class Life:
    """One sequence.  Every step does one thing in both worlds and compares what came of it."""

    def __init__(self, seed, start):
        self.random = Random(seed)
        self.bureau, self.model, self.segments = copied(start)
        self.waiting = []  # (name, question, proposal): proposed, not decided yet
        self.told = {"asked": 0, "approved": 0, "refused": 0, "used": 0}

    def run(self, steps):
        for _ in range(steps):
            self.random.choice(STEPS)(self)
        for grant in self.model.grants:
            self.compare_grant(grant)

    @property
    def now(self):
        return self.bureau.now

    def somebody(self):
        return self.random.choice(NAMES)

    def forward(self):
        self.bureau.clock.forward(hours=self.random.choice((1, 12, 30, 100)))

    def suspend(self):
        name = self.somebody()
        if name in self.model.suspended:
            self.bureau.restore(name)
            self.model.suspended.remove(name)
        elif self.random.random() < 0.5:
            self.bureau.suspend(name)
            self.model.suspended.add(name)

    def role(self):
        name, where = self.somebody(), self.random.choice((EAST, SQUAD, WEST, ORGANISATION))
        kind = self.random.choice(("head", "deputy", "supervisor", "officer", "auditor", "admin"))
        since = self.now + timedelta(hours=self.random.choice((-5, 0, 20)))
        until = self.random.choice((None, since + timedelta(days=3)))
        index = self.bureau.role(name, kind, where, since, until=until)
        self.model.held.append(Held(name, kind, where, since, until, index))

    def revoke(self):
        held = self.random.choice(self.model.held)
        self.bureau.revoke(held.entry)
        self.model.held.remove(held)
        if not self.model.held:
            self.role()

    def absence(self):
        """The head is away: a deputy for some days."""
        name, where = self.somebody(), self.random.choice((EAST, WEST, ORGANISATION))
        until = self.now + timedelta(days=2)
        index = self.bureau.role(name, "deputy", where, self.now, until=until)
        self.model.held.append(Held(name, "deputy", where, self.now, until, index))

    def move(self):
        unit = self.random.choice((SQUAD, EAST, WEST))
        parents = (EAST, WEST, ORGANISATION) if unit == SQUAD else (ORGANISATION,)
        parent, enforcing = self.random.choice(parents), self.random.random() < 0.7
        self.bureau.unit(unit, parent, enforcing, "unit.moved")
        self.model.parents[unit] = parent
        (self.model.enforcing.add if enforcing else self.model.enforcing.discard)(unit)

    def transfer(self):
        name, where = self.somebody(), self.random.choice((EAST, SQUAD, WEST, ORGANISATION))
        self.bureau.enrol(name, where, "person.corrected")
        self.model.home[name] = where

    def label(self):
        segment = self.random.choice(self.segments)
        names = frozenset(self.random.sample(NAMES, self.random.choice((1, 2))))
        case = self.random.choice(CASES)
        earlier = [each for each in self.model.labels if each.segment == segment]
        corrects = self.random.choice(earlier) if earlier and self.random.random() < 0.5 else None
        index = self.bureau.label(
            segment, names, case, corrects=corrects.entry if corrects else None
        )
        if corrects:
            corrects.corrected = True
        self.model.labels.append(Label(segment, names, case, index))

    def lose_key(self):
        if self.model.keys and self.random.random() < 0.3:
            name = self.random.choice(sorted(self.model.keys))
            self.bureau.revoke_key(name)
            self.model.keys.remove(name)

    def ask(self):
        name = self.somebody()
        segments = tuple(self.random.sample(self.segments, self.random.choice((1, 1, 2))))
        case, times = self.random.choice(CASES), self.random.choice((1, 2))
        until = self.now + timedelta(hours=self.random.choice((10, 50, 400)))
        wish = Wanted("copy", tuple(map(Span, segments)), "case", until, "why", times, case)
        unit = self.model.who_decides(name, segments, case, self.now)
        may = self.model.may_ask(name, segments, self.now) and unit is not None
        try:
            request = ask(self.bureau.desk, self.bureau.actor(name), wish)
        except (RefusedError, UsageError):
            assert not may, f"{name} may ask"
            return
        assert may, f"{name} may not ask"
        assert request.unit == unit
        question = Question(request.id, name, segments, case, until, times, unit)
        self.model.questions[request.id] = question
        self.told["asked"] += 1

    def withdraw(self):
        if not self.model.questions:
            return
        question = self.random.choice(list(self.model.questions.values()))
        name = self.random.choice((question.asker, self.somebody()))
        roles = {role for role, _ in self.model.roles(name, self.now)}
        may = question.state == "open" and self.now < question.until
        may &= name == question.asker and name not in self.model.suspended and "admin" not in roles
        try:
            withdraw(self.bureau.desk, self.bureau.actor(name), question.id, "why")
        except RefusedError:
            assert not may
            return
        assert may
        question.state = "withdrawn"

    def propose(self):
        """See what is to be signed; sign it now, or later when other things have happened."""
        if not self.model.questions:
            return
        questions = list(self.model.questions.values())
        alive = [q for q in questions if q.state == "open" and self.now < q.until]
        question = self.random.choice(alive or questions)
        heads = [h.name for h in self.model.held if h.unit == question.unit]
        name = self.random.choice([*heads, *heads, self.somebody(), question.asker])
        answer = Answer(self.random.choice(("approve", "approve", "refuse")), (question.id,), "why")
        may = self.model.may_answer(name, question, self.now)
        try:
            proposal = propose(self.bureau.desk, self.bureau.actor(name), answer)
        except RefusedError:
            assert not may, f"{name} may answer"
            return
        assert may, f"{name} may not answer"
        self.waiting.append((name, question, proposal))
        if self.random.random() < 0.7:
            self.decide()

    def decide(self):
        if not self.waiting:
            return
        name, question, proposal = self.waiting.pop()
        approves = proposal.draft.body["answer"] == "approve"
        signs = name in self.bureau.keys and (approves or self.random.random() < 0.5)
        good = not signs or name in self.model.keys
        may = self.model.may_answer(name, question, self.now) and good and (signs or not approves)
        approval = approval_of(self.bureau, name, proposal) if signs else None
        try:
            index = decide(self.bureau.desk, self.bureau.actor(name), proposal, approval)
        except NO:
            assert not may, f"{name} may decide"
            return
        assert may, f"{name} may not decide"
        question.state = "approved" if approves else "refused"
        self.told[question.state] += 1
        (each,) = self.bureau.ledger.entry(index).body["requests"]
        if approves:
            self.model.grants[each["grant"]] = Given(question, question.until, question.times)

    def use(self):
        if not self.model.grants:
            return
        grant = self.random.choice(list(self.model.grants))
        if self.compare_grant(grant):
            found = load_grant(self.bureau.desk, grant)
            body = {"grant": grant, "use": found.used + 1, "spans": [], "where": "cli"}
            self.bureau.write("copy.opened", (grant, found.request), body, by=found.holder)
            self.model.grants[grant].left -= 1
            self.told["used"] += 1

    def end(self):
        if not self.model.grants:
            return
        grant = self.random.choice(list(self.model.grants))
        given, name = self.model.grants[grant], self.somebody()
        roles = self.model.roles(name, self.now)
        leads = {("head", given.question.unit), ("deputy", given.question.unit)} & roles
        may = bool(leads) or name == given.question.asker
        may &= name not in self.model.suspended and all(role != "admin" for role, _ in roles)
        try:
            withdraw_grant(self.bureau.desk, self.bureau.actor(name), grant, "why")
        except RefusedError:
            assert not may
            return
        assert may
        given.withdrawn = True

    def compare_grant(self, grant):
        """Return whether it lives, the same in both worlds."""
        given = self.model.grants[grant]
        expected = self.model.lives(given, self.now)
        try:
            found = load_grant(self.bureau.desk, grant)
        except RefusedError:
            assert not expected
            return False
        assert expected
        assert found.holder == person(given.question.asker)
        assert found.times - found.used == given.left
        return True

    def look(self):
        """What the ledger says of a question is what the model has kept."""
        for question in self.model.questions.values():
            assert load_request(self.bureau.ledger, question.id).state == question.state


STEPS = (
    *(Life.ask,) * 5,
    *(Life.propose,) * 5,
    *(Life.use,) * 2,
    Life.forward,
    Life.suspend,
    Life.role,
    Life.revoke,
    Life.absence,
    Life.move,
    Life.transfer,
    Life.label,
    Life.lose_key,
    Life.withdraw,
    Life.decide,
    Life.end,
    Life.look,
)


def begin():
    """Return the bureau from which every life starts, and the segments in its custody."""
    bureau = small_bureau()
    bureau.bind(bureau.recorder("west"), "west_officer", WEST)
    segments = [bureau.seal(number) for number in range(2)]
    segments += [bureau.seal(f"w{n}", bureau.recorder("west")) for n in range(2)]
    segments.append(bureau.seal("lost", bureau.recorder("nobody's")))
    return bureau, tuple(segments)


def copied(start):
    """Return bureau, model and segments of a new life; ``start`` itself stays as it is."""
    before, segments = start
    house = MemoryHouse()
    ledger = before.house.ledger
    house.ledger.leaves = list(ledger.leaves)
    house.ledger.statements = dict(ledger.statements)
    house.ledger.lasts = dict(ledger.lasts)
    bureau = open_home(house)
    bureau.keys = dict(before.keys)
    model = Model(keys=set(before.keys))
    for entry in house.entries("role.granted"):
        body = entry.body
        name = next(each for each in NAMES if person(each) == body["person"])
        since, until = TERMS.get(name, (None, None))
        begin_at, end_at = (LONG_AGO, None) if since is None else (house.clock.now() + since, None)
        end_at = house.clock.now() + until if until else None
        model.held.append(Held(name, body["role"], body["unit"], begin_at, end_at, entry.seq))
    where = dict(zip(segments, (SQUAD, SQUAD, WEST, WEST, ORGANISATION), strict=True))
    who = ("officer", "officer", "west_officer", "west_officer", None)
    model.owners, model.holders = where, dict(zip(segments, who, strict=True))
    return bureau, model, segments
