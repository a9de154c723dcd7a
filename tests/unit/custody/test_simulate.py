"""What a pack would do is told before anybody adopts it; and adopting it then does just that."""

import pytest

from custody.policies import policy_of
from custody.shelf import read_shelf
from custody.simulate import simulate
from tests.fakes.house import SHANGHAI
from tests.fakes.kept import PACK, Years, item_rule

RULED = {"rule": {"taking": item_rule("1 years", "taking")}}


def amounts(effect):
    """Return what is not nothing: (segments, bytes, byte-days, most days)."""
    told = {name: getattr(effect, name) for name in effect.__slots__}
    return {
        name: (a.segments, a.bytes, a.byte_days, a.most_days)
        for name, a in told.items()
        if a.segments
    }


def simulated(years, segments, **changes):
    policy = policy_of({**PACK, "version": "2", **changes})
    kept = (years.kept(each) for each in segments)
    return simulate(policy, kept, read_shelf(years.ledger), SHANGHAI, years.now)


@pytest.fixture
def years_and_segments():
    """A plain segment of 100 bytes, and one of 50 whose item is kept for a year."""
    years = Years()
    years.adopt(**RULED)
    plain, taking = years.seal(), years.seal(size=50)
    years.label(plain)
    years.label(taking, "taking")
    return years, (plain, taking)


def test_a_longer_standard_lengthens_what_is_in_custody_and_what_will_be(years_and_segments):
    years, segments = years_and_segments
    found = simulated(years, segments, **RULED, standard={"article": "17", "period": "9 months"})
    assert (found.total.segments, found.total.bytes) == (2, 150)
    expected = {"same": (1, 50, 0, 0), "longer": (1, 100, 100 * 92, 92)}  # 22 May to 22 August
    assert amounts(found.custody) == amounts(found.fresh) == expected


def test_a_shorter_pack_takes_nothing_from_what_is_in_custody(years_and_segments):
    years, segments = years_and_segments
    found = simulated(years, segments, grace_days=60)
    assert amounts(found.custody) == {"same": (2, 150, 0, 0)}
    expected = {"shorter": (2, 150, 100 * 30 + 50 * (30 + 184), 214)}
    assert amounts(found.fresh) == expected


def test_what_would_have_no_end_is_told_apart(years_and_segments):
    years, segments = years_and_segments
    rule = {"taking": item_rule("permanent", "taking")}
    found = simulated(years, segments, rule=rule)
    expected = {"same": (1, 100, 0, 0), "endless": (1, 50, 0, 0)}
    assert amounts(found.custody) == amounts(found.fresh) == expected


def test_what_had_no_end_keeps_none_and_new_footage_would_get_one(years_and_segments):
    years, segments = years_and_segments
    years.adopt(version="2", rule={"taking": item_rule("permanent", "taking")})
    found = simulated(years, segments, version="3")
    assert amounts(found.custody) == {"same": (2, 150, 0, 0)}
    assert amounts(found.fresh) == {"same": (1, 100, 0, 0), "ending": (1, 50, 0, 0)}


def test_the_first_pack_of_all_gives_an_end_to_everything():
    years = Years()
    segment = years.seal()
    years.label(segment)
    found = simulated(years, [segment])
    assert amounts(found.custody) == amounts(found.fresh) == {"ending": (1, 100, 0, 0)}


def test_a_hold_has_no_end_under_any_pack(years_and_segments):
    years, segments = years_and_segments
    years.hold(*segments)
    found = simulated(years, segments, standard={"article": "17", "period": "9 years"})
    assert amounts(found.custody) == amounts(found.fresh) == {"same": (2, 150, 0, 0)}


def test_a_pack_of_another_name_comes_beside_and_replaces_none(years_and_segments):
    years, segments = years_and_segments
    found = simulated(years, segments, name="other", grace_days=0)
    assert amounts(found.custody) == amounts(found.fresh) == {"same": (2, 150, 0, 0)}


def test_adopting_does_what_the_simulation_said(years_and_segments):
    years, segments = years_and_segments
    changes = {**RULED, "standard": {"article": "17", "period": "9 months"}, "version": "2"}
    before = [years.keeping(each).grace_until for each in segments]
    found = simulated(years, segments, **changes)
    years.adopt(**changes)
    after = [years.keeping(each).grace_until for each in segments]
    days = [(new - old).days for old, new in zip(before, after, strict=True)]
    assert found.custody.longer.byte_days == sum(100 * each for each in days)
    assert found.custody.longer.most_days == max(days)
