"""What went wrong, as a page: in the language of who asks, with a way on, in words of ours only.

Programs get a problem (``api/problems.py``) from the same places.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from fastapi.routing import iter_route_contexts

from api.auth import site_of, token_of
from api.problems import TITLES, facts_of, problem, problem_of, rows_of, status_of, wants_json
from api.rendering import page, texts_of, with_status, words_of
from evidence.errors import EvidenceError, NotSignedInError

HOME: Final = "/"
ENDED = frozenset({"session_idle", "session_absolute", "session_suspended"})
# Ids and numbers, no words: what somebody typed has no business in another address.
_WAY = re.compile(r"/(?!/)[0-9A-Za-z/:._?&=-]{0,500}")
_OURS = re.compile(r"/(?![/\\\\])[!-~]{0,2000}")
_ENTRANCE = ("/sign-in", "/sign-out", "/enrol")


def told(request: Request, error: EvidenceError) -> Response:
    """Return an error: a problem for programs, a page for people, the entrance for strangers."""
    if wants_json(request):
        return problem_of(error)
    if isinstance(error, NotSignedInError) and error.word in ENDED | {"not_signed_in"}:
        return _to_sign_in(request, error.word)
    return _page(request, status_of(error), sentence_of(request, error), rows_of(error))


def answer_of(request: Request, status: int, word: str) -> Response:
    """Return what no rule of custody refused but we ourselves: address, method, size, origin."""
    if wants_json(request):
        return problem(status, word)
    own = texts_of(request)
    sentence = own.get(f"said_{word}") or own.get(f"status_{status}") or TITLES[status]
    return _page(request, status, sentence, [])


def sentence_of(request: Request, error: EvidenceError) -> str:
    """Return what pages say of an error.

    Nothing that somebody typed is said back, and no command is named to who sits at a browser: for
    a sentence that would, that of the status stands.
    """
    own, words = texts_of(request), words_of(request)
    if f"said_{error.word}" in own:
        return own[f"said_{error.word}"]
    facts: Mapping[str, object] = facts_of(error)
    sentence = words(f"error.{error.word}", **facts)
    hidden = error.facts.keys() - facts.keys() - {"rows"}
    if "dockseal" in sentence or "--" in sentence or (hidden and "?" in sentence):
        return own.get(f"status_{status_of(error)}", own["status_500"])
    return sentence


def way(wanted: str) -> str:
    """Return an address of ours on which somebody may go on after signing in.

    Without what was typed into it; else the first page.
    """
    known = wanted if _WAY.fullmatch(wanted) else wanted.partition("?")[0]
    return known if _WAY.fullmatch(known) and not known.startswith(_ENTRANCE) else HOME


def _to_sign_in(request: Request, word: str) -> Response:
    if _came_by_link(request):
        return page(request, "arriving.html", target=_wanted(request))
    wanted = way(_wanted(request) if request.method == "GET" else _page_of_form(request))
    asked = {"next": wanted} if wanted != HOME else {}
    if word in ENDED:
        asked["because"] = word
    return RedirectResponse("/sign-in" + ("?" + urlencode(asked) if asked else ""), 303)


def _came_by_link(request: Request) -> bool:
    """Return whether a page of others led here: browsers keep a Strict cookie back then.

    They give it to a page of our own that leads on to the same address; that has come from us, so
    it happens once.
    """
    headers = request.headers
    led = headers.get("sec-fetch-site") in {"cross-site", "same-site"}
    page_wanted = request.method == "GET" and headers.get("sec-fetch-mode") == "navigate"
    return led and page_wanted and not token_of(request)


def _wanted(request: Request) -> str:
    """Return the address that was asked for, as it was written, where it is one of ours."""
    path = request.scope.get("raw_path", b"").decode("latin-1").partition("?")[0]
    query = request.scope.get("query_string", b"").decode("latin-1")
    whole = f"{path}?{query}" if query else path
    return whole if _OURS.fullmatch(whole) else HOME


def _page_of_form(request: Request) -> str:
    """Return the page on which the form of this address stands: the next one above that is one."""
    path, query = request.url.path, request.url.query
    if _is_page(request, path):
        return f"{path}?{query}" if query else path
    while path and not _is_page(request, path):
        path = path.rpartition("/")[0]
    return path or HOME


def _is_page(request: Request, path: str) -> bool:
    routes = iter_route_contexts(request.app.routes)
    return any(
        "GET" in (each.methods or ()) and each.path_regex and each.path_regex.match(path)
        for each in routes
    )


def _page(request: Request, status: int, sentence: str, rows: Sequence[object]) -> Response:
    site, host = site_of(request), request.headers.get("host")
    away = host == site.desk.hosts.sign and site.desk.hosts.login
    home = f"{request.url.scheme}://{site.desk.hosts.login}/" if away else HOME
    shown = {"sentence": sentence, "rows": rows, "home": home}
    return with_status(page(request, "problem.html", **shown), status)
