"""Recorders are bound, handed out and in; a person says who held one where nobody can tell.

No act makes a tenure that speaks with two tongues: what would overlap with what is written already
is refused.  A time in the past may be given (a paper list is typed in afterwards), none to come.
"""

from datetime import datetime

from custody import fields
from custody.desk import Desk
from custody.enrol import REASON_LIMIT
from custody.organising import Acting, active, begin, known_person, known_unit
from custody.permission import Does
from custody.seen import last_seen
from custody.tenure import (
    HOLDING,
    Stay,
    Tenure,
    kit_id,
    new_to,
    owner_of,
    read_tenure,
    segment_of,
    tenure_id,
)
from evidence.codec import format_time
from evidence.entry import Draft, Private
from evidence.errors import CustodyError, UsageError
from evidence.ids import check_subject
from evidence.json import JsonObject
from evidence.people import Actor


def bind(
    desk: Desk,
    actor: Actor,
    recorder: str,
    *,
    person: str | None = None,
    unit: str | None = None,
    since: datetime | None = None,
) -> int:
    """Make a recorder somebody's own, or pool it in ``unit``; return the index of the entry.

    ``unit`` None: the unit that ``person`` belongs to.  Raises ``RefusedError``, ``CustodyError``
    (``recorder_bound``, ``person_is_suspended``), ``UsageError`` for times that cannot be.
    """
    acting = begin(desk, actor)
    wearer = active(acting.register, person) if person else None
    place = unit or (wearer.unit if wearer else "")
    _allow(acting, "bind_recorder", known_unit(acting.register, place))
    tenure = read_tenure(desk.ledger, _a_recorder(recorder))
    if tenure.binding():
        raise CustodyError("recorder_bound")
    held = [each for each in tenure.bound if not each.void]
    moment = _not_before(acting, since, [each.until for each in held])
    body: JsonObject = {
        "recorder": recorder,
        "person": person,
        "unit": place,
        "since": format_time(moment),
    }
    return _write(acting, tenure, "recorder.bound", person or place, body)


def unbind(desk: Desk, actor: Actor, recorder: str, until: datetime | None = None) -> int:
    """End a binding; a recorder that is out comes in first."""
    acting = begin(desk, actor)
    tenure, binding = _binding(acting, recorder, "bind_recorder")
    if tenure.handover():
        raise CustodyError("recorder_out")
    ends = [binding.since, *(each.until for each in tenure.out)]
    body: JsonObject = {
        "recorder": recorder,
        "person": binding.person,
        "unit": binding.unit,
        "until": format_time(_not_before(acting, until, ends)),
    }
    return _write(acting, tenure, "recorder.unbound", binding.person or binding.unit, body)


def handover_out(
    desk: Desk,
    actor: Actor,
    recorder: str,
    person: str,
    *,
    at: datetime | None = None,
    due: datetime | None = None,
) -> int:
    """Write down that ``person`` takes a pooled recorder, and what it was like when last docked."""
    acting = begin(desk, actor)
    tenure, binding = _binding(acting, recorder, "handover")
    if binding.person is not None:
        raise CustodyError("recorder_own")
    if tenure.handover():
        raise CustodyError("recorder_out")
    taker = active(acting.register, person)
    moment = _not_before(acting, at, [binding.since, *(each.until for each in tenure.out)])
    if due is not None and due <= moment:
        raise UsageError("due_before")
    taken: JsonObject = {"person": person, "unit": taker.unit, "due": _time(due)}
    return _hand(acting, tenure, "handover.out", moment, taken)


def handover_in(
    desk: Desk, actor: Actor, recorder: str, person: str, *, at: datetime | None = None
) -> int:
    """Write down that ``person`` gives a recorder back; somebody else's is refused."""
    acting = begin(desk, actor)
    tenure, _ = _binding(acting, recorder, "handover")
    stay = tenure.handover()
    if stay is None:
        raise CustodyError("recorder_in")
    if stay.person != person:
        raise CustodyError("recorder_with_other")
    moment = _not_before(acting, at, [stay.since])
    given: JsonObject = {"person": person, "unit": stay.unit, "due": _time(stay.due)}
    return _hand(acting, tenure, "handover.in", moment, given)


def resolve_holder(desk: Desk, actor: Actor, sighting: int, person: str, reason: str) -> int:
    """Say who held the recorder of a sighting that nobody, or more than one, held by the entries.

    ``sighting``: index of segment.sealed or segment.seen.  Never about oneself.  Raises
    ``RefusedError``, ``CustodyError`` (``holder_known``).
    """
    acting = begin(desk, actor)
    entry = desk.ledger.entry(sighting)
    segment = segment_of(entry)
    seen = desk.ledger.last(segment)
    before = owner_of(desk.ledger, entry)
    unit = before.unit or known_person(acting.register, person).unit
    _allow(acting, "resolve_holder", unit, acting.themself(person))
    if before.why in {"own", "pooled"}:
        raise CustodyError("holder_known")
    known_person(acting.register, person)
    if not 1 <= len(reason.strip()) <= REASON_LIMIT:
        raise UsageError("reason_unusable", limit=REASON_LIMIT)
    body: JsonObject = {"sighting": sighting, "person": person, "unit": unit}
    docking = [each for each in entry.about if each.startswith("d:")]
    kit = (kit_id(desk.ledger, unit),) if before.unit is None else ()
    about = (segment, *docking, person, *kit)
    private = Private(segment, {"reason": reason.strip()})
    draft = Draft("holder.resolved", actor.id, about, body, {segment: seen}, private)
    return desk.ledger.append([draft]).indexes[0]


def _a_recorder(recorder: str) -> str:
    if not recorder.startswith("r:"):
        raise UsageError("recorder_unknown", text=recorder)
    return check_subject(recorder)


def _allow(acting: Acting, act: Does, unit: str, about: list[str] | None = None) -> None:
    acting.allow(act, acting.over(unit), about or ())


def _binding(acting: Acting, recorder: str, act: Does) -> tuple[Tenure, Stay]:
    """Return the tenure and the binding that holds, where the actor may act on it."""
    tenure = read_tenure(acting.desk.ledger, _a_recorder(recorder))
    binding = tenure.binding()
    if binding is None:
        raise CustodyError("recorder_unbound")
    _allow(acting, act, binding.unit)
    return tenure, binding


def _not_before(acting: Acting, wanted: datetime | None, others: list[datetime | None]) -> datetime:
    """Return the time wanted, else now; not ahead of us, and not before what it follows."""
    moment = wanted or acting.now
    if moment > acting.now:
        raise UsageError("time_ahead")
    if any(each is not None and moment < each for each in others):
        raise UsageError("time_overlaps")
    return moment


def _hand(acting: Acting, tenure: Tenure, kind: str, moment: datetime, facts: JsonObject) -> int:
    body: JsonObject = {
        "recorder": tenure.recorder,
        "at": format_time(moment),
        **facts,
        **last_seen(acting.desk.ledger, tenure.recorder).json(),
    }
    return _write(acting, tenure, kind, str(facts["person"]), body)


def _write(acting: Acting, tenure: Tenure, kind: str, whose: str, body: JsonObject) -> int:
    """Append to the tenure as it was seen; raises ``ConflictError`` where somebody was faster."""
    ledger = acting.desk.ledger
    chain = tenure_id(ledger, tenure.recorder)
    comes = kind in HOLDING
    kit = new_to(ledger, tenure, fields.text(body, "unit")) if comes else ()
    about = (tenure.recorder, chain, whose, *kit)
    draft = Draft(kind, acting.actor.id, about, body, {chain: tenure.last})
    return ledger.append([draft]).indexes[0]


def _time(moment: datetime | None) -> str | None:
    return format_time(moment) if moment else None
