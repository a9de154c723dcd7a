"""``request``, ``inbox``, ``decide``, ``grants``, ``why``: questions and their answers."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from appliance import commands_key, commands_rules
from appliance.asking import (
    Shown,
    grant_json,
    grant_of,
    plan_json,
    question_json,
    question_of,
    rows_json,
    segment_of,
    spans_of,
    told_json,
    until_of,
)
from appliance.call import Call
from appliance.exits import Exit
from appliance.output import Answer, table
from appliance.signed_in import actor
from appliance.signing import DIGEST_SHOWN, approval_by_file
from custody.decide import Answer as Said
from custody.decide import Proposal, decide, propose
from custody.desk import Desk
from custody.grants import grants_of, withdraw_grant
from custody.names import find_person
from custody.plans import LETTER_LIMIT_BYTES, Letter, Wanted, plan_request
from custody.register import read_register
from custody.requests import ask, asked_by, inbox, object_to, told, withdraw
from custody.why import why
from evidence.asking import Request
from evidence.codec import format_time
from evidence.errors import UsageError, VaultUnavailableError
from evidence.json import JsonObject
from evidence.people import ORGANISATION, Actor

TYPED_LIMIT = 100  # characters of an answer to yes or no


def request(call: Call) -> Answer:
    """Say who decides and what refuses; then, where somebody says yes, ask."""
    who, desk, shown = actor(call), call.services.desk, Shown(call)
    wanted = _wanted(call)
    plan = plan_request(desk, who, wanted)
    told_plan = {"plan": plan_json(plan)}
    if call.arguments.dry_run:
        code = Exit.REFUSED if plan.refusals else Exit.OK
        return Answer({**told_plan, "question": None}, shown.plan(plan), code)
    if not plan.refusals:  # what is refused is refused on record, whoever would say no here
        _confirm(call, shown.plan(plan))
    asked = ask(desk, who, wanted)
    lines = [call.words("request.sent", request=asked.id, entry=asked.entry)]
    if asked.hold is not None:
        lines.append(call.words("plan.hold", reason=asked.hold))
    return Answer({**told_plan, "question": question_json(asked)}, lines)


def _wanted(call: Call) -> Wanted:
    asked = call.arguments
    until = until_of(call, asked.until)
    if until is None:
        raise UsageError("question_incomplete", field="until")
    return Wanted(
        act=asked.act,
        spans=spans_of(call, asked.segment, asked.slices),
        purpose=asked.purpose,
        until=until,
        reason=asked.reason,
        times=asked.times,
        case_number=asked.case,
        recipient=asked.recipient,
        letter=_letter(asked.letter, asked.letter_copy),
    )


def _letter(number: str | None, copy: str | None) -> Letter | None:
    if number is None:
        return None
    if copy is None:
        return Letter(number)
    try:
        with Path(copy).open("rb") as opened:
            return Letter(number, opened.read(LETTER_LIMIT_BYTES + 1))
    except OSError as error:
        raise VaultUnavailableError("file_unreadable", path=copy) from error


def _confirm(call: Call, lines: list[str]) -> None:
    """Ask whether to go on; where nobody sits at a terminal, ``--yes`` must have said it."""
    if call.arguments.yes:
        return
    if call.terminal.json or not sys.stdin.isatty():
        raise UsageError("not_confirmed")
    for line in (*lines, call.words("request.confirm")):
        call.terminal.complain(line)
    if sys.stdin.readline(TYPED_LIMIT).strip().lower() not in {"yes", "y", "是"}:
        raise UsageError("not_confirmed")


def show_inbox(call: Call) -> Answer:
    """List what somebody may answer, what their unit is told of, and what they have asked."""
    who, desk, shown = actor(call), call.services.desk, Shown(call)
    parts = {"answer": inbox(desk, who), "told": told(desk, who), "asked": asked_by(desk, who.id)}
    lines: list[str] = []
    for name, found in parts.items():
        if found:
            lines += [
                call.words(f"inbox.{name}"),
                *(_told if name == "told" else _questions)(call, shown, found),
            ]
    fields = {name: [question_json(each) for each in found] for name, found in parts.items()}
    fields["told"] = [told_json(each, desk) for each in parts["told"]]
    return Answer(fields, lines or [call.words("inbox.none")])


_QUESTION = ("request", "state", "act", "purpose", "asker", "unit", "until", "segments")


def _questions(call: Call, shown: Shown, found: tuple[Request, ...]) -> list[str]:
    head = [call.words(f"column.{name}") for name in _QUESTION]
    return table([head, *(shown.question(each) for each in found)], columns=call.terminal.columns)


def _told(call: Call, shown: Shown, found: tuple[Request, ...]) -> list[str]:
    head = [call.words(f"column.{name}") for name in (*_QUESTION, "provide_by")]
    return table([head, *(shown.told(each) for each in found)], columns=call.terminal.columns)


def take_back(call: Call) -> Answer:
    """Take one's own question back."""
    return _say(call, withdraw, "request.withdrawn")


def objection(call: Call) -> Answer:
    """Object, for the owning unit, to a retrieval from above."""
    return _say(call, object_to, "request.objected")


def _say(call: Call, act: Callable[[Desk, Actor, str, str], int], key: str) -> Answer:
    who = actor(call)
    question = question_of(call, who, call.arguments.question)
    entry = act(call.services.desk, who, question, call.arguments.reason)
    told_so = call.words(key, request=question, entry=entry)
    return Answer({"request": question, "entry": entry}, [told_so])


def decide_them(call: Call) -> Answer:
    """Approve or refuse questions, with a signature over exactly this answer."""
    who, desk = actor(call), call.services.desk
    proposal = propose(desk, who, _said(call, who))
    body = proposal.draft.body
    fields: JsonObject = {"proposal": body, "digest": proposal.challenge.hex()}
    lines = _proposed(call, proposal)
    if call.arguments.dry_run:
        return Answer({**fields, "entry": None, "grants": []}, lines)
    _confirm(call, lines)
    entry = decide(desk, who, proposal, approval_by_file(call, who, proposal.challenge))
    grants = [each for each in proposal.draft.about if each.startswith("g:")]
    done = call.words(f"decide.{call.arguments.answer}", entry=entry)
    made = [call.words("decide.grant", grant=grant) for grant in grants]
    return Answer({**fields, "entry": entry, "grants": grants}, [done, *made])


def _said(call: Call, who: Actor) -> Said:
    asked = call.arguments
    return Said(
        answer=asked.answer,
        requests=tuple(question_of(call, who, text) for text in asked.question),
        reason=asked.reason or "",
        spans=spans_of(call, asked.only, asked.slices) if asked.only else None,
        until=until_of(call, asked.until),
        times=asked.times,
        confidential_until=until_of(call, asked.confidential_until),
    )


def _proposed(call: Call, proposal: Proposal) -> list[str]:
    shown, words = Shown(call), call.words
    first = proposal.requests[0]
    lines = [words(f"decide.will_{call.arguments.answer}", act=words(f"does.{first.act}"))]
    lines += _questions(call, shown, proposal.requests)
    body = proposal.draft.body
    if body["answer"] == "approve":
        until = min(each.until for each in proposal.requests)
        until = until_of(call, call.arguments.until) or until
        lines.append(words("decide.terms", until=shown.until(until), times=body["times"]))
    return [*lines, words("decide.digest", digest=proposal.challenge.hex()[:DIGEST_SHOWN])]


def list_grants(call: Call) -> Answer:
    """List the grants of who sits here: the live ones, and why others are none any more."""
    who, shown = actor(call), Shown(call)
    found = grants_of(call.services.desk, who.id)
    names = ("grant", "act", "used", "until", "segments", "state")
    head = [call.words(f"column.{name}") for name in names]
    rows = [head, *(shown.grant(each) for each in found)]
    lines = table(rows, columns=call.terminal.columns) if found else [call.words("grants.none")]
    return Answer({"grants": [grant_json(each) for each in found]}, lines)


def end_grant(call: Call) -> Answer:
    """End a grant at once."""
    who = actor(call)
    grant = grant_of(call, who, call.arguments.grant)
    entry = withdraw_grant(call.services.desk, who, grant, call.arguments.reason)
    return Answer(
        {"grant": grant, "entry": entry}, [call.words("grants.ended", grant=grant, entry=entry)]
    )


def tell_why(call: Call) -> Answer:
    """Tell whether somebody may do something, and every rule in the way."""
    who, desk, asked, shown = actor(call), call.services.desk, call.arguments, Shown(call)
    person = find_person(desk.ledger, read_register(desk.ledger), asked.person)
    subject = _subject(call, asked.subject)
    rows = why(desk, who, person, asked.act, subject)
    act = call.words(f"does.{asked.act}")
    key = "why.no" if rows else "why.yes"
    lines = [call.words(key, person=shown.person(person), act=act), *map(shown.row, rows)]
    fields = {"person": person, "act": asked.act, "subject": subject, "may": not rows}
    at = format_time(desk.clock.now())
    return Answer({**fields, "at": at, "rows": rows_json(rows)}, lines)


def _subject(call: Call, text: str | None) -> str:
    """Return a subject id: as it was typed with its kind, else the segment that begins so."""
    if text is None:
        return ORGANISATION
    return text if text[:2] in {"q:", "g:", "u:", "p:"} else segment_of(call, text)


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {
    "request": request,
    "inbox": show_inbox,
    "withdraw": take_back,
    "object": objection,
    "decide": decide_them,
    "grants": list_grants,
    "grant end": end_grant,
    "why": tell_why,
    **commands_rules.COMMANDS,
    **commands_key.COMMANDS,
}
