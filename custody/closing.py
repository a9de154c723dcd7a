"""The end of a look: copy.closed says what really left, also when nobody is there to say it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from custody.desk import Desk
from custody.fields import integer
from custody.footage import span_json
from custody.history import chain
from custody.requests import spans_of
from evidence.asking import Span
from evidence.entry import Draft, Entry
from evidence.errors import ConflictError, EvidenceError, LedgerUnavailableError, VaultError
from evidence.json import JsonObject
from evidence.ports import Count, Ledger

How = Literal["complete", "broken", "withdrawn", "recovered"]
RECOVERS = "sys:local"  # nobody who looked: the appliance
CLOSE_LIMIT = 100  # attempts: each lost to another use of the same grant, of which there are 100


@dataclass(frozen=True, slots=True)
class Closing:
    """What copy.closed will say.  ``left``: (slices, bytes) by the number of the span."""

    grant: str
    opened: int  # entry copy.opened
    about: tuple[str, ...]  # its subjects
    spans: tuple[Span, ...]
    left: Mapping[int, tuple[int, int]]


def write_closed(ledger: Ledger, actor: str, closing: Closing, how: How) -> int:
    """Write the end of a look, once; return its entry, ours or that of whoever was faster."""
    for _ in range(CLOSE_LIMIT):
        last, closed = _since_opened(ledger, closing)
        if closed is not None:
            return closed
        expect = {closing.grant: last}
        draft = Draft("copy.closed", actor, closing.about, _body(closing, how), expect)
        with suppress(ConflictError):
            return ledger.append([draft]).indexes[0]
    raise ConflictError("ledger_moved_on", subject=closing.grant)


def recover(desk: Desk) -> tuple[int, ...]:
    """Close every look that nobody is serving any more; return the entries that opened them.

    For every start of whoever serves, and for every minute after.  Raises as the ledger and the
    meter do, after the others: what was not closed stays counted, and the next time closes it.
    """
    closed: list[int | None] = []
    failed: list[EvidenceError] = []
    for count in desk.meter.left_over():
        try:
            closed.append(_recover(desk.ledger, count))
            count.end()
        except LedgerUnavailableError:
            raise  # the others would wait for it just as long
        except EvidenceError as error:
            failed.append(error)
        finally:
            count.drop()
    if failed:
        raise failed[0]
    return tuple(opened for opened in closed if opened is not None)


def forget(count: Count) -> None:
    """End a count whose look is closed or was never opened; if that fails, a start finds it so."""
    with suppress(VaultError):
        count.end()
    count.drop()


def _recover(ledger: Ledger, count: Count) -> int | None:
    """Close the look that a count belongs to; None where it was never opened."""
    opened = _opened_after(ledger, count.grant, count.after)
    if opened is None:
        return None
    spans = spans_of(opened.body)
    closing = Closing(count.grant, opened.seq, tuple(opened.about), spans, count.parts())
    write_closed(ledger, RECOVERS, closing, "recovered")
    return opened.seq


def _opened_after(ledger: Ledger, grant: str, after: int) -> Entry | None:
    """Return the use that follows entry ``after`` of a grant: its ``expect`` made it the only one.

    None where something else follows: the look never came to be.
    """
    for entry in chain(grant, ledger):
        if entry.about[grant] == after:
            return entry if entry.type == "copy.opened" else None
        if entry.seq <= after:
            return None
    return None


def _since_opened(ledger: Ledger, closing: Closing) -> tuple[int, int | None]:
    """Return the last entry about the grant, and the one that has closed this look, if any."""
    last = closing.opened
    since = takewhile(lambda entry: entry.seq > closing.opened, chain(closing.grant, ledger))
    for entry in since:
        last = max(last, entry.seq)
        if entry.type == "copy.closed" and integer(entry.body, "opened") == closing.opened:
            return last, entry.seq
    return last, None


def _body(closing: Closing, how: How) -> JsonObject:
    """Return the body: of every span the slices that left, in order from its first one."""
    left = [
        Span(span.segment, span.first or 0, (span.first or 0) + closing.left[number][0] - 1)
        for number, span in enumerate(closing.spans)
        if number in closing.left
    ]
    return {
        "grant": closing.grant,
        "opened": closing.opened,
        "bytes": sum(size for _, size in closing.left.values()),
        "spans": span_json(left),
        "how": how,
    }
