"""What of the alarms still has to be told to people, on which way, and when again.

Who sends reads the public tree and nothing else: no ledger process waits for it, no catalogue can
hide an alarm from it, and an entry carries no name, so none can leave.  What was told is
remembered in a small file that is never evidence: where it is lost, all that is open is told again.
Pure: where things lie and how a message travels is ``appliance/telling.py``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256

from custody.raised import ACKNOWLEDGED, RAISED, take
from custody.tree import Tree
from evidence.codec import decode_entry
from evidence.errors import MalformedError
from evidence.keeping import ALARM_OF, Raised
from evidence.tiles import TILE_WIDTH

LISTED_LIMIT = 50  # alarms of one message; the others come with the next
FIRST_PAUSE = timedelta(minutes=1)  # after a message did not go; doubled each time
LAST_PAUSE = timedelta(hours=1)
FAILING = 3  # tries in a row that did not go, before the other ways are told of it
_DOUBLINGS = 10
_MARKS = tuple(f'"type":"{kind}"'.encode() for kind in (RAISED, ACKNOWLEDGED))
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SUBJECT = re.compile(r"[sdrk]:[0-9a-f]{32,64}")


@dataclass(frozen=True, slots=True)
class Seen:
    """The tree as far as it was read: how many entries, and the SHA-256 of the last of them."""

    size: int = 0
    last: str = ""
    open: Mapping[str, Raised] = field(default_factory=dict)  # by ``Raised.same``


@dataclass(frozen=True, slots=True)
class Told:
    """What a way was last told of alarms that say the same."""

    newest: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Way:
    """One way to people: what it was told, and how it went.  ``because``: why it last did not."""

    told: Mapping[str, Told] = field(default_factory=dict)
    failures: int = 0  # in a row
    tried: datetime | None = None
    because: str | None = None
    refused: int = 0  # who of those addressed was refused, while others got it


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a message.  ``entry`` None: it speaks of a way to people, not of the ledger."""

    same: str
    code: str
    entry: int | None
    first: int | None
    count: int
    at: datetime | None
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out at once.  ``id`` is the same when the same is tried again."""

    id: str
    items: tuple[Item, ...]
    more: int  # open ones that the next message tells


def look(tree: Tree, seen: Seen) -> Seen:
    """Return what stands open in ``tree``, reading only what came after ``seen``.

    A tree that does not go on from there is another one, or an older one: it is read anew.  An
    answer that has not its form answers nothing, and the alarm goes on being told.
    """
    if not _goes_on(tree, seen):
        seen = Seen()
    known = dict(seen.open)
    for number in range(seen.size // TILE_WIDTH, -(-tree.size // TILE_WIDTH)):
        skip = max(seen.size - number * TILE_WIDTH, 0)
        for raw in tree.bundle(number)[skip:]:
            _take(known, raw)
    return Seen(tree.size, _last(tree, tree.size), known)


def _goes_on(tree: Tree, seen: Seen) -> bool:
    if tree.size < seen.size:
        return False
    return _last(tree, seen.size) == seen.last


def _last(tree: Tree, size: int) -> str:
    return sha256(tree.leaf(size - 1)).hexdigest() if size else ""


def _take(known: dict[str, Raised], raw: bytes) -> None:
    if not any(mark in raw for mark in _MARKS):
        return
    try:
        entry = decode_entry(raw)
        if entry.type in {RAISED, ACKNOWLEDGED}:
            take(known, entry)
    except MalformedError:
        return  # the audit names it; here it must not keep the others from being told


def due(
    seen: Seen, way: Way, repeat: timedelta, now: datetime, others: Sequence[tuple[str, Way]] = ()
) -> list[Raised]:
    """Return what a way has to be told now, newest first; [] also while it pauses.

    New ones at once; one that was told is told again after ``repeat`` (zero: never) while nobody
    has answered, however often it was raised meanwhile.  A clock that was set back makes nothing
    wait: what was told in our future is told again.  ``others``: ways that may be failing.
    """
    if not _ready(way, now):
        return []
    failing = (_failing(name, other) for name, other in others)
    stands = [*(each for each in failing if each), *seen.open.values()]
    found = [each for each in stands if _is_due(way.told.get(each.same), repeat, now)]
    return sorted(found, key=lambda each: (each.newest >= 0, -each.newest))


def _ready(way: Way, now: datetime) -> bool:
    if way.failures == 0 or way.tried is None:
        return True
    pause = min(FIRST_PAUSE * 2 ** min(way.failures - 1, _DOUBLINGS), LAST_PAUSE)
    return not timedelta() <= now - way.tried < pause


def _is_due(told: Told | None, repeat: timedelta, now: datetime) -> bool:
    if told is None:
        return True
    passed = now - told.at
    return passed < timedelta() or (repeat > timedelta() and passed >= repeat)


def _failing(name: str, way: Way) -> Raised | None:
    """Return the alarm that a way itself is: it stands in no ledger (its entries are -1)."""
    if way.failures < FAILING and not way.refused:
        return None
    return Raised(f"way:{name}", f"{name}_failing", -1, -1, max(way.failures, way.refused))


def message_of(tree: Tree, found: Sequence[Raised]) -> Message:
    """Return the message that tells of what is due: codes, indexes, times and ids alone.

    What stands in a body was written by somebody: a code that is none of ours, and a subject that
    is no segment, docking or recorder, stays here.
    """
    items = tuple(_item(tree, each) for each in found[:LISTED_LIMIT])
    named = "\n".join(f"{each.same} {each.entry} {each.count}" for each in items)
    origin = tree.note.partition(b"\n")[0]
    return Message(
        sha256(origin + b"\n" + named.encode()).hexdigest()[:32], items, len(found) - len(items)
    )


def _item(tree: Tree, raised: Raised) -> Item:
    code = raised.code if _CODE.fullmatch(raised.code) else "unknown"
    if raised.newest < 0:
        return Item(raised.same, code, None, None, raised.count, None)
    entry = decode_entry(tree.leaf(raised.newest))
    subjects = tuple(sorted(each for each in entry.about if _tells(each)))
    return Item(raised.same, code, raised.newest, raised.first, raised.count, entry.at, subjects)


def _tells(subject: str) -> bool:
    return subject.startswith(ALARM_OF) and _SUBJECT.fullmatch(subject) is not None


def went(way: Way, message: Message, now: datetime, refused: int = 0) -> Way:
    """Return the way after ``message`` went out on it."""
    told = {each.same: Told(-1 if each.entry is None else each.entry, now)
            for each in message.items}  # fmt: skip
    return Way({**way.told, **told}, 0, now, None, refused)


def failed(way: Way, because: str, now: datetime) -> Way:
    """Return the way after a message did not go, or nobody knows whether it did."""
    return replace(way, failures=way.failures + 1, tried=now, because=because)


def pruned(way: Way, seen: Seen, others: Sequence[tuple[str, Way]]) -> Way:
    """Return the way without what is not open any more, so that it is told anew if it comes again.

    ``others``: the other ways, as far as they fail.
    """
    failing = {f"way:{name}" for name, other in others if _failing(name, other)}
    told = {same: each for same, each in way.told.items() if same in seen.open or same in failing}
    return replace(way, told=told)
