"""Who reads the access log stands in it: one entry for each question, before the first row."""

from datetime import timedelta

import pytest

from custody.accesslog import SAME_READING, LogFilter, access_log
from evidence.codec import format_time
from evidence.errors import LedgerUnavailableError, MalformedError, RefusedError
from evidence.people import Actor
from tests.fakes.desk import docked, person
from tests.fakes.grants import granted
from tests.fakes.house import House


@pytest.fixture
def filed(tmp_path):
    made, segments = docked(House(tmp_path))
    made.segments = segments
    made.grants = [granted(made, each) for each in segments]
    yield made
    made.house.close()


def read(filed, **wanted):
    return access_log(filed.desk, filed.actor("inspector"), LogFilter(**wanted))


def readings(filed):
    return [each for each in filed.house.entries() if each.type == "access_log.read"]


def test_a_reading_is_an_entry_of_who_read_it_with_what_was_asked(filed):
    since = filed.now - timedelta(days=1)
    about = (filed.segments[0], person("head"))
    page = read(filed, groups=("copies", "requests"), subjects=about, since=since)
    (entry,) = readings(filed)
    assert (entry.actor, list(entry.about)) == (person("inspector"), [person("inspector")])
    assert entry.body == {
        "groups": ["requests", "copies"],
        "subjects": sorted(about),
        "since": format_time(since),
        "until": None,
        "where": "cli",
    }
    assert all(row.entry.seq < entry.seq for row in page.rows)


def test_the_whole_log_shows_that_it_is_being_read(filed):
    first = read(filed).rows[0].entry
    assert (first.type, first.seq) == ("access_log.read", readings(filed)[0].seq)
    assert [row.entry.seq for row in read(filed, groups=("readings",)).rows][-1] == first.seq


def test_further_pages_of_one_question_make_no_further_entry(filed):
    before, pages = None, 0
    while pages == 0 or before is not None:
        before, pages = read(filed, limit=1, before=before).next, pages + 1
    assert pages > len(filed.segments)
    assert len(readings(filed)) == 1


@pytest.mark.parametrize(
    "other",
    [{"groups": ("copies",)}, {"subjects": ("p:" + "0" * 32,)}, {"since": "now"}, {"until": "now"}],
)
def test_a_page_of_another_question_is_written_down(filed, other):
    read(filed)
    asked = {name: filed.now if each == "now" else each for name, each in other.items()}
    read(filed, before=5, **asked)
    assert len(readings(filed)) == 2


def test_a_page_from_the_middle_is_written_down_where_nobody_began(filed):
    read(filed, before=5)
    assert len(readings(filed)) == 1


def test_a_page_is_written_down_anew_where_the_question_is_old_or_of_another_place(filed):
    read(filed, limit=1)
    filed.clock.forward(seconds=SAME_READING.total_seconds())
    read(filed, before=5)
    assert len(readings(filed)) == 1
    filed.clock.forward(seconds=1)
    read(filed, before=5)
    assert len(readings(filed)) == 2
    web = Actor(person("inspector"), filed.now, "http")
    access_log(filed.desk, web, LogFilter(before=5))
    assert [each.body["where"] for each in readings(filed)] == ["cli", "cli", "http"]


def test_where_the_ledger_cannot_write_nothing_is_told(filed):
    def down(drafts):
        raise LedgerUnavailableError("ledger_down", drafts=len(drafts))

    filed.ledger.append = down
    with pytest.raises(LedgerUnavailableError):
        read(filed)


def test_what_somebody_typed_gets_into_no_entry(filed):
    with pytest.raises(MalformedError, match="id_malformed"):
        read(filed, subjects=("Zhang San",))
    assert readings(filed) == []


def test_who_may_not_read_it_is_refused_and_no_reading_is_written(filed):
    with pytest.raises(RefusedError):
        access_log(filed.desk, filed.actor("admin"), LogFilter())
    assert readings(filed) == []
