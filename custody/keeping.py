"""What every act upon the keeping shares: who may, and one entry on its chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from custody.desk import Desk
from custody.facts import Standing, over_unit, standing_of
from custody.permission import Does, Situation, refusals
from custody.refused import refuse_on_record
from custody.shelf import read_shelf
from evidence.entry import Draft, Private
from evidence.errors import UsageError
from evidence.json import JsonObject
from evidence.keeping import KEEPING, Shelf
from evidence.people import ORGANISATION, Actor

WORDS_LIMIT = 2000  # characters of a reference or a reason
_AHEAD = timedelta(hours=14)  # of UTC: no place on earth has a later day (UTC+14)


@dataclass(frozen=True, slots=True)
class Keeper:
    """Somebody acts on the keeping as they see it now."""

    standing: Standing
    shelf: Shelf

    @property
    def desk(self) -> Desk:
        """Return the desk at which they act."""
        return self.standing.desk

    @property
    def person(self) -> str:
        """Return who acts."""
        return self.standing.person

    def allow(
        self, act: Does, situation: Situation, subjects: Sequence[str] = (), *, asker: bool = False
    ) -> None:
        """Return where it is allowed, or raise ``RefusedError`` with every row, on record.

        ``asker``: what they would second is what they have proposed themselves.
        """
        facts = situation.facts | ({"asker"} if asker else set())
        found = refusals(act, Situation(situation.roles, facts))
        if found:
            refuse_on_record(self.desk, self.standing.actor, act, found, subjects)

    def may(self, act: Does, situation: Situation) -> bool:
        """Return whether it is allowed; nothing is written down: for lists."""
        return not refusals(act, situation)

    def allow_here(self, act: Does, *, asker: bool = False) -> None:
        """``allow`` over the organisation as a whole."""
        self.allow(act, over_unit(self.standing, ORGANISATION), asker=asker)

    def write(
        self, kind: str, about: Sequence[str], body: JsonObject, private: Private | None = None
    ) -> int:
        """Append one entry to the chain of the keeping as it was seen; return its index.

        Raises ``ConflictError`` when somebody was faster: look again.
        """
        subjects = tuple(dict.fromkeys((KEEPING, *about)))
        expect = {KEEPING: self.shelf.index}
        draft = Draft(kind, self.person, subjects, body, expect, private)
        return self.desk.ledger.append([draft]).indexes[0]


def begin_keeping(desk: Desk, actor: Actor) -> Keeper:
    """Look at organisation and keeping, to act on exactly what is seen."""
    return Keeper(standing_of(desk, actor), read_shelf(desk.ledger))


def check_day(keeper: Keeper, day: date) -> None:
    """Raise ``UsageError`` (``day_ahead``) for a day that has begun nowhere, by our own clock."""
    if day > (keeper.standing.now + _AHEAD).date():
        raise UsageError("day_ahead", day=day.isoformat())


def check_words(text: str, field: str) -> str:
    """Return a text of ours without the spaces at its ends; raise ``UsageError`` where it is none.

    Word ``keep_words``, with the name of the field: empty, or longer than ``WORDS_LIMIT``.
    """
    told = text.strip()
    if not told or len(told) > WORDS_LIMIT:
        raise UsageError("keep_words", field=field, limit=WORDS_LIMIT)
    return told
