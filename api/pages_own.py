"""Pages about oneself: who looked at mine, why I may or may not, my sessions, my password."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.auth import From, OfSite, Signed, drop_cookie, give_cookie, token_of
from api.models import Index, SegmentId
from api.pages_enter import SEE_OTHER, name_of
from api.problem_pages import sentence_of
from api.problems import status_of
from api.rendering import page, texts_of, with_status
from api.shapes import page as paged
from api.site import Site
from custody.enrolment import change_password
from custody.facts import over_unit, standing_of
from custody.looks import Looked, looks_at, looks_at_own
from custody.names import find_person, person_name
from custody.permission import DOES, Does, Row, check, refusals
from custody.sessions import end_session, sessions_of
from custody.why import why
from evidence.errors import CustodyError, NotSignedInError, RefusedError, UsageError
from evidence.people import ORGANISATION

router = APIRouter(include_in_schema=False)
LOOKS_DAYS = timedelta(days=90)
PAGE = 50  # looks
SUBJECT = r"[a-z]:[0-9a-f]{32,64}"
SUBJECT_LIMIT = 80  # characters
Typed = Annotated[str, Form(max_length=1024)]


@router.get("/looks")
def looks(
    request: Request,
    who: Signed,
    site: OfSite,
    segment: SegmentId | None = None,
    before: Annotated[Index | None, Query()] = None,
) -> Response:
    """Tell who looked at what one has recorded, or at one recording."""
    found = _looks(site, who, segment)
    rows, following = paged([(each.opened, each) for each in found], before, PAGE)
    register = site.entrance().register
    names = {each.person: person_name(site.desk.ledger, register, each.person) for each in rows}
    shown = {"looks": rows, "names": names, "segment": segment, "more": following}
    return page(request, "looks.html", who=name_of(site, who), **shown)


def _looks(site: Site, who: Signed, segment: str | None) -> tuple[Looked, ...]:
    if segment is not None:
        return looks_at(site.desk, who.actor, [segment])
    until = site.desk.clock.now() + timedelta(milliseconds=1)
    return looks_at_own(site.desk, who.actor, until - LOOKS_DAYS, until)


@router.get("/why")
def why_page(
    request: Request,
    who: Signed,
    site: OfSite,
    act: Does | None = None,
    subject: Annotated[str, Query(max_length=SUBJECT_LIMIT)] = "",
) -> Response:
    """Ask why one may do something, or may not; with both named, answer at once."""
    if act is None:
        return _why_page(request, who, site, ("see_listing", subject, ""))
    return _answered(request, who, site, (act, subject, ""))


@router.post("/why")
def ask_why(
    *,
    request: Request,
    who: Signed,
    site: OfSite,
    act: Annotated[Does, Form()],
    subject: Typed = "",
    person: Typed = "",
) -> Response:
    """Tell every rule in the way, of oneself or of somebody else; nothing is written."""
    return _answered(request, who, site, (act, subject.strip(), person.strip()))


Asked = tuple[Does, str, str]  # act, subject, person as typed


def _answered(request: Request, who: Signed, site: Site, asked: Asked) -> Response:
    act, subject, person = asked
    mistakes: dict[str, str] = {}
    try:
        whose = _person(site, who, person)
        rows = why(site.desk, who.actor, whose, act, subject or ORGANISATION)
    except RefusedError:
        raise
    except (UsageError, CustodyError) as error:
        field = "person" if error.word.startswith("person_") else "subject"
        mistakes[field] = sentence_of(request, error)
        shown = _why_page(request, who, site, asked, mistakes=mistakes)
        return with_status(shown, status_of(error))
    return _why_page(request, who, site, asked, rows=rows)


def _person(site: Site, who: Signed, typed: str) -> str:
    """Return about whom somebody asks; who may not see the people is not told who there is."""
    if not typed:
        return who.actor.id
    standing = standing_of(site.desk, who.actor)
    check("see_people", over_unit(standing, ORGANISATION))
    return find_person(site.desk.ledger, standing.register, typed)


def _why_page(
    request: Request,
    who: Signed,
    site: Site,
    asked: Asked,
    *,
    rows: tuple[Row, ...] | None = None,
    mistakes: dict[str, str] | None = None,
) -> HTMLResponse:
    standing = standing_of(site.desk, who.actor)
    others = not refusals("see_people", over_unit(standing, ORGANISATION))
    shown = {"asked": asked, "acts": DOES, "rows": rows, "others": others}
    return page(request, "why.html", who=name_of(site, who), mistakes=mistakes or {}, **shown)


@router.get("/sessions")
def sessions(request: Request, who: Signed, site: OfSite, *, changed: bool = False) -> Response:
    """List one's own sessions, with a button that ends each."""
    found = sessions_of(site.entrance(), who.actor.id)
    shown = {"sessions": found, "current": who.session.name, "changed": changed}
    return page(request, "sessions.html", who=name_of(site, who), **shown)


@router.post("/sessions/{name}/end")
def end(
    name: Annotated[str, Path(pattern="^[0-9a-f]{16}$")], who: Signed, site: OfSite
) -> Response:
    """End one of one's own sessions; with this one, one is out."""
    end_session(site.entrance(), who.actor.id, name)
    if name != who.session.name:
        return RedirectResponse("/sessions", SEE_OTHER)
    answer = RedirectResponse("/sign-in", SEE_OTHER)
    drop_cookie(answer)
    return answer


@router.get("/password")
def password_page(request: Request, who: Signed, site: OfSite) -> Response:
    """Ask for the old password and a new one."""
    return page(request, "password.html", who=name_of(site, who), mistakes={})


@router.post("/password")
def new_password(
    *,
    request: Request,
    who: Signed,
    site: OfSite,
    came: From,
    old: Typed = "",
    new: Typed = "",
    again: Typed = "",
) -> Response:
    """Change one's own password; every other session ends.  Passwords are never sent back."""

    def wrong(field: str, sentence: str, status: int) -> Response:
        mistakes = {field: sentence}
        shown = page(request, "password.html", who=name_of(site, who), mistakes=mistakes)
        return with_status(shown, status)

    if new != again:
        return wrong("again", texts_of(request)["passwords_differ"], 400)
    try:
        found = change_password(site.entrance(), token_of(request), old, new, came)
    except UsageError as error:
        return wrong("new", sentence_of(request, error), status_of(error))
    except NotSignedInError as error:
        return wrong("old", sentence_of(request, error), status_of(error))
    answer = RedirectResponse("/sessions?changed=true", SEE_OTHER)
    give_cookie(answer, found.token)
    return answer
