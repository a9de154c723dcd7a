"""Grants: live only while nothing speaks against them, and every reason is told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custody.decide import Answer, decide, propose
from custody.facts import over_grant, over_unit, standing_of
from custody.footage import footage_of
from custody.grants import DEAD, grant_of, grants_of, load_grant, withdraw_grant
from custody.permission import check, refusals
from custody.register import read_register
from custody.requests import load_request
from evidence.approval import challenge, signature_of, statement_digest
from evidence.entry import Draft
from evidence.errors import CustodyError, MalformedError, RefusedError, UsageError
from evidence.people import ORGANISATION
from tests.fakes.desk import EAST, person, sealed
from tests.fakes.grants import approval_of, asked, granted
from tests.unit.custody.test_requests import refused


def dead(bureau, grant):
    with pytest.raises(RefusedError) as caught:
        load_grant(bureau.desk, grant.id)
    return refused(caught)


def use(bureau, grant, number=1):
    body = {"grant": grant.id, "use": number, "spans": [], "where": "cli"}
    about = (grant.id, grant.request, grant.holder)
    return bureau.write("copy.opened", about, body, by=grant.holder)


def test_a_grant_says_who_what_until_when_and_how_often():
    bureau, segments = sealed()
    grant = granted(bureau, *segments)
    assert (grant.holder, grant.act, grant.times, grant.used) == (
        person("supervisor"),
        "copy",
        3,
        0,
    )
    assert grant.until == bureau.now + timedelta(days=7)
    assert [span.segment for span in grant.spans] == list(segments)
    assert grant.last == grant.decision
    assert load_grant(bureau.desk, grant.id, read_register(bureau.ledger)) == grant


def test_every_use_counts_once_and_the_last_one_ends_it():
    bureau, segments = sealed()
    grant = granted(bureau, *segments, times=2)
    last = use(bureau, grant)
    found = load_grant(bureau.desk, grant.id)
    assert (found.used, found.last) == (1, last)
    use(bureau, grant, 2)
    assert dead(bureau, grant) == ["grant_used_up"]


def test_a_grant_runs_out_at_its_moment():
    bureau, segments = sealed()
    grant = granted(bureau, *segments)
    bureau.clock.forward(days=7, seconds=-1)
    assert load_grant(bureau.desk, grant.id)
    bureau.clock.forward(seconds=1)
    assert dead(bureau, grant) == ["grant_expired"]


@pytest.mark.parametrize("name", ["head", "supervisor"])
def test_the_head_or_the_holder_ends_a_grant_at_once(name):
    bureau, segments = sealed()
    grant = granted(bureau, *segments)
    index = withdraw_grant(bureau.desk, bureau.actor(name, fresh=False), grant.id, "enough")
    assert bureau.ledger.statement(index).facts == {"reason": "enough"}
    assert dead(bureau, grant) == ["grant_withdrawn"]


@pytest.mark.parametrize("name", ["west_head", "chief", "admin", "officer"])
def test_nobody_else_ends_a_grant(name):
    bureau, segments = sealed()
    grant = granted(bureau, *segments)
    with pytest.raises(RefusedError):
        withdraw_grant(bureau.desk, bureau.actor(name), grant.id, "enough")
    with pytest.raises(UsageError):
        withdraw_grant(bureau.desk, bureau.actor("head"), grant.id, "")
    assert load_grant(bureau.desk, grant.id)


def test_a_grant_ends_with_its_suspended_holder_and_comes_back_with_them():
    bureau, segments = sealed()
    grant = granted(bureau, *segments)
    bureau.suspend("supervisor")
    assert dead(bureau, grant) == ["grant_holder_suspended"]
    bureau.restore("supervisor")
    assert load_grant(bureau.desk, grant.id)


def test_a_key_that_is_revoked_later_leaves_what_it_has_signed():
    bureau, segments = sealed()
    grant = granted(bureau, *segments)
    bureau.revoke_key("head")
    assert load_grant(bureau.desk, grant.id)


def test_a_reorganisation_changes_no_past_decision():
    bureau, segments = sealed()
    grant = granted(bureau, *segments)
    bureau.unit(EAST, ORGANISATION, False, "unit.moved")
    bureau.suspend("head")
    assert load_grant(bureau.desk, grant.id)


def forged(bureau, grant, actor=None, **changes):
    """Write the decision of ``grant`` again for another grant, changed: as a forger would."""
    entry = bureau.ledger.entry(grant.decision)
    other = "g:" + "f" * 32
    requests = [{**each, "grant": other} for each in entry.body["requests"]]
    body = {**entry.body, "requests": requests, **changes}
    about = tuple(other if each == grant.id else each for each in entry.about)
    bureau.ledger.append([Draft("request.decided", actor or entry.actor, about, body)])
    return replace(grant, id=other)


def test_a_second_decision_beside_the_first_gives_no_grant():
    bureau, segments = sealed()
    grant = forged(bureau, granted(bureau, *segments))
    assert dead(bureau, grant) == ["grant_no_decider", "grant_signature_false"]


def test_a_decision_that_is_changed_after_it_was_signed_gives_no_grant():
    bureau, segments = sealed()
    grant = forged(bureau, granted(bureau, *segments), times=100)
    assert {"grant_signature_false", "grant_not_asked"} <= set(dead(bureau, grant))


@pytest.mark.parametrize(
    "change",
    [
        {"answer": "refuse"},
        {"act": "release"},
        {"times": 4},
        {"until": "2026-12-30T00:00:00.000Z"},
        {"requests": "entry"},
        {"requests": "leaf"},
    ],
)
def test_more_or_other_than_was_asked_is_no_grant_even_when_a_head_has_signed_it(change):
    bureau, segments = sealed()
    request = asked(bureau, *segments)
    actor = bureau.actor("head")
    proposal = propose(bureau.desk, actor, Answer("approve", (request.id,)))
    body = {**proposal.draft.body, **change}
    if "requests" in change:
        (named,) = proposal.draft.body["requests"]
        other = {"entry": 1, "leaf": "0" * 64}[change["requests"]]
        body["requests"] = [{**named, change["requests"]: other}]
    draft = replace(proposal.draft, body=body)
    digest = challenge(draft.type, draft.about, draft.actor, body, statement_digest(draft.private))
    signed = signature_of(approval_of(bureau, "head", replace(proposal, challenge=digest)))
    draft = replace(draft, body={**body, "signature": signed})
    index = bureau.ledger.append([draft]).indexes[0]
    grant = bureau.ledger.entry(index).body["requests"][0]["grant"]
    with pytest.raises(RefusedError) as caught:
        load_grant(bureau.desk, grant)
    assert refused(caught) == ["grant_not_asked"]


def test_a_decision_with_a_key_that_nobody_registered_gives_no_grant():
    bureau, segments = sealed()
    real = granted(bureau, *segments)
    signature = {**bureau.ledger.entry(real.decision).body["signature"], "key": 1}
    assert "grant_signature_false" in dead(bureau, forged(bureau, real, signature=signature))


def test_a_decision_of_who_was_no_head_any_more_gives_no_grant():
    bureau, segments = sealed()
    role = bureau.role("mate", "head", EAST)
    bureau.register("mate")
    request = asked(bureau, *segments)
    actor = bureau.actor("mate")
    proposal = propose(bureau.desk, actor, Answer("approve", (request.id,)))
    bureau.revoke(role)  # met on its way
    ledger = bureau.ledger
    signed = signature_of(approval_of(bureau, "mate", proposal))
    draft = replace(proposal.draft, body={**proposal.draft.body, "signature": signed})
    index = ledger.append([draft]).indexes[0]
    grant = ledger.entry(index).body["requests"][0]["grant"]
    with pytest.raises(RefusedError) as caught:
        load_grant(bureau.desk, grant)
    assert refused(caught) == ["grant_no_decider"]


def test_a_decision_by_the_asker_gives_no_grant_whoever_signed_it():
    bureau, segments = sealed()
    real = granted(bureau, *segments)
    grant = forged(bureau, real, actor=person("supervisor"))
    assert "grant_no_decider" in dead(bureau, grant)


def test_a_deputy_who_decided_their_own_question_holds_no_grant():
    bureau, segments = sealed()
    bureau.role("supervisor", "deputy", EAST)
    bureau.register("supervisor")
    request = asked(bureau, *segments)
    head = propose(bureau.desk, bureau.actor("head"), Answer("approve", (request.id,)))
    body = {**head.draft.body, "approver": request.asker}
    about = tuple(each for each in head.draft.about if each != person("head"))
    draft = replace(head.draft, actor=request.asker, about=about, body=body)
    digest = challenge(draft.type, draft.about, draft.actor, body, statement_digest(draft.private))
    own = signature_of(approval_of(bureau, "supervisor", replace(head, challenge=digest)))
    index = bureau.ledger.append([replace(draft, body={**body, "signature": own})]).indexes[0]
    with pytest.raises(RefusedError) as caught:
        load_grant(bureau.desk, bureau.ledger.entry(index).body["requests"][0]["grant"])
    assert refused(caught) == ["grant_no_decider"]


def test_what_is_no_grant_is_not_read_as_one():
    bureau, segments = sealed()
    real = granted(bureau, *segments)
    unknown = "g:" + "0" * 32
    for grant in (unknown, "g:" + "1" * 32):
        with pytest.raises(CustodyError) as caught:
            load_grant(bureau.desk, grant)
        assert caught.value.word == "grant_unknown"
        bureau.write("grant.withdrawn", ("g:" + "1" * 32,), {"grant": grant})
    entry = bureau.ledger.entry(real.decision)
    about = (*entry.about, unknown)
    bureau.ledger.append([Draft("request.decided", entry.actor, about, dict(entry.body))])
    with pytest.raises(MalformedError):
        load_grant(bureau.desk, unknown)


def test_a_list_of_grants_shows_dead_ones_and_why():
    bureau, segments = sealed()
    first = granted(bureau, segments[0])
    second = granted(bureau, segments[1])
    request = asked(bureau, segments[2])
    actor = bureau.actor("head")
    decide(bureau.desk, actor, propose(bureau.desk, actor, Answer("refuse", (request.id,), "no")))
    granted(bureau, segments[2], by="west_supervisor")
    withdraw_grant(bureau.desk, bureau.actor("head"), first.id, "enough")
    found = grants_of(bureau.desk, person("supervisor"))
    assert [(each.grant, [row.id for row in each.rows]) for each in found] == [
        (second.id, []),
        (first.id, ["grant_withdrawn"]),
    ]
    assert grants_of(bureau.desk, person("head")) == ()  # decided it, holds nothing
    bureau.clock.forward(days=367)
    bureau.suspend("supervisor")
    assert grants_of(bureau.desk, person("supervisor")) == ()


def test_a_grant_lets_its_holder_do_its_act_and_nobody_anything_else():
    bureau, segments = sealed()
    grant = granted(bureau, *segments)
    footage = footage_of(bureau.ledger, segments)

    def rows(name, act):
        standing = standing_of(bureau.desk, bureau.actor(name))
        return {row.id for row in refusals(act, over_grant(standing, grant, footage, act))}

    assert rows("supervisor", "copy") == set()
    assert rows("supervisor", "view") == rows("supervisor", "release") == {"no_grant"}
    assert rows("head", "copy") == rows("inspector", "copy") == {"no_grant"}
    assert rows("admin", "copy") == {"no_grant", "admin_apart", "may_look"}
    bureau.suspend("supervisor")
    assert "suspended" in rows("supervisor", "copy")


def test_a_unit_is_led_by_who_holds_a_role_in_it_or_above():
    bureau, _ = sealed()
    standing = standing_of(bureau.desk, bureau.actor("head"))
    check("grant_deputy", over_unit(standing, EAST))
    with pytest.raises(RefusedError):
        check("grant_deputy", over_unit(standing, ORGANISATION))
    with pytest.raises(RefusedError):
        check("grant_deputy", over_unit(standing, EAST, ["self"]))


def test_what_was_granted_on_a_question_is_found_with_it_dead_or_alive():
    bureau, segments = sealed()
    grant, other = (granted(bureau, each) for each in segments[:2])
    request = load_request(bureau.ledger, grant.request)
    assert (grant_of(bureau.desk, request).grant, grant_of(bureau.desk, request).rows) == (
        grant.id,
        (),
    )
    withdraw_grant(bureau.desk, bureau.actor("head"), grant.id, "no")
    assert [row.id for row in grant_of(bureau.desk, request).rows] == ["grant_withdrawn"]
    assert grant_of(bureau.desk, load_request(bureau.ledger, other.request)).grant == other.id
    question = asked(bureau, segments[2])
    assert grant_of(bureau.desk, question) is None
    actor, answer = bureau.actor("head"), Answer("refuse", (question.id,), "no")
    decide(bureau.desk, actor, propose(bureau.desk, actor, answer))
    assert grant_of(bureau.desk, load_request(bureau.ledger, question.id)) is None


def test_a_decision_that_says_nothing_of_a_question_grants_nothing():
    bureau, segments = sealed()
    grant = granted(bureau, segments[0])
    request = replace(load_request(bureau.ledger, grant.request), id="q:" + "0" * 32)
    assert grant_of(bureau.desk, request) is None


def test_every_reason_against_a_grant_has_a_name_of_its_own():
    assert len({row.id for row in DEAD}) == len(DEAD)
