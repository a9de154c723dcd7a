"""Since when something is kept for certain: held against the calendar of the decision itself."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from custody.calendar import day_after, days_after, end_of, local_day
from custody.candidates import kept_since, wanted_of
from custody.policies import policy_of
from evidence.candidates import Bound
from evidence.keeping import Period, Shelf
from tests.fakes.house import SHANGHAI
from tests.fakes.kept import PACK, item_rule

# Where midnight is passed twice, and where it is leapt over.
ZONES = ("Asia/Shanghai", "UTC", "America/Santiago", "America/Havana", "Asia/Beirut")
PERIODS = st.builds(Period, st.sampled_from(["months", "years"]), st.integers(1, 30))
MOMENTS = st.datetimes(datetime(1995, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone comes beside
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def over(begin, period, grace, zone):
    """Return when what began then is kept no more, as the decision counts it."""
    return end_of(days_after(day_after(local_day(begin, zone), period), grace), zone)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ZONES).map(ZoneInfo), PERIODS, st.integers(0, 400), MOMENTS, st.integers())
def test_what_began_since_then_is_kept_and_what_began_two_days_before_is_over(
    zone, period, grace, at, minutes
):
    since = kept_since(period, grace, at, zone)
    later = since.moment + timedelta(minutes=minutes % 5000)
    assert over(later, period, grace, zone) > at
    if since.day > date(1970, 1, 10):
        assert over(since.moment - timedelta(days=2), period, grace, zone) <= at
    assert local_day(since.moment, zone) >= since.day
    assert local_day(since.moment - timedelta(hours=25), zone) < since.day


def test_a_period_without_an_end_keeps_everything():
    assert kept_since(Period("permanent"), 0, NOW, SHANGHAI) is None
    assert kept_since(None, 0, NOW, SHANGHAI) is None


def shelf(*changes, replaced=None):
    policies = [policy_of({**PACK, **each}) for each in changes]
    for place, each in enumerate(policies):
        object.__setattr__(each, "entry", place)
    object.__setattr__(policies[0], "replaced", replaced)
    return Shelf(1, tuple(policies))


def test_each_rule_of_each_version_has_its_bound():
    rules = {"long": item_rule("2 years", "b"), "file": item_rule("as the case file", "c"),
             "never": item_rule("permanent", "d")}  # fmt: skip
    held = shelf({"rule": rules, "case_file": "5 years"}, {}, replaced=1)
    found = wanted_of(held, SHANGHAI, NOW, blocked=True)
    told = {(each.items, each.list, each.before, each.case) for each in found.bounds}
    assert told == {
        ((), None, 1, False),
        ((), None, None, False),
        (("b",), "acts", 1, False),
        (("c",), "acts", 1, True),
        (("d",), "acts", 1, False),
    }
    assert next(each for each in found.bounds if each.items == ("d",)).since is None
    assert found.blocked


def test_the_longest_grace_of_the_packs_that_hold_counts_for_all():
    held = shelf({"grace_days": 10}, {"grace_days": 50})
    (only,) = wanted_of(held, SHANGHAI, NOW, blocked=False).bounds
    assert only == Bound(kept_since(Period("months", 6), 50, NOW, SHANGHAI))


def test_what_falls_due_later_began_later():
    held, month = shelf({}), timedelta(days=30)
    now, then = (wanted_of(held, SHANGHAI, NOW, each, blocked=False) for each in (month * 0, month))
    assert now.bounds[0].since.day < then.bounds[0].since.day
    assert now.now == then.now == NOW


def test_nothing_is_over_where_no_pack_holds_or_one_has_no_end():
    assert wanted_of(Shelf(None), SHANGHAI, NOW, blocked=False) is None
    endless = shelf({"standard": {"article": "17", "period": "permanent"}}, {})
    assert wanted_of(endless, SHANGHAI, NOW, blocked=False) is None
