"""The keeper at work: what two people have decided is done, segment by segment (DESIGN 6).

For each batch, in this order; each step is durable before the next:

1. every segment is decided again from its own entries: what is not due any more is spared;
2. tombstones stand in the ledger, all of a batch or none, behind ``disposal.decided``; an entry
   about one of the segments, or about the keeping of all (a hold on a case or a window, a rule),
   that came meanwhile refuses the whole batch, and it is decided again;
3. keys and ciphertexts are destroyed;
4. the bytes are removed from every home;
5. ``disposal.executed`` says what each home answered.

A run that was cut goes on from the ledger: what has a tombstone and is not executed comes first.
Before anything goes, what people agreed on is decided again, their signatures too, and so is every
tombstone that another run has left (``custody/lawful.py``): an entry alone makes no end.
Every step can be done again.  The roll of slices and all entries stay: they prove what it was.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from custody.disposals import buried, load_disposal, unburied
from custody.judging import Look
from evidence.codec import format_time
from evidence.disposal import PART_SEGMENTS, Disposal, Now, Remover, Shredder, Tombstone
from evidence.entry import Draft
from evidence.errors import ConflictError, CustodyError, VaultUnavailableError
from evidence.json import Json, JsonObject
from evidence.keeping import KEEPING, Keeping
from evidence.ports import Ledger

ACTOR = "sys:keeper"
T = TypeVar("T")
ATTEMPTS = 5  # to write one batch of tombstones while entries about its segments come in


@dataclass(frozen=True, slots=True)
class Keeper:
    """What a run needs.  ``homes`` are all of them: bytes left in one would be undead.

    ``each`` is ``map``, or that of a pool: removals that wait for the disk together wait once.
    """

    ledger: Ledger
    look: Callable[[], Look]
    shredder: Shredder
    homes: Sequence[Remover]
    ends: "Ends"
    each: "Each" = map


class Each(Protocol):
    """Does one thing with each of several tombstones; the answers come in their order."""

    def __call__(
        self, do: Callable[[Tombstone], JsonObject], batch: Sequence[Tombstone], /
    ) -> Iterable[JsonObject]:
        """Return what became of each."""
        ...


class Ends(Protocol):
    """Decides again what stands in the ledger (``custody.lawful.Lawful``)."""

    def agreed(self, disposal: str) -> list[str]:
        """Return why a disposal was not agreed on as it must be."""
        ...

    def check(self, segment: str) -> None:
        """Raise ``CustodyError`` unless ``segment`` lies under a lawful tombstone."""
        ...


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run has done of a disposal."""

    disposed: int
    spared: int
    done: bool  # False: bytes are still there, because a home did not answer


def run(keeper: Keeper, disposal: str, now: Now, tell: Callable[[int], None]) -> Ran:
    """Do what is approved, or go on where it was cut.  ``tell`` hears how many are decided.

    Raises ``CustodyError`` (``not_approved``, ``undo_open``) where its time has not come: by
    ``now``, never by our own clock alone; and ``disposed_unlawfully`` for what nobody may have
    agreed on.
    """
    found = load_disposal(keeper.ledger, disposal)
    check_time(found, now)
    faults = keeper.ends.agreed(disposal)
    if faults:
        raise CustodyError("disposed_unlawfully", segment=disposal, because=" ".join(faults))
    for batch in _batches(unburied(found)):
        for tombstone in batch:
            keeper.ends.check(tombstone.segment)
        _bury(keeper, found, batch)
    decided = len(found.segments) - len(found.open)
    for segments in _batches(found.open):
        _bury(keeper, found, _decide(keeper, found.id, segments, now))
        decided += len(segments)
        tell(decided)
    ended = load_disposal(keeper.ledger, disposal)
    whole = not unburied(ended)
    if whole and ended.state == "approved":
        keeper.ledger.append([_done(ended)])
    return Ran(len(ended.disposed), len(ended.spared), whole)


def check_time(disposal: Disposal, now: Now) -> None:
    """Return where a disposal may run at ``now``, or raise."""
    if disposal.state not in {"approved", "done"} or disposal.undo_until is None:
        raise CustodyError("not_approved", disposal=disposal.id, state=disposal.state)
    if now.at < disposal.undo_until:
        until = format_time(disposal.undo_until)
        raise CustodyError("undo_open", until=until, now=format_time(now.at), source=now.source)


def _decide(
    keeper: Keeper, disposal: str, segments: Sequence[str], now: Now
) -> tuple[Tombstone, ...]:
    """Write what becomes of each segment; return the tombstones."""
    for _ in range(ATTEMPTS):
        decided = _decided(keeper.ledger, disposal, look := keeper.look(), len(segments))
        fates = [_fate(keeper.ledger, look, disposal, segment, now) for segment in segments]
        drafts = [decided, *fates]
        try:
            indexes = keeper.ledger.append(drafts).indexes[1:]
        except ConflictError:
            continue  # somebody wrote about one of them, or about all: look again
        written = zip(segments, fates, indexes, strict=True)
        return tuple(
            buried(segment, index, disposal)
            for segment, fate, index in written
            if fate.type == "segment.disposed"
        )
    raise CustodyError("disposal_contended", disposal=disposal)


def _decided(ledger: Ledger, disposal: str, look: Look, count: int) -> Draft:
    """Return the entry under which a batch is decided.

    It expects the keeping that was seen, and that nobody has undone the disposal meanwhile.
    """
    last = ledger.last(disposal)
    if last is not None and ledger.entry(last).type == "disposal.undone":
        raise CustodyError("disposal_undone", disposal=disposal)
    body: JsonObject = {"disposal": disposal, "count": count}
    expect = {KEEPING: look.index, disposal: last}
    return Draft("disposal.decided", ACTOR, (disposal, KEEPING), body, expect)


def _fate(ledger: Ledger, look: Look, disposal: str, segment: str, now: Now) -> Draft:
    """Return the draft of one segment, which expects exactly what it was decided from."""
    last = ledger.last(segment)  # before it is judged: what comes later is a conflict
    keeping = look.judge(segment, now)
    because = _because(keeping, now)
    kind = "segment.spared" if because else "segment.disposed"
    body = _spared(disposal, because) if because else _tombstone(disposal, keeping, now)
    return Draft(kind, ACTOR, (segment, disposal), body, {segment: last})


def _because(keeping: Keeping, now: Now) -> list[str]:
    """Return why a segment may not go, apart from this very disposal."""
    codes = [str(each.code) for each in keeping.blockers if each.code != "disposing"]
    ended = keeping.grace_until is not None and keeping.grace_until <= now.at
    return codes or ([] if ended else ["kept"])


def _spared(disposal: str, because: Sequence[str]) -> JsonObject:
    return {"disposal": disposal, "because": list(because)}


def _tombstone(disposal: str, keeping: Keeping, now: Now) -> JsonObject:
    grounds: list[Json] = [
        {"what": each.what, "article": each.article, "policy": each.policy,
         "ends": format_time(each.ends)}
        for each in keeping.grounds
        if each.ends is not None
    ]  # fmt: skip
    return {
        "disposal": disposal,
        "sha256": keeping.segment.removeprefix("s:"),
        "now": format_time(now.at),
        "source": now.source,
        "grounds": grounds,
    }


def _bury(keeper: Keeper, disposal: Disposal, batch: Sequence[Tombstone]) -> None:
    """Destroy keys and bytes under tombstones, then say what every home answered.

    A home that does not answer is asked again by the next run.
    """
    if batch:
        keeper.shredder.shred([each.segment for each in batch])
    answers = keeper.each(partial(_remove, keeper.homes), batch)
    answered = [(one.segment, homes) for one, homes in zip(batch, answers, strict=True) if homes]
    rows: list[Json] = [{"segment": segment, "homes": homes} for segment, homes in answered]
    gone = [segment for segment, _ in answered]
    if gone:
        body: JsonObject = {"disposal": disposal.id, "segments": rows}
        about = (disposal.id, *gone)
        keeper.ledger.append([Draft("disposal.executed", ACTOR, about, body)])


def _remove(homes: Sequence[Remover], tombstone: Tombstone) -> JsonObject:
    """Return what each home answered; nothing where one of them did not.

    While a tombstone is not executed, no docking takes the segment in again
    (``ingest/seal.py``): the bytes that are removed here are the ones that were disposed of.
    """
    try:
        return {home.home: home.remove(tombstone) for home in homes}
    except VaultUnavailableError:
        return {}


def _done(disposal: Disposal) -> Draft:
    body: JsonObject = {
        "disposal": disposal.id,
        "disposed": len(disposal.disposed),
        "spared": len(disposal.spared),
    }
    about, expect = (disposal.id, KEEPING), {disposal.id: disposal.last}
    return Draft("disposal.done", ACTOR, about, body, expect)


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for begin in range(0, len(items), PART_SEGMENTS):
        yield items[begin : begin + PART_SEGMENTS]
