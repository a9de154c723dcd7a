from dataclasses import replace

import pytest

from custody.findings import Remark
from evidence.errors import IntegrityError, VaultUnavailableError
from tests.unit.custody.book import codes
from tests.unit.custody.shift import DOCKING, RECORDER, SEGMENTS, Shift, act, started, whole_shift

OTHER_DOCKING = "d:" + "1d" * 16


def committed(shift, name):
    return shift.book.entry(shift.index_of[name]).statement


@pytest.mark.parametrize("name", ["opened", "inventory", "sealed0"])
def test_a_statement_that_is_gone_is_named(name):
    shift = whole_shift()
    del shift.book.statements.kept[committed(shift, name).sha256]
    found = shift.audit().findings
    assert [(str(each.code), each.entry) for each in found] == [
        ("statement_missing", shift.index_of[name])
    ]


def test_a_statement_put_in_the_place_of_another_is_named():
    shift = whole_shift()
    kept = shift.book.statements.kept
    kept[committed(shift, "sealed0").sha256] = kept[committed(shift, "sealed1").sha256]
    assert "statement_damaged" in codes(shift.audit().findings)


def test_a_statement_with_another_word_in_it_is_named():
    shift = whole_shift()
    kept, name = shift.book.statements.kept, committed(shift, "opened").sha256
    kept[name] = replace(kept[name], facts={"serial": "7654321"})
    assert codes(shift.audit().findings) == ["statement_damaged"]


def test_a_statement_that_does_not_decrypt_is_named():
    shift = whole_shift()

    def broken(_commitment):
        raise IntegrityError("statement_damaged", sha256="x")

    shift.book.statements.get = broken
    assert set(codes(shift.audit().findings)) == {"statement_damaged"}


def test_a_key_that_is_gone_is_named_once_with_the_first_entry_that_needs_it():
    shift = whole_shift()
    shift.book.statements.destroyed |= {SEGMENTS[0], DOCKING}
    found = shift.audit().findings
    assert [(str(each.code), each.entry, each.subject) for each in found] == [
        ("key_missing", shift.index_of["opened"], DOCKING),
        ("key_missing", shift.index_of["sealed0"], SEGMENTS[0]),
    ]


@pytest.mark.parametrize("seq", [0, -1, 1000])
def test_a_statement_kept_for_another_entry_is_named(seq):
    shift = whole_shift()
    places, index = shift.book.statements.places, shift.index_of["sealed1"]
    place = next(place for place, (entry, _) in enumerate(places) if entry == index)
    places[place] = (seq, places[place][1])
    found = shift.audit()
    assert [(str(each.code), each.entry) for each in found.findings] == [
        ("statement_misplaced", index)
    ]
    assert found.verdicts["intact"] == "yes"


def test_a_statement_that_no_entry_commits_to_is_said():
    shift = whole_shift()
    assert Remark.STRAY_STATEMENTS not in shift.audit().remarks
    shift.book.state(DOCKING, {}, ())
    report = shift.audit()
    assert report.clean
    assert Remark.STRAY_STATEMENTS in report.remarks


@pytest.mark.parametrize("error", [VaultUnavailableError, IntegrityError])
def test_statements_that_cannot_be_gone_through_are_named(error):
    def broken():
        raise error("database_damaged")

    shift = whole_shift()
    shift.book.statements.commitments = broken
    assert codes(shift.audit().findings) == ["statements_unlisted"]


def pseudonym(kind, text):
    return RECORDER if (kind, text) == ("r", "serial:1234567") else f"{kind}:{text}"


def test_a_recorder_whose_id_does_not_follow_from_its_name_is_named():
    shift = whole_shift()
    assert shift.audit(sources=shift.sources(pseudonym=pseudonym)).clean
    other = shift.sources(pseudonym=lambda kind, text: f"{kind}:{text}")
    found = shift.audit(sources=other).findings
    assert [(str(each.code), each.entry, each.subject) for each in found] == [
        ("recorder_differs", shift.index_of["opened"], RECORDER)
    ]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"serial": None}, "recorder_differs"),
        ({"serial": 1234567}, "body_malformed"),
        ({"device": "CAM001"}, "recorder_differs"),
    ],
)
def test_a_recorder_that_has_no_name_has_no_id(facts, code):
    shift = Shift()
    shift.book.write("docking.opened", {}, (DOCKING, RECORDER), facts=facts)
    assert codes(shift.audit(sources=shift.sources(pseudonym=pseudonym)).findings) == [code]


def test_a_statement_that_belongs_to_nobody_named_is_found():
    shift = started()
    stray = shift.book.state(OTHER_DOCKING, {}, ())
    shift.book.write("alarm.raised", {"alarm": "x", "facts": {}}, (DOCKING,), statement=stray)
    assert codes(shift.audit().findings) == ["subject_wrong"]


def test_an_entry_that_hides_its_statement_is_named():
    body = {"slot": 1, "driver": "x", "sources": []}
    assert act(lambda shift: shift.book.write("docking.opened", body, (OTHER_DOCKING,))) == [
        "statement_absent"
    ]


@pytest.mark.parametrize(
    "fields", [{"files": 2}, {"deleted": 0}, {"files": 4, "deleted": 0}, {"files": None}]
)
def test_an_inventory_that_counts_other_files_than_it_lists_is_named(fields):
    shift = Shift()
    shift.open()
    shift.inventory(**fields)
    assert "inventory_differs" in codes(shift.audit().findings)


@pytest.mark.parametrize("roll", [{"count": 3}, {"root": "00" * 32}, None, {"count": True}])
def test_an_inventory_with_another_roll_is_named(roll):
    shift = whole_shift()
    body = shift.book.entry(shift.index_of["inventory"]).body
    changed = {**body["roll"], **roll} if roll else None
    shift.book.change_body(shift.index_of["inventory"], roll=changed)
    shift.book.rewrite()
    assert codes(shift.audit().findings) == ["inventory_differs"]


def test_an_empty_recorder_has_an_empty_inventory():
    shift = Shift()
    shift.open()
    body = {"files": 0, "deleted": 0}
    shift.book.write("inventory.taken", body, (DOCKING,), facts={"empty": True})
    assert shift.audit().clean
    shift.book.write("alarm.raised", {"roll": {}}, (DOCKING,), facts={"empty": True})
    assert codes(shift.audit().findings) == ["inventory_differs"]
