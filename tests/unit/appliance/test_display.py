import io
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from appliance.display import LiveView, frame, picture
from appliance.output import Terminal, table, width, wrapped
from appliance.progress import Progress
from appliance.screen import view_for
from appliance.slotstate import SlotState
from appliance.view import Silent, plain_line
from appliance.words import load_words

CLOCK = {"kind": "measured", "offset_ms": 182_000}
READING = SlotState(
    1, "/media/slot-1", stage="reading", recorder="T5A01", officer="012345", clock=CLOCK,
    battery=84, files=24, files_done=15, bytes=3_000_000_000, bytes_done=1_900_000_000,
    rate_bytes_s=212_000_000, eta_s=5, findings=("important", "seam_gap", "important"),
)  # fmt: skip
DONE = SlotState(
    2, "/work/recorder-2.img", stage="done", recorder="DCAM CAM001", files=11, files_done=11,
    clock={"kind": "at_least", "offset_ms": 3_820_000}, bytes=1_200, bytes_done=1_200,
    safe_to_take=True, outcome="complete", told="erased",
)  # fmt: skip
CUT = SlotState(3, "/b", stage="done", files=9, outcome="interrupted", because="unplugged")
EMPTY = SlotState(4, "/media/" + "警" * 90, stage="empty")
STARTING = SlotState(5, "/dev/sdb")
ONLY_EMPTY_FILES = SlotState(6, "/c", stage="sealing", files=2)
HOSTILE = SlotState(
    7, "\x1b[2J[red]", recorder="[bold]\x1b]0;x\x07", officer="[/]\n\u202e", files=1
)
ALL = (READING, DONE, CUT, EMPTY, STARTING, ONLY_EMPTY_FILES, HOSTILE)
LANGUAGES = ("en", "zh-CN")


def drawn(states, language, columns, rows=None):
    out = io.StringIO()
    console = Console(file=out, width=columns, color_system=None, legacy_windows=False)
    console.print(frame(states, load_words(language), columns, rows))
    return out.getvalue()


@pytest.mark.parametrize("columns", [80, 100, 120])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_of_the_picture_is_exactly_as_wide_as_the_screen(language, columns):
    lines = drawn(ALL, language, columns).splitlines()
    assert {cell_len(line) for line in lines} == {columns}
    assert len(lines) == 6 * len(ALL)


@pytest.mark.parametrize("columns", [80, 120])
def test_the_picture_shows_all_that_the_officer_needs(columns):
    text = drawn([READING], "en", columns)
    for word in ("Slot 1", "T5A01", "012345", "clock +3 min 02 s", "84 %", "63 %", "15/24 files",
                 "1.9 GB of 3.0 GB", "212.0 MB/s", "5.0 s left", "important ×2", "gap",
                 "DO NOT REMOVE", "reading"):  # fmt: skip
        assert word in text, word


def test_only_a_recorder_that_may_be_taken_says_so():
    for state in ALL:
        assert ("SAFE TO TAKE" in drawn([state], "en", 80)) == state.safe_to_take
        assert ("可以取走" in drawn([state], "zh-CN", 80)) == state.safe_to_take


def test_what_went_wrong_stands_in_the_picture():
    assert "the cable came out" in drawn([CUT], "en", 80)
    assert "过早取走" in drawn([CUT], "zh-CN", 80)
    assert "cleared" in drawn([DONE], "en", 80)


@pytest.mark.parametrize(
    ("because", "en", "zh"),
    [
        ("no_space", "NO ROOM HERE", "本站空间不足"),
        ("ledger_unreachable", "STATION AT FAULT", "本站故障"),
    ],
)
def test_what_this_station_could_not_do_is_not_blamed_on_who_took_the_recorder(because, en, zh):
    ours = replace(CUT, because=because)
    assert en in drawn([ours], "en", 80)
    assert zh in drawn([ours], "zh-CN", 80)
    assert "TAKEN TOO EARLY" not in drawn([ours], "en", 80)


def test_a_rack_too_high_for_the_screen_is_one_line_for_each_slot():
    lines = drawn(ALL, "zh-CN", 80, rows=20).splitlines()
    assert len(lines) == len(ALL)
    assert all(cell_len(line) <= 80 for line in lines)


def test_a_name_from_a_recorder_neither_steers_the_terminal_nor_the_markup():
    text = drawn([HOSTILE], "en", 120)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_for_a_document_is_xml_that_asks_no_server(language):
    svg = picture([READING, DONE], load_words(language))
    ET.fromstring(svg)  # noqa: S314 - our own text
    assert re.findall(r"https?://[^\"\s]*", svg) == ["http://www.w3.org/2000/svg"]
    word = "SAFE" if language == "en" else "可以取走"
    assert word in svg
    assert picture([READING, DONE], load_words(language)) == svg


def test_the_live_view_leaves_the_last_picture_and_a_sound_terminal():
    class Screen(io.StringIO):
        def isatty(self):
            return True

    screen = Screen()
    view = view_for(Terminal(io.StringIO(), screen), load_words("en"))
    assert isinstance(view, LiveView)
    view.show([READING])
    view.say("[a line] beside it")
    view.show([DONE])
    view.close()
    view.close()
    assert "SAFE TO TAKE" in screen.getvalue()
    assert "[a line] beside it\n" in screen.getvalue()


def test_quiet_is_silent():
    view = view_for(Terminal(io.StringIO(), io.StringIO(), quiet=True), load_words("en"))
    assert isinstance(view, Silent)
    view.show([READING])
    view.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plain_line_says_the_same_in_one_line(language):
    for state in ALL:
        line = plain_line(state, load_words(language))
        assert "\n" not in line
        assert "\x1b" not in line
    assert "T5A01" in plain_line(READING, load_words(language))


def test_columns_stand_under_each_other_also_in_chinese():
    rows = [["片段", "大小", "x"], ["3fa9c1", "1.0 GB", "警号"], ["", "", "e\u0301"]]
    lines = table(rows, right=frozenset({1}))
    assert lines == ["片段      大小  x", "3fa9c1  1.0 GB  警号", "                e\u0301"]
    assert table([]) == []
    assert width("警号e\u0301") == 5


def test_chinese_text_breaks_where_it_may():
    text = "本站的数据目录（否则依次取 DOCKSEAL_HOME、配置、用户数据文件夹）。"
    lines = wrapped(text, 20)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width(line) <= 24 for line in lines)
    assert not any(line[0] in "。、）" for line in lines)


@pytest.mark.parametrize("live", [True, False])
def test_progress_rewrites_its_line_on_a_terminal_and_stays_rare_elsewhere(live, monkeypatch):
    class Screen(io.StringIO):
        def isatty(self):
            return live

    now = [100.0]
    monkeypatch.setattr("appliance.progress.time.monotonic", lambda: now[0])
    screen = Screen()
    with Progress(Terminal(io.StringIO(), screen), load_words("en"), "rebuild.progress") as tell:
        for done in range(100):
            tell(done, 100)
            now[0] += 0.15
    lines = screen.getvalue().count("applying")
    assert lines == (50 if live else 1)
    assert screen.getvalue().endswith("\r\x1b[K" if live else "\n")
