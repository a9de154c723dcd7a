"""Holds: who may place one on what, how two people end it, and what stands in the ledger."""

from datetime import timedelta

import pytest

from custody.holds import (
    ATTACHMENT_LIMIT_BYTES,
    Attachment,
    Wanted,
    article_of,
    in_the_way,
    may_read,
    may_see,
    place_hold,
    propose_release,
    refuse_release,
    release_hold,
    standing_holds,
)
from custody.keeping import begin_keeping
from evidence.errors import (
    ConflictError,
    CustodyError,
    MalformedError,
    RefusedError,
    UnknownSegmentError,
    UsageError,
)
from evidence.keeping import KEEPING, Scope
from evidence.people import ORGANISATION
from tests.fakes.clock import NOON
from tests.fakes.desk import (
    EAST,
    SQUAD,
    WEST,
    MemoryHouse,
    open_home,
    person,
    sealed,
    small_bureau,
    unit,
)
from tests.fakes.shelf import adopt, hold, of_case, of_segments, of_window, pack, release, shelf

WEEK = timedelta(days=7)


@pytest.fixture
def home():
    return sealed(2)


def rows(caught):
    return {row for row, _ in caught.value.facts["rows"]}


def refused(act, *arguments, **more):
    with pytest.raises(RefusedError) as caught:
        act(*arguments, **more)
    return rows(caught)


def test_an_officer_holds_what_they_recorded_and_it_is_written_with_its_article(home):
    bureau, segments = home
    paper = Attachment("complaint.pdf", b"%PDF")
    placed = hold(bureau, of_segments(*segments), "officer", attachment=paper, words="shouted at")
    entry = bureau.ledger.entry(placed.entry)
    assert (entry.type, entry.actor) == ("hold.placed", person("officer"))
    assert set(entry.about) == {KEEPING, placed.id, *segments}
    assert (placed.reason, placed.article, placed.scope) == (
        "dispute", "17(2)", of_segments(*segments),
    )  # fmt: skip
    facts = bureau.ledger.statement(placed.entry).facts
    assert (facts["reference"], facts["words"]) == ("2026-7", "shouted at")
    assert facts["attachment"]["name"] == "complaint.pdf"
    assert facts["attachment"]["bytes"] == "JVBERg=="
    assert "2026-7" not in str(entry.body)
    assert standing_holds(shelf(bureau)) == (placed,)


@pytest.mark.parametrize(
    "name", ["officer", "supervisor", "head", "leader", "chief", "acting", "watcher", "inspector"]
)
def test_whoever_may_list_a_segment_may_hold_it(home, name):
    bureau, segments = home
    assert hold(bureau, of_segments(segments[0]), name).by == person(name)


@pytest.mark.parametrize("name", ["mate", "west_officer", "west_head", "admin"])
def test_whoever_may_not_list_it_is_refused_on_record(home, name):
    bureau, segments = home
    assert "may_hold" in refused(hold, bureau, of_segments(segments[0]), name)
    told = bureau.house.entries("access.refused")[-1]
    assert (told.body["act"], told.actor) == ("place_hold", person(name))
    assert segments[0] in told.about
    assert standing_holds(shelf(bureau)) == ()


def test_in_an_open_home_nobody_places_a_hold():
    bureau = open_home(MemoryHouse())
    segment = bureau.seal("a")
    assert "unfounded" in refused(hold, bureau, of_segments(segment))


def test_one_segment_that_is_not_theirs_refuses_the_whole_hold(home):
    bureau, segments = home
    bureau.bind(bureau.recorder("W"), "west_officer", WEST)
    foreign = bureau.seal("west", bureau.recorder("W"))
    assert refused(hold, bureau, of_segments(segments[0], foreign), "supervisor")
    assert hold(bureau, of_segments(segments[0], foreign), "searcher")


def test_what_is_not_in_custody_is_not_held_by_its_name(home):
    bureau, _ = home
    with pytest.raises(UnknownSegmentError):
        hold(bureau, of_segments("s:" + "0" * 64))


def test_a_case_is_held_before_anything_of_it_is_docked_by_whoever_holds_a_role(home):
    bureau, _ = home
    scope = of_case(bureau, "2026-9")
    for name in ("supervisor", "west_head", "inspector"):
        assert hold(bureau, scope, name).scope == scope
    for name in ("officer", "admin"):
        assert "may_hold" in refused(hold, bureau, scope, name)


def test_a_case_with_footage_is_held_by_one_role_over_some_of_it_or_by_who_is_named(home):
    bureau, segments = home
    bureau.bind(bureau.recorder("W"), "west_officer", WEST)
    foreign = bureau.seal("west", bureau.recorder("W"))
    bureau.label(segments[0], ["officer", "mate"], "2026-9")
    scope = of_case(bureau, "2026-9")
    assert hold(bureau, scope, "mate")
    assert "may_hold" in refused(hold, bureau, scope, "west_head")
    bureau.label(foreign, ["west_officer"], "2026-9")
    for name in ("west_head", "supervisor", "west_officer"):
        assert hold(bureau, scope, name)


def test_a_window_is_ones_own_or_of_whom_one_leads(home):
    bureau, _ = home
    window = of_window(person("officer"), NOON - WEEK, NOON)
    for name in ("officer", "leader", "supervisor", "head", "watcher"):
        assert hold(bureau, window, name).scope == window
    for name in ("mate", "west_head", "admin"):
        assert "may_hold" in refused(hold, bureau, window, name)


def test_a_window_of_a_unit_needs_a_role_over_that_unit(home):
    bureau, _ = home
    assert hold(bureau, of_window(EAST, NOON - WEEK), "head")
    assert "may_hold" in refused(hold, bureau, of_window(EAST, NOON - WEEK), "leader")
    assert "may_hold" in refused(hold, bureau, of_window(SQUAD, NOON - WEEK), "officer")


def test_a_window_of_a_recorder_is_of_whoever_had_it_then(home):
    bureau, _ = home
    mine = of_window(bureau.recorder(), NOON - WEEK, NOON)
    assert hold(bureau, mine, "officer")
    assert hold(bureau, mine, "head")
    assert "may_hold" in refused(hold, bureau, mine, "west_head")
    strange = of_window(bureau.recorder("nobody's"), NOON - WEEK)
    assert "may_hold" in refused(hold, bureau, strange, "head")
    assert hold(bureau, strange, "chief")


def test_a_recorder_that_changed_hands_is_nobodys_own_and_led_by_either_unit(home):
    bureau, _ = home
    pool = bureau.recorder("P")
    bureau.bind(pool, None, EAST)
    bureau.handover("handover.out", pool, "officer", SQUAD, NOON - timedelta(days=3))
    bureau.handover("handover.in", pool, "officer", SQUAD, NOON - timedelta(days=2))
    bureau.handover("handover.out", pool, "west_officer", WEST, NOON - timedelta(days=1))
    whole = of_window(pool, NOON - WEEK, NOON)
    assert "may_hold" in refused(hold, bureau, whole, "officer")
    assert hold(bureau, whole, "west_head")
    assert "may_release_hold" in refused(release, bureau, hold(bureau, whole, "chief"))
    first = of_window(pool, NOON - WEEK, NOON - timedelta(days=2))
    assert hold(bureau, first, "officer")
    assert "may_hold" in refused(hold, bureau, first, "west_head")
    assert "may_hold" in refused(
        hold, bureau, of_window(pool, NOON - timedelta(hours=1)), "officer"
    )


@pytest.mark.parametrize(
    ("scope", "field"),
    [
        (Scope("segments"), "segments"),
        (Scope("segments", ("s:" + "1" * 64,) * 2), "segments"),
        (Scope("segments", tuple(f"s:{n:064}" for n in range(61))), "segments"),
        (Scope("segments", ("s:" + "1" * 64,), of="c:" + "1" * 64), "of"),
        (Scope("segments", ("s:" + "1" * 64,), since=NOON), "since"),
        (Scope("segments", ("s:" + "1" * 64,), until=NOON), "since"),
        (Scope("case"), "of"),
        (Scope("case", ("s:" + "1" * 64,), "c:" + "1" * 64), "segments"),
        (Scope("case", of="p:" + "1" * 32), "of"),
        (Scope("case", of="c:" + "1" * 64, since=NOON), "since"),
        (Scope("case", of="c:" + "1" * 64, until=NOON), "until"),
        (Scope("window", of="s:" + "1" * 64, since=NOON), "of"),
        (Scope("window", of=EAST), "since"),
        (Scope("window", of=EAST, since=NOON, until=NOON), "until"),
    ],
)
def test_what_is_no_scope_is_refused_before_anything_is_read(home, scope, field):
    bureau, _ = home
    with pytest.raises(UsageError) as caught:
        hold(bureau, scope)
    assert (caught.value.word, caught.value.facts["field"]) == ("hold_scope", field)


def test_an_id_that_is_none_and_somebody_unknown_are_no_scope(home):
    bureau, _ = home
    with pytest.raises(MalformedError):
        hold(bureau, of_window("u:east", NOON))
    with pytest.raises(UsageError, match="unit_unknown"):
        hold(bureau, of_window(unit("north"), NOON))
    with pytest.raises(UsageError, match="person_unknown"):
        hold(bureau, of_window(person("stranger"), NOON))


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"reason": "because"}, "hold_reason"),
        ({"reference": " "}, "keep_words"),
        ({"reference": "x" * 2001}, "keep_words"),
        ({"words": "x" * 2001}, "keep_words"),
        ({"attachment": Attachment("a", b"")}, "attachment_unusable"),
        ({"attachment": Attachment("", b"a")}, "attachment_unusable"),
        ({"attachment": Attachment("a" * 256, b"a")}, "attachment_unusable"),
        ({"attachment": Attachment("a", bytes(ATTACHMENT_LIMIT_BYTES + 1))}, "attachment_unusable"),
    ],
)
def test_a_hold_says_why_and_by_what_reference(home, more, word):
    bureau, segments = home
    told = {"reason": "dispute", "scope": of_segments(segments[0]), "reference": "7"} | more
    with pytest.raises(UsageError) as caught:
        place_hold(bureau.desk, bureau.actor("head"), Wanted(**told))
    assert caught.value.word == word


def test_the_largest_attachment_fits(home):
    bureau, segments = home
    paper = Attachment("a" * 255, bytes(ATTACHMENT_LIMIT_BYTES))
    assert hold(bureau, of_segments(segments[0]), attachment=paper)


def test_the_article_is_that_of_the_pack_in_force(home):
    bureau, segments = home
    adopt(bureau, pack(reason={"dispute": "99"}))
    assert hold(bureau, of_segments(segments[0])).article == "99"
    assert article_of(shelf(bureau), "major-case") == "17(5)"


def test_two_people_release_a_hold_and_it_stays_readable(home):
    bureau, segments = home
    placed = hold(bureau, of_segments(segments[0]))
    bureau.clock.forward(minutes=1)
    index = release(bureau, placed, ground="archive_over")
    entry = bureau.ledger.entry(index)
    assert (entry.type, entry.body["ground"]) == ("hold.released", "archive_over")
    after = shelf(bureau).holds[placed.id]
    assert (after.released, after.released_at) == (index, entry.at)
    assert bureau.ledger.statement(after.proposed).facts == {"reference": "2026-8"}
    assert standing_holds(shelf(bureau)) == ()
    for act in (lambda: release(bureau, placed), lambda: refuse(bureau, placed)):
        with pytest.raises(CustodyError, match="hold_released"):
            act()


def refuse(bureau, placed, by="head", reason="still needed"):
    return refuse_release(bureau.desk, bureau.actor(by), placed.id, reason)


def test_who_proposed_a_release_does_not_release(home):
    bureau, segments = home
    placed = hold(bureau, of_segments(segments[0]))
    assert refused(release, bureau, placed, by=("head", "head")) == {"own_proposal"}
    assert standing_holds(shelf(bureau))[0].proposed is not None


@pytest.mark.parametrize("name", ["officer", "supervisor", "inspector", "west_head", "admin"])
def test_only_heads_and_overseers_over_all_of_it_end_a_hold(home, name):
    bureau, segments = home
    placed = hold(bureau, of_segments(segments[0]))
    assert "may_release_hold" in refused(release, bureau, placed, by=(name, "head"))
    assert "may_release_hold" in refused(release, bureau, placed, by=("head", name))


def test_ending_a_hold_needs_a_proof_that_is_fresh(home):
    bureau, segments = home
    placed = hold(bureau, of_segments(segments[0]))
    stale = bureau.actor("head", fresh=False)
    found = refused(propose_release, bureau.desk, stale, placed.id, "placed_in_error", "8")
    assert found == {"not_fresh"}


def test_whoever_appears_in_it_does_not_end_the_hold(home):
    bureau, segments = home
    bureau.label(segments[0], ["head"])
    placed = hold(bureau, of_segments(segments[0]))
    assert refused(release, bureau, placed, by=("head", "chief")) == {"involved"}
    of_head = hold(bureau, of_window(person("head"), NOON - WEEK))
    assert refused(release, bureau, of_head, by=("head", "chief")) == {"involved"}
    bureau.bind(bureau.recorder("H"), "head", EAST)
    with_head = hold(bureau, of_window(bureau.recorder("H"), NOON - WEEK))
    assert refused(release, bureau, with_head, by=("head", "chief")) == {"involved"}
    assert release(bureau, with_head, by=("chief", "watcher"))


def test_a_hold_on_a_case_without_footage_is_ended_over_the_whole_organisation(home):
    bureau, segments = home
    placed = hold(bureau, of_case(bureau, "2026-9"))
    assert "may_release_hold" in refused(release, bureau, placed, by=("head", "watcher"))
    bureau.label(segments[0], ["officer"], "2026-9")
    assert release(bureau, placed, by=("head", "watcher"))


def test_a_hold_on_a_unit_is_ended_over_that_unit(home):
    bureau, _ = home
    placed = hold(bureau, of_window(EAST, NOON - WEEK))
    assert release(bureau, placed, by=("head", "chief"))


def test_that_the_case_is_closed_is_no_ground(home):
    bureau, segments = home
    placed = hold(bureau, of_segments(segments[0]))
    with pytest.raises(UsageError, match="release_ground"):
        release(bureau, placed, ground="case_closed")


def test_a_release_is_proposed_once_and_refused_or_taken_back(home):
    bureau, segments = home
    placed = hold(bureau, of_segments(segments[0]))
    with pytest.raises(CustodyError, match="release_not_proposed"):
        refuse(bureau, placed)
    with pytest.raises(CustodyError, match="release_not_proposed"):
        release_hold(bureau.desk, bureau.actor("watcher"), placed.id)
    head = bureau.actor("head")
    propose_release(bureau.desk, head, placed.id, "placed_in_error", "8")
    with pytest.raises(CustodyError, match="release_proposed"):
        propose_release(bureau.desk, head, placed.id, "placed_in_error", "8")
    index = refuse(bureau, placed)  # by who proposed it: taken back
    assert bureau.ledger.statement(index).facts == {"reason": "still needed"}
    assert standing_holds(shelf(bureau))[0].proposed is None
    propose_release(bureau.desk, bureau.actor("chief"), placed.id, "placed_in_error", "8")
    assert "may_release_hold" in refused(refuse, bureau, placed, "supervisor")
    with pytest.raises(UsageError, match="keep_words"):
        refuse(bureau, placed, reason="")
    assert refuse(bureau, placed, "watcher")


def test_a_hold_that_nobody_placed_is_unknown(home):
    bureau, _ = home
    with pytest.raises(CustodyError, match="hold_unknown"):
        refuse_release(bureau.desk, bureau.actor("head"), "h:" + "0" * 32, "x")


def test_of_two_who_write_at_once_one_is_told_to_look_again(home, monkeypatch):
    bureau, segments = home
    placed = hold(bureau, of_segments(segments[0]))
    propose_release(bureau.desk, bureau.actor("head"), placed.id, "placed_in_error", "8")
    append = bureau.ledger.append
    rival = iter([lambda: refuse(bureau, placed, "chief")])

    def meanwhile(drafts):
        for act in rival:
            act()
        return append(drafts)

    monkeypatch.setattr(bureau.ledger, "append", meanwhile)
    with pytest.raises(ConflictError):
        release_hold(bureau.desk, bureau.actor("watcher"), placed.id)
    (left,) = standing_holds(shelf(bureau))
    assert left.proposed is None


def test_a_hold_is_seen_by_whoever_could_have_placed_it(home):
    bureau, segments = home
    placed = hold(bureau, of_segments(segments[0]))
    seen = {
        name: may_see(begin_keeping(bureau.desk, bureau.actor(name)), placed)
        for name in ("officer", "mate", "inspector", "west_head", "admin")
    }
    assert seen == {
        "officer": True, "mate": False, "inspector": True, "west_head": False, "admin": False,
    }  # fmt: skip


def test_a_person_of_the_organisation_itself_has_a_window_too():
    bureau = small_bureau()
    assert hold(bureau, of_window(person("searcher"), NOON - WEEK), "chief")
    assert hold(bureau, of_window(ORGANISATION, NOON - WEEK), "watcher")


def test_the_private_words_are_not_for_whom_it_is_about(home):
    bureau, segments = home
    bureau.label(segments[0], ["head"])
    placed = hold(bureau, of_segments(segments[0]), "officer")
    read = {
        name: may_read(begin_keeping(bureau.desk, bureau.actor(name)), placed)
        for name in ("officer", "supervisor", "head", "inspector", "mate", "west_head", "admin")
    }
    assert {name for name, so in read.items() if so} == {"officer", "supervisor", "inspector"}
    other = hold(bureau, of_segments(segments[0]))
    assert not may_read(begin_keeping(bureau.desk, bureau.actor("officer")), other)


def test_what_is_in_the_way_of_a_release_is_told_before_anybody_tries(home):
    bureau, segments = home
    placed = hold(bureau, of_segments(*segments))

    def told(who):
        keeper = begin_keeping(bureau.desk, bureau.actor(who))
        return [each.id for each in in_the_way(keeper, keeper.shelf.holds[placed.id])]

    assert told("head") == told("watcher") == []
    assert "may_release_hold" in told("supervisor")
    propose_release(bureau.desk, bureau.actor("head"), placed.id, "placed_in_error", "2026-8")
    assert (told("head"), told("watcher")) == (["own_proposal"], [])
    assert bureau.house.entries("access.refused") == []
