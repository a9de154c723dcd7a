"""Why a segment is kept, as documents carry it: of the command line and of the API."""

from datetime import datetime

from custody.deciding import Decided, Deciding
from evidence.codec import format_time
from evidence.json import JsonObject
from evidence.keeping import Blocker, Ground


def decided_json(deciding: Deciding, decided: Decided) -> JsonObject:
    """Return what was decided; times are the first moment after the end, ``segment`` in hex."""
    keeping, blockers = decided.keeping, deciding.told(decided)
    return {
        "segment": keeping.segment[2:],
        "size": decided.kept.size,
        "at": format_time(deciding.now),
        "until": _time(keeping.until),
        "grace_until": _time(keeping.grace_until),
        "over": decided.over,
        "grounds": [_ground_json(each) for each in keeping.grounds],
        "blockers": [_blocker_json(each) for each in blockers],
        "hidden": len(keeping.blockers) - len(blockers),
    }


def _ground_json(ground: Ground) -> JsonObject:
    return {
        "what": ground.what,
        "article": ground.article,
        "policy": ground.policy,
        "entry": ground.entry,
        "start": format_time(ground.start),
        "from": ground.from_,
        "ends": _time(ground.ends),
    }


def _blocker_json(blocker: Blocker) -> JsonObject:
    return {
        "code": blocker.code,
        "whose": blocker.whose,
        "since": format_time(blocker.since),
        "entry": blocker.entry,
    }


def _time(moment: datetime | None) -> str | None:
    return format_time(moment) if moment else None
