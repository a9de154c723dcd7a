"""Answers: proposed on the login host, signed on the signing host, written once."""

from fastapi import APIRouter, Request

from api import disposing, tickets
from api.auth import OfSite, Signed
from api.models import (
    AnswerIn,
    ApprovalIn,
    DecidedOut,
    DecideIn,
    ProposalOut,
    TicketIn,
    ToSignOut,
)
from api.once import Key, once
from api.questions import seen
from api.shapes import answer_in
from api.site import Site
from custody.decide import Answer, Proposal, decide, propose
from custody.entrance import Present
from custody.names import person_name
from custody.signing import challenge_of
from evidence.approval import WEBAUTHN
from evidence.asking import Approval
from evidence.errors import NotSignedInError
from evidence.json import JsonObject
from evidence.people import Actor
from evidence.webauthn import base64url

router = APIRouter(tags=["decisions"])
signing = APIRouter(tags=["signing host"])
DIGEST_SHOWN = 8  # signs: they stand on the asker's page too


@router.post("/decisions/proposals")
def propose_answer(body: AnswerIn, who: Signed, site: OfSite, request: Request) -> ProposalOut:
    """Return the entry that would be written, and what its approver signs."""
    proposal, ticket = proposed(site, who, answer_in(body))
    host = site.desk.hosts.sign
    return ProposalOut(
        ticket=ticket,
        challenge=base64url(proposal.challenge),
        digest=proposal.challenge.hex()[:DIGEST_SHOWN],
        entry={**proposal.draft.body},
        sign=f"{request.url.scheme}://{host}/sign" if host else None,
    )


def proposed(site: Site, who: Present, answer: Answer) -> tuple[Proposal, str]:
    """Return a proposal and the ticket that keeps it; unseen questions are unknown ones."""
    for each in answer.requests:
        seen(site.desk, who.actor, each)
    proposal = propose(site.desk, who.actor, answer)
    return proposal, tickets.give(site, who, tickets.DRAFT, tickets.draft_json(proposal.draft))


@router.post("/decisions", status_code=201)
def decide_here(body: DecideIn, key: Key, who: Signed, site: OfSite) -> DecidedOut:
    """Write an answer that needs no security key: a refusal, or what the policy lets through."""
    asked: JsonObject = {"path": "decisions", "body": body.model_dump(mode="json")}
    answer = once(site, who, key, asked, lambda: _decide_own(site, who.actor, body))
    return DecidedOut.model_validate(answer)


def _decide_own(site: Site, actor: Actor, body: DecideIn) -> DecidedOut:
    held = tickets.take(site, tickets.DRAFT, body.ticket)
    if held.actor.id != actor.id:
        raise NotSignedInError("challenge_over")
    return settle(site, actor, tickets.proposal_of(site, held), body.approval)


def settle(site: Site, actor: Actor, proposal: Proposal, approval: ApprovalIn | None) -> DecidedOut:
    """Write an answer; everything is asked again of the ledger as it is now."""
    given = Approval(approval.fmt, approval.key, approval.envelope) if approval else None
    entry = decide(site.desk, actor, proposal, given)
    grants = [each for each in proposal.draft.about if each.startswith("g:")]
    return DecidedOut(entry=entry, grants=grants)


@signing.post("/sign/proposal")
def to_sign(body: TicketIn, site: OfSite) -> ToSignOut:
    """Show everything that is about to be signed: to whoever came with the ticket."""
    held = tickets.look(site, tickets.SIGNED, body.ticket)
    draft, register = tickets.draft_of(held), site.entrance().register
    challenge = challenge_of(draft)
    keys: list[dict[str, int | str]] = [
        {"key": each.entry, "credential": each.credential}
        for each in register.keys.values()
        if (each.person, each.use, each.fmt) == (held.actor.id, "sign", WEBAUTHN)
        and each.revoked is None
    ]
    people = dict.fromkeys((draft.actor, *_about(site, held)))
    named = {each: person_name(site.desk.ledger, register, each) or each for each in people}
    return ToSignOut(
        type=draft.type,
        challenge=base64url(challenge),
        digest=challenge.hex()[:DIGEST_SHOWN],
        rp=site.desk.hosts.rp or "",
        keys=keys,
        entry={**draft.body},
        reason=str(draft.private.facts.get("reason", "")) if draft.private else "",
        names=named,
    )


def _about(site: Site, held: tickets.Kept) -> list[str]:
    """Return the people whose questions are answered, or whose proposal is approved."""
    if held.content["what"] == tickets.DISPOSAL:
        return [disposing.approving_of(site, held).disposal.by]
    return [each.asker for each in tickets.proposal_of(site, held).requests]


@signing.post("/sign/decision", status_code=201)
def sign(body: DecideIn, site: OfSite) -> DecidedOut:
    """Write a signed answer; its ticket is good once, so the same is never written twice."""
    held = tickets.take(site, tickets.SIGNED, body.ticket)
    if held.content["what"] == tickets.DISPOSAL:
        approving = disposing.approving_of(site, held)
        found = disposing.settle(site, held.actor, approving, body.approval)
        return DecidedOut(entry=found.approved or found.last, grants=[])
    return settle(site, held.actor, tickets.proposal_of(site, held), body.approval)
