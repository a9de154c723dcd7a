"""``week``: what a unit recorded in a week and what of it is in custody; closed, and printed."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from itertools import islice
from pathlib import Path

from appliance.asking import Shown
from appliance.call import Call
from appliance.commands_look import zone_of
from appliance.output import Answer, table
from appliance.signed_in import actor
from appliance.week_told import told_of, week_json
from appliance.words import LANGUAGES, load_words
from custody.closings import closings_of
from custody.deciders import enforcing
from custody.isoweeks import week_at
from custody.names import find_unit
from custody.register import read_register
from custody.weeks import check_seer, close_week, week_of, week_then, weeks_of
from evidence.errors import CustodyError, UsageError
from evidence.json import Json
from evidence.people import ORGANISATION
from evidence.weeks import Hours, IsoWeek, Week, parse_week
from vault.durable import write_whole

WEEKS_LIMIT = 106  # of one list: two years
_A_WEEK = re.compile(r"[0-9]{4}-W[0-9]{2}")
_MODE = 0o600  # names stand on it


def show(call: Call) -> Answer:
    """Show a unit's week: the last whole one until it is closed, then the one that runs."""
    unit, week = _named(call)
    check_seer(call.services.desk, actor(call), unit)
    found = _look(call, unit, week) if week else _wanted(call, unit)
    return Answer({"week": week_json(found)}, told_of(call, found))


def listed(call: Call) -> Answer:
    """List the last weeks of a unit, newest first, each with what has become of it."""
    unit, desk = _unit(call, call.arguments.unit), call.services.desk
    check_seer(desk, actor(call), unit)
    if call.arguments.weeks > WEEKS_LIMIT:
        raise UsageError("weeks_many", limit=WEEKS_LIMIT)
    weeks = list(islice(_backwards(_running(call)), call.arguments.weeks))
    found = list(weeks_of(desk, unit, weeks, hours_of(call)))
    rows: list[Json] = [week_json(each) for each in found]
    return Answer({"weeks": rows}, _rows(call, found))


def close(call: Call) -> Answer:
    """Close a unit's week, and print its sheet where that is asked for."""
    asked, who, desk = call.arguments, actor(call), call.services.desk
    unit = _unit(call, asked.unit)
    week = parse_week(asked.week) if asked.week else _running(call).before
    file = _free(asked.sheet) if asked.sheet else None
    found = close_week(desk, who, unit, week, hours_of(call))
    words = call.words
    entry, again = found.closings[-1].entry, found.closings[-1].again
    told = words("week.closed_again" if again is not None else "week.closed", week=str(week),
                 unit=Shown(call).unit(unit), entry=entry, before=again)  # fmt: skip
    lines = [told, *told_of(call, found)]
    if file is not None:
        _print(call, found, file)
        lines.append(words("week.printed", path=str(file)))
    return Answer({"week": week_json(found), "sheet": str(file) if file else None}, lines)


def sheet(call: Call) -> Answer:
    """Print the sheet of a week as its last closing has it, counted again from the ledger."""
    asked, who, desk = call.arguments, actor(call), call.services.desk
    unit, week, file = _unit(call, asked.unit), parse_week(asked.week), _free(asked.file)
    check_seer(desk, who, unit)
    closings = closings_of(desk.ledger, unit, week)
    if not closings:
        raise CustodyError("week_not_closed", week=str(week))
    found = week_then(desk, unit, week, zone_of(call), closings[-1])
    _print(call, found, file)
    told = call.words("week.printed", path=str(file))
    return Answer({"week": week_json(found), "sheet": str(file)}, [told])


def hours_of(call: Call) -> Hours:
    """Return how this station counts its weeks."""
    late = call.settings.config.weeks.late_after_h
    return Hours(zone_of(call), timedelta(hours=late))


def _named(call: Call) -> tuple[str, IsoWeek | None]:
    """Return unit and week as they were typed; a week alone is that of one's own unit."""
    unit, week = call.arguments.unit, call.arguments.week
    if unit is not None and week is None and _A_WEEK.fullmatch(unit):
        unit, week = None, unit
    return _unit(call, unit), parse_week(week) if week else None


def _unit(call: Call, text: str | None) -> str:
    """Return the unit that is meant; of somebody who names none, the enforcing unit above them."""
    ledger = call.services.desk.ledger
    register = read_register(ledger)
    if text is not None:
        return find_unit(ledger, register, text)
    person = register.people.get(actor(call).id)
    return enforcing(register, person.unit) if person else ORGANISATION


def _running(call: Call) -> IsoWeek:
    return week_at(call.services.desk.clock.now(), zone_of(call))


def _look(call: Call, unit: str, week: IsoWeek) -> Week:
    return week_of(call.services.desk, unit, week, hours_of(call))


def _wanted(call: Call, unit: str) -> Week:
    running = _running(call)
    last = _look(call, unit, running.before)
    return _look(call, unit, running) if last.state == "closed" else last


def _backwards(week: IsoWeek) -> Iterator[IsoWeek]:
    while True:
        yield week
        week = week.before


def _rows(call: Call, found: list[Week]) -> list[str]:
    words = call.words
    names = ("week", "state", "count", "size", "late", "unlabelled", "gaps", "missing", "closing")
    head = [words(f"column.{name}") for name in names]
    cells = [
        [
            str(each.week),
            words(f"week_state.{each.state}"),
            str(each.segments),
            words.bytes(each.bytes),
            str(len(each.late)),
            str(len(each.unlabelled)),
            str(len(each.open_gaps)),
            str(len(each.missing)),
            f"#{each.closings[-1].entry}" if each.closings else "",
        ]
        for each in found
    ]
    right = frozenset({2, 3, 4, 5, 6, 7})
    return table([head, *cells], right=right, columns=call.terminal.columns)


def _free(text: str) -> Path:
    """Return the file that is to be written; raises ``UsageError`` where something is there."""
    file = Path(text).expanduser()
    if file.exists() or file.is_symlink() or not file.parent.is_dir():
        raise UsageError("sheet_place", path=text)
    return file


def _print(call: Call, week: Week, file: Path) -> None:
    """Write the sheet of a closed week; Chinese first, English below."""
    from api.week_sheet import sheet_of  # noqa: PLC0415 - slow to load, used here alone

    words = [load_words(language) for language in reversed(LANGUAGES)]
    content = sheet_of(call.services.desk, week, zone_of(call), words)
    write_whole(file, content.encode("utf-8"), mode=_MODE)


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {
    "week show": show,
    "week list": listed,
    "week close": close,
    "week sheet": sheet,
}
