"""Decisions: who answers, that they signed exactly this, and that two at once give one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custody.decide import Answer, decide, propose, reason_of
from custody.grants import load_grant
from custody.register import read_register
from custody.requests import ask, load_request, object_to, withdraw
from evidence.approval import verify_approval
from evidence.asking import Approval, Span
from evidence.errors import ConflictError, ProofError, RefusedError, UsageError
from evidence.people import ORGANISATION
from tests.fakes.desk import EAST, person, sealed
from tests.fakes.grants import approval_of, asked, spans_of
from tests.unit.custody.test_requests import refused, wanted


def approve(bureau, head, *requests, reason="because", **narrower):
    answer = Answer("approve", tuple(q.id for q in requests), reason, **narrower)
    proposal = propose(bureau.desk, bureau.actor(head), answer)
    approval = approval_of(bureau, head, proposal)
    return decide(bureau.desk, bureau.actor(head), proposal, approval)


def refuse(bureau, head, request, reason="no"):
    answer = Answer("refuse", (request.id,), reason)
    actor = bureau.actor(head)
    return decide(bureau.desk, actor, propose(bureau.desk, actor, answer))


def test_an_approval_stands_in_the_ledger_with_everything_that_was_signed():
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    index = approve(bureau, "head", request)
    entry = bureau.ledger.entry(index)
    (answered,) = entry.body["requests"]
    assert entry.actor == entry.body["approver"] == person("head")
    assert {k: entry.body[k] for k in ("answer", "act", "times", "row", "path")} == {
        "answer": "approve",
        "act": "copy",
        "times": 3,
        "row": "own_unit",
        "path": [EAST, ORGANISATION],
    }
    assert answered == {
        "request": request.id,
        "entry": request.entry,
        "leaf": request.leaf,
        "grant": answered["grant"],
    }
    named = {entry.actor, EAST, request.id, person("supervisor"), answered["grant"], *segments}
    assert set(entry.about) == named
    assert entry.statement.of == request.id
    assert reason_of(bureau.desk, index) == "because"
    assert "because" not in str(entry)
    assert load_request(bureau.ledger, request.id).state == "approved"
    assert load_request(bureau.ledger, request.id).decision == index


def test_the_signature_holds_with_nothing_but_the_entry_and_the_key_of_the_ledger():
    bureau, segments = sealed()
    entry = bureau.ledger.entry(approve(bureau, "head", asked(bureau, *segments)))
    key = read_register(bureau.ledger).keys[bureau.keys["head"]]
    verify_approval(entry, key, (), software=True)
    for change in ({"times": 9}, {"until": "2030-01-01T00:00:00.000Z"}, {"spans": []}):
        with pytest.raises(ProofError):
            verify_approval(replace(entry, body={**entry.body, **change}), key, (), software=True)


def test_an_answer_names_the_rules_it_was_given_under_and_holds_under_no_others():
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    proposal = propose(bureau.desk, bureau.actor("head"), Answer("approve", (request.id,)))
    assert proposal.draft.body["rules"] == bureau.desk.rules.sha256
    signed = approval_of(bureau, "head", proposal)
    bureau.with_rules(sha256="1" * 64)
    with pytest.raises(ConflictError, match="rules_changed"):
        decide(bureau.desk, bureau.actor("head"), proposal, signed)
    assert load_request(bureau.ledger, request.id).state == "open"


def test_a_refusal_has_a_reason_and_gives_no_grant():
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    with pytest.raises(UsageError):
        refuse(bureau, "head", request, "")
    index = refuse(bureau, "head", request, "not needed")
    entry = bureau.ledger.entry(index)
    assert entry.body["requests"][0]["grant"] is None
    assert entry.body["signature"] is None
    assert not [each for each in entry.about if each.startswith("g:")]
    assert load_request(bureau.ledger, request.id).state == "refused"


def test_a_refusal_may_be_signed_too():
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    actor = bureau.actor("head")
    proposal = propose(bureau.desk, actor, Answer("refuse", (request.id,), "no"))
    index = decide(bureau.desk, actor, proposal, approval_of(bureau, "head", proposal))
    assert bureau.ledger.entry(index).body["signature"]["fmt"] == "software/1"


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("supervisor", {"own_question", "may_decide"}),
        ("leader", {"may_decide"}),  # head of a squad
        ("west_head", {"may_decide"}),
        ("chief", {"may_decide"}),  # not asked: the head of the unit is there
        ("deputy", {"may_decide"}),  # their term begins tomorrow
        ("inspector", {"may_decide"}),
        ("admin", {"admin_apart", "may_decide"}),
        ("officer", {"involved", "may_decide"}),
    ],
)
def test_nobody_else_decides_and_the_attempt_is_in_the_ledger(name, rows):
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    for answer in ("approve", "refuse"):
        with pytest.raises(RefusedError) as caught:
            propose(bureau.desk, bureau.actor(name), Answer(answer, (request.id,), "no"))
        assert set(refused(caught)) == rows
    assert len(bureau.house.entries("access.refused")) == 2
    assert load_request(bureau.ledger, request.id).state == "open"


def test_nobody_decides_their_own_question():
    bureau, segments = sealed()
    bureau.role("supervisor", "deputy", EAST)
    request = asked(bureau, *segments)
    with pytest.raises(RefusedError) as caught:
        propose(bureau.desk, bureau.actor("supervisor"), Answer("approve", (request.id,)))
    assert refused(caught) == ["own_question"]


def test_a_head_who_is_labelled_after_the_question_stands_aside():
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    bureau.label(segments[0], ["head"])
    with pytest.raises(RefusedError) as caught:
        propose(bureau.desk, bureau.actor("head"), Answer("approve", (request.id,)))
    assert refused(caught) == ["involved"]


def test_a_deputy_decides_in_their_term():
    bureau, segments = sealed()
    bureau.clock.forward(days=2)
    assert approve(bureau, "deputy", asked(bureau, *segments))


def test_the_topmost_heads_own_question_goes_to_their_deputy():
    bureau, segments = sealed()
    request = asked(bureau, *segments, by="chief")
    with pytest.raises(RefusedError):
        propose(bureau.desk, bureau.actor("chief"), Answer("approve", (request.id,)))
    assert approve(bureau, "acting", request)


def test_a_proof_from_before_is_too_old_when_it_is_decided_but_what_to_sign_may_be_seen():
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    stale = bureau.actor("head", fresh=False)
    proposal = propose(bureau.desk, stale, Answer("approve", (request.id,)))
    with pytest.raises(RefusedError) as caught:
        decide(bureau.desk, stale, proposal, approval_of(bureau, "head", proposal))
    assert refused(caught) == ["not_fresh"]
    actor = bureau.actor("head")
    bureau.clock.forward(seconds=301)
    with pytest.raises(RefusedError):
        decide(bureau.desk, actor, proposal, approval_of(bureau, "head", proposal))


def test_an_approval_without_a_signature_is_none():
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    actor = bureau.actor("head")
    proposal = propose(bureau.desk, actor, Answer("approve", (request.id,)))
    with pytest.raises(RefusedError) as caught:
        decide(bureau.desk, actor, proposal)
    assert refused(caught) == ["not_signed"]


def test_a_password_is_enough_only_where_the_rules_say_so_and_the_entry_shows_it():
    bureau, segments = sealed()
    bureau.with_rules(password_only=True)
    request = asked(bureau, *segments)
    actor = bureau.actor("head")
    index = decide(
        bureau.desk, actor, propose(bureau.desk, actor, Answer("approve", (request.id,)))
    )
    body = bureau.ledger.entry(index).body
    assert body["signature"] is None
    grant = body["requests"][0]["grant"]
    assert load_grant(bureau.desk, grant)
    bureau.with_rules(password_only=False)
    with pytest.raises(RefusedError) as caught:
        load_grant(bureau.desk, grant)
    assert refused(caught) == ["grant_signature_false"]


def attack_other_person(bureau, proposal):
    return approval_of(bureau, "west_head", proposal)


def attack_other_proposal(bureau, proposal):
    other = propose(
        bureau.desk, bureau.actor("head"), Answer("approve", tuple(proposal.draft.expect))
    )
    return approval_of(bureau, "head", other)


def attack_unknown_key(bureau, proposal):
    return replace(approval_of(bureau, "head", proposal), key=1)


def attack_revoked_key(bureau, proposal):
    bureau.revoke_key("head")
    return approval_of(bureau, "head", proposal)


def attack_login_key(bureau, proposal):
    bureau.register("head", "login")
    return approval_of(bureau, "head", proposal)


def attack_no_envelope(bureau, proposal):
    del proposal
    return Approval("software/1", bureau.keys["head"], {})


def attack_demo_key(bureau, proposal):
    bureau.with_rules(demo_keys=False)
    return approval_of(bureau, "head", proposal)


ATTACKS = [each for name, each in sorted(globals().items()) if name.startswith("attack_")]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda each: each.__name__)
def test_what_is_not_the_heads_own_signature_over_exactly_this_decides_nothing(attack):
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    actor = bureau.actor("head")
    proposal = propose(bureau.desk, actor, Answer("approve", (request.id,)))
    approval = attack(bureau, proposal)
    with pytest.raises(ProofError):
        decide(bureau.desk, actor, proposal, approval)
    assert load_request(bureau.ledger, request.id).state == "open"
    (entry,) = bureau.house.entries("access.refused")
    assert entry.body["rows"] == [{"row": "not_signed", "article": "18"}]


def test_somebody_elses_proposal_is_not_signed_by_who_sits_there():
    bureau, segments = sealed()
    bureau.clock.forward(days=2)
    request = asked(bureau, *segments)
    proposal = propose(bureau.desk, bureau.actor("head"), Answer("approve", (request.id,)))
    approval = approval_of(bureau, "deputy", proposal)
    with pytest.raises(RefusedError) as caught:
        decide(bureau.desk, bureau.actor("deputy"), proposal, approval)
    assert refused(caught) == ["not_signed"]


def test_a_challenge_of_something_else_is_not_what_was_signed():
    bureau, segments = sealed()
    actor, harmless = bureau.actor("head"), asked(bureau, segments[0])
    other = propose(bureau.desk, actor, Answer("refuse", (harmless.id,), "no"))
    wide = propose(bureau.desk, actor, Answer("approve", (asked(bureau, *segments).id,)))
    mixed = replace(wide, challenge=other.challenge)
    with pytest.raises(ProofError):
        decide(bureau.desk, actor, mixed, approval_of(bureau, "head", mixed))


def test_two_heads_at_once_give_one_decision():
    bureau, segments = sealed()
    bureau.clock.forward(days=2)
    request = asked(bureau, *segments)
    answer = Answer("approve", (request.id,))
    proposals = {
        name: propose(bureau.desk, bureau.actor(name), answer) for name in ("head", "deputy")
    }
    head = proposals["head"]
    decide(bureau.desk, bureau.actor("head"), head, approval_of(bureau, "head", head))
    late = proposals["deputy"]
    with pytest.raises(RefusedError) as caught:
        decide(bureau.desk, bureau.actor("deputy"), late, approval_of(bureau, "deputy", late))
    assert refused(caught) == ["settled"]
    with pytest.raises(ConflictError):
        bureau.ledger.append([late.draft])  # had it passed that question a moment before
    assert len(bureau.house.entries("request.decided")) == 1


def test_a_decision_does_not_pass_over_an_objection_or_a_withdrawal_in_between():
    bureau, segments = sealed()
    request = asked(bureau, *segments, by="searcher")
    proposal = propose(bureau.desk, bureau.actor("chief"), Answer("approve", (request.id,)))
    object_to(bureau.desk, bureau.actor("head"), request.id, "a case is open here")
    with pytest.raises(ConflictError):
        decide(bureau.desk, bureau.actor("chief"), proposal, approval_of(bureau, "chief", proposal))
    again = approve(bureau, "chief", request)  # has seen it, and decides: it refuses nothing
    assert load_request(bureau.ledger, request.id).decision == again


def test_whoever_is_refused_again_and_again_holds_up_no_decision():
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    proposal = propose(bureau.desk, bureau.actor("head"), Answer("approve", (request.id,)))
    for name in ("mate", "admin"):
        with pytest.raises(RefusedError):
            propose(bureau.desk, bureau.actor(name), Answer("approve", (request.id,)))
        with pytest.raises(RefusedError):
            withdraw(bureau.desk, bureau.actor(name), request.id, "no")
    assert [each.body["of"] for each in bureau.house.entries("access.refused")] == [
        [request.id]
    ] * 4
    decide(bureau.desk, bureau.actor("head"), proposal, approval_of(bureau, "head", proposal))


def test_what_was_withdrawn_or_has_run_out_is_not_decided():
    bureau, segments = sealed()
    first, second = asked(bureau, segments[0]), asked(bureau, segments[1])
    withdraw(bureau.desk, bureau.actor("supervisor"), first.id, "no")
    bureau.clock.forward(days=7)
    for request in (first, second):
        with pytest.raises(RefusedError) as caught:
            approve(bureau, "head", request)
        assert refused(caught) == ["settled"]


def test_a_head_narrows_and_never_widens():
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    until = bureau.now + timedelta(days=1)
    hidden = bureau.now + timedelta(days=30)
    narrow = (Span(segments[0], 0, 1),)
    index = approve(
        bureau, "head", request, spans=narrow, until=until, times=1, confidential_until=hidden
    )
    grant = load_grant(bureau.desk, bureau.ledger.entry(index).body["requests"][0]["grant"])
    assert (grant.spans, grant.until, grant.times) == (narrow, until, 1)
    assert bureau.ledger.entry(index).body["confidential_until"].startswith("2026-12-22")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("spans", (Span("s:" + "0" * 64),)),
        ("until", timedelta(days=8)),
        ("until", timedelta()),
        ("times", 4),
        ("times", 0),
        ("confidential_until", timedelta()),
    ],
)
def test_more_than_was_asked_is_not_given(field, value):
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    more = bureau.now + value if isinstance(value, timedelta) else value
    with pytest.raises(UsageError) as caught:
        approve(bureau, "head", request, **{field: more})
    assert (caught.value.word, caught.value.facts) == ("decision_wider", {"field": field})


def test_looks_are_hidden_only_with_a_reason():
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    hidden = bureau.now + timedelta(days=30)
    with pytest.raises(UsageError) as caught:
        approve(bureau, "head", request, reason="", confidential_until=hidden)
    assert caught.value.word == "reason_missing"
    approve(bureau, "head", request, reason="", confidential_until=None)


def test_up_to_ten_questions_of_one_case_have_one_signature_and_a_grant_each():
    bureau, segments = sealed(10)
    askers = ["supervisor", "west_supervisor"] * 5
    requests = [asked(bureau, segment, by=by) for segment, by in zip(segments, askers, strict=True)]
    own = requests[::2]
    index = approve(bureau, "head", *own)
    grants = [each["grant"] for each in bureau.ledger.entry(index).body["requests"]]
    assert len(set(grants)) == 5
    for grant, request in zip(grants, own, strict=True):
        found = load_grant(bureau.desk, grant)
        assert (found.holder, found.spans) == (request.asker, request.spans)
    with pytest.raises(UsageError) as caught:
        approve(bureau, "head", requests[1], asked(bureau, segments[0]))
    assert caught.value.facts == {"field": "row"}


def test_what_differs_in_act_or_case_or_unit_is_not_answered_with_one_signature():
    bureau, segments = sealed(3)
    first = asked(bureau, segments[0])
    other_act = asked(bureau, segments[1], act="view")
    no_case = ask(bureau.desk, bureau.actor("supervisor"), wanted(bureau, segments[1], act="copy"))
    for pair, field in (
        ((first, other_act), "act"),
        ((first, no_case), "case"),
        ((no_case, replace(no_case)), "requests"),
        ((), "requests"),
    ):
        with pytest.raises(UsageError) as caught:
            approve(bureau, "head", *pair)
        assert caught.value.facts == {"field": field}
    bureau.role("head", "head", ORGANISATION)
    above = asked(bureau, segments[2], by="searcher")
    with pytest.raises(UsageError) as caught:
        approve(bureau, "head", first, above)
    assert caught.value.facts == {"field": "unit"}


def test_a_question_that_would_get_nothing_is_refused_instead():
    bureau, segments = sealed()
    pair = asked(bureau, segments[0]), asked(bureau, segments[1])
    with pytest.raises(UsageError) as caught:
        approve(bureau, "head", *pair, spans=spans_of(segments[0]))
    assert caught.value.facts == {"request": pair[1].id}


def test_a_decision_that_no_entry_can_hold_is_told_before_it_is_signed():
    bureau, segments = sealed(90)
    pair = asked(bureau, *segments[:45]), asked(bureau, *segments[45:])
    with pytest.raises(UsageError) as caught:
        approve(bureau, "head", *pair)
    assert caught.value.word == "decision_too_large"


def test_sixty_segments_fit_into_one_decision():
    bureau, segments = sealed(60)
    assert approve(bureau, "head", asked(bureau, *segments))


def test_a_reason_whose_key_is_destroyed_is_gone():
    bureau, segments = sealed()
    index = approve(bureau, "head", asked(bureau, *segments))
    bureau.ledger.statements.clear()
    assert reason_of(bureau.desk, index) is None
