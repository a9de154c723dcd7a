"""``docs/keeping.md`` names everything that forbids a disposal, with whose task it is."""

import re

from evidence.keeping import CODES, WHOSE
from tests.docs.tree import ROOT

TEXT = (ROOT / "docs/keeping.md").read_text(encoding="utf-8")
DECIDES = (ROOT / "custody/retention.py").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([a-z_]+)` \| .* \| (.*) \|$", re.MULTILINE)


def test_every_reason_stands_in_the_table_in_the_order_in_which_it_is_told():
    assert tuple(code for code, _ in ROW.findall(TEXT)) == CODES


def test_a_task_is_whose_the_rules_say():
    given = dict(re.findall(r'Blocker\("([a-z_]+)", "([a-z]+)"', DECIDES))
    told = {code: [who for who in WHOSE if who in whose] for code, whose in ROW.findall(TEXT)}
    assert {code: told[code] for code in given} == {code: [who] for code, who in given.items()}
    assert set(told) - set(given) == {"unlabelled", "open_gap"}  # these two go from one to another
    assert told["unlabelled"] == told["open_gap"] == ["officer", "supervisor"]


def test_every_file_that_it_names_is_there():
    named = re.findall(r"`((?:custody|config|docs)/[a-z_/]+\.(?:py|toml|md))`", TEXT)
    assert len(named) >= 5
    assert [each for each in named if not (ROOT / each).exists()] == []
