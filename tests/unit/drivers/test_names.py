r"""Text of names: it must never forge another name, nor move a terminal's cursor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.claims import showable
from drivers.names import text_of, text_of_short

SHOWN = {
    b"plain.mp4": "plain.mp4",
    "执法仪 01.mp4".encode(): "执法仪 01.mp4",
    "全角　空格.mp4".encode(): "全角　空格.mp4",
    b"a/b": r"a\x2fb",
    rb"a\x2fb": r"a\x5cx2fb",
    b"a\n\x1b[31m": r"a\x0a\x1b[31m",
    b"\xff\xfe": r"\xff\xfe",
    "\ud83d.mp4".encode("utf-8", "surrogatepass"): r"\xed\xa0\xbd.mp4",
    "\u202e4pm.exe".encode(): r"\xe2\x80\xae4pm.exe",
    "\u200bx".encode(): r"\xe2\x80\x8bx",
    b"a\0b": r"a\x00b",
    b"..": "..",
}


@pytest.mark.parametrize(("raw", "text"), SHOWN.items())
def test_a_name_is_shown_with_everything_dangerous_escaped(raw, text):
    assert text_of(raw) == text


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_two_raw_names_never_share_one_text(one, other):
    assert (text_of(one) == text_of(other)) == (one == other)


@given(st.binary(max_size=60))
def test_every_text_can_be_shown_and_stays_one_name(raw):
    for text in (text_of(raw), text_of_short(raw)):
        assert all(map(showable, text))
        assert "/" not in text
        text.encode()


def test_an_8_3_name_in_gbk_is_read_as_gbk():
    assert text_of_short("执法仪.MP4".encode("gbk")) == "执法仪.MP4"


def test_an_8_3_name_that_is_neither_utf_8_nor_gbk_is_escaped():
    assert text_of_short(b"\xff\xfe\x81.MP4") == r"\xff\xfe\x81.MP4"
