"""A binding said as it should have been: with one tongue, by who may equip, healing no conflict."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from custody.amending import binding_of, correct
from custody.footage import footage_of
from custody.handover import bind, handover_in, handover_out, unbind
from custody.held import held_by
from custody.mine import sightings_of
from custody.tenure import read_tenure
from evidence.errors import ConflictError, CustodyError, MalformedError, RefusedError, UsageError
from tests.fakes.clock import NOON
from tests.fakes.desk import EAST, SQUAD, WEST, person, small_bureau
from tests.fakes.grants import copy_of

HOUR = timedelta(hours=1)
SMALL = small_bureau()


@pytest.fixture
def bureau():
    return copy_of(SMALL)


@pytest.fixture
def recorder(bureau):
    """Bound to the officer ten hours ago."""
    made = bureau.recorder("MINE")
    bind(bureau.desk, bureau.actor("supervisor"), made, person=person("officer"), since=ago(10))
    return made


def ago(hours):
    return NOON - hours * HOUR


def tenure_of(bureau, recorder):
    return read_tenure(bureau.ledger, recorder)


def say(bureau, recorder, which=0, by="supervisor", reason="a mistake", **right):
    """Correct the ``which``-th binding of a recorder."""
    wrong = tenure_of(bureau, recorder).bound[which]
    return correct(bureau.desk, bureau.actor(by), recorder, replace(wrong, **right), reason)


def end(bureau, recorder, hours):
    return unbind(bureau.desk, bureau.actor("supervisor"), recorder, ago(hours))


def pooled(bureau):
    made = bureau.recorder("POOL")
    bind(bureau.desk, bureau.actor("supervisor"), made, unit=EAST, since=ago(10))
    return made


def hand(bureau, recorder, name, out, back=None):
    actor = bureau.actor("supervisor")
    handover_out(bureau.desk, actor, recorder, person(name), at=ago(out))
    if back is not None:
        handover_in(bureau.desk, actor, recorder, person(name), at=ago(back))


def test_a_binding_to_the_wrong_person_is_said_anew_and_the_footage_follows(bureau, recorder):
    segment = bureau.seal("film", recorder, at=ago(5))
    assert footage_of(bureau.ledger, [segment]).own == {person("officer")}
    index = say(bureau, recorder, person=person("mate"))
    assert footage_of(bureau.ledger, [segment]).own == {person("mate")}
    entry = bureau.ledger.entry(index)
    assert entry.type == "recorder.corrected"
    stay = tenure_of(bureau, recorder).binding()
    assert (stay.entry, stay.corrected) == (entry.body["corrects"], index)
    assert {person("officer"), person("mate"), recorder} < set(entry.about)
    assert bureau.ledger.statement(index).facts == {"reason": "a mistake"}
    assert "a mistake" not in str(entry)
    assert bureau.ledger.entry(entry.body["corrects"]).body["person"] == person("officer")


def test_a_correction_takes_away_a_right_and_heals_no_conflict(bureau, recorder):
    segment = bureau.seal("film", recorder, at=ago(5))
    say(bureau, recorder, person=person("mate"))
    found = footage_of(bureau.ledger, [segment])
    assert person("officer") not in found.own
    assert {person("officer"), person("mate")} <= found.appear
    before = bureau.seal("earlier", recorder, at=ago(11))
    assert person("officer") not in footage_of(bureau.ledger, [before]).appear


def test_whoever_was_named_holder_once_still_appears(bureau):
    segment = bureau.seal("film", bureau.recorder("NOBODYS"), at=ago(5))
    sighting = bureau.ledger.last(segment)
    for name in ("mate", "officer"):
        body = {"sighting": sighting, "person": person(name), "unit": SQUAD}
        about = (segment, person(name))
        bureau.write("holder.resolved", about, body, {"reason": "x"}, of=segment)
    found = footage_of(bureau.ledger, [segment])
    assert found.own == {person("officer")}
    assert {person("mate"), person("officer")} <= found.appear


def test_a_binding_that_was_ended_by_mistake_holds_again(bureau, recorder):
    end(bureau, recorder, 4)
    assert tenure_of(bureau, recorder).holder(ago(2)).why == "none"
    say(bureau, recorder, until=None)
    assert tenure_of(bureau, recorder).holder(ago(2)).person == person("officer")
    assert tenure_of(bureau, recorder).binding().since == ago(10)
    end(bureau, recorder, 1)
    assert tenure_of(bureau, recorder).holder(NOON).why == "none"


def test_a_binding_that_never_was_gives_nothing_and_can_be_said_again(bureau, recorder):
    say(bureau, recorder, void=True)
    tenure = tenure_of(bureau, recorder)
    assert tenure.binding() is None
    assert tenure.holder(ago(5)).why == "none"
    assert held_by(bureau.ledger, person("officer"))[0].recorder != recorder
    later = bind(bureau.desk, bureau.actor("supervisor"), recorder, person=person("mate"))
    with pytest.raises(CustodyError, match="binding_overlaps"):
        say(bureau, recorder, void=False)
    assert tenure_of(bureau, recorder).binding().entry == later
    say(bureau, recorder, void=False, until=ago(8))
    assert tenure_of(bureau, recorder).holder(ago(9)).person == person("officer")


def test_a_correction_of_a_correction_names_the_same_binding(bureau, recorder):
    first = say(bureau, recorder, person=person("mate"))
    second = say(bureau, recorder, since=ago(3))
    bound = tenure_of(bureau, recorder).bound
    assert (len(bound), bound[0].corrected, bound[0].since) == (1, second, ago(3))
    assert len(tenure_of(bureau, recorder).replaced) == 2
    assert tenure_of(bureau, recorder).ever(ago(5)) == {person("officer"), person("mate")}
    assert tenure_of(bureau, recorder).last == second > first


def test_footage_that_became_somebodys_is_found_among_theirs(bureau, recorder):
    segment = bureau.seal("film", recorder, at=ago(5))
    say(bureau, recorder, person=person("west_officer"), unit=WEST, by="admin")
    theirs = sightings_of(bureau.desk, person("west_officer")).sightings
    assert [each.segment for each in theirs] == [segment]
    assert held_by(bureau.ledger, person("west_officer"))[0].recorder == recorder


@pytest.mark.parametrize("by", ["officer", "west_supervisor", "inspector"])
def test_who_may_not_equip_corrects_nothing(bureau, recorder, by):
    with pytest.raises(RefusedError):
        say(bureau, recorder, by=by, person=person("mate"))
    assert tenure_of(bureau, recorder).replaced == ()


def test_nobody_gives_it_to_a_unit_that_they_do_not_equip(bureau, recorder):
    with pytest.raises(RefusedError):
        say(bureau, recorder, person=None, unit=WEST)
    with pytest.raises(UsageError, match="unit_unknown"):
        say(bureau, recorder, unit="u:" + "9" * 32)
    with pytest.raises(UsageError, match="person_unknown"):
        say(bureau, recorder, person=person("stranger"))


@pytest.mark.parametrize(
    ("right", "word"),
    [
        ({}, "correction_same"),
        ({"until": ago(-1)}, "time_ahead"),
        ({"since": ago(-1)}, "time_ahead"),
        ({"until": ago(11)}, "time_overlaps"),
        ({"void": True, "reason": " "}, "reason_unusable"),
        ({"void": True, "reason": "x" * 501}, "reason_unusable"),
    ],
)
def test_what_cannot_be_is_no_correction(bureau, recorder, right, word):
    with pytest.raises(UsageError, match=word):
        say(bureau, recorder, **right)


def test_another_entry_is_no_binding(bureau, recorder):
    tenure = tenure_of(bureau, recorder)
    with pytest.raises(CustodyError, match="binding_unknown"):
        binding_of(tenure, tenure.last + 1)
    stranger = replace(tenure.binding(), entry=0)
    with pytest.raises(CustodyError, match="binding_unknown"):
        correct(bureau.desk, bureau.actor("admin"), recorder, stranger, "x")


def test_two_bindings_never_overlap(bureau, recorder):
    end(bureau, recorder, 6)
    bind(bureau.desk, bureau.actor("supervisor"), recorder, person=person("mate"), since=ago(4))
    for wrong in ({"until": None}, {"until": ago(3)}):
        with pytest.raises(CustodyError, match="binding_overlaps"):
            say(bureau, recorder, **wrong)
    with pytest.raises(CustodyError, match="binding_overlaps"):
        say(bureau, recorder, 1, since=ago(7))
    say(bureau, recorder, until=ago(4))
    assert tenure_of(bureau, recorder).holder(ago(5)).person == person("officer")


def test_what_was_handed_out_stays_within_a_pool(bureau):
    recorder = pooled(bureau)
    hand(bureau, recorder, "mate", 8, 6)
    wrongs = (
        {"person": person("officer")}, {"void": True}, {"until": ago(7)}, {"since": ago(7)},
    )  # fmt: skip
    for wrong in wrongs:
        with pytest.raises(CustodyError, match="binding_handed"):
            say(bureau, recorder, **wrong)
    hand(bureau, recorder, "mate", 3)
    with pytest.raises(CustodyError, match="binding_handed"):
        say(bureau, recorder, until=ago(2))
    say(bureau, recorder, since=ago(9))
    assert tenure_of(bureau, recorder).holder(ago(7)).person == person("mate")


def test_of_two_who_correct_at_once_one_is_refused(bureau, recorder):
    real = bureau.ledger.append

    def late(drafts):
        bureau.ledger.append = real
        say(bureau, recorder, person=person("mate"))
        return real(drafts)

    bureau.ledger.append = late
    with pytest.raises(ConflictError):
        say(bureau, recorder, void=True)


def test_a_correction_of_what_never_began_is_refused_by_whoever_reads(bureau, recorder):
    last = tenure_of(bureau, recorder)
    entry = bureau.ledger.entry(say(bureau, recorder, void=True))
    body = {**entry.body, "corrects": last.last + 9}
    bureau.write("recorder.corrected", tuple(entry.about), body)
    with pytest.raises(MalformedError):
        tenure_of(bureau, recorder)


NAMES = ("officer", "mate", None)


def days_of(chance):
    """For each of three bindings to whom, and whether it is handed out meanwhile."""
    return [(chance.choice(NAMES), chance.random() < 0.7) for _ in range(3)]


def act_of(chance):
    """Mostly a correction of any binding to anything; sometimes an act that follows one."""
    hours = chance.randint(0, 12)
    end = chance.choice((None, *range(hours + 1)))
    right = ("correct", chance.randrange(4), chance.choice(NAMES), hours, end)
    others = (
        ("unbind", hours),
        ("bind", chance.choice(NAMES), hours),
        ("hand_out", chance.choice(("officer", "mate")), hours),
        ("hand_in", "mate", hours),
    )
    return (*right, chance.random() < 0.3) if chance.random() < 0.6 else chance.choice(others)


class Life:
    """Does the acts, and keeps beside them a list of plain stays: who, from, to."""

    def __init__(self):
        self.bureau = copy_of(SMALL)
        self.recorder = self.bureau.recorder("ONE")
        self.actor = self.bureau.actor("supervisor")
        self.bound, self.out = [], []  # [who or None, from, to or None, void]

    def begin(self, days):
        """Bind it for three hours for each of ``days``, an hour apart; hand it out where said."""
        for number, (name, handed) in enumerate(days):
            hours = 12 - 4 * number
            self.do(("bind", name, hours))
            if handed:
                self.do(("hand_out", "mate", hours - 1))
                self.do(("hand_in", "mate", hours - 2))
            self.do(("unbind", hours - 3))

    def do(self, act):
        with suppress(CustodyError, UsageError, IndexError):
            getattr(self, act[0])(*act[1:])

    def bind(self, name, hours):
        who, unit = (person(name), None) if name else (None, EAST)
        bind(self.bureau.desk, self.actor, self.recorder, person=who, unit=unit, since=ago(hours))
        self.bound.append([who, ago(hours), None, False])

    def unbind(self, hours):
        unbind(self.bureau.desk, self.actor, self.recorder, ago(hours))
        next(each for each in self.bound if each[2] is None and not each[3])[2] = ago(hours)

    def hand_out(self, name, hours):
        handover_out(self.bureau.desk, self.actor, self.recorder, person(name), at=ago(hours))
        self.out.append([person(name), ago(hours), None, False])

    def hand_in(self, name, hours):
        handover_in(self.bureau.desk, self.actor, self.recorder, person(name), at=ago(hours))
        next(each for each in self.out if each[2] is None)[2] = ago(hours)

    def correct(self, which, name, since, until, void):
        wrong = read_tenure(self.bureau.ledger, self.recorder).bound[which]
        who = person(name) if name else None
        end = None if until is None else ago(until)
        right = replace(wrong, person=who, unit=EAST, since=ago(since), until=end, void=void)
        correct(self.bureau.desk, self.actor, self.recorder, right, "x")
        self.bound[which] = [who, ago(since), end, void]

    def holders(self, moment):
        stays = [each for each in (*self.bound, *self.out) if each[0] and not each[3]]
        now = NOON + HOUR
        return {who for who, since, until, _ in stays if since <= moment < (until or now)}


@pytest.mark.parametrize("seed", range(30))
def test_whatever_is_said_a_tenure_has_one_tongue_and_says_what_the_model_says(seed):
    life, chance = Life(), Random(seed)
    life.begin(days_of(chance))
    for _ in range(12):
        life.do(act_of(chance))
        tenure = read_tenure(life.bureau.ledger, life.recorder)
        found = [tenure.holder(NOON - half * HOUR / 2) for half in range(26)]
        assert "two" not in {each.why for each in found}
        expected = [life.holders(NOON - half * HOUR / 2) for half in range(26)]
        assert [{each.person} - {None} for each in found] == expected
        assert sum(not each.void and each.until is None for each in tenure.bound) <= 1
