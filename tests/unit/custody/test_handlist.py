"""A list of handovers from paper is taken in row by row, up to the first that is refused."""

from datetime import timedelta

import pytest

from custody.handlist import ROWS_LIMIT, hand_row, read_rows, take_list
from custody.tenure import read_tenure
from evidence.errors import UsageError
from tests.fakes.desk import EAST, person, small_bureau
from tests.fakes.house import SHANGHAI

POOLED = "r:" + "7" * 64


@pytest.fixture
def bureau():
    made = small_bureau()
    made.bind(POOLED, None, EAST)
    return made


def take(bureau, *rows):
    def hand(row):
        return hand_row(bureau.desk, bureau.actor("head"), row, POOLED, SHANGHAI)

    return take_list(read_rows("\n".join(("recorder,person,out,in,due", *rows))), hand)


def test_a_row_is_a_handover_out_and_where_it_says_so_in(bureau):
    out, back = bureau.now - timedelta(hours=3), bureau.now - timedelta(hours=1)
    local = out.astimezone(SHANGHAI).replace(tzinfo=None).isoformat()
    taken = take(bureau, f"x,officer,{local}, {back.isoformat()} ,{bureau.now.isoformat()}")
    assert (taken.rows, len(taken.entries), taken.line, taken.error) == (1, 2, None, None)
    (stay,) = read_tenure(bureau.ledger, POOLED).out
    assert (stay.person, stay.since, stay.until) == (person("officer"), out, back)
    assert stay.due == bureau.now


def test_it_stops_at_the_first_row_that_is_refused_and_says_which(bureau):
    taken = take(bureau, "x,officer,,,", "x,mate,,,", "x,officer,,,")
    assert (taken.rows, len(taken.entries), taken.line) == (3, 1, 3)
    assert taken.error.word == "recorder_out"
    assert take(bureau, "x,officer,noon,,").error.word == "not_a_time"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "list_columns"),
        ("a,b\n", "list_columns"),
        ("recorder,person,out,more\n", "list_columns"),
        ('recorder,person,out\n"x', "list_columns"),
        ("recorder,person,out\na,b\n", "list_row"),
        ("recorder,person,out\na,b,c,d\n", "list_row"),
        ("recorder,person,out\n" + "a,b,c\n" * (ROWS_LIMIT + 1), "list_long"),
    ],
)
def test_what_is_no_such_list_is_refused_before_anything_is_written(text, word):
    with pytest.raises(UsageError, match=word):
        read_rows(text)


def test_a_list_from_a_spreadsheet_is_read():
    (row,) = read_rows('\ufeffperson,out,recorder\n"Li, the second",2026-03-01,CAM\n')
    assert (row.line, row.person, row.recorder) == (2, "Li, the second", "CAM")
    assert (row.back, row.due) == ("", "")
    assert len(read_rows("recorder,person,out\n" + "a,b,c\n" * ROWS_LIMIT)) == ROWS_LIMIT
