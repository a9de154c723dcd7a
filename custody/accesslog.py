"""The access log: every question, answer, grant, copy, sign-in and refusal, for auditors.

Read from the tree itself, page by page from the newest on; each row is the entry, so it can be
followed to its proof.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from custody.desk import Desk
from custody.facts import over_unit, standing_of
from custody.looks import decision_of, hidden_until
from custody.permission import refusals
from custody.refused import refuse_on_record
from custody.scan import scan
from custody.tree import Tree
from evidence.entry import Entry
from evidence.people import ORGANISATION, Actor
from evidence.ports import Ledger

GROUPS: Mapping[str, frozenset[str]] = {
    "requests": frozenset({"request.made", "request.withdrawn", "request.objected"}),
    "decisions": frozenset({"request.decided"}),
    "grants": frozenset({"grant.withdrawn"}),
    "copies": frozenset({"copy.opened", "copy.closed"}),
    "sign_ins": frozenset(
        {"session.opened", "session.closed", "sign_in.failed", "password.changed"}
    ),
    "refusals": frozenset({"access.refused"}),
}
EVERY = frozenset[str]().union(*GROUPS.values())
PAGE_LIMIT = 1000  # rows


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
    """Return a page of the access log.  Raises ``RefusedError`` after an entry of its own."""
    found = refusals("see_audit", over_unit(standing_of(desk, actor), ORGANISATION))
    if found:
        refuse_on_record(desk, actor, "see_audit", found)
    limit = max(1, min(wanted.limit, PAGE_LIMIT))
    rows: list[LogRow] = []
    for entry in _entries(desk, wanted):
        if len(rows) == limit:
            return LogPage(tuple(rows), rows[-1].entry.seq)
        rows.append(LogRow(entry, _hidden(entry, desk.ledger)))
    return LogPage(tuple(rows), None)


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
