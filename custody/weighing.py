"""What who decides should know of a question besides its words: read before the answer.

Who appears in it (回避), who asked before for the same, what the owning unit objects, and which
rows stand in the way of this very person.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from custody.desk import Desk
from custody.facts import over_request, standing_of
from custody.fields import text
from custody.history import chain
from custody.permission import Row, refusals
from custody.requests import earlier, people_of
from custody.why import why
from evidence.asking import Request
from evidence.people import Actor
from evidence.ports import Ledger


@dataclass(frozen=True, slots=True)
class Objection:
    """What a unit whose footage it is says against a retrieval.  It refuses nothing."""

    entry: int
    at: datetime
    person: str
    reason: str | None  # None: its key is destroyed


@dataclass(frozen=True, slots=True)
class Weighed:
    """``appear``: who held a recorder of it or stands in a label, ever; sorted."""

    appear: tuple[str, ...]
    rows: tuple[Row, ...]  # in the way of this actor; proof and signature are taken as given
    earlier: tuple[Request, ...]  # oldest first
    objections: tuple[Objection, ...]  # oldest first


def weigh(desk: Desk, actor: Actor, request: Request) -> Weighed:
    """Return what there is to weigh, to who may see the question; the caller has asked that.

    Of the earlier questions only those that the actor may see as well: a retrieval by the bureau
    above is not told to a unit by this way.
    """
    footage = people_of(desk.ledger, request)
    return Weighed(
        tuple(sorted(footage.appear)),
        why(desk, actor, actor.id, "approve", request.id),
        tuple(each for each in earlier(desk, request) if may_see(desk, actor, each)),
        tuple(objections(desk.ledger, request.id))[::-1],
    )


def may_see(desk: Desk, actor: Actor, request: Request) -> bool:
    """Return whether the actor may see a question at all."""
    standing, footage = standing_of(desk, actor), people_of(desk.ledger, request)
    return not refusals("see_request", over_request(standing, request, footage, "see_request"))


def objections(ledger: Ledger, request: str) -> Iterator[Objection]:
    """Yield what was objected to a question, newest first."""
    for entry in chain(request, ledger):
        if entry.type == "request.objected":
            said = ledger.statement(entry.seq)
            reason = text(said.facts, "reason") if said else None
            yield Objection(entry.seq, entry.at, entry.actor, reason)
