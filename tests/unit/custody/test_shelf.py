"""The shelf: what was decided about keeping, folded from one chain, and never by one person."""

from datetime import date

import pytest

from custody.bygone import Bygone
from custody.policies import policy_json
from custody.shelf import day_of, read_shelf
from evidence.errors import IntegrityError, MalformedError
from evidence.keeping import KEEPING, Shelf
from tests.fakes.desk import EAST, person, sealed
from tests.fakes.shelf import adopt, hold, of_segments, pack, release, shelf

H, Q, C = "h:" + "a" * 32, "q:" + "1" * 32, "c:" + "1" * 64


@pytest.fixture
def home():
    return sealed(2)


def forge(bureau, kind, body, about=(), by="head"):
    """What only a thief of the key could write."""
    return bureau.write(kind, (KEEPING, *about), body, by=by)


def scope_of(*segments, **changes):
    whole = {"kind": "segments", "segments": list(segments), "of": None, "since": None}
    return {**whole, "until": None, **changes}


def placed(segment, **changes):
    scope = scope_of(segment)
    return {
        "hold": H,
        "reason": "dispute",
        "article": "17",
        "scope": scope,
        "answers": None,
    } | changes


def test_a_shelf_on_which_nothing_lies_has_no_index(home):
    bureau, _ = home
    assert read_shelf(bureau.ledger) == Shelf(None)


def test_what_is_known_is_not_read_again(home, monkeypatch):
    bureau, segments = home
    adopt(bureau)
    known = shelf(bureau)
    first = hold(bureau, of_segments(segments[0]))
    read = []
    entry = bureau.ledger.entry
    monkeypatch.setattr(bureau.ledger, "entry", lambda index: read.append(index) or entry(index))
    after = read_shelf(bureau.ledger, known)
    assert read == [first.entry, known.index]
    assert after == read_shelf(bureau.ledger)
    assert first.id not in known.holds
    assert read_shelf(bureau.ledger, after) == after


def test_a_shelf_of_another_ledger_is_refused(home):
    bureau, _ = home
    adopt(bureau)
    known = shelf(bureau)
    other, segments = sealed(1)
    hold(other, of_segments(segments[0]))
    with pytest.raises(IntegrityError, match="shelf_foreign"):
        read_shelf(other.ledger, known)


def test_the_shelf_as_it_was_knows_nothing_of_what_came_later(home):
    bureau, segments = home
    first = hold(bureau, of_segments(segments[0]))
    index = release(bureau, first)
    bygone = Bygone(bureau.ledger)
    assert bygone.at(index - 1).holds[first.id].released is None
    assert bygone.at(index).holds[first.id].released == index
    assert bygone.at(first.entry - 1) == Shelf(None)
    assert bygone.at(index + 1000) == shelf(bureau)
    second = hold(bureau, of_segments(segments[0]))
    assert second.id not in bygone.at(second.entry - 1).holds
    assert bygone.at(second.entry) == shelf(bureau)


def test_holds_are_found_by_what_they_name_also_when_released(home):
    bureau, segments = home
    one = hold(bureau, of_segments(*segments))
    two = hold(bureau, of_segments(segments[0]))
    release(bureau, one)
    catching = shelf(bureau).catching
    assert catching == {segments[0]: (one.id, two.id), segments[1]: (one.id,)}


def test_other_entries_about_the_keeping_are_no_concern_of_the_shelf(home):
    bureau, _ = home
    index = bureau.write("disposal.undone", (KEEPING,), {})
    assert shelf(bureau) == Shelf(index)


def test_a_pack_that_its_own_author_adopts_does_not_hold(home):
    bureau, _ = home
    adopt(bureau)
    before = shelf(bureau)
    from_ = bureau.write("policy.proposed", (KEEPING,), {**proposed(pack(version="2"))}, by="head")
    adopted(bureau, from_, "head")
    after = shelf(bureau)
    assert after.in_force() == before.in_force()
    assert set(after.proposals) == {from_}
    adopted(bureau, from_, "chief")
    assert [each.version for each in shelf(bureau).in_force()] == ["2"]


def proposed(policy):
    return {"policy": policy_json(policy), "sha256": policy.sha256, "replaces": None}


def adopted(bureau, entry, by):
    body = {"proposed": entry, "name": "jinzhong", "version": "2", "sha256": "0" * 64}
    return forge(bureau, "policy.adopted", body, by=by)


def test_a_release_by_who_proposed_it_releases_nothing(home):
    bureau, segments = home
    first = hold(bureau, of_segments(segments[0]))
    told = {"hold": first.id, "ground": "placed_in_error"}
    entry = forge(bureau, "hold.release_proposed", told, (first.id,))
    released = {"hold": first.id, "proposed": entry, "ground": "placed_in_error"}
    forge(bureau, "hold.released", released, (first.id,))
    assert shelf(bureau).holds[first.id].released is None
    forge(bureau, "hold.released", released, (first.id,), by="chief")
    assert shelf(bureau).holds[first.id].released is not None


def test_one_person_who_says_a_day_twice_attests_nothing(home):
    bureau, _ = home
    first = forge(bureau, "time.attested", {"day": "2026-11-22", "first": None})
    said = {"day": "2026-11-22", "first": first}
    forge(bureau, "time.attested", said)
    forge(bureau, "time.attested", {**said, "day": "2026-11-23"}, by="chief")
    assert [each.second for each in shelf(bureau).attested] == [False, False, False]
    second = forge(bureau, "time.attested", said, by="chief")
    forge(bureau, "time.attested", {**said, "first": second}, by="watcher")
    assert [each.second for each in shelf(bureau).attested[3:]] == [True, False]
    assert shelf(bureau).attested[3].by == person("chief")


def test_an_answer_stands_as_it_was_given_first(home):
    bureau, segments = home
    body = {"sighting": 5, "answer": "not_needed"}
    first = forge(bureau, "mark.resolved", body, (segments[0],))
    forge(bureau, "mark.resolved", body, (segments[0],))
    forge(bureau, "hold.placed", placed(segments[0], answers=5), (H, segments[0]))
    other = forge(bureau, "proposal.declined", {"request": 6, "answer": "not_needed"}, (Q,))
    assert shelf(bureau).answered == {5: first, 6: other}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("policy.proposed", {"policy": {}, "sha256": "0" * 64}),
        ("policy.proposed", {"policy": [], "sha256": "0" * 64}),
        ("policy.adopted", {"proposed": 7}),
        ("hold.released", {"hold": H, "proposed": 1}),
        ("hold.release_proposed", {"hold": H}),
        ("hold.release_refused", {"hold": H}),
        ("time.attested", {"day": "2026-11-22", "first": 1}),
        ("time.attested", {"day": "20261122", "first": None}),
        ("time.attested", {"day": "2026-02-30", "first": None}),
        ("time.attested", {"day": 5, "first": None}),
        ("case.closed", {"case": C}),
    ],
)
def test_an_entry_that_no_writer_of_ours_makes_is_named(home, kind, body):
    bureau, _ = home
    forge(bureau, kind, body)
    with pytest.raises(MalformedError):
        shelf(bureau)


def test_a_pack_with_another_digest_than_its_own_is_named(home):
    bureau, _ = home
    forge(bureau, "policy.proposed", {**proposed(pack()), "sha256": "0" * 64})
    with pytest.raises(MalformedError, match="shelf_malformed"):
        shelf(bureau)


def test_what_was_never_proposed_can_be_withdrawn_and_nothing_happens(home):
    bureau, _ = home
    index = forge(bureau, "policy.withdrawn", {"proposed": 7})
    assert shelf(bureau) == Shelf(index)


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": "because"},
        {"hold": "h:" + "b" * 32},
        {"scope": scope_of(kind="place")},
        {"scope": scope_of()},
        {"scope": scope_of("s:" + "0" * 64)},
        {"scope": scope_of("p:" + "0" * 32)},
        {"scope": scope_of(kind="case", segments=None)},
        {"scope": scope_of(kind="case", segments=None, of=EAST)},
        {"scope": scope_of(kind="window", segments=None, of=C)},
    ],
)
def test_a_hold_on_what_its_entry_does_not_name_is_named(home, changes):
    bureau, segments = home
    about = (H, segments[0], EAST, C, "p:" + "0" * 32)
    forge(bureau, "hold.placed", placed(segments[0], **changes), about)
    with pytest.raises(MalformedError, match="shelf_malformed"):
        shelf(bureau)


def test_a_hold_is_placed_once_and_released_as_it_was_proposed(home):
    bureau, segments = home
    forge(bureau, "hold.placed", placed(segments[0]), (H, segments[0]))
    entry = forge(bureau, "hold.release_proposed", {"hold": H, "ground": "x"}, (H,))
    forge(bureau, "hold.released", {"hold": H, "proposed": entry - 1}, (H,), by="chief")
    with pytest.raises(MalformedError, match="shelf_malformed"):
        shelf(bureau)
    other, segments = sealed(1)
    for _ in range(2):
        forge(other, "hold.placed", placed(segments[0]), (H, segments[0]))
    with pytest.raises(MalformedError, match="shelf_malformed"):
        shelf(other)


def test_a_hold_is_not_released_twice(home):
    bureau, segments = home
    first = hold(bureau, of_segments(segments[0]))
    release(bureau, first)
    again = {"hold": first.id, "proposed": shelf(bureau).holds[first.id].proposed}
    forge(bureau, "hold.released", again, (first.id,), by="chief")
    with pytest.raises(MalformedError, match="shelf_malformed"):
        shelf(bureau)


def test_a_day_is_read_in_one_form_only():
    assert day_of({"day": "2026-11-22"}, "day") == date(2026, 11, 22)
    with pytest.raises(MalformedError):
        day_of({}, "day")
