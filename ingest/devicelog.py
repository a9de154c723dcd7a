"""What the recorder's own log says of it, once the log is in custody.

The log is read after the inventory, like every other file, so its word comes as an entry of its
own.  It is parsed in the fenced child: a log is as hostile as a video.
"""

from collections.abc import Sequence

from evidence.entry import Draft, Private
from evidence.errors import ParserError
from evidence.findings import Finding, Noted
from evidence.json import Json, JsonObject
from evidence.states import Inventory, Sealed
from ingest.tools import ACTOR, Tools

LOG_LIMIT_BYTES = 1024 * 1024  # identity stands at the head; the rest is for a person to read
LOGS_LIMIT = 8
VALUE_LIMIT = 64  # characters
FIELDS = ("serial", "device", "officer", "unit")


class BytesSource:
    """A few bytes as a parser sees them."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    @property
    def size(self) -> int:
        """See ``evidence.ports.Source``."""
        return len(self._content)

    def read(self, offset: int, length: int) -> bytes:
        """See ``evidence.ports.Source``."""
        return self._content[offset : offset + length]


def observe_identity(inventory: Inventory, sealed: Sequence[Sealed], tools: Tools) -> bool:
    """Write down what the logs say of the recorder; return whether it agrees with the rest.

    True when no log says anything.
    """
    logs = [each for each in sealed if each.stored.media.kind == "log"][:LOGS_LIMIT]
    told: dict[str, str] = {}
    for log in logs:
        for field, value in _read_log(log, tools).items():
            told.setdefault(field, value)
    if not told:
        return True
    apart = [
        field
        for field in ("serial", "device")
        if field in told and getattr(inventory.identity, field) not in {None, told[field]}
    ]
    noted = [Noted(Finding.IDENTITY_CONFLICT, {"field": field}).json() for field in apart]
    body: JsonObject = {
        "agrees": not apart,
        "sources": [[field, "log"] for field in sorted(told)],
        "noted": noted,
    }
    recorder = (inventory.recorder,) if inventory.recorder else ()
    facts: dict[str, Json] = {field: told.get(field) for field in FIELDS}
    about = (inventory.docking, *recorder)
    private = Private(inventory.docking, facts)
    tools.ledger.append([Draft("identity.observed", ACTOR, about, body, private=private)])
    for _ in apart:
        tools.observer.noted(None, str(Finding.IDENTITY_CONFLICT))
    return not apart


def _read_log(log: Sealed, tools: Tools) -> dict[str, str]:
    sha256 = log.stored.received.sha256
    head = b"".join(tools.objects.read(sha256, 0, LOG_LIMIT_BYTES))
    try:
        answer = tools.parsers.parse("device_log", BytesSource(head), {})
    except ParserError:
        return {}  # a log that cannot be parsed says nothing; it is in custody all the same
    if not isinstance(answer, dict):
        return {}
    return {
        field: value
        for field in FIELDS
        if isinstance(value := answer.get(field), str) and 0 < len(value) <= VALUE_LIMIT
    }
