"""Holds, marks and proposals as people read them, and as documents carry them."""

from collections.abc import Sequence

from appliance.asking import Shown
from appliance.call import Call
from appliance.commands_look import SHORT
from appliance.output import table
from custody.holds import may_read
from custody.keeping import Keeper
from custody.marks import HoldProposal, Mark
from evidence.codec import format_time
from evidence.json import JsonObject
from evidence.keeping import Hold, Scope


def block(call: Call, title: str, rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows under their title; nothing where there are none."""
    return [call.words(title), *table(rows, columns=call.terminal.columns)] if rows else []


def hold_rows(call: Call, holds: Sequence[Hold]) -> list[list[str]]:
    """Return holds in a few cells each, under a head."""
    if not holds:
        return []
    words, shown = call.words, Shown(call)
    names = ("hold", "reason", "article", "catches", "placed_by", "time", "state")
    return [
        [words(f"column.{name}") for name in names],
        *(
            [
                each.id[: len("h:") + SHORT],
                words(f"hold_reason.{each.reason}"),
                each.article,
                _scope_told(call, shown, each.scope),
                shown.person(each.by),
                shown.time(each.at),
                words(f"hold_state.{_state(each)}"),
            ]
            for each in holds
        ),
    ]


def _scope_told(call: Call, shown: Shown, scope: Scope) -> str:
    of, words = scope.of or "", call.words
    if scope.kind == "segments":
        return words("hold_scope.segments", count=len(scope.segments))
    if scope.kind == "case" or scope.since is None:
        return words("hold_scope.case", case=of[: len("c:") + SHORT])
    whose = of[: len("r:") + SHORT]
    if not of.startswith("r:"):
        whose = shown.person(of) if of.startswith("p:") else shown.unit(of)
    until = shown.time(scope.until) if scope.until else words("hold_scope.open")
    return words("hold_scope.window", of=whose, since=shown.time(scope.since), until=until)


def _state(hold: Hold) -> str:
    if hold.released is not None:
        return "released"
    return "standing" if hold.proposed is None else "release_proposed"


def mark_rows(call: Call, marks: Sequence[Mark]) -> list[list[str]]:
    """Return marks that nobody has decided, under a head."""
    shown = Shown(call)
    rows = [[str(m.sighting), m.segment[2 : 2 + SHORT], shown.time(m.at)] for m in marks]
    head = [call.words(f"column.{name}") for name in ("entry", "segment", "time")]
    return [head, *rows] if rows else []


def proposed_rows(call: Call, proposed: Sequence[HoldProposal]) -> list[list[str]]:
    """Return questions that propose a hold, under a head."""
    words, shown = call.words, Shown(call)
    rows = [
        [
            str(each.request.entry),
            each.request.id[: len("q:") + SHORT],
            words(f"purpose.{each.request.purpose}"),
            words(f"hold_reason.{each.reason}"),
            shown.time(each.request.at),
            str(len(each.request.spans)),
        ]
        for each in proposed
    ]
    names = ("entry", "request", "purpose", "reason", "time", "segments")
    return [[words(f"column.{name}") for name in names], *rows] if rows else []


def hold_json(hold: Hold) -> JsonObject:
    """Return a hold as documents carry it: without its private words."""
    scope = hold.scope
    return {
        "hold": hold.id,
        "entry": hold.entry,
        "reason": hold.reason,
        "article": hold.article,
        "kind": scope.kind,
        "segments": [each[2:] for each in scope.segments],
        "of": scope.of,
        "since": format_time(scope.since) if scope.since else None,
        "until": format_time(scope.until) if scope.until else None,
        "at": format_time(hold.at),
        "by": hold.by,
        "proposed": hold.proposed,
        "released": hold.released,
    }


def hold_words(keeper: Keeper, hold: Hold) -> JsonObject:
    """Return what a hold says in private, to who placed it and who leads over what it catches."""
    statement = keeper.desk.ledger.statement(hold.entry) if may_read(keeper, hold) else None
    facts = statement.facts if statement else {}
    return {"reference": facts.get("reference"), "words": facts.get("words")}


def proposed_json(proposal: HoldProposal) -> JsonObject:
    """Return what a question proposes as documents carry it."""
    request = proposal.request
    return {
        "entry": request.entry,
        "request": request.id,
        "purpose": request.purpose,
        "reason": proposal.reason,
        "at": format_time(request.at),
        "segments": [span.segment[2:] for span in request.spans],
    }


def mark_json(mark: Mark) -> JsonObject:
    """Return a mark as documents carry it; ``entry``: the sighting."""
    return {
        "entry": mark.sighting,
        "segment": mark.segment[2:],
        "at": format_time(mark.at),
    }
