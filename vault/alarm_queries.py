"""What the catalogue proposes of alarms: those that say the same in one row, however many."""

from typing import Any, TypeAlias

from sqlalchemy import Select, func, or_, select

from vault.keep_tables import alarm_answers
from vault.tables import alarms

Query: TypeAlias = Select[*tuple[Any, ...]]


def alarm_page(after: int | None, limit: int, *, every: bool) -> Query:
    """Return ``same``, ``code``, ``first``, ``newest``, ``count``; the newest alarm first.

    Of what nobody has answered, or (``every``) of all that were ever raised.
    """
    newest = func.max(alarms.c.entry)
    columns = (
        alarms.c.same,
        func.max(alarms.c.alarm).label("code"),
        func.min(alarms.c.entry).label("first"),
        newest.label("newest"),
        func.count().label("count"),
    )
    query = select(*columns).group_by(alarms.c.same)
    if not every:
        until = func.max(alarm_answers.c.alarm).label("until")
        answered = select(alarm_answers.c.same, until).group_by(alarm_answers.c.same).subquery()
        query = query.outerjoin(answered, answered.c.same == alarms.c.same)
        query = query.where(or_(answered.c.until.is_(None), alarms.c.entry > answered.c.until))
    if after is not None:
        query = query.having(newest < after)
    return query.order_by(newest.desc()).limit(limit)
