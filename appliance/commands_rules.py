"""``rules``: who decides and for what may be asked, as configured and as adopted."""

from collections.abc import Callable, Mapping

from appliance.call import Call
from appliance.output import Answer, table
from appliance.signed_in import actor
from custody.enrol import adopt_rules
from custody.register import read_register
from evidence.json import JsonObject


def show_rules(call: Call) -> Answer:
    """Show who decides and for what may be asked, each row with its article."""
    desk, words = call.services.desk, call.words
    rules, adopted = desk.rules, read_register(desk.ledger).adopted.get("access")
    holds = adopted is not None and adopted.sha256 == rules.sha256
    told = words(
        f"rules.{'holds' if holds else 'not_adopted'}", name=rules.name, version=rules.version
    )
    decides = [[words(f"deciding.{row}"), each.article] for row, each in rules.deciding.items()]
    purposes = [[words(f"purpose.{code}"), each.article] for code, each in rules.purposes.items()]
    lines = [told, *table(decides), words("rules.purposes"), *table(purposes)]
    if rules.password_only:
        lines.append(words("rules.password_only"))
    if rules.demo_keys:
        lines.append(words("rules.demo_keys"))
    return Answer({**_named(call), "adopted": holds, **_content(call)}, lines)


def adopt(call: Call) -> Answer:
    """Write down that the configured rules hold from now on."""
    who, rules = actor(call), call.services.desk.rules
    entry = adopt_rules(
        call.services.desk,
        who,
        rules="access",
        name=rules.name,
        version=rules.version,
        sha256=rules.sha256,
    )
    told = call.words("rules.adopted", name=rules.name, version=rules.version, entry=entry)
    return Answer({**_named(call), "entry": entry}, [told])


def _named(call: Call) -> JsonObject:
    rules = call.services.desk.rules
    return {"name": rules.name, "version": rules.version, "sha256": rules.sha256}


def _content(call: Call) -> JsonObject:
    rules = call.services.desk.rules
    return {
        "deciding": {row: each.article for row, each in rules.deciding.items()},
        "purposes": {
            code: {"article": each.article, "hold": each.hold, "letter": each.letter}
            for code, each in rules.purposes.items()
        },
        "step_up_s": rules.step_up_s,
        "password_only": rules.password_only,
        "demo_keys": rules.demo_keys,
        "provide_days": rules.provide_days,
        "longest_days": rules.longest_days,
    }


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {"rules show": show_rules, "rules adopt": adopt}
