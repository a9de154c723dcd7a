"""A year of keeping that does not show what it must is found out."""

from types import SimpleNamespace

import pytest

from tests.demo.expected import unkept
from tests.demo.year import Lived

LIVED = Lived(("s:held",), ("s:gone",), ("s:warned",), ("s:due",), "x:1", "x:2")
THERE = {"s:held", "s:warned", "s:due", "s:roll"}
TOLD = {
    "sheet": True,
    "held": {"until": None, "blockers": [{"code": "held"}]},
    "due": {"s:due"},
    "gone": {"proposed_by": "p:1", "approved_by": "p:2", "homes": {"local": "removed"}},
}
SIGNED = {"fmt": "software/1"}
CLOSED = {"missing": [{"because": "not_docked"}], "closes_again": None, "late": 0}
CLOSED_AGAIN = {"missing": [], "closes_again": 0, "late": 1}
WRITTEN = (
    ("week.closed", "p:1", (), CLOSED),
    ("week.closed", "p:1", (), CLOSED_AGAIN),
    ("hold.placed", "p:1", ("h:1",), {}),
    ("segment.sealed", "sys:ingest", ("s:held",), {}),
    *[("time.attested", "p:1", (), {})] * 6,
    ("disposal.proposed", "p:1", ("x:1",), {"disposal": "x:1"}),
    ("disposal.proposed", "p:1", ("x:2",), {"disposal": "x:2"}),
    ("disposal.approved", "p:2", ("x:1",), {"disposal": "x:1", "signature": SIGNED}),
    ("alarm.raised", "sys:keeper", (), {"alarm": "clock_ahead"}),
    ("clock.accepted", "sys:local", (), {}),
    ("alarm.acknowledged", "p:3", (), {"answer": "mended"}),
    ("disposal.approved", "p:2", ("x:2",), {"disposal": "x:2", "signature": SIGNED}),
    ("segment.disposed", "sys:keeper", ("s:gone", "x:1"), {}),
    ("audit.done", "sys:audit", (), {"findings": 0}),
)


def entries(written):
    return [
        SimpleNamespace(seq=seq, type=kind, actor=actor, about=about, body=body)
        for seq, (kind, actor, about, body) in enumerate(written)
    ]


def lacking(written=WRITTEN, there=THERE, told=TOLD):
    return unkept(LIVED, entries(written), there, told)


def without(kind):
    return tuple(each for each in WRITTEN if each[0] != kind)


def with_approval(actor, signature):
    body = {"disposal": "x:2", "signature": signature}
    approval = ("disposal.approved", actor, ("x:2",), body)
    return tuple(approval if each[3] == {**body, "signature": SIGNED} else each for each in WRITTEN)


def test_a_year_that_shows_everything_lacks_nothing():
    assert lacking() == []
    assert with_approval("p:2", SIGNED) == WRITTEN


@pytest.mark.parametrize(("actor", "signature"), [("p:2", None), ("p:1", SIGNED)])
def test_an_approval_that_nobody_signed_or_by_who_proposed_it_is_missed(actor, signature):
    assert lacking(with_approval(actor, signature)) == ["approval"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("week.closed", "week"),
        ("hold.placed", "hold before its recorder"),
        ("alarm.raised", "clock a year ahead"),
        ("clock.accepted", "clock a year ahead"),
        ("alarm.acknowledged", "alarm answered"),
        ("time.attested", "day of two people"),
        ("segment.disposed", "tombstone"),
        ("audit.done", "audit"),
    ],
)
def test_what_never_happened_is_missed(kind, name):
    assert name in lacking(without(kind))


def test_what_went_while_the_clock_was_ahead_is_missed():
    early = (("segment.disposed", "sys:keeper", ("s:gone",), {}), *without("segment.disposed"))
    assert "clock a year ahead" in lacking(early)


@pytest.mark.parametrize(
    "again",
    [{"closes_again": None}, {"late": 0}, {"missing": [{"because": "not_docked"}]}],
)
def test_a_week_that_was_not_closed_again_is_missed(again):
    closed = ("week.closed", "p:1", (), CLOSED_AGAIN | again)
    assert lacking((WRITTEN[0], closed, *without("week.closed"))) == ["week"]


def test_a_hold_that_came_after_its_recorder_is_missed():
    (hold,) = [each for each in WRITTEN if each[0] == "hold.placed"]
    late = (*without("hold.placed"), hold)
    assert "hold before its recorder" in lacking(late)


@pytest.mark.parametrize(
    ("there", "name"),
    [
        (THERE | {"s:gone"}, "bytes gone"),
        (THERE - {"s:held"}, "still there"),
        (THERE - {"s:due"}, "still there"),
    ],
)
def test_bytes_that_are_elsewhere_than_said_are_missed(there, name):
    assert name in lacking(there=there)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"sheet": False}, "week"),
        ({"held": {"until": None, "blockers": []}}, "held"),
        ({"held": {"until": "2027", "blockers": [{"code": "held"}]}}, "held"),
        ({"due": set()}, "due"),
        ({"gone": {**TOLD["gone"], "approved_by": "p:1"}}, "tombstone"),
        ({"gone": {**TOLD["gone"], "homes": {}}}, "bytes gone"),
    ],
)
def test_what_commands_say_otherwise_is_missed(told, name):
    assert name in lacking(told=TOLD | told)


def test_an_empty_ledger_lacks_nearly_everything():
    assert len(lacking(())) >= 6
