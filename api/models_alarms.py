"""Alarms as documents."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from api.models import In, Out
from custody.keeping import WORDS_LIMIT
from evidence.keeping import AlarmAnswer

AlarmWords = Annotated[str, Field(max_length=WORDS_LIMIT)]


class AnsweredOut(Out):
    """An answer: it holds for alarm ``alarm`` and those before it that say the same."""

    entry: int
    alarm: int
    answer: AlarmAnswer
    by: str
    at: datetime


class AlarmOut(Out):
    """Alarms that say the same.  ``entry``: the newest, by which all of them are answered.

    ``count`` and ``first`` are the catalogue's, for showing.
    """

    entry: int
    at: datetime
    first: int
    first_at: datetime
    count: int
    code: str
    subjects: list[str]
    facts: dict[str, object]
    cleared: bool
    answered: AnsweredOut | None


class AlarmsOut(Out):
    """Those that one may answer, newest first; ``more``: there are older ones."""

    alarms: list[AlarmOut]
    more: bool


class AcknowledgeIn(In):
    """What somebody answers.  ``words`` go under the key of what the alarm speaks of."""

    answer: AlarmAnswer
    words: AlarmWords = ""
