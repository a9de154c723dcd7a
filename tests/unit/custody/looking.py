"""What the tests of looking share: reading under a grant, and a ledger that takes no entry."""

from dataclasses import replace

from custody.access import Access
from custody.grants import withdraw_grant
from evidence.errors import LedgerUnavailableError


def read(bureau, grant, spans=None, by=None):
    return Access(bureau.desk).read(grant, by or bureau.holder, spans)


def opened(bureau):
    return [entry.body for entry in bureau.house.entries("copy.opened")]


def closed(bureau):
    return [entry.body for entry in bureau.house.entries("copy.closed")]


def rows(refusal):
    return {row for row, _ in refusal.value.facts["rows"]}


def span_of(segment, first=None, last=None):
    return {"segment": segment, "first": first, "last": last}


class Down:
    """A ledger that answers questions and takes no entry of one kind; ``applied``: it takes it."""

    def __init__(self, ledger, kind, *, applied=False):
        self._ledger, self._kind, self._applied = ledger, kind, applied

    def __getattr__(self, name):
        return getattr(self._ledger, name)

    def append(self, drafts):
        if drafts[0].type != self._kind:
            return self._ledger.append(drafts)
        if self._applied:
            self._ledger.append(drafts)
        raise LedgerUnavailableError("ledger_outcome_unknown", path="planted")


def down(bureau, kind, *, applied=False):
    return replace(bureau.desk, ledger=Down(bureau.ledger, kind, applied=applied))


def withdraw(bureau, grant):
    withdraw_grant(bureau.desk, bureau.actor("head"), grant.id, "a mistake")
