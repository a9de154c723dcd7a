"""Requests and what is granted on them, one type for each promise kept (DESIGN 5).

Request (in the ledger) -> Grant (another person's yes, in the ledger, live now) -> Opened (the look
is in the ledger; no byte has left yet).  Each is made from entries of the ledger, never from what a
caller says, and only in the module that its docstring names (``tests/test_architecture.py``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, get_args

Act = Literal["view", "copy", "release"]  # 查看, 复制, 对外提供
ACTS: tuple[Act, ...] = get_args(Act)
SPAN_LIMIT = 60  # segments of one request: they all stand in ``about``
ANSWERED_LIMIT = 10  # requests in one decision
TIMES_LIMIT = 100  # uses of one grant

Purpose = Literal[
    "case", "review", "litigation", "complaint", "inspection", "transfer", "discipline", "court",
    "file_reading", "training",
]  # fmt: skip
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a segment: slices ``first`` to ``last``, both included; None: the whole of it."""

    segment: str  # s:…
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A question that stands in the ledger.  Made by custody/requests.py."""

    id: str  # q:…
    entry: int
    leaf: str  # RFC 6962 leaf hash of that entry, hex
    at: datetime
    asker: str
    act: Act
    purpose: Purpose
    spans: tuple[Span, ...]
    until: datetime
    times: int
    unit: str  # whose head decides
    row: str  # of config/access: why this unit
    path: tuple[str, ...]  # of the deciding unit, as it was
    owners: tuple[str, ...]  # units whose footage it is
    hold: int | None  # the reason of article 17 for which its purpose proposes a hold
    provide_by: datetime | None  # of a retrieval: by when what is not docked yet must be
    state: Literal["open", "approved", "refused", "withdrawn"]
    decision: int | None  # entry


@dataclass(frozen=True, slots=True)
class Grant:
    """Another person's yes, live at the moment of asking.  Made by custody/grants.py."""

    id: str  # g:…
    request: str  # q:…
    decision: int  # entry
    holder: str  # p:…
    act: Act
    spans: tuple[Span, ...]
    until: datetime
    times: int
    used: int
    last: int  # newest entry about the grant: what a use expects


@dataclass(frozen=True, slots=True)
class Opened:
    """This use of a grant is in the ledger; bytes may leave.  Made by custody/access.py."""

    grant: Grant
    entry: int  # copy.opened
    at: datetime
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's own signature over exactly one decision.

    ``envelope``: base64url texts. webauthn/1: ``rp``, ``origin``, ``credential``, ``client_data``,
    ``authenticator_data``, ``signature``; software/1: ``signature``.
    """

    fmt: str
    key: int  # entry key.registered
    envelope: Mapping[str, str]


class Signer(Protocol):
    """Signs for a person: a key in a file, later an SM2 UKey; security keys sign in the browser."""

    fmt: str  # software/1, …

    def envelope(self, challenge: bytes) -> Mapping[str, str]:
        """Return ``Approval.envelope`` of a signature over ``challenge`` (32 bytes)."""
        ...
