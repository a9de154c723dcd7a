"""``systemd/README.md`` names every metric that there is, with type and labels, and no other."""

import re

from appliance.metrics import families
from tests.docs.tree import ROOT
from tests.unit.appliance.test_metrics import FULL

TEXT = (ROOT / "systemd/README.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(dockseal_\w+)`(?: by (.*?))? \| (\w+) \| (.+) \|$", re.MULTILINE)


def told(family):
    name = family.name + ("_total" if family.type == "counter" else "")
    labels = sorted({label for sample in family.samples for label in sample.labels})
    return name, ", ".join(f"`{label}`" for label in labels), family.type, family.documentation


def test_every_metric_stands_in_the_table_as_it_is_told():
    ours = [told(family) for family in families(FULL)]
    assert len(ours) > 30
    assert ROW.findall(TEXT) == ours
