"""What went wrong, as RFC 9457 problems: a word and ids, never what somebody typed or is called."""

import re
from collections.abc import Mapping, Sequence

from fastapi import Request
from fastapi.responses import JSONResponse

from evidence.errors import (
    ConflictError,
    CustodyError,
    EvidenceError,
    IntegrityError,
    NotSignedInError,
    ProofError,
    RefusedError,
    UnknownSegmentError,
    UsageError,
    VaultError,
)
from evidence.json import Json

MEDIA_TYPE = "application/problem+json"
# The first row that fits.
STATUS: tuple[tuple[type[EvidenceError], int], ...] = (
    (NotSignedInError, 401),
    (RefusedError, 403),
    (UnknownSegmentError, 404),
    (ConflictError, 409),
    (CustodyError, 409),
    (UsageError, 400),
    (ProofError, 403),
    (IntegrityError, 500),
    (VaultError, 503),
)
BY_WORD: Mapping[str, int] = {
    "sign_in_busy": 503,
    "sign_in_locked": 429,
    "sign_in_delayed": 429,
    "question_unknown": 404,
    "grant_unknown": 404,
    "gap_unknown": 404,
    "person_unknown": 404,
    "unit_unknown": 404,
    "role_gone": 404,
    "key_gone": 404,
    "hold_unknown": 404,
    "disposal_unknown": 404,
    "not_disposed_of": 404,
    "bytes_outside": 416,
}
TITLES: Mapping[int, str] = {
    400: "Bad request",
    401: "Not signed in",
    403: "Refused",
    404: "Not found",
    405: "Method not allowed",
    408: "Too slow",
    409: "Conflict",
    411: "Length needed",
    413: "Too large",
    415: "Unsupported media type",
    416: "Range not satisfiable",
    422: "Malformed request",
    429: "Too many attempts",
    500: "Internal error",
    503: "Unavailable",
}
_SAFE = re.compile(r"[a-z]{1,16}:[0-9a-f]{32,64}|[0-9a-f]{64}")
_SAFE_NAMES = frozenset({"field", "act"})  # names of our own fields and acts
_WORD = re.compile(r"[a-z_]{1,32}")


def status_of(error: EvidenceError) -> int:
    """Return the HTTP status that stands for an error."""
    if error.word in BY_WORD:
        return BY_WORD[error.word]
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def problem(status: int, word: str, **more: Json) -> JSONResponse:
    """Return a problem; ``type`` is a page of our own documents."""
    content = {"type": f"/problems/{word}", "title": TITLES[status], "status": status}
    return JSONResponse({**content, "word": word, **more}, status, media_type=MEDIA_TYPE)


def problem_of(error: EvidenceError) -> JSONResponse:
    """Return an error as a problem; rows and articles where rules stand in the way."""
    status = status_of(error)
    return problem(status, error.word, facts=facts_of(error), rows=rows_of(error))


def rows_of(error: EvidenceError) -> list[Json]:
    """Return the rows of the table that a refusal names, as documents carry them."""
    rows = error.facts.get("rows")
    if not isinstance(rows, Sequence):
        return []
    return [{"row": str(row[0]), "article": str(row[1])} for row in rows]


def facts_of(error: EvidenceError) -> dict[str, Json]:
    """Return the facts that can be told: numbers, ids, digests; no text that somebody typed."""
    told: dict[str, Json] = {}
    for name, value in error.facts.items():
        form = _WORD if name in _SAFE_NAMES else _SAFE
        if type(value) is int or (isinstance(value, str) and form.fullmatch(value)):
            told[name] = value
    return told


def wants_json(request: Request) -> bool:
    """Return whether a program asks: everything but the pages."""
    return request.url.path.startswith(("/api/", "/ledger/", "/s/"))
