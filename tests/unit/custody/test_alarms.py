"""Alarms: the catalogue proposes, the ledger decides; a person answers, and only some may."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custody.alarms import SUBJECTS_LIMIT, acknowledge, alarms_for, alarms_of
from custody.keeping import begin_keeping
from custody.raised import code_of, same_of, take
from custody.shelf import read_shelf
from evidence.entry import Draft, Entry
from evidence.errors import ConflictError, CustodyError, MalformedError, RefusedError, UsageError
from evidence.keeping import ALARM_ANSWERS, KEEPING, Raised, same_alarm
from evidence.people import Actor
from tests.fakes.clock import NOON
from tests.fakes.desk import EAST, MemoryHouse, open_home, person, small_bureau
from tests.fakes.trees import LedgerTiles

GRANT = "g:" + "7" * 32
DOCKING = "d:" + "6" * 32


@pytest.fixture
def bureau():
    made = small_bureau(MemoryHouse()).take()
    made.desk = replace(made.desk, tiles=LedgerTiles(made.house.ledger))
    return made


def alarm(bureau, *about, code="slice_differs", by="sys:audit"):
    return bureau.write("alarm.raised", about, {"alarm": code, "facts": {"n": 1}}, by=by)


def audit(bureau, **changes):
    size = len(bureau.house.entries())
    body = {"level": "digest", "size": size, "root": "00", "findings": 0, "verdict": "intact"}
    return bureau.write("audit.done", (), {**body, **changes}, by="sys:audit")


def proposed(bureau, *, every=True):
    """Everything that the ledger holds: as a catalogue that is up to date proposes."""
    known = {}
    for entry in bureau.house.entries():
        if entry.type == "alarm.raised" or not every:
            take(known, entry)
    return list(known.values())


def open_alarms(bureau, by="inspector", *, every=False):
    keeper = begin_keeping(bureau.desk, bureau.actor(by))
    return alarms_for(keeper, proposed(bureau), every=every)


def answer(bureau, entry, by="inspector", how="known", words="", *, fresh=True):
    return acknowledge(bureau.desk, bureau.actor(by, fresh=fresh), entry, how, words)


def rows(act, *arguments, **more):
    with pytest.raises(RefusedError) as caught:
        act(*arguments, **more)
    return {row for row, _ in caught.value.facts["rows"]}


# --- which stand


def test_what_says_the_same_a_thousand_times_is_one_alarm_that_says_how_often(bureau):
    segment = bureau.seal("a")
    first, *_, newest = [alarm(bureau, segment, GRANT) for _ in range(1000)]
    (only,) = open_alarms(bureau)
    assert (only.raised.first, only.entry, only.raised.count) == (first, newest, 1000)
    assert (only.first_at, only.at) == (bureau.now, bureau.now)
    assert set(only.subjects) == {segment, GRANT}
    assert only.facts == {"n": 1}


def test_alarms_come_newest_first_and_another_code_or_subject_is_another_alarm(bureau):
    one, two = bureau.seal("a"), bureau.seal("b")
    entries = [alarm(bureau, one), alarm(bureau, two), alarm(bureau, one, code="object_rotten")]
    assert [each.entry for each in open_alarms(bureau)] == entries[::-1]


def test_through_which_question_rotten_bytes_were_met_makes_no_other_alarm(bureau):
    segment = bureau.seal("a")
    alarm(bureau, segment, GRANT)
    alarm(bureau, segment, "g:" + "8" * 32)
    assert len(open_alarms(bureau)) == 1


def test_a_catalogue_that_calls_something_else_an_alarm_is_not_believed(bureau):
    segment = bureau.seal("a")
    sealed, real = bureau.ledger.last(segment), alarm(bureau, segment)
    other = alarm(bureau, bureau.seal("b"))
    same = same_alarm("slice_differs", (segment,))
    shelf = read_shelf(bureau.ledger)
    for newest, first in ((sealed, sealed), (other, other), (real, other), (real, sealed)):
        lie = Raised(same, "slice_differs", first, newest, 1)
        assert alarms_of(bureau.ledger, shelf, [lie]) == []
    truth = Raised(same, "slice_differs", real, real, 1)
    assert [each.entry for each in alarms_of(bureau.ledger, shelf, [truth])] == [real]


def test_an_alarm_of_the_box_stands_even_where_the_catalogue_knows_of_none_or_an_old_one(bureau):
    old = alarm(bureau, KEEPING, code="clock_ahead", by="sys:keeper")
    stale = proposed(bureau)
    new = alarm(bureau, KEEPING, code="clock_ahead", by="sys:keeper")
    shelf = read_shelf(bureau.ledger)
    for told in ([], stale, proposed(bureau)):
        (only,) = alarms_of(bureau.ledger, shelf, told)
        assert (only.raised.first, only.entry, only.raised.count) == (old, new, 2)


def test_an_alarm_whose_body_has_not_its_form_is_an_alarm_too(bureau):
    entry = bureau.write("alarm.raised", (KEEPING,), {"alarm": 7}, by="sys:keeper")
    (only,) = open_alarms(bureau)
    assert (only.entry, only.raised.code, only.facts) == (entry, "unknown", {})


# --- answering


@pytest.mark.parametrize("how", ALARM_ANSWERS)
def test_an_answer_holds_for_the_alarm_and_all_before_it_that_say_the_same(bureau, how):
    for _ in range(2):
        entry = alarm(bureau, DOCKING, code="erased_uncertified", by="sys:ingest")
    index = answer(bureau, entry, "chief", how, "looked at it")
    assert open_alarms(bureau) == []
    (told,) = open_alarms(bureau, every=True)
    assert (told.answered.entry, told.answered.answer) == (index, how)
    assert (told.answered.by, told.answered.at) == (person("chief"), bureau.now)
    written = bureau.ledger.entry(index)
    assert set(written.about) == {KEEPING, DOCKING}
    same = same_alarm("erased_uncertified", (DOCKING,))
    assert written.body == {"alarm": entry, "same": same, "answer": how, "audit": None}
    assert bureau.ledger.statement(index).facts == {"words": "looked at it"}
    assert bureau.ledger.statement(index).of == DOCKING


def test_what_is_raised_after_an_answer_stands_again_and_is_counted_from_there(bureau):
    answer(bureau, alarm(bureau, KEEPING, code="space_short"), "admin")
    again = alarm(bureau, KEEPING, code="space_short")
    (only,) = alarms_of(bureau.ledger, read_shelf(bureau.ledger), [])
    assert (only.entry, only.raised.first, only.raised.count) == (again, again, 1)


def test_an_answer_to_an_older_alarm_leaves_the_newer_one_standing(bureau):
    old, new = (alarm(bureau, KEEPING, code="space_short") for _ in range(2))
    answer(bureau, old, "admin")
    (only,) = alarms_of(bureau.ledger, read_shelf(bureau.ledger), [])
    assert only.entry == new
    assert only.answered is None
    answer(bureau, new, "admin")
    assert alarms_of(bureau.ledger, read_shelf(bureau.ledger), []) == []


def test_an_alarm_is_answered_once(bureau):
    old, new = (alarm(bureau, KEEPING, code="space_short") for _ in range(2))
    index = answer(bureau, new)
    for entry in (old, new):
        with pytest.raises(CustodyError, match="alarm_answered") as caught:
            answer(bureau, entry)
        assert caught.value.facts["answer"] == index


def test_an_answer_to_an_older_one_written_later_takes_the_newer_answer_not_back(bureau):
    old, new = (alarm(bureau, KEEPING, code="space_short") for _ in range(2))
    index = answer(bureau, new)
    same = same_alarm("space_short", (KEEPING,))
    body = {"alarm": old, "same": same, "answer": "known", "audit": None}
    bureau.write("alarm.acknowledged", (KEEPING,), body, by="chief")
    assert read_shelf(bureau.ledger).acknowledged[same].entry == index


def test_what_is_no_alarm_and_what_is_no_answer_is_said(bureau):
    segment = bureau.seal("a")
    with pytest.raises(UsageError, match="no_alarm"):
        answer(bureau, bureau.ledger.last(segment))
    with pytest.raises(UsageError, match="alarm_answer"):
        answer(bureau, alarm(bureau, segment), how="fine")


def test_whoever_answers_acts_on_the_keeping_as_they_saw_it(bureau, monkeypatch):
    entry = alarm(bureau, KEEPING, code="space_short")
    monkeypatch.setattr(bureau.ledger, "append", _late(bureau.ledger.append))
    with pytest.raises(ConflictError):
        answer(bureau, entry, "admin")
    assert not bureau.house.entries("alarm.acknowledged")


def _late(append):
    def first_another(drafts):
        if drafts[0].type == "alarm.acknowledged":
            append([Draft("disposal.undone", "sys:keeper", (KEEPING,), {})])
        return append(drafts)

    return first_another


def test_words_stand_under_the_key_of_what_the_alarm_speaks_of_or_nowhere(bureau):
    with pytest.raises(UsageError, match="alarm_words"):
        answer(bureau, alarm(bureau, KEEPING, code="space_short"), words="bought a disk")
    segment = bureau.seal("a")
    index = answer(bureau, alarm(bureau, GRANT, segment), words="x")
    assert bureau.ledger.statement(index).of == segment
    with pytest.raises(UsageError, match="keep_words"):
        answer(bureau, alarm(bureau, segment, code="object_rotten"), words=" ")


def test_of_what_is_gone_no_word_is_written_that_would_get_a_new_key(bureau):
    segment = bureau.seal("a")
    entry = alarm(bureau, segment)
    bureau.write("segment.disposed", (segment,), {}, by="sys:keeper")
    with pytest.raises(UsageError, match="alarm_words"):
        answer(bureau, entry, words="x")
    assert set(bureau.ledger.entry(answer(bureau, entry)).about) == {KEEPING}
    assert open_alarms(bureau) == []


def test_no_question_and_no_grant_is_named_so_that_no_decision_waits_for_it(bureau):
    segment = bureau.seal("a")
    before = bureau.ledger.last(GRANT)
    entry = alarm(bureau, segment, GRANT)
    answer(bureau, entry)
    assert bureau.ledger.last(GRANT) == entry != before


def test_an_alarm_about_many_names_as_many_as_an_entry_holds(bureau):
    segments = [bureau.seal(str(n)) for n in range(SUBJECTS_LIMIT + 1)]
    index = answer(bureau, alarm(bureau, *segments))
    assert set(bureau.ledger.entry(index).about) == {KEEPING, *sorted(segments)[:SUBJECTS_LIMIT]}


# --- who may


@pytest.mark.parametrize(
    "name", ["supervisor", "head", "chief", "searcher", "watcher", "inspector"]
)
def test_who_leads_oversees_or_audits_footage_answers_its_alarm(bureau, name):
    entry = alarm(bureau, bureau.seal("a"))
    assert [each.entry for each in open_alarms(bureau, name)] == [entry]
    assert answer(bureau, entry, name)


@pytest.mark.parametrize("name", ["officer", "west_head", "west_supervisor", "admin", "leader"])
def test_nobody_else_answers_it_nor_is_told_of_it(bureau, name):
    bureau.bind(bureau.recorder(), "officer", EAST)
    entry = alarm(bureau, bureau.seal("a"))
    assert open_alarms(bureau, name) == []
    assert "may_acknowledge" in rows(answer, bureau, entry, name)
    assert bureau.house.entries("access.refused")[-1].body["act"] == "acknowledge_alarm"


@pytest.mark.parametrize("name", ["chief", "watcher", "inspector", "admin"])
def test_the_box_is_also_its_administrators(bureau, name):
    entry = alarm(bureau, KEEPING, code="clock_behind")
    assert [each.entry for each in open_alarms(bureau, name)] == [entry]
    assert answer(bureau, entry, name)


@pytest.mark.parametrize("name", ["head", "supervisor", "searcher", "officer"])
def test_the_box_is_nobody_elses(bureau, name):
    entry = alarm(bureau, KEEPING, code="clock_behind")
    assert open_alarms(bureau, name) == []
    assert "may_acknowledge_box" in rows(answer, bureau, entry, name)


def test_an_alarm_of_a_docking_is_answered_over_who_had_its_recorder_then(bureau):
    bureau.bind(bureau.recorder(), "officer", EAST)
    known = alarm(bureau, DOCKING, bureau.recorder(), code="read_back_differs")
    unknown = alarm(bureau, DOCKING, code="read_back_differs")
    assert [each.entry for each in open_alarms(bureau, "supervisor")] == [known]
    assert [each.entry for each in open_alarms(bureau, "west_head")] == []
    assert [each.entry for each in open_alarms(bureau, "chief")] == [unknown, known]
    assert answer(bureau, known, "supervisor")
    assert "may_acknowledge" in rows(answer, bureau, unknown, "supervisor")


def test_an_alarm_about_what_was_never_in_custody_is_the_whole_organisations(bureau):
    entry = alarm(bureau, "s:" + "f" * 64)
    assert open_alarms(bureau, "supervisor") == []
    assert answer(bureau, entry, "chief")


def test_in_an_open_home_everybody_sees_alarms_and_nobody_answers_one():
    bureau = open_home(MemoryHouse())
    entry = alarm(bureau, KEEPING, code="clock_behind")
    keeper = begin_keeping(bureau.desk, Actor("sys:local"))
    assert [each.entry for each in alarms_for(keeper, [])] == [entry]
    with pytest.raises(RefusedError):
        acknowledge(bureau.desk, Actor("sys:local"), entry, "known")


# --- bytes


@pytest.mark.parametrize("how", ["mended", "no_harm"])
def test_that_bytes_are_sound_says_an_auditor_alone_after_an_audit(bureau, how):
    segment = bureau.seal("a")
    entry = alarm(bureau, segment)
    assert "may_clear_alarm" in rows(answer, bureau, entry, "chief", how)
    with pytest.raises(CustodyError, match="alarm_unaudited"):
        answer(bureau, entry, how=how)
    audit(bureau, level="size")
    audit(bureau, findings=1)
    audit(bureau, size=entry)
    with pytest.raises(CustodyError, match="alarm_unaudited"):
        answer(bureau, entry, how=how)
    proof = audit(bureau, level="slices")
    audit(bureau, level="presence")
    index = answer(bureau, entry, how=how)
    assert bureau.ledger.entry(index).body["audit"] == proof
    assert read_shelf(bureau.ledger).cleared == {entry: index}
    assert [each.cleared for each in open_alarms(bureau, every=True)] == [True]


def test_an_auditor_who_appears_in_it_or_proved_nothing_just_now_does_not(bureau):
    segment = bureau.seal("a")
    entry = alarm(bureau, segment)
    audit(bureau)
    assert rows(answer, bureau, entry, how="no_harm", fresh=False) == {"not_fresh"}
    bureau.label(segment, ["inspector"])
    assert rows(answer, bureau, entry, how="no_harm") == {"involved"}


def test_the_doubt_is_ended_also_after_another_has_answered_and_only_once(bureau):
    entry = alarm(bureau, bureau.seal("a"))
    answer(bureau, entry, "chief", "lost")
    with pytest.raises(CustodyError, match="alarm_answered"):
        answer(bureau, entry, how="known")
    audit(bureau)
    assert answer(bureau, entry, how="mended")
    with pytest.raises(CustodyError, match="alarm_answered"):
        answer(bureau, entry, how="no_harm")


def test_an_alarm_that_speaks_of_no_bytes_needs_no_audit(bureau):
    segment = bureau.seal("a")
    assert answer(bureau, alarm(bureau, segment, code="state_secret"), "head", "no_harm")
    assert answer(bureau, alarm(bureau, KEEPING, code="clock_ahead"), "admin", "mended")


# --- the fold


@pytest.mark.parametrize(
    "wrong", [{"answer": "fine"}, {"alarm": 10**6}, {"same": "x"}, {"audit": 10**6}, {"audit": "1"}]
)
def test_an_answer_that_no_writer_of_ours_makes_is_named(bureau, wrong):
    entry = alarm(bureau, KEEPING, code="clock_ahead")
    good = {"alarm": entry, "same": "0" * 64, "answer": "known", "audit": None}
    bureau.write("alarm.acknowledged", (KEEPING,), {**good, **wrong}, by="admin")
    with pytest.raises(MalformedError):
        read_shelf(bureau.ledger)


def test_what_an_alarm_says_does_not_depend_on_the_order_of_what_it_is_about():
    about = {DOCKING: None, KEEPING: None, GRANT: 4}
    told = Entry("alarm.raised", "s", 5, NOON, "sys:ingest", about, None, {"alarm": "x"})
    other = replace(told, about=dict(reversed(about.items())), at=NOON + timedelta(days=1))
    assert (same_of(told), code_of(told)) == (same_of(other), "x")
    assert same_of(told) != same_of(replace(told, body={"alarm": "y"}))
