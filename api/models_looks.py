"""Looks and the access log, as documents."""

from datetime import datetime

from api.models import Out, SpanIO
from evidence.asking import Act, Purpose


class LookOut(Out):
    """One use of a grant; ``closed`` is None while it runs."""

    opened: int
    at: datetime
    person: str
    grant: str
    request: str
    decision: int
    act: Act
    purpose: Purpose
    spans: list[SpanIO]
    closed: int | None
    bytes: int | None
    how: str | None
    hidden_until: datetime | None


class LooksOut(Out):
    """A page of looks, newest first."""

    looks: list[LookOut]
    next: int | None


class LogRowOut(Out):
    """One entry of the access log."""

    entry: int
    at: datetime
    type: str
    actor: str
    about: list[str]
    body: dict[str, object]
    hidden_until: datetime | None


class LogOut(Out):
    """A page of the access log, newest first."""

    log: list[LogRowOut]
    next: int | None
