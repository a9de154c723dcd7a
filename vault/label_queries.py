"""What a search asks of labels: of the one that holds, the newest of its segment."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, exists, func, literal, select

from evidence.search import SegmentFilter
from vault.desk_tables import label_people, label_private, labels
from vault.fulltext import says
from vault.tables import segments

Condition: TypeAlias = ColumnElement[bool]
Query: TypeAlias = Select[*tuple[Any, ...]]

# Few labels answer to these, so the search begins with them.
LEADING = ("person", "case", "words", "cause", "party")
_COLUMNS = ("item", "no_case", "case")


def is_led(wanted: SegmentFilter) -> bool:
    """Return whether labels lead to the segments that are wanted."""
    return any(getattr(wanted, name) is not None for name in LEADING)


def candidates(wanted: SegmentFilter) -> Query:
    """Return the segments of which some label, not always the newest, says what is wanted."""
    of_labels = select(segments.c.entry).join(labels, labels.c.sha256 == segments.c.sha256)
    return of_labels.where(*_saying(wanted))


def labelled(wanted: SegmentFilter) -> list[Condition]:
    """Return what is asked of the label that holds, of the segment of the row."""
    label, newer = labels.alias("label"), labels.alias("newer_label")
    of_segment = select(func.max(newer.c.entry)).where(newer.c.sha256 == segments.c.sha256)
    # It stands two levels in, where the segment of the row would not be looked for.
    newest = of_segment.correlate(segments).scalar_subquery()
    conditions: list[Condition] = []
    if any(getattr(wanted, name) is not None for name in (*LEADING, "item", "no_case")):
        holds = select(literal(1)).where(label.c.entry == newest, *_saying(wanted, label))
        conditions.append(exists(holds))
    if wanted.unlabelled:
        whole = select(literal(1)).where(label.c.entry == newest, label.c.complete)
        conditions.append(~exists(whole))
    return conditions


def labels_of(digests: Sequence[str]) -> Query:
    """Return the labels that hold of some segments, with their private columns or nulls."""
    newest = select(func.max(labels.c.entry)).where(labels.c.sha256.in_(digests))
    private = [each for each in label_private.c if each.name not in {"entry", "grams"}]
    return (
        select(labels, *private)
        .outerjoin(label_private, label_private.c.entry == labels.c.entry)
        .where(labels.c.entry.in_(newest.group_by(labels.c.sha256)))
    )


def people_of(entries: Sequence[int]) -> Query:
    """Return (entry, person) of labels."""
    columns = (label_people.c.entry, label_people.c.person)
    return select(*columns).where(label_people.c.entry.in_(entries)).order_by(*columns)


def _saying(wanted: SegmentFilter, label: Any = labels) -> list[Condition]:  # noqa: ANN401 - a table or its alias
    asked = ((name, getattr(wanted, name)) for name in _COLUMNS)
    conditions = [label.c[name] == value for name, value in asked if value is not None]
    if wanted.person is not None:
        people = label_people.c
        same = (people.entry == label.c.entry, people.person == wanted.person)
        conditions.append(exists(select(literal(1)).where(*same)))
    if wanted.words is not None:
        conditions.append(says(label.c.entry, wanted.words))
    for name in ("cause", "party"):
        words = getattr(wanted, name)
        if words is not None:
            row = label_private.c
            contains = func.instr(func.lower(row[name]), words.strip().lower()) > 0
            inside = select(literal(1)).where(row.entry == label.c.entry, contains)
            conditions += [says(label.c.entry, words), exists(inside)]
    return conditions
