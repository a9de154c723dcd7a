"""All that ever happened to a subject, from the ledger itself: complete, by ``about``."""

from collections.abc import Iterator

from evidence.entry import Entry
from evidence.errors import IntegrityError
from evidence.ports import Ledger

HISTORY_LIMIT = 100_000  # entries about one subject

# What a docking says about every segment that lay on the recorder.
SHARED = frozenset(
    {
        "docking.opened",
        "inventory.taken",
        "identity.observed",
        "docking.erased",
        "docking.ended",
        "alarm.raised",
    }
)


def history(subject: str, ledger: Ledger) -> list[Entry]:
    """Return every entry about ``subject``, newest first; empty when there is none.

    For a segment, also what its dockings say of all that lay there: opened, inventory, identity,
    erased, ended, alarms.  Raises ``IntegrityError`` (``history_broken``) when an entry does not
    name the subject that led to it.
    """
    found = {entry.seq: entry for entry in chain(subject, ledger)}
    if subject.startswith("s:"):
        dockings = {each for entry in found.values() for each in entry.about if each[0] == "d"}
        for docking in sorted(dockings):
            for entry in chain(docking, ledger):
                if entry.type in SHARED:
                    found[entry.seq] = entry
    return sorted(found.values(), key=lambda entry: entry.seq, reverse=True)


def chain(subject: str, ledger: Ledger, newest: int | None = None) -> Iterator[Entry]:
    """Yield the entries about ``subject``, newest first, each named by the one after it.

    ``newest``: from that one on, which is about it.
    """
    index = ledger.last(subject) if newest is None else newest
    for _ in range(HISTORY_LIMIT):
        if index is None:
            return
        entry = ledger.entry(index)
        if subject not in entry.about:
            raise IntegrityError("history_broken", subject=subject, entry=index)
        yield entry
        index = entry.about[subject]
    raise IntegrityError("history_too_long", subject=subject, limit=HISTORY_LIMIT)
