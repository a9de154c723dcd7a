"""Important marks and proposals wait for a person: a hold answers them, or words why none."""

import pytest

from custody.marks import marks_of, proposals_of, resolve
from custody.plans import Letter
from evidence.errors import CustodyError, RefusedError, UsageError
from evidence.keeping import KEEPING
from tests.fakes.desk import EAST, person, small_bureau
from tests.fakes.shelf import asked, hold, of_case, of_segments, shelf


@pytest.fixture
def bureau():
    return small_bureau().take()


def rows(act, *arguments, **more):
    with pytest.raises(RefusedError) as caught:
        act(*arguments, **more)
    return {row for row, _ in caught.value.facts["rows"]}


def answer(bureau, entry, by="supervisor", reason="nothing on it"):
    return resolve(bureau.desk, bureau.actor(by), entry, reason)


def marks(bureau, segment):
    return [each.sighting for each in marks_of(bureau.ledger, shelf(bureau), segment)]


def proposed(bureau, subject=EAST):
    found = proposals_of(bureau.ledger, shelf(bureau), subject)
    return [(each.request.id, each.reason) for each in found]


def test_every_marked_sighting_waits_oldest_first_until_somebody_decides(bureau):
    segment = bureau.seal("a", important=True)
    first = bureau.ledger.last(segment)
    bureau.seal("a")
    bureau.seal("a", important=True)
    second = bureau.ledger.last(segment)
    assert marks(bureau, segment) == [first, second]
    index = answer(bureau, first)
    assert marks(bureau, segment) == [second]
    entry = bureau.ledger.entry(index)
    assert (entry.type, entry.actor) == ("mark.resolved", person("supervisor"))
    assert set(entry.about) == {KEEPING, segment}
    assert entry.body == {"sighting": first, "answer": "not_needed"}
    assert bureau.ledger.statement(index).facts == {"reason": "nothing on it"}


def test_a_hold_answers_a_mark(bureau):
    segment = bureau.seal("a", important=True)
    sighting = bureau.ledger.last(segment)
    placed = hold(bureau, of_segments(segment), answers=sighting)
    assert shelf(bureau).answered == {sighting: placed.entry}
    assert marks(bureau, segment) == []
    with pytest.raises(CustodyError, match="resolved_already"):
        answer(bureau, sighting)
    with pytest.raises(CustodyError, match="resolved_already"):
        hold(bureau, of_segments(segment), answers=sighting)


def test_a_hold_on_something_else_is_no_answer(bureau):
    marked, other = bureau.seal("a", important=True), bureau.seal("b")
    sighting = bureau.ledger.last(marked)
    bureau.label(other, ["officer"], "2026-9")
    for scope in (of_segments(other), of_case(bureau, "2026-9")):
        with pytest.raises(UsageError, match="hold_answers_other"):
            hold(bureau, scope, answers=sighting)
    assert marks(bureau, marked) == [sighting]


@pytest.mark.parametrize("name", ["supervisor", "head", "chief", "searcher"])
def test_who_leads_over_it_decides_a_mark(bureau, name):
    bureau.seal("a", important=True)
    assert answer(bureau, bureau.ledger.last(bureau.seal("a", important=True)), name)


@pytest.mark.parametrize("name", ["officer", "watcher", "inspector", "west_supervisor", "admin"])
def test_who_does_not_lead_over_it_does_not_and_the_mark_stays(bureau, name):
    segment = bureau.seal("a", important=True)
    assert "may_resolve_mark" in rows(answer, bureau, bureau.ledger.last(segment), name)
    assert bureau.house.entries("access.refused")[-1].body["act"] == "resolve_mark"
    assert len(marks(bureau, segment)) == 1


def test_who_appears_in_it_does_not_decide_that_it_is_not_needed(bureau):
    segment = bureau.seal("a", important=True)
    sighting = bureau.ledger.last(segment)
    bureau.label(segment, ["supervisor"])
    assert rows(answer, bureau, sighting) == {"involved"}
    assert answer(bureau, sighting, "head")


def test_a_clock_out_of_order_is_answered_as_a_mark_is(bureau):
    segment = bureau.seal("a", noted=["from_the_future"])
    assert answer(bureau, bureau.ledger.last(segment))


def test_two_names_of_a_recorder_are_answered_as_a_mark_is(bureau):
    segment = bureau.take(noted=["identity_conflict"]).seal("a")
    assert answer(bureau, bureau.ledger.last(segment))


@pytest.mark.parametrize("finding", [[], ["no_audio"]])
def test_what_waits_for_nothing_is_not_answered(bureau, finding):
    segment = bureau.seal("a", noted=finding)
    sighting = bureau.ledger.last(segment)
    asked_for = asked(bureau, [segment], "case")
    for entry in (sighting, asked_for.entry, 0):
        with pytest.raises(UsageError, match="nothing_to_resolve"):
            answer(bureau, entry)


def test_words_are_needed(bureau):
    bureau.seal("a", important=True)
    with pytest.raises(UsageError, match="keep_words"):
        answer(bureau, bureau.ledger.last(bureau.seal("a")), reason=" ")


def test_a_question_for_a_complaint_proposes_a_hold_until_somebody_answers(bureau):
    segment = bureau.seal("a")
    complaint = asked(bureau, [segment])
    asked(bureau, [segment], "case")
    court = asked(bureau, [segment], "court", letter=Letter("7"))
    wanted = [(court.id, "case-evidence"), (complaint.id, "dispute")]
    assert proposed(bureau) == proposed(bureau, segment) == wanted
    index = answer(bureau, complaint.entry, "head")
    entry = bureau.ledger.entry(index)
    assert entry.type == "proposal.declined"
    assert set(entry.about) == {KEEPING, complaint.id}
    assert entry.body == {"request": complaint.entry, "answer": "not_needed"}
    assert proposed(bureau) == wanted[:1]


def test_who_appears_in_the_footage_does_not_decline_what_a_complaint_proposes(bureau):
    segment = bureau.seal("a")
    bureau.label(segment, ["head"])
    complaint = asked(bureau, [segment])
    assert rows(answer, bureau, complaint.entry, "head") == {"involved"}
    assert answer(bureau, complaint.entry, "chief")


def test_a_hold_on_all_that_was_asked_for_or_on_its_case_answers_a_proposal(bureau):
    segments = [bureau.seal("a"), bureau.seal("b")]
    first, second = asked(bureau, segments), asked(bureau, segments, case="2026-9")
    for scope in (of_segments(segments[0]), of_case(bureau, "2026-9")):
        with pytest.raises(UsageError, match="hold_answers_other"):
            hold(bureau, scope, answers=first.entry)
    hold(bureau, of_segments(*segments), answers=first.entry)
    hold(bureau, of_case(bureau, "2026-9"), answers=second.entry)
    assert proposed(bureau) == []
