"""Before and after every request: hosts, origin, size and time of bodies, headers of answers.

Plain ASGI: nothing here reads a body, so that nothing here can be made to keep one.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Response
from starlette import requests
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problem_pages import answer_of
from evidence.approval import origins_of

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CSP,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(), usb=(), payment=(), "
        "publickey-credentials-get=(self), publickey-credentials-create=(self)"
    ),
    "X-Frame-Options": "DENY",
}
PRIVATE = "private, no-store"
HSTS = "max-age=31536000"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BODY_LIMIT_BYTES = 64 * 1024
LETTER_BODY_LIMIT_BYTES = 12 << 20  # a letter's copy in base64, and its question
PAPERS_BODY_LIMIT_BYTES = 512 * 1024  # a hold and a paper in base64
LIST_BODY_LIMIT_BYTES = 1 << 20  # 12,000 ids
SPACIOUS: Mapping[str, int] = {
    "/api/v1/requests": LETTER_BODY_LIMIT_BYTES,
    "/api/v1/plans": LETTER_BODY_LIMIT_BYTES,
    "/api/v1/holds": PAPERS_BODY_LIMIT_BYTES,
    "/holds/new": PAPERS_BODY_LIMIT_BYTES,
    "/api/v1/disposals": LIST_BODY_LIMIT_BYTES,
}
BODY_TIME_S = 30.0
SIGNING = ("/sign", "/api/v1/sign/")  # paths of the signing host; it has no others but /s/
STATIC = "/s/"


@dataclass(frozen=True, slots=True)
class Gate:
    """Under which names the appliance is reached, and whether TLS may be insisted on."""

    login: str
    sign: str | None
    hsts: bool


class Guard:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self._app, self._gate = app, gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it before anybody has looked at it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(receive, _limit(scope["path"]))
        framed = self._framed(scope, send, body)
        refused = self._refusal(scope)
        if refused is not None:
            await answer_of(requests.Request(scope), *refused)(scope, receive, framed)
            return
        try:
            await self._app(scope, body, framed)
        except _BodyError as error:
            answer = answer_of(requests.Request(scope), error.status_code, error.word)
            await answer(scope, receive, framed)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        if "transfer-encoding" in headers and "content-length" in headers:
            return 400, "request_malformed"  # two ends of one body: a smuggled request
        if headers.getlist("host") != [headers.get("host")] or not self._serves(host, scope):
            return 404, "not_here"
        if scope["method"] not in SAFE and not _same_origin(headers, host):
            return 403, "cross_site"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:20]) > _limit(scope["path"]):
            return 413, "body_too_large"
        return None

    def _serves(self, host: str, scope: Scope) -> bool:
        """Return whether this host serves this path: nothing of one is reached by the other."""
        path: str = scope["path"]
        signing = path.startswith(SIGNING) and not path.startswith(("/sign-in", "/sign-out"))
        if host == self._gate.login:
            return not signing
        return host == self._gate.sign and (signing or path.startswith(STATIC))

    def _framed(self, scope: Scope, send: Send, body: "_Body") -> Send:
        private = not scope["path"].startswith((STATIC, "/ledger/"))

        async def framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if private:
                    headers["Cache-Control"] = PRIVATE
                if body.left_over(Headers(scope=scope)):
                    headers["Connection"] = (
                        "close"  # the rest is not waited for, nor taken for more
                    )
                if self._gate.hsts:
                    headers["Strict-Transport-Security"] = HSTS
            await send(message)

        return framed


def frame(answer: Response) -> Response:
    """Return an answer that no guard sees any more, with the headers that every answer has."""
    answer.headers.update({**HEADERS, "Cache-Control": PRIVATE})
    return answer


def _same_origin(headers: Headers, host: str) -> bool:
    """Return whether an unsafe request comes from a page of ours, as the browser itself says."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return headers.get("origin") in origins_of(host)


def _limit(path: str) -> int:
    return SPACIOUS.get(path, BODY_LIMIT_BYTES)


class _BodyError(HTTPException):
    """A body that is too large or too slow; of a kind that the framework lets through."""

    def __init__(self, status: int, word: str) -> None:
        super().__init__(status, word)
        self.word = word


class _Body:
    """Gives a body on, up to a limit of bytes and of seconds; uvicorn has neither."""

    def __init__(self, receive: Receive, limit_bytes: int) -> None:
        self._receive, self._left, self._over = receive, limit_bytes, False

    def left_over(self, headers: Headers) -> bool:
        """Return whether there is a body that nobody has read to its end."""
        some = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
        return some and not self._over

    async def __call__(self) -> Message:
        if self._over:  # what comes now is the end of the connection: that may take long
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), BODY_TIME_S)
        except TimeoutError as error:
            raise _BodyError(408, "body_too_slow") from error
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise _BodyError(413, "body_too_large")
        self._over = not message.get("more_body", False)
        return message
