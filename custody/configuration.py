"""Which configuration was in force when: an entry for each change, before anything rests on it.

Settings are flat: the name of a key (``vault.sm3``) and its plain JSON value.  Nothing among them
names a person or a place; which keys count is said where they are chosen
(``appliance/declared.py``).  Whoever changes them for a while and changes them back is seen twice.
"""

from collections.abc import Mapping
from hashlib import sha256

from custody.fields import digest, mapping, sequence
from custody.findings import AuditFinding, Findings
from evidence.canonical import encode
from evidence.entry import Draft, Entry
from evidence.errors import ConflictError, MalformedError
from evidence.ids import configuration_id
from evidence.json import Json, JsonObject
from evidence.ports import Ledger

TYPE = "configuration.changed"
ACTOR = "sys:ingest"
TRIES = 10  # slots that begin at the same moment all write it, and one is first
TOLD_LIMIT = 20  # changed keys that one finding names

Settings = Mapping[str, Json]


def digest_of(settings: Settings) -> str:
    """Return the SHA-256 (hex) of the settings as canonical JSON."""
    return sha256(encode(dict(settings))).hexdigest()


def changed_keys(before: Settings, now: Settings) -> list[str]:
    """Return the keys that are new, gone, or have another value, in order."""
    return sorted(key for key in {*before, *now} if _told(before, key) != _told(now, key))


def _told(settings: Settings, key: str) -> bytes:
    """Return the one encoding of a value: to Python, ``true`` and 1 are equal."""
    return encode(settings[key]) if key in settings else b""


def declare(settings: Settings, software: str, station: str, ledger: Ledger) -> int | None:
    """Write the settings down where the last entry tells others; return its index, or None.

    Raises what the ledger raises.  Compare-and-swap: of two that begin at once, one writes.
    """
    subject = configuration_id(station)
    for left in reversed(range(TRIES)):
        last = ledger.last(subject)
        before: JsonObject = {} if last is None else ledger.entry(last).body
        body = _body(settings, software, before)
        if all(before.get(key) == body[key] for key in ("sha256", "software")):
            return None
        try:
            return ledger.append([Draft(TYPE, ACTOR, (subject,), body, {subject: last})]).indexes[0]
        except ConflictError:
            if not left:
                raise
    return None  # pragma: no cover - the last try returns or raises


def _body(settings: Settings, software: str, before: JsonObject) -> JsonObject:
    return {
        "sha256": digest_of(settings),
        "settings": dict(settings),
        "changed": changed_keys(_settings_of(before), settings),
        "software": software,
    }


def _settings_of(body: JsonObject) -> Settings:
    """Return the settings of an entry's body; none where a forger has left none."""
    settings = body.get("settings")
    return settings if isinstance(settings, dict) else {}


class Configurations:
    """Reads the entries in order; ``untold`` says that something came before the first of them."""

    def __init__(self, findings: Findings) -> None:
        self.untold = False
        self.changes = 0  # entries after the first one by which a setting changed
        self._findings = findings
        self._before: Settings | None = {}  # None: an entry in between could not be read
        self._last: Entry | None = None

    def skip(self) -> None:
        """Pass over entries that are not there: a change may have been among them."""
        self._before = None

    def read(self, entry: Entry) -> None:
        """Take the next entry.  Raises ``MalformedError`` for one that tells its change wrongly."""
        if entry.type == "docking.opened" and self._last is None:
            self.untold = True
        if entry.type != TYPE:
            return
        self.changes += self._last is not None and bool(entry.body.get("changed"))
        before, self._before, self._last = self._before, _settings_of(entry.body), entry
        _check(entry, before)

    def finish(self, present: Settings | None) -> None:
        """Compare the settings that are in force now with those that were last written down."""
        if self._last is None or present is None:
            return
        keys = changed_keys(_settings_of(self._last.body), present)
        if keys:
            self._findings.add(
                AuditFinding.CONFIGURATION_UNDECLARED,
                self._last.seq,
                configuration_id(self._last.station),
                keys=", ".join(keys[:TOLD_LIMIT]),
                count=len(keys),
            )

    @property
    def told(self) -> bool:
        """Tell whether every docking came after an entry of this kind, and there is one."""
        return self._last is not None and not self.untold


def _check(entry: Entry, before: Settings | None) -> None:
    settings = mapping(entry.body, "settings")
    if tuple(entry.about) != (configuration_id(entry.station),):
        raise MalformedError("body_malformed", field="about")
    if digest(entry.body, "sha256") != digest_of(settings):
        raise MalformedError("body_malformed", field="sha256")
    changed = list(sequence(entry.body, "changed"))
    if before is not None and changed != changed_keys(before, settings):
        raise MalformedError("body_malformed", field="changed")
