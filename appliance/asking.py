"""Questions, plans and grants as people read them, and as they name them at the command line."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo

from appliance.call import Call
from appliance.commands_look import SHORT, local, local_end, moment_of, segment_start, zone_of
from appliance.words import Words, printable
from custody.desk import Desk
from custody.grants import GrantState, grants_of
from custody.names import person_name, unit_name
from custody.permission import Row
from custody.plans import Plan
from custody.providing import overdue, owed
from custody.register import read_register
from custody.requests import asked_by, inbox, told
from evidence.asking import Request, Span
from evidence.codec import format_time
from evidence.errors import CustodyError, UsageError
from evidence.json import JsonObject
from evidence.people import Actor, Register
from evidence.ports import Ledger

START_LEAST = 6  # digits of an id that somebody types


def segment_of(call: Call, text: str) -> str:
    """Return the subject id of the one segment whose digest begins so."""
    return f"s:{call.services.segment(segment_start(text)).row.segment}"


def spans_of(call: Call, texts: Sequence[str], slices: str | None) -> tuple[Span, ...]:
    """Return whole segments, or ``slices`` (``FIRST-LAST``) of a single one."""
    segments = [segment_of(call, text) for text in texts]
    if slices is None:
        return tuple(Span(segment) for segment in segments)
    first, _, last = slices.partition("-")
    if len(segments) != 1 or not (first.isdecimal() and last.isdecimal()):
        raise UsageError("slices_form", text=slices)
    return (Span(segments[0], int(first), int(last)),)


def question_of(call: Call, who: Actor, text: str) -> str:
    """Return the question that begins so, among those that ``who`` asked, answers or is told of."""
    if len(text) == len("q:") + 32:
        return text
    desk = call.services.desk
    known = (*asked_by(desk, who.id), *inbox(desk, who), *told(desk, who))
    return _only([each.id for each in known], "q:", text, "question_unknown", "request")


def grant_of(call: Call, who: Actor, text: str) -> str:
    """Return the grant that begins so, among those of ``who``; a whole id may be anybody's."""
    if len(text) == len("g:") + 32:
        return text
    known = grants_of(call.services.desk, who.id)
    return _only([each.grant for each in known], "g:", text, "grant_unknown", "grant")


def _only(known: Iterable[str], kind: str, text: str, word: str, fact: str) -> str:
    start = kind + text.lower().removeprefix(kind)
    found = {each for each in known if each.startswith(start)}
    if len(start) < len(kind) + START_LEAST or len(found) != 1:
        raise CustodyError(word, **{fact: text})
    return found.pop()


def until_of(call: Call, text: str | None) -> datetime | None:
    """Return the moment at which a day, or a moment, is over; None where none was said."""
    moment = moment_of(text, zone_of(call), end=True)
    return datetime.fromisoformat(moment) + timedelta(milliseconds=1) if moment else None


class Shown:
    """Says names and times in one language, with the organisation as it is now."""

    def __init__(self, call: Call) -> None:
        self.words: Words = call.words
        self._ledger: Ledger = call.services.desk.ledger
        self._now: datetime = call.services.desk.clock.now()
        self._register: Register = read_register(self._ledger)
        self._zone: tzinfo = zone_of(call)

    def person(self, who: str) -> str:
        """Return a name, or the id where there is none to be read."""
        return printable(person_name(self._ledger, self._register, who) or who)

    def unit(self, unit: str) -> str:
        """Return the name of a unit, or its id."""
        return printable(unit_name(self._ledger, self._register, unit) or unit)

    def time(self, moment: datetime) -> str:
        """Return a time as the clock on the wall shows it."""
        return local(format_time(moment), self._zone)

    def until(self, moment: datetime) -> str:
        """Return an end that is not included, as a day where it is the end of one."""
        return local_end(format_time(moment), self._zone)

    def row(self, row: Row) -> str:
        """Return why it is refused, with the article."""
        return self.words("plan.row", why=self.words(f"row.{row.id}"), article=row.article)

    def plan(self, plan: Plan) -> list[str]:
        """Return what would become of a question."""
        words, deciding = self.words, plan.deciding
        comma = words("list.comma")
        who = comma.join(self.person(each) for each in deciding.deciders)
        lines = [
            words("plan.deciding", unit=self.unit(deciding.unit), who=who or words("plan.nobody")),
            words("plan.because", why=words(f"deciding.{deciding.row}"), article=plan.article),
            words("plan.owners", units=comma.join(self.unit(each) for each in deciding.owners)),
        ]
        if plan.hold is not None:
            lines.append(words("plan.hold", reason=plan.hold))
        if plan.provide_by is not None:
            lines.append(words("plan.provide", until=self.time(plan.provide_by)))
        if plan.refusals:
            lines.append(words("plan.refused"))
            lines += [self.row(row) for row in plan.refusals]
        return lines

    def question(self, request: Request) -> list[str]:
        """Return one question of a list, in a few cells."""
        return [
            request.id[: len("q:") + SHORT],
            self.words(f"asked.{request.state}"),
            self.words(f"does.{request.act}"),
            self._purpose(request),
            self.person(request.asker),
            self.unit(request.unit),
            self.until(request.until),
            str(len(request.spans)),
        ]

    def told(self, request: Request) -> list[str]:
        """Return one retrieval of a list, with the day by which the unit must provide."""
        until = self.time(request.provide_by) if request.provide_by else ""
        late = overdue(self._ledger, request, self._now)
        return [*self.question(request), self.words("inbox.late", until=until) if late else until]

    def _purpose(self, request: Request) -> str:
        purpose = self.words(f"purpose.{request.purpose}")
        if request.hold is None:
            return purpose
        return self.words("question.hold", purpose=purpose, reason=request.hold)

    def grant(self, state: GrantState) -> list[str]:
        """Return one grant of a list, in a few cells."""
        why = [self.words(f"row.{row.id}") for row in state.rows]
        return [
            state.grant[: len("g:") + SHORT],
            self.words(f"does.{state.request.act}"),
            f"{state.used}/{state.times}",
            self.until(state.until),
            str(len(state.request.spans)),
            self.words("list.comma").join(why) or self.words("grants.live"),
        ]


def rows_json(rows: Sequence[Row]) -> list[JsonObject]:
    """Return rows as documents carry them."""
    return [{"row": row.id, "article": row.article} for row in rows]


def spans_json(spans: Sequence[Span]) -> list[JsonObject]:
    """Return spans as documents carry them: a segment is its SHA-256."""
    return [
        {"segment": each.segment.removeprefix("s:"), "first": each.first, "last": each.last}
        for each in spans
    ]


def plan_json(plan: Plan) -> JsonObject:
    """Return a plan as documents carry it."""
    deciding, provide = plan.deciding, plan.provide_by
    return {
        "unit": deciding.unit,
        "row": deciding.row,
        "article": plan.article,
        "path": deciding.path,
        "owners": deciding.owners,
        "deciders": deciding.deciders,
        "refusals": rows_json(plan.refusals),
        "hold": plan.hold,
        "provide_by": format_time(provide) if provide else None,
    }


def question_json(request: Request) -> JsonObject:
    """Return a question as documents carry it."""
    return {
        "request": request.id,
        "entry": request.entry,
        "at": format_time(request.at),
        "asker": request.asker,
        "act": request.act,
        "purpose": request.purpose,
        "spans": spans_json(request.spans),
        "until": format_time(request.until),
        "times": request.times,
        "unit": request.unit,
        "row": request.row,
        "owners": request.owners,
        "hold": request.hold,
        "provide_by": format_time(request.provide_by) if request.provide_by else None,
        "state": request.state,
        "decision": request.decision,
    }


def told_json(request: Request, desk: Desk) -> JsonObject:
    """Return a retrieval as its owning unit is told of it: what is owed, and whether it is late."""
    still = owed(desk.ledger, request)
    late = overdue(desk.ledger, request, desk.clock.now())
    return {**question_json(request), "owed": still, "late": late}


def grant_json(state: GrantState) -> JsonObject:
    """Return a grant, live or dead, as documents carry it."""
    return {
        "grant": state.grant,
        "request": state.request.id,
        "decision": state.decision,
        "act": state.request.act,
        "spans": spans_json(state.spans),
        "until": format_time(state.until),
        "times": state.times,
        "used": state.used,
        "live": not state.rows,
        "rows": rows_json(state.rows),
    }
