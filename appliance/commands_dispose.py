"""``dispose``, ``disposed``: two people decide what is destroyed; the keeper does it."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from appliance.asking import Shown, segment_of
from appliance.call import Call
from appliance.commands_look import SHORT, zone_of
from appliance.deciding import deciding_for
from appliance.keeper import Keeping
from appliance.output import Answer, table
from appliance.progress import Progress
from appliance.signed_in import actor
from appliance.signing import DIGEST_SHOWN, approval_by_file
from custody.clockwatch import now_of, odd_clock
from custody.destroy import Ran
from custody.disposal_list import disposals_for, due_of
from custody.disposals import disposals_of, load_disposal
from custody.disposing import (
    approve_disposal,
    propose_approval,
    propose_disposal,
    undo_disposal,
)
from custody.judging import Judges, Look
from custody.keeping import begin_keeping
from custody.listing import listing_for
from custody.outside import AttestedTime
from custody.tombstone import Remains, remains_of
from evidence.codec import format_time
from evidence.disposal import Disposal, Now
from evidence.errors import CustodyError, UsageError
from evidence.json import Json, JsonObject

START_LEAST = 6  # digits of an id that somebody types
LISTED_LIMIT = 1000


def propose(call: Call) -> Answer:
    """Propose that segments are destroyed: those named, or all that are due."""
    asked, who, desk = call.arguments, actor(call), call.services.desk
    now, look = _now(call), _look(call)
    if asked.due == bool(asked.segments):
        raise UsageError("dispose_which")
    listed = due_of(deciding_for(call, who, now.at)) if asked.due else _named(call)
    if not listed:
        raise CustodyError("nothing_due", now=format_time(now.at), source=now.source)
    found = propose_disposal(desk, who, look, listed, asked.reason, now=now)
    until = Shown(call).time(found.warning_until)
    told = call.words(
        "dispose.proposed", disposal=found.id, count=len(found.segments), size=found.bytes,
        until=until,
    )  # fmt: skip
    return Answer({"disposal": disposal_json(found)}, [told])


def _named(call: Call) -> list[str]:
    return list(dict.fromkeys(segment_of(call, text) for text in call.arguments.segments))


def approve(call: Call) -> Answer:
    """Approve what another person has proposed, with a signature over exactly this list."""
    asked, who, desk = call.arguments, actor(call), call.services.desk
    look, named = _look(call), _disposal(call)
    approving = propose_approval(desk, who, look, named, asked.reason, now=_now(call))
    signed = approval_by_file(call, who, approving.challenge)
    found = approve_disposal(desk, who, look, approving, signed)
    until = Shown(call).time(found.undo_until) if found.undo_until else ""
    told = call.words("dispose.approved", disposal=found.id, count=len(found.segments), until=until)
    digest = approving.challenge.hex()
    signed_so = call.words("decide.digest", digest=digest[:DIGEST_SHOWN])
    return Answer({"disposal": disposal_json(found), "digest": digest}, [told, signed_so])


def undo(call: Call) -> Answer:
    """Undo a disposal: nothing more of it goes."""
    asked, who, desk = call.arguments, actor(call), call.services.desk
    found = undo_disposal(desk, who, _look(call), _disposal(call), asked.reason)
    told = call.words("dispose.undone", disposal=found.id)
    return Answer({"disposal": disposal_json(found)}, [told])


def run(call: Call) -> Answer:
    """Destroy what two people have decided and whose time has come."""
    keeper = call.services.keeper
    now = keeper.now()
    wanted = _disposal(call) if call.arguments.disposal else None
    named = [wanted] if wanted else [each.id for each in keeper.waiting(now)]
    done = {each: _run(call, keeper, each, now) for each in named}
    lines = [
        call.words(
            "dispose.ran" if ran.done else "dispose.unfinished",
            disposal=each, disposed=ran.disposed, spared=ran.spared,
        )
        for each, ran in done.items()
    ]  # fmt: skip
    rows: list[Json] = [
        {"disposal": each, "disposed": ran.disposed, "spared": ran.spared, "done": ran.done}
        for each, ran in done.items()
    ]
    odd = odd_clock(keeper.clock.now(), outside := keeper.outside.newest())
    document: JsonObject = {
        "now": format_time(now.at), "source": now.source, "odd": odd, "ran": rows,
    }  # fmt: skip
    said = (
        [call.words(f"tend.{odd}", outside=Shown(call).time(outside[0]))] if odd and outside else []
    )
    return Answer(document, [*said, *(lines or [call.words("dispose.nothing_waits")])])


def _run(call: Call, keeper: Keeping, disposal: str, now: Now) -> Ran:
    total = len(load_disposal(call.services.desk.ledger, disposal).segments)
    with Progress(call.terminal, call.words, "progress.dispose") as progress:
        return keeper.run(disposal, now, lambda done: progress(done, total))


def listed(call: Call) -> Answer:
    """List disposals of footage over which the actor sees figures, newest first."""
    keeper = begin_keeping(call.services.desk, actor(call))
    every = disposals_for(keeper, ended=call.arguments.all)
    found = list(islice(every, LISTED_LIMIT))
    rows = [disposal_json(each) for each in found]
    return Answer({"disposals": rows}, _rows(call, found))


def _rows(call: Call, found: Sequence[Disposal]) -> list[str]:
    if not found:
        return [call.words("dispose.none")]
    words, shown = call.words, Shown(call)
    names = ("disposal", "state", "count", "size", "placed_by", "approved_by", "until")
    head = [words(f"column.{name}") for name in names]
    cells = [
        [
            each.id[: len("x:") + SHORT],
            words(f"disposal_state.{each.state}"),
            str(len(each.segments)),
            words.bytes(each.bytes),
            shown.person(each.by),
            shown.person(each.approved_by) if each.approved_by else "",
            shown.time(each.undo_until or each.warning_until),
        ]
        for each in found
    ]
    return table([head, *cells], right=frozenset({2, 3}), columns=call.terminal.columns)


def disposed(call: Call) -> Answer:
    """Show the tombstone of a segment, and what remains of it, to who might have listed it."""
    segment = "s:" + call.arguments.segment.lower().removeprefix("s:")
    listing_for(call.services.desk, actor(call)).check(segment)
    found = remains_of(call.services.desk.ledger, segment)
    return Answer({"tombstone": _remains_json(found)}, _told(call, found))


def _told(call: Call, found: Remains) -> list[str]:
    words, shown = call.words, Shown(call)
    lines = [
        words("disposed.tombstone", entry=found.tombstone.seq, time=shown.time(found.tombstone.at)),
        words("disposed.was", size=found.size, sealed=found.sealed, sha256=found.segment[2:]),
        words("disposed.by", proposed=shown.person(found.proposed_by),
              approved=shown.person(found.approved_by), disposal=found.disposal),
    ]  # fmt: skip
    lines += [
        words("disposed.ground", what=each.what, article=each.article, ends=shown.time(each.ends))
        for each in found.grounds
    ]
    homes = [
        words("disposed.home", home=words(f"home.{home}"), answer=words(f"removal.{answer}"))
        for home, answer in found.homes.items()
    ]
    done = words("disposed.homes", homes=words("list.comma").join(homes))
    lines.append(done if found.executed else words("disposed.under_way"))
    lines.append(words("disposed.remains", entries=found.entries))
    if found.sealed_again is not None:
        lines.append(words("disposed.again", entry=found.sealed_again))
    return lines


def disposal_json(found: Disposal) -> JsonObject:
    """Return a disposal as documents carry it."""
    return {
        "disposal": found.id,
        "state": found.state,
        "entry": found.entry,
        "at": format_time(found.at),
        "by": found.by,
        "count": len(found.segments),
        "bytes": found.bytes,
        "root": found.root,
        "warning_until": format_time(found.warning_until),
        "approved": found.approved,
        "approved_by": found.approved_by,
        "undo_until": format_time(found.undo_until) if found.undo_until else None,
        "disposed": len(found.disposed),
        "spared": len(found.spared),
    }


def _remains_json(found: Remains) -> JsonObject:
    return {
        "segment": found.segment[2:],
        "entry": found.tombstone.seq,
        "at": format_time(found.tombstone.at),
        "disposal": found.disposal,
        "size": found.size,
        "sealed": found.sealed,
        "proposed_by": found.proposed_by,
        "approved_by": found.approved_by,
        "grounds": [
            {"what": e.what, "article": e.article, "policy": e.policy, "ends": format_time(e.ends)}
            for e in found.grounds
        ],
        "executed": found.executed,
        "homes": dict(found.homes),
        "entries": found.entries,
        "sealed_again": found.sealed_again,
    }


def _disposal(call: Call) -> str:
    """Return the disposal that begins as it was typed."""
    text = call.arguments.disposal
    start = "x:" + text.lower().removeprefix("x:")
    ledger = call.services.desk.ledger
    found = [each.id for each in disposals_of(ledger) if each.id.startswith(start)]
    if len(start) < len("x:") + START_LEAST or len(found) != 1:
        raise CustodyError("disposal_unknown", disposal=text)
    return found[0]


def _now(call: Call) -> Now:
    """Return the time that counts; raises ``CustodyError`` (``no_outside_time``)."""
    desk = call.services.desk
    return now_of(desk.clock.now(), AttestedTime(desk.ledger, zone_of(call)).newest())


def _look(call: Call) -> Look:
    return Judges(call.services.desk.ledger, zone_of(call)).look()


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {
    "dispose propose": propose,
    "dispose approve": approve,
    "dispose undo": undo,
    "dispose run": run,
    "dispose list": listed,
    "disposed": disposed,
}
