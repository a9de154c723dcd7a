"""What a unit owes of a retrieval: another docking of every recorder that it was recorded on."""

from datetime import timedelta

import pytest

from custody.providing import overdue, owed
from custody.requests import load_request, withdraw
from tests.fakes.desk import SQUAD, small_bureau
from tests.fakes.grants import asked, granted

LATE = timedelta(days=3, milliseconds=1)


@pytest.fixture
def bureau():
    made = small_bureau()
    made.segments = made.dock({"DCIM/F1.MP4": bytes(9)})
    made.clock.forward(hours=1)
    return made


def again(bureau, request):
    return load_request(bureau.ledger, request.id)


def test_what_was_not_docked_since_is_owed_and_late_after_its_day(bureau):
    request = asked(bureau, *bureau.segments, by="searcher")
    assert owed(bureau.ledger, request) == (bureau.recorder(),)
    assert not overdue(bureau.ledger, request, request.at + timedelta(days=3))
    assert overdue(bureau.ledger, request, request.at + LATE)


def test_a_docking_after_the_question_provides(bureau):
    request = asked(bureau, *bureau.segments, by="searcher")
    bureau.clock.forward(hours=1)
    bureau.dock({"DCIM/F2.MP4": bytes(8)}, serial="T000002")
    assert owed(bureau.ledger, request) == (bureau.recorder(),), "another recorder provides nothing"
    bureau.dock({"DCIM/F2.MP4": bytes(8)})
    assert owed(bureau.ledger, request) == ()
    assert not overdue(bureau.ledger, request, request.at + LATE)


def test_every_recorder_on_which_it_was_seen_is_owed(bureau):
    bureau.bind(bureau.recorder("T000002"), "officer", SQUAD)
    bureau.dock({"DCIM/COPY.MP4": bytes(9)}, serial="T000002")
    bureau.clock.forward(hours=1)
    request = asked(bureau, *bureau.segments, by="searcher")
    both = {bureau.recorder(), bureau.recorder("T000002")}
    assert set(owed(bureau.ledger, request)) == both
    bureau.clock.forward(hours=1)
    bureau.dock({"DCIM/NEW.MP4": bytes(7)})
    assert owed(bureau.ledger, request) == (bureau.recorder("T000002"),)


def test_who_is_asked_by_their_own_unit_owes_nothing(bureau):
    request = asked(bureau, *bureau.segments)
    assert owed(bureau.ledger, request) == ()
    assert not overdue(bureau.ledger, request, request.at + timedelta(days=90))


def test_what_is_withdrawn_is_owed_no_more_and_what_is_approved_is(bureau):
    first = asked(bureau, *bureau.segments, by="searcher")
    withdraw(bureau.desk, bureau.actor("searcher"), first.id, "a mistake")
    assert owed(bureau.ledger, again(bureau, first)) == ()
    grant = granted(bureau, *bureau.segments, by="searcher", head="chief")
    second = load_request(bureau.ledger, grant.request)
    assert second.state == "approved"
    assert overdue(bureau.ledger, second, second.at + LATE)
