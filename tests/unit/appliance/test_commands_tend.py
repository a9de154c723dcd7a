"""The keeper's round: what two people decided goes, and nothing is deleted to make room."""

import json
from datetime import timedelta

import pytest

from appliance import commands_tend, signing
from appliance.exits import Exit
from appliance.roundfile import LIMIT_BYTES, NAME, read_round
from appliance.rounds import Measures
from custody.outside import attest_day
from custody.space import Disk, Space, Taken
from evidence.candidates import Figure
from evidence.errors import VaultUnavailableError
from tests.fakes.desk import private_key
from tests.fakes.house import SHANGHAI
from tests.fakes.shelf import adopt, hold, of_segments
from tests.process.appliance.documented import undocumented, unshown
from tests.unit.appliance.keep_office import KeepOffice
from vault.fields import milliseconds
from vault.figures import Takings
from vault.softkey import SoftKey

GB = 10**9


class Figures:
    """The sums of a catalogue that took in 7 GB this week, and is 400 days old."""

    down = False

    def takings(self, now, days):
        if self.down:
            raise VaultUnavailableError("catalogue_missing")
        first = milliseconds(now - timedelta(days=400))
        return Takings(((70, 7 * GB), *[(0, 0)] * (days - 1)), Figure(70, 7 * GB), first)

    def blocked(self, _now):
        return {"held": Figure(1, 4)}


def measured(monkeypatch, office):
    """Let disk and sums be those of the test; the catalogue proposes as ever."""

    def measures_of(call):
        return Measures(
            lambda: office.disk, office.figures, commands_tend.proposing(call), SHANGHAI
        )

    monkeypatch.setattr(commands_tend, "measures_of", measures_of)


@pytest.fixture
def office(monkeypatch, tmp_path):
    made = KeepOffice(monkeypatch, tmp_path)
    adopt(made.bureau)
    made.films = [made.bureau.seal(name) for name in "abc"]
    for segment in made.films:
        made.bureau.label(segment, ["officer"])
        made.bureau.house.objects.objects[segment[2:]] = b"film"
    made.figures = Figures()
    made.disk = Disk(1000 * GB, 101 * GB, GB)
    measured(monkeypatch, made)
    later(made, 400)
    made.bureau.register("head")
    monkeypatch.setattr(signing, "load_soft_key", lambda path: SoftKey(private_key(path.name)))
    return made


def later(office, days):
    """Days pass, and two people say which day it is."""
    bureau = office.bureau
    bureau.clock.forward(days=days)
    for who in ("chief", "inspector"):
        attest_day(bureau.desk, bureau.actor(who), (bureau.now - timedelta(days=1)).date())


def agreed(office, *segments):
    """Two people have decided, and the time to undo is over."""
    named = [each[2:14] for each in segments]
    told = office.json("supervisor", "dispose", "propose", *named, "--reason", "over")
    later(office, 40)
    start = told["disposal"]["disposal"][:10]
    office.json("head", "dispose", "approve", start, "--reason", "checked", "--key", "head")
    later(office, 40)


def there(office):
    objects = office.bureau.house.objects.objects
    return [each for each in office.films if each[2:] in objects]


def alarms(office):
    return [each.body["alarm"] for each in office.bureau.house.entries("alarm.raised")]


def test_a_round_does_what_two_people_decided_and_counts_the_rest(office):
    hold(office.bureau, of_segments(office.films[2]))
    agreed(office, office.films[0])
    found = office.json(None, "tend")["round"]
    assert there(office) == office.films[1:]
    assert (found["disposed"], found["disposals"], found["failed"]) == (1, {"done": 1}, {})
    counted = found["counted"]
    assert counted["kept"]["count"] == 70
    assert counted["due"]["count"] == 1
    assert counted["blocked"]["held"]["count"] == 1
    assert found["short"] is False
    assert alarms(office) == []


def test_what_a_round_found_is_left_for_the_metrics(office):
    found = office.json(None, "tend")["round"]
    assert read_round(office.home / "run") == {"v": 1, **found}
    assert [each.name for each in (office.home / "run").iterdir()] == [NAME]


def test_a_disk_that_is_full_deletes_nothing_and_raises_an_alarm_once(office):
    office.disk = Disk(1000 * GB, GB - 1, GB)
    agreed(office, office.films[0])  # only this: two people have decided it
    for _ in range(2):
        found = office.json(None, "tend")["round"]
        assert (found["space"]["days"], found["short"]) == (0, True)
    assert there(office) == office.films[1:]
    assert len(office.bureau.house.entries("segment.disposed")) == 1
    assert alarms(office) == ["space_short"]
    assert "Nothing is deleted" in office(None, "tend").out


def test_where_nothing_was_decided_a_round_leaves_everything_and_says_what_is_due(office):
    office.disk = Disk(1000 * GB, 0, GB)
    found = office.json(None, "tend")["round"]
    assert there(office) == office.films
    assert found["counted"]["due"]["count"] == 3
    assert not office.bureau.house.entries("disposal.proposed")


def test_a_catalogue_that_is_down_keeps_no_disposal_waiting(office, monkeypatch):
    agreed(office, office.films[0])

    def down(_until):
        raise VaultUnavailableError("catalogue_down", because="planted")

    monkeypatch.setattr(commands_tend, "proposing", lambda _call: down)
    office.figures.down = True
    found = office.json(None, "tend", code=Exit.VAULT)
    assert found["round"]["disposed"] == 1
    assert found["round"]["failed"] == {"count": "catalogue_down", "space": "catalogue_missing"}
    assert found["round"]["counted"] is None
    assert there(office) == office.films[1:]
    office.disk = Disk(1000 * GB, GB, GB)
    office.json(None, "tend", code=Exit.VAULT)
    assert alarms(office) == ["space_short"]  # that there is none left needs no catalogue


def test_a_disposal_that_fails_stops_no_other(office, monkeypatch):
    agreed(office, office.films[0])
    agreed(office, office.films[1])
    keeper = type(office.keeper)
    run, failing = keeper.run, []

    def once(self, disposal, now, tell):
        failing.append(disposal)
        if len(failing) == 1:
            raise VaultUnavailableError("vault_io", path="x", because="planted")
        return run(self, disposal, now, tell)

    monkeypatch.setattr(keeper, "run", once)
    found = office.json(None, "tend", code=Exit.VAULT)["round"]
    assert found["failed"] == {failing[0]: "vault_io"}
    assert len(there(office)) == 2


def test_without_a_time_from_outside_nothing_goes_and_it_counts_by_our_own_clock(
    monkeypatch, tmp_path
):
    office = KeepOffice(monkeypatch, tmp_path)
    adopt(office.bureau)
    office.films = [office.bureau.seal("a")]
    office.bureau.clock.forward(days=400)
    office.figures, office.disk = Figures(), Disk(GB, GB, 0)
    measured(monkeypatch, office)
    found = office.json(None, "tend")["round"]
    assert found["clock"] == {"outside": None, "source": None, "odd": None}
    assert found["counted"]["over"]["unlabelled"]["count"] == 1
    assert "dockseal time attest" in office(None, "tend").out
    assert office.json(None, "space")["space"]["staying"]["count"] == 1


def test_a_clock_a_year_ahead_is_told_and_destroys_nothing(office):
    agreed(office, office.films[0])
    office.bureau.clock.forward(days=365)
    found = office.json(None, "tend")["round"]
    assert (found["clock"]["odd"], found["disposed"]) == ("clock_ahead", 1)  # decided before
    assert "clock_ahead" in alarms(office)
    assert "ALARM" in office(None, "tend").out


def test_space_says_how_long_the_room_lasts_with_what_is_blocked_as_staying(office):
    office.disk = Disk(1000 * GB, 21 * GB, GB)
    told = office.json(None, "space")["space"]
    assert (told["room"], told["per_day"], told["days"]) == (20 * GB, GB, 20)
    assert told["days_if_kept"] == 20
    assert told["due"]["count"] == 3
    for segment in told["within"]:
        assert segment["count"] == 3
    text = office(None, "space").out
    assert "for 20 days at this week's rate" in text
    assert "ALARM" not in text
    office.disk = Disk(1000 * GB, 5 * GB, GB)
    assert "less than 14 days" in office(None, "space").out
    assert "不足 14 天" in office(None, "space", lang="zh_CN.UTF-8").out


@pytest.mark.parametrize(("days", "if_kept"), [(None, None), (20, 5), (20, 20), (None, 40)])
def test_what_happens_if_nobody_disposes_of_anything_is_told_where_it_is_less(
    office, monkeypatch, days, if_kept
):
    space = Space(office.disk, Taken(((1, GB),), None), days, if_kept)
    monkeypatch.setattr(commands_tend, "measure", lambda *_: space)
    text = office(None, "space").out
    assert ("room for more than 3650 days" in text) == (days is None)
    assert ("room for 20 days" in text) == (days == 20)
    assert (f"If nobody disposes of anything: for {if_kept} days" in text) == (if_kept != days)
    assert "ALARM" not in text


def test_space_looks_and_does_nothing(office):
    agreed(office, office.films[0])
    office.disk = Disk(1000 * GB, 0, GB)
    before = len(office.bureau.house.entries())
    office.json(None, "space")
    assert len(office.bureau.house.entries()) == before
    assert there(office) == office.films
    assert not (office.home / "run").exists()


@pytest.mark.parametrize("language", ["en_US.UTF-8", "zh_CN.UTF-8"])
def test_every_sentence_has_its_facts(office, language):
    agreed(office, office.films[0])
    office.disk = Disk(1000 * GB, 5 * GB, GB)
    for command in ("tend", "space"):
        assert "?" not in office(None, command, lang=language).out


def test_the_documents_are_those_of_the_document(office):
    for command in ("tend", "space"):
        document = office.json(None, command)
        assert undocumented(command, document) == []
        assert unshown(command, [document]) == []


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"v": 2}', b"\xff", b" " * LIMIT_BYTES + b'{"v": 1}']
)
def test_a_file_that_cannot_be_read_says_nothing(tmp_path, content):
    (tmp_path / NAME).write_bytes(content)
    assert read_round(tmp_path) is None
    (tmp_path / NAME).write_text(json.dumps({"v": 1}))
    assert read_round(tmp_path) == {"v": 1}
