"""Identity, clock and time are claims: merged, bounded, never guessed."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from evidence.findings import Finding
from evidence.media import Media
from evidence.recorders import ClockReading, Identity
from evidence.states import NameFacts
from ingest.claims import claim_of
from ingest.identify import bound_clock, claim_findings, merge_identity, recorder_text
from ingest.names import NamePattern, read_name
from ingest.tools import Rules
from tests.fakes.clock import NOON
from tests.fakes.recorder import file_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
DCAM = NamePattern(
    "dcam",
    re.compile(
        r"(?P<maker>[A-Z]+)_(?P<device>\w+?)_(?P<officer>\d{6})_(?P<time>\d{8}_\d{6})"
        r"(?P<important>_IMP)?\.mp4",
        re.IGNORECASE,
    ),
    "%Y%m%d_%H%M%S",
    ("EMR",),
)
RULES = Rules((DCAM,), SHANGHAI)
NAME = "DCIM/DCAM_CAM001_000001_20261122_113000_IMP.mp4"


class Line:
    """What ``claim_of`` needs of a listed file."""

    def __init__(self, file, name):
        self.file, self.name = file, name


def media(*, created=None, duration_ms=60_000):
    created_ms = created and int(created.timestamp() * 1000)
    return Media("video", "mp4", duration_ms, created_ms, (), (), (), "test/1")


def test_a_name_tells_maker_device_officer_time_and_mark():
    facts = read_name(NAME, [DCAM], SHANGHAI)
    assert (facts.maker, facts.device, facts.officer) == ("DCAM", "CAM001", "000001")
    assert facts.time == datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
    assert facts.important


def test_a_locked_directory_marks_its_files_important():
    plain = NAME.replace("_IMP", "").replace("DCIM", "Emr")
    assert read_name(plain, [DCAM], SHANGHAI).important


def test_a_day_that_does_not_exist_is_no_match():
    assert read_name(NAME.replace("1122", "1131"), [DCAM], SHANGHAI).pattern is None


def test_a_name_as_long_as_a_book_matches_nothing():
    assert read_name("A" * 100_000, [DCAM], SHANGHAI).pattern is None


def test_names_complete_an_identity_and_say_so():
    names = [read_name(NAME, [DCAM], SHANGHAI)] * 2
    identity, noted = merge_identity(Identity(volume="FAT32:1"), names)
    assert (identity.device, identity.officer) == ("CAM001", "000001")
    assert ("device", "names") in identity.sources
    assert noted == ()


def test_two_officers_make_the_officer_unknown_and_no_conflict():
    names = [NameFacts("x", device="C1", officer=officer) for officer in ("000001", "000002")]
    identity, noted = merge_identity(Identity(), names)
    assert identity.officer is None
    assert noted == ()


def test_two_devices_contradict_each_other():
    names = [NameFacts("x", device=device) for device in ("C1", "C2")]
    _, noted = merge_identity(Identity(), names)
    assert [note.finding for note in noted] == [Finding.IDENTITY_CONFLICT]


def test_a_device_that_the_recorder_denies_is_a_conflict():
    _, noted = merge_identity(Identity(device="C9"), [NameFacts("x", device="C1")])
    assert noted


def test_nothing_known_is_nobody():
    assert recorder_text(Identity()) is None
    assert recorder_text(Identity(serial="K1", volume="V")) == "serial:K1"
    assert recorder_text(Identity(volume="V")) == "volume:V"


def test_a_measured_clock_is_left_as_it_was_measured():
    measured = ClockReading("measured", -90_000, "vendor")
    assert bound_clock(measured, [NOON + timedelta(days=1)], NOON, 60_000) == measured


def test_a_file_from_the_future_bounds_the_clock_and_the_past_says_nothing():
    unknown = ClockReading("unknown")
    ahead = bound_clock(unknown, [NOON, NOON + timedelta(minutes=3), None], NOON, 60_000)
    assert ahead == ClockReading("at_least", 180_000, "newest_file")
    assert bound_clock(unknown, [NOON - timedelta(days=900)], NOON, 60_000) == unknown
    assert bound_clock(unknown, [], NOON, 60_000) == unknown


def test_a_clock_that_fell_back_to_2015_and_one_from_the_future_are_findings():
    reset = NameFacts("x", time=datetime(2015, 1, 1, tzinfo=UTC))
    future = NameFacts("x", time=NOON + timedelta(hours=1))
    file = file_of(0, "a.mp4", 1)
    assert [n.finding for n in claim_findings(file, reset, NOON, RULES)] == [Finding.CLOCK_RESET]
    (noted,) = claim_findings(file, future, NOON, RULES)
    assert (noted.finding, noted.facts) == (Finding.FROM_THE_FUTURE, {"ahead_s": 3600})


def test_a_claim_comes_from_the_name_then_the_container_then_the_directory():
    file = file_of(0, "a.mp4", 1, minutes_ago=0)
    named = Line(file, NameFacts("x", time=NOON - timedelta(hours=1)))
    nameless = Line(file, NameFacts(None))
    created = NOON - timedelta(hours=2)
    assert claim_of(named, media(created=created)).source == "name"
    assert claim_of(nameless, media(created=created)).time == created
    by_directory = claim_of(nameless, media())
    assert by_directory.source == "directory"
    assert by_directory.time == NOON - timedelta(minutes=1)
    assert claim_of(Line(file_of(0, "a", 1), NameFacts(None)), media()).source == "directory"


def test_a_file_that_nobody_gives_a_time_has_none():
    file = replace(file_of(0, "a", 1), modified=None)
    claim = claim_of(Line(file, NameFacts(None)), media())
    assert (claim.time, claim.source) == (None, None)


def test_a_file_of_which_nothing_is_known_has_the_time_of_its_directory():
    file = file_of(0, "a", 1, minutes_ago=0)
    assert claim_of(Line(file, NameFacts(None)), None).time == NOON


def test_a_name_without_a_time_tells_the_rest():
    plain = NamePattern("plain", re.compile(r"(?P<device>C\d)-(?P<number>\d+)\.mp4"), "")
    facts = read_name("DCIM/C1-0042.mp4", [DCAM, plain], SHANGHAI)
    assert (facts.pattern, facts.device, facts.number, facts.time) == ("plain", "C1", 42, None)


def test_name_and_container_that_are_days_apart_disagree():
    named = Line(file_of(0, "a.mp4", 1), NameFacts("x", time=NOON))
    assert claim_of(named, media(created=NOON - timedelta(hours=8))).disagreement_s is None
    assert claim_of(named, media(created=NOON - timedelta(days=3))).disagreement_s == 3 * 86_400


def test_a_hostile_creation_time_is_no_time():
    nameless = Line(file_of(0, "a.mp4", 1), NameFacts(None))
    hostile = Media("video", "mp4", 0, 2**62, (), (), (), "test/1")
    assert claim_of(nameless, hostile).source == "directory"
