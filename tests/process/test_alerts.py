"""Prometheus itself reads our metrics and our alert rules, and each alert fires when it must."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from appliance.metrics import rendered
from tests.unit.appliance.test_metrics import FULL

NEEDS = ("promtool",)

PROMTOOL = shutil.which("promtool") or "promtool"
ROOT = Path(__file__).parents[2]
RULES = ROOT / "config" / "alerts.yml"
CASES = sorted((Path(__file__).parent / "alerts").glob("*.yml"))
METRIC = re.compile(r"dockseal_\w+")


def promtool(*arguments, text=None):
    done = subprocess.run(
        [PROMTOOL, *map(str, arguments)], input=text, capture_output=True, check=False, timeout=60
    )
    return done.returncode, (done.stdout + done.stderr).decode()


def test_prometheus_finds_nothing_to_say_about_our_metrics():
    assert promtool("check", "metrics", text=rendered(FULL)) == (0, "")


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"dockseal_ingest_bytes_total", b"dockseal_ingest_bytes"),
        (b"dockseal_space_left_seconds", b"dockseal_space_left_days"),
        (b"# HELP dockseal_ready ", b"# odd "),
        (b"dockseal_ready 0.0", b"dockseal_ready no"),
    ],
)
def test_a_metric_with_a_bad_name_or_form_would_be_found(good, bad):
    text = rendered(FULL)
    assert good in text
    assert promtool("check", "metrics", text=text.replace(good, bad))[0] != 0


def test_prometheus_reads_our_alert_rules():
    code, said = promtool("check", "rules", RULES)
    assert code == 0, said
    assert "16 rules found" in said


def test_each_alert_fires_when_it_must_and_not_before():
    assert len(CASES) == 2
    code, said = promtool("test", "rules", *CASES)
    assert code == 0, said


def test_each_alert_is_shown_to_fire_and_not_to():
    alerts = re.findall(r"- alert: (\w+)", RULES.read_text())
    cases = "\n".join(case.read_text() for case in CASES)
    assert len(alerts) == 16
    for alert in alerts:
        assert len(re.findall(rf"alertname: {alert}\b", cases)) == 2
        assert len(re.findall(rf"alertname: {alert}\n +exp_alerts", cases)) == 1


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("dockseal_ledger_up == 0", "dockseal_ledger_up == 1"),
        ("for: 15m", "for: 20m"),
        ("> 40 * 86400", "> 30 * 86400"),
        ("< dockseal_space_reserve_bytes", "> dockseal_space_reserve_bytes"),
        ("held|in_grace|disposing", "in_grace|disposing"),
    ],
)
def test_a_rule_that_says_something_else_would_be_found(tmp_path, good, bad):
    rules, cases = tmp_path / "config", tmp_path / "a/b/alerts"
    rules.mkdir()
    shutil.copytree(CASES[0].parent, cases)
    text = RULES.read_text()
    assert good in text
    (rules / "alerts.yml").write_text(text.replace(good, bad))
    assert promtool("test", "rules", *sorted(cases.glob("*.yml")))[0] != 0


def test_an_alert_asks_only_for_metrics_that_there_are():
    told = set(METRIC.findall(rendered(FULL).decode()))
    expressions = re.findall(r"expr: (.*)", RULES.read_text())
    asked = {name for each in expressions for name in METRIC.findall(each)}
    assert len(asked) > 10
    assert asked <= told
