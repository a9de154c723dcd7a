"""``dockseal why``: the same table, asked before anybody tries."""

import pytest

from custody.grants import withdraw_grant
from custody.why import check_without_grant, why
from evidence.errors import CustodyError, RefusedError, UsageError
from evidence.people import ORGANISATION
from tests.fakes.desk import EAST, WEST, person, sealed
from tests.fakes.grants import asked, granted


@pytest.fixture(scope="module")
def life():
    bureau, segments = sealed()
    grant = granted(bureau, segments[0])
    dead = granted(bureau, segments[0])
    withdraw_grant(bureau.desk, bureau.actor("head"), dead.id, "enough")
    request = asked(bureau, segments[1])
    named = {"segment": segments[0], "grant": grant.id, "dead": dead.id, "question": request.id}
    return bureau, {**named, "east": EAST, "west": WEST, "all": ORGANISATION}


@pytest.mark.parametrize(
    ("name", "act", "subject", "rows"),
    [
        ("officer", "label", "segment", set()),
        ("mate", "label", "segment", {"may_label"}),
        ("mate", "request", "segment", {"may_request"}),
        ("officer", "view", "segment", {"no_grant"}),
        ("admin", "see_listing", "segment", {"admin_apart", "may_list"}),
        ("head", "approve", "question", set()),
        ("supervisor", "approve", "question", {"own_question", "may_decide"}),
        ("supervisor", "withdraw", "question", set()),
        ("supervisor", "copy", "grant", set()),
        ("supervisor", "view", "grant", {"no_grant"}),
        ("supervisor", "copy", "dead", {"no_grant", "grant_withdrawn"}),
        ("head", "withdraw_grant", "dead", set()),
        ("head", "grant_deputy", "east", set()),
        ("head", "grant_deputy", "west", {"may_depute"}),
        ("admin", "operate", "all", set()),
    ],
)
def test_the_answer_is_that_of_the_table(life, name, act, subject, rows):
    bureau, subjects = life
    found = why(bureau.desk, bureau.actor("searcher"), person(name), act, subjects[subject])
    assert {row.id for row in found} == rows


def test_footage_without_a_grant_is_refused_on_record_to_who_holds_none(life):
    bureau, subjects = life
    segment = subjects["segment"]
    with pytest.raises(RefusedError) as refusal:
        check_without_grant(bureau.desk, bureau.actor("head"), "copy", segment)
    assert [row for row, _article in refusal.value.facts["rows"]] == ["no_grant"]
    entry = bureau.ledger.entry(bureau.ledger.last(segment))
    assert (entry.type, entry.actor) == ("access.refused", person("head"))
    check_without_grant(bureau.desk, bureau.actor("supervisor"), "copy", segment)


def test_a_person_is_a_subject_too(life):
    bureau, _ = life
    admin = bureau.actor("admin")
    assert why(bureau.desk, admin, admin.id, "manage_roles", person("head")) == ()
    (row,) = why(bureau.desk, admin, admin.id, "manage_roles", admin.id)
    assert row.id == "about_self"
    assert why(bureau.desk, admin, admin.id, "manage_people", person("stranger")) == ()


def test_everybody_may_ask_about_themselves_and_few_about_others(life):
    bureau, subjects = life
    officer = bureau.actor("officer", fresh=False)
    assert why(bureau.desk, officer, officer.id, "label", subjects["segment"]) == ()
    with pytest.raises(RefusedError) as caught:
        why(bureau.desk, officer, person("head"), "label", subjects["segment"])
    assert caught.value.facts["act"] == "see_people"


def test_what_is_nothing_of_ours_has_no_answer(life):
    bureau, _ = life
    me = bureau.actor("head")
    with pytest.raises(UsageError):
        why(bureau.desk, me, me.id, "label", "x:" + "0" * 32)
    with pytest.raises(CustodyError):
        why(bureau.desk, me, me.id, "copy", "g:" + "0" * 32)
