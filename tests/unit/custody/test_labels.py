"""Labels: who may say what a recording is of, when it is complete, and how it is corrected."""

import pytest

from custody.footage import footage_of
from custody.items import parse_items
from custody.labels import Label, label, label_of, labels_of
from evidence.errors import ConflictError, RefusedError, UnknownSegmentError, UsageError
from evidence.people import ORGANISATION
from tests.fakes.desk import docked, person

ROW = {"zh": "检查", "en": "Check", "article": "8(1)", "scope": "key", "picture": ["现场"]}
ITEMS = parse_items(
    {"name": "test", "version": "3", "item": {"check": ROW | {"steps": ["之前"]}}}, "0" * 64
)
OFFICERS = (person("officer"), person("mate"))
WHOLE = Label(OFFICERS, "check", cause="占道经营", party="张某", case_number="2026-7")


@pytest.fixture
def bureau_and_segments():
    return docked()


def said(bureau, name, segments, what=WHOLE):
    return label(bureau.desk, bureau.actor(name), segments, what, ITEMS)


def test_the_officer_labels_what_they_recorded_in_one_act(bureau_and_segments):
    bureau, segments = bureau_and_segments
    indexes = said(bureau, "officer", segments)
    entries = [bureau.ledger.entry(index) for index in indexes]
    assert {entry.type for entry in entries} == {"segment.labelled"}
    assert {entry.body["act"] for entry in entries} == {segments[0]}
    held = label_of(bureau.ledger, segments[1])
    assert (held.complete, held.item, held.no_case) == (True, "check", None)
    assert held.entry.body["items"] == {"name": "test", "version": "3"}
    assert held.facts["party"] == "张某"
    assert set(OFFICERS) < set(held.entry.about)


def test_no_name_and_no_case_number_stands_in_the_entry(bureau_and_segments):
    bureau, segments = bureau_and_segments
    (index,) = said(bureau, "officer", segments[:1])
    entry = bureau.ledger.entry(index)
    assert "张某" not in str(entry.body)
    assert "2026-7" not in str(entry)
    assert bureau.ledger.pseudonym("c", "2026-7") in entry.about


def test_a_correction_is_a_new_entry_and_the_old_one_stays(bureau_and_segments):
    bureau, segments = bureau_and_segments
    (first,) = said(bureau, "officer", segments[:1])
    (second,) = said(bureau, "supervisor", segments[:1], Label(no_case="patrol"))
    assert bureau.ledger.entry(second).body["corrects"] == first
    held = label_of(bureau.ledger, segments[0])
    assert (held.entry.seq, held.no_case, held.complete) == (second, "patrol", True)
    assert [each.seq for each in labels_of(bureau.ledger, segments[0])] == [first, second]


@pytest.mark.parametrize("name", ["mate", "west_officer", "west_supervisor", "inspector", "admin"])
def test_who_did_not_record_it_is_refused_and_the_refusal_is_an_entry(bureau_and_segments, name):
    bureau, segments = bureau_and_segments
    with pytest.raises(RefusedError) as caught:
        said(bureau, name, segments)
    assert caught.value.facts["act"] == "label"
    assert bureau.house.entries("access.refused")[-1].actor == person(name)
    assert label_of(bureau.ledger, segments[0]) is None


@pytest.mark.parametrize("missing", ["officers", "item", "cause", "party"])
def test_a_label_that_lacks_what_article_16_asks_for_is_not_complete(missing):
    facts = {"officers": OFFICERS, "item": "check", "cause": "x", "party": "y"}
    assert Label(**facts).complete
    assert not Label(**{name: value for name, value in facts.items() if name != missing}).complete
    assert Label(no_case="mistake").complete


@pytest.mark.parametrize(
    ("what", "word"),
    [
        (Label(), "label_empty"),
        (Label(officers=OFFICERS), "label_empty"),
        (Label(no_case="patrol", cause="x"), "label_both"),
        (Label(cause=" "), "label_text"),
        (Label(cause="x" * 501), "label_text"),
        (Label(cause="x", step="之前"), "step_unknown"),
        (Label(item="chekc"), "item_unknown"),
        (Label((person("nobody"),), cause="x"), "person_unknown"),
        (Label((OFFICERS[0], OFFICERS[0]), cause="x"), "officers_malformed"),
    ],
)
def test_a_label_that_says_nothing_or_too_much_is_refused(bureau_and_segments, what, word):
    bureau, segments = bureau_and_segments
    before = bureau.ledger.last(segments[0])
    with pytest.raises(UsageError) as caught:
        said(bureau, "officer", segments, what)
    assert caught.value.word == word
    assert bureau.ledger.last(segments[0]) == before


def test_segments_are_named_once_and_are_in_custody(bureau_and_segments):
    bureau, segments = bureau_and_segments
    for wrong in ((), (segments[0], segments[0])):
        with pytest.raises(UsageError, match="segments_malformed"):
            said(bureau, "officer", wrong)
    with pytest.raises(UnknownSegmentError):
        said(bureau, "officer", ("s:" + "0" * 64,))


def test_a_state_secret_is_an_alarm_and_keeps_the_footage_in(bureau_and_segments):
    bureau, segments = bureau_and_segments
    said(bureau, "officer", segments[:1], Label(no_case="not_duty", sensitivity="state_secret"))
    alarm = bureau.house.entries("alarm.raised")[-1]
    assert (alarm.body["alarm"], list(alarm.about)) == ("state_secret", [segments[0]])
    assert footage_of(bureau.ledger, segments).secret


def test_two_who_label_at_once_do_not_both_win(bureau_and_segments, monkeypatch):
    bureau, segments = bureau_and_segments
    append = bureau.ledger.append
    rival = iter([lambda: said(bureau, "supervisor", segments, Label(no_case="patrol"))])

    def meanwhile(drafts):
        for act in rival:
            act()
        return append(drafts)

    monkeypatch.setattr(bureau.ledger, "append", meanwhile)
    with pytest.raises(ConflictError):
        said(bureau, "officer", segments)
    assert label_of(bureau.ledger, segments[0]).no_case == "patrol"


def test_a_label_without_its_key_is_still_a_label(bureau_and_segments, monkeypatch):
    bureau, segments = bureau_and_segments
    said(bureau, "officer", segments)
    monkeypatch.setattr(bureau.ledger, "statement", lambda _index: None)
    held = label_of(bureau.ledger, segments[0])
    assert held.facts is None
    assert held.complete


def adopted(bureau, sha256):
    body = {"rules": "items", "name": "test", "version": "3", "sha256": sha256}
    bureau.write("rules.adopted", (ORGANISATION,), body)


def test_an_item_of_another_list_than_the_adopted_one_is_refused(bureau_and_segments):
    bureau, segments = bureau_and_segments
    adopted(bureau, "1" * 64)
    with pytest.raises(UsageError, match="items_not_adopted"):
        said(bureau, "officer", segments)
    said(bureau, "officer", segments, Label(no_case="patrol"))
    adopted(bureau, ITEMS.sha256)
    said(bureau, "officer", segments)
