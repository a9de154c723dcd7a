"""Lists are complete, in order, without doubles; every filter is the one that it says it is."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from evidence.errors import UnknownSegmentError, UsageError
from evidence.search import PAGE_LIMIT, SegmentFilter, place_of, time_of
from tests.fakes.histories import FINDINGS, KINDS, START, History, some, without_keys
from vault.catalogue import SqlCatalogue
from vault.fields import moment
from vault.projection import project
from vault.queries import segment_page
from vault.search import CatalogueReader
from vault.sql import sqlite_url

PAIRS = some(5, [6, 9, 30, 12])


def reader_of(folder, pairs):
    url = sqlite_url(folder / "catalogue.sqlite")
    catalogue = SqlCatalogue(url)
    catalogue.apply(pairs)
    catalogue.close()
    return CatalogueReader(url)


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    return reader_of(tmp_path_factory.mktemp("search"), PAIRS)


def everything(ask, limit):
    items, after = [], None
    for _ in range(1000):  # pages
        page = ask(limit=limit, after=after)
        items += page.items
        after = page.after
        if after is None:
            return items
        assert len(page.items) == limit
    raise AssertionError("the pages have no end")


class Oracle:
    """Answers the same questions from the entries alone, by walking through all of them."""

    def __init__(self, pairs, at):
        self.sightings = []
        slots, kinds, segments = {}, {}, {}
        for entry, statement in pairs:
            body = entry.body
            if entry.type == "docking.opened":
                slots[next(iter(entry.about))] = body["slot"]
            if entry.type == "segment.sealed":
                kinds[entry.seq], segments[entry.seq] = body["kind"], body["sha256"]
            if entry.type in {"segment.sealed", "segment.seen"}:
                segment, sighting = body.get("sealed", entry.seq), body["sighting"]
                self.sightings.append(
                    {
                        "entry": entry.seq,
                        "at": at[entry.seq],
                        "sha256": segments[segment],
                        "kind": kinds[segment],
                        "docking": sighting["docking"],
                        "slot": slots[sighting["docking"]],
                        "important": sighting["important"],
                        "recorder": next(each for each in entry.about if each.startswith("r:")),
                        "officer": statement.facts["officer"] if statement else None,
                        "findings": {note["finding"] for note in body["noted"]},
                    }
                )
        self.sightings.sort(key=lambda each: (each["at"], each["entry"]), reverse=True)

    def segments(self, wanted):
        found = {}
        for each in self.sightings:
            if self.matches(each, wanted):
                found.setdefault(each["sha256"], each["entry"])
        return list(found.items())

    @staticmethod
    def matches(each, wanted):
        names = ("officer", "recorder", "docking", "slot", "kind")
        return (
            all(getattr(wanted, name) in {None, each[name]} for name in names)
            and (each["important"] or not wanted.important)
            and (wanted.finding is None or wanted.finding in each["findings"])
            and (wanted.since is None or each["at"] >= wanted.since)
            and (wanted.until is None or each["at"] < wanted.until)
        )


@pytest.fixture(scope="module")
def oracle(reader):
    rows = (row for name, row in reader.dump() if name == "sightings")
    return Oracle(PAIRS, {row["entry"]: moment(row["at"]) for row in rows})


def filters():
    rows = (row for pair in PAIRS for name, row in project(*pair) if name == "sightings")
    moments = st.none() | st.sampled_from(sorted(moment(row["at"]) for row in rows))

    def pick(values):
        return st.none() | st.sampled_from(sorted(values))

    opened = [entry for entry, _ in PAIRS if entry.type == "docking.opened"]
    named = [statement for entry, statement in PAIRS if entry.type == "segment.sealed"]
    return st.builds(
        SegmentFilter,
        since=moments,
        until=moments,
        officer=pick({*(each.facts["officer"] for each in named), "nobody"}),
        recorder=pick(
            {subject for entry in opened for subject in entry.about if subject[0] == "r"}
        ),
        docking=pick({subject for entry in opened for subject in entry.about if subject[0] == "d"}),
        slot=pick({entry.body["slot"] for entry in opened}),
        kind=pick(set(KINDS)),
        important=st.booleans(),
        finding=pick(set(FINDINGS)),
    )


def sparse(wanted_filters):
    """Keep one or two of the filters of each, else almost every list would be empty."""
    names = ("since", "until", "officer", "recorder", "docking", "slot", "kind", "important")
    names = (*names, "finding")
    return st.tuples(wanted_filters, st.lists(st.sampled_from(names), max_size=2)).map(
        lambda pair: SegmentFilter(**{name: getattr(pair[0], name) for name in pair[1]})
    )


@settings(max_examples=30, deadline=None)
@given(st.one_of(sparse(filters()), filters()), st.integers(3, 40))
def test_pages_hold_each_wanted_segment_once_in_order(reader, oracle, wanted, limit):
    lines = everything(lambda **page: reader.segments(wanted, **page), limit)
    assert [(line.sha256, line.sighting.entry) for line in lines] == oracle.segments(wanted)


def test_the_oracle_itself_tells_filters_apart(oracle):
    every = oracle.segments(SegmentFilter())
    assert len(every) > 40
    assert 0 < len(oracle.segments(SegmentFilter(important=True))) < len(every)
    assert 0 < len(oracle.segments(SegmentFilter(kind="photo"))) < len(every)
    assert len(oracle.sightings) > len(every)


def test_a_segment_that_was_seen_again_later_is_still_found_in_its_own_time(reader, oracle):
    places = {}
    for each in oracle.sightings:  # newest first
        places.setdefault(each["sha256"], []).append(each)
    again = [found for found in places.values() if len(found) > 1]
    assert again
    for newest, *_, oldest in again:
        before = reader.segments(SegmentFilter(until=newest["at"]), limit=1000).items
        assert newest["sha256"] in {line.sha256 for line in before}
        at = oldest["at"]
        then = reader.segments(SegmentFilter(at, at + timedelta(milliseconds=1))).items
        assert oldest["sha256"] in {line.sha256 for line in then}
        assert reader.segments(SegmentFilter(at, at)).items == ()


def test_whoever_joins_two_searches_knows_where_a_page_ends(tmp_path):
    """What ``custody/seeking.py`` makes of a line is what a page of the catalogue gives."""
    history = History(8)
    history.start()
    history.docking(20)
    url = sqlite_url(tmp_path / "catalogue.sqlite")
    catalogue = SqlCatalogue(url)
    catalogue.apply(history.pairs)
    page = CatalogueReader(url).segments(SegmentFilter(), limit=5)
    assert page.after == place_of(page.items[-1])
    assert time_of(page.after) == page.items[-1].sighting.at
    catalogue.close()


def test_a_page_goes_on_where_it_was_whatever_is_sealed_meanwhile(tmp_path):
    history = History(8)
    history.start()
    history.docking(20)
    url = sqlite_url(tmp_path / "catalogue.sqlite")
    catalogue = SqlCatalogue(url)
    catalogue.apply(history.pairs)
    reader = CatalogueReader(url)
    before = [
        line.sha256 for line in everything(lambda **p: reader.segments(SegmentFilter(), **p), 50)
    ]
    first = reader.segments(SegmentFilter(), limit=5)
    size = len(history.pairs)
    history.docking(20)
    catalogue.apply(history.pairs[size:])
    rest = reader.segments(SegmentFilter(), limit=100, after=first.after)
    catalogue.close()
    shown = [line.sha256 for line in (*first.items, *rest.items)]
    assert [sha256 for sha256 in shown if sha256 in before] == before


LEADS = {
    "none": SegmentFilter(),
    "time": SegmentFilter(since=START, until=START + timedelta(days=1)),
    "officer": SegmentFilter(officer="100001"),
    "recorder": SegmentFilter(recorder="r:1"),
    "docking": SegmentFilter(docking="d:1"),
    "slot": SegmentFilter(slot="slot-1"),
    "kind": SegmentFilter(kind="photo"),
    "important": SegmentFilter(important=True),
    "finding": SegmentFilter(finding="gap_inside"),
    "officer of a slot": SegmentFilter(officer="100001", slot="slot-1", kind="log"),
    "everything": SegmentFilter(
        START, START, "100001", "r:1", "d:1", "slot-1", "log", important=True, finding="empty"
    ),
}


@pytest.mark.parametrize("wanted", LEADS.values(), ids=LEADS.keys())
@pytest.mark.parametrize("after", [None, (1_700_000_000_000, 7)])
def test_a_page_is_led_by_an_index_and_never_sorted(reader, wanted, after):
    with reader._engine.connect() as connection:
        query = segment_page(wanted, after, 101)
        sql = query.compile(connection, compile_kwargs={"literal_binds": True})
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {sql}".replace(":", "\\:")))
        steps = [row[3] for row in plan]
    assert not [step for step in steps if "TEMP B-TREE" in step or "AUTOMATIC" in step], steps
    assert all("USING" in step for step in steps if step.startswith(("SCAN", "SEARCH"))), steps
    assert [step for step in steps if step.startswith("SEARCH newer") and "segment" in step], steps


def test_a_segment_is_found_by_the_start_of_its_digest(reader):
    for line in reader.segments(SegmentFilter(), limit=5).items:
        for length in (4, 9, 64):
            assert line.sha256 in reader.find_segments(line.sha256[:length])


def test_a_start_that_two_segments_share_finds_both_sorted(tmp_path):
    digests = iter((f"abcd{9:060x}", f"abcd{4:060x}", f"abce{0:060x}"))
    pairs = [
        (replace(entry, body={**entry.body, "sha256": next(digests, "f" * 64)}), statement)
        if entry.type == "segment.sealed"
        else (entry, statement)
        for entry, statement in PAIRS
    ]
    reader = reader_of(tmp_path, pairs)
    assert reader.find_segments("abcd") == [f"abcd{4:060x}", f"abcd{9:060x}"]
    assert reader.find_segments("abcd", limit=1) == [f"abcd{4:060x}"]
    assert reader.find_segments("ffff") == ["f" * 64]


@pytest.mark.parametrize("prefix", ["", "abc", "ABCD", "abcg", "abcd%", "a" * 65, "s:ab", "abcd\n"])
def test_what_is_no_start_of_a_digest_is_refused(reader, prefix):
    with pytest.raises(UsageError, match="segment_prefix"):
        reader.find_segments(prefix)


def test_a_start_that_no_segment_has_finds_nothing(reader):
    assert reader.find_segments("0" * 64) == []


def test_a_segment_that_is_not_there_is_unknown(reader):
    with pytest.raises(UnknownSegmentError, match="segment_unknown"):
        reader.segment("0" * 64)


def test_a_segment_comes_with_all_its_sightings_findings_and_seams(reader, oracle):
    for sha256, _ in oracle.segments(SegmentFilter())[::4]:
        record = reader.segment(sha256)
        entries = [each["entry"] for each in oracle.sightings if each["sha256"] == sha256]
        assert [each.entry for each in record.sightings] == sorted(entries)
        assert record.line.sighting == record.sightings[0]
        noted = [each for each in oracle.sightings if each["sha256"] == sha256]
        assert {each.finding for each in record.findings} == set().union(
            *(each["findings"] for each in noted)
        )
        assert {(seam.entry, seam.before, seam.after) for seam in record.seams} == {
            (entry.seq, seam["before"], seam["after"])
            for entry, _ in PAIRS
            if entry.type == "seams.judged"
            for seam in entry.body["seams"]
            if f"s:{sha256}" in {seam["before"], seam["after"]}
        }


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_seams_are_listed_newest_entry_first_and_in_the_order_of_the_inventory(reader, limit):
    judged = [entry for entry, _ in PAIRS if entry.type == "seams.judged"]
    expected = [
        (entry.seq, *seam["lines"], seam["kind"])
        for entry in reversed(judged)
        for seam in entry.body["seams"]
    ]
    for kinds in ((), ("gap", "hole")):
        found = everything(lambda kinds=kinds, **page: reader.seams(kinds=kinds, **page), limit)
        assert [(s.entry, s.before_line, s.after_line, s.kind) for s in found] == [
            each for each in expected if not kinds or each[3] in kinds
        ]


def test_seams_of_a_docking_are_its_own(reader):
    for docking in reader.dockings().items:
        found = everything(lambda d=docking, **page: reader.seams(docking=d.docking, **page), 7)
        assert {seam.docking for seam in found} <= {docking.docking}
    assert sum(len(reader.seams(docking=d.docking).items) for d in reader.dockings().items) == len(
        everything(reader.seams, 100)
    )


def test_findings_are_listed_by_docking_and_by_code(reader):
    every = everything(reader.findings, 3)
    assert len(every) == sum(len(entry.body.get("noted", ())) for entry, _ in PAIRS)
    code, docking = every[0].finding, every[0].docking
    assert [f for f in every if f.finding == code] == everything(
        lambda **page: reader.findings(finding=code, **page), 2
    )
    assert [f for f in every if f.docking == docking] == everything(
        lambda **page: reader.findings(docking=docking, **page), 2
    )


def test_dockings_tell_how_far_they_came(reader):
    found = everything(reader.dockings, 2)
    opened = [entry for entry, _ in PAIRS if entry.type == "docking.opened"]
    assert [each.entry for each in found] == [entry.seq for entry in reversed(opened)]
    whole = found[0]
    assert whole.ending is not None
    assert whole.inventory is not None
    assert whole.identity is not None
    assert whole.ending.outcome == "complete"
    assert whole.inventory.clock_offset_ms == 90_000
    assert whole.certified == whole.erased > 0
    assert reader.dockings(slot=whole.slot).items[0] == whole
    assert reader.dockings(recorder=whole.recorder).items[0] == whole
    assert reader.dockings(docking=whole.docking).items == (whole,)


def test_a_docking_that_was_cut_shows_what_it_reached(tmp_path):
    cut = next(n for n, (entry, _) in enumerate(PAIRS) if entry.type == "inventory.taken")
    docking = reader_of(tmp_path, PAIRS[:cut]).dockings().items[0]
    assert (docking.inventory, docking.ending, docking.certified) == (None, None, 0)


def test_lines_of_an_inventory_come_in_its_order(reader):
    docking = reader.dockings().items[0]
    lines = everything(lambda **page: reader.lines(docking.docking, **page), 4)
    assert [line.line for line in lines] == list(range(docking.inventory.files))


def test_a_history_is_every_entry_about_a_subject(reader):
    docking = reader.dockings().items[0]
    for subject in (docking.docking, docking.recorder):
        found = everything(lambda s=subject, **page: reader.events(s, **page), 3)
        about = [entry for entry, _ in PAIRS if subject in entry.about]
        assert [(e.entry, e.type, e.at) for e in reversed(found)] == [
            (entry.seq, entry.type, entry.at) for entry in about
        ]


def test_when_keys_are_destroyed_segments_are_still_found_but_not_by_name(tmp_path):
    reader = reader_of(tmp_path, without_keys(PAIRS))
    lines = everything(lambda **page: reader.segments(SegmentFilter(), **page), 9)
    assert {(line.sighting.officer, line.sighting.path) for line in lines} == {(None, None)}
    assert reader.segments(SegmentFilter(officer="100001")).items == ()
    assert {docking.identity for docking in reader.dockings().items} == {None}


@pytest.mark.parametrize("after", ["", "1", "1.2.3", "a.b", "1.-2", "1.2\n", "9" * 30 + ".1"])
def test_a_page_that_no_page_named_is_refused(reader, after):
    with pytest.raises(UsageError, match="page_unknown"):
        reader.segments(SegmentFilter(), after=after)


@pytest.mark.parametrize("limit", [0, -1, PAGE_LIMIT + 1])
def test_a_page_of_no_size_is_refused(reader, limit):
    for ask in (reader.seams, reader.findings, reader.dockings):
        with pytest.raises(UsageError, match="page_size"):
            ask(limit=limit)
