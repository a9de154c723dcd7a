"""A configuration that changes is written down before anything rests on it, and the audit tells."""

import pytest

from custody.configuration import TRIES, TYPE, changed_keys, declare, digest_of
from custody.findings import Remark
from evidence.entry import Draft
from evidence.errors import ConflictError
from evidence.ids import configuration_id
from tests.fakes.ledger import MemoryLedger
from tests.unit.custody.shift import Shift

STATION = "0042"
ABOUT = (configuration_id(STATION),)
SETTINGS = {"ingest.seam_tolerance_ms": 1500, "vault.sm3": False, "slots": [{"number": 1}]}
LOOSE = {**SETTINGS, "ingest.seam_tolerance_ms": 60_000}


def told(ledger):
    index = ledger.last(configuration_id("station-1"))
    return None if index is None else ledger.entry(index)


@pytest.fixture
def ledger():
    return MemoryLedger()


def declared(ledger, settings=SETTINGS, software="dockseal 1"):
    return declare(settings, software, "station-1", ledger)


def test_the_first_settings_are_written_down_whole(ledger):
    index = declared(ledger)
    entry = ledger.entry(index)
    assert (entry.type, entry.actor, entry.statement) == (TYPE, "sys:ingest", None)
    assert entry.body == {
        "sha256": digest_of(SETTINGS),
        "settings": SETTINGS,
        "changed": sorted(SETTINGS),
        "software": "dockseal 1",
    }


def test_the_same_settings_are_not_written_twice(ledger):
    declared(ledger)
    assert declared(ledger) is None


def test_a_change_is_written_with_its_keys_and_so_is_the_change_back(ledger):
    first = declared(ledger)
    second = declared(ledger, LOOSE)
    third = declared(ledger)
    assert [ledger.entry(each).body["changed"] for each in (second, third)] == [
        ["ingest.seam_tolerance_ms"],
        ["ingest.seam_tolerance_ms"],
    ]
    assert list(ledger.entry(third).about.values()) == [second]
    assert list(ledger.entry(second).about.values()) == [first]


def test_another_software_is_written_down_though_no_setting_changed(ledger):
    declared(ledger)
    index = declared(ledger, software="dockseal 2")
    assert ledger.entry(index).body["changed"] == []
    assert ledger.entry(index).body["software"] == "dockseal 2"


class Crowded:
    """A ledger on which somebody else is always a moment faster."""

    def __init__(self, ledger, rivals):
        self.ledger, self.rivals = ledger, rivals
        self.last, self.entry = ledger.last, ledger.entry

    def append(self, drafts):
        if self.rivals:
            declared(self.ledger, self.rivals.pop(0))
        return self.ledger.append(drafts)


def test_of_two_slots_that_begin_at_once_one_writes_it(ledger):
    assert declared(Crowded(ledger, [SETTINGS])) is None
    assert declared(Crowded(ledger, [{"n": 1}]), LOOSE) is not None
    assert told(ledger).body["settings"] == LOOSE


def test_a_ledger_that_never_lets_us_is_an_error(ledger):
    rivals = [{"n": number} for number in range(TRIES)]
    with pytest.raises(ConflictError):
        declared(Crowded(ledger, rivals))


def test_an_entry_that_a_forger_wrote_without_settings_is_followed_by_a_true_one(ledger):
    forged = Draft(TYPE, "sys:local", (configuration_id("station-1"),), {"software": "1"})
    ledger.append([forged])
    assert ledger.entry(declared(ledger)).body["changed"] == sorted(SETTINGS)


@pytest.mark.parametrize(
    ("before", "now", "keys"),
    [
        ({}, {}, []),
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": True}, ["a"]),
        ({"a": None}, {}, ["a"]),
        ({"b": 1}, {"a": 1}, ["a", "b"]),
    ],
)
def test_a_key_has_changed_that_is_new_gone_or_other(before, now, keys):
    assert changed_keys(before, now) == keys


def configured(book, settings=SETTINGS, before=None, about=ABOUT, wrong=()):
    keys = changed_keys({} if before is None else before, settings)
    true = {"sha256": digest_of(settings), "settings": settings, "changed": keys, "software": "1"}
    return book.write(TYPE, {**true, **dict(wrong)}, about)


def shift_with(*written):
    """Return a shift whose configuration was written before it, and the indexes of ``written``."""
    shift = Shift()
    return shift, [step(shift.book) for step in written]


def audited(shift, settings=SETTINGS):
    return shift.audit(sources=shift.sources(settings=settings))


def test_settings_that_are_those_in_force_are_no_finding():
    shift, _ = shift_with(configured)
    report = audited(shift)
    assert report.clean
    assert not {Remark.OWN_CONFIGURATION, Remark.NO_CONFIGURATION, Remark.CONFIGURATION_CHANGED} & {
        *report.remarks
    }


def test_settings_that_nobody_wrote_down_are_named_with_their_keys():
    shift, (index,) = shift_with(configured)
    (found,) = audited(shift, LOOSE).findings
    assert (str(found.code), found.entry) == ("configuration_undeclared", index)
    assert found.subject == configuration_id(STATION)
    assert found.facts == {"keys": "ingest.seam_tolerance_ms", "count": 1}
    assert audited(shift, LOOSE).verdicts["intact"] == "yes"


def test_where_no_entry_tells_it_nothing_is_compared_and_that_is_said():
    shift, _ = shift_with()
    report = audited(shift, LOOSE)
    assert report.clean
    assert Remark.OWN_CONFIGURATION in report.remarks


def test_a_docking_before_the_first_entry_is_said():
    shift, _ = shift_with()
    shift.open()
    configured(shift.book)
    assert Remark.OWN_CONFIGURATION in audited(shift).remarks


def test_what_was_not_compared_is_said():
    shift, _ = shift_with(configured)
    assert Remark.NO_CONFIGURATION in audited(shift, None).remarks


def test_a_change_and_its_way_back_are_said():
    shift, _ = shift_with(
        configured,
        lambda book: configured(book, LOOSE, SETTINGS),
        lambda book: configured(book, SETTINGS, LOOSE),
    )
    report = audited(shift)
    assert report.clean
    assert Remark.CONFIGURATION_CHANGED in report.remarks


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"settings": None}, "settings"),
        ({"sha256": "0" * 64}, "sha256"),
        ({"sha256": 7}, "sha256"),
        ({"changed": []}, "changed"),
        ({"changed": None}, "changed"),
    ],
)
def test_an_entry_that_tells_its_change_wrongly_is_named(wrong, field):
    shift, (index,) = shift_with(lambda book: configured(book, wrong=wrong))
    named = [each for each in audited(shift, None).findings if each.code == "body_malformed"]
    assert [(each.entry, each.facts) for each in named] == [(index, {"field": field})]


@pytest.mark.parametrize("about", [(), (configuration_id("station-9"),)])
def test_an_entry_about_another_station_s_configuration_is_named(about):
    shift, _ = shift_with(lambda book: configured(book, about=about))
    (named,) = [each for each in audited(shift, None).findings if each.code == "body_malformed"]
    assert named.facts == {"field": "about"}


def test_what_rests_on_an_entry_that_cannot_be_read_is_not_accused():
    shift, (first, _) = shift_with(configured, lambda book: configured(book, LOOSE, {"n": 1}))
    assert "body_malformed" in {each.code for each in audited(shift, None).findings}
    shift.book.leaves[first] = b"{}"
    shift.book.rewrite()
    assert {str(each.code) for each in audited(shift, None).findings} == {"entry_malformed"}


def test_of_many_changed_keys_a_finding_names_the_first():
    shift, _ = shift_with(configured)
    (found,) = audited(shift, {f"k{number}": 1 for number in range(100)}).findings
    assert found.facts["count"] == 103
    assert len(found.facts["keys"].split(", ")) == 20
