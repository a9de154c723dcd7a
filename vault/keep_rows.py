"""What the entries of keeping become in the catalogue: a form for each type (``desk_rows``)."""

from collections.abc import Mapping

from evidence.entry import Entry, Statement
from evidence.errors import MalformedError
from evidence.json import JsonObject
from vault.desk_rows import Form, Project, Read, maybe
from vault.fields import (
    items,
    number,
    number_or_none,
    sub,
    text,
    text_or_none,
    time,
    time_or_none,
)
from vault.rows import Row, Rows

_PROPOSED = Form(
    {"policy": sub, "sha256": text, "replaces": maybe(text)}, "policies", ("sha256", "replaces")
)
_ADOPTED = Form(
    {"proposed": number, "name": text, "version": text, "sha256": text},
    "policy_answers",
    ("proposed",),
)
_WITHDRAWN = Form({"proposed": number}, "policy_answers", ("proposed",))
_HOLD = Form(
    {"hold": text, "reason": text, "article": text, "scope": sub, "answers": maybe(number)},
    "holds",
    ("hold", "reason", "article", "answers"),
    "hold_private",
    {"reference": text, "words": text},
)
_STEP = {"hold": text}
_STEPS: Mapping[str, tuple[Form, str | None]] = {  # and the field of the statement with its words
    "release_proposed": (Form({**_STEP, "ground": text}), "reference"),
    "released": (Form({**_STEP, "proposed": number, "ground": text}), None),
    "release_refused": (Form({**_STEP, "proposed": number}), "reason"),
}
_CASE = Form({"case": text, "closed_on": text}, "case_days", ("case", "closed_on"))
_DISPOSAL: Mapping[str, Read] = {"disposal": text}
_BY_TIME: Mapping[str, Read] = {"now": time, "source": text}
_NAMED = ("disposals", ("disposal",))
_DISPOSALS: Mapping[str, Form] = {
    "proposed": Form(
        {
            **_DISPOSAL,
            **_BY_TIME,
            "act": text,
            "part": number,
            "parts": number,
            "count": number,
            "bytes": number,
            "root": text,
            "law": items,
            "policies": items,
            "warning_until": time,
        },
        *_NAMED,
    ),
    "approved": Form({**_DISPOSAL, **_BY_TIME, "proposed": number, "undo_until": time}, *_NAMED),
    "undone": Form(_DISPOSAL, *_NAMED),
    "done": Form({**_DISPOSAL, "disposed": number, "spared": number}, *_NAMED),
}
_DECIDED = Form({**_DISPOSAL, "count": number})
_SPARED = Form({**_DISPOSAL, "because": items})
_WEEK_COUNTS = ("segments", "bytes", "dockings", "late", "unlabelled", "open_gaps", "out", "more")
_WEEK = Form(
    {
        **dict.fromkeys(("unit", "week", "zone"), text),
        **dict.fromkeys(("since", "until", "counted_at"), time),
        **dict.fromkeys((*_WEEK_COUNTS, "late_after_s"), number),
        "missing": items,
        "closes_again": maybe(number),
        "checkpoint": sub,
    },
    "week_closings",
    ("unit", "week", "closes_again"),
)
_ALARM_ANSWER = Form(
    {"alarm": number, "same": text, "answer": text, "audit": maybe(number)},
    "alarm_answers",
    ("alarm", "same", "answer"),
)
_EXECUTED = Form({**_DISPOSAL, "segments": items})
_TOMBSTONE = Form(
    {**_DISPOSAL, **_BY_TIME, "sha256": text, "grounds": items},
    "tombstones",
    ("sha256", "disposal"),
)
_ATTESTED = Form({"day": text, "first": maybe(number)}, "attested_days", ("day", "first"))


def _proposed(entry: Entry, _statement: Statement | None) -> Rows:
    pack = sub(entry.body, "policy")
    named: Row = {"name": text(pack, "name"), "version": text(pack, "version")}
    yield "policies", {**_PROPOSED.row(entry), **named}


def _adopted(entry: Entry, _statement: Statement | None) -> Rows:
    yield "policy_answers", {**_ADOPTED.row(entry), "adopted": True}


def _withdrawn(entry: Entry, _statement: Statement | None) -> Rows:
    yield "policy_answers", {**_WITHDRAWN.row(entry), "adopted": False}


def _placed(entry: Entry, statement: Statement | None) -> Rows:
    scope = sub(entry.body, "scope")
    (table, row), *private = _HOLD.rows(entry, statement)
    window = {name: time_or_none(scope, name) for name in ("since", "until")}
    yield table, {**row, "kind": text(scope, "kind"), "of": text_or_none(scope, "of"), **window}
    for n, segment in enumerate(_segments(scope)):
        yield "hold_segments", {"entry": entry.seq, "n": n, "sha256": segment.removeprefix("s:")}
    yield from private


def _segments(scope: JsonObject) -> list[str]:
    if scope.get("segments") is None:
        return []
    return [text({"segments": each}, "segments") for each in items(scope, "segments")]


def _step(entry: Entry, statement: Statement | None) -> Rows:
    step = entry.type.partition(".")[2]
    form, words = _STEPS[step]
    form.row(entry)
    ground = text_or_none(entry.body, "ground")
    told: Row = {"entry": entry.seq, "hold": text(entry.body, "hold"), "step": step}
    yield "hold_steps", {**told, "ground": ground}
    if statement and words:
        yield "hold_step_private", {"entry": entry.seq, "words": text(statement.facts, words)}


def _answer(entry: Entry, statement: Statement | None) -> Rows:
    """Yield what somebody said of a sighting or of a question: either is named by its entry."""
    named = [number_or_none(entry.body, name) for name in ("sighting", "request")]
    of = next((each for each in named if each is not None), None)
    if of is None:
        field = "sighting" if entry.type == "mark.resolved" else "request"
        raise MalformedError("entry_malformed", field=field)
    yield "hold_answers", {"entry": entry.seq, "of": of, "answer": text(entry.body, "answer")}
    if statement:
        told: Row = {"entry": entry.seq, "reason": text(statement.facts, "reason")}
        yield "hold_answer_private", told


def _case(entry: Entry, _statement: Statement | None) -> Rows:
    yield "case_days", {**_CASE.row(entry), "closed": entry.type == "case.closed"}


def _disposal(entry: Entry, _statement: Statement | None) -> Rows:
    step = entry.type.rpartition(".")[2]
    yield "disposals", {**_DISPOSALS[step].row(entry), "step": step}


# In the order of evidence.entry.ENTRY_TYPES.
KEEP: Mapping[str, Project] = {
    "policy.proposed": _proposed,
    "policy.adopted": _adopted,
    "policy.withdrawn": _withdrawn,
    "hold.placed": _placed,
    "hold.release_proposed": _step,
    "hold.released": _step,
    "hold.release_refused": _step,
    "mark.resolved": _answer,
    "proposal.declined": _answer,
    "case.closed": _case,
    "case.reopened": _case,
    "time.attested": _ATTESTED.rows,
    "disposal.proposed": _disposal,
    "disposal.approved": _disposal,
    "disposal.undone": _disposal,
    "disposal.decided": _DECIDED.rows,
    "segment.disposed": _TOMBSTONE.rows,
    "segment.spared": _SPARED.rows,
    "disposal.executed": _EXECUTED.rows,
    "disposal.done": _disposal,
    "week.closed": _WEEK.rows,
    "alarm.acknowledged": _ALARM_ANSWER.rows,
}
