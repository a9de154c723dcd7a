"""What a scrape tells: figures as they were learned, no name, and counters that only grow."""

import math
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from appliance.disk import check_mounted
from appliance.home import Home
from appliance.measuring import Measuring, Scrape, Totals
from appliance.metrics import rendered
from appliance.place import Place, place_of
from appliance.readiness import Check, Readiness, Wants
from appliance.slotstate import SlotState, write_state
from custody.outbox import Way
from custody.space import Disk
from evidence.codec import format_time
from evidence.errors import UsageError, VaultUnavailableError
from evidence.keeping import CODES
from tests.fakes.clock import NOON, FixedClock
from vault.fields import milliseconds
from vault.figures import FigureReader, Growth, LastAudit

SUM = {"count": 2, "bytes": 200}
NONE = {"count": 0, "bytes": 0}
ROUND = {
    "v": 1,
    "at": format_time(NOON - timedelta(days=1)),
    "ms": 1500,
    "clock": {"outside": format_time(NOON - timedelta(days=2)), "source": "attested", "odd": None},
    "disposals": {"approved": 1},
    "failed": {"count": "catalogue_down"},
    "counted": {
        "kept": SUM,
        "due": SUM,
        "staying": NONE,
        "within": [{"days": 30, **SUM}, {"days": 90, **SUM}, {"days": "x", **SUM}],
        "blocked": {"held": SUM, "unlabelled": NONE},
        "over": dict.fromkeys(CODES, NONE),
    },
    "space": {"days": 20, "days_if_kept": None, "per_day": 7},
}
READY = Readiness((Check("ledger"), Check("reserve", "no_space_left")), 12)
FULL = Scrape(
    now=NOON,
    readiness=READY,
    newest=NOON - timedelta(seconds=90),
    disk=Disk(1000, 500, 100),
    slots=(SlotState(3, stage="reading"), SlotState(4, stage="done", outcome="failed")),
    round=ROUND,
    catalogue=True,
    totals=Totals(12, 5000, 7),
    audit=LastAudit(milliseconds(NOON), 3),
    open_alarms={"space_short": 1},
    ways={"mail": Way(failures=3), "webhook": Way()},
)
FULL.totals.dockings["complete"] = 4
FULL.totals.alarms["space_short"] = 1
NOBODY = Readiness((), None)
EMPTY = Scrape(NOON, NOBODY, None, None, (), None, False, None, None, None, {})
VALUE = re.compile(r"^(\w+)(\{.*\})? (\S+)$")


def told(scrape):
    """Return the values by name and labels, without the beginning that all names share."""
    found = {}
    for line in rendered(scrape).decode().splitlines():
        if not line.startswith("#"):
            name, labels, value = VALUE.match(line).groups()
            found[name.removeprefix("dockseal_") + (labels or "")] = float(value)
    return found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ready", 0),
        ('ready_check{check="ledger"}', 1),
        ('ready_check{check="reserve"}', 0),
        ("ledger_up", 1),
        ("ledger_entries", 12),
        ("ledger_checkpoint_age_seconds", 90),
        ("ingest_bytes_total", 5000),
        ("ingest_segments_total", 7),
        ('dockings_total{outcome="complete"}', 4),
        ("space_size_bytes", 1000),
        ("space_free_bytes", 500),
        ("space_reserve_bytes", 100),
        ('slot_state{slot="3",state="reading"}', 1),
        ('slot_state{slot="3",state="failed"}', 0),
        ('slot_state{slot="4",state="failed"}', 1),
        ("audit_last_run_timestamp_seconds", NOON.timestamp()),
        ("audit_last_findings", 3),
        ('alarms_open{alarm="space_short"}', 1),
        ('alarm_way_failures{way="mail"}', 3),
        ('alarm_way_failures{way="webhook"}', 0),
        ("keeper_last_run_age_seconds", 86400),
        ("keeper_last_run_duration_seconds", 1.5),
        ("keeper_last_run_failures", 1),
        ("clock_offset_seconds", 86400),
        ("clock_outside_age_seconds", 2 * 86400),
        ('disposals{state="approved"}', 1),
        ('disposals{state="proposed"}', 0),
        ("space_left_seconds", 20 * 86400),
        ("space_left_if_kept_seconds", math.inf),
        ("space_taken_bytes_per_day", 7),
        ("segments_kept", 2),
        ("segments_due", 2),
        ("segments_due_bytes", 200),
        ('segments_falling_due{within="30d"}', 2),
        ('segments_blocked{reason="held"}', 2),
        ('segments_blocked_bytes{reason="held"}', 200),
        ('segments_blocked{reason="unlabelled"}', 0),
        ('segments_overdue{reason="held"}', 0),
    ],
)
def test_a_figure_is_told_as_it_was_learned(name, value):
    assert told(FULL)[name] == value


def test_each_slot_is_in_exactly_one_state():
    found = told(replace(FULL, slots=(SlotState(1, stage="odd\n"), SlotState(2, stage="done"))))
    for slot in ("1", "2"):
        of = [
            value for name, value in found.items() if name.startswith(f'slot_state{{slot="{slot}"')
        ]
        assert sum(of) == 1
    assert found['slot_state{slot="1",state="other"}'] == 1


def test_what_was_not_learned_is_left_out_and_never_told_as_0():
    assert 'segments_blocked{reason="not_verified"}' not in told(FULL)
    found = told(EMPTY)
    assert {name.partition("{")[0] for name in found} == {
        "build_info",
        "ready",
        "ledger_up",
        "catalogue_up",
    }
    assert found["catalogue_up"] == 0


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"clock": 3, "at": "noon"},
        {"counted": [], "space": []},
        {"counted": {"within": 7, "blocked": None}, "ms": "2"},
    ],
)
def test_a_round_of_another_form_breaks_no_scrape(broken):
    assert told(replace(FULL, round=broken))["ledger_entries"] == 12


class Figures:
    """A catalogue that grows, is made anew, or is down."""

    def __init__(self):
        self.grown, self.asked = [], []

    def growth(self, after):
        self.asked.append(after)
        grown = self.grown.pop(0)
        if grown is None:
            raise VaultUnavailableError("catalogue_missing")
        applied, size = grown
        return Growth(max(after, applied), size, 1, {"complete": 1}, {})

    def last_audit(self):
        raise VaultUnavailableError("catalogue_missing")

    open_alarms = last_audit


@pytest.fixture
def measuring(tmp_path):
    home = Home(tmp_path)
    home.slots.mkdir(parents=True)
    write_state(
        home.slots, SlotState(3, path="/media/somebody", officer="012345", recorder="T5A01")
    )
    made = Measuring(Wants(home, 0, 0), Figures(), FixedClock())
    made.figures = made._figures
    return made


def test_counters_never_go_back_and_count_nothing_twice(measuring):
    measuring.figures.grown = [(10, 100), None, (0, 0), (12, 5)]
    sizes = [measuring.scrape().totals.bytes for _ in range(4)]
    assert sizes == [100, 100, 100, 105]
    assert measuring.figures.asked == [0, 10, 10, 10]


def test_until_the_catalogue_was_read_there_are_no_counters(measuring):
    measuring.figures.grown = [None, (10, 100)]
    assert "ingest_bytes_total" not in told(measuring.scrape())
    found = told(measuring.scrape())
    assert (found["ingest_bytes_total"], found["catalogue_up"]) == (100, 1)


def test_no_name_no_path_and_no_id_is_told(measuring):
    measuring.figures.grown = [(10, 100)]
    text = rendered(measuring.scrape()).decode()
    assert 'slot_state{slot="3",state="starting"} 1.0' in text
    for private in ("somebody", "012345", "T5A01", str(measuring._wants.home.path)):
        assert private not in text


def test_a_home_without_anything_is_scraped_too(tmp_path):
    figures = FigureReader(f"sqlite:///{tmp_path}/none.sqlite")
    found = told(Measuring(Wants(Home(tmp_path / "none"), 0, 0), figures, FixedClock()).scrape())
    assert (found["ready"], found["ledger_up"], found["catalogue_up"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("127.0.0.1:9464", Place(address="127.0.0.1", port=9464)),
        ("127.9.9.9:0", Place(address="127.9.9.9", port=0)),
        ("[::1]:9464", Place(address="::1", port=9464)),
    ],
)
def test_a_place_of_this_machine_itself_is_taken(text, place):
    assert place_of(text) == place


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0:9464", "192.0.2.1:9464", "localhost:9464", "example.org:9464", ":9464", "9464",
        "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:", "127.0.0.1", "[::]:9464", "unix:", "",
        "unix:relative.sock", "127.0.0.1:٣", "127.0.0.1:" + "9" * 5000,
    ],
)  # fmt: skip
def test_any_other_place_is_refused(text):
    with pytest.raises(UsageError, match="metrics_not_local"):
        place_of(text)


@pytest.mark.parametrize(("options", "writable"), [("ro,errors=remount-ro", False), ("rw", True)])
def test_a_disk_that_went_read_only_is_noticed_by_what_the_kernel_says_of_it(
    tmp_path, options, writable
):
    number = tmp_path.stat().st_dev
    device = f"{number >> 8 & 0xFFF}:{number & 0xFF}"
    mounts = tmp_path / "mountinfo"
    # Shown to us as "ro" (the sixth field) it may still take writes of others.
    mounts.write_text(
        f"odd line\n36 35 {device} / /home ro,noatime master:1 - ext4 /dev/x {options}\n"
    )
    if writable:
        check_mounted(Home(tmp_path), mounts)
        return
    with pytest.raises(VaultUnavailableError, match="read_only"):
        check_mounted(Home(tmp_path), mounts)
