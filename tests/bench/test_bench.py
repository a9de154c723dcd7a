"""The bench runs, and what it writes can be read.  How fast it was is not a test's affair."""

import json
import xml.etree.ElementTree as ET

import pytest

from bench.__main__ import MODULES, main, measured, table
from bench.picture import draw
from bench.rows import NEEDED, of_target, row


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", MODULES)
def test_every_bench_runs_and_writes_rows_that_can_be_read(name, tmp_path):
    assert main(["--quick", "--json", str(tmp_path / "bench.json"), name]) == 0
    document = json.loads((tmp_path / "bench.json").read_text("utf-8"))
    assert document["quick"]
    for each in document["rows"]:
        assert set(NEEDED) <= set(each)
        assert each["met"] in {True, False, None}
    ET.fromstring(draw(document["rows"]))  # noqa: S314 - our own


def test_a_missed_target_is_printed_as_missed():
    assert "MISSED" in table([row("slow", 1.0, "GB/s", 2.0)])
    assert "MISSED" not in table([row("fast", 3.0, "GB/s", 2.0)])


def test_less_is_better_where_a_row_says_so():
    assert row("start", 0.5, "s", 1.0, at_most=True)["met"]
    assert not row("start", 1.5, "s", 1.0, at_most=True)["met"]
    assert of_target(row("start", 0.5, "s", 1.0, at_most=True)) == 2.0


def test_a_ratio_is_of_the_peer_and_turned_so_that_more_is_better():
    assert row("rate", 6.0, "GB/s", 2.0, peer="cp", peer_value=2.0)["ratio"] == 3.0
    assert row("time", 2.0, "s", 2.0, limit=6.0, at_most=True)["ratio"] == 3.0
    assert not row("rate", 6.0, "GB/s", 0.85, limit=10.0)["met"]


def test_a_row_that_lacks_a_field_is_refused(monkeypatch):
    monkeypatch.setattr("bench.ingest.run", lambda _quick: [{"name": "half a row"}])
    with pytest.raises(ValueError, match="without"):
        measured("ingest", quick=True)
