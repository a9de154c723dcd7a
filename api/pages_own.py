"""Pages about oneself: who looked at mine, why I may or may not, my sessions, my password."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.auth import From, drop_cookie, give_cookie, token_of
from api.models import Index, SegmentId
from api.pages_enter import SEE_OTHER
from api.problems import status_of
from api.shapes import page as paged
from api.visit import Here, Visit
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
SUBJECT_LIMIT = 80  # characters
Typed = Annotated[str, Form(max_length=1024)]


@router.get("/looks")
def looks(
    here: Here,
    segment: SegmentId | None = None,
    before: Annotated[Index | None, Query()] = None,
) -> Response:
    """Tell who looked at what one has recorded, or at one recording."""
    found = _looks(here, segment)
    rows, following = paged([(each.opened, each) for each in found], before, PAGE)
    ledger, register = here.site.desk.ledger, here.site.entrance().register
    names = {each.person: person_name(ledger, register, each.person) for each in rows}
    return here.page("looks.html", looks=rows, names=names, segment=segment, more=following)


def _looks(here: Visit, segment: str | None) -> tuple[Looked, ...]:
    desk, actor = here.site.desk, here.who.actor
    if segment is not None:
        return looks_at(desk, actor, [segment])
    until = desk.clock.now() + timedelta(milliseconds=1)
    return looks_at_own(desk, actor, until - LOOKS_DAYS, until)


@router.get("/why")
def why_page(
    here: Here,
    act: Does | None = None,
    subject: Annotated[str, Query(max_length=SUBJECT_LIMIT)] = "",
) -> Response:
    """Ask why one may do something, or may not; with both named, answer at once."""
    if act is None:
        return _why_page(here, ("see_listing", subject, ""))
    return _answered(here, (act, subject, ""))


@router.post("/why")
def ask_why(
    *,
    here: Here,
    act: Annotated[Does, Form()],
    subject: Typed = "",
    person: Typed = "",
) -> Response:
    """Tell every rule in the way, of oneself or of somebody else; nothing is written."""
    return _answered(here, (act, subject.strip(), person.strip()))


Asked = tuple[Does, str, str]  # act, subject, person as typed


def _answered(here: Visit, asked: Asked) -> Response:
    act, subject, person = asked
    try:
        whose = _person(here, person)
        rows = why(here.site.desk, here.who.actor, whose, act, subject or ORGANISATION)
    except RefusedError:
        raise
    except (UsageError, CustodyError) as error:
        field = "person" if error.word.startswith("person_") else "subject"
        return _why_page(here, asked, None, {field: here.sentence(error)}, status_of(error))
    return _why_page(here, asked, rows)


def _person(here: Visit, typed: str) -> str:
    """Return about whom somebody asks; who may not see the people is not told who there is."""
    if not typed:
        return here.who.actor.id
    standing = standing_of(here.site.desk, here.who.actor)
    check("see_people", over_unit(standing, ORGANISATION))
    return find_person(here.site.desk.ledger, standing.register, typed)


def _why_page(
    here: Visit,
    asked: Asked,
    rows: tuple[Row, ...] | None = None,
    mistakes: Mapping[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    standing = standing_of(here.site.desk, here.who.actor)
    others = not refusals("see_people", over_unit(standing, ORGANISATION))
    shown = {"asked": asked, "acts": DOES, "rows": rows, "others": others}
    return here.page("why.html", status, mistakes=mistakes or {}, **shown)


@router.get("/sessions")
def sessions(here: Here, *, changed: bool = False) -> Response:
    """List one's own sessions, with a button that ends each."""
    found = sessions_of(here.site.entrance(), here.who.actor.id)
    current = here.who.session.name
    return here.page("sessions.html", sessions=found, current=current, changed=changed)


@router.post("/sessions/{name}/end")
def end(name: Annotated[str, Path(pattern="^[0-9a-f]{16}$")], here: Here) -> Response:
    """End one of one's own sessions; with this one, one is out."""
    end_session(here.site.entrance(), here.who.actor.id, name)
    if name != here.who.session.name:
        return RedirectResponse("/sessions", SEE_OTHER)
    answer = RedirectResponse("/sign-in", SEE_OTHER)
    drop_cookie(answer)
    return answer


@router.get("/password")
def password_page(here: Here) -> Response:
    """Ask for the old password and a new one."""
    return here.page("password.html", mistakes={})


@router.post("/password")
def new_password(
    here: Here, came: From, *, old: Typed = "", new: Typed = "", again: Typed = ""
) -> Response:
    """Change one's own password; every other session ends.  Passwords are never sent back."""
    if new != again:
        return here.page("password.html", 400, mistakes={"again": here.t["passwords_differ"]})
    try:
        found = change_password(here.site.entrance(), token_of(here.request), old, new, came)
    except (UsageError, NotSignedInError) as error:
        field = "new" if isinstance(error, UsageError) else "old"
        mistakes = {field: here.sentence(error)}
        return here.page("password.html", status_of(error), mistakes=mistakes)
    answer = RedirectResponse("/sessions?changed=true", SEE_OTHER)
    give_cookie(answer, found.token)
    return answer
