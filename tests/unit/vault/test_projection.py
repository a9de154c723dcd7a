"""What each entry becomes: pure, complete, and without names once a key is destroyed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from evidence.codec import format_time
from evidence.entry import ENTRY_TYPES
from evidence.errors import ConflictError, EvidenceError, MalformedError
from tests.fakes.histories import every_type, some
from vault.fields import milliseconds
from vault.projection import PROJECTIONS, project, project_all, project_or_name
from vault.tables import TABLES

PAIRS = every_type()
OF_TYPE = {pair[0].type: pair for pair in PAIRS}
ROWS_OF = {
    "ledger.started": {"origins"},
    "configuration.changed": {"configurations"},
    "docking.opened": {"dockings", "docking_private"},
    "inventory.taken": {"inventories", "inventory_private"},
    "identity.observed": {"identities", "docking_private", "findings"},
    "segment.sealed": {"segments", "sightings", "sighting_private"},
    "segment.seen": {"sightings", "sighting_private"},
    "segment.left": {"left_behind", "findings"},
    "seams.judged": {"seams"},
    "docking.certified": {"certificates"},
    "docking.erased": {"erasures"},
    "docking.ended": {"endings"},
    "alarm.raised": {"alarms"},
    "clock.accepted": {"clock_steps"},
    "audit.done": {"audits"},
    "segment.labelled": {"labels", "label_people", "label_private"},
    "gap.explained": {"gap_explanations", "gap_private"},
    "gap.answered": {"gap_answers", "gap_private"},
    "request.made": {"requests", "request_private"},
    "request.withdrawn": {"request_words", "request_words_private"},
    "request.objected": {"request_words", "request_words_private"},
    "request.decided": {"decisions", "decision_requests", "decision_private"},
    "grant.withdrawn": {"grant_ends", "grant_end_private"},
    "copy.opened": {"looks"},
    "copy.closed": {"look_ends"},
    "access.refused": {"refusals"},
    "session.opened": {"sessions"},
    "session.closed": {"sessions"},
    "sign_in.failed": {"sign_in_failures", "sign_in_failure_private"},
    "policy.proposed": {"policies"},
    "policy.adopted": {"policy_answers"},
    "policy.withdrawn": {"policy_answers"},
    "hold.placed": {"holds", "hold_segments", "hold_private"},
    "hold.release_proposed": {"hold_steps", "hold_step_private"},
    "hold.released": {"hold_steps"},
    "hold.release_refused": {"hold_steps", "hold_step_private"},
    "mark.resolved": {"hold_answers", "hold_answer_private"},
    "proposal.declined": {"hold_answers", "hold_answer_private"},
    "case.closed": {"case_days"},
    "case.reopened": {"case_days"},
    "time.attested": {"attested_days"},
    "disposal.proposed": {"disposals"},
    "disposal.approved": {"disposals"},
    "disposal.undone": {"disposals"},
    "segment.disposed": {"tombstones"},
    "disposal.done": {"disposals"},
    "week.closed": {"week_closings"},
    "alarm.acknowledged": {"alarm_answers"},
}
# Read from the ledger alone (custody/register.py, custody/tenure.py): their form is checked.
EVENTS_ONLY = frozenset(
    kind
    for kind in ENTRY_TYPES
    if kind.partition(".")[0]
    in {"organisation", "unit", "person", "role", "key", "rules", "recorder", "handover", "holder"}
) | {
    "password.changed", "code.given", "access_log.read",
    "disposal.decided", "segment.spared", "disposal.executed",
}  # fmt: skip
OF_EVERY_ENTRY = {"events", "event_subjects"}
OF_NOTED_SIGHTINGS = {"findings", "sighting_findings"}
# Facts that stay in the ledger: a list has no use for them.
NOT_SHOWN = {
    "docking.opened": {"sources"},
    "identity.observed": {"sources"},
    "segment.sealed": {"parser", "slices", "sm3"},
    "seams.judged": {"act", "part", "parts"},
    "docking.erased": {"certified"},
}
MAY_BE_MISSING = {
    "ledger.started": {"software"},
    "docking.opened": {"battery"},
    "inventory.taken": {"file_system", "total_bytes", "free_bytes"},
    "segment.sealed": {"container", "duration_ms"},
    "docking.ended": {"because"},
    "clock.accepted": {"before"},
    # Of a version before there were any:
    "request.made": {"hold", "provide_by"},
    "request.decided": {"rules"},
}


def rows_of(pairs):
    return [each for pair in pairs for each in project(*pair)]


def test_every_type_of_entry_has_its_projection():
    assert tuple(PROJECTIONS) == ENTRY_TYPES


@pytest.mark.parametrize("kind", ENTRY_TYPES)
def test_an_entry_becomes_rows_of_its_own_tables(kind):
    names = {name for name, _ in project(*OF_TYPE[kind])}
    of_kind = set() if kind in EVENTS_ONLY else ROWS_OF[kind]
    assert names - OF_EVERY_ENTRY - OF_NOTED_SIGHTINGS == of_kind - OF_NOTED_SIGHTINGS
    assert of_kind <= names


def test_every_table_but_meta_is_filled_by_some_entry():
    names = {name for name, _ in rows_of([*PAIRS, *some(1, [40, 40])])}
    assert names == TABLES.keys() - {"meta", "unreadable"}


def test_a_row_has_every_column_of_its_table():
    for name, row in rows_of(PAIRS):
        assert row.keys() == set(TABLES[name].columns.keys()), name


def test_a_row_says_from_which_entry_it_comes():
    for entry, statement in PAIRS:
        assert {row["entry"] for _, row in project(entry, statement)} == {entry.seq}


def test_no_two_rows_have_the_same_key():
    keys = [
        (name, *(row[column.name] for column in TABLES[name].primary_key))
        for name, row in rows_of(PAIRS)
    ]
    assert len(set(keys)) == len(keys)


def test_without_its_key_an_entry_leaves_only_rows_without_names():
    for entry, statement in PAIRS:
        with_names = list(project(entry, statement))
        without = list(project(entry, None))
        assert without == [each for each in with_names if not each[0].endswith("_private")]


def test_the_rows_do_not_depend_on_the_order_of_the_subjects():
    for entry, statement in PAIRS:
        turned = replace(entry, about=dict(reversed(list(entry.about.items()))))
        assert list(project(turned, statement)) == list(project(entry, statement))


@pytest.mark.parametrize("kind", ENTRY_TYPES)
def test_an_entry_without_one_of_its_fields_is_refused(kind):
    entry, statement = OF_TYPE[kind]
    for field in entry.body.keys() - NOT_SHOWN.get(kind, set()) - MAY_BE_MISSING.get(kind, set()):
        body = {name: value for name, value in entry.body.items() if name != field}
        with pytest.raises(MalformedError, match="entry_malformed"):
            list(project(replace(entry, body=body), statement))


@pytest.mark.parametrize("value", [True, "12", [], {"n": 1}])
@pytest.mark.parametrize("kind", ENTRY_TYPES)
def test_a_number_that_is_none_is_refused(kind, value):
    entry, statement = OF_TYPE[kind]
    numbers = {name for name, found in entry.body.items() if type(found) is int}
    for field in numbers - NOT_SHOWN.get(kind, set()):
        with pytest.raises(MalformedError):
            list(project(replace(entry, body={**entry.body, field: value}), statement))


@pytest.mark.parametrize("kind", ["docking.opened", "inventory.taken", "seams.judged"])
def test_an_entry_about_no_docking_is_refused(kind):
    entry, statement = OF_TYPE[kind]
    with pytest.raises(MalformedError):
        list(project(replace(entry, about={}), statement))


@pytest.mark.parametrize("lines", [[], [1], [1, 2, 3], [True, 2], "12"])
def test_a_seam_that_does_not_join_two_lines_is_refused(lines):
    entry, _ = OF_TYPE["seams.judged"]
    seam = {**entry.body["seams"][0], "lines": lines}
    with pytest.raises(MalformedError):
        list(project(replace(entry, body={**entry.body, "seams": [seam]}), None))


def test_a_list_with_something_else_than_objects_is_refused():
    entry, _ = OF_TYPE["seams.judged"]
    with pytest.raises(MalformedError):
        list(project(replace(entry, body={**entry.body, "seams": ["a", "b"]}), None))


def test_an_unknown_type_is_refused():
    entry, statement = OF_TYPE["audit.done"]
    with pytest.raises(MalformedError):
        list(project(replace(entry, type="audit.forged"), statement))


@pytest.mark.parametrize("kind", ENTRY_TYPES)
def test_an_entry_that_has_not_its_form_is_named_and_still_has_its_place(kind):
    entry, statement = OF_TYPE[kind]
    broken = replace(entry, body={})
    rows = project_or_name(broken, statement)
    names = [name for name, _ in rows]
    assert names == ["events", *["event_subjects"] * len(entry.about), "unreadable"]
    assert rows[-1][1].keys() == {"entry", "field"}
    assert {row["subject"] for name, row in rows if name == "event_subjects"} == set(entry.about)
    with pytest.raises(MalformedError) as told:
        list(project(broken, None))
    assert rows[-1] == ("unreadable", {"entry": entry.seq, "field": told.value.facts["field"]})


def test_where_only_the_statement_is_odd_the_rows_without_names_stay():
    entry, statement = OF_TYPE["segment.sealed"]
    rows = project_or_name(entry, replace(statement, facts={**statement.facts, "path": 7}))
    told = ("unreadable", {"entry": entry.seq, "field": "statement.path"})
    assert rows == [*project(entry, None), told]


def test_an_entry_of_a_type_that_no_one_knows_is_refused_whole():
    entry, statement = OF_TYPE["audit.done"]
    with pytest.raises(MalformedError):
        project_or_name(replace(entry, type="audit.forged"), statement)


def sighted(claimed_s=None, corrected_s=None, noted=()):
    """Return a sealed entry whose claims lie so many seconds from its sealing, and its seq."""
    entry, _ = OF_TYPE["segment.sealed"]
    times = {"claimed_at": claimed_s, "corrected_at": corrected_s}
    told = {
        name: None if seconds is None else format_time(entry.at + timedelta(seconds=seconds))
        for name, seconds in times.items()
    }
    sighting = {**entry.body["sighting"], **told}
    noted = [{"finding": finding} for finding in noted]
    return replace(entry, body={**entry.body, "sighting": sighting, "noted": noted})


@pytest.mark.parametrize(
    ("claimed_s", "corrected_s", "noted", "expected_s"),
    [
        (-60, None, (), -60),
        (-60, -90, (), -90),
        (None, None, (), 0),
        (3600, None, ("from_the_future",), 0),
        (3600, -5, ("from_the_future",), -5),
        (-60, 30, (), 0),
        (-300_000_000, None, ("clock_reset",), 0),
        (-300_000_000, -60, ("clock_reset",), -60),
    ],
)
def test_lists_are_ordered_by_the_best_known_beginning(claimed_s, corrected_s, noted, expected_s):
    entry = sighted(claimed_s, corrected_s, noted)
    row = next(row for name, row in project(entry, None) if name == "sightings")
    assert row["at"] == milliseconds(entry.at + timedelta(seconds=expected_s))


def test_a_finding_noted_twice_of_a_sighting_leads_to_it_once():
    entry = sighted(noted=("gap_inside", "gap_inside", "no_audio"))
    rows = list(project(entry, None))
    assert len([1 for name, _ in rows if name == "findings"]) == 3
    codes = [row["finding"] for name, row in rows if name == "sighting_findings"]
    assert codes == ["gap_inside", "no_audio"]


def test_the_facts_of_a_finding_are_canonical_text():
    entry = sighted()
    noted = [{"finding": "gap_inside", "length_ms": 7000, "at_ms": 12}]
    body = {**entry.body, "noted": noted}
    rows = project(replace(entry, body=body), None)
    assert next(row["facts"] for name, row in rows if name == "findings") == (
        '{"at_ms":12,"length_ms":7000}'
    )


def test_rows_of_several_entries_are_gathered_by_table():
    projected = project_all(PAIRS)
    assert (projected.first, projected.count) == (0, len(PAIRS))
    gathered = [(name, row) for name, rows in projected.rows.items() for row in rows]
    assert sorted(map(repr, gathered)) == sorted(map(repr, rows_of(PAIRS)))


def test_entries_that_do_not_follow_each_other_are_refused():
    with pytest.raises(ConflictError, match="catalogue_gap"):
        project_all([PAIRS[0], PAIRS[2]])


def test_what_a_projection_raises_is_ours():
    for entry, statement in PAIRS:
        for field in entry.body:
            for value in (None, 0, -1, "", "x", True, [], [None], {}, [{}]):
                broken = replace(entry, body={**entry.body, field: value})
                try:
                    list(project(broken, statement))
                except EvidenceError:
                    continue
