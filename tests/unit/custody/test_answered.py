"""An answer to an alarm rests on what it names, and the end of a doubt on an auditor's audit."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custody.alarms import acknowledge
from custody.answered import Answered
from custody.findings import Findings
from evidence.errors import MalformedError
from evidence.keeping import KEEPING, same_alarm
from tests.fakes.desk import MemoryHouse, small_bureau
from tests.fakes.trees import LedgerTiles


@pytest.fixture
def bureau():
    made = small_bureau(MemoryHouse()).take()
    made.desk = replace(made.desk, tiles=LedgerTiles(made.house.ledger))
    made.film = made.seal("a")
    return made


def alarm(bureau, code="slice_differs"):
    body = {"alarm": code, "facts": {}}
    return bureau.write("alarm.raised", (bureau.film,), body, by="sys:audit")


def audit(bureau, **changes):
    size = len(bureau.house.entries())
    body = {"level": "digest", "size": size, "root": "00", "findings": 0, "verdict": "intact"}
    return bureau.write("audit.done", (), {**body, **changes}, by="sys:audit")


def forge(bureau, alarm, audit=None, by="inspector", **changes):
    same = same_alarm("slice_differs", (bureau.film,))
    body = {"alarm": alarm, "same": same, "answer": "no_harm", "audit": audit, **changes}
    return bureau.write("alarm.acknowledged", (KEEPING, bureau.film), body, by=by)


def found(bureau, *, without=()):
    findings = Findings()
    reading = Answered(findings)
    for entry in bureau.house.entries():
        if entry.seq in without:
            reading.skip()
        else:
            reading.read(entry)
    return [(each.code.value, each.entry, *each.facts.values()) for each in findings.kept]


def test_what_our_commands_write_is_found_lawful(bureau):
    first = alarm(bureau)
    acknowledge(bureau.desk, bureau.actor("head"), first, "known")
    audit(bureau)
    acknowledge(bureau.desk, bureau.actor("inspector"), first, "no_harm", "looked")
    assert found(bureau) == []


def test_an_answer_to_what_is_no_alarm_or_says_something_else_is_named(bureau):
    first = alarm(bureau)
    other = alarm(bureau, "object_rotten")
    forged = [forge(bureau, first - 1), forge(bureau, other)]
    assert found(bureau) == [
        ("alarm_unknown", forged[0], first - 1),
        ("alarm_unknown", forged[1], other),
    ]


def test_a_doubt_that_ends_without_its_audit_is_named(bureau):
    first = alarm(bureau)
    wrong = [{"findings": 1}, {"level": "size"}, {"size": first}]
    forged = [forge(bureau, first, audit(bureau, **each)) for each in wrong]
    forged.append(forge(bureau, first, first))
    assert found(bureau) == [("cleared_unproven", each, first) for each in forged]


@pytest.mark.parametrize("name", ["head", "admin", "officer"])
def test_a_doubt_that_is_ended_by_who_was_no_auditor_is_named(bureau, name):
    first = alarm(bureau)
    forged = forge(bureau, first, audit(bureau), by=name)
    assert found(bureau) == [("cleared_unproven", forged, first)]


def test_who_was_an_auditor_then_was_one_and_who_is_one_no_more_or_not_yet_is_none(bureau):
    first, day = alarm(bureau), timedelta(days=1)
    proof = audit(bureau)
    forge(bureau, first, proof)
    inspecting = next(
        each.seq for each in bureau.house.entries("role.granted") if each.body["role"] == "auditor"
    )
    bureau.revoke(inspecting)
    gone = forge(bureau, first, proof)
    bureau.role("mate", "auditor", "u:" + "0" * 32, bureau.now + day)
    early = forge(bureau, first, proof, by="mate")
    bureau.clock.forward(days=2)
    forge(bureau, first, proof, by="mate")
    bureau.role("leader", "auditor", "u:" + "0" * 32, bureau.now - day, until=bureau.now)
    late = forge(bureau, first, proof, by="leader")
    assert found(bureau) == [("cleared_unproven", each, first) for each in (gone, early, late)]


def test_where_entries_are_missing_nobody_is_accused(bureau):
    first = alarm(bureau)
    forge(bureau, first, audit(bureau))
    forge(bureau, 3)
    assert found(bureau, without=(first,)) == []


def test_an_answer_that_has_not_its_form_is_named(bureau):
    forge(bureau, alarm(bureau), audit="1")
    with pytest.raises(MalformedError):
        found(bureau)
