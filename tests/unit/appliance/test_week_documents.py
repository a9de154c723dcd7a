"""docs/cli.md says what the documents of weeks hold: every field, and no other."""

from appliance.parser_week import COMMANDS
from tests.process.appliance.documented import undocumented, unshown
from tests.unit.appliance.test_commands_week import Office


def everything(office):
    """A week with a row of each kind, and each command once."""
    weekly = office.weekly
    pool = weekly.pooled()
    weekly.at("11-18 09:00").docking("11-17 10:00")
    weekly.hand(pool, "11-20 08:00", due="11-20 18:00")
    one, two = weekly.at("11-22 18:00").docking("11-22 09:00", "11-22 10:00")
    docking = weekly.look().brought[-1].docking
    seam = {"before": one, "after": two, "lines": [0, 1], "kind": "gap", "ms": 9, "because": None}
    body = {"act": "a", "part": 0, "parts": 1, "seams": [seam]}
    weekly.bureau.write("seams.judged", (docking, one, two), body, by="sys:ingest")
    weekly.at("11-23 08:30")
    unit = weekly.look().unit
    file = str(office.root / "w.html")
    yield office.json("head", "close", unit, "--sheet", str(office.root / "c.html"))
    yield office.json("head", "show", unit, "2026-W47")
    yield office.json("head", "list", unit)
    yield office.json("head", "sheet", unit, "2026-W47", file)


def test_every_field_of_every_document_is_in_the_handbook_and_no_other(monkeypatch, tmp_path):
    documents = list(everything(Office(monkeypatch, tmp_path)))
    assert {each["dockseal"]["command"] for each in documents} == set(COMMANDS)
    for document in documents:
        command = document["dockseal"]["command"]
        assert undocumented(command, document) == [], command
        assert unshown(command, [document]) == [], command
