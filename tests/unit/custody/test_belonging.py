"""Whose a segment is, and the findings that follow from people and labels."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from custody.belonging import belongings, remarks
from custody.labels import label_of
from evidence.errors import UnknownSegmentError
from evidence.people import ORGANISATION
from tests.fakes.clock import NOON
from tests.fakes.desk import SQUAD, person, sealed

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def bureau_and_segment():
    bureau, (segment,) = sealed(1)
    return bureau, segment


def certified(bureau, until):
    who = person("officer")
    facts = {"name": "officer", "number": "1", "certificate": "C1", "certificate_until": until}
    body = {"person": who, "unit": SQUAD}
    about = (ORGANISATION, who, SQUAD)
    bureau.write("person.corrected", about, body, {**facts, "aliases": []}, of=who)


def of(bureau, segment):
    belongs = belongings(bureau.ledger, segment, SHANGHAI)
    return belongs, remarks(belongs, label_of(bureau.ledger, segment))


def test_a_segment_is_of_who_held_its_recorder(bureau_and_segment):
    bureau, segment = bureau_and_segment
    (one,), noted = of(bureau, segment)
    assert (one.person, one.unit, one.why, one.expired) == (person("officer"), SQUAD, "own", False)
    assert noted == ()


def test_every_sighting_has_its_holder_and_nobody_is_a_finding(bureau_and_segment):
    bureau, segment = bureau_and_segment
    bureau.seal(0, bureau.recorder("T000777"))
    belongs, noted = of(bureau, segment)
    assert [each.person for each in belongs] == [person("officer"), None]
    assert belongs[0].sighting < belongs[1].sighting
    assert noted == ("holder_unknown",)


def test_footage_under_an_expired_certificate_is_a_finding(bureau_and_segment):
    bureau, segment = bureau_and_segment
    certified(bureau, (NOON - timedelta(days=2)).date().isoformat())
    assert of(bureau, segment)[1] == ("certificate_expired",)


def test_footage_under_a_valid_certificate_is_none(bureau_and_segment):
    bureau, segment = bureau_and_segment
    certified(bureau, (NOON + timedelta(days=2)).date().isoformat())
    assert of(bureau, segment)[1] == ()


@pytest.mark.parametrize(
    ("said", "noted"),
    [
        ({"no_case": "not_duty"}, ("not_duty",)),
        ({"no_case": "patrol"}, ()),
        ({"sensitivity": "state_secret"}, ("state_secret",)),
        ({"sensitivity": "privacy"}, ()),
    ],
)
def test_what_the_label_says_is_a_finding_where_it_must_be(bureau_and_segment, said, noted):
    bureau, segment = bureau_and_segment
    bureau.label(segment, ["officer"], **said)
    assert of(bureau, segment)[1] == noted


def test_a_correction_takes_the_finding_of_a_label_away(bureau_and_segment):
    bureau, segment = bureau_and_segment
    first = bureau.label(segment, ["officer"], no_case="not_duty")
    bureau.label(segment, ["officer"], no_case="patrol", corrects=first)
    assert of(bureau, segment)[1] == ()


def test_what_is_not_in_custody_is_nobodys(bureau_and_segment):
    bureau, _ = bureau_and_segment
    with pytest.raises(UnknownSegmentError):
        belongings(bureau.ledger, "s:" + "0" * 64, SHANGHAI)
