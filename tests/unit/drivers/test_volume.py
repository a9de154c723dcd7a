"""A raw volume is listed as it was written: extents, names, times, deleted files, free space."""

from datetime import UTC, datetime

import pytest

from drivers.buffers import CHUNK_BYTES
from drivers.limits import ListingLimits
from drivers.volume import _chunks
from evidence.errors import UnreadableError
from evidence.findings import Finding
from evidence.recorders import DeletedEntry, Extent
from tests.tools import exfat, fat32, hostile, spoil
from tests.tools.volumes import VolumeFile, local
from tests.unit.drivers.made import by_path, codes, listed, opened

WRITERS = {"fat32": fat32.write_image, "exfat": exfat.write_image}
WHEN = local("2026-11-21 18:30:14")
FILES = (
    VolumeFile("DEVICE.LOG", b"log" * 999, WHEN),
    VolumeFile("DCIM/broken.mp4", bytes(range(256)) * 200, WHEN, fragments=5),
    VolumeFile("DCIM/深/层/a long name with blanks.mp4", b"x" * 5000, WHEN),
    VolumeFile("empty.mp4", b"", WHEN),
)
DELETED = (
    VolumeFile("DCIM/gone for ever.mp4", b"y" * 9000, WHEN),
    VolumeFile("overwritten.mp4", b"z" * 100, WHEN, overwritten=True),
)


@pytest.fixture(params=WRITERS)
def layout(request, tmp_path):
    return WRITERS[request.param](tmp_path / "card.img", FILES, deleted=DELETED, cluster_bytes=512)


def test_extents_are_where_the_writer_put_the_bytes(layout):
    files = by_path(listed(layout.path))
    assert set(files) == {file.path for file in FILES}
    for path, file in files.items():
        wrote = [extent for extent in layout.extents(path) if extent[1]]
        assert _joined(wrote) == [(each.offset, each.length) for each in file.extents]


def _joined(extents):
    runs = []
    for offset, length in extents:
        if runs and sum(runs[-1]) == offset:
            runs[-1] = (runs[-1][0], runs[-1][1] + length)
        else:
            runs.append((offset, length))
    return runs


def test_deleted_files_are_told_with_size_time_and_whether_their_place_is_free(layout):
    deleted = {entry.path: entry for entry in listed(layout.path).deleted}
    when = datetime(2026, 11, 21, 10, 30, 14, tzinfo=UTC)
    assert deleted == {
        "DCIM/gone for ever.mp4": DeletedEntry("DCIM/gone for ever.mp4", 9000, when, True),
        "overwritten.mp4": DeletedEntry("overwritten.mp4", 100, when, False),
    }


def test_free_space_is_counted_and_not_believed(layout):
    if "FAT" in (listing := listed(layout.path)).file_system:
        spoil.poke(layout.path, layout.start + 512 + 488, b"\x01\0\0\0")  # the volume's own claim
    assert listed(layout.path).free_bytes == layout.free_clusters * layout.cluster_bytes
    assert listing.total_bytes == layout.clusters * layout.cluster_bytes


@pytest.mark.parametrize("kind", WRITERS)
def test_a_volume_in_a_partition_is_found_and_its_extents_count_from_the_device(kind, tmp_path):
    layout = WRITERS[kind](tmp_path / "disk.img", FILES, partitioned=True, cluster_bytes=512)
    recorder = opened(layout.path)
    for file in recorder.listing().files:
        wrote = next(each for each in FILES if each.path == file.path)
        assert b"".join(recorder.read(file)) == wrote.content
    recorder.close()


@pytest.mark.parametrize(("kind", "serial"), [("fat32", "FAT32"), ("exfat", "exFAT")])
def test_identity_is_the_serial_of_the_volume_and_nothing_else(kind, serial, tmp_path):
    path = WRITERS[kind](tmp_path / "card.img", (), volume_serial=0x1A2B3C4D).path
    identity = opened(path).identity()
    assert identity.volume == f"{serial}:1A2B-3C4D"
    assert identity.sources == (("volume", "volume"),)


def test_an_exfat_offset_from_utc_is_used_and_the_zone_is_not(tmp_path):
    path = exfat.write_image(tmp_path / "card.img", FILES, utc_offset_minutes=-210).path
    times = {file.modified for file in listed(path).files}
    assert times == {datetime(2026, 11, 21, 22, 0, 14, tzinfo=UTC)}


def test_bytes_that_were_never_written_read_as_zeros_and_are_noted(tmp_path):
    layout = exfat.write_image(tmp_path / "card.img", FILES, cluster_bytes=512)
    spoil.edit_set(layout, "DEVICE.LOG", 32 + 8, (1000).to_bytes(8, "little"))
    recorder = opened(layout.path)
    file = by_path(recorder.listing())["DEVICE.LOG"]
    content = FILES[0].content
    assert b"".join(recorder.read(file)) == content[:1000] + bytes(len(content) - 1000)
    assert codes(file.noted) == ["never_written"]
    recorder.close()


def test_a_file_in_more_pieces_than_the_list_can_hold_is_still_read_whole(layout):
    recorder = opened(layout.path, limits=ListingLimits(max_extents_per_file=2))
    file = by_path(recorder.listing())["DCIM/broken.mp4"]
    assert len(file.extents) == 2
    assert codes(file.noted) == ["limit_extents"]
    assert b"".join(recorder.read(file)) == FILES[1].content
    recorder.close()


def test_a_file_in_more_pieces_than_all_limits_is_unreadable_and_never_short(layout):
    limits = ListingLimits(max_extents_per_file=2, max_extents=2)
    recorder = opened(layout.path, limits=limits)
    file = by_path(recorder.listing())["DCIM/broken.mp4"]
    with pytest.raises(UnreadableError, match="file_fragmented"):
        list(recorder.read(file))
    recorder.close()


def test_entries_beyond_the_limit_are_noted(layout):
    listing = listed(layout.path, limits=ListingLimits(max_entries=3))
    assert len(listing.files) + len(listing.deleted) <= 3
    assert "limit_entries" in codes(listing.noted)


@pytest.mark.parametrize("image", ["names", "names_exfat"])
def test_hostile_names_survive_as_raw_bytes_and_their_files_are_read(image, tmp_path):
    recorder = opened(hostile.hostile(image, tmp_path))
    files = {file.raw: file for file in recorder.listing().files}
    for fault, name in hostile.RAW_NAMES.items():
        units = b"".join(unit.to_bytes(2, "little") for unit in name.units)
        text = units.decode("utf-16-le", "surrogatepass")
        text = text if image == "names_exfat" else text.split("\0")[0]  # where a FAT name ends
        file = files[b"NAMES/" + text.encode("utf-8", "surrogatepass")]
        assert b"".join(recorder.read(file)) == fault.encode()
        assert file.path.count("/") == 1, "a slash in a name is no directory"
    assert sum(file.path == "NAMES/twice.mp4" for file in files.values()) == 1
    recorder.close()


def test_8_3_names_without_encoding_keep_their_bytes(tmp_path):
    files = {file.raw: file.path for file in listed(hostile.hostile("names", tmp_path)).files}
    assert files[b"NAMES/" + "执法仪.MP4".encode("gbk")] == "NAMES/执法仪.MP4"
    assert files[b"NAMES/\x01\x02\x03\x1f.MP4"] == r"NAMES/\x01\x02\x03\x1f.MP4"
    assert b"NAMES/\xe5\xae\xaa.MP4".replace(b".MP4", b"") in {
        raw.removesuffix(b".MP4") for raw in files
    }


def test_a_file_of_another_listing_is_not_read(layout):
    recorder = opened(layout.path)
    file = recorder.listing().files[0]
    other = type(file)(file.handle, file.path, file.raw, file.size, extents=(Extent(0, 512),))
    with pytest.raises(UnreadableError, match="file_not_listed"):
        list(recorder.read(other))
    recorder.close()


def test_chunks_are_gathered_to_full_ones_and_cut_there():
    half, full = CHUNK_BYTES // 2, CHUNK_BYTES
    runs = [Extent(0, half), Extent(4 * full, full + half), Extent(99 * full, 5)]
    chunks = list(_chunks(runs))
    assert [sum(each.length for each in chunk) for chunk in chunks] == [full, full, 5]
    assert [each for chunk in chunks for each in chunk][1:3] == [
        Extent(4 * full, half),
        Extent(4 * full + half, full),
    ]


DAMAGE = {
    "cyclic_chain": "chain_cyclic",
    "cyclic_chain_exfat": "chain_cyclic",
    "chain_out_of_range": "chain_leaves_volume",
    "chain_too_short": "chain_short",
    "chain_into_free": "chain_free",
    "overlapping_files": "overlap",
    "overlapping_files_exfat": "overlap",
    "claim_4gib_in_1mb": "size_impossible",
    "size_2_63": "size_impossible",
    "impossible_dates": "time_impossible",
    "orphaned_long_names": "long_name_lost",
    "set_checksum_wrong": "entry_checksum",
    "truncated_device": "outside_device",
    "truncated_device_exfat": "outside_device",
}


@pytest.mark.parametrize(("image", "code"), DAMAGE.items())
def test_damage_of_a_file_is_noted_and_what_can_be_read_is_read(image, code, tmp_path):
    recorder = opened(hostile.hostile(image, tmp_path))
    damaged = [file for file in recorder.listing().files if code in codes(file.noted)]
    assert damaged
    assert all(note.finding is Finding.VOLUME_DAMAGED for f in damaged for note in f.noted)
    given = sum(len(chunk) for chunk in recorder.read(damaged[0]))
    assert 0 < given <= damaged[0].size
    recorder.close()


@pytest.mark.parametrize("image", ["directory_in_itself", "directory_in_itself_exfat"])
def test_a_directory_that_contains_itself_is_entered_once(image, tmp_path):
    listing = listed(hostile.hostile(image, tmp_path))
    assert "directory_twice" in codes(listing.noted)
    assert len(listing.files) == 5
