"""Whole dockings of real media: hostile names survive; no fault of a recorder loses a byte."""

import hashlib
import os

import pytest

from drivers.disk import list_volume
from drivers.faults import Fault
from drivers.registry import open_recorder
from ingest.log_task import read_log
from ingest.probe_task import probe
from tests.fakes.house import SHANGHAI, House
from tests.fakes.parsers import DirectParsers
from tests.tools.hostile import hostile
from tests.tools.recorders import RecorderSpec, build_recorder
from tests.tools.volumes import VolumeFile, local

WHEN = local("2026-11-21 10:00:00")
FILES = {"DCIM/a.mp4": b"first film " * 9000, "DCIM/b.mp4": b"second film " * 9000, "c.txt": b"log"}
TASKS = {"list_volume": list_volume, "probe": probe, "device_log": read_log}
FOREVER = {Fault.HANG}  # only killing the process ends it: appliance/rack.py, and its tests


@pytest.fixture
def house(tmp_path):
    built = House(tmp_path / "home", parsers=DirectParsers(TASKS))
    yield built
    built.store.close()


def opened(path):
    return open_recorder(path, parsers=DirectParsers(TASKS), zone=SHANGHAI)


def dock(house, path, after="keep"):
    recorder = opened(path)
    try:
        return house.dock(recorder, after=after)
    finally:
        recorder.close()


def in_custody(house):
    """Return name on the recorder, as bytes, to content, for all that was sighted."""
    found = {}
    for entry in house.entries("segment.sealed") + house.entries("segment.seen"):
        sighting = entry.body["sighting"]
        lines = house.store.statement(sighting["inventory"]).lines
        line = lines[sighting["line"]]
        raw = bytes.fromhex(line["raw"]) if line["raw"] else line["path"].encode()
        (segment,) = [subject for subject in entry.about if subject[0] == "s"]
        found[raw] = b"".join(house.objects.read(segment[2:]))
    return found


def outside(root, home):
    """Return everything below ``root`` that is not below ``home``."""
    return {path for path in root.rglob("*") if not path.is_relative_to(home)}


@pytest.mark.parametrize("kind", ["names", "names_exfat"])
def test_a_name_is_data_from_the_card_to_the_ledger(house, tmp_path, kind):
    path = hostile(kind, tmp_path)
    before = outside(tmp_path, tmp_path / "home")
    ended = dock(house, path)
    assert ended.outcome == "complete"
    assert outside(tmp_path, tmp_path / "home") == before, "nothing was written elsewhere"
    recorder = opened(path)
    listed = {file.raw: b"".join(recorder.read(file)) for file in recorder.listing().files}
    recorder.close()
    assert in_custody(house) == listed
    assert len([raw for raw in listed if raw.startswith(b"NAMES/")]) >= 13
    public = b"".join(
        each.read_bytes() for each in (tmp_path / "home/ledger").rglob("*") if each.is_file()
    )
    assert b"passwd" not in public


def test_names_that_are_no_text_survive_from_a_folder(house, tmp_path):
    card = tmp_path / "card"
    card.mkdir()
    names = [
        "执法.mp4".encode("gbk"),
        b"\xff\xfe.mp4",
        b"new\nline\x1b[31m",
        b"n" * 255,
        b"-rf",
        b" ",
    ]
    for name in names:
        (card / os.fsdecode(name)).write_bytes(b"content of " + name)
    assert dock(house, card).outcome == "complete"
    assert in_custody(house) == {name: b"content of " + name for name in names}


def recorder_with(tmp_path, fault=None):
    files = tuple(VolumeFile(path, content, WHEN) for path, content in FILES.items())
    faults = () if fault is None else ({"fault": str(fault), "bytes": 40_000, "ms": 5},)
    spec = RecorderSpec("card", files, faults=faults)
    folder = tmp_path / ("good" if fault is None else "faulty")
    return build_recorder(folder, "folder", spec)


def forgotten(description):
    """Return the paths that are gone from the folder behind a recorder."""
    return {path for path in FILES if not (description.parent / "card" / path).exists()}


@pytest.mark.parametrize("fault", sorted(set(Fault) - FOREVER))
def test_no_fault_of_a_recorder_loses_a_byte(house, tmp_path, fault):
    faulty = recorder_with(tmp_path, fault)
    ended = dock(house, faulty, after="erase")
    digests = {entry.body["sha256"] for entry in house.entries("segment.sealed")}
    gone = forgotten(faulty)
    for path in gone:
        assert hashlib.sha256(FILES[path]).hexdigest() in digests, f"{path} was lost"
    lines = {line for entry in house.entries("docking.certified") for line in entry.body["lines"]}
    alarmed = bool(house.entries("alarm.raised"))
    paths = [listed.file.path for listed in ended.inventory.files] if ended.inventory else []
    for path in gone:
        assert paths.index(path) in lines or alarmed

    healthy = dock(house, recorder_with(tmp_path), after="erase")
    assert (healthy.outcome, healthy.recorder) == ("complete", "erased")
    for content in FILES.values():
        name = hashlib.sha256(content).hexdigest()
        assert b"".join(house.objects.read(name)) == content
    sealed = [entry.body["sha256"] for entry in house.entries("segment.sealed")]
    assert len(sealed) == len(set(sealed))


def test_what_forgets_more_than_it_may_is_an_alarm(house, tmp_path):
    faulty = recorder_with(tmp_path, Fault.ERASE_TOO_MUCH)
    told = faulty.read_text().replace(
        '"faults": [', '"faults": [{"fault": "read_error", "file": "DCIM/b.mp4", "bytes": 0}, '
    )
    faulty.write_text(told)
    dock(house, faulty, after="erase")
    assert forgotten(faulty) == set(FILES)
    assert [entry.body["alarm"] for entry in house.entries("alarm.raised")] == [
        "erased_uncertified"
    ]


def test_a_clock_and_an_identity_of_a_recorder_stand_in_the_ledger_as_it_told_them(house, tmp_path):
    dock(house, recorder_with(tmp_path))
    (opened_entry,) = house.entries("docking.opened")
    facts = house.store.statement(opened_entry.seq).facts
    assert (facts["serial"], facts["officer"]) == ("K7F3A2C", "000001")
    (inventory,) = house.entries("inventory.taken")
    assert inventory.body["clock"] == {"kind": "measured", "offset_ms": 0, "how": "vendor"}
