"""An insider with the clock of the box: alone, with one person's word, with two people's.

What each can do is said here as well as what they cannot: two who attest a false day while the
clock shows it too take what two people agreed on before its time; nothing else goes with it, and it
is named for ever.
"""

from datetime import timedelta

import pytest

from custody.audit import Sources, audit
from custody.holdings import Level
from custody.judging import Judges
from custody.lawful import Lawful
from custody.outside import attest_day
from custody.register import hosts_of
from evidence.errors import CustodyError, LedgerUnavailableError, RefusedError, UsageError
from evidence.note import parse_vkey
from tests.fakes.desk import RULES
from tests.fakes.house import SHANGHAI
from tests.fakes.recorder import MemoryRecorder
from tests.faults.keeping import LISTED, base
from tests.tamper.kept import Watched
from vault.places import places_of
from vault.tiles import TreeFolder

APPROVED = LISTED + 1


@pytest.fixture
def at(ram):
    with base().copied(ram) as scene:
        yield Watched(scene)


def today(at):
    return at.house.clock.now().astimezone(SHANGHAI).date()


def say(at, who, day=None):
    return attest_day(at.desk, at.it.who(who), day or today(at))


def untouched(at):
    """Nothing went: no tombstone, and every film is there."""
    return not at.entries("segment.disposed") and all(at.there(each) for each in at.films)


def found(at):
    """Return what an audit finds whose own clock is right: code and reason."""
    ledger, places = at.house.ledger, places_of(at.house.root)
    sources = Sources(
        TreeFolder(places.ledger),
        parse_vkey(places.vkey.read_text().removesuffix("\n")),
        at.house.objects,
        decides=Lawful(ledger, SHANGHAI, RULES, hosts_of(ledger)),
    )
    report = audit(sources, Level.PRESENCE, now=at.house.clock.now())
    return {(str(each.code), each.facts.get("because")) for each in report.findings}


# --- the clock alone -----------------------------------------------------------------------------


@pytest.mark.parametrize("days", [41, 365, 3650])
def test_a_clock_set_ahead_destroys_nothing_and_raises_an_alarm_once(at, days):
    at.house.clock.forward(days=days)
    assert at.run() == at.run() == 0
    with pytest.raises(CustodyError, match="undo_open"):
        at.keeping.run(at.it.prepared["approved"], at.keeping.now(), lambda _done: None)
    assert untouched(at)
    assert at.alarms == ["clock_ahead"]


def test_a_clock_set_ahead_makes_nothing_due_and_approves_nothing(at):
    due = at.due()
    at.house.clock.forward(days=365)
    assert at.due() == due
    new = at.it.propose(at.films[0])
    assert new.warning_until < at.house.clock.now()
    with pytest.raises(CustodyError, match="warning_open"):
        at.it.approve(new.id)


def test_a_clock_that_steps_a_day_every_hour_destroys_nothing(at):
    for _ in range(60):
        at.house.clock.forward(days=1)
        assert at.run() == 0
    assert untouched(at)
    assert "clock_ahead" in at.alarms


def test_a_clock_set_back_destroys_nothing_and_the_ledger_takes_no_entry_until_somebody_says_so(at):
    at.house.clock.forward(days=-30)
    with pytest.raises(LedgerUnavailableError, match="clock_went_back"):
        at.run()
    assert untouched(at)
    at.house.store.accept_clock("sys:local")
    assert at.run() == 0
    assert at.keeping.now().source == "local"
    assert at.alarms == ["clock_set_back", "clock_behind"]
    assert untouched(at)


def test_what_is_docked_under_a_clock_that_was_set_back_is_not_older_for_it(at):
    """Back a year, docked and labelled, and right again: it is as old as what it is."""
    at.house.clock.forward(days=-365)
    at.house.store.accept_clock("sys:local")
    at.house.dock(MemoryRecorder({"new.mp4": b"new film" * 99}))
    sealed = at.entries("segment.sealed")[-1]
    segment = f"s:{sealed.body['sha256']}"
    at.house.clock.forward(days=365)
    at.pass_days(1)
    judge = Judges(at.house.ledger, SHANGHAI).look().judge
    keeping = judge(segment, at.it.now)
    assert sealed.at < at.house.clock.now() - timedelta(days=360)
    assert keeping.until > at.house.clock.now() + timedelta(days=150)
    assert {each.from_ for each in keeping.grounds} == {"sealed"}


def test_a_clock_that_stands_still_lets_nobody_say_a_later_day_and_destroys_nothing(at):
    for _ in range(3):
        for who in ("chief", "inspector"):
            with pytest.raises(UsageError, match="day_ahead"):
                say(at, who, today(at) + timedelta(days=9))
        assert at.run() == 0
    assert untouched(at)
    assert {each.body["alarm"] for each in at.entries("alarm.raised")} == {"clock_behind"}


# --- with people ---------------------------------------------------------------------------------


def test_one_colluder_who_says_the_day_twice_moves_nothing(at):
    at.house.clock.forward(days=365)
    say(at, "chief")
    before = at.it.now
    with pytest.raises(RefusedError) as caught:
        say(at, "chief")
    assert "own_proposal" in {row for row, _ in caught.value.facts["rows"]}
    assert at.it.now == before
    assert at.run() == 0
    assert untouched(at)


@pytest.mark.parametrize("who", ["officer", "supervisor", "admin", "deputy"])
def test_who_may_not_attest_is_no_second_person(at, who):
    at.house.clock.forward(days=365)
    say(at, "chief")
    with pytest.raises(RefusedError):
        say(at, who)
    assert at.run() == 0


def test_two_colluders_without_the_clock_move_time_by_less_than_a_day(at):
    for day in (2, 40, 365):
        for who in ("chief", "inspector"):
            with pytest.raises(UsageError, match="day_ahead"):
                say(at, who, today(at) + timedelta(days=day))
    for who in ("chief", "watcher"):
        say(at, who, today(at) - timedelta(days=1))
    assert at.it.now.at <= at.house.clock.now()
    assert at.run() == 0
    assert untouched(at)


def test_two_colluders_who_say_a_day_long_past_only_keep_everything_longer(at):
    due = at.due()
    for who in ("chief", "inspector"):
        say(at, who, today(at) - timedelta(days=200))
    assert at.due() < due
    at.house.clock.forward(days=30)
    assert at.run() == 0
    assert untouched(at)


def collude(at, days=365):
    """The clock shows a year ahead, and two people say so too."""
    at.house.clock.forward(days=days)
    for who in ("chief", "inspector"):
        say(at, who)


def test_two_colluders_with_the_clock_take_what_was_agreed_on_before_its_time_and_no_more(at):
    collude(at)
    assert at.run() == 1
    assert not at.there(at.films[APPROVED])
    assert all(at.there(each) for each in at.films if each != at.films[APPROVED])


def test_what_two_colluders_took_with_the_clock_is_named_when_the_clock_is_right_again(at):
    collude(at)
    at.run()
    at.house.clock.forward(days=-365)
    assert ("from_the_future", None) in found(at)
    at.house.store.accept_clock("sys:local")
    at.pass_days(1)
    assert found(at) == {("disposed_unlawfully", "time_taken_back")}


def test_what_two_colluders_took_stays_named_when_the_years_have_passed(at):
    collude(at)
    at.run()
    at.house.clock.forward(days=-365)
    at.house.store.accept_clock("sys:local")
    at.pass_days(1)
    at.pass_days(500)
    assert found(at) == {("disposed_unlawfully", "time_taken_back")}


def test_who_sets_the_clock_back_accuses_no_lawful_disposal(at):
    at.pass_days(40)
    assert at.run() == 1
    at.house.clock.forward(days=-300)
    at.house.store.accept_clock("sys:local")
    at.house.clock.forward(days=300)
    at.pass_days(1)
    assert found(at) == set()


def test_what_went_in_its_time_is_lawful_also_after_a_clock_was_wrong(at):
    at.pass_days(40)
    assert at.run() == 1
    at.house.clock.forward(days=300)
    at.keeping.now()  # an alarm: the ledger has seen that time
    at.house.clock.forward(days=-300)
    at.house.store.accept_clock("sys:local")
    at.pass_days(1)
    assert found(at) == set()
