"""Whether a look may go on: the grant, its holder and its time, asked again and again.

The ledger is asked at most once a second, so a withdrawal or a suspension holds within two: one
for the question, one for its answer and the slice that is under way.
"""

from itertools import takewhile

from custody.facts import Standing, over_grant, standing_of
from custody.footage import Footage
from custody.grants import EXPIRED, WITHDRAWN
from custody.history import chain
from custody.permission import check, refuse
from evidence.asking import Grant

ASK_EVERY_S = 1.0


class Watch:
    """Watches one use of a grant.  The uses of others, also the last one allowed, do not end it."""

    def __init__(self, standing: Standing, grant: Grant, footage: Footage) -> None:
        self.standing = standing
        self._grant = grant
        self._footage = footage
        self._seen = grant.last
        self._asked: float | None = None

    def check(self) -> None:
        """Raise ``RefusedError`` where the look must end; else return.  Raises as the ledger."""
        clock = self.standing.desk.clock
        if self._grant.until <= clock.now():
            refuse(self._grant.act, (EXPIRED,))
        now = clock.monotonic()
        if self._asked is not None and now - self._asked < ASK_EVERY_S:
            return
        self._ask_about_grant()
        self._ask_about_holder()
        self._asked = now

    def _ask_about_grant(self) -> None:
        seen = newest = self._seen
        entries = chain(self._grant.id, self.standing.desk.ledger)
        for entry in takewhile(lambda entry: entry.seq > seen, entries):
            if entry.type == "grant.withdrawn":
                refuse(self._grant.act, (WITHDRAWN,))
            newest = max(newest, entry.seq)
        self._seen = newest

    def _ask_about_holder(self) -> None:
        """Ask the table again where anything was decided about people since."""
        before = self.standing
        now = standing_of(before.desk, before.actor, before.register)
        if now.register.index != before.register.index:
            check(self._grant.act, over_grant(now, self._grant, self._footage, self._grant.act))
        self.standing = now
