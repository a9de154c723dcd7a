"""Pages from templates: escaped by default, an unknown name is a fault, two languages.

Modules and styles are served under a digest of all of them, so a browser may keep them.
"""

import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache
from hashlib import sha256
from importlib.resources import files
from types import SimpleNamespace
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FunctionLoader, StrictUndefined, select_autoescape

from api.auth import site_of
from api.site import LANGUAGES, Words
from custody.days import last_day

LANGUAGE_COOKIE = "__Host-lang"
TYPES: Mapping[str, str] = {"js": "text/javascript", "css": "text/css"}
_PACKAGE = files("api")


@dataclass(frozen=True, slots=True)
class Asset:
    """A module or style: its bytes and the path under which it is served."""

    content: bytes
    path: str
    type: str


@cache
def assets() -> Mapping[str, Asset]:
    """Return what is served below ``/s/``, by name."""
    static = [each for each in _PACKAGE.joinpath("static").iterdir() if _ending(each.name) in TYPES]
    contents = {each.name: each.read_bytes() for each in sorted(static, key=lambda e: e.name)}
    # One digest for all: modules import each other by relative names.
    digest = sha256(b"".join(contents.values())).hexdigest()[:12]
    return {
        name: Asset(content, f"/s/{digest}/{name}", TYPES[_ending(name)])
        for name, content in contents.items()
    }


def _ending(name: str) -> str:
    return name.rpartition(".")[2]


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return the words of the pages in one language."""
    return tomllib.loads(_PACKAGE.joinpath("texts", f"{language}.toml").read_text("utf-8"))


@cache
def templates() -> Environment:
    """Return the templates of this package."""
    folder = _PACKAGE.joinpath("templates")
    return Environment(
        loader=FunctionLoader(lambda name: folder.joinpath(name).read_text("utf-8")),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
    )


def language_of(request: Request) -> str:
    """Return the language that was chosen, or the first one."""
    chosen = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def texts_of(request: Request) -> Mapping[str, str]:
    """Return the words of the pages in the language of a request."""
    return texts(language_of(request))


def words_of(request: Request) -> Words:
    """Return the sentences in the language of a request."""
    return site_of(request).words[language_of(request)]


@dataclass(frozen=True, slots=True)
class Local:
    """Says times as the clock on the wall shows them: ``local(at)``, ``local.until(until)``."""

    zone: tzinfo

    def __call__(self, moment: datetime) -> str:
        """Return a moment."""
        return moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S (%z)")

    def until(self, moment: datetime) -> str:
        """Return an end that is not included: the day that was asked for, where it ends one."""
        day = last_day(moment, self.zone)
        return day.isoformat() if day else self(moment)


def page(request: Request, name: str, **shown: object) -> HTMLResponse:
    """Return a page; a language that was just chosen is remembered."""
    site, language = site_of(request), language_of(request)

    def here(other: str) -> str:
        asked = [each for each in request.query_params.multi_items() if each[0] != "lang"]
        return "?" + urlencode([*asked, ("lang", other)])

    content = (
        templates()
        .get_template(name)
        .render(
            t=SimpleNamespace(**texts(language)),  # a mapping has methods: t.keys is a text
            w=site.words[language],
            lang=language,
            local=Local(site.zone),
            here=here,
            asset=lambda each: assets()[each].path,
            once=lambda: secrets.token_urlsafe(16),
            **shown,
        )
    )
    answer = HTMLResponse(content)
    if request.query_params.get("lang") in LANGUAGES:
        answer.set_cookie(
            LANGUAGE_COOKIE, language, path="/", secure=True, httponly=True, samesite="strict"
        )
    return answer


def with_status(answer: HTMLResponse, status: int) -> HTMLResponse:
    """Return a page that says it is not what was asked for."""
    answer.status_code = status
    return answer
