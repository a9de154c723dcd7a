"""What who decides is told beside the question: conflicts, earlier questions, objections."""

from custody.requests import decided, object_to
from custody.weighing import weigh
from tests.fakes.desk import person, sealed
from tests.fakes.grants import asked, granted


def weighed(bureau, name, request):
    return weigh(bureau.desk, bureau.actor(name, fresh=False), request)


def test_who_appears_in_it_is_told_also_by_a_label_that_was_corrected():
    bureau, segments = sealed()
    first = bureau.label(segments[0], ["mate"])
    bureau.label(segments[0], ["officer"], corrects=first)
    found = weighed(bureau, "head", asked(bureau, *segments))
    assert found.appear == tuple(sorted((person("mate"), person("officer"))))
    assert found.rows == ()


def test_a_head_who_appears_in_it_is_told_that_they_may_not_answer():
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    bureau.label(segments[0], ["head"])
    assert [row.id for row in weighed(bureau, "head", request).rows] == ["involved"]


def test_earlier_questions_are_told_only_to_who_may_see_them():
    bureau, segments = sealed()
    before = asked(bureau, segments[0], by="west_supervisor")
    above = asked(bureau, segments[1], by="head")  # goes to the chief
    asked(bureau, segments[2])
    now = asked(bureau, *segments[:2])
    assert [each.id for each in weighed(bureau, "chief", now).earlier] == [before.id, above.id]
    assert [each.id for each in weighed(bureau, "west_supervisor", now).earlier] == [before.id]


def test_objections_stand_beside_the_question_in_their_order():
    bureau, segments = sealed()
    request = asked(bureau, *segments, by="searcher")
    assert weighed(bureau, "chief", request).objections == ()
    first = object_to(bureau.desk, bureau.actor("head"), request.id, "needed here")
    second = object_to(bureau.desk, bureau.actor("head"), request.id, "still")
    told = weighed(bureau, "chief", request).objections
    assert [each.entry for each in told] == [first, second]
    assert (told[0].person, told[0].reason) == (person("head"), "needed here")
    bureau.house.ledger.statements.clear()
    assert weighed(bureau, "chief", request).objections[0].reason is None


def test_what_a_unit_has_answered_is_found_by_who_leads_it():
    bureau, segments = sealed()
    grant = granted(bureau, segments[0])
    asked(bureau, segments[1])
    granted(bureau, segments[2], by="head", head="chief")
    assert [each.id for each in decided(bureau.desk, bureau.actor("head"))] == [grant.request]
    assert decided(bureau.desk, bureau.actor("supervisor")) == ()
