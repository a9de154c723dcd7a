"""Signing in and out, proving again who one is, and one's own sessions."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.auth import From, OfSite, Signed, drop_cookie, give_cookie, token_of
from api.models import (
    CodeIn,
    EnteredOut,
    KeyAnswerIn,
    KeyAskedOut,
    MeOut,
    PasswordIn,
    SessionOut,
    SessionsOut,
    SignInIn,
)
from api.models_admin import NewPasswordIn
from custody.enrolment import change_password, enrol_with_code
from custody.entrance import KeyAsked, SignedIn
from custody.names import person_name
from custody.sessions import end_session, sessions_of, sign_out
from custody.sign_in import sign_in, sign_in_with_key, step_up, step_up_with_key

router = APIRouter(tags=["sessions"])


def entered(response: Response, found: SignedIn | KeyAsked) -> EnteredOut:
    """Return what came of a proof; a session that was opened goes into the cookie."""
    if isinstance(found, KeyAsked):
        asked = KeyAskedOut(
            challenge=found.challenge, credentials=list(found.credentials), rp=found.rp
        )
        return EnteredOut(person=None, key=asked)
    give_cookie(response, found.token)
    return EnteredOut(person=found.actor.id, key=None)


@router.post("/session")
def enter(body: SignInIn, site: OfSite, came: From, response: Response) -> EnteredOut:
    """Sign in by password; a person with a key is asked for that too."""
    return entered(response, sign_in(site.entrance(), body.account, body.password, came))


@router.post("/session/code")
def enrol(body: CodeIn, site: OfSite, came: From, response: Response) -> EnteredOut:
    """Choose a password by a code that is good once."""
    return entered(response, enrol_with_code(site.entrance(), body.code, body.password, came))


@router.post("/session/key")
def enter_by_key(body: KeyAnswerIn, site: OfSite, came: From, response: Response) -> EnteredOut:
    """Sign in with the answer of the key that was asked for."""
    envelope = body.envelope.model_dump()
    return entered(response, sign_in_with_key(site.entrance(), body.challenge, envelope, came))


@router.post("/session/password")
def renew_password(
    body: NewPasswordIn, request: Request, site: OfSite, came: From, response: Response
) -> EnteredOut:
    """Change one's own password; other sessions end, and this one gets another token."""
    found = change_password(site.entrance(), token_of(request), body.password, body.new, came)
    return entered(response, found)


@router.post("/session/proof")
def prove(
    body: PasswordIn, request: Request, site: OfSite, came: From, response: Response
) -> EnteredOut:
    """Prove again who one is; the session gets another token."""
    found = step_up(site.entrance(), token_of(request), body.password, came)
    return entered(response, found)


@router.post("/session/proof/key")
def prove_by_key(
    body: KeyAnswerIn, request: Request, site: OfSite, came: From, response: Response
) -> EnteredOut:
    """Prove again who one is with the answer of the key that was asked for."""
    envelope, token = body.envelope.model_dump(), token_of(request)
    return entered(
        response, step_up_with_key(site.entrance(), token, body.challenge, envelope, came)
    )


@router.delete("/session", status_code=204)
def leave(request: Request, site: OfSite, response: Response) -> None:
    """Sign out; nothing where nobody is signed in."""
    sign_out(site.entrance(), token_of(request))
    drop_cookie(response)


@router.get("/me")
def me(who: Signed, site: OfSite) -> MeOut:
    """Tell who is signed in."""
    entrance, person = site.entrance(), who.actor.id
    held = entrance.register.roles(person, site.desk.clock.now())
    return MeOut(
        person=person,
        name=person_name(site.desk.ledger, entrance.register, person),
        roles=sorted({each.role for each in held}),
        session=who.session.name,
        proved_at=who.actor.proved_at,
    )


@router.get("/sessions")
def sessions(who: Signed, site: OfSite) -> SessionsOut:
    """List one's own sessions, oldest first."""
    found = sessions_of(site.entrance(), who.actor.id)
    rows = [
        SessionOut(
            session=each.name,
            by=each.by,
            where=each.where,
            opened_at=each.opened_at,
            seen_at=each.seen_at,
            current=each.name == who.session.name,
        )
        for each in found
    ]
    return SessionsOut(sessions=rows)


@router.delete("/sessions/{name}", status_code=204)
def end(name: Annotated[str, Path(pattern="^[0-9a-f]{16}$")], who: Signed, site: OfSite) -> None:
    """End one of one's own sessions."""
    end_session(site.entrance(), who.actor.id, name)
