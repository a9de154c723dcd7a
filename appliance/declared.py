"""Which keys of the configuration stand in the ledger, and which do not.

What decides how recorders are read, judged, kept and audited is declared; what names a place, or
changes nothing about evidence, is not.  A test holds that every key is on one of the two sides.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

from appliance.config import Config
from evidence.canonical import encode
from evidence.json import Json, JsonObject
from ingest.names import NamePattern

UNDECLARED: Final[Mapping[str, str]] = {
    "home.path": "a place; another home is another ledger",
    "station.language": "of the screen",
    "ledger.lock_path": "a place; a ledger refuses to start over another lock",
    "ledger.linger_s": "of a process that waits",
    "audit.workers": "of the speed of an audit",
    "metrics.enabled": "of who watches the machine",
    "metrics.listen": "a place",
    "metrics.behind_entries": "of who watches the machine",
    "names.file": "a place; what stands in the file is declared as names.patterns",
    "access.file": "a place; which rules hold is adopted by an entry of its own",
    "items.file": "a place; which list holds is adopted by an entry of its own",
    "http.address": "a place",
    "http.port": "a place",
    **dict.fromkeys(
        (
            "alarms.mail_to",
            "alarms.mail_from",
            "alarms.smtp_host",
            "alarms.smtp_port",
            "alarms.smtp_tls",
            "alarms.smtp_user",
            "alarms.smtp_password_file",
            "alarms.webhook_url",
            "alarms.webhook_secret_file",
            "alarms.repeat_h",
        ),
        "of how alarms reach people; an address may name one",
    ),
    "slots.path": "a place; each docking has it in its statement",
    "slots.name": "what people call a slot",
}


def declared(config: Config, patterns: Sequence[NamePattern]) -> JsonObject:
    """Return the settings as they stand in ``configuration.changed``: flat, by section and key."""
    tree = config.model_dump(mode="json")
    slots = tree.pop("slots")
    settings: dict[str, Json] = {
        f"{section}.{key}": value
        for section, keys in tree.items()
        for key, value in _counting(section, keys).items()
    }
    settings["slots"] = [_counting("slots", slot) for slot in slots]
    settings["names.patterns"] = sha256(encode(list(map(pattern_facts, patterns)))).hexdigest()
    return settings


def pattern_facts(row: NamePattern) -> JsonObject:
    """Return one pattern as plain values: as a slot is told it, and as it is digested."""
    return {
        "id": row.id,
        "expression": row.expression.pattern,
        "flags": row.expression.flags,
        "time_format": row.time_format,
        "important_paths": list(row.important_paths),
    }


def _counting(section: str, keys: Mapping[str, Json]) -> JsonObject:
    return {key: value for key, value in keys.items() if f"{section}.{key}" not in UNDECLARED}
