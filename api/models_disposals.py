"""Disposals and tombstones as documents."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from api.models import In, Out, SegmentId, Words
from evidence.disposal import DISPOSAL_LIMIT, State

DisposalId = Annotated[str, Field(pattern="^x:[0-9a-f]{32}$")]


class DisposalIn(In):
    """What is to go: these segments, or (``due``) all that may and that one may know of."""

    reason: Words
    segments: Annotated[list[SegmentId], Field(max_length=DISPOSAL_LIMIT)] = Field(
        default_factory=list
    )
    due: bool = False


class DisposalOut(Out):
    """A disposal.  ``disposed`` and ``spared``: how many of it so far."""

    disposal: str
    state: State
    entry: int
    at: datetime
    by: str
    count: int
    bytes: int
    root: str
    warning_until: datetime
    approved: int | None
    approved_by: str | None
    undo_until: datetime | None
    disposed: int
    spared: int


class DisposalsOut(Out):
    """A page, newest first; ``next`` goes into ``before`` for the page after."""

    disposals: list[DisposalOut]
    next: int | None


class FateOut(Out):
    """One segment of a list.  ``entry``: its tombstone, or why it was spared."""

    segment: str
    fate: str
    entry: int | None


class DisposalWholeOut(DisposalOut):
    """A disposal with its reason and a page of its segments, as far as one may list them.

    ``next``: goes into ``after`` for the page after.
    """

    reason: str | None
    segments: list[FateOut]
    next: str | None


class EndedOut(Out):
    """A ground that had kept it."""

    what: str
    article: str
    policy: int | None
    ends: datetime


class TombstoneOut(Out):
    """What remains of a segment.  ``sealed_again``: it has come back since."""

    segment: str
    entry: int
    at: datetime
    disposal: str
    size: int
    sealed: int
    proposed_by: str
    approved_by: str
    grounds: list[EndedOut]
    executed: bool
    homes: dict[str, str]
    entries: int
    sealed_again: int | None
