"""The application: API, pages and public tree behind one guard."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from api import (
    admin_people,
    admin_recorders,
    admin_rules,
    admin_units,
    alarms,
    deciding,
    disposals,
    granted,
    holds,
    keeping,
    keys,
    labels,
    looking,
    pages_alarms,
    pages_ask,
    pages_decide,
    pages_desk,
    pages_disposals,
    pages_enter,
    pages_find,
    pages_gaps,
    pages_holds,
    pages_keep,
    pages_own,
    pages_weeks,
    pages_work,
    public,
    questions,
    segments,
    sessions,
    weeks,
)
from api.guard import Gate, Guard, frame
from api.models import Problem
from api.problem_pages import answer_of, told
from api.problems import MEDIA_TYPE, TITLES, problem, wants_json
from api.site import Site
from evidence.errors import EvidenceError

API: Final = "/api/v1"
VERSION = "1"
ROUTERS: Sequence[APIRouter] = (
    sessions.router,
    questions.router,
    deciding.router,
    deciding.signing,
    keys.router,
    keys.enrolling,
    admin_people.router,
    admin_units.router,
    admin_recorders.router,
    admin_rules.router,
    granted.router,
    looking.router,
    labels.router,
    segments.router,
    keeping.router,
    holds.router,
    disposals.router,
    weeks.router,
    alarms.router,
)
ANSWERS = (400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 503)


def create_app(site: Site) -> FastAPI:
    """Return the application of one appliance; it opens nothing by itself.

    Documents of the API ship as ``docs/openapi.json``: a page that draws them would load scripts
    of others.
    """
    app = FastAPI(
        title="Dockseal", version=VERSION, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.state.site = site
    documented: dict[int | str, dict[str, Any]] = {
        code: {"description": TITLES[code], "content": {MEDIA_TYPE: {"schema": _SCHEMA}}}
        for code in ANSWERS
    }
    for router in ROUTERS:
        app.include_router(router, prefix=API, responses=documented)
    app.include_router(public.router, prefix="/ledger", responses=documented)
    app.include_router(pages_enter.router)
    app.include_router(pages_work.router)
    app.include_router(pages_gaps.router)
    app.include_router(pages_own.router)
    app.include_router(pages_find.router)
    app.include_router(pages_ask.router)
    app.include_router(pages_decide.router)
    app.include_router(pages_desk.router)
    app.include_router(pages_holds.router)
    app.include_router(pages_keep.router)
    app.include_router(pages_disposals.router)
    app.include_router(pages_weeks.router)
    app.include_router(pages_alarms.router)
    _handle(app)
    hosts = site.desk.hosts
    app.add_middleware(Guard, gate=Gate(hosts.login or "", hosts.sign, site.hsts))
    return app


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document: every answer of every route, problems too."""
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    problem_schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    problem_schema.pop("$defs", None)
    document["components"]["schemas"]["Problem"] = problem_schema
    return document


_SCHEMA = {"$ref": "#/components/schemas/Problem"}


def _handle(app: FastAPI) -> None:
    app.exception_handler(EvidenceError)(told)

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> Response:
        """Name our own fields that do not fit; what was sent is never sent back."""
        places = {each["loc"][0] for each in error.errors()}
        if not wants_json(request):
            word = "not_here" if "path" in places else "request_malformed"
            return answer_of(request, 404 if "path" in places else 422, word)
        fields = sorted({_field(each["loc"]) for each in error.errors()})
        return problem(422, "request_malformed", fields=fields)

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        if error.status_code == 405:  # noqa: PLR2004 - a status
            answer = answer_of(request, 405, "method_not_allowed")
            answer.headers["Allow"] = ", ".join(_methods(request))
            return answer
        status = error.status_code if error.status_code in TITLES else 400
        return answer_of(request, status, _WORDS.get(status, "request_malformed"))

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        """Say that it is our fault; this one answer goes out past the guard."""
        del error
        return frame(answer_of(request, 500, "internal"))


_WORDS: Mapping[int, str] = {404: "not_here", 408: "body_too_slow", 413: "body_too_large"}


def _field(where: Sequence[int | str]) -> str:
    """Return the place of a mistake, without what a client made up: a key of theirs is data."""
    known = [str(each) for each in where[:2] if isinstance(each, str)]
    return ".".join(known)[:64] if known[1:] and known[1].isidentifier() else known[0]


def _methods(request: Request) -> list[str]:
    """Return every method of a path; the router alone would name those of its first route."""
    found: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        form = route.path_regex
        if form is not None and form.match(request.url.path):
            found |= set(route.methods or ())
    return sorted(found)
