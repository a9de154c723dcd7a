"""Who fails too often waits: a guesser for long, the person themself never for ever.

Five failures in a quarter of an hour lock an account *from that address*.  Many failures from
anywhere make an account slower, but not from where its owner has signed in before: else anybody
could keep a head from deciding.  What the lock refuses does not count, so it always ends.

Failures go to the ledger as one entry a minute at most, and while they go on as ever fewer, down
to one an hour: nobody can fill the ledger by failing, nor make the organisation's chain long, which
everybody reads.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta

from custody.entrance import Came, Entrance
from custody.fields import text
from evidence.accounts import Failure, Tally
from evidence.codec import format_time, parse_time
from evidence.entry import Draft, Private
from evidence.errors import ConflictError, EvidenceError, NotSignedInError
from evidence.json import JsonObject
from evidence.people import ORGANISATION

WINDOW = timedelta(minutes=15)
TRIES = 5  # in the window, by account and address
HOUR = timedelta(hours=1)
FREE = 20  # failures of an account in an hour, from anywhere, before it gets slower
DELAY_LIMIT_S = 300
KNOWN = timedelta(days=30)
LINES_LIMIT = 100  # of one entry; the last one holds the rest

_KEEPER = "sys:local"
_MINUTE = timedelta(minutes=1)


def check_allowed(entrance: Entrance, account: str, came: Came) -> None:
    """Raise ``NotSignedInError`` while this account may not be tried from this address.

    ``sign_in_locked`` and ``sign_in_delayed`` say how many seconds it takes at most.
    """
    now = entrance.desk.clock.now()
    failures = entrance.accounts.failures
    count, last = failures.count(account, came.address, now - WINDOW)
    if count >= TRIES and last is not None:
        _refuse(entrance, account, came, NotSignedInError("sign_in_locked", minutes=_minutes()))
    count, last = failures.count(account, None, now - HOUR)
    if count < FREE or last is None or failures.known(account, came.address, now - KNOWN):
        return
    delay = min(DELAY_LIMIT_S, 2 ** min(count - FREE, 16))
    left = last + timedelta(seconds=delay) - now
    if left > timedelta():
        seconds = int(left.total_seconds()) + 1
        _refuse(entrance, account, came, NotSignedInError("sign_in_delayed", seconds=seconds))


def _minutes() -> int:
    return int(WINDOW.total_seconds()) // 60


def _refuse(entrance: Entrance, account: str, came: Came, error: EvidenceError) -> None:
    because = error.word.removeprefix("sign_in_")
    note_failure(entrance, account, came, because, counts=False)
    raise error


def note_failure(
    entrance: Entrance, account: str, came: Came, because: str, *, counts: bool = True
) -> None:
    """Count a failure.  ``because``: wrong, suspended, key, code, step_up; locked, delayed, busy.

    ``account`` "": no account was named (a code), or naming it would cost a row for each guess.
    """
    person = entrance.accounts.passwords.person(account)
    now = entrance.desk.clock.now()
    entrance.accounts.failures.add(Failure(account, came.address, because, now, counts, person))


def report_failures(entrance: Entrance) -> int | None:
    """Write the failures of the minutes that are over; return the entry, or None for none yet.

    Called every minute, and by whoever signs in.  Two at once: one writes, the other leaves it.
    """
    subject = entrance.desk.ledger.last(ORGANISATION)
    failures = entrance.accounts.failures
    tallies = failures.unreported(entrance.desk.clock.now())
    if subject is None or not tallies or not _due(entrance, subject):
        return None  # an open home has nobody to sign in, and an entry here would found it
    try:
        index = _write(entrance, tallies, subject)
    except ConflictError:
        return None  # the other one has them, or the next minute will
    failures.report(tallies)
    return index


def _due(entrance: Entrance, subject: int) -> bool:
    """Tell whether it is time: after an entry of failures, twice as long as what that one told."""
    last = entrance.desk.ledger.entry(subject)
    if last.type != "sign_in.failed":
        return True
    told = parse_time(text(last.body, "until")) - parse_time(text(last.body, "since"))
    return entrance.desk.clock.now() >= last.at + min(2 * told, HOUR)


def _write(entrance: Entrance, tallies: Sequence[Tally], subject: int) -> int:
    words: Counter[str] = Counter()
    for each in tallies:
        words[each.because] += each.count
    minutes = [each.minute for each in tallies]
    body: JsonObject = {
        "count": words.total(),
        "since": format_time(min(minutes)),
        "until": format_time(max(minutes) + _MINUTE),
        "because": [{"word": word, "count": words[word]} for word in sorted(words)],
    }
    private = Private(ORGANISATION, {}, tuple(_lines(tallies)))
    expect = {ORGANISATION: subject}
    draft = Draft("sign_in.failed", _KEEPER, (ORGANISATION,), body, expect, private)
    return entrance.desk.ledger.append([draft]).indexes[0]


def _lines(tallies: Sequence[Tally]) -> Iterable[JsonObject]:
    """Yield who failed from where how often, the most first; never a name that somebody typed."""
    found: Counter[tuple[str, str]] = Counter()
    for each in tallies:
        found[each.person or "", each.address] += each.count
    ranked = found.most_common()
    for (person, address), count in ranked[: LINES_LIMIT - 1]:
        yield {"account": person or None, "address": address, "count": count}
    rest = sum(count for _, count in ranked[LINES_LIMIT - 1 :])
    if rest:
        yield {"account": None, "address": None, "count": rest}
