"""The audit counts every closed week again, and names what is not so."""

import pytest

from custody.findings import Findings
from custody.recounted import ClosedWeeks, Recounting
from evidence.codec import format_time
from evidence.errors import MalformedError
from evidence.keeping import KEEPING
from tests.fakes.desk import EAST, WEST, person
from tests.fakes.house import SHANGHAI
from tests.fakes.weeks import Weekly, local


@pytest.fixture
def weekly():
    made = Weekly()
    made.at("11-18 09:00").docking("11-17 10:00")
    made.hand(made.pooled(), "11-20 08:00", due="11-23 08:00")
    made.at("11-22 18:00").docking("11-22 09:00", outcome="interrupted")
    made.at("11-23 07:59")
    return made


def audited(weekly, *, recount=True, missing=()):
    """What the audit says of the closings, by entry."""
    findings = Findings()
    desk = weekly.bureau.desk
    again = Recounting(desk.ledger, desk.tiles, SHANGHAI) if recount else None
    weeks = ClosedWeeks(findings, again)
    for entry in weekly.bureau.house.entries():
        if entry.seq in missing:
            weeks.skip()
        else:
            weeks.read(entry)
    assert {each.code for each in findings.kept} <= {"week_wrong"}
    return {each.entry: each.facts["because"] for each in findings.kept}


def forged(weekly, by="supervisor", about=(KEEPING, EAST), **changes):
    """Append a closing like the last one, with other fields; forget the last one first."""
    entry = weekly.bureau.house.entries("week.closed")[-1]
    body = {**entry.body, "closes_again": entry.seq, **changes}
    body["counted_at"] = changes.get("counted_at", format_time(weekly.bureau.now))
    return weekly.bureau.write("week.closed", about, body, by=by)


def test_closings_and_what_reopened_them_are_as_the_ledger_has_them(weekly):
    weekly.close()
    weekly.at("11-25 18:00").docking("11-22 14:00", "11-25 09:00")
    weekly.close(by="head")
    weekly.close(by="west_head", unit=WEST)
    weekly.label(*(each.segment for each in weekly.look().brought))
    weekly.at("12-03 18:00").docking("11-21 14:00", "12-02 09:00")
    assert weekly.look().state == "reopened"
    assert audited(weekly) == {}


def test_a_handover_that_was_due_a_minute_later_is_counted_as_it_stood(weekly):
    closing = weekly.close().closings[0]
    assert "still_out" in {each.because for each in closing.missing}
    weekly.at("11-24 09:00")
    assert audited(weekly) == {}


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"segments": 7}, "segments"), ({"bytes": 1}, "bytes"), ({"dockings": 0}, "dockings"),
        ({"late": 0}, "late"), ({"unlabelled": 0}, "unlabelled"), ({"out": 0}, "out"),
        ({"open_gaps": 3}, "open_gaps"), ({"missing": []}, "missing"), ({"more": 2}, "more"),
        ({"since": "2026-11-15T17:00:00.000Z"}, "since"),
        ({"until": "2026-11-22T15:00:00.000Z"}, "until"),
        ({"week": "2026-W46"}, "closes_again"),
        ({"closes_again": None}, "closes_again"),
        ({"counted_at": "2026-11-22T10:00:00.000Z"}, "until"),
        ({"checkpoint": {"size": 9, "root": "0" * 64}}, "root"),
        ({"checkpoint": {"size": 9999, "root": "0" * 64}}, "checkpoint"),
        ({"unit": WEST}, "unit"),
    ],
)  # fmt: skip
def test_a_figure_that_is_not_so_is_named(weekly, changes, because):
    weekly.label(weekly.look().brought[0].segment, complete=True)
    weekly.close()
    entry = forged(weekly, **changes)
    found = audited(weekly)
    assert set(found) == {entry}
    assert because in found[entry].split(", ")


def test_a_true_copy_of_a_closing_is_no_finding(weekly):
    weekly.close()
    forged(weekly)
    assert audited(weekly) == {}


@pytest.mark.parametrize("by", ["officer", "watcher", "west_head"])
def test_a_closing_by_somebody_without_the_role_is_named(weekly, by):
    weekly.close()
    entry = forged(weekly, by=by)
    assert audited(weekly) == {entry: "actor"}


def test_a_closing_that_was_counted_long_before_it_was_written_is_named(weekly):
    weekly.close()
    weekly.at("11-23 10:00")
    entry = forged(weekly, counted_at=format_time(local("11-23 08:00")))
    assert "counted_at" in audited(weekly)[entry]


def test_a_closing_before_there_was_anything_is_named_and_ends_no_audit(weekly):
    weekly.close()
    entry = forged(weekly, checkpoint={"size": 0, "root": "0" * 64})
    assert audited(weekly)[entry].startswith("root, segments")


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"week": "2026-W54"}, "week_malformed"), ({"unit": "u:" + "9" * 32}, "unit_unknown")],
)
def test_a_week_or_a_unit_that_nobody_knows_is_named(weekly, changes, word):
    weekly.close()
    about = (KEEPING, changes.get("unit", EAST))
    entry = forged(weekly, about=about, **{"closes_again": None, **changes})
    assert audited(weekly)[entry] == word


def test_one_by_another_zone_than_that_in_force_is_named_and_never_counted_by_todays(weekly):
    weekly.close()
    other = forged(weekly, zone="Asia/Urumqi", segments=9)
    assert audited(weekly) == {}  # nothing tells which zone was in force
    body = {"settings": {"station.time_zone": "Asia/Shanghai"}}
    weekly.bureau.write("configuration.changed", ("b:" + "0" * 64,), body, by="sys:ingest")
    entry = forged(weekly, zone="Asia/Urumqi", closes_again=other)
    assert audited(weekly) == {entry: "zone"}


def test_one_by_other_hours_than_those_in_force_is_named(weekly):
    body = {"settings": {"station.time_zone": "Asia/Shanghai", "weeks.late_after_h": 8}}
    weekly.bureau.write("configuration.changed", ("b:" + "0" * 64,), body, by="sys:ingest")
    weekly.close()
    entry = forged(weekly, late_after_s=30 * 3600)
    assert audited(weekly) == {entry: "late_after_s"}


def test_without_anything_to_count_with_the_order_of_closings_is_held_all_the_same(weekly):
    weekly.close()
    entry = forged(weekly, segments=7, closes_again=None)
    assert audited(weekly, recount=False) == {entry: "closes_again"}


def test_behind_entries_that_could_not_be_read_nobody_is_accused(weekly):
    first = weekly.close().closings[0].entry
    forged(weekly, segments=7)
    assert audited(weekly, missing={first}) == {}


def test_a_body_without_its_form_is_the_audits_finding(weekly):
    weekly.close()
    entry = weekly.ledger.entry(forged(weekly, missing=["r:1"]))
    with pytest.raises(MalformedError):
        ClosedWeeks(Findings()).read(entry)


def test_the_closing_names_who_made_it(weekly):
    assert weekly.close(by="head").closings[0].by == person("head")
