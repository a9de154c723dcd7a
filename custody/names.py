"""Names behind ids, from statements: the words of the newest entry about a unit or a person.

Whoever calls this may see names; a name whose key is destroyed is None, and the id remains.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from custody.fields import optional_text, sequence, text
from custody.history import chain
from evidence.entry import Statement
from evidence.errors import CustodyError, MalformedError, UsageError
from evidence.json import JsonObject
from evidence.people import ORGANISATION, Register
from evidence.ports import Ledger

NAME_LIMIT = 100  # characters of a name
NUMBER_LIMIT = 32  # characters of a number, a certificate number or an alias
ALIASES_LIMIT = 16  # of one person
START_LEAST = 6  # characters of an id's start that somebody types
_NUMBER = re.compile(r"[0-9A-Za-z._-]{1,32}")
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # would steer a terminal or a page
_NAMING = frozenset({"person.enrolled", "person.corrected"})


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Who somebody is.  ``aliases``: officer numbers that recorders claim, to find them by."""

    name: str
    number: str = ""  # 警号; "" for who has none
    certificate: str | None = None  # 执法证号
    certificate_until: date | None = None  # the last day on which it is valid
    aliases: tuple[str, ...] = ()

    def json(self) -> JsonObject:
        """Return the facts of the statement."""
        until = self.certificate_until
        return {
            "name": self.name,
            "number": self.number,
            "certificate": self.certificate,
            "certificate_until": until.isoformat() if until else None,
            "aliases": list(self.aliases),
        }


def check_name(name: str) -> str:
    """Return a name of a person or unit that can stand on a screen, or raise ``UsageError``."""
    plain = name.strip()
    hostile = any(unicodedata.category(sign) in _UNSAFE for sign in plain)
    if hostile or not 1 <= len(plain) <= NAME_LIMIT:
        raise UsageError("name_unusable", limit=NAME_LIMIT)
    return plain


def check_facts(facts: PersonFacts) -> PersonFacts:
    """Return the facts about a person with a clean name, or raise ``UsageError``.

    The words carry none of the facts: they would end up in logs.
    """
    numbers = [facts.number, facts.certificate or "", *facts.aliases]
    if not all(each == "" or _NUMBER.fullmatch(each) for each in numbers):
        raise UsageError("number_unusable", limit=NUMBER_LIMIT)
    if "" in facts.aliases or len(facts.aliases) > ALIASES_LIMIT:
        raise UsageError("aliases_unusable", limit=ALIASES_LIMIT)
    if facts.certificate_until and not facts.certificate:
        raise UsageError("certificate_missing")
    return PersonFacts(
        check_name(facts.name),
        facts.number,
        facts.certificate or None,
        facts.certificate_until,
        tuple(dict.fromkeys(facts.aliases)),
    )


def person_facts(ledger: Ledger, register: Register, person: str) -> PersonFacts | None:
    """Return the newest facts about ``person``; None for a stranger or a destroyed key."""
    known = register.people.get(person)
    return _facts(ledger.statement(known.entry)) if known else None


def person_name(ledger: Ledger, register: Register, person: str) -> str | None:
    """Return the newest name of ``person``; None for a stranger or a destroyed key."""
    facts = person_facts(ledger, register, person)
    return facts.name if facts else None


def name_then(ledger: Ledger, person: str, entry: int) -> str | None:
    """Return what ``person`` was called when ``entry`` was written; None for a destroyed key."""
    naming = (each for each in chain(person, ledger) if each.type in _NAMING)
    then = next((each for each in naming if each.seq <= entry), None)
    facts = _facts(ledger.statement(then.seq)) if then else None
    return facts.name if facts else None


def unit_name(ledger: Ledger, register: Register, unit: str) -> str | None:
    """Return the newest name of ``unit``; None for an unknown one or a destroyed key."""
    known = register.units.get(unit)
    statement = ledger.statement(known.entry) if known else None
    return text(statement.facts, "name") if statement else None


def find_person(ledger: Ledger, register: Register, wanted: str) -> str:
    """Return the one person with this id, start of an id, number, alias or name.

    Numbers of who is not suspended come first: a number may be given to a successor.  Raises
    ``CustodyError`` (``person_unknown``, ``person_ambiguous``).
    """
    starts = _starts(wanted, "p:", register.people)
    if starts:
        return _only(starts, wanted, "person")
    there = {each: person_facts(ledger, register, each) for each in register.people}
    named = [each for each, facts in there.items() if facts and _answers(facts, wanted)]
    active = [each for each in named if not register.people[each].suspended]
    return _only(active or named, wanted, "person")


def find_unit(ledger: Ledger, register: Register, wanted: str) -> str:
    """Return the one unit with this id, start of an id or name; ``.`` is the organisation."""
    if wanted == ".":
        return _only([each for each in register.units if each == ORGANISATION], wanted, "unit")
    starts = _starts(wanted, "u:", register.units)
    named = [each for each in register.units if unit_name(ledger, register, each) == wanted]
    return _only(starts or named, wanted, "unit")


def number_taken(ledger: Ledger, register: Register, facts: PersonFacts, besides: str) -> bool:
    """Return whether another person who is not suspended has one of these numbers or aliases."""
    ours = _numbers(facts)
    others = (each for each in register.people.values() if each.id != besides)
    return any(
        not ours.isdisjoint(_numbers(theirs))
        for each in others
        if not each.suspended and (theirs := person_facts(ledger, register, each.id)) is not None
    )


def certificate_expired(ledger: Ledger, person: str, moment: datetime, zone: tzinfo) -> bool:
    """Return whether the certificate that was known of ``person`` at ``moment`` had run out.

    What was entered last before that moment counts, else the first that ever was entered: a
    certificate that is renewed later heals no footage from before.  No certificate: not expired.
    Source: annex 3, 004 of the regulation (the certificate must be valid).
    """
    naming = [entry for entry in chain(person, ledger) if entry.type in _NAMING]
    then = next((each for each in naming if each.at <= moment), naming[-1] if naming else None)
    facts = _facts(ledger.statement(then.seq)) if then else None
    until = facts.certificate_until if facts else None
    return until is not None and moment.astimezone(zone).date() > until


def _only(found: list[str], wanted: str, what: str) -> str:
    if len(found) == 1:
        return found[0]
    raise CustodyError(f"{what}_ambiguous" if found else f"{what}_unknown", text=wanted)


def _starts(wanted: str, kind: str, known: Collection[str]) -> list[str]:
    """Return the ids that begin as typed, with or without their kind."""
    start = kind + wanted.removeprefix(kind)
    if len(start) < len(kind) + START_LEAST:
        return []
    return [each for each in known if each.startswith(start)]


def _answers(facts: PersonFacts, wanted: str) -> bool:
    return wanted == facts.name or wanted in _numbers(facts)


def _numbers(facts: PersonFacts) -> set[str]:
    return {facts.number, *facts.aliases} - {""}


def _facts(statement: Statement | None) -> PersonFacts | None:
    """Return what a statement says of a person; None where its key is destroyed."""
    if statement is None:
        return None
    facts = statement.facts
    until = optional_text(facts, "certificate_until")
    try:
        day = date.fromisoformat(until) if until else None
    except ValueError as error:
        raise MalformedError("body_malformed", field="certificate_until") from error
    aliases = tuple(str(each) for each in sequence(facts, "aliases"))
    certificate = optional_text(facts, "certificate")
    return PersonFacts(text(facts, "name"), text(facts, "number"), certificate, day, aliases)
