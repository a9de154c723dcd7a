"""``gaps``, ``gap``: where a recording broke off, why, and whether that is accepted."""

from collections.abc import Callable, Mapping

from appliance.call import Call
from appliance.commands_look import SHORT
from appliance.mine import since_of, whose
from appliance.output import Answer, table
from appliance.signed_in import actor
from appliance.words import Words, printable
from custody import gaps as rules
from custody import mine
from custody.gaps import Explanation, Gap, Verdict
from custody.listing import listing_for
from evidence.errors import UsageError
from evidence.json import JsonObject

SETTLED = frozenset({"accepted"})


def gaps(call: Call) -> Answer:
    """List the gaps of a person or of a docking that are not settled, or all of them."""
    found, more = _of_docking(call) if call.arguments.docking else _of_person(call)
    rows = [each for each in found if call.arguments.all or each.state not in SETTLED]
    lines = _shown(rows, call) if rows else [call.words("gaps.none")]
    if more:
        lines.append(call.words("mine.more"))
    return Answer({"gaps": [_json(call, each) for each in rows], "more": more}, lines)


def _of_docking(call: Call) -> tuple[list[Gap], bool]:
    if call.arguments.person:
        raise UsageError("gaps_which")
    listing = listing_for(call.services.desk, actor(call))
    docking = call.services.docking(call.arguments.docking)
    found = rules.gaps_of(call.services.desk.ledger, docking)
    return [each for each in found if all(map(listing.may, each.segments))], False


def _of_person(call: Call) -> tuple[list[Gap], bool]:
    person, listing = whose(call)
    listed = mine.sightings_of(call.services.desk, person, since_of(call))
    return list(mine.gaps(call.services.desk, listed, listing.may)), listed.more


def explain(call: Call) -> Answer:
    """Say why a recording broke off."""
    asked = call.arguments
    why = Explanation(asked.reason, asked.words, asked.spoken)
    entry = rules.explain(call.services.desk, actor(call), _gap(call), why)
    return Answer({"gap": asked.gap, "entry": entry}, [call.words("gap.explained", entry=entry)])


def accept(call: Call) -> Answer:
    """Accept the explanation of a gap."""
    return _answered(call, "accepted")


def give_back(call: Call) -> Answer:
    """Give the explanation of a gap back, with the words that say why."""
    return _answered(call, "returned")


def _answered(call: Call, verdict: Verdict) -> Answer:
    asked = call.arguments
    entry = rules.answer(call.services.desk, actor(call), _gap(call), verdict, asked.words)
    document = {"gap": asked.gap, "entry": entry, "answer": verdict}
    return Answer(document, [call.words(f"gap.{verdict}", entry=entry)])


def _gap(call: Call) -> Gap:
    """Return the gap by its name, as ``gaps`` shows it: entry and place, with a point between."""
    text = call.arguments.gap
    seams, _, seam = text.partition(".")
    if not (seams.isdecimal() and seam.isdecimal() and text.isascii()):
        raise UsageError("gap_name", text=text)
    return rules.gap(call.services.desk.ledger, int(seams), int(seam))


def _shown(rows: list[Gap], call: Call) -> list[str]:
    words = call.words
    head = [words(f"column.{name}") for name in ("gap", "what", "segment", "state", "because")]
    cells = [_row(each, words, _said(call, each)) for each in rows]
    return table([head, *cells], give=len(head) - 1, columns=call.terminal.columns)


def _row(gap: Gap, words: Words, said: JsonObject | None) -> list[str]:
    sides = (each[2 : 2 + SHORT] if each else "–" for each in (gap.before, gap.after))
    reason = words(f"gap_reason.{said['reason']}") if said else ""
    told = printable(said["words"] or "") if said else ""
    return [
        f"{gap.seams}.{gap.seam}",
        words(f"seam_told.{gap.kind}", ms=gap.ms),
        " → ".join(sides),
        words(f"gap_state.{gap.state}"),
        words("list.comma").join(each for each in (reason, told) if each),
    ]


def _said(call: Call, gap: Gap) -> JsonObject | None:
    """Return the newest explanation; its words are null once its key is destroyed."""
    if gap.explained is None:
        return None
    ledger = call.services.desk.ledger
    body, statement = ledger.entry(gap.explained).body, ledger.statement(gap.explained)
    words = statement.facts.get("words") if statement else None
    return {"reason": body["reason"], "spoken": body["spoken"], "words": words}


def _json(call: Call, gap: Gap) -> JsonObject:
    return {
        "gap": f"{gap.seams}.{gap.seam}",
        "docking": gap.docking,
        "kind": gap.kind,
        "ms": gap.ms,
        "before": gap.before.removeprefix("s:") if gap.before else None,
        "after": gap.after.removeprefix("s:") if gap.after else None,
        "state": gap.state,
        "explained": gap.explained,
        "explanation": _said(call, gap),
    }


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {
    "gaps": gaps,
    "gap explain": explain,
    "gap accept": accept,
    "gap return": give_back,
}
