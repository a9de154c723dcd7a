"""Every fault of the simulated recorder does what its docstring says, and nothing else."""

import ast
import json
import threading
from pathlib import Path

import pytest

from drivers import faults
from drivers.description import read_description
from drivers.faults import Fault
from evidence.errors import (
    CertificateError,
    DeadlineError,
    DeviceError,
    EraseError,
    UnknownRecorderError,
    UnpluggedError,
    UnreadableError,
)
from tests.fakes.certificates import certificate_for
from tests.fakes.clock import NOON
from tests.unit.drivers.made import opened

A, B, C = b"a" * 1000, b"b" * 500, b""
FILES = {"a.mp4": A, "b.mp4": B, "c.mp4": C}


def played(folder, *given, **fields):
    """Open a simulated recorder over a folder of three files."""
    card = folder / "card"
    card.mkdir(exist_ok=True)
    for name, content in FILES.items():
        (card / name).write_bytes(content)
    identity = {"serial": "K7F3A2C", "officer": "000001"}
    told = {"image": "card", "identity": identity, "clock_offset_ms": 5000, "battery_percent": 60}
    path = folder / "one.recorder.json"
    path.write_text(json.dumps({**told, "faults": list(given), **fields}))
    return opened(path)


def content(recorder, file):
    return b"".join(recorder.read(file))


def given_before(recorder, file, error):
    """Read until the error comes; return what was given before it."""
    parts = []
    with pytest.raises(error):
        parts.extend(recorder.read(file))
    return b"".join(parts)


def test_without_faults_it_tells_who_it_is_and_what_time_it_has(tmp_path):
    recorder = played(tmp_path)
    identity = recorder.identity()
    assert (identity.serial, identity.officer, identity.maker) == ("K7F3A2C", "000001", None)
    assert identity.sources == (("serial", "vendor"), ("officer", "vendor"))
    clock = recorder.clock(NOON)
    assert (clock.kind, clock.offset_ms, clock.how) == ("measured", 5000, "vendor")
    assert recorder.battery_percent() == 60


def test_unplugged_after_bytes_of_one_file_and_gone_for_every_question_after(tmp_path):
    recorder = played(tmp_path, {"fault": "unplugged", "file": "b.mp4", "bytes": 7})
    first, second, _ = recorder.listing().files
    assert content(recorder, first) == A
    assert given_before(recorder, second, UnpluggedError) == B[:7]
    for question in (
        recorder.listing,
        recorder.identity,
        recorder.battery_percent,
        lambda: recorder.clock(NOON),
        lambda: list(recorder.read(first)),
        lambda: recorder.erase(certificate_for([first])),
    ):
        with pytest.raises(UnpluggedError):
            question()


def test_unplugged_after_bytes_of_all_files(tmp_path):
    recorder = played(tmp_path, {"fault": "unplugged", "bytes": 1100})
    first, second, _ = recorder.listing().files
    assert content(recorder, first) == A
    assert given_before(recorder, second, UnpluggedError) == B[:100]


def test_a_read_error_is_of_one_file_and_the_others_go_on(tmp_path):
    recorder = played(tmp_path, {"fault": "read_error", "file": "a.mp4", "bytes": 3})
    first, second, _ = recorder.listing().files
    assert given_before(recorder, first, UnreadableError) == A[:3]
    assert content(recorder, second) == B


def test_a_short_read_ends_without_an_error(tmp_path):
    recorder = played(tmp_path, {"fault": "short_read", "file": "a.mp4", "bytes": 999})
    assert content(recorder, recorder.listing().files[0]) == A[:999]


def test_a_hang_lasts_until_somebody_ends_it(tmp_path):
    recorder = played(tmp_path, {"fault": "hang", "bytes": 5})
    reading = recorder.read(recorder.listing().files[0])
    assert next(reading) == A[:5]
    thread = threading.Thread(target=next, args=(reading, None), daemon=True)
    thread.start()
    thread.join(0.2)
    assert thread.is_alive()


def test_a_bounded_hang_ends_as_a_deadline(tmp_path):
    recorder = played(tmp_path, {"fault": "hang_bounded", "bytes": 5, "ms": 10})
    assert given_before(recorder, recorder.listing().files[0], DeadlineError) == A[:5]


def test_a_slow_recorder_and_a_limited_rate_give_the_same_bytes(tmp_path):
    slow = played(tmp_path, {"fault": "slow", "ms": 1}, rate_bytes_per_s=100_000_000)
    assert [content(slow, file) for file in slow.listing().files] == [A, B, C]


def test_a_limited_rate_gives_small_pieces_for_a_steady_display(tmp_path):
    recorder = played(tmp_path, rate_bytes_per_s=1 << 30)
    (tmp_path / "card" / "a.mp4").write_bytes(bytes(100 << 20))
    pieces = [len(piece) for piece in recorder.read(recorder.listing().files[0])]
    assert len(pieces) >= 2
    assert max(pieces) <= 4 << 20


def test_bytes_change_from_the_second_reading_on(tmp_path):
    recorder = played(tmp_path, {"fault": "bytes_change", "file": "a.mp4", "bytes": 998})
    first, second, _ = recorder.listing().files
    assert content(recorder, first) == A
    again = content(recorder, first)
    assert [at for at in range(1000) if again[at] != A[at]] == [998]
    assert [content(recorder, second) for _ in range(2)] == [B, B]


@pytest.mark.parametrize(
    ("fault", "question"), [("gone_at_identity", "identity"), ("gone_at_listing", "listing")]
)
def test_it_can_be_pulled_when_it_is_asked(tmp_path, fault, question):
    recorder = played(tmp_path, fault)
    with pytest.raises(UnpluggedError):
        getattr(recorder, question)()
    with pytest.raises(UnpluggedError):
        recorder.battery_percent()


def test_a_volume_that_makes_no_sense_is_refused(tmp_path):
    with pytest.raises(DeviceError, match="volume_refused"):
        played(tmp_path, "listing_refused").listing()


def test_the_second_listing_loses_a_file(tmp_path):
    recorder = played(tmp_path, {"fault": "listing_loses_file", "file": "b.mp4"})
    assert [len(recorder.listing().files) for _ in range(3)] == [3, 2, 2]


def test_the_second_listing_gains_a_file_that_cannot_be_read(tmp_path):
    recorder = played(tmp_path, "listing_gains_file")
    recorder.listing()
    ghost = recorder.listing().files[3]
    with pytest.raises(UnreadableError):
        content(recorder, ghost)


def test_a_file_grows_between_two_listings_and_cannot_be_read_as_listed(tmp_path):
    recorder = played(tmp_path, {"fault": "listing_file_grows", "bytes": 8})
    recorder.listing()
    grown = recorder.listing().files[0]
    assert grown.size == 1008
    with pytest.raises(UnreadableError):
        content(recorder, grown)


def test_the_clock_may_be_unknown_jump_or_fail(tmp_path):
    assert played(tmp_path, "clock_unknown").clock(NOON).kind == "unknown"
    jumping = played(tmp_path, {"fault": "clock_jumps", "ms": 100})
    assert [jumping.clock(NOON).offset_ms for _ in range(3)] == [5000, 5100, 5200]
    with pytest.raises(DeviceError, match="clock_unanswered"):
        played(tmp_path, "clock_fails").clock(NOON)
    assert played(tmp_path, clock_offset_ms=None).clock(NOON).offset_ms is None


def test_the_identity_may_be_empty_garbled_of_another_or_change(tmp_path):
    empty = played(tmp_path, "identity_empty").identity()
    assert (empty.serial, empty.sources) == (None, ())
    assert played(tmp_path, "identity_garbled").identity().serial == "\ufffd\ufffd\ufffd"
    assert played(tmp_path, "identity_of_another").identity().serial == "9999999"
    changing = played(tmp_path, "identity_changes")
    assert [changing.identity().serial for _ in range(3)] == ["K7F3A2C", "9999999", "9999999"]


def test_the_battery_may_lie_or_fail(tmp_path):
    assert played(tmp_path, "battery_lies").battery_percent() == 255
    with pytest.raises(DeviceError, match="battery_unanswered"):
        played(tmp_path, "battery_fails").battery_percent()


def erased(recorder, names=("a.mp4", "b.mp4"), **how):
    files = [file for file in recorder.listing().files if file.path in names]
    recorder.erase(certificate_for(files, **how))


def left(tmp_path):
    return sorted(path.name for path in (tmp_path / "card").iterdir())


def test_it_forgets_exactly_what_the_certificate_names(tmp_path):
    erased(played(tmp_path))
    assert left(tmp_path) == ["c.mp4"]


ERASES = {
    "erase_does_nothing": (EraseError, "erase_incomplete", ["a.mp4", "b.mp4", "c.mp4"]),
    "erase_too_much": (EraseError, "erase_too_much", []),
    "erase_half": (EraseError, "erase_incomplete", ["b.mp4", "c.mp4"]),
    "erase_unplugged": (UnpluggedError, "unplugged", ["b.mp4", "c.mp4"]),
    "erase_done_unplugged": (UnpluggedError, "unplugged", ["c.mp4"]),
    "erase_refused": (EraseError, "erase_unsupported", ["a.mp4", "b.mp4", "c.mp4"]),
}


@pytest.mark.parametrize("fault", ERASES)
def test_an_erase_that_goes_wrong_is_found_by_listing_again(tmp_path, fault):
    error, word, remaining = ERASES[fault]
    with pytest.raises(error, match=word):
        erased(played(tmp_path, fault))
    assert left(tmp_path) == remaining


def test_a_medium_that_can_only_be_wiped_refuses_a_partial_certificate(tmp_path):
    recorder = played(tmp_path, wipe_only=True)
    with pytest.raises(CertificateError, match="certificate_partial"):
        erased(recorder, whole=True)  # c.mp4 is not named, whatever the certificate claims
    with pytest.raises(CertificateError, match="certificate_partial"):
        erased(recorder, FILES, whole=False)
    assert left(tmp_path) == sorted(FILES)
    erased(recorder, FILES, whole=True)
    assert left(tmp_path) == []


def test_a_medium_with_something_that_no_listing_shows_is_not_wiped(tmp_path):
    recorder = played(tmp_path, wipe_only=True)
    (tmp_path / "card" / "link").symlink_to("nowhere")
    with pytest.raises(CertificateError, match="certificate_partial"):
        erased(recorder, FILES, whole=True)


def test_every_fault_has_a_test_here_and_a_docstring():
    tests = Path(__file__).read_text("utf-8")
    assert [fault for fault in Fault if f'"{fault}"' not in tests] == []
    members = ast.parse(Path(faults.__file__).read_text("utf-8")).body
    body = next(each for each in members if getattr(each, "name", "") == "Fault").body[1:]
    kinds = [type(each).__name__ for each in body]
    assert kinds == ["Assign", "Expr"] * len(Fault)


MISTAKES = {
    "no image": ({}, "image"),
    "an absolute image": ({"image": "/dev/sda"}, "image"),
    "a field that is misspelt": ({"image": "x", "fault": []}, "fault"),
    "an identity field that is misspelt": ({"image": "x", "identity": {"seriel": "1"}}, "seriel"),
    "a serial that is a number": ({"image": "x", "identity": {"serial": 7}}, "serial"),
    "a battery above 100": ({"image": "x", "battery_percent": 101}, "battery_percent"),
    "an offset that is text": ({"image": "x", "clock_offset_ms": "0"}, "clock_offset_ms"),
    "a rate of zero": ({"image": "x", "rate_bytes_per_s": 0}, "rate_bytes_per_s"),
    "wipe_only that is a number": ({"image": "x", "wipe_only": 1}, "wipe_only"),
    "a fault of no name": ({"image": "x", "faults": ["unpluged"]}, "fault"),
    "a fault field that is misspelt": ({"image": "x", "faults": [{"fault": "slow", "s": 1}]}, "s"),
    "a negative place": ({"image": "x", "faults": [{"fault": "slow", "bytes": -1}]}, "bytes"),
    "a list": ([], "object"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_description_is_named(tmp_path, mistake):
    told, field = MISTAKES[mistake]
    path = tmp_path / "one.recorder.json"
    path.write_text(json.dumps(told))
    with pytest.raises(UnknownRecorderError, match="description_invalid") as caught:
        read_description(path)
    assert caught.value.facts["field"] == field


@pytest.mark.parametrize("text", ["", "{", "\xff", "[" * 100_000])
def test_a_description_that_is_no_json_is_said_so(tmp_path, text):
    path = tmp_path / "one.recorder.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(UnknownRecorderError, match="description_unreadable"):
        read_description(path)
