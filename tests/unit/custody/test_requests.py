"""Questions: what is told before they are sent, what refuses, that only the ledger counts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custody.plans import LETTER_LIMIT_BYTES, WORDS_LIMIT, Letter, Wanted, plan_request
from custody.requests import (
    ask,
    asked_by,
    earlier,
    inbox,
    load_request,
    object_to,
    told,
    withdraw,
)
from evidence.asking import Span
from evidence.codec import format_time
from evidence.entry import Draft
from evidence.errors import (
    ConflictError,
    CustodyError,
    MalformedError,
    RefusedError,
    UnknownSegmentError,
    UsageError,
)
from evidence.people import ORGANISATION, Adopted, Register
from tests.fakes.desk import EAST, SQUAD, WEST, MemoryHouse, open_home, person, sealed, small_bureau
from tests.fakes.grants import asked, granted, spans_of


def wanted(bureau, *segments, **more):
    until = bureau.now + timedelta(days=7)
    return replace(Wanted("view", spans_of(*segments), "case", until, "why"), **more)


def refused(caught):
    return [row for row, _ in caught.value.facts["rows"]]


def test_the_answer_before_sending_says_who_decides_by_which_article_and_what_it_proposes():
    bureau, segments = sealed()
    plan = plan_request(
        bureau.desk, bureau.actor("supervisor"), wanted(bureau, *segments, purpose="litigation")
    )
    assert (plan.deciding.unit, plan.deciding.row, plan.article) == (EAST, "own_unit", "18")
    assert plan.refusals == ()
    assert plan.hold == 2
    assert plan.provide_by is None
    assert bureau.house.entries("request.made") == []


def test_a_retrieval_says_until_when_the_owning_unit_provides():
    bureau, segments = sealed()
    plan = plan_request(bureau.desk, bureau.actor("searcher"), wanted(bureau, *segments))
    assert plan.provide_by == bureau.now + timedelta(days=3)


def test_a_question_stands_in_the_ledger_as_it_was_asked():
    bureau, segments = sealed()
    bureau.clock.forward(seconds=5)
    spans = (Span(segments[0], 0, 1), Span(segments[1]))
    request = ask(
        bureau.desk,
        bureau.actor("supervisor"),
        wanted(bureau, spans=spans, times=4, case_number="C-1"),
    )
    entry = bureau.ledger.entry(request.entry)
    assert (entry.type, entry.actor) == ("request.made", person("supervisor"))
    case = bureau.ledger.pseudonym("c", "C-1")
    named = {request.id, entry.actor, EAST, case, *segments[:2]}
    assert set(entry.about) == named
    assert request == load_request(bureau.ledger, request.id)
    assert (request.spans, request.times, request.state) == (spans, 4, "open")
    assert (request.unit, request.path, request.owners) == (EAST, (EAST, ORGANISATION), (EAST,))
    facts = bureau.ledger.statement(request.entry).facts
    assert facts == {"case_number": "C-1", "reason": "why", "recipient": None, "letter": None}


def test_the_entry_carries_the_hold_that_its_purpose_proposes_and_the_day_to_provide_by():
    bureau, segments = sealed()
    by = bureau.actor("supervisor")
    plain = ask(bureau.desk, by, wanted(bureau, *segments))
    kept = ask(bureau.desk, by, wanted(bureau, *segments, purpose="review"))
    above = ask(bureau.desk, bureau.actor("searcher"), wanted(bureau, *segments))
    bodies = [bureau.ledger.entry(each.entry).body for each in (plain, kept, above)]
    assert [each["hold"] for each in bodies] == [None, 5, None]
    day = bureau.now + timedelta(days=3)
    assert [each["provide_by"] for each in bodies] == [None, None, format_time(day)]
    assert [each.hold for each in (plain, kept, above)] == [None, 5, None]
    assert [each.provide_by for each in (plain, kept, above)] == [None, None, day]


def test_a_question_of_an_earlier_version_proposes_nothing():
    bureau, segments = sealed()
    body = dict(bureau.ledger.entry(asked(bureau, *segments).entry).body)
    before = {**body, "request": "q:" + "9" * 32}
    for field in ("hold", "provide_by"):
        del before[field]
    about = (before["request"], person("supervisor"), EAST, *segments)
    bureau.write("request.made", about, before, {}, of=before["request"], by="supervisor")
    old = load_request(bureau.ledger, before["request"])
    assert (old.hold, old.provide_by) == (None, None)


def test_no_name_case_or_reason_stands_in_the_entry():
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    entry = bureau.ledger.entry(request.entry)
    assert "a reason" not in str(entry)
    assert "case 1" not in str(entry)


def test_an_outside_demand_carries_its_letter_and_the_copy_of_it():
    bureau, segments = sealed()
    wish = wanted(bureau, *segments, act="release", purpose="court", recipient="the court")
    with pytest.raises(UsageError) as caught:
        ask(bureau.desk, bureau.actor("supervisor"), wish)
    assert caught.value.facts == {"field": "letter"}
    wish = replace(wish, letter=Letter("(2026) 7", b"copy"))
    request = ask(bureau.desk, bureau.actor("supervisor"), wish)
    letter = bureau.ledger.statement(request.entry).facts["letter"]
    assert letter == {"number": "(2026) 7", "copy": "Y29weQ=="}
    assert Letter("7").json() == {"number": "7", "copy": None}


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("act", {"act": "steal"}),
        ("spans", {"spans": ()}),
        ("spans", {"spans": tuple(Span(f"s:{n:064x}") for n in range(61))}),
        ("times", {"times": 0}),
        ("times", {"times": 101}),
        ("until", {"until": timedelta()}),
        ("until", {"until": timedelta(days=91)}),
        ("reason", {"reason": "  "}),
        ("reason", {"reason": "x" * (WORDS_LIMIT + 1)}),
        ("case_number", {"case_number": " "}),
        ("recipient", {"recipient": "a court"}),
        ("recipient", {"act": "release"}),
        ("letter", {"letter": Letter("")}),
        ("letter", {"letter": Letter("7", bytes(LETTER_LIMIT_BYTES + 1))}),
    ],
)
def test_what_nobody_could_answer_is_not_asked(field, more):
    bureau, segments = sealed(1)
    if "until" in more:
        more = {"until": bureau.now + more["until"]}
    with pytest.raises(UsageError) as caught:
        plan_request(bureau.desk, bureau.actor("supervisor"), wanted(bureau, *segments, **more))
    assert caught.value.facts == {"field": field}


def test_a_purpose_that_the_rules_do_not_know_is_not_asked():
    bureau, segments = sealed()
    bureau.with_rules(purposes={})
    with pytest.raises(UsageError) as caught:
        plan_request(bureau.desk, bureau.actor("supervisor"), wanted(bureau, *segments))
    assert caught.value.word == "purpose_unknown"


def test_nothing_is_asked_by_other_rules_than_those_that_were_adopted(monkeypatch):
    bureau, segments = sealed()
    adopted = Register(1, adopted={"access": Adopted("old", "1", "f" * 64, 1)})
    monkeypatch.setattr("custody.facts.read_register", lambda *_: adopted)
    with pytest.raises(UsageError) as caught:
        plan_request(bureau.desk, bureau.actor("supervisor"), wanted(bureau, *segments))
    assert caught.value.word == "rules_not_adopted"


def test_a_segment_that_is_not_here_cannot_be_asked_for():
    bureau, _ = sealed()
    with pytest.raises(UnknownSegmentError):
        plan_request(bureau.desk, bureau.actor("supervisor"), wanted(bureau, "s:" + "0" * 64))


@pytest.mark.parametrize(
    ("name", "more", "rows"),
    [
        ("admin", {}, {"admin_apart", "may_request"}),
        ("mate", {}, {"may_request"}),
        ("stranger", {}, {"may_request"}),
        ("officer", {"act": "release", "recipient": "x"}, {"may_request_release"}),
        ("west_supervisor", {"act": "release", "recipient": "x"}, {"may_request_release"}),
    ],
)
def test_who_may_not_ask_is_refused_with_every_row_and_the_refusal_is_in_the_ledger(
    name, more, rows
):
    bureau, segments = sealed()
    with pytest.raises(RefusedError) as caught:
        ask(bureau.desk, bureau.actor(name), wanted(bureau, *segments, **more))
    assert set(refused(caught)) == rows
    (entry,) = bureau.house.entries("access.refused")
    assert {row["row"] for row in entry.body["rows"]} == rows
    assert set(entry.about) == {person(name), *segments}
    assert bureau.house.entries("request.made") == []


@pytest.mark.parametrize(
    "name", ["officer", "supervisor", "leader", "head", "west_supervisor", "searcher", "chief",
             "watcher", "inspector"]
)  # fmt: skip
def test_who_may_ask_asks(name):
    bureau, segments = sealed()
    assert ask(bureau.desk, bureau.actor(name), wanted(bureau, *segments)).state == "open"


def test_an_officer_may_ask_for_any_recording_of_a_case_in_which_they_are_named():
    bureau, segments = sealed()
    bureau.label(segments[0], ["officer"], "C-1")
    bureau.label(segments[1], ["west_officer"], "C-1")
    assert ask(bureau.desk, bureau.actor("west_officer"), wanted(bureau, segments[0]))
    with pytest.raises(RefusedError):
        ask(bureau.desk, bureau.actor("west_officer"), wanted(bureau, segments[2]))


def test_what_nobody_held_cannot_be_asked_for_until_somebody_says_who_did():
    bureau = small_bureau()
    segment = bureau.seal("lost", bureau.recorder("unknown"))
    with pytest.raises(RefusedError) as caught:
        ask(bureau.desk, bureau.actor("searcher"), wanted(bureau, segment))
    assert refused(caught) == ["unresolved"]


def test_a_state_secret_cannot_be_asked_for():
    bureau, segments = sealed()
    bureau.label(segments[1], ["officer"], sensitivity="state_secret")
    with pytest.raises(RefusedError) as caught:
        ask(bureau.desk, bureau.actor("supervisor"), wanted(bureau, *segments))
    assert refused(caught) == ["state_secret"]


def test_the_suspended_ask_nothing():
    bureau, segments = sealed()
    bureau.suspend("supervisor")
    with pytest.raises(RefusedError) as caught:
        ask(bureau.desk, bureau.actor("supervisor"), wanted(bureau, *segments))
    assert "suspended" in refused(caught)


def test_in_an_open_home_there_is_nobody_to_ask():
    bureau = open_home(MemoryHouse())
    segment = bureau.seal("early")
    with pytest.raises(RefusedError) as caught:
        ask(bureau.desk, bureau.actor("supervisor"), wanted(bureau, segment))
    assert "unfounded" in refused(caught)


def test_who_asked_withdraws_and_nobody_else():
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    with pytest.raises(RefusedError) as caught:
        withdraw(bureau.desk, bureau.actor("head"), request.id, "no")
    assert refused(caught) == ["may_withdraw"]
    withdraw(bureau.desk, bureau.actor("supervisor"), request.id, "not needed")
    assert load_request(bureau.ledger, request.id).state == "withdrawn"
    with pytest.raises(RefusedError) as caught:
        withdraw(bureau.desk, bureau.actor("supervisor"), request.id, "again")
    assert refused(caught) == ["settled"]


@pytest.mark.parametrize("reason", ["", "  ", "x" * (WORDS_LIMIT + 1)])
def test_nothing_is_said_without_a_reason(reason):
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    with pytest.raises(UsageError):
        withdraw(bureau.desk, bureau.actor("supervisor"), request.id, reason)


def test_two_who_withdraw_at_once_leave_one_entry():
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    ledger, meanwhile = bureau.ledger, []

    class Racing:
        def __getattr__(self, name):
            return getattr(ledger, name)

        def append(self, drafts):
            if not meanwhile:
                meanwhile.append(1)
                withdraw(bureau.desk, bureau.actor("supervisor"), request.id, "first")
            return ledger.append(drafts)

    desk = replace(bureau.desk, ledger=Racing())
    with pytest.raises(ConflictError):
        withdraw(desk, bureau.actor("supervisor"), request.id, "second")
    assert len(bureau.house.entries("request.withdrawn")) == 1


def test_the_owning_unit_is_told_of_a_retrieval_and_may_object_but_not_refuse():
    bureau, segments = sealed()
    request = asked(bureau, *segments, by="searcher")
    assert [each.id for each in told(bureau.desk, bureau.actor("head"))] == [request.id]
    assert told(bureau.desk, bureau.actor("west_head")) == ()
    index = object_to(bureau.desk, bureau.actor("head"), request.id, "still needed here")
    assert bureau.ledger.entry(index).type == "request.objected"
    assert load_request(bureau.ledger, request.id).state == "open"
    with pytest.raises(RefusedError):
        object_to(bureau.desk, bureau.actor("west_head"), request.id, "no")


def test_nobody_objects_to_what_is_no_retrieval():
    bureau, segments = sealed()
    request = asked(bureau, *segments, by="west_supervisor")
    assert told(bureau.desk, bureau.actor("head")) == ()
    with pytest.raises(RefusedError) as caught:
        object_to(bureau.desk, bureau.actor("head"), request.id, "no")
    assert "no_retrieval" in refused(caught)


def test_the_inbox_holds_what_a_head_may_answer_and_nothing_else():
    bureau, segments = sealed()
    first = asked(bureau, segments[0])
    asked(bureau, segments[1], by="head")  # goes to the chief
    gone = asked(bureau, segments[2])
    withdraw(bureau.desk, bureau.actor("supervisor"), gone.id, "no")
    assert [each.id for each in inbox(bureau.desk, bureau.actor("head", fresh=False))] == [first.id]
    assert inbox(bureau.desk, bureau.actor("supervisor")) == ()
    (above,) = inbox(bureau.desk, bureau.actor("chief"))
    assert above.asker == person("head")
    bureau.clock.forward(days=8)
    assert inbox(bureau.desk, bureau.actor("head")) == ()  # run out


def test_what_somebody_has_asked_is_found_for_a_year():
    bureau, segments = sealed()
    first = asked(bureau, segments[0])
    second = asked(bureau, segments[1])
    granted(bureau, segments[2], by="head", head="chief")
    mine = asked_by(bureau.desk, person("supervisor"))
    assert [each.id for each in mine] == [first.id, second.id]
    bureau.clock.forward(days=367)
    bureau.suspend("supervisor")
    assert asked_by(bureau.desk, person("supervisor")) == ()


def test_who_decides_sees_what_was_asked_before_for_the_same_segments():
    bureau, segments = sealed()
    before = asked(bureau, segments[0], by="west_supervisor")
    asked(bureau, segments[2])
    now = asked(bureau, *segments[:2])
    asked(bureau, segments[0])
    assert [each.id for each in earlier(bureau.desk, now)] == [before.id]


def test_a_decision_that_does_not_say_what_of_a_question_is_not_read():
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    body = {"requests": [None, {"request": "q:" + "0" * 32}]}
    bureau.write("request.decided", (request.id,), body)
    with pytest.raises(MalformedError):
        load_request(bureau.ledger, request.id)


def test_what_is_no_question_is_not_read_as_one():
    bureau, segments = sealed()
    with pytest.raises(CustodyError) as caught:
        load_request(bureau.ledger, "q:" + "0" * 32)
    assert caught.value.word == "question_unknown"
    request = "q:" + "1" * 32
    bureau.write("request.withdrawn", (request, EAST), {"request": request})
    with pytest.raises(CustodyError):
        load_request(bureau.ledger, request)
    del segments


@pytest.mark.parametrize(
    "change",
    [
        {"request": "q:" + "3" * 32},
        {"act": "steal"},
        {"purpose": "fun"},
        {"spans": "all"},
        {"spans": ["all"]},
        {"path": [1]},
        {"hold": "2"},
        {"provide_by": 3},
        {"until": None},
    ],
)
def test_a_forged_question_is_not_read(change):
    bureau, segments = sealed(1)
    body = dict(bureau.ledger.entry(asked(bureau, *segments).entry).body)
    request = "q:" + "2" * 32
    body |= {"request": request, **change}
    about = (request, person("supervisor"))
    bureau.ledger.append([Draft("request.made", person("supervisor"), about, body)])
    with pytest.raises(MalformedError):
        load_request(bureau.ledger, request)


def test_a_unit_that_moved_changes_no_question_that_was_asked():
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    bureau.unit(EAST, WEST, True, "unit.moved")
    assert load_request(bureau.ledger, request.id).path == (EAST, ORGANISATION)
    assert SQUAD not in request.path
