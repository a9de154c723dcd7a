"""Metrics of one home as Prometheus reads them: the only door to its library.

Codes and sums: no name, no path, no id.  What was not learned is left out, never told as 0.
Counters count from the first entry of the ledger and never go back while the process lives.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from appliance.measuring import Scrape
from appliance.roundfile import number, time_of
from appliance.slotstate import SlotState
from appliance.version import VERSION
from custody.tally import WITHIN_DAYS
from evidence.disposal import State
from evidence.json import Json, JsonObject
from evidence.keeping import CODES

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
PREFIX = "dockseal_"
DAY_S = 86_400
STATES: tuple[str, ...] = (
    "starting", "opening", "opened", "inventoried", "reading", "waiting", "sealing", "erasing",
    "complete", "left_behind", "interrupted", "failed", "other",
)  # fmt: skip
DISPOSALS: tuple[State, ...] = ("proposed", "approved", "undone", "done")


def rendered(scrape: Scrape) -> bytes:
    """Return the text that Prometheus reads, of type ``CONTENT_TYPE``."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Once(list(families(scrape))))
    return generate_latest(registry)


class _Once(Collector):
    def __init__(self, found: Iterable[Metric]) -> None:
        self._found = found

    def collect(self) -> Iterable[Metric]:
        """See ``Collector``."""
        return self._found


def families(scrape: Scrape) -> Iterator[Metric]:
    """Yield every metric of a scrape."""
    yield _gauge("build_info", "The version that runs.", {VERSION: 1}, "version")
    yield from _house(scrape)
    yield from _taken(scrape)
    yield from _disk(scrape)
    yield _slots(scrape.slots)
    yield from _audit(scrape)
    if scrape.round is not None:
        yield from _keeper(scrape.round, scrape.now)
        yield from _clock(scrape.round, scrape.now)
        yield from _kept(scrape.round)


# --- the house -----------------------------------------------------------------------------------


def _house(scrape: Scrape) -> Iterator[Metric]:
    found = scrape.readiness
    yield _one("ready", "Whether everything that /ready asks is answered with yes.", found.ready)
    checks: dict[str, float] = {each.question: each.because is None for each in found.checks}
    yield _gauge("ready_check", "One question of /ready.", checks, "check")
    yield _one("ledger_up", "Whether the ledger process answers.", found.entries is not None)
    yield from _known("ledger_entries", "Entries of the ledger.", found.entries)
    age = None if scrape.newest is None else _seconds(scrape.now - scrape.newest)
    yield from _known(
        "ledger_checkpoint_age_seconds", "Since the newest entry under a checkpoint.", age
    )
    yield _one("catalogue_up", "Whether the catalogue could be read.", scrape.catalogue)


def _taken(scrape: Scrape) -> Iterator[Metric]:
    totals = scrape.totals
    if totals is not None:
        yield _counter("ingest_bytes", "Bytes read from recorders.", {"": totals.bytes})
        yield _counter("ingest_segments", "Segments sealed.", {"": totals.segments})
        yield _counter("dockings", "Dockings that ended.", totals.dockings, "outcome")
        yield _counter("alarms", "Alarms raised.", totals.alarms, "alarm")
    if scrape.open_alarms is not None:
        told = "Alarms that nobody has answered; those that say the same are one."
        yield _gauge("alarms_open", told, scrape.open_alarms, "alarm")
    failures: dict[str, float] = {name: way.failures for name, way in scrape.ways.items()}
    told = "Messages in a row that did not go out on a way to people; 0: the last one went."
    yield _gauge("alarm_way_failures", told, failures, "way")


def _disk(scrape: Scrape) -> Iterator[Metric]:
    disk = scrape.disk
    if disk is not None:
        yield _one("space_size_bytes", "Size of the disk of the vault.", disk.size)
        yield _one("space_free_bytes", "Free on the disk of the vault.", disk.free)
        yield _one("space_reserve_bytes", "Never used for intake.", disk.reserve)


def _slots(slots: Iterable[SlotState]) -> Metric:
    told = "What a slot does, or how its last docking ended; 1 for the one that it is."
    family = GaugeMetricFamily(f"{PREFIX}slot_state", told, labels=["slot", "state"])
    for slot in slots:
        now = (slot.outcome if slot.ended else slot.stage) or "other"
        now = now if now in STATES else "other"
        for state in STATES:
            family.add_metric([str(slot.slot), state], float(state == now))
    return family


def _audit(scrape: Scrape) -> Iterator[Metric]:
    audit = scrape.audit
    if audit is not None:
        at = audit.at_ms / 1000
        yield _one("audit_last_run_timestamp_seconds", "When the newest audit was written.", at)
        yield _one("audit_last_findings", "What the newest audit has found.", audit.findings)


# --- the keeper's last round ---------------------------------------------------------------------


def _keeper(row: JsonObject, now: datetime) -> Iterator[Metric]:
    at = time_of(row, "at")
    if at is not None:
        told = "When the keeper's last round began."
        yield _one("keeper_last_run_timestamp_seconds", told, at.timestamp())
        told = "Since then: so old is all that the keeper has counted."
        yield _one("keeper_last_run_age_seconds", told, _seconds(now - at))
    ms = number(row, "ms")
    took = None if ms is None else ms / 1000
    yield from _known("keeper_last_run_duration_seconds", "How long it took.", took)
    failed = row.get("failed")
    if isinstance(failed, dict):
        yield _one("keeper_last_run_failures", "Parts of it that failed.", len(failed))
    disposals: dict[str, float] = {
        state: number(row, "disposals", state) or 0 for state in DISPOSALS
    }
    yield _gauge("disposals", "Disposals by state.", disposals, "state")


def _clock(row: JsonObject, now: datetime) -> Iterator[Metric]:
    at, outside = time_of(row, "at"), time_of(row, "clock", "outside")
    if at is None or outside is None:
        return
    yield _one(
        "clock_outside_age_seconds", "Since the newest time from outside.", _seconds(now - outside)
    )
    told = "Our clock at the keeper's round minus the newest time from outside; below 0 it is slow."
    yield _one("clock_offset_seconds", told, _seconds(at - outside))


def _kept(row: JsonObject) -> Iterator[Metric]:
    yield from _left(row)
    counted = row.get("counted")
    if not isinstance(counted, dict):
        return
    for name, told in (
        ("kept", "In custody, as far as the catalogue tells."),
        ("due", "May be destroyed."),
        ("staying", "Would leave within 90 days, and something forbids it."),
    ):
        yield from _known(f"segments_{name}", told, number(counted, name, "count"))
        yield from _known(f"segments_{name}_bytes", told, number(counted, name, "bytes"))
    within = counted.get("within")
    rows = within if isinstance(within, list) else []
    for what, name in (("count", "segments_falling_due"), ("bytes", "segments_falling_due_bytes")):
        told = "May be destroyed within so many days, unless something comes in between."
        yield _gauge(name, told, _within(rows, what), "within")
    told = "Something forbids their disposal, as far as the catalogue tells."
    yield from _by_reason(counted, "blocked", "segments_blocked", told)
    told = "Kept by nothing but such reasons."
    yield from _by_reason(counted, "over", "segments_overdue", told)


def _by_reason(counted: JsonObject, table: str, name: str, told: str) -> Iterator[Metric]:
    for what, unit in (("count", ""), ("bytes", "_bytes")):
        sums = {code: number(counted, table, code, what) for code in CODES}
        known: dict[str, float] = {code: value for code, value in sums.items() if value is not None}
        yield _gauge(f"{name}{unit}", told, known, "reason")


def _within(rows: Iterable[Json], what: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        if isinstance(row, dict) and row.get("days") in WITHIN_DAYS:
            found[f"{row['days']}d"] = number(row, what) or 0
    return found


def _left(row: JsonObject) -> Iterator[Metric]:
    space = row.get("space")
    if not isinstance(space, dict):
        return
    for key, name, told in (
        ("days", "space_left_seconds", "How long the room lasts if what may go leaves."),
        ("days_if_kept", "space_left_if_kept_seconds", "How long the room lasts if nothing goes."),
    ):
        if key in space:
            days = number(space, key)
            # Null in the file: longer than anybody can tell.
            yield _one(name, told, math.inf if days is None else days * DAY_S)
    yield from _known(
        "space_taken_bytes_per_day", "Taken in a day, this week.", number(space, "per_day")
    )


# --- forms ---------------------------------------------------------------------------------------


def _seconds(span: timedelta) -> float:
    return span.total_seconds()


def _known(name: str, told: str, value: float | None) -> Iterator[Metric]:
    if value is not None:
        yield _one(name, told, value)


def _one(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}{name}", told, float(value))


def _gauge(name: str, told: str, values: Mapping[str, float], label: str) -> Metric:
    family = GaugeMetricFamily(f"{PREFIX}{name}", told, labels=[label])
    for value in sorted(values):
        family.add_metric([value], float(values[value]))
    return family


def _counter(name: str, told: str, values: Mapping[str, int], label: str | None = None) -> Metric:
    family = CounterMetricFamily(f"{PREFIX}{name}", told, labels=[label] if label else [])
    for value in sorted(values):
        family.add_metric([value] if label else [], float(values[value]))
    return family
