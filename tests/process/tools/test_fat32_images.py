from hypothesis import HealthCheck, given, settings

from tests.process.tools.media import file_sets, living, read_all, run
from tests.tools import fat32
from tests.tools.spoil import peek
from tests.tools.volumes import RawName, VolumeFile, Zeros, local, utf16

NEEDS = ("fsck.vfat", "mcopy")
LONG = "DCAM_CAM001_000001_20261121_100000_IMP.mp4"


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(file_sets())
def test_any_lawful_volume_is_clean_and_reads_back_equal(tmp_path, files):
    image = tmp_path / "card.img"
    fat32.write_image(image, files, cluster_bytes=512)
    checked = run("fsck.vfat", "-n", image)
    assert checked.returncode == 0, checked.stdout
    seen = {path: content for path, (content, lives) in read_all(image).items() if lives}
    assert seen == living(files)


def test_mtools_reads_long_names_directories_and_fragments(tmp_path):
    image, content = tmp_path / "card.img", bytes(range(256)) * 300
    file = VolumeFile(f"DCIM/100MEDIA/{LONG}", content, fragments=5)
    layout = fat32.write_image(image, [file, VolumeFile("A.TXT", b"a")], cluster_bytes=4096)
    assert len(layout.extents(file.path)) == 5
    target = tmp_path / "out.mp4"
    assert run("mcopy", "-i", image, f"::{file.path}", target).returncode == 0
    assert target.read_bytes() == content


def test_a_fragmented_file_ends_before_it_begins(tmp_path):
    file = VolumeFile("a.mp4", b"x" * 50_000, fragments=3)
    extents = fat32.write_image(tmp_path / "card.img", [file]).extents("a.mp4")
    assert extents[-1][0] < extents[0][0]
    assert sum(length for _, length in extents) == 50_000


def test_times_serial_and_label_stand_as_given(tmp_path):
    image = tmp_path / "card.img"
    file = VolumeFile("A.TXT", b"a", local("2026-11-21 10:00:42"), local("1999-12-31 23:59:59"))
    fat32.write_image(image, [file], volume_serial=0xCAFE1234, label="ZFY")
    listed = run("mdir", "-i", image, "::").stdout.decode()
    assert "Volume Serial Number is CAFE-1234" in listed
    assert "Volume in drive : is ZFY" in listed
    told = run("minfo", "-i", image, "::").stdout.decode()
    assert "serial number: CAFE1234" in told
    shown = run("fsck.vfat", "-n", "-v", image).stdout.decode()
    assert "2 files" in shown  # it counts the label


def test_a_partitioned_card_is_read_behind_its_table(tmp_path):
    image = tmp_path / "card.img"
    layout = fat32.write_image(image, [VolumeFile("A.TXT", b"abc")], partitioned=True)
    assert layout.start == 1 << 20
    assert read_all(image, layout.start) == {"A.TXT": (b"abc", True)}
    assert run("mtype", "-i", f"{image}@@1M", "::A.TXT").stdout == b"abc"


def test_a_deleted_file_keeps_its_bytes_and_gives_back_its_clusters(tmp_path):
    image = tmp_path / "card.img"
    dead = VolumeFile("dead and gone.mp4", b"d" * 6_000)
    kept = VolumeFile("kept.mp4", b"k" * 6_000)
    layout = fat32.write_image(image, [kept], deleted=[dead])
    assert layout.free_clusters == layout.clusters - 1 - 2  # the root and the kept file
    assert read_all(image)["dead and gone.mp4"] == (dead.content, False)


def test_an_overwritten_file_points_at_the_bytes_of_another(tmp_path):
    layout = fat32.write_image(
        tmp_path / "card.img",
        [
            VolumeFile("now.mp4", b"n" * 6_000),
            VolumeFile("then.mp4", b"t" * 6_000, deleted=True, overwritten=True),
        ],
    )
    assert layout.node("then.mp4").first_cluster == layout.node("now.mp4").first_cluster


def test_the_image_is_as_large_and_as_free_as_asked(tmp_path):
    files = [VolumeFile("a.mp4", b"x" * 10_000)]
    free = fat32.write_image(tmp_path / "free.img", files, free_clusters=70_000)
    assert free.free_clusters == 70_000
    sized = fat32.write_image(tmp_path / "sized.img", files, size_bytes=300 << 20)
    assert sized.path.stat().st_size == 300 << 20
    assert sized.offset(sized.clusters + 2) > (300 << 20) - 3 * 4096
    for layout in (free, sized):
        assert run("fsck.vfat", "-n", layout.path).returncode == 0


def test_a_large_file_of_zeros_takes_no_room(tmp_path):
    image = tmp_path / "card.img"
    layout = fat32.write_image(image, [VolumeFile("big.mp4", Zeros(1 << 30))], cluster_bytes=32768)
    assert sum(length for _, length in layout.extents("big.mp4")) == 1 << 30
    assert image.stat().st_blocks * 512 < 1 << 20


def test_unlawful_names_stand_on_the_medium_unit_for_unit(tmp_path):
    image = tmp_path / "card.img"
    units = (0xD83D, 0x2F, 0x1B, 0x0A)
    layout = fat32.write_image(image, [VolumeFile("x", b"x", raw_name=RawName(units))])
    entry = peek(image, layout.node("x").entry_offset, 32)
    written = entry[1:9]
    assert written == b"".join(unit.to_bytes(2, "little") for unit in units)


def test_a_gbk_short_name_has_no_long_one(tmp_path):
    image, short = tmp_path / "card.img", "执法仪".encode("gbk").ljust(8) + b"MP4"
    layout = fat32.write_image(image, [VolumeFile("x", b"x", raw_name=RawName(short=short))])
    assert peek(image, layout.node("x").entry_offset, 11) == short


def test_a_name_of_255_units_is_clean(tmp_path):
    image = tmp_path / "card.img"
    fat32.write_image(image, [VolumeFile("x", b"x", raw_name=RawName(utf16("长" * 255)))])
    assert run("fsck.vfat", "-n", image).returncode == 0
    listed = run("mdir", "-b", "-i", image, "::").stdout.decode()
    assert listed.count("长") == 255
