"""What an actor is over what a hold catches: segments, a case, a window of time.

To place a hold, a role over one of the units is enough: it keeps, and destroys nothing.  To take
one away (``every``), a role over all of them is needed.
"""

from itertools import islice

from custody.facts import Standing, over_footage, over_unit, roles_over_all
from custody.footage import Footage, footage_of
from custody.history import chain
from custody.permission import Situation
from custody.tenure import Tenure, read_tenure
from evidence.errors import UsageError
from evidence.keeping import Scope
from evidence.people import ORGANISATION
from evidence.ports import Ledger

CASE_LIMIT = 1000  # segments of a case that are looked at, the newest labels first


def over_scope(standing: Standing, scope: Scope, *, every: bool) -> Situation:
    """Return what ``actor`` is over what ``scope`` catches.

    Raises ``UnknownSegmentError``, and ``UsageError`` (``person_unknown``, ``unit_unknown``) for
    who and what was never enrolled.
    """
    if scope.kind == "segments":
        return over_footage(standing, footage_of(standing.desk.ledger, scope.segments))
    of = scope.of or ""
    if scope.kind == "case":
        return over_case(standing, of, every=every)
    return _over_window(standing, of, scope, every=every)


def over_case(standing: Standing, case: str, *, every: bool) -> Situation:
    """Return what ``actor`` is over a case (c:…) and the footage that has its number.

    Where no footage has it yet (complaints arrive before recorders), all roles that they hold
    count to place a hold; to end one, those over the whole organisation.
    """
    segments = segments_of(standing.desk.ledger, case)
    if not segments and every:
        return over_unit(standing, ORGANISATION)
    footage = footage_of(standing.desk.ledger, segments, case)
    known = over_footage(standing, footage)
    return known if every else Situation(_somewhere(standing, footage), known.facts)


def segments_of(ledger: Ledger, case: str) -> tuple[str, ...]:
    """Return the segments that a label of the case ever named, at most ``CASE_LIMIT``."""
    labels = (each for each in chain(case, ledger) if each.type == "segment.labelled")
    named = (each for label in labels for each in label.about if each.startswith("s:"))
    return tuple(islice(dict.fromkeys(named), CASE_LIMIT))


def _somewhere(standing: Standing, footage: Footage) -> frozenset[str]:
    """Return the roles that count over at least one of the units."""
    held = standing.register.roles(standing.person, standing.now)
    units = footage.owners or tuple(each.unit for each in held)
    return frozenset[str]().union(*(roles_over_all(standing, (unit,)) for unit in units))


def _over_window(standing: Standing, of: str, scope: Scope, *, every: bool) -> Situation:
    register = standing.register
    if of.startswith("r:"):
        return _over_recorder(standing, scope, read_tenure(standing.desk.ledger, of), every=every)
    if of.startswith("u:"):
        if of not in register.units:
            raise UsageError("unit_unknown", text=of)
        return over_unit(standing, of)
    known = register.people.get(of)
    if known is None:
        raise UsageError("person_unknown", text=of)
    # To end a hold, who it is about stands aside, as everybody who appears in footage does.
    return over_unit(standing, known.unit, ("own", "involved") if of == standing.person else ())


def _over_recorder(standing: Standing, scope: Scope, tenure: Tenure, *, every: bool) -> Situation:
    """Return what the actor is over who had the recorder in the window; nobody: the whole."""
    stays = [
        each
        for each in (*tenure.bound, *tenure.out)
        if (scope.until is None or each.since < scope.until)
        and (scope.since is None or each.until is None or each.until > scope.since)
    ]
    units = tuple(dict.fromkeys(each.unit for each in stays)) or (ORGANISATION,)
    people = {each.person for each in stays if each.person is not None}
    about = ("involved",) if standing.person in people else ()
    own = ("own",) if people == {standing.person} else ()
    if every:
        roles = roles_over_all(standing, units)
    else:
        roles = frozenset[str]().union(*(roles_over_all(standing, (each,)) for each in units))
    return Situation(roles, over_unit(standing, units[0], (*own, *about)).facts)
