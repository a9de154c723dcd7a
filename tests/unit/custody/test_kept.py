"""What forbids a disposal, and whose task it is: each of them planted, and each mended."""

from datetime import UTC, datetime, timedelta

import pytest

from custody.past import Past
from evidence.errors import CustodyError, MalformedError, UnknownSegmentError
from evidence.findings import Finding
from tests.fakes.clock import NOON
from tests.fakes.kept import Years, new_id, ready

LONG_AFTER = NOON + timedelta(days=2000)


@pytest.fixture
def years_and_segment():
    return ready()


def due(years, segment):
    return years.keeping(segment, LONG_AFTER).due(LONG_AFTER)


def test_nothing_is_in_the_way_of_a_labelled_segment_of_long_ago(years_and_segment):
    years, segment = years_and_segment
    assert due(years, segment)
    assert years.kept(segment).size == 100


def test_what_was_never_in_custody_is_refused(years_and_segment):
    years, _ = years_and_segment
    with pytest.raises(UnknownSegmentError):
        years.kept(new_id("s"))


# --- labels ------------------------------------------------------------------------------------


def test_what_is_unlabelled_is_the_officers_task_and_after_three_days_the_supervisors():
    years = Years()
    years.adopt()
    segment = years.seal()
    since = years.keeping(segment).blockers[0].since
    assert years.blocked(segment) == {("unlabelled", "officer")}
    assert years.blocked(segment, since + timedelta(days=3)) == {("unlabelled", "supervisor")}
    years.label(segment, complete=False)
    assert years.blocked(segment) == {("unlabelled", "officer")}
    years.label(segment, complete=True)
    assert years.blocked(segment) == set()


def test_the_policy_says_after_how_many_days():
    years = Years()
    years.adopt(label_days=5)
    segment = years.seal()
    for days, whose in ((4, "officer"), (6, "supervisor")):
        moment = years.now + timedelta(days=days)
        assert years.blocked(segment, moment) == {("unlabelled", whose)}


def test_a_state_secret_is_the_heads_task_until_the_label_says_otherwise(years_and_segment):
    years, segment = years_and_segment
    years.label(segment, sensitivity="state_secret")
    assert years.blocked(segment) == {("state_secret", "head")}
    years.label(segment, sensitivity="privacy", by="supervisor")
    assert due(years, segment)


# --- gaps --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["gap", "hole", "truncated"])
def test_a_gap_is_somebodys_task_until_its_explanation_is_accepted(years_and_segment, kind):
    years, segment = years_and_segment
    seams = years.gap(segment, None, kind)
    assert years.blocked(segment) == {("open_gap", "officer")}
    explained = years.explain(seams, segment)
    assert years.blocked(segment) == {("open_gap", "supervisor")}
    years.answer(explained, "returned", segment)
    assert years.blocked(segment) == {("open_gap", "officer")}
    again = years.explain(seams, segment)
    years.answer(again, "accepted", segment)
    assert due(years, segment)


def test_a_gap_blocks_both_of_its_sides_and_no_other(years_and_segment):
    years, segment = years_and_segment
    after, beside = years.seal(), years.seal()
    for each in (after, beside):
        years.label(each)
    years.gap(segment, after)
    blocked = [bool(years.blocked(each)) for each in (segment, after, beside)]
    assert blocked == [True, True, False]


@pytest.mark.parametrize("kind", ["pause", "contiguous", "overlap", "clock_jump", "unknown"])
def test_a_pause_is_no_gap(years_and_segment, kind):
    years, segment = years_and_segment
    years.gap(segment, None, kind)
    assert due(years, segment)


def test_a_gap_between_others_in_the_same_entry_is_not_ours(years_and_segment):
    years, segment = years_and_segment
    first, second = years.seal(), years.seal()
    seams = [("pause", segment, first), ("gap", first, second)]
    body = {"act": "a", "part": 0, "parts": 1, "seams": [
        {"before": b, "after": a, "lines": [0, 1], "kind": k, "ms": 1, "because": None}
        for k, b, a in seams
    ]}  # fmt: skip
    years.write("seams.judged", (years.docking, segment, first, second), body, by="sys:ingest")
    assert due(years, segment)


# --- recorder and clock ------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["inventory", "log"])
def test_a_recorder_with_two_names_is_in_quarantine_until_a_person_decides(where):
    years = Years()
    years.adopt()
    years.dock("measured", *(["identity_conflict"] if where == "inventory" else []))
    segment = years.seal()
    years.observe(*(["identity_conflict"] if where == "log" else []))
    years.label(segment)
    assert years.blocked(segment) == {("quarantine", "supervisor")}
    years.resolve_holder(segment, "officer")
    assert due(years, segment)


def test_a_quarantine_ends_with_a_persons_word_about_the_sighting_too():
    years = Years()
    years.adopt()
    years.dock("measured", "identity_conflict")
    segment = years.seal()
    years.label(segment)
    years.resolve(segment)
    assert due(years, segment)


def test_who_decides_about_one_docking_has_not_decided_about_another():
    years = Years()
    years.adopt()
    years.dock("measured", "identity_conflict")
    segment = years.seal()
    years.label(segment)
    years.resolve_holder(segment, "officer")
    years.dock("measured", "identity_conflict")
    years.seal(segment)
    assert years.blocked(segment) == {("quarantine", "supervisor")}


def test_a_log_that_agrees_is_no_conflict():
    years = Years()
    years.adopt()
    segment = years.seal()
    years.label(segment)
    years.observe()
    assert due(years, segment)


@pytest.mark.parametrize("finding", ["clock_reset", "from_the_future", "time_disagrees"])
def test_a_suspicious_clock_is_a_task_until_a_person_says_that_it_does_not_matter(finding):
    years = Years()
    years.adopt()
    segment = years.seal(claimed=NOON, noted=[Finding(finding)])
    years.label(segment)
    assert years.blocked(segment) == {("clock", "supervisor")}
    years.resolve(segment)
    assert due(years, segment)


def test_a_word_about_one_sighting_is_none_about_another():
    years = Years()
    years.adopt()
    segment = years.seal(noted=["clock_reset"])
    years.label(segment)
    first = years.sighting
    years.clock.forward(days=400)
    years.seal(segment, noted=["clock_reset"])
    years.clock.forward(days=400)
    years.resolve(segment, first)
    assert ("clock", "supervisor") in years.blocked(segment)
    years.resolve(segment)
    assert years.blocked(segment) == set()


def test_a_clock_that_is_ahead_by_nobody_knows_how_much_is_suspicious():
    years = Years()
    years.adopt()
    years.dock("at_least")
    segment = years.seal(claimed=NOON - timedelta(days=1))
    years.label(segment)
    assert years.blocked(segment) == {("clock", "supervisor")}


def test_a_measured_clock_is_not_suspicious_however_wrong_it_was():
    years = Years()
    years.adopt()
    corrected = NOON - timedelta(hours=2)
    claimed = datetime(2015, 1, 1, tzinfo=UTC)
    segment = years.seal(claimed=claimed, corrected=corrected, noted=["clock_reset"])
    years.label(segment)
    assert due(years, segment)


def test_a_corrected_time_after_the_sealing_is_suspicious():
    years = Years()
    years.adopt()
    segment = years.seal(corrected=NOON + timedelta(hours=2))
    years.label(segment)
    assert years.blocked(segment) == {("clock", "supervisor")}


# --- who asks ----------------------------------------------------------------------------------


def test_an_open_question_is_in_the_way_until_it_is_answered_or_runs_out(years_and_segment):
    years, segment = years_and_segment
    request = years.ask(segment, days=10)
    assert years.blocked(segment) == {("open_request", "head")}
    assert years.blocked(segment, years.now + timedelta(days=11)) == set()
    years.grant(segment, request, answer="refuse")
    assert years.blocked(segment) == set()
    second = years.ask(segment)
    years.write("request.withdrawn", (second,), {"request": second})
    assert years.blocked(segment) == set()


def test_a_grant_is_in_the_way_until_it_ends_is_used_up_or_withdrawn(years_and_segment):
    years, segment = years_and_segment
    grant = years.grant(segment, years.ask(segment), days=5, times=2)
    assert years.blocked(segment) == {("open_grant", "head")}
    assert years.blocked(segment, years.now + timedelta(days=6)) == set()
    years.look(segment, grant)
    assert years.blocked(segment) == {("open_grant", "head")}
    years.look(segment, grant)
    assert years.blocked(segment) == set()
    other = years.grant(segment, years.ask(segment))
    years.write("grant.withdrawn", (other,), {"grant": other})
    assert years.blocked(segment) == set()


def test_who_is_looking_now_keeps_it_whatever_has_run_out(years_and_segment):
    years, segment = years_and_segment
    grant = years.grant(segment, years.ask(segment), times=1)
    opened = years.look(segment, grant, closed=False)
    assert years.blocked(segment, LONG_AFTER) == {("open_grant", "head")}
    years.write("copy.closed", (grant, segment), {"opened": opened})
    assert due(years, segment)


@pytest.mark.parametrize("purpose", ["litigation", "complaint", "court", "transfer", "review"])
def test_what_is_asked_for_a_dispute_wants_a_word_about_a_hold(years_and_segment, purpose):
    years, segment = years_and_segment
    request = years.ask(segment, purpose=purpose)
    years.grant(segment, request, answer="refuse")
    assert years.blocked(segment, LONG_AFTER) == {("proposed", "supervisor")}
    about, body = (request, "k:" + "0" * 32), {"request": years.asked, "answer": "not_needed"}
    years.write("proposal.declined", about, body)
    assert due(years, segment)


def test_a_hold_answers_the_proposal_and_is_in_the_way_itself(years_and_segment):
    years, segment = years_and_segment
    years.grant(segment, years.ask(segment, purpose="complaint"), answer="refuse")
    years.hold(segment, answers=years.asked)
    assert years.blocked(segment, LONG_AFTER) == {("held", "nobody")}


# --- bytes, disposals --------------------------------------------------------------------------


def alarm(years, segment, word="slice_differs"):
    body = {"alarm": word, "facts": {}}
    return years.write("alarm.raised", (segment,), body, by="sys:audit")


def test_bytes_that_are_not_the_sealed_ones_are_the_auditors_task(years_and_segment):
    years, segment = years_and_segment
    alarm(years, segment)
    assert years.blocked(segment) == {("not_verified", "auditor")}
    years.seal(segment, read="sampled")
    assert years.blocked(segment) == {("not_verified", "auditor")}
    years.seal(segment, read="whole")
    assert due(years, segment)


def test_an_auditor_ends_the_doubt_about_bytes_after_an_audit_that_found_them_sound(
    years_and_segment,
):
    years, segment = years_and_segment
    entry = alarm(years, segment)
    years.acknowledge(entry, audit=years.audit())
    assert due(years, segment)
    alarm(years, segment)
    assert years.blocked(segment) == {("not_verified", "auditor")}


@pytest.mark.parametrize(
    ("how", "answer"),
    [
        ({"level": "size"}, "no_harm"),  # it read no bytes
        ({"level": "presence"}, "mended"),
        ({"findings": 1}, "no_harm"),
        ({"size": 1}, "no_harm"),  # it began before the alarm
        ({"kind": "disposal.decided"}, "mended"),
        (None, "known"),
        (None, "no_harm"),
    ],
)
def test_no_other_answer_ends_the_doubt_about_bytes(years_and_segment, how, answer):
    years, segment = years_and_segment
    entry = alarm(years, segment)
    audit = None if how is None else years.audit(**how)
    years.acknowledge(entry, answer, audit)
    assert years.blocked(segment) == {("not_verified", "auditor")}


def test_an_answer_to_an_older_alarm_ends_no_newer_doubt(years_and_segment):
    years, segment = years_and_segment
    old, _new = alarm(years, segment), alarm(years, segment)
    years.acknowledge(old, audit=years.audit())
    assert years.blocked(segment) == {("not_verified", "auditor")}


def test_a_word_about_a_mark_ends_no_doubt_about_bytes(years_and_segment):
    years, segment = years_and_segment
    years.resolve(segment, alarm(years, segment))
    assert years.blocked(segment) == {("not_verified", "auditor")}


def test_the_alarm_of_a_label_says_nothing_of_the_bytes(years_and_segment):
    years, segment = years_and_segment
    alarm(years, segment, "state_secret")
    assert due(years, segment)


def propose(years, *segments):
    disposal = new_id("x")
    years.write("disposal.proposed", (disposal, *segments), {"disposal": disposal})
    return disposal


@pytest.mark.parametrize("end", ["disposal.undone", "disposal.done"])
def test_a_disposal_under_way_is_in_the_way_of_another(years_and_segment, end):
    years, segment = years_and_segment
    disposal = propose(years, segment)
    assert years.blocked(segment) == {("disposing", "nobody")}
    years.write(end, (disposal,), {"disposal": disposal})
    assert due(years, segment)


def test_what_a_disposal_has_spared_may_be_proposed_again(years_and_segment):
    years, segment = years_and_segment
    disposal = propose(years, segment)
    body = {"disposal": disposal, "because": ["held"]}
    years.write("segment.spared", (segment, disposal), body, by="sys:keeper")
    assert due(years, segment)


def bury(years, segment):
    disposal = new_id("x")
    body = {"disposal": disposal, "sha256": segment[2:]}
    return years.write("segment.disposed", (segment, disposal), body, by="sys:keeper")


def test_what_was_disposed_of_is_kept_by_nothing(years_and_segment):
    years, segment = years_and_segment
    tombstone = bury(years, segment)
    years.label(segment)
    with pytest.raises(CustodyError) as caught:
        years.kept(segment)
    assert caught.value.facts == {"segment": segment, "entry": tombstone}


def test_what_is_docked_again_after_its_disposal_begins_anew(years_and_segment):
    years, segment = years_and_segment
    years.ask(segment, purpose="complaint")
    bury(years, segment)
    years.clock.forward(days=31)
    years.seal(segment, again=True)
    assert years.blocked(segment) == {("unlabelled", "officer")}
    assert years.last_day(segment) == "2027-06-23"


# --- as it was then ----------------------------------------------------------------------------


def test_who_decides_again_sees_what_was_seen_then(years_and_segment):
    years, segment = years_and_segment
    years.grant(segment, years.ask(segment))
    (granted,) = years.kept(segment).grants
    later = years.label(segment, complete=False)
    assert [each.complete for each in years.kept(segment).labels] == [False, True]
    assert [each.complete for each in years.kept(segment, before=later).labels] == [True]
    assert years.kept(segment, before=later).grants == (granted,)
    assert years.kept(segment).requests[0].until is None
    before = years.kept(segment, before=granted.entry)
    assert (before.grants, before.requests[0].until is None) == ((), False)


def test_a_past_reads_a_recorder_once_and_forgets_before_it_is_too_many(monkeypatch):
    years, _ = ready()
    monkeypatch.setattr("custody.past.REMEMBERED_LIMIT", 1)
    past = Past(years.ledger)
    first, second = years.bureau.recorder(), years.bureau.recorder("T000002")
    assert past.tenure(first) is past.tenure(first)
    past.tenure(second)
    assert past._tenures.keys() == {second}
    docking, inventory = years.docking, years.inventory
    assert past.docked(docking, inventory) is past.docked(docking, inventory)
    past.docked(years.dock(), years.inventory)
    assert past._docked.keys() == {years.inventory}


def test_a_body_without_its_fields_is_named_and_not_taken_for_one_that_says_nothing():
    years = Years()
    years.adopt()
    segment = years.seal(duration_ms="long")
    with pytest.raises(MalformedError):
        years.kept(segment)
