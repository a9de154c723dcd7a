"""Files of a real FAT32 image are erased by mtools: the named ones, exactly, and then proven."""

import subprocess

import pytest

from drivers import erase, run
from drivers.ways import Mtools
from evidence.errors import EraseError
from tests.fakes.certificates import certificate_for
from tests.tools import fat32, hostile
from tests.tools.volumes import RawName, VolumeFile, utf16
from tests.unit.drivers.made import by_path, opened

NEEDS = ("mdel", "fsck.vfat")
NAMES = [
    "DCIM/DCAM_CAM001_000001_20261121_100000_IMP.mp4",
    "DCIM/执法 现场 录像.mp4",
    "DCIM/[brackets] {and} 'quotes'.mp4",
    "DCIM/-rf.mp4",
    "DCIM/$(reboot); `x`.mp4",
    "DCIM/" + "n" * 250 + ".mp4",
    "DCIM/lower.mp4",
    "DCIM/SHORT.MP4",
    "ROOT~1.TXT",
]


@pytest.fixture(autouse=True)
def only_mtools(monkeypatch):
    monkeypatch.setattr(erase, "DISK_WAYS", (Mtools(),))


def card(tmp_path, names, *, partitioned=False):
    files = [VolumeFile(name, name.encode() * 300) for name in names]
    return fat32.write_image(
        tmp_path / "card.img", files, cluster_bytes=512, partitioned=partitioned
    ).path


def erased(path, *names, all_but=False):
    recorder = opened(path)
    files = recorder.listing().files
    recorder.erase(certificate_for([f for f in files if (f.path in names) != all_but]))
    left = {file.path: b"".join(recorder.read(file)) for file in recorder.listing().files}
    recorder.close()
    return left


@pytest.mark.parametrize("name", NAMES)
def test_one_named_file_is_gone_and_the_others_are_whole(tmp_path, name):
    left = erased(card(tmp_path, NAMES), name)
    assert left == {each: each.encode() * 300 for each in NAMES if each != name}


@pytest.mark.parametrize("partitioned", [False, True])
def test_after_erasing_everything_the_volume_is_clean(tmp_path, partitioned):
    path = card(tmp_path, NAMES, partitioned=partitioned)
    assert erased(path, all_but=True) == {}
    if not partitioned:
        subprocess.run(["/usr/sbin/fsck.vfat", "-n", path], check=True, capture_output=True)


def test_a_name_that_looks_like_a_pattern_erases_nothing_else(tmp_path):
    marked = RawName(utf16("*.mp4"))
    files = [VolumeFile("a.mp4", b"a"), VolumeFile("star", b"s", raw_name=marked)]
    path = fat32.write_image(tmp_path / "card.img", files, cluster_bytes=512).path
    assert erased(path, "*.mp4") == {"a.mp4": b"a"}


@pytest.mark.parametrize("name", ["NAMES/twice.mp4", r"NAMES/a\x2fb.mp4", "NAMES/执法仪.MP4"])
def test_a_name_that_mtools_cannot_say_stays_and_is_reported(tmp_path, name):
    path = hostile.hostile("names", tmp_path)
    recorder = opened(path)
    before = recorder.listing().files
    with pytest.raises(EraseError, match="erase_incomplete") as caught:
        recorder.erase(certificate_for([by_path(recorder.listing())[name]]))
    assert caught.value.facts["because"] == "names"
    assert recorder.listing().files == before
    recorder.close()


def test_files_that_share_clusters_are_not_erased(tmp_path):
    recorder = opened(hostile.hostile("overlapping_files", tmp_path))
    before = recorder.listing().files
    with pytest.raises(EraseError, match="erase_incomplete"):
        recorder.erase(certificate_for([file for file in before if file.noted]))
    assert recorder.listing().files == before
    recorder.close()


def test_a_tool_that_lies_is_found_out(tmp_path, monkeypatch):
    monkeypatch.setattr("drivers.ways.run", lambda *_, **__: "")
    with pytest.raises(EraseError, match="erase_incomplete"):
        erased(card(tmp_path, NAMES), NAMES[0])


def test_a_tool_that_removes_too_much_is_found_out(tmp_path, monkeypatch):
    def greedy(command, **environment):
        return run.run([*command, "::/SHORT.MP4", "::/DCIM/SHORT.MP4"], **environment)

    monkeypatch.setattr("drivers.ways.run", greedy)
    with pytest.raises(EraseError, match="erase_too_much"):
        erased(card(tmp_path, NAMES), NAMES[0])


def test_an_image_that_may_not_be_written_to_is_unsupported_and_untouched(tmp_path, monkeypatch):
    path = card(tmp_path, NAMES)
    before = path.read_bytes()
    monkeypatch.setattr("drivers.ways.os.access", lambda *_: False)
    with pytest.raises(EraseError, match="erase_unsupported"):
        erased(path, NAMES[0])
    assert path.read_bytes() == before


def test_a_read_only_file_is_erased_without_a_question(tmp_path):
    path = card(tmp_path, NAMES)
    run.run(["mattrib", "-i", f"{path}@@0", "+r", f"::/{NAMES[0]}"], MTOOLSRC="/dev/null")
    assert NAMES[0] not in erased(path, NAMES[0])
