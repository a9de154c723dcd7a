"""What needs no library: photos by their header, text, nothing at all."""

import struct

import pytest

from evidence.findings import Finding
from tests.tools.plainfiles import photo
from tests.tools.scene import BEGIN
from tests.tools.scenes import scene
from tests.unit.ingest.probing import findings, probed

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480) + bytes(9)
PNG_END = b"\0\0\0\0IEND\xaeB`\x82"


def exif(zone=b"+08:00\0", taken=b"2026:11:21 10:00:00\0", order="<"):
    """Return an APP1 segment with DateTimeOriginal and OffsetTimeOriginal."""
    sign = b"II*\0" if order == "<" else b"MM\0*"
    ifd0 = struct.pack(order + "HHHIII", 1, 0x8769, 4, 1, 26, 0)
    below = struct.pack(
        order + "HHHIIHHIII", 2, 0x9003, 2, 20, 60, 0x9011, 2, 7, 60 + len(taken), 0
    )
    body = sign + struct.pack(order + "I", 8) + ifd0 + below
    body = b"Exif\0\0" + body.ljust(60, b"\0") + taken + zone
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def jpeg(segment):
    plain = scene("photo_jpeg").data
    (length,) = struct.unpack_from(">H", plain, 4)
    return plain[:2] + segment + plain[4 + length :]


def test_a_photo_is_one_picture_of_its_size():
    media = probed(photo(BEGIN, width=320, height=240), "x.jpg")
    assert (media.kind, media.container, media.parser) == ("photo", "jpeg", "plain/1")
    picture = media.tracks[0]
    assert (picture.samples, picture.width, picture.height) == (1, 320, 240)
    assert not media.noted


def test_the_time_of_a_photo_is_a_claim_only_with_its_zone():
    assert probed(jpeg(exif()), "x.jpg").created_ms == BEGIN.timestamp() * 1000
    assert probed(jpeg(exif(order=">")), "x.jpg").created_ms == BEGIN.timestamp() * 1000
    assert probed(photo(BEGIN), "x.jpg").created_ms is None


@pytest.mark.parametrize(
    "segment",
    [
        exif(taken=b"0000:00:00 00:00:00\0"),
        exif(zone=b"\xff\xff\xff\xff\0\0\0"),
        exif(zone=b"+99:99\0"),
        exif(taken=b"                   \0"),
        b"\xff\xe1\x00\x0aExif\0\0IX",
        b"\xff\xe1\x00\x10Exif\0\0II*\0\xff\xff\xff\xff",
        b"\xff\xe1\x00\x08Exif\0\0",
    ],
)
def test_a_time_of_a_photo_that_cannot_be_read_is_none(segment):
    media = probed(jpeg(segment), "x.jpg")
    assert media.created_ms is None
    assert media.tracks[0].width == 320


def test_a_photo_with_zeros_behind_its_end_is_whole():
    assert not probed(photo(BEGIN) + bytes(5_000), "x.jpg").noted


def test_a_photo_whose_markers_are_broken_is_damaged():
    data = bytearray(photo(BEGIN))
    data[4:6] = b"\0\x01"
    assert Finding.DAMAGED in findings(probed(bytes(data), "x.jpg"))


def test_a_png_tells_its_size_and_a_missing_end():
    media = probed(PNG + PNG_END, "x.png")
    assert (media.kind, media.tracks[0].width, media.tracks[0].height) == ("photo", 640, 480)
    assert not media.noted
    assert findings(probed(PNG, "x.png")) == {Finding.TRUNCATED}
    assert probed(PNG[:14], "x.png").tracks[0].width is None


def test_an_heif_photo_is_not_taken_for_a_film():
    media = probed(b"\0\0\0\x18ftypheic" + bytes(12), "x.heic")
    assert (media.kind, media.container) == ("photo", "heif")


def test_text_is_a_log_in_utf8_and_gbk_and_cut_within_a_character():
    text = "2026-11-21 10:00:00 开机 POWER_ON\r\n" * 20
    for encoding in ("utf-8", "gbk"):
        data = text.encode(encoding)
        for cut in range(25):
            assert probed(data[: len(data) - cut], "x.log").kind == "log", (encoding, cut)


def test_bytes_that_no_person_reads_are_unknown():
    assert probed(b"text with \x00 inside", "x.log").kind == "unknown"
    assert probed(bytes(range(128, 256)) * 10, "x.bin").kind == "unknown"


def test_a_file_of_one_byte_has_one_slice():
    media = probed(b"\x00", "x.mp4")
    assert [cut.length for cut in media.cuts] == [1]
    assert findings(media) == {Finding.UNDECODABLE}


def test_an_empty_file_needs_no_child():
    media = probed(b"", "x.mp4")
    assert (media.kind, media.cuts) == ("empty", ())
    assert findings(media) == {Finding.EMPTY}
