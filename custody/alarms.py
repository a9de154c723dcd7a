"""Alarms that nobody has answered, and how a person answers one (docs/keeping.md, Alarms).

An alarm is an entry about whatever it speaks of, so no one chain holds them all: the catalogue
proposes which may be open, and the ledger decides each.  A catalogue that is behind hides what was
raised since; one that was tampered with can hide an alarm from a list and can answer none.  Those
about the box itself stand on the chain of the keeping and are found without it; and who sends
alarms reads every entry of the tree and asks no catalogue (``custody/outbox.py``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from custody.desk import Desk
from custody.facts import Standing, over_footage, over_unit
from custody.footage import footage_of, slices_of
from custody.keeping import Keeper, begin_keeping, check_words
from custody.permission import Does, Situation
from custody.raised import RAISED, code_of, proves, same_of
from custody.reach import over_scope
from custody.scan import scan
from custody.tree import Tree
from evidence.entry import Entry, Private
from evidence.errors import CustodyError, UnknownSegmentError, UsageError
from evidence.json import JsonObject
from evidence.keeping import ALARM_ANSWERS, Acknowledged, AlarmAnswer, Raised, Scope, Shelf
from evidence.people import ORGANISATION, Actor
from evidence.ports import Ledger

SUBJECTS_LIMIT = 60  # of an alarm that its answer names
BYTES_SOUND: frozenset[AlarmAnswer] = frozenset({"mended", "no_harm"})
OTHERWISE = frozenset({"state_secret"})  # about a segment, and not about its bytes
_SPOKEN_OF = ("s:", "d:", "r:")  # no question and no grant: decisions expect their last entry
_MOMENT = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Alarms that say the same.  ``raised.count`` and ``first`` are the catalogue's: for showing.

    ``facts`` are those of the newest.  ``answered``: the newest answer, where one holds.
    """

    raised: Raised
    at: datetime  # of the newest
    first_at: datetime
    subjects: tuple[str, ...]
    facts: JsonObject
    answered: Acknowledged | None = None
    cleared: bool = False  # an auditor has ended the doubt about the bytes

    @property
    def entry(self) -> int:
        """Return the newest alarm: by which all of them are answered."""
        return self.raised.newest


def alarms_of(ledger: Ledger, shelf: Shelf, proposed: Iterable[Raised]) -> list[Alarm]:
    """Return the alarms of which somebody proposes that they stand, and those of the box.

    Newest first, answered ones too; one that is none, or says something else, is left out.
    """
    told = {each.same: each for each in proposed}
    for same, each in shelf.raised.items():  # the ledger's own word
        if same not in told or told[same].newest < each.newest:
            told[same] = each
    found = (_decided(ledger, shelf, each) for each in told.values())
    return sorted((each for each in found if each), key=lambda each: -each.entry)


def _decided(ledger: Ledger, shelf: Shelf, raised: Raised) -> Alarm | None:
    newest, first = ledger.entry(raised.newest), ledger.entry(raised.first)
    if not (_says(newest, raised.same) and _says(first, raised.same)):
        return None
    known = shelf.acknowledged.get(raised.same)
    body = newest.body.get("facts")
    return Alarm(
        raised,
        newest.at,
        first.at,
        tuple(newest.about),
        body if isinstance(body, dict) else {},
        known if known and known.alarm >= raised.newest else None,
        raised.newest in shelf.cleared,
    )


def _says(entry: Entry, same: str) -> bool:
    return entry.type == RAISED and same_of(entry) == same


def alarms_for(keeper: Keeper, proposed: Iterable[Raised], *, every: bool = False) -> list[Alarm]:
    """Return the alarms that somebody may answer, newest first; ``every``: answered ones too.

    In an open home all of them: nobody could answer, and all may know.
    """
    ledger = keeper.desk.ledger
    found = alarms_of(ledger, keeper.shelf, proposed)
    return [
        each
        for each in found
        if (every or each.answered is None) and may_see(keeper, ledger.entry(each.entry))
    ]


def may_see(keeper: Keeper, alarm: Entry) -> bool:
    """Return whether the actor may know of an alarm: whoever may answer it."""
    over = over_alarm(keeper.standing, alarm)
    return "unfounded" in over.facts or keeper.may(_act(alarm), over)


def acknowledge(desk: Desk, actor: Actor, entry: int, answer: AlarmAnswer, words: str = "") -> int:
    """Answer alarm ``entry`` and all before it that say the same; return the index of the answer.

    That the bytes of a segment are sound again, only an auditor says, after an audit that read
    every byte and found nothing.  Raises ``UsageError`` (``no_alarm``, ``alarm_answer``,
    ``alarm_words``), ``CustodyError`` (``alarm_answered``, ``alarm_unaudited``), ``RefusedError``
    after an entry of its own, ``ConflictError`` where somebody wrote about the keeping meanwhile.
    """
    if answer not in ALARM_ANSWERS:
        raise UsageError("alarm_answer", answer=answer)
    alarm = desk.ledger.entry(entry)
    if alarm.type != RAISED:
        raise UsageError("no_alarm", entry=entry)
    keeper = begin_keeping(desk, actor)
    clears = answer in BYTES_SOUND and about_bytes(alarm)
    subjects = _subjects(desk.ledger, alarm)
    act: Does = "clear_alarm" if clears else _act(alarm)
    keeper.allow(act, over_alarm(keeper.standing, alarm), subjects)
    _check_open(keeper.shelf, alarm, clears=clears)
    body: JsonObject = {
        "alarm": entry,
        "same": same_of(alarm),
        "answer": answer,
        "audit": _clean_audit(desk, alarm) if clears else None,
    }
    return keeper.write("alarm.acknowledged", subjects, body, _private(subjects, words))


def about_bytes(alarm: Entry) -> bool:
    """Return whether it says that the vault gave other bytes than the sealed ones."""
    named = any(each.startswith("s:") for each in alarm.about)
    return named and code_of(alarm) not in OTHERWISE


def over_alarm(standing: Standing, alarm: Entry) -> Situation:
    """Return what the actor is over what an alarm speaks of.

    Its segments; else who had its recorder then; else the organisation as a whole.
    """
    ledger = standing.desk.ledger
    named = [each for each in alarm.about if each.startswith("s:")][:SUBJECTS_LIMIT]
    try:
        if named:
            return over_footage(standing, footage_of(ledger, named))
    except UnknownSegmentError:
        return over_unit(standing, ORGANISATION)  # nothing of it is in custody: nobody's footage
    recorder = next((each for each in alarm.about if each.startswith("r:")), None)
    if recorder is None:
        return over_unit(standing, ORGANISATION)
    window = Scope("window", of=recorder, since=alarm.at, until=alarm.at + _MOMENT)
    return over_scope(standing, window, every=False)


def _act(alarm: Entry) -> Does:
    """Return what is asked of who answers: an alarm of the box speaks of no footage."""
    footage = any(each.startswith(_SPOKEN_OF) for each in alarm.about)
    return "acknowledge_alarm" if footage else "acknowledge_box"


def _check_open(shelf: Shelf, alarm: Entry, *, clears: bool) -> None:
    """Raise where it is answered; who ends the doubt about bytes may do so after another answer."""
    known = shelf.acknowledged.get(same_of(alarm))
    answered = known is not None and known.alarm >= alarm.seq
    done = shelf.cleared.get(alarm.seq) if clears else known.entry if known and answered else None
    if done is not None:
        raise CustodyError("alarm_answered", entry=alarm.seq, answer=done)


def _clean_audit(desk: Desk, alarm: Entry) -> int:
    """Return the newest audit that found the bytes sound, from the tree itself."""
    audits = scan(Tree(desk.tiles), frozenset({"audit.done"}), since=alarm.at)
    found = next((each.seq for each in audits if proves(each, alarm.seq)), None)
    if found is None:
        raise CustodyError("alarm_unaudited", entry=alarm.seq)
    return found


def _subjects(ledger: Ledger, alarm: Entry) -> tuple[str, ...]:
    """Return what the answer names of what the alarm speaks of."""
    named = (each for each in alarm.about if each.startswith(_SPOKEN_OF))
    kept = [each for each in named if not each.startswith("s:") or _in_custody(ledger, each)]
    return tuple(kept[:SUBJECTS_LIMIT])


def _in_custody(ledger: Ledger, segment: str) -> bool:
    """Return whether words may stand under its key: what is gone would get a new one."""
    try:
        slices_of(ledger, segment)
    except (UnknownSegmentError, CustodyError):
        return False
    return True


def _private(subjects: tuple[str, ...], words: str) -> Private | None:
    """Return the statement with the words, under the key of what the alarm speaks of."""
    if not words:
        return None
    of = next((each for each in subjects if each.startswith(("s:", "d:"))), None)
    if of is None:
        raise UsageError("alarm_words")
    return Private(of, {"words": check_words(words, "words")})
