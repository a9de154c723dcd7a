"""Refusals are entries too: who wanted what, and every row that stood in the way.

Questions and grants stand in the body, not in ``about``: whoever is refused could else move their
last entry again and again, and no decision that expects it would ever be written.
"""

from collections.abc import Sequence
from typing import NoReturn

from custody.desk import Desk
from custody.permission import Row, refuse
from evidence.entry import Draft
from evidence.json import JsonObject
from evidence.people import Actor

SUBJECTS_LIMIT = 60  # besides the person (docs/formats.md)
_EXPECTED = ("q:", "g:")  # what decisions and uses compare and swap


def refuse_on_record(
    desk: Desk, actor: Actor, act: str, rows: Sequence[Row], subjects: Sequence[str] = ()
) -> NoReturn:
    """Write ``access.refused``, then raise ``RefusedError`` for ``rows``.

    What is beyond ``SUBJECTS_LIMIT`` is not named: the entry says that it was refused, and of
    what; it is no list.  Where the ledger cannot write, its error is raised: also a refusal.
    """
    write_refused(desk, actor, act, [(row.id, row.article) for row in rows], subjects)
    refuse(act, tuple(rows))


def write_refused(
    desk: Desk,
    actor: Actor,
    act: str,
    rows: Sequence[tuple[str, str]],
    subjects: Sequence[str] = (),
) -> int:
    """Write ``access.refused`` for rows as (id, article); return the index of the entry."""
    person = (actor.id,) if actor.id.startswith("p:") else ()
    known = [each for each in dict.fromkeys(subjects) if each != actor.id][:SUBJECTS_LIMIT]
    body: JsonObject = {
        "act": act,
        "rows": [{"row": row, "article": article} for row, article in rows],
        "of": [each for each in known if each.startswith(_EXPECTED)],
    }
    about = (*person, *(each for each in known if not each.startswith(_EXPECTED)))
    return desk.ledger.append([Draft("access.refused", actor.id, about, body)]).indexes[0]
