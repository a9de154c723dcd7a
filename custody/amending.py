"""A binding that was begun or ended by mistake, said as it should have been (recorder.corrected).

The entries of before stay readable; whose the footage is, is decided by what holds now.  Who had
held it by the mistake still appears in that footage: a correction never heals a conflict.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import combinations

from custody.desk import Desk
from custody.enrol import REASON_LIMIT
from custody.organising import Acting, begin, known_person, known_unit
from custody.tenure import Stay, Tenure, new_to, read_tenure, tenure_id
from evidence.codec import format_time
from evidence.entry import Draft, Private
from evidence.errors import CustodyError, UsageError
from evidence.json import JsonObject
from evidence.people import Actor


def binding_of(tenure: Tenure, entry: int) -> Stay:
    """Return the binding that began with ``entry`` (recorder.bound), as it holds now.

    Raises ``CustodyError`` (``binding_unknown``).
    """
    found = next((each for each in tenure.bound if each.entry == entry), None)
    if found is None:
        raise CustodyError("binding_unknown", entry=entry)
    return found


def correct(desk: Desk, actor: Actor, recorder: str, right: Stay, reason: str) -> int:
    """Say what a binding should have been; return the index of the entry.

    ``right`` is the binding of ``binding_of``, changed: another person or unit, other times,
    ``until`` None for one that was ended by mistake, ``void`` for one that never was.  Raises
    ``RefusedError``; ``CustodyError`` (``binding_overlaps``, ``binding_handed``) where the tenure
    would speak with two tongues; ``UsageError`` for times that cannot be, and for no change.
    """
    acting = begin(desk, actor)
    tenure = read_tenure(desk.ledger, recorder)
    wrong = binding_of(tenure, right.entry)
    for unit in dict.fromkeys((wrong.unit, known_unit(acting.register, right.unit))):
        acting.allow("bind_recorder", acting.over(unit))
    if right.person is not None:
        known_person(acting.register, right.person)
    _check_said(acting, wrong, right, reason)
    bound = [right if each is wrong else each for each in tenure.bound]
    _check_one_tongue([each for each in bound if not each.void], tenure.out)
    return _write(acting, tenure, wrong, right, reason)


def _check_said(acting: Acting, wrong: Stay, right: Stay, reason: str) -> None:
    if right == wrong:
        raise UsageError("correction_same")
    if not 1 <= len(reason.strip()) <= REASON_LIMIT:
        raise UsageError("reason_unusable", limit=REASON_LIMIT)
    if any(each is not None and each > acting.now for each in (right.since, right.until)):
        raise UsageError("time_ahead")
    if right.until is not None and right.until < right.since:
        raise UsageError("time_overlaps")


def _check_one_tongue(bound: Sequence[Stay], out: Sequence[Stay]) -> None:
    """Raise where two bindings overlap, or something was handed out that was not pooled then."""
    if any(_overlap(one, other) for one, other in combinations(bound, 2)):
        raise CustodyError("binding_overlaps")
    pooled = [each for each in bound if each.person is None]
    if not all(any(_holds(pool, each) for pool in pooled) for each in out):
        raise CustodyError("binding_handed")


def _overlap(one: Stay, other: Stay) -> bool:
    return _before(one.since, other.until) and _before(other.since, one.until)


def _before(moment: datetime, end: datetime | None) -> bool:
    return end is None or moment < end


def _holds(pool: Stay, handed: Stay) -> bool:
    """Return whether a handover lies wholly within the time of a pool."""
    if pool.until is None:
        return pool.since <= handed.since
    return pool.since <= handed.since and handed.until is not None and handed.until <= pool.until


def _write(acting: Acting, tenure: Tenure, wrong: Stay, right: Stay, reason: str) -> int:
    """Append to the tenure as it was seen; raises ``ConflictError`` where somebody was faster."""
    ledger = acting.desk.ledger
    chain = tenure_id(ledger, tenure.recorder)
    whose = (right.person or right.unit, wrong.person or wrong.unit)
    kit = new_to(ledger, tenure, right.unit)
    about = tuple(dict.fromkeys((tenure.recorder, chain, *whose, *kit)))
    body: JsonObject = {
        "recorder": tenure.recorder,
        "corrects": wrong.entry,
        "person": right.person,
        "unit": right.unit,
        "since": format_time(right.since),
        "until": format_time(right.until) if right.until else None,
        "void": right.void,
    }
    private = Private(chain, {"reason": reason.strip()})
    expect = {chain: tenure.last}
    draft = Draft("recorder.corrected", acting.actor.id, about, body, expect, private)
    return ledger.append([draft]).indexes[0]
