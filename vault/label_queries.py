"""What a search asks of labels: of the one that holds, the newest of its segment.

Few labels lead: their segments are found first and then sorted.  Of many, the first page is near:
the list is walked in its order, and each row is asked.  Which of both it is, is counted first.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, exists, func, literal, select

from evidence.search import SegmentFilter
from vault.desk_tables import label_people, label_private, labels
from vault.fulltext import found_by, says
from vault.tables import segments

Condition: TypeAlias = ColumnElement[bool]
Query: TypeAlias = Select[*tuple[Any, ...]]

LED_LIMIT = 1000  # labels that lead
_COLUMNS = ("item", "no_case", "case")
_ASKED = ("person", "words", "cause", "party", *_COLUMNS)


def asks_labels(wanted: SegmentFilter) -> bool:
    """Return whether something is asked that some label must say."""
    return any(getattr(wanted, name) is not None for name in _ASKED)


def count_led(wanted: SegmentFilter) -> Query:
    """Return how many labels, ``LED_LIMIT`` + 1 at most, say what is wanted (``labels``)."""
    some = select(labels.c.entry).where(*_saying(wanted)).limit(LED_LIMIT + 1).subquery()
    return select(func.count().label("labels")).select_from(some)


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
    if asks_labels(wanted):
        holds = select(literal(1)).where(label.c.entry == newest, *_of_one(wanted, label))
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


def _saying(wanted: SegmentFilter) -> list[Condition]:
    """Return what is asked of any label, in words that lead from an index to it."""
    conditions = _plain(wanted, labels)
    if wanted.person is not None:
        people = label_people.c
        named = select(people.entry).where(people.person == wanted.person)
        conditions.append(labels.c.entry.in_(named))
    told = [each for each in (wanted.words, wanted.cause, wanted.party) if each is not None]
    if told:
        conditions.append(found_by(labels.c.entry, " ".join(told)))
    return conditions


def _of_one(wanted: SegmentFilter, label: Any) -> list[Condition]:  # noqa: ANN401 - an alias
    """Return what is asked of one label that is there already."""
    conditions = _plain(wanted, label)
    if wanted.person is not None:
        people = label_people.c
        same = (people.entry == label.c.entry, people.person == wanted.person)
        conditions.append(exists(select(literal(1)).where(*same)))
    private, inside = label_private.c, list[Condition]()
    if wanted.words is not None:
        inside += says(private.grams, wanted.words)
    for column, words in ((private.cause, wanted.cause), (private.party, wanted.party)):
        if words is not None:
            inside.append(func.instr(func.lower(column), words.strip().lower()) > 0)
    if inside:
        said = select(literal(1)).where(private.entry == label.c.entry, *inside)
        conditions.append(exists(said))
    return conditions


def _plain(wanted: SegmentFilter, label: Any) -> list[Condition]:  # noqa: ANN401 - a table or alias
    asked = ((name, getattr(wanted, name)) for name in _COLUMNS)
    return [label.c[name] == value for name, value in asked if value is not None]
