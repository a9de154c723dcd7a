"""``people``, ``unit``, ``role``: who is who, and what each may do where."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from appliance import commands_recorder, commands_session
from appliance.asking import Shown
from appliance.call import Call
from appliance.commands_look import local, local_end, moment_of, zone_of
from appliance.output import Answer, table
from appliance.services import as_json
from appliance.signed_in import actor, entrance, somebody
from appliance.words import Words, printable
from custody import directory, enrol, names, roles
from custody.directory import PersonLine, RoleLine, UnitLine
from custody.enrolment import free_account, give_code
from custody.names import PersonFacts
from custody.register import read_register
from custody.sessions import end_all
from evidence.codec import format_time
from evidence.errors import UsageError
from evidence.json import JsonObject
from evidence.people import ORGANISATION, Register, Role

DAY = timedelta(days=1)


def enrol_person(call: Call) -> Answer:
    """Enrol somebody, and print the code by which they get their password."""
    asked, desk = call.arguments, call.services.desk
    acting, unit = somebody(call), _unit(call, asked.unit or ".")
    facts = _facts(call, PersonFacts(asked.name))
    account = free_account(entrance(call), asked.account or facts.number or facts.name)
    who = enrol.enrol(desk, acting, unit, facts)
    return _with_code(call, who, account)


def correct_person(call: Call) -> Answer:
    """Give somebody other facts, or another unit; what is not said stays."""
    asked, desk, register = call.arguments, call.services.desk, _register(call)
    who = _person(call)
    before = names.person_facts(desk.ledger, register, who) or PersonFacts("")
    unit = _unit(call, asked.unit) if asked.unit else register.people[who].unit
    named = replace(before, name=asked.name or before.name)
    entry = enrol.correct(desk, somebody(call), who, unit, _facts(call, named))
    return _done(call, "people.corrected", entry, person=who)


def new_code(call: Call) -> Answer:
    """Print a new code for somebody; the one before is void."""
    return _with_code(call, _person(call), call.arguments.account)


def _with_code(call: Call, who: str, account: str | None) -> Answer:
    given = give_code(entrance(call), somebody(call), who, account)
    code, until = given.code, format_time(given.code.until)
    host = call.services.desk.hosts.login
    shown = {"account": given.account, "code": code.text, "until": local(until, zone_of(call))}
    lines = [call.words("people.code", person=Shown(call).person(who), **shown)]
    if host:
        lines.append(call.words("people.link", link=f"https://{host}/enrol"))
    told: JsonObject = {"person": who, "account": given.account, "entry": given.entry}
    return Answer({**told, "code": code.text, "code_until": until}, lines)


def list_people(call: Call) -> Answer:
    """List everybody with their unit and roles."""
    lines = directory.people(call.services.desk, actor(call), zone_of(call))
    words = call.words
    head = [words(f"column.{name}") for name in ("name", "number", "unit", "roles", "noticed")]
    rows = [head, *(_person_row(call, line) for line in lines)]
    shown = table(rows, columns=call.terminal.columns) if lines else [words("people.none")]
    return Answer({"people": as_json(lines)}, shown)


def _person_row(call: Call, line: PersonLine) -> list[str]:
    words = call.words
    noticed = [words("short.suspended")] if line.suspended else []
    noticed += [words("short.certificate_expired")] if line.certificate_expired else []
    return [
        printable(line.name or line.person),
        printable(line.number or ""),
        printable(line.unit_name or line.unit),
        words("list.comma").join(_role(call, role) for role in line.roles),
        words("list.comma").join(noticed),
    ]


def _role(call: Call, line: RoleLine) -> str:
    """Return a role with its unit, and its days where it has some; its entry is for revoking it."""
    zone = zone_of(call)
    name, unit = call.words(f"role.{line.role}"), printable(line.unit_name or line.unit)
    if line.until is None and line.now:
        return call.words("people.role", role=name, unit=unit, entry=line.entry)
    days = {"since": local(line.since, zone)[:10], "until": local_end(line.until, zone)[:10] or "…"}
    return call.words("people.role_term", role=name, unit=unit, entry=line.entry, **days)


def suspend_person(call: Call) -> Answer:
    """Take everything from somebody at once; their sessions end."""
    who = _person(call)
    entry = enrol.suspend(call.services.desk, somebody(call), who, call.arguments.reason)
    end_all(entrance(call), who, "suspended")
    return _done(call, "people.suspended", entry, person=who)


def restore_person(call: Call) -> Answer:
    """End a suspension."""
    who = _person(call)
    entry = enrol.restore(call.services.desk, somebody(call), who, call.arguments.reason)
    return _done(call, "people.restored", entry, person=who)


def add_unit(call: Call) -> Answer:
    """Add a unit below another."""
    asked, desk = call.arguments, call.services.desk
    below = _unit(call, asked.below or ".")
    unit = enrol.add_unit(desk, somebody(call), asked.name, below, enforcing=asked.enforcing)
    entry = desk.ledger.last(unit)
    told = call.words("unit.added", unit=unit, entry=entry)
    return Answer({"unit": unit, "entry": entry}, [told])


def list_units(call: Call) -> Answer:
    """List the units, each below its own, with who decides there."""
    lines = directory.units(call.services.desk, actor(call), zone_of(call))
    head = [call.words(f"column.{name}") for name in ("unit", "heads", "deputies", "noticed", "id")]
    rows = [head, *(_unit_row(line, call.words) for line in lines)]
    shown = table(rows, columns=call.terminal.columns) if lines else [call.words("people.none")]
    return Answer({"units": as_json(lines)}, shown)


def _unit_row(line: UnitLine, words: Words) -> list[str]:
    comma = words("list.comma")
    return [
        "  " * line.depth + printable(line.name or line.unit),
        comma.join(printable(each.name or each.person) for each in line.heads),
        comma.join(printable(each.name or each.person) for each in line.deputies),
        words("short.enforcing") if line.enforcing else "",
        line.unit,
    ]


def move_unit(call: Call) -> Answer:
    """Give a unit another parent, name, or right to decide."""
    asked = call.arguments
    unit = _unit(call, asked.unit)
    entry = enrol.move_unit(
        call.services.desk,
        somebody(call),
        unit,
        parent=_unit(call, asked.below) if asked.below else None,
        name=asked.name,
        enforcing=None if asked.enforcing is None else asked.enforcing == "yes",
    )
    return _done(call, "unit.moved", entry, unit=unit)


def name_head(call: Call) -> Answer:
    """Make somebody the head of a unit."""
    return _grant(call, "head")


def name_deputy(call: Call) -> Answer:
    """Let somebody decide for the head of a unit, for days."""
    return _grant(call, "deputy")


def grant_role(call: Call) -> Answer:
    """Give somebody a role in a unit."""
    return _grant(call, call.arguments.role)


def _grant(call: Call, role: Role) -> Answer:
    who, unit = _person(call), _unit(call, call.arguments.unit)
    since, until = _term(call)
    entry = roles.grant_role(
        call.services.desk, somebody(call), who, role=role, unit=unit, since=since, until=until
    )
    name = Shown(call).person(who)
    told = call.words("role.granted", role=call.words(f"role.{role}"), person=name, entry=entry)
    return Answer({"entry": entry, "person": who, "role": role, "unit": unit}, [told])


def revoke_role(call: Call) -> Answer:
    """End a role, named by the entry that granted it."""
    entry = roles.revoke_role(call.services.desk, somebody(call), call.arguments.entry)
    return _done(call, "role.revoked", entry, granted=call.arguments.entry)


def _term(call: Call) -> tuple[datetime | None, datetime | None]:
    """Return from when to when; a day begins with it, or now, and ends with its last moment."""
    asked, zone, now = call.arguments, zone_of(call), call.services.desk.clock.now()
    begins = moment_of(asked.since, zone, end=False)
    ends = moment_of(asked.until, zone, end=True)
    since = datetime.fromisoformat(begins) if begins else None
    if since and asked.since == now.astimezone(zone).date().isoformat():
        since = None
    until = datetime.fromisoformat(ends) if ends else None
    return since, until + timedelta(milliseconds=1) if until else None


def _facts(call: Call, before: PersonFacts) -> PersonFacts:
    asked = call.arguments
    until = asked.certificate_until
    try:
        day = date.fromisoformat(until) if until else before.certificate_until
    except ValueError as error:
        raise UsageError("not_a_time", text=until) from error
    return replace(
        before,
        number=before.number if asked.number is None else asked.number,
        certificate=asked.certificate or before.certificate,
        certificate_until=day,
        aliases=tuple(asked.alias) if asked.alias else before.aliases,
    )


def _register(call: Call) -> Register:
    return read_register(call.services.desk.ledger)


def _person(call: Call) -> str:
    somebody(call)  # who is not signed in learns of nobody whether they are here
    ledger = call.services.desk.ledger
    return names.find_person(ledger, _register(call), call.arguments.person)


def _unit(call: Call, wanted: str) -> str:
    somebody(call)
    if wanted == ".":
        return ORGANISATION
    return names.find_unit(call.services.desk.ledger, _register(call), wanted)


def _done(call: Call, key: str, entry: int, **facts: str | int) -> Answer:
    return Answer({"entry": entry, **facts}, [call.words(key, entry=entry, **facts)])


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {
    **commands_session.COMMANDS,
    "people enrol": enrol_person,
    "people correct": correct_person,
    "people code": new_code,
    "people list": list_people,
    "people suspend": suspend_person,
    "people restore": restore_person,
    "unit add": add_unit,
    "unit list": list_units,
    "unit move": move_unit,
    "unit head": name_head,
    "unit deputy": name_deputy,
    "role grant": grant_role,
    "role revoke": revoke_role,
    **commands_recorder.COMMANDS,
}
