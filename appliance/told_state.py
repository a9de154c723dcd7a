"""The mark of what was told: ``<home>/alarms/told.json``.  Never evidence, and never in the ledger.

Written whole and synced.  A file that is missing, cut, or of another version says nothing was told:
then all that is open is told again.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from custody.outbox import Seen, Told, Way
from evidence.keeping import Raised
from vault.durable import write_whole

VERSION = 1
STATE_LIMIT_BYTES = 64 << 20
NAME = "told.json"


@dataclass(frozen=True, slots=True)
class State:
    """What was read of the tree, and what each way was told."""

    seen: Seen = field(default_factory=Seen)
    ways: Mapping[str, Way] = field(default_factory=dict)


def read_state(folder: Path) -> State:
    """Return what was told so far; nothing, where nobody can say."""
    try:
        with (folder / NAME).open("rb") as opened:
            tree = json.loads(opened.read(STATE_LIMIT_BYTES))
        return _state(tree) if tree["version"] == VERSION else State()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return State()


def _state(tree: Mapping[str, Any]) -> State:
    seen, ways = tree["seen"], tree["ways"]
    known = {same: Raised(**raised) for same, raised in seen["open"].items()}
    return State(
        Seen(int(seen["size"]), str(seen["last"]), known),
        {str(name): _way(way) for name, way in ways.items()},
    )


def _way(way: Mapping[str, Any]) -> Way:
    told = {
        same: Told(int(each["newest"]), _time(each["at"])) for same, each in way["told"].items()
    }
    tried = None if way["tried"] is None else _time(way["tried"])
    because = None if way["because"] is None else str(way["because"])
    return Way(told, int(way["failures"]), tried, because, int(way["refused"]))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def write_state(folder: Path, state: State) -> None:
    """Keep what was told, durably.  Raises ``VaultError``."""
    text = json.dumps({"version": VERSION, **asdict(state)}, default=_plain, sort_keys=True)
    write_whole(folder / NAME, text.encode(), mode=0o640)


def _plain(value: datetime) -> str:
    return value.isoformat()
