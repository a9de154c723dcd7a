"""The access log: every question, answer, grant, copy, sign-in and refusal, for auditors.

Read from the tree itself, page by page from the newest on; each row is the entry, so it can be
followed to its proof.  Who reads it is written down before the first row is told: one entry for
each question, however many pages its answer has.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from custody.desk import Desk
from custody.facts import over_unit, standing_of
from custody.history import chain
from custody.looks import decision_of, hidden_until
from custody.permission import refusals
from custody.refused import refuse_on_record
from custody.scan import scan
from custody.tree import Tree
from evidence.codec import format_time
from evidence.entry import Draft, Entry
from evidence.ids import check_subject
from evidence.json import JsonObject
from evidence.people import ORGANISATION, Actor
from evidence.ports import Ledger

GROUPS: Mapping[str, frozenset[str]] = {
    "requests": frozenset({"request.made", "request.withdrawn", "request.objected"}),
    "decisions": frozenset({"request.decided"}),
    "grants": frozenset({"grant.withdrawn"}),
    "copies": frozenset({"copy.opened", "copy.closed"}),
    "sign_ins": frozenset(
        {"session.opened", "session.closed", "sign_in.failed", "password.changed", "code.given"}
    ),
    "refusals": frozenset({"access.refused"}),
    "readings": frozenset({"access_log.read"}),
}
EVERY = frozenset[str]().union(*GROUPS.values())
PAGE_LIMIT = 1000  # rows
SAME_READING = timedelta(hours=1)  # further pages belong to a question that is not older


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What to tell; empty fields do not filter.  ``subjects``: all of them must be in the row."""

    groups: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()  # p:, s:, q:, g:, u:, c:…; an actor counts as one
    since: datetime | None = None
    until: datetime | None = None  # not included
    before: int | None = None  # ``LogPage.next`` of the page before
    limit: int = 100


@dataclass(frozen=True, slots=True)
class LogRow:
    """One entry.  ``hidden_until``: its decision hides it from who appears in it, until then."""

    entry: Entry
    hidden_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some rows, newest first; ``next`` is for ``LogFilter.before``, None at the end."""

    rows: tuple[LogRow, ...]
    next: int | None


def access_log(desk: Desk, actor: Actor, wanted: LogFilter) -> LogPage:
    """Return a page of the access log, after the entry that it was read (``access_log.read``).

    Raises ``RefusedError`` after an entry of its own, ``MalformedError`` for a subject that is no
    id: what somebody typed must not get into an entry.
    """
    found = refusals("see_audit", over_unit(standing_of(desk, actor), ORGANISATION))
    if found:
        refuse_on_record(desk, actor, "see_audit", found)
    _write_down(desk, actor, wanted)
    limit = max(1, min(wanted.limit, PAGE_LIMIT))
    rows: list[LogRow] = []
    for entry in _entries(desk, wanted):
        if len(rows) == limit:
            return LogPage(tuple(rows), rows[-1].entry.seq)
        rows.append(LogRow(entry, _hidden(entry, desk.ledger)))
    return LogPage(tuple(rows), None)


def _write_down(desk: Desk, actor: Actor, wanted: LogFilter) -> None:
    """Write who reads what of the log, unless this is a further page of what was written."""
    asked: JsonObject = {
        "groups": [name for name in GROUPS if name in wanted.groups],
        "subjects": sorted({check_subject(each) for each in wanted.subjects}),
        "since": format_time(wanted.since) if wanted.since else None,
        "until": format_time(wanted.until) if wanted.until else None,
        "where": actor.where,
    }
    if wanted.before is None or not _asked(desk, actor, asked):
        desk.ledger.append([Draft("access_log.read", actor.id, (actor.id,), asked)])


def _asked(desk: Desk, actor: Actor, asked: JsonObject) -> bool:
    """Return whether this reader asked exactly this a while ago."""
    begin = desk.clock.now() - SAME_READING
    for entry in chain(actor.id, desk.ledger):
        if entry.at < begin:
            break
        if entry.type == "access_log.read" and entry.body == asked:
            return True
    return False


def _entries(desk: Desk, wanted: LogFilter) -> Iterator[Entry]:
    groups = [GROUPS[name] for name in wanted.groups if name in GROUPS]
    kinds = frozenset[str]().union(*groups) if wanted.groups else EVERY
    period = {"since": wanted.since, "until": wanted.until}
    found = scan(Tree(desk.tiles), kinds, wanted.subjects, before=wanted.before, **period)
    for entry in found:
        if all(_concerns(entry, each) for each in wanted.subjects):
            yield entry


def _concerns(entry: Entry, subject: str) -> bool:
    """Return whether an entry is about a subject, done by it, or refuses something of it."""
    refused = entry.body.get("of")
    of_it = isinstance(refused, list) and subject in refused
    return of_it or subject in entry.about or subject == entry.actor


def _hidden(entry: Entry, ledger: Ledger) -> datetime | None:
    """Return until when an entry about a grant, or the decision itself, is hidden from officers."""
    if entry.type == "request.decided":
        return hidden_until(entry)
    grant = next((each for each in entry.about if each.startswith("g:")), None)
    return hidden_until(decision_of(grant, ledger)) if grant else None
