"""What people have agreed on of one disposal, entry after entry, and what that does not allow.

Read by the audit in the order of the ledger (``custody/endings.py``), and along the disposal's own
chain by whoever is about to destroy something (``custody/lawful.py``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from custody.fields import moment
from evidence.entry import Entry

KEEPER = "sys:keeper"


@dataclass(slots=True)
class Agreement:
    """One disposal so far.  ``listed``: the segments that it names."""

    proposed: Entry  # its first part
    warning_until: datetime
    listed: set[str] = field(default_factory=set)
    approved: Entry | None = None
    undo_until: datetime | None = None
    undone: int | None = None  # disposal.undone

    def listing(self, entry: Entry) -> list[str]:
        """Take a part of the proposal; return why it is none."""
        if self.approved is not None:
            return ["listed_late"]
        if entry.actor != self.proposed.actor:
            return ["listed_by_another"]
        self.listed |= {each for each in entry.about if each.startswith("s:")}
        return []

    def approve(self, entry: Entry) -> list[str]:
        """Take the approval; return why it is none.  The first one stands."""
        if self.approved is not None:
            return ["approved_twice"]
        self.approved, self.undo_until = entry, moment(entry.body, "undo_until")
        faults = ["same_person"] if entry.actor == self.proposed.actor else []
        return [*faults, "warning_open"] if entry.at < self.warning_until else faults

    def undo(self, entry: Entry) -> list[str]:
        """Take note that somebody has undone it."""
        self.undone = entry.seq
        return []

    def untimely(self, tombstone: Entry) -> Iterator[str]:
        """Yield what two people and time have not allowed when ``tombstone`` was written."""
        if self.undo_until is None or self.approved is None or self.approved.seq > tombstone.seq:
            yield "not_approved"
            return
        now = moment(tombstone.body, "now")
        if now > tombstone.at:
            yield "ahead_of_our_clock"
        if now < self.undo_until:
            yield "undo_open"
        if self.undone is not None and self.undone < tombstone.seq:
            yield "undone"

    def unnamed(self, tombstone: Entry, segment: str) -> Iterator[str]:
        """Yield who has written ``tombstone`` that may not, and that its segment is not named."""
        if tombstone.actor != KEEPER:
            yield "not_the_keeper"
        if segment not in self.listed:
            yield "not_listed"


def begin_agreement(entry: Entry) -> Agreement:
    """Return what ``disposal.proposed`` begins; raises ``MalformedError`` for another form."""
    return Agreement(entry, moment(entry.body, "warning_until"))
