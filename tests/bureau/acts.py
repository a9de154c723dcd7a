"""What people do: each act through the product, and told to the model where it was done."""

from datetime import timedelta

from custody.adopting import adopt_policy, propose_policy
from custody.alarms import acknowledge
from custody.audit import record_audit
from custody.cases import close_case, reopen_case
from custody.decide import Answer, decide
from custody.decide import propose as propose_answer
from custody.disposals import load_disposal
from custody.disposing import (
    approve_disposal,
    propose_approval,
    propose_disposal,
    undo_disposal,
)
from custody.gaps import Explanation, answer, explain, gap
from custody.handover import resolve_holder
from custody.holds import Wanted, place_hold, propose_release, refuse_release, release_hold
from custody.items import parse_items
from custody.labels import Label, label
from custody.marks import resolve
from custody.outside import attest_day
from custody.plans import Wanted as Asking
from custody.policies import policy_of
from custody.requests import ask, withdraw
from custody.tenure import tenure_id
from evidence.asking import Span
from evidence.codec import format_time
from evidence.entry import Draft
from evidence.errors import CustodyError, RefusedError
from evidence.keeping import Scope
from tests.bureau.model import Pack, Said, local
from tests.bureau.station import DESTROYING, WRITING, Station
from tests.fakes.desk import person
from tests.fakes.grants import approval_of

_ROW = {"zh": "检查", "en": "Check", "article": "8(1)", "scope": "key", "picture": ["现场"]}
CODES = ("daily_check", "evidence", "compulsory", "hearing", "major")
ITEMS = parse_items(
    {"name": "periods", "version": "1", "item": dict.fromkeys(CODES, _ROW)}, "0" * 64
)


class Office(Station):
    """A station with its people at work.  Names of people are those of ``tests.fakes.desk``."""

    def actor(self, name):
        return self.bureau.actor(name)

    @property
    def desk(self):
        return self.bureau.desk

    # --- rules -----------------------------------------------------------------------------------

    def adopt(self, pack, version):
        """Two people let a pack hold."""
        policy = policy_of(_written(pack, version))
        proposed = self.act(
            "policy.proposed", lambda: propose_policy(self.desk, self.actor("chief"), policy)
        )
        self.act(
            "policy.adopted", lambda: adopt_policy(self.desk, self.actor("watcher"), proposed.seq)
        )
        self.model.adopt(pack)

    # --- labels, gaps, marks ---------------------------------------------------------------------

    def label(self, names, by="searcher", *, item=None, case=None, officers=("officer",), **more):
        """Say what films are of; nothing where the one who says it may not."""
        ids = tuple(map(person, officers))
        said = Label(ids, item, case_number=case, cause="cause" if item else None, **more)
        try:
            entry = self.act(
                "segment.labelled",
                lambda: label(self.desk, self.actor(by), names, said, ITEMS),
            )
        except RefusedError:
            return
        secret = more.get("sensitivity") == "state_secret"
        facts = Said(
            self.model.next(), entry.at, by, said.complete, secret, item, case, frozenset(ids)
        )
        for name in names:
            self.model.films[name].labels.append(facts)

    def explain(self, key, by, verdict):
        """Explain a gap, and answer the explanation."""
        reason = Explanation("battery", "it was empty")
        try:
            self.act(
                "gap.explained",
                lambda: explain(self.desk, self.actor(by), gap(self.ledger, *key), reason),
            )
        except RefusedError:
            return
        self.act(
            "gap.answered",
            lambda: answer(
                self.desk, self.actor("searcher"), gap(self.ledger, *key), verdict, "seen"
            ),
        )
        if verdict == "accepted":
            for film in self.model.films.values():
                film.gaps.discard(key)

    def resolve(self, key):
        """Say that a mark, a clock, two names or a question need no hold."""
        asked = self.ledger.entry(key).type == "request.made"
        self.act(
            "proposal.declined" if asked else "mark.resolved",
            lambda: resolve(self.desk, self.actor("searcher"), key, "seen"),
        )
        self.model.answered.add(key)

    def whose(self, name, key, officer):
        """Say who held the recorder of a sighting, where nobody or more than one did."""
        actor = self.actor("searcher")
        try:
            entry = self.act(
                "holder.resolved",
                lambda: resolve_holder(self.desk, actor, key, person(officer), "the rota"),
            )
        except CustodyError as error:
            if error.word not in {"holder_known", "refused"}:
                raise
            return
        (seen,) = (each for each in self.model.films[name].seen if each.key == key)
        seen.named.append((person(officer), entry.body["unit"]))

    # --- holds -----------------------------------------------------------------------------------

    def hold(self, scope, names, by="searcher", answers=None):
        """Place a hold.  ``names``: what the model calls what it names."""
        wanted = Wanted("dispute", scope, "2026-7", answers=answers)
        entry = self.act("hold.placed", lambda: place_hold(self.desk, self.actor(by), wanted))
        window = (scope.since, scope.until)
        self.model.hold(entry.body["hold"], scope.kind, names, window, answers=answers)
        return entry.body["hold"]

    def release(self, hold, *, agreed=True):
        """Two people end a hold, or one of them will not."""
        ground = "placed_in_error"
        self.act(
            "hold.release_proposed",
            lambda: propose_release(self.desk, self.actor("chief"), hold, ground, "2026-8"),
        )
        if not agreed:
            self.act(
                "hold.release_refused",
                lambda: refuse_release(self.desk, self.actor("watcher"), hold, "it is needed"),
            )
            return
        entry = self.act(
            "hold.released", lambda: release_hold(self.desk, self.actor("watcher"), hold)
        )
        self.model.release(hold, entry.at)

    def of_case(self, number):
        return Scope("case", of=self.ledger.pseudonym("c", number))

    # --- cases, questions ------------------------------------------------------------------------

    def close(self, case):
        """Say that a case was closed today."""
        subject, day = self.ledger.pseudonym("c", case), local(self.now)
        self.act("case.closed", lambda: close_case(self.desk, self.actor("chief"), subject, day))
        self.model.closed[case] = day

    def reopen(self, case):
        subject = self.ledger.pseudonym("c", case)
        self.act("case.reopened", lambda: reopen_case(self.desk, self.actor("chief"), subject))
        del self.model.closed[case]

    def ask(self, name, purpose, days):
        """Ask for a copy."""
        until = self.now + timedelta(days=days)
        wanted = Asking("copy", (Span(name),), purpose, until, "to see")
        try:
            entry = self.act("request.made", lambda: ask(self.desk, self.actor("searcher"), wanted))
        except RefusedError:  # nobody knows whose it is, or it is a state secret
            return None
        self.model.films[name].asked[entry.seq] = (purpose, until)
        return entry.seq

    def withdraw(self, name, key):
        request = self.ledger.entry(key).body["request"]
        self.act(
            "request.withdrawn",
            lambda: withdraw(self.desk, self.actor("searcher"), request, "found"),
        )
        purpose, _ = self.model.films[name].asked[key]
        self.model.films[name].asked[key] = (purpose, None)

    def grant(self, name, key):
        """Let the head say yes, with a signature."""
        answer = Answer("approve", (self.ledger.entry(key).body["request"],), "yes")
        actor = self.actor("chief")

        def decided():
            proposal = propose_answer(self.desk, actor, answer)
            decide(self.desk, actor, proposal, approval_of(self.bureau, "chief", proposal))

        self.act("request.decided", decided)
        purpose, until = self.model.films[name].asked[key]
        self.model.films[name].asked[key] = (purpose, None)
        self.model.films[name].granted[key] = until

    def doubt(self, name):
        """Let somebody write that the vault gave other bytes than the sealed ones."""
        body = {"alarm": "digest_mismatch", "facts": {}}
        draft = Draft("alarm.raised", "sys:ingest", (name,), body)
        alarm = self.act("alarm.raised", lambda: self.ledger.append([draft]))
        self.model.films[name].damaged = alarm.seq

    def clear(self, name):
        """Let an audit read every byte, and the auditor say that no harm was done."""
        alarm, report = self.model.films[name].damaged, self.audit(anew=False)
        assert report.clean
        self.act("audit.done", lambda: record_audit(report, self.ledger))
        self.act(
            "alarm.acknowledged",
            lambda: acknowledge(self.desk, self.actor("inspector"), alarm, "no_harm"),
        )
        self.model.films[name].damaged = None

    # --- who holds what --------------------------------------------------------------------------

    def move(self, which, above):
        """A unit comes to stand below another one."""
        entry = self.act(
            "unit.moved", lambda: self.bureau.unit(which, above, False, kind="unit.moved")
        )
        self.model.parents[which].append((entry.at, above))

    def rebind(self, serial, name, where):
        """A recorder gets another holder, from now on; None: the pool of a unit."""
        recorder = self.bureau.recorder(serial)
        about = (recorder, tenure_id(self.ledger, recorder))
        body = {"recorder": recorder, "until": format_time(self.now)}
        self.act("recorder.unbound", lambda: self.bureau.write("recorder.unbound", about, body))
        self.act("recorder.bound", lambda: self.bureau.bind(recorder, name, where, self.now))
        stays = self.model.stays[recorder]
        who, unit, since, _ = stays[-1]
        stays[-1] = (who, unit, since, self.now)
        stays.append((person(name) if name else None, where, self.now, None))

    # --- time ------------------------------------------------------------------------------------

    def attest(self, day, names=("chief", "watcher")):
        """Let people say which day it is, one after the other."""
        for name in names:
            self.act(
                "time.attested", lambda name=name: attest_day(self.desk, self.actor(name), day)
            )
            self.model.attest(day, name)

    def set_back(self, moment):
        """Set the clock back, and let a person accept it."""
        self.model.set_back(self.last_at)
        self.clock.moment = self.last_at = moment
        self.act("clock.accepted", lambda: self.house.store.accept_clock("sys:local"))

    # --- disposal --------------------------------------------------------------------------------

    @property
    def counts(self):
        """Return the time that counts; the model says the same."""
        now = self.keeper.now()
        self.last_at = self.ledger.entry(
            self.house.store.size - 1
        ).at  # it may have raised an alarm
        assert now.at == self.model.now(self.now)
        return now

    def propose(self, names, now):
        """Propose a disposal, which the product takes where the model says that all is due."""
        due = all(self.model.verdict(name, now.at).due(now.at) for name in names)
        look, before = self.judges.look(), self.house.store.size

        def proposed():
            propose_disposal(self.desk, self.actor("searcher"), look, names, "due", now=now)

        word = word_of(lambda: self.act("disposal.proposed", proposed))
        assert word == (None if due else "not_disposable"), "a film was proposed that must stay"
        if word is not None:
            self.counted["refused"] += 1
            return None
        disposal = self.written(before, "disposal.proposed")[-1].body["disposal"]
        self.model.propose(disposal, names, now.at)
        return disposal

    def approve(self, disposal, now, by="chief"):
        """Approve it with a signature; return whether it was time."""
        look, desk, actor = self.judges.look(), self.desk, self.actor(by)

        def approved():
            planned = propose_approval(desk, actor, look, disposal, "agreed", now=now)
            signed = approval_of(self.bureau, by, planned)
            approve_disposal(desk, actor, look, planned, signed)

        early = now.at < self.model.disposals[disposal].warning
        word = word_of(lambda: self.act("disposal.approved", approved))
        assert word == ("warning_open" if early else None)
        if not early:
            self.model.approve(disposal, now.at)
        return not early

    def undo(self, disposal):
        self.act(
            "disposal.undone",
            lambda: undo_disposal(
                self.desk, self.actor("inspector"), self.judges.look(), disposal, "needed"
            ),
        )
        self.model.undo(disposal)

    def run(self, disposal, now, between=None, meanwhile=None):
        """Let the keeper come; return whether it was time.

        Where it was broken, ``between`` happens, and it comes again.  ``meanwhile`` happens after
        it has looked and before it writes.
        """
        if now.at < self.model.disposals[disposal].undo:
            word = word_of(lambda: self.keeper.run(disposal, now, lambda _: None))
            assert word == "undo_open"
            return False
        before, self.meanwhile = self.house.store.size, meanwhile
        broken = self._broken(
            lambda: self.keeper.run(disposal, now, lambda _: None), (*WRITING, *DESTROYING)
        )
        self.meanwhile, decided = None, bool(self.written(before, "disposal.decided"))
        going = self.model.run(disposal, now.at) if decided else None
        ended = self._ended(disposal)
        self.last_at = self.ledger.entry(self.house.store.size - 1).at
        if broken and not ended and between:
            between()
        if not ended:
            going = going if decided else self.model.run(disposal, now.at)
            self.keeper.run(disposal, now, lambda _: None)
            self.last_at = self.ledger.entry(self.house.store.size - 1).at
        told = load_disposal(self.ledger, disposal)
        assert told.state == "done", "the next run comes to the same end"
        assert sorted(told.disposed) == sorted(going), "the keeper and the model disagree"
        self.counted.update(gone=len(told.disposed), spared=len(told.spared))
        return True

    def _ended(self, disposal):
        return load_disposal(self.ledger, disposal).state == "done"


def word_of(do):
    """Return the word with which an act was refused, or None."""
    try:
        do()
    except CustodyError as error:
        return error.word
    return None


def _written(pack: Pack, version):
    """Return a pack as its file has it."""
    rules = {
        f"r{n}": {"article": "17", "period": period, "list": "periods", "items": list(items)}
        | ({"from": "case closed"} if closed and period != "as the case file" else {})
        for n, (items, period, closed) in enumerate(pack.rules)
    }
    data = {
        "name": pack.name,
        "version": str(version),
        "standard": {"article": "17", "period": pack.standard},
        "grace_days": pack.grace,
        "grace_because": "a suit may be on its way",
        "warning_days": pack.warning,
        "undo_days": pack.undo,
        "label_days": 3,
    }
    data |= {"rule": rules} if rules else {}
    return data | ({"case_file": pack.case_file} if pack.case_file else {})
