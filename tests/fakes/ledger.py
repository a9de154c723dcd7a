"""The ledger in memory.  It polices: what no codec of ours would write is never appended."""

import hashlib
import hmac
import secrets
from threading import Lock

from evidence.codec import decode_entry, encode_entry, encode_statement, format_time, roll_root
from evidence.entry import Commitment, Draft, Entry, Receipt, Statement
from evidence.errors import ConflictError, MalformedError, UsageError
from evidence.keeping import KEEPING
from tests.fakes.clock import FixedClock
from tests.fakes.objects import World

CALL_LIMIT = 256
RESERVED = {"ledger.started", "clock.accepted"}
SECRET = b"station secret of the tests"


class MemoryLedger:
    """Breaks at the step ``ledger.append`` of its ``world``, in either way."""

    def __init__(self, world=None, clock=None, station="station-1"):
        self.world = world or World()
        self.clock = clock or FixedClock()
        self.station = station
        self.leaves = []
        self.statements = {}
        self.lasts = {}
        self._mutex = Lock()
        body = {"origin": f"test.example/dock/{station}/1", "vkey": "none", "software": "fake"}
        self._write([Draft("ledger.started", "sys:local", (), body)])

    def append(self, drafts):
        with self._mutex:
            self._police(drafts)
            made = self._make(drafts)  # whole before the first of them is kept
            self.world.run("ledger.append", lambda: self._keep(*made))
            first = len(self.leaves) - len(drafts)
            return Receipt(tuple(range(first, len(self.leaves))), len(self.leaves))

    def accept_clock(self, actor):
        """Our clock went back, and a person says so: the next entries follow it."""
        before, now = self.entry(len(self.leaves) - 1).at, self.clock.now()
        body = {"before": format_time(before), "after": format_time(now)}
        alarm = {"alarm": "clock_set_back", "facts": body}
        drafts = [
            Draft("clock.accepted", actor, (KEEPING,), body),
            Draft("alarm.raised", actor, (KEEPING,), alarm),
        ]
        self._keep(*self._make(drafts, now))
        size = len(self.leaves)
        return Receipt((size - 2, size - 1), size)

    def last(self, subject):
        return self.lasts.get(subject)

    def entry(self, index):
        if not 0 <= index < len(self.leaves):
            raise UsageError("entry_unknown", index=index, size=len(self.leaves))
        return decode_entry(self.leaves[index])

    def statement(self, index):
        commitment = self.entry(index).statement
        return self.statements.get(commitment.sha256) if commitment else None

    def pseudonym(self, kind, text):
        return f"{kind}:{hmac.new(SECRET, text.encode(), hashlib.sha256).hexdigest()}"

    def entries(self, kind=None):
        found = [self.entry(index) for index in range(len(self.leaves))]
        return [entry for entry in found if kind in {None, entry.type}]

    def _police(self, drafts):
        if not 0 < len(drafts) <= CALL_LIMIT:
            raise UsageError("append_length", count=len(drafts), limit=CALL_LIMIT)
        for draft in drafts:
            if draft.type in RESERVED:
                raise UsageError("entry_reserved", type=draft.type)
            self._police_draft(draft)

    def _police_draft(self, draft):
        about, private = draft.about, draft.private
        strangers = set(draft.expect) - set(about)
        if private:
            strangers |= {private.of} - set(about)
        if strangers or len(set(about)) < len(about):
            raise MalformedError("draft_malformed", field="about")
        if private and private.lines and "roll" in draft.body:
            raise MalformedError("draft_malformed", field="roll")
        for subject, expected in draft.expect.items():
            if self.lasts.get(subject) != expected:
                raise ConflictError("ledger_moved_on", subject=subject)

    def _write(self, drafts):
        self._keep(*self._make(drafts))

    def _make(self, drafts, at=None):
        at = at or self._at()
        leaves, statements, lasts = [], {}, dict(self.lasts)
        for seq, draft in enumerate(drafts, len(self.leaves)):
            commitment, body = None, draft.body
            if draft.private:
                commitment, body = self._commit(draft, statements)
            about = {subject: lasts.get(subject) for subject in draft.about}
            entry = Entry(draft.type, self.station, seq, at, draft.actor, about, commitment, body)
            leaves.append(encode_entry(entry))
            lasts |= dict.fromkeys(draft.about, seq)
        return leaves, statements, lasts

    def _commit(self, draft, statements):
        private, body = draft.private, dict(draft.body)
        lines = tuple({**line, "salt": secrets.token_hex(16)} for line in private.lines)
        salt = private.salt or secrets.token_hex(32)
        statement = Statement(private.of, salt, private.facts, lines)
        sha256 = hashlib.sha256(encode_statement(statement)).hexdigest()
        if sha256 in self.statements or sha256 in statements:
            raise MalformedError("statement_repeated")
        statements[sha256] = statement
        if lines:
            body["roll"] = {"count": len(lines), "root": roll_root(lines)}
        return Commitment(private.of, sha256), body

    def _at(self):
        now = self.clock.now()
        return max(self.entry(len(self.leaves) - 1).at, now) if self.leaves else now

    def _keep(self, leaves, statements, lasts):
        self.leaves += leaves
        self.statements |= statements
        self.lasts = lasts
