"""What the entries of people become in the catalogue: a form for each type.

A form names every field of the body with what it must be, so that a body without its fields is
named (``unreadable``) and not taken for one that says nothing; and which of them are columns.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from evidence.canonical import encode
from evidence.entry import Entry, Statement
from evidence.errors import MalformedError
from evidence.json import JsonObject
from vault.fields import (
    flag,
    items,
    number,
    number_or_none,
    objects,
    sub,
    text,
    text_or_none,
    time,
    time_or_none,
)
from vault.grams import grams
from vault.rows import Row, Rows, Value, docking_of, subject_of

Read = Callable[[JsonObject, str], object]
Project = Callable[[Entry, Statement | None], Rows]
_LABEL_WORDS = ("cause", "party", "case_number", "place", "words")


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a body; ``table`` gets those in ``columns``, ``private`` those of ``facts``."""

    fields: Mapping[str, Read]
    table: str | None = None
    columns: tuple[str, ...] = ()
    private: str | None = None
    facts: Mapping[str, Read] = field(default_factory=dict)

    def row(self, entry: Entry) -> Row:
        """Return the row of the entry; raises ``MalformedError`` for a field that is not so."""
        read = {name: reader(entry.body, name) for name, reader in self.fields.items()}
        return {"entry": entry.seq, **{name: _plain(read[name]) for name in self.columns}}

    def rows(self, entry: Entry, statement: Statement | None) -> Rows:
        """Yield the row, and what the statement says of it."""
        row = self.row(entry)
        if self.table:
            yield self.table, row
        if self.private and statement:
            told = {name: _plain(read(statement.facts, name)) for name, read in self.facts.items()}
            yield self.private, {"entry": entry.seq, **told}


def maybe(read: Read) -> Read:
    """Return what reads a field that may be null, but must be there."""

    def given(source: JsonObject, name: str) -> object:
        if name not in source:
            raise MalformedError("entry_malformed", field=name)
        return None if source[name] is None else read(source, name)

    return given


def _plain(value: object) -> Value:
    return value if isinstance(value, bool | int | str) else None


_TERM = {"person": text, "unit": text}
_REASON: Mapping[str, Read] = {"reason": text}
_ROLE: Mapping[str, Read] = {**_TERM, "role": text}
_HANDED: Mapping[str, Read] = {
    **_TERM,
    "recorder": text,
    "at": time,
    "due": maybe(time),
    "battery": maybe(number),
    "free_bytes": maybe(number),
    "clock_offset_ms": maybe(number),
}
_BOUND: Mapping[str, Read] = {"recorder": text, "person": maybe(text), "unit": text}
_CORRECTED: Mapping[str, Read] = {
    **_BOUND,
    "corrects": number,
    "since": time,
    "until": maybe(time),
    "void": flag,
}
_UNIT = Form({"unit": text, "parent": text, "enforcing": flag})
_PERSON, _WHO = Form(_TERM), Form({"person": text})
_SAID = Form({"request": text}, "request_words", ("request",), "request_words_private", _REASON)
_SESSION = Form(
    {"session": text, "by": text, "where": text, "because": maybe(text)},
    "sessions",
    ("session", "by", "where", "because"),
)
_LABEL = Form(
    {
        "act": text,
        "items": maybe(sub),
        "item": maybe(text),
        "step": maybe(text),
        "no_case": maybe(text),
        "complete": flag,
        "sensitivity": text,
        "corrects": maybe(number),
    },
    "labels",
    ("item", "step", "no_case", "complete", "sensitivity", "corrects"),
)
_EXPLAINED = Form(
    {"seams": number, "seam": number, "reason": text, "spoken": flag},
    "gap_explanations",
    ("seams", "seam", "reason", "spoken"),
)
_ANSWERED = Form({"explained": number, "answer": text}, "gap_answers", ("explained", "answer"))
_DECIDED = Form(
    {
        "answer": text,
        "act": text,
        "requests": objects,
        "spans": objects,
        "until": time,
        "times": number,
        "approver": text,
        "row": text,
        "path": items,
        "rules": text_or_none,  # of decisions before there was such a field
        "confidential_until": maybe(time),
        "signature": maybe(sub),
    },
    "decisions",
    ("answer", "act", "until", "times", "approver", "row", "confidential_until"),
    "decision_private",
    _REASON,
)
_FAILED = Form(
    {"count": number, "since": time, "until": time, "because": objects},
    "sign_in_failures",
    ("count", "since", "until"),
)
_REFUSED = Form({"act": text, "rows": objects, "of": items}, "refusals", ("act",))


def _labelled(entry: Entry, statement: Statement | None) -> Rows:
    segment = subject_of(entry, "s:")
    if segment is None:
        raise MalformedError("entry_malformed", field="about", entry=entry.seq)
    case = subject_of(entry, "c:")
    told: Row = {"list": _list_of(entry), "case": case}
    yield "labels", {**_LABEL.row(entry), "sha256": segment.removeprefix("s:"), **told}
    for person in sorted(each for each in entry.about if each.startswith("p:")):
        yield "label_people", {"entry": entry.seq, "person": person}
    if statement:
        said = {name: text_or_none(statement.facts, name) for name in _LABEL_WORDS}
        yield "label_private", {"entry": entry.seq, **said, "grams": grams(said.values())}


def _list_of(entry: Entry) -> str | None:
    return None if entry.body.get("items") is None else text(sub(entry.body, "items"), "name")


def _explained(entry: Entry, statement: Statement | None) -> Rows:
    yield "gap_explanations", {**_EXPLAINED.row(entry), "docking": docking_of(entry)}
    yield from _gap_words(entry, statement)


def _answered(entry: Entry, statement: Statement | None) -> Rows:
    yield from _ANSWERED.rows(entry, None)
    yield from _gap_words(entry, statement)


def _gap_words(entry: Entry, statement: Statement | None) -> Rows:
    if statement:
        yield "gap_private", {"entry": entry.seq, "words": text(statement.facts, "words")}


def _decided(entry: Entry, statement: Statement | None) -> Rows:
    signed = entry.body.get("signature") is not None
    (table, row), *private = _DECIDED.rows(entry, statement)
    yield table, {**row, "signed": signed}
    for n, each in enumerate(objects(entry.body, "requests")):
        answered: Row = {"request": text(each, "request"), "grant": text_or_none(each, "grant")}
        yield "decision_requests", {"entry": entry.seq, "n": n, **answered}
    yield from private


def _refused(entry: Entry, _statement: Statement | None) -> Rows:
    rows = encode(list(objects(entry.body, "rows"))).decode()
    yield "refusals", {**_REFUSED.row(entry), "rows": rows}


def _failed(entry: Entry, statement: Statement | None) -> Rows:
    yield from _FAILED.rows(entry, None)
    for n, line in enumerate(statement.lines if statement else ()):
        who: Row = {name: text_or_none(line, name) for name in ("account", "address")}
        yield (
            "sign_in_failure_private",
            {"entry": entry.seq, "n": n, **who, "count": number(line, "count")},
        )


_REQUEST = Form(
    {
        "request": text,
        "act": text,
        "purpose": text,
        "article": text,
        "spans": objects,
        "until": time,
        "times": number,
        "unit": text,
        "row": text,
        "path": items,
        "owners": items,
        "case": maybe(text),
        "hold": number_or_none,  # questions of an earlier version have neither
        "provide_by": time_or_none,
    },
    "requests",
    ("request", "act", "purpose", "article", "until", "times", "unit", "row", "case"),
    "request_private",
    {"case_number": text_or_none, "reason": text, "recipient": text_or_none},
)
_KEY = Form(
    {
        **dict.fromkeys(("person", "fmt", "use", "credential", "public", "rp"), text),
        "device_bound": maybe(flag),
        "signer": maybe(text),
        "by": items,
    }
)
_OPENED = Form(
    {"grant": text, "use": number, "spans": objects, "where": text},
    "looks",
    ("grant", "use", "where"),
)
_CLOSED = Form(
    {"opened": number, "bytes": number, "spans": objects, "how": text},
    "look_ends",
    ("opened", "bytes", "how"),
)

# In the order of evidence.entry.ENTRY_TYPES.
DESK: Mapping[str, Project] = {
    "organisation.founded": Form({"hosts": sub}).rows,
    "unit.added": _UNIT.rows,
    "unit.moved": _UNIT.rows,
    "person.enrolled": _PERSON.rows,
    "person.corrected": _PERSON.rows,
    "person.suspended": _WHO.rows,
    "person.restored": _WHO.rows,
    "role.granted": Form({**_ROLE, "since": time, "until": maybe(time)}).rows,
    "role.revoked": Form({**_ROLE, "granted": number}).rows,
    "key.registered": _KEY.rows,
    "key.revoked": Form({"person": text, "key": number}).rows,
    "rules.adopted": Form(dict.fromkeys(("rules", "name", "version", "sha256"), text)).rows,
    "recorder.bound": Form({**_BOUND, "since": time}).rows,
    "recorder.unbound": Form({**_BOUND, "until": time}).rows,
    "recorder.corrected": Form(_CORRECTED).rows,
    "handover.out": Form(_HANDED).rows,
    "handover.in": Form(_HANDED).rows,
    "holder.resolved": Form({**_TERM, "sighting": number}).rows,
    "segment.labelled": _labelled,
    "gap.explained": _explained,
    "gap.answered": _answered,
    "request.made": _REQUEST.rows,
    "request.withdrawn": _SAID.rows,
    "request.objected": _SAID.rows,
    "request.decided": _decided,
    "grant.withdrawn": Form(
        {"grant": text}, "grant_ends", ("grant",), "grant_end_private", _REASON
    ).rows,
    "copy.opened": _OPENED.rows,
    "copy.closed": _CLOSED.rows,
    "access.refused": _refused,
    "session.opened": _SESSION.rows,
    "session.closed": _SESSION.rows,
    "sign_in.failed": _failed,
    "password.changed": Form({"outcome": text}).rows,
    "code.given": Form({"person": text, "until": time}).rows,
    "access_log.read": Form(
        {
            "groups": items,
            "subjects": items,
            "since": maybe(time),
            "until": maybe(time),
            "where": text,
        }
    ).rows,
}
