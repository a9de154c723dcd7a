"""Each manipulation of a finished home is found, named with its own code, and pointed at."""

import pytest

from custody.findings import AuditFinding
from tests.tamper import forged_acts, private_acts, tree_acts, vault_acts

ACTS = (*vault_acts.ACTS, *tree_acts.ACTS, *private_acts.ACTS, *forged_acts.ACTS)

# Findings that no manipulation of this table produces, and where they are produced.
ELSEWHERE = {
    AuditFinding.HISTORY_REWRITTEN: "needs a checkpoint that was kept: test_unseen.py",
    AuditFinding.KNOWN_FOREIGN: "needs a checkpoint that was kept: test_unseen.py",
    AuditFinding.DISPOSED_UNLAWFULLY: "needs what was disposed of: test_disposed.py",
    AuditFinding.OBJECT_UNDEAD: "needs what was disposed of: test_disposed.py",
    AuditFinding.WORDS_UNDEAD: "needs what was disposed of: test_disposed.py",
}


def test_a_home_that_nobody_touched_is_found_clean(home):
    for level in ("presence", "size", "digest", "slices"):
        report = home.audit(level)
        assert report.findings == ()
        assert report.entry is not None


@pytest.mark.parametrize("act", ACTS, ids=str)
def test_a_manipulation_is_found_and_named_and_pointed_at(home, act):
    at = act.do(home)
    report = home.audit(act.level)
    found = {each.code for each in report.findings}
    assert act.code in found
    assert found <= {act.code, *act.also}
    named = [(each.entry, each.subject) for each in report.findings if each.code == act.code]
    assert any(
        at.entry in {None, entry} and at.subject in {None, subject} for entry, subject in named
    ), named


def test_every_finding_is_produced_by_a_manipulation_or_says_why_not():
    produced = {act.code for act in ACTS}
    assert [code for code in AuditFinding if code not in produced | ELSEWHERE.keys()] == []
    assert not produced & ELSEWHERE.keys()


def test_no_manipulation_stands_twice_in_the_table():
    names = [act.name for act in ACTS]
    assert len(names) == len(set(names))
