import pytest
import pytsk3
from hypothesis import HealthCheck, given, settings

from tests.process.tools.media import file_sets, living, read_all, run
from tests.tools import exfat, upcase
from tests.tools.spoil import poke
from tests.tools.volumes import RawName, VolumeFile, Zeros, local

NEEDS = ("fsck.exfat",)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(file_sets())
def test_any_lawful_volume_is_clean_and_reads_back_equal(tmp_path, files):
    image = tmp_path / "card.img"
    exfat.write_image(image, files, cluster_bytes=512)
    checked = run("fsck.exfat", "-n", image)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    seen = {path: content for path, (content, lives) in read_all(image).items() if lives}
    assert seen == living(files)


@pytest.mark.parametrize("region", [0, 12])
def test_the_checker_sees_a_byte_that_is_wrong_in_the_boot_region(tmp_path, region):
    image = tmp_path / "card.img"
    exfat.write_image(image, [VolumeFile("a.txt", b"a")])
    poke(image, region * 512 + 100, b"\xff")
    poke(image, (12 - region) * 512 + 100, b"\xff")
    assert run("fsck.exfat", "-n", image).returncode != 0


def test_whole_files_need_no_chain_and_fragmented_ones_have_one(tmp_path):
    image = tmp_path / "card.img"
    files = [
        VolumeFile("whole.mp4", b"w" * 9_000),
        VolumeFile("cut.mp4", b"c" * 9_000, fragments=3),
    ]
    layout = exfat.write_image(image, files, cluster_bytes=512)
    data = image.read_bytes()
    flags = {
        name: data[layout.node(name).entry_offset + 32 + 1] for name in ("whole.mp4", "cut.mp4")
    }
    assert flags == {"whole.mp4": 3, "cut.mp4": 1}
    assert len(layout.extents("cut.mp4")) == 3


def test_times_carry_the_offset_from_utc_or_leave_it_unsaid(tmp_path):
    image, file = tmp_path / "card.img", VolumeFile("a.txt", b"a", local("2026-11-21 10:00:43"))
    for minutes, byte in ((480, 0x80 | 32), (-210, 0x80 | 0x72), (None, 0)):
        layout = exfat.write_image(image, [file], utc_offset_minutes=minutes)
        entry = image.read_bytes()[layout.node("a.txt").entry_offset :][:32]
        assert entry[22:25] == bytes([byte] * 3)
        assert entry[21] == 100  # the odd second, in hundredths


def test_a_deleted_file_keeps_its_bytes_and_gives_back_its_clusters(tmp_path):
    image = tmp_path / "card.img"
    dead = VolumeFile("dead and gone.mp4", b"d" * 6_000)
    before = exfat.write_image(image, [VolumeFile("kept.mp4", b"k")]).free_clusters
    layout = exfat.write_image(image, [VolumeFile("kept.mp4", b"k")], deleted=[dead])
    assert layout.free_clusters == before + 2  # the volume grew by what was freed
    assert read_all(image)["dead and gone.mp4"] == (dead.content, False)


def test_serial_label_and_size_stand_as_given(tmp_path):
    image = tmp_path / "card.img"
    layout = exfat.write_image(
        image, [], volume_serial=0xCAFE1234, label="执法仪", size_bytes=64 << 20
    )
    assert image.read_bytes()[100:104] == (0xCAFE1234).to_bytes(4, "little")
    assert "执法仪" in run("fsck.exfat", "-n", "-v", image).stdout.decode()
    assert image.stat().st_size == 64 << 20
    assert layout.offset(layout.clusters + 2) > (64 << 20) - 3 * 4096
    assert run("fsck.exfat", "-n", image).returncode == 0
    assert layout.free_clusters < layout.clusters


def test_as_many_clusters_are_free_as_asked(tmp_path):
    image = tmp_path / "card.img"
    layout = exfat.write_image(image, [VolumeFile("a", b"x" * 9_000)], free_clusters=50_000)
    assert layout.free_clusters == 50_000
    assert run("fsck.exfat", "-n", image).returncode == 0


def test_a_partitioned_card_is_read_behind_its_table(tmp_path):
    image = tmp_path / "card.img"
    layout = exfat.write_image(image, [VolumeFile("A.TXT", b"abc")], partitioned=True)
    assert read_all(image, layout.start) == {"A.TXT": (b"abc", True)}
    partitions = list(pytsk3.Volume_Info(pytsk3.Img_Info(str(image))))
    assert layout.start // 512 in {part.start for part in partitions}


def test_a_file_of_16_gigabytes_takes_no_room(tmp_path):
    image = tmp_path / "card.img"
    exfat.write_image(image, [VolumeFile("big.mp4", Zeros(16 << 30))], cluster_bytes=131_072)
    assert image.stat().st_size > 16 << 30
    assert image.stat().st_blocks * 512 < 1 << 20


def test_unlawful_names_stand_on_the_medium_unit_for_unit(tmp_path):
    image, units = tmp_path / "card.img", (0xD83D, 0x2F, 0x1B, 0x0A)
    layout = exfat.write_image(image, [VolumeFile("x", b"x", raw_name=RawName(units))])
    name = image.read_bytes()[layout.node("x").entry_offset + 64 + 2 :][:8]
    assert name == b"".join(unit.to_bytes(2, "little") for unit in units)


def test_the_up_case_table_maps_what_it_should_and_nothing_else():
    assert [upcase.upper(ord(letter)) for letter in "aZéжω长"] == [ord(c) for c in "AZÉЖΩ长"]
    assert upcase.upper(ord("ß")) == ord("ß")
    assert upcase.upper(0xD83D) == 0xD83D
    assert len(upcase.table()) < 4096
