"""``<home>/run/keeping.json``: what the keeper's last round has found, for metrics.

Never evidence; codes and sums only.  A reader takes what it understands of a file that an older
or newer writer has left.
"""

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from appliance.rounds import Counted, Round
from custody.space import space_json
from custody.tally import Sum
from evidence.candidates import Figure
from evidence.codec import format_time, parse_time
from evidence.errors import MalformedError
from evidence.json import JsonObject

NAME = "keeping.json"
VERSION = 1
LIMIT_BYTES = 256 * 1024


def write_round(folder: Path, found: Round) -> None:
    """Replace the file at once, so that no reader sees half of it.  Raises ``OSError``.

    Not synced: after a power cut the next round writes it again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".{NAME}.{os.getpid()}"
    beside.write_text(json.dumps({"v": VERSION, **round_json(found)}), encoding="utf-8")
    beside.replace(folder / NAME)


def read_round(folder: Path) -> JsonObject | None:
    """Return what the last round has found, or None where nothing can be read."""
    try:
        with (folder / NAME).open("rb") as file:
            row = json.loads(file.read(LIMIT_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) and row.get("v") == VERSION else None


def round_json(found: Round) -> JsonObject:
    """Return a round as the file and the document of ``tend`` carry it; ``ms``: it took so long."""
    outside = found.outside
    return {
        "at": format_time(found.at),
        "ms": found.ms,
        "clock": {
            "outside": format_time(outside[0]) if outside else None,
            "source": outside[1] if outside else None,
            "odd": found.odd,
        },
        "disposals": dict(found.disposals),
        "disposed": sum(each.disposed for each in found.ran.values()),
        "spared": sum(each.spared for each in found.ran.values()),
        "counted": counted_json(found.counted) if found.counted else None,
        "space": space_json(found.space) if found.space else None,
        "short": found.short,
        "failed": {part: error.word for part, error in found.failed.items()},
    }


def counted_json(counted: Counted) -> JsonObject:
    """Return what was counted; sizes in bytes."""
    soon = counted.soon
    return {
        "kept": _sum(counted.kept),
        "due": _sum(soon.due),
        "within": [{"days": days, **_sum(each)} for days, each in soon.within.items()],
        "staying": _sum(soon.staying),
        "over": {code: _sum(each) for code, each in soon.over.items()},
        "blocked": {code: _sum(each) for code, each in counted.blocked.items()},
    }


def _sum(total: Sum | Figure) -> JsonObject:
    return {"count": total.count, "bytes": total.bytes}


def number(row: Mapping[str, Any] | None, *names: str) -> int | None:
    """Return a number of the file by the names that lead to it, or None."""
    value: Any = row
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if type(value) is int else None


def time_of(row: Mapping[str, Any] | None, *names: str) -> datetime | None:
    """Return a time of the file, or None."""
    value: Any = row
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    try:
        return parse_time(value) if isinstance(value, str) else None
    except MalformedError:
        return None
