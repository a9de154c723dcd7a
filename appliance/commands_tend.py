"""``tend``, ``space``: the keeper's nightly round, and how long there is room.

Both say sums and codes alone, and are asked by nobody in particular: like an audit they need no
person who has signed in.
"""

from collections.abc import Callable, Mapping

from appliance.asking import Shown
from appliance.call import Call
from appliance.commands_look import zone_of
from appliance.deciding import proposing
from appliance.disk import disk_of
from appliance.exits import Exit, exit_of, worst
from appliance.output import Answer
from appliance.progress import Progress
from appliance.roundfile import counted_json, round_json, write_round
from appliance.rounds import Counted, Measures, Round, count, go_round, measure
from custody.clockwatch import now_of
from custody.disposals import load_disposal
from custody.space import HORIZON_DAYS, Space, space_json
from evidence.codec import format_time
from evidence.errors import CustodyError
from evidence.json import JsonObject
from vault.durable import mapped


def tend(call: Call) -> Answer:
    """Go one round, and leave what it found for the metrics."""
    keeping, home = call.services.keeper, call.settings.home
    with Progress(call.terminal, call.words, "progress.tend") as progress:

        def tell(disposal: str, done: int) -> None:
            progress(done, len(load_disposal(keeping.ledger, disposal).segments))

        least = call.settings.config.keeper.space_days
        found = go_round(keeping, measures_of(call), least, tell)
    with mapped(home.run):
        write_round(home.run, found)
    codes = [exit_of(error) for error in found.failed.values()]
    codes += [Exit.VAULT for each in found.ran.values() if not each.done]
    return Answer({"round": round_json(found)}, _round_lines(call, found), worst(codes))


def measures_of(call: Call) -> Measures:
    """Return what a round measures in this home."""
    from vault.figures import FigureReader  # noqa: PLC0415 - half of what a command weighs
    from vault.sql import sqlite_url  # noqa: PLC0415 - see above

    home, reserve = call.settings.home, call.settings.config.vault.reserve_bytes
    return Measures(
        disk=lambda: disk_of(home, reserve),
        figures=FigureReader(sqlite_url(home.catalogue)),
        propose=proposing(call),
        zone=zone_of(call),
    )


def _round_lines(call: Call, found: Round) -> list[str]:
    words = call.words
    lines = [_odd_line(call, found)] if found.odd or not found.outside else []
    lines.append(_ran_line(call, found) if found.ran else words("tend.nothing_waits"))
    lines += [words("tend.unfinished", part=x) for x, ran in found.ran.items() if not ran.done]
    if found.counted and found.space:
        lines += _space_lines(call, found.space, found.counted)
    lines += [
        words("tend.failed", part=part, because=words.error(error))
        for part, error in found.failed.items()
    ]
    return lines


def _odd_line(call: Call, found: Round) -> str:
    if not found.outside:
        return call.words("tend.no_time")
    outside = Shown(call).time(found.outside[0])
    return call.words(f"tend.{found.odd}", outside=outside)


def _ran_line(call: Call, found: Round) -> str:
    ran = found.ran.values()
    disposed, spared = sum(each.disposed for each in ran), sum(each.spared for each in ran)
    return call.words("tend.ran", count=len(found.ran), disposed=disposed, spared=spared)


def space(call: Call) -> Answer:
    """Tell how long there is room, looked at now."""
    keeping, measures = call.services.keeper, measures_of(call)
    try:
        now = now_of(keeping.clock.now(), keeping.outside.newest())
    except CustodyError:
        now = None  # nobody has said a time: counted by our own clock, and nothing goes by it
    counted = count(keeping, measures, now)
    found = measure(keeping.clock, measures, counted)
    fields: JsonObject = {
        "at": format_time(counted.soon.now),
        "space": {**space_json(found), **counted_json(counted)},
    }
    return Answer(fields, _space_lines(call, found, counted))


def _space_lines(call: Call, found: Space, counted: Counted) -> list[str]:
    words, disk, taken, soon = call.words, found.disk, found.taken, counted.soon
    lines = [
        words("space.disk", free=disk.free, size=disk.size, reserve=disk.reserve),
        words("space.taken", count=sum(n for n, _ in taken.days), size=taken.bytes,
              rate=taken.per_day),
        words("space.due", count=soon.due.count, size=soon.due.bytes),
    ]  # fmt: skip
    lines += [
        words("space.within", days=days, count=each.count, size=each.bytes)
        for days, each in soon.within.items()
    ]
    stays = soon.staying
    lines.append(words("space.staying", count=stays.count, size=stays.bytes))
    return [*lines, *_lasting_lines(call, found)]


def _lasting_lines(call: Call, found: Space) -> list[str]:
    """Tell for how many days there is room, and that it is too little."""
    words, least = call.words, call.settings.config.keeper.space_days
    if found.days is None:
        lines = [words("space.days_long", days=HORIZON_DAYS)]
    else:
        lines = [words("space.days", days=found.days)]
    if found.days_if_kept is not None and found.days_if_kept != found.days:
        lines.append(words("space.if_kept", days=found.days_if_kept))
    if found.days is not None and found.days < least:
        lines.append(words("space.short", least=least))
    return lines


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {"tend": tend, "space": space}
