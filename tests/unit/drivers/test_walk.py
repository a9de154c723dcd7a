"""The walk keeps its limits; a device that fails at any read is not taken for a bad volume."""

import pytest

from drivers.disk import list_volume
from drivers.limits import ListingLimits
from evidence.errors import UnpluggedError, UnreadableError
from tests.tools import exfat, fat32, hostile, spoil
from tests.tools.volumes import VolumeFile
from tests.unit.drivers.made import codes, listed


class Failing:
    """A source that fails from its ``nth`` read on; counts them."""

    def __init__(self, content, error=None, nth=10**9):
        self.content = content
        self.size = len(content)
        self.error, self.nth, self.reads = error, nth, 0

    def read(self, offset, length):
        assert 0 <= offset <= offset + length <= self.size, "only what lies on the device"
        self.reads += 1
        if self.reads >= self.nth:
            raise self.error
        return self.content[offset : offset + length]


@pytest.mark.parametrize("error", [UnpluggedError("unplugged"), UnreadableError("unreadable")])
@pytest.mark.parametrize("name", ["lawful_fat32", "lawful_exfat", "names"])
def test_an_error_of_the_source_at_any_read_comes_through_as_it_is(name, error, tmp_path):
    content = hostile.hostile(name, tmp_path).read_bytes()
    whole = Failing(content)
    list_volume(whole, {})
    assert whole.reads > 5
    for nth in range(1, whole.reads + 1):
        with pytest.raises(type(error)) as caught:
            list_volume(Failing(content, error, nth), {})
        assert caught.value is error


@pytest.mark.parametrize("name", ["lawful_fat32", "lawful_exfat"])
def test_the_facts_alone_need_no_walk(name, tmp_path):
    source = Failing(hostile.hostile(name, tmp_path).read_bytes())
    answer = list_volume(source, {"entries": False})
    assert answer["files"] == answer["deleted"] == []
    assert answer["label"] == "RECORDER"


LIMITS = {
    "limit_depth": {"max_depth": 1},
    "limit_entries": {"max_entries": 2},
    "limit_name": {"max_name_bytes": 12},
    "limit_directories": {"max_directories_bytes": 600},
}


@pytest.mark.parametrize("code", LIMITS)
@pytest.mark.parametrize("name", ["lawful_fat32", "lawful_exfat"])
def test_a_limit_that_is_reached_is_noted_and_the_rest_is_listed(code, name, tmp_path):
    path = hostile.hostile(name, tmp_path)
    listing = listed(path, limits=ListingLimits(**LIMITS[code]))
    assert code in codes(listing.noted)
    assert len(listing.files) < len(listed(path).files)


def test_a_request_for_nonsense_limits_gets_ours():
    asked = {"max_entries": -1, "max_depth": "7", "max_extents": 5, "other": 1}
    assert ListingLimits.of(asked) == ListingLimits(max_extents=5)


@pytest.mark.parametrize("kind", ["fat32", "exfat"])
def test_a_folder_whose_clusters_are_gone_is_noted(kind, tmp_path):
    write, aim = {
        "fat32": (fat32.write_image, spoil.aim_fat32),
        "exfat": (exfat.write_image, spoil.aim_exfat),
    }[kind]
    layout = write(tmp_path / "card.img", [VolumeFile("DCIM/a.mp4", b"a")], cluster_bytes=512)
    aim(layout, "DCIM", 0)
    listing = listed(layout.path)
    assert listing.files == ()
    assert "directory_empty" in codes(listing.noted)


def test_two_folders_that_share_their_clusters_are_read_once(tmp_path):
    files = [VolumeFile("A/a.mp4", b"a"), VolumeFile("B/b.mp4", b"b")]
    layout = fat32.write_image(tmp_path / "card.img", files, cluster_bytes=512)
    spoil.aim_fat32(layout, "B", layout.node("A").first_cluster)
    listing = listed(layout.path)
    assert [file.path for file in listing.files] == ["A/a.mp4"]
    assert codes(listing.noted) == ["directory_twice"]


def test_entries_behind_the_end_mark_are_left_out_but_told(tmp_path):
    files = [VolumeFile("A.MP4", b"a"), VolumeFile("B.MP4", b"b")]
    layout = fat32.write_image(tmp_path / "card.img", files, label="", cluster_bytes=512)
    spoil.poke(layout.path, layout.node("A.MP4").entry_offset, b"\0")
    listing = listed(layout.path)
    assert listing.files == ()
    assert codes(listing.noted) == ["tsk_sees_more"]
