"""The rule about covered branches holds, and finds what is not covered."""

import os
import subprocess
import sys
import tomllib

import pytest

from tests.covered import ROOT, rules

PROJECT = ROOT / "pyproject.toml"


def covered(folder, body):
    """Return what coverage says, by our configuration, of a module that is only imported."""
    (folder / "rule.py").write_text(f"def rule(value):\n{body}\n\n\nrule(1)\n")
    environment = {**os.environ, "COVERAGE_FILE": str(folder / "data")}
    steps = (["run", "--source", ".", "rule.py"], ["combine", "-q"], ["report", "--fail-under=100"])
    for step in steps:
        done = subprocess.run(
            [sys.executable, "-m", "coverage", step[0], f"--rcfile={PROJECT}", *step[1:]],
            env=environment, cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    "body",
    [
        "    if value:\n        return 1\n    return 2",
        "    if value:\n        value += 1\n    return value",
        "    if value:\n        return 1\n    return 2  # pragma: no cover",
    ],
    ids=["a line", "a branch", "an exception without its reason"],
)
def test_what_no_test_walks_through_is_found(tmp_path, body):
    code, told = covered(tmp_path, body)
    assert code == 2, told
    assert "rule.py" in told


@pytest.mark.parametrize(
    "body",
    [
        "    return value",
        "    if value:\n        return 1\n    return 2  # pragma: no cover - planted",
    ],
)
def test_what_is_covered_or_says_why_not_passes(tmp_path, body):
    code, told = covered(tmp_path, body)
    assert code == 0, told


def test_the_rules_are_those_that_are_said_to_be_pure():
    found = rules(tomllib.loads(PROJECT.read_text("utf-8")))
    assert {"evidence/*", "custody/*", "ingest/session.py", "ingest/certify.py"} <= set(found)
    assert all(list(ROOT.glob(pattern)) for pattern in found)
