"""Alarms as entries tell them: what says the same counts once, until somebody answers it.

Pure, and the only fold: who lists alarms, who sends them and who decides about a segment agree.
"""

from dataclasses import replace

from custody import fields
from evidence.entry import Entry
from evidence.errors import MalformedError
from evidence.keeping import ALARM_ANSWERS, Acknowledged, Raised, same_alarm
from evidence.ports import Ledger

RAISED, ACKNOWLEDGED = "alarm.raised", "alarm.acknowledged"
WHOLE = frozenset({"digest", "slices"})  # levels of an audit that reads every byte


def code_of(alarm: Entry) -> str:
    """Return what an alarm says; one without a code is an alarm too."""
    code = alarm.body.get("alarm")
    return code if isinstance(code, str) else "unknown"


def same_of(alarm: Entry) -> str:
    """Return what it shares with the alarms that say the same."""
    return same_alarm(code_of(alarm), alarm.about)


def answered_by(entry: Entry) -> tuple[str, Acknowledged]:
    """Return which alarms an ``alarm.acknowledged`` answers, and how.

    Raises ``MalformedError`` for what no writer of ours makes.
    """
    body = entry.body
    same, alarm = fields.digest(body, "same"), fields.integer(body, "alarm")
    answer = next((each for each in ALARM_ANSWERS if each == body.get("answer")), None)
    if answer is None or alarm >= entry.seq:
        raise MalformedError("shelf_malformed", entry=entry.seq)
    return same, Acknowledged(alarm, entry.seq, answer, entry.actor, entry.at)


def take(known: dict[str, Raised], entry: Entry) -> None:
    """Take the next alarm or answer into the alarms that nobody has answered, by ``same``.

    An answer to an older one leaves those standing that were raised since; they are counted as
    before, for no answer is about a number.
    """
    if entry.type == ACKNOWLEDGED:
        same, told = answered_by(entry)
        if same in known and known[same].newest <= told.alarm:
            del known[same]
        return
    same = same_of(entry)
    before = known.get(same)
    if before is None:
        known[same] = Raised(same, code_of(entry), entry.seq, entry.seq, 1)
    else:
        known[same] = replace(before, newest=entry.seq, count=before.count + 1)


def cleared_by(ledger: Ledger, answer: Entry) -> int | None:
    """Return the alarm about bytes whose doubt an ``alarm.acknowledged`` ends, or None.

    Its audit is asked, not its word.  Raises ``MalformedError`` for one that is still to come.
    """
    audit = fields.optional_integer(answer.body, "audit")
    if audit is None:
        return None
    if audit >= answer.seq:
        raise MalformedError("shelf_malformed", entry=answer.seq)
    alarm = fields.integer(answer.body, "alarm")
    return alarm if proves(ledger.entry(audit), alarm) else None


def proves(audit: Entry, alarm: int) -> bool:
    """Return whether an audit says that the bytes of which alarm ``alarm`` spoke are sound.

    It read every byte, found nothing at all, and began after the alarm stood in the ledger.
    """
    if audit.type != "audit.done" or audit.body.get("level") not in WHOLE:
        return False
    clean = fields.integer(audit.body, "findings") == 0
    return clean and fields.integer(audit.body, "size") > alarm
