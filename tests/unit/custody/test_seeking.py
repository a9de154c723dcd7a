"""A search for somebody's footage: labels and recorders together, in order, page by page."""

import random
from datetime import timedelta

import pytest

from custody import seeking
from custody.seeking import recorded_by
from evidence.errors import UsageError
from evidence.search import Page, SegmentFilter, SegmentLine, SightingRecord, place_of
from tests.fakes.clock import NOON
from tests.fakes.desk import SQUAD, person, sealed

HOUR = timedelta(hours=1)
OFFICER = person("officer")


def line(number, at, recorder, people=()):
    seen = dict.fromkeys(SightingRecord.__dataclass_fields__)
    seen |= {"entry": number, "at": at, "recorder": recorder}
    made = dict.fromkeys(SegmentLine.__dataclass_fields__)
    made |= {"sha256": f"{number % 100:064x}", "sighting": SightingRecord(**seen)}
    return SegmentLine(**(made | {"label": frozenset(people)}))


class Catalogue:
    """Lines as a catalogue gives them; remembers what it was asked."""

    def __init__(self, lines):
        self.lines = sorted(lines, key=lambda each: (each.sighting.at, each.sighting.entry))[::-1]
        self.asked = []

    def __call__(self, wanted, limit, after):
        self.asked.append(wanted)
        found = [each for each in self.lines if self._meets(each, wanted, after)]
        return Page(tuple(found[:limit]), place_of(found[limit - 1]) if found[limit:] else None)

    @staticmethod
    def _meets(each, wanted, after):
        seen = each.sighting
        before = after is None or (seen.at, seen.entry) < place(after)
        named = wanted.person is None or wanted.person in each.label
        there = wanted.recorder in {None, seen.recorder}
        since = wanted.since is None or wanted.since <= seen.at
        return (
            before and named and there and since and not (wanted.until and seen.at >= wanted.until)
        )


def place(text):
    at, entry = text.split(".")
    return NOON.__class__.fromtimestamp(0, NOON.tzinfo) + int(at) * timedelta(milliseconds=1), int(
        entry
    )


def bureau_with_shifts(count):
    """The officer with an own recorder, and a pooled one for an hour every four."""
    bureau, _ = sealed(0)
    pooled = bureau.recorder("T000009")
    bureau.bind(pooled, None, SQUAD)
    for n in range(count, 0, -1):
        begin = NOON - 4 * n * HOUR
        bureau.handover("handover.out", pooled, "officer", SQUAD, begin)
        bureau.handover("handover.in", pooled, "officer", SQUAD, begin + HOUR)
    return bureau, bureau.recorder(), pooled


def every(bureau, catalogue, limit, **wanted):
    after, asked = None, SegmentFilter(person=OFFICER, **wanted)
    while True:
        page = recorded_by(catalogue, bureau.ledger, asked, limit, after)
        assert len(page.items) <= limit
        yield from page.items
        after = page.after
        if after is None:
            return


@pytest.mark.parametrize("limit", [1, 2, 7, 100])
def test_pages_hold_what_somebody_recorded_once_each_and_in_order(limit):
    bureau, own, pooled = bureau_with_shifts(5)
    chance = random.Random(limit)
    lines = [
        line(
            n,
            NOON - chance.randrange(20 * 60) * timedelta(minutes=1),
            chance.choice([own, pooled, "r:other"]),
            [OFFICER] if chance.random() < 0.3 else [],
        )
        for n in range(80)
    ]
    begins = [NOON - 4 * n * HOUR for n in range(1, 6)]

    def is_theirs(each):
        at, recorder = each.sighting.at, each.sighting.recorder
        shift = recorder == pooled and any(begin <= at < begin + HOUR for begin in begins)
        return OFFICER in each.label or recorder == own or shift

    theirs = list(filter(is_theirs, lines))
    expected = sorted(theirs, key=lambda e: (e.sighting.at, e.sighting.entry))[::-1]
    assert list(every(bureau, Catalogue(lines), limit)) == expected


def test_one_recorder_and_one_time_are_asked_for_where_they_are_wanted():
    bureau, own, pooled = bureau_with_shifts(3)
    lines = [line(n, NOON - n * HOUR, own) for n in range(1, 9)]
    lines += [line(20, NOON - 4 * HOUR, pooled)]
    assert [
        each.sighting.entry for each in every(bureau, Catalogue(lines), 9, recorder=pooled)
    ] == [20]
    wanted = {"since": NOON - 3 * HOUR, "until": NOON - HOUR}
    found = [each.sighting.entry for each in every(bureau, Catalogue(lines), 9, **wanted)]
    assert found == [2, 3]


def test_a_first_page_of_many_shifts_asks_for_the_newest_alone():
    bureau, _, pooled = bureau_with_shifts(30)
    lines = [line(n, NOON - 4 * n * HOUR, pooled) for n in range(1, 31)]
    catalogue = Catalogue(lines)
    page = recorded_by(catalogue, bureau.ledger, SegmentFilter(person=OFFICER), 2, None)
    assert [each.sighting.entry for each in page.items] == [1, 2]
    assert len(catalogue.asked) < 8


def test_a_copied_card_stands_once_on_a_page():
    bureau, own, pooled = bureau_with_shifts(1)
    lines = [line(1, NOON - 4 * HOUR, pooled), line(101, NOON - 2 * HOUR, own)]
    assert [each.sighting.entry for each in every(bureau, Catalogue(lines), 9)] == [101]


def test_a_search_that_would_never_end_is_refused(monkeypatch):
    bureau, _, _ = bureau_with_shifts(5)
    monkeypatch.setattr(seeking, "ASKED_LIMIT", 3)
    with pytest.raises(UsageError) as caught:
        list(every(bureau, Catalogue([]), 2))
    assert caught.value.word == "search_too_wide"


@pytest.mark.parametrize("after", ["9" * 18 + ".0", "-" + "9" * 17 + ".0", "x.0"])
def test_a_place_beyond_all_time_is_no_page(after):
    bureau, _, _ = bureau_with_shifts(1)
    with pytest.raises(UsageError) as caught:
        recorded_by(
            lambda *_: Page((), None), bureau.ledger, SegmentFilter(person=OFFICER), 2, after
        )
    assert caught.value.word == "page_unknown"
