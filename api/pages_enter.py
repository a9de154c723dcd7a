"""Pages of the entrance: sign in, enrol, prove again, keys; and the one page that signs."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import keys
from api.auth import From, OfSite, Signed, drop_cookie, give_cookie, token_of
from api.models import PersonId
from api.models_footage import KeyTicketIn, WitnessIn
from api.problem_pages import ENDED, HOME, sentence_of, way
from api.problems import problem, status_of
from api.rendering import assets, page, with_status, words_of
from custody.enrolment import enrol_with_code
from custody.entrance import KeyAsked, SignedIn
from custody.names import person_name
from custody.sessions import sign_out
from custody.sign_in import sign_in, step_up
from evidence.errors import NotSignedInError, UsageError
from evidence.people import Use

router = APIRouter(include_in_schema=False)
SEE_OTHER = 303
_API = "/api/v1"
_FOREVER = "public, max-age=31536000, immutable"
Typed = Annotated[str, Form(max_length=1024)]
Way = Annotated[str, Form(max_length=1024)]


@router.get("/s/{digest}/{name}")
def asset(digest: str, name: str) -> Response:
    """Return a module or style under the digest of what is in it."""
    found = assets().get(name)
    if found is None or found.path != f"/s/{digest}/{name}":
        return problem(404, "not_here")
    return Response(found.content, media_type=found.type, headers={"Cache-Control": _FOREVER})


@router.get("/sign-in")
def sign_in_page(
    request: Request,
    then: Annotated[str, Query(alias="next", max_length=1024)] = HOME,
    because: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Ask for account and password; say why a session has ended."""
    ended = words_of(request)(f"error.{because}") if because in ENDED else None
    return page(request, "sign_in.html", error=ended, then=way(then))


@router.post("/sign-in")
def enter(
    *,
    request: Request,
    site: OfSite,
    came: From,
    account: Typed = "",
    password: Typed = "",
    then: Way = HOME,
) -> Response:
    """Sign in by password; whoever has a key answers with that next.  Then go on as one came."""
    try:
        found = sign_in(site.entrance(), account, password, came)
    except NotSignedInError as error:
        shown = {"error": sentence_of(request, error), "then": way(then)}
        return with_status(page(request, "sign_in.html", **shown), status_of(error))
    return _entered(request, found, f"{_API}/session/key", way(then))


@router.get("/enrol")
def enrol_page(request: Request) -> Response:
    """Ask for the printed code and a password."""
    return page(request, "enrol.html", error=None)


@router.post("/enrol")
def enrol(
    request: Request, site: OfSite, came: From, code: Typed = "", password: Typed = ""
) -> Response:
    """Choose a password by a code that is good once."""
    try:
        found = enrol_with_code(site.entrance(), code, password, came)
    except (NotSignedInError, UsageError) as error:
        shown = page(request, "enrol.html", error=sentence_of(request, error))
        return with_status(shown, status_of(error))
    return _entered(request, found, f"{_API}/session/key", "/keys")


@router.get("/prove")
def prove_page(
    request: Request,
    who: Signed,
    site: OfSite,
    then: Annotated[str, Query(alias="next", max_length=1024)] = HOME,
) -> Response:
    """Ask for the password once more."""
    return page(request, "prove.html", error=None, who=name_of(site, who), then=way(then))


@router.post("/prove")
def prove(
    *,
    request: Request,
    who: Signed,
    site: OfSite,
    came: From,
    password: Typed = "",
    then: Way = HOME,
) -> Response:
    """Prove again who one is; the session gets another token."""
    try:
        found = step_up(site.entrance(), token_of(request), password, came)
    except NotSignedInError as error:
        shown = {"error": sentence_of(request, error), "then": way(then)}
        asked = page(request, "prove.html", who=name_of(site, who), **shown)
        return with_status(asked, status_of(error))
    return _entered(request, found, f"{_API}/session/proof/key", way(then))


@router.post("/sign-out")
def leave(request: Request, site: OfSite) -> Response:
    """Sign out."""
    sign_out(site.entrance(), token_of(request))
    answer = RedirectResponse("/sign-in", SEE_OTHER)
    drop_cookie(answer)
    return answer


@router.get("/keys")
def keys_page(request: Request, who: Signed, site: OfSite) -> Response:
    """Ask what key to enrol, and for whom to bear witness."""
    return _keys_page(request, who, site)


@router.post("/keys")
def begin_key(
    request: Request, who: Signed, site: OfSite, use: Annotated[Use, Form()], witness: Typed
) -> Response:
    """Begin to enrol a key: a link to the page of its host."""
    body = KeyTicketIn(use=use, witness=witness.strip())
    made = keys.begin(body, who, site, request)
    return _keys_page(request, who, site, url=f"{made.url}#{made.ticket}")


@router.post("/witness")
def bear_witness(
    request: Request, who: Signed, site: OfSite, person: Annotated[PersonId, Form()]
) -> Response:
    """Give a word that the other person shows."""
    made = keys.bear_witness(WitnessIn(person=person), who, site)
    return _keys_page(request, who, site, word=made.code)


@router.get("/key")
@router.get("/sign/key")
def key_page(request: Request) -> Response:
    """Let the browser make a key; the ticket is in the fragment of the link."""
    return page(request, "key.html")


@router.get("/sign")
def sign_page(request: Request) -> Response:
    """Show what is signed, and sign it; the ticket is in the fragment of the link."""
    return page(request, "sign.html")


def name_of(site: OfSite, who: Signed) -> str:
    """Return the name of who is signed in, or their id."""
    register = site.entrance().register
    return person_name(site.desk.ledger, register, who.actor.id) or who.actor.id


def _keys_page(
    request: Request, who: Signed, site: OfSite, *, url: str | None = None, word: str | None = None
) -> Response:
    shown = {"who": name_of(site, who), "me": who.actor.id, "url": url, "word": word}
    return page(request, "keys.html", **shown)


def _entered(request: Request, found: SignedIn | KeyAsked, path: str, then: str) -> Response:
    """Go on: with the key that is asked for, or with the session that was opened."""
    if isinstance(found, KeyAsked):
        return page(request, "key_asked.html", asked=found, path=path, then=then)
    answer = RedirectResponse(then, SEE_OTHER)
    give_cookie(answer, found.token)
    return answer
