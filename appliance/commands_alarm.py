"""``alarms``: which stand, who answers them, and how they reach people."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from appliance.alarm_text import code_told
from appliance.call import Call
from appliance.clock import SystemClock
from appliance.commands_look import SHORT, local, zone_of
from appliance.commands_serve import our_command
from appliance.exits import Exit
from appliance.output import Answer, table
from appliance.parent import end_with_parent
from appliance.services import as_json
from appliance.settings import Settings
from appliance.signed_in import actor
from appliance.stopping import Stop, stopping
from appliance.telling import Round, Went, deliver, tell
from appliance.told_state import read_state
from custody.alarms import Alarm, acknowledge, alarms_for
from custody.keeping import begin_keeping
from custody.outbox import Message, Way
from evidence.codec import format_time
from evidence.errors import UsageError, VaultError
from evidence.json import Json, JsonObject
from evidence.keeping import Raised

PAGE = 1000
PAGES_LIMIT = 100  # of kinds of alarms that are gone through
EVERY_S = 60.0  # between two rounds of who keeps sending
STEP_S = 0.5  # between two looks whether we are told to stop


def list_alarms(call: Call) -> Answer:
    """List alarms that the actor may answer, and how the ways to people are."""
    every = call.arguments.all
    keeper = begin_keeping(call.services.desk, actor(call))
    found = alarms_for(keeper, _proposed(call, every=every), every=every)
    rows = [_row(call, each) for each in found]
    head = [call.words(f"column.{name}") for name in ("entry", "at", "times", "alarm", "about")]
    lines = [call.words("alarms.none")]
    if rows:
        lines = table([head, *rows], right=frozenset({0, 2}), columns=call.terminal.columns)
    ways = read_state(call.settings.home.alarms).ways
    lines += [_way_told(call, name, way) for name, way in ways.items() if way.because]
    fields: JsonObject = {
        "alarms": [alarm_json(each) for each in found],
        "ways": {name: way_json(way) for name, way in ways.items()},
    }
    return Answer(fields, lines)


def _proposed(call: Call, *, every: bool) -> Iterator[Raised]:
    """Yield what the catalogue proposes, as new as the ledger when it is asked first."""
    after: str | None = None
    for _ in range(PAGES_LIMIT):
        page = call.services.catalogue.alarms(every=every, limit=PAGE, after=after)
        yield from page.items
        if page.after is None:
            return
        after = page.after


def _row(call: Call, alarm: Alarm) -> list[str]:
    words, zone = call.words, zone_of(call)
    told = code_told(words, alarm.raised.code)
    if alarm.answered is not None:
        answer = words(f"alarm_answer.{alarm.answered.answer}")
        told = words("alarms.answered", told=told, answer=answer, entry=alarm.answered.entry)
    about = words("list.comma").join(f"{each[:2]}{each[2 : 2 + SHORT]}" for each in alarm.subjects)
    at = local(format_time(alarm.at), zone)
    return [str(alarm.entry), at, str(alarm.raised.count), told, about]


def _way_told(call: Call, name: str, way: Way) -> str:
    because = _because(call, way.because or "")
    return call.words("alarms.way", way=f"way.{name}", because=because, count=way.failures)


def _because(call: Call, because: str) -> str:
    word, _, status = because.partition(" ")
    return call.words(f"way_because.{word}", status=status)


def alarm_json(alarm: Alarm) -> JsonObject:
    """Return an alarm as documents carry it (docs/cli.md)."""
    answered = alarm.answered
    return {
        "entry": alarm.entry,
        "at": format_time(alarm.at),
        "first": alarm.raised.first,
        "first_at": format_time(alarm.first_at),
        "count": alarm.raised.count,
        "code": alarm.raised.code,
        "subjects": list(alarm.subjects),
        "facts": alarm.facts,
        "cleared": alarm.cleared,
        "answered": None
        if answered is None
        else {
            "entry": answered.entry,
            "alarm": answered.alarm,
            "answer": answered.answer,
            "by": answered.by,
            "at": format_time(answered.at),
        },
    }


def way_json(way: Way) -> JsonObject:
    """Return how a way to people is."""
    return {
        "failures": way.failures,
        "because": way.because,
        "refused": way.refused,
        "tried": format_time(way.tried) if way.tried else None,
    }


def answer(call: Call) -> Answer:
    """Answer an alarm, and all before it that say the same."""
    asked = call.arguments
    how = asked.answer.replace("-", "_")
    entry = acknowledge(call.services.desk, actor(call), asked.entry, how, asked.words)
    told = call.words("alarms.acknowledged", alarm=asked.entry, entry=entry)
    return Answer({"alarm": asked.entry, "entry": entry, "answer": how}, [told])


def send(call: Call) -> Answer:
    """Send what is due, once or until stopped; or (``--test``) a message that is none."""
    settings = call.settings
    if not settings.config.alarms.ways:
        raise UsageError("no_way")
    if call.arguments.test:
        return _tested(call)
    if not call.arguments.follow:
        return _told(call, tell(settings, SystemClock().now()))
    with stopping() as stop:
        end_with_parent()
        while not stop.told:
            try:
                tell(settings, SystemClock().now())
            except VaultError as error:  # a full disk: the next round may find room
                call.terminal.complain(call.words.error(error))
            _rest(stop)
    return Answer({"sent": []}, [call.words("alarms.stopped")])


def _rest(stop: Stop) -> None:
    until = time.monotonic() + EVERY_S
    while time.monotonic() < until and not stop.told:
        time.sleep(STEP_S)


def _tested(call: Call) -> Answer:
    """Try every way at once, whatever it was told before; nothing is remembered of it."""
    settings, now = call.settings, SystemClock().now()
    message = Message(secrets.token_hex(16), (), 0)
    found = [deliver(settings, way, message, now, test=True) for way in settings.config.alarms.ways]
    return _answer(call, found, [_went_told(call, each) for each in found])


def _told(call: Call, told: Round) -> Answer:
    if told.busy:
        return Answer({"sent": [], "busy": True}, [call.words("alarms.busy")])
    lines = [_went_told(call, each) for each in told.went]
    return _answer(call, told.went, lines or [call.words("alarms.nothing", count=told.open)])


def _answer(call: Call, found: Sequence[Went], lines: list[str]) -> Answer:
    del call
    bad = any(each.because or each.refused for each in found)
    rows: list[Json] = [as_json(each) for each in found]
    return Answer({"sent": rows, "busy": False}, lines, Exit.FINDINGS if bad else Exit.OK)


def _went_told(call: Call, went: Went) -> str:
    way = f"way.{went.way}"
    if went.because is not None:
        return call.words("alarms.failed", way=way, because=_because(call, went.because))
    if went.refused:
        return call.words("alarms.partly", way=way, count=went.refused)
    return call.words("alarms.sent", way=way, count=went.alarms)


def alarms_command(settings: Settings) -> Sequence[str]:
    """Return the command line by which ``up`` has alarms sent."""
    return [*our_command(settings, "alarms"), "send", "--follow"]


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {
    "alarms list": list_alarms,
    "alarms acknowledge": answer,
    "alarms send": send,
}
