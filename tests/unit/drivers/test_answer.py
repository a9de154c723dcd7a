"""A child in hostile hands may say anything; nothing of it reaches beyond the device."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.answer import Reader
from drivers.disk import list_volume
from drivers.limits import ListingLimits
from evidence.errors import DeadlineError, DeviceError, ParserError
from tests.fakes.parsers import DirectParsers
from tests.tools import hostile
from tests.unit.drivers.made import SHANGHAI, codes, opened

DEVICE = 1_000_000
FILE = {"path": "a.mp4", "size": 10, "inode": 5, "extents": [100, 10]}
FACTS = {
    "file_system": "FAT32",
    "serial": "FAT32:0000-0000",
    "label": None,
    "offset": 0,
    "volume_bytes": DEVICE,
    "total_bytes": DEVICE,
    "free_bytes": 0,
    "cluster_bytes": 512,
    "device_bytes": DEVICE,
    "deleted": [],
    "noted": {},
}
READER = Reader("card", DEVICE, SHANGHAI, ListingLimits())


def answer(file=None, **facts):
    return {**FACTS, "files": [{**FILE, **(file or {})}], **facts}


LIES = {
    "no object": [],
    "no files object": answer(files={}),
    "a file that is no object": answer(files=[7]),
    "a system of no name": answer(file_system="NTFS"),
    "a serial without end": answer(serial="x" * 500),
    "a volume beyond the device": answer(offset=DEVICE + 1),
    "more free than total": answer(free_bytes=DEVICE + 1),
    "a negative size": answer({"size": -1}),
    "a size that is true": answer({"size": True}),
    "a size that is text": answer({"size": "10"}),
    "a size of 2^64": answer({"size": 2**64}),
    "an inode of 2^53": answer({"inode": 2**53}),
    "a negative offset": answer({"extents": [-5, 10]}),
    "half an extent": answer({"extents": [100]}),
    "extents that are text": answer({"extents": "1234"}),
    "a path with a newline": answer({"path": "a\nb"}),
    "a path with a lone surrogate": answer({"path": "\ud800"}),
    "a path that turns round": answer({"path": "\u202egpj.exe"}),
    "a path without end": answer({"path": "x" * 20_000}),
    "a raw name that is no hex": answer({"raw": "zz"}),
    "a raw name without end": answer({"raw": "00" * 5000}),
    "a problem that is a sentence": answer({"problems": ["It is broken."]}),
    "problems without end": answer({"problems": ["x"] * 17}),
    "a finding of no code": answer(noted={"BAD CODE": 1}),
    "a finding without count": answer(noted={"bad": "many"}),
    "a deleted entry that is a list": answer(deleted=[[]]),
    "first_free that is a number": answer(
        deleted=[{"path": "x", "size": 1, "modified": None, "first_free": 1}]
    ),
    "more entries than asked for": answer(files=[FILE] * 40_001),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_an_answer_that_makes_no_sense_is_refused_whole(lie):
    with pytest.raises(DeviceError, match="volume_answer"):
        READER.found(json.loads(json.dumps(lie)))


def file_of(**changes):
    return READER.found(answer(changes)).listing.files[0]


def test_an_honest_answer_is_taken():
    file = file_of()
    assert [(each.offset, each.length) for each in file.extents] == [(100, 10)]
    assert file.noted == ()


def test_an_extent_beyond_the_device_is_cut_and_noted():
    file = file_of(size=50, extents=[DEVICE - 20, 40, 0, 10])
    assert [(each.offset, each.length) for each in file.extents] == [(DEVICE - 20, 20)]
    assert codes(file.noted) == ["outside_device"]


def test_extents_longer_than_the_file_are_cut_to_its_size():
    assert [(e.offset, e.length) for e in file_of(extents=[100, 7, 500, 900]).extents] == [
        (100, 7),
        (500, 3),
    ]


def test_a_size_that_no_entry_could_carry_becomes_the_device_and_the_claim_is_kept_as_text():
    file = file_of(size=2**63)
    assert file.size == DEVICE
    assert file.noted[0].facts == {"because": "size_impossible", "claimed": str(2**63)}


def test_a_valid_length_beyond_the_size_adds_nothing():
    found = READER.found(answer({"valid": 2**63}))
    assert found.zeros == {0: 0}


@given(
    st.lists(st.integers(0, 2**64 - 1) | st.integers(0, DEVICE + 9), max_size=12).filter(
        lambda numbers: len(numbers) % 2 == 0
    ),
    st.integers(0, 2**64 - 1) | st.integers(0, 200),
)
def test_whatever_it_says_every_extent_lies_on_the_device_and_in_the_file(numbers, size):
    file = file_of(extents=numbers, size=size)
    assert sum(extent.length for extent in file.extents) <= file.size <= DEVICE
    for extent in file.extents:
        assert extent.offset >= 0
        assert 0 < extent.length <= DEVICE - extent.offset


REFUSALS = {
    "parser_refused": (DeviceError, "volume_refused"),
    "parser_crashed": (DeviceError, "volume_parser"),
    "parser_memory": (DeviceError, "volume_parser"),
    "parser_answer": (DeviceError, "volume_parser"),
    "parser_deadline": (DeadlineError, "volume_deadline"),
}


@pytest.mark.parametrize("word", REFUSALS)
def test_a_failed_child_is_an_error_of_the_device(word, tmp_path):
    def task(*_):
        raise ParserError(word, because="test")

    recorder = opened(
        hostile.hostile("lawful_fat32", tmp_path), parsers=DirectParsers({"list_volume": task})
    )
    kind, told = REFUSALS[word]
    with pytest.raises(kind, match=told):
        recorder.listing()
    recorder.close()


def test_the_child_gets_no_more_than_the_source_and_the_limits(tmp_path):
    asked = []

    def task(source, request):
        asked.append(request)
        return list_volume(source, request)

    parsers = DirectParsers({"list_volume": task})
    recorder = opened(hostile.hostile("lawful_fat32", tmp_path), parsers=parsers)
    recorder.listing()
    recorder.close()
    assert asked == [ListingLimits().request()]
