"""An insider with the catalogue's password: can hide for a while, and is named; can free nothing.

Every act and every list is decided from the ledger.  What the catalogue is good for is to say which
segments somebody should look at.
"""

import pytest

from custody.alarms import alarms_for
from custody.disposing import propose_disposal
from custody.judging import Judges
from custody.keeping import begin_keeping
from custody.labels import Label, label
from custody.tombstone import remains_of
from evidence.entry import Draft
from evidence.errors import CustodyError, RefusedError
from evidence.keeping import KEEPING
from tests.fakes.desk import person
from tests.fakes.house import SHANGHAI
from tests.fakes.shelf import adopt, hold, of_segments, pack
from tests.faults.keeping import ITEMS, LISTED, base
from tests.tamper.kept import Watched
from vault.keep_tables import KEEP_TABLES
from vault.tables import TABLES

APPROVED = LISTED + 1  # the film of the list that two people have agreed on
OTHERS = ("segments", "sightings", "labels", "label_people", "seams", "events", "requests")


@pytest.fixture
def at(ram):
    with base().copied(ram) as scene:
        yield Watched(scene)


def digest(segment):
    return segment.removeprefix("s:")


def propose(at, *segments):
    it = at.it
    who, look = it.who("supervisor"), it.look()
    return propose_disposal(it.desk, who, look, segments, "over", now=it.now)


def refusal(at, *segments):
    with pytest.raises(CustodyError) as caught:
        propose(at, *segments)
    return caught.value


def verdicts(at):
    """Return what the ledger says of every film that is in custody, whoever proposes it."""
    judge = Judges(at.house.ledger, SHANGHAI).look().judge
    told = (judge(film, at.it.now) for film in at.films)
    return [(each.segment, each.until, [b.code for b in each.blockers]) for each in told]


def test_a_home_whose_catalogue_nobody_touched_is_as_the_ledger_says(at):
    assert at.named() == set()
    assert at.due() == {each for each, _, codes in verdicts(at) if not codes}
    assert set(at.films[:LISTED]) <= at.due()
    assert at.held not in at.due()


# --- nothing is freed ----------------------------------------------------------------------------


FREEING = {
    "its holds are removed": ("DELETE FROM holds", "DELETE FROM hold_segments"),
    "its holds are on another": ("UPDATE hold_segments SET sha256='" + "0" * 64 + "'",),
    "its holds are released": (
        "INSERT INTO hold_steps SELECT entry + 100000, hold, 'released', null FROM holds",
    ),
    "it was sealed ten years ago": (
        "UPDATE segments SET sealed_at = sealed_at - 315360000000",
        "UPDATE sightings SET at = at - 315360000000",
    ),
}


@pytest.mark.parametrize("how", FREEING)
def test_a_held_segment_that_the_catalogue_says_is_over_goes_nowhere(at, how):
    at.spoil(*((each,) for each in FREEING[how]))
    assert at.held not in at.due() | at.listed_due()
    error = refusal(at, at.held)
    assert (error.word, "held" in error.facts["because"]) == ("not_disposable", True)
    assert at.named(), "and the audit names the rows"
    assert at.there(at.held)


def test_a_longer_rule_that_the_catalogue_forgets_holds(at):
    years = pack("jinzhong", standard={"article": "17", "period": "5 years"}, version="2")
    adopt(at.it.bureau, years)
    at.house.project()
    at.spoil(("DELETE FROM policies",), ("DELETE FROM policy_answers",))
    assert at.due() == set()
    assert refusal(at, at.films[0]).facts["because"] == ["kept"]
    assert at.named() == {"policies", "policy_answers"}


def test_a_film_held_after_the_approval_is_spared_whatever_the_catalogue_says(at):
    hold(at.it.bureau, of_segments(at.films[APPROVED]))
    at.pass_days(40)
    at.house.project()
    at.spoil(("DELETE FROM holds",), ("DELETE FROM hold_segments",))
    assert at.run() == 0
    assert [each.body["because"] for each in at.entries("segment.spared")] == [["held"]]
    assert at.there(at.films[APPROVED])


def test_whatever_table_is_emptied_every_verdict_stays_and_the_audit_names_it(at):
    before, due = verdicts(at), at.due()
    for table in (*KEEP_TABLES, *OTHERS):
        with at.emptied(table) as rows:
            assert at.due() | at.listed_due() <= due, table
            assert at.named() == ({table} if rows else set())
    assert verdicts(at) == before
    assert at.named() == set()


def test_who_appears_in_a_film_approves_nothing_though_the_catalogue_forgets_it(at):
    film = at.films[0]
    said = Label((person("head"),), no_case="patrol")
    label(at.desk, at.it.who("officer"), (film,), said, ITEMS)
    found = propose(at, film)
    at.pass_days(40)
    at.house.project()
    at.spoil(("DELETE FROM label_people",))
    with pytest.raises(RefusedError) as caught:
        at.it.approve(found.id)
    assert "involved" in {row for row, _ in caught.value.facts["rows"]}


# --- what can be hidden, and for how long --------------------------------------------------------


def test_what_is_hidden_is_kept_longer_and_named_and_a_rebuild_brings_it_back(at):
    film = at.films[0]
    at.spoil(("DELETE FROM segments WHERE sha256=?", digest(film)))
    assert film not in at.due()
    assert at.there(film)
    assert at.named() == {"segments"}
    at.house.rebuild()
    assert film in at.due()


def test_what_the_catalogue_holds_in_vain_goes_by_its_name(at):
    film = at.films[0]
    row = "INSERT INTO hold_segments SELECT max(entry), 99, ? FROM holds"
    at.spoil(("DELETE FROM hold_steps",), (row, digest(film)))
    assert film not in at.due(), "hidden from who asks for all that is due"
    assert at.named() == {"hold_segments", "hold_steps"}
    assert propose(at, film).state == "proposed"


def test_rows_of_nothing_and_rows_that_stand_twice_stop_nobody(at):
    due = at.due()
    for table, names in (("segments", ("entry",)), ("sightings", ("entry", "segment"))):
        same = [each.name for each in TABLES[table].columns if each.name not in names]
        moved = ", ".join([*(f"{name} + 100000" for name in names), *same])
        copied = f"INSERT INTO {table} SELECT {moved} FROM {table}"  # noqa: S608 - our own names
        at.spoil((copied,))
    newest = "SELECT max(entry) FROM segments"
    at.spoil((f"UPDATE segments SET sha256=? WHERE entry=({newest})", "0" * 64))  # noqa: S608 - ours
    assert len(at.proposed()) == 2 * len(at.films)
    assert at.due() == at.listed_due() == due
    assert at.named() == {"segments", "sightings"}


def test_an_alarm_that_is_taken_off_the_list_is_named_and_the_box_s_own_stand_there(at):
    for about in (at.films[0], KEEPING):
        body = {"alarm": "digest_differs", "facts": {}}
        at.house.ledger.append([Draft("alarm.raised", "sys:audit", (about,), body)])
    at.house.project()
    assert alarms(at) == {at.films[0], KEEPING}
    at.spoil(("DELETE FROM alarms",))
    assert alarms(at) == {KEEPING}, "this one the ledger tells by itself"
    assert at.named() == {"alarms"}
    assert "not_verified" in refusal(at, at.films[0]).facts["because"]


def alarms(at):
    """Return what the open alarms are about that an auditor is shown."""
    with at.reader() as reader:
        keeper = begin_keeping(at.desk, at.it.who("inspector"))
        return {each.subjects[0] for each in alarms_for(keeper, reader.alarms().items)}


# --- what is gone --------------------------------------------------------------------------------


def test_a_row_that_brings_back_what_was_destroyed_brings_nothing_back(at):
    film = at.films[APPROVED]
    at.pass_days(40)
    assert at.run() == 1
    at.house.project()
    assert digest(film) not in {digest(each) for each in at.proposed()}
    other = "INSERT INTO segments SELECT 100000, ?, size, kind, container, duration_ms, codecs, "
    at.spoil((other + "width, height, sealed_at FROM segments LIMIT 1", digest(film)))
    assert film not in at.due()
    assert refusal(at, film).word == "segment_disposed"
    assert not at.there(film)
    assert at.named() == {"segments"}


def test_a_tombstone_that_the_catalogue_forgets_is_shown_and_one_that_it_invents_is_not(at):
    gone, living = at.films[APPROVED], at.films[0]
    at.pass_days(40)
    at.run()
    at.house.project()
    at.spoil(("DELETE FROM tombstones",),
             ("INSERT INTO tombstones VALUES (3, ?, 'x:1')", digest(living)))  # fmt: skip
    assert remains_of(at.house.ledger, gone).executed
    with pytest.raises(CustodyError, match="not_disposed_of"):
        remains_of(at.house.ledger, living)
    assert living in at.due()
    assert at.named() == {"tombstones"}
