"""What must hold of every keeping, whatever was adopted, held, labelled and answered."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from custody.asked import Asked, Granted
from custody.kept import Kept, Said, Sighted
from custody.retention import keeping_of
from evidence.keeping import Hold, Period, Policy, Rule, Scope, Shelf
from tests.fakes.clock import NOON

BRIEFLY = settings(max_examples=25, deadline=None)
ZONES = st.sampled_from([ZoneInfo(name) for name in ("Asia/Shanghai", "UTC", "America/Santiago")])
MOMENTS = st.integers(0, 5000).map(lambda hours: NOON + timedelta(hours=hours))
DATES = st.integers(0, 2000).map(lambda days: date(2026, 1, 1) + timedelta(days=days))
CASES = ("c:1", "c:2")
PERIODS = st.one_of(
    st.builds(Period, st.sampled_from(["months", "years"]), st.integers(1, 30)),
    st.just(Period("permanent")),
)
STANDARDS = st.builds(lambda period: Rule("standard", "17", period), PERIODS)
ITEM_RULES = st.builds(
    lambda period, item, start: Rule("item", "17", period, (item,), "acts", start),
    PERIODS,
    st.sampled_from("ab"),
    st.sampled_from(["recorded", "case_closed"]),
)
FILES = st.builds(
    lambda item: Rule("file", "15", Period("case_file"), (item,), "acts", "case_closed"),
    st.sampled_from("ab"),
)


@st.composite
def policies(draw, entry=None):
    """Return a pack that was adopted before or after the sealing (entry 100), for ever or not."""
    entry = draw(st.integers(1, 200)) if entry is None else entry
    return Policy(
        "pack",
        "1",
        "0" * 64,
        draw(STANDARDS),
        tuple(draw(st.lists(st.one_of(ITEM_RULES, FILES), max_size=3))),
        {},
        draw(PERIODS),
        grace_days=draw(st.integers(0, 200)),
        grace_because="",
        warning_days=1,
        undo_days=1,
        label_days=draw(st.integers(1, 9)),
        entry=entry,
        replaced=draw(st.none() | st.integers(entry + 1, entry + 200)),
    )


@st.composite
def holds(draw, n=0):
    released = draw(st.none() | MOMENTS)
    entry = 300 + n
    return Hold(
        f"h:{n}",
        entry,
        "dispute",
        "17(2)",
        Scope("segments", ("s:1",)),
        draw(MOMENTS),
        "p:1",
        released=entry + 100 if released else None,
        released_at=released,
    )


SIGHTINGS = st.builds(
    Sighted,
    st.integers(100, 140),
    MOMENTS,
    st.none() | MOMENTS,
    st.booleans(),
    st.booleans(),
    st.none() | st.just(99),
)
LABELS = st.builds(
    Said,
    st.integers(150, 190),
    MOMENTS,
    st.sampled_from(["p:1", "p:2"]),
    st.booleans(),
    st.just(value=False),
    st.sampled_from(["acts", "other", None]),
    st.sampled_from(["a", "b", None]),
    st.lists(st.sampled_from(CASES), max_size=2, unique=True).map(tuple),
)
ASKED = st.builds(
    Asked, st.integers(200, 240), MOMENTS, st.sampled_from(["case", "court"]), st.none() | MOMENTS
)
GRANTED = st.builds(Granted, st.integers(240, 260), MOMENTS, st.none() | MOMENTS)


@st.composite
def segments(draw):
    labels = draw(st.lists(LABELS, max_size=3))
    labels.sort(key=lambda said: said.at, reverse=True)
    return Kept(
        segment="s:1",
        size=1,
        sealed=100,
        sightings=tuple(draw(st.lists(SIGHTINGS, min_size=1, max_size=3))),
        labels=tuple(labels),
        gaps=(),
        requests=tuple(draw(st.lists(ASKED, max_size=2))),
        grants=tuple(draw(st.lists(GRANTED, max_size=2))),
        holds=tuple(draw(holds(n)) for n in range(draw(st.integers(0, 2)))),
        alarm=None,
        disposal=None,
    )


@st.composite
def shelves(draw):
    return Shelf(
        1,
        tuple(draw(st.lists(policies(), max_size=3))),
        answered=dict.fromkeys(draw(st.lists(st.integers(100, 240), max_size=40)), 400),
        closed={case: draw(DATES) for case in draw(st.lists(st.sampled_from(CASES), unique=True))},
    )


def end(moment):
    """Return an end that can be compared: no end is later than every other."""
    return moment or datetime.max.replace(tzinfo=UTC)


def ends(keeping):
    return end(keeping.until), end(keeping.grace_until)


@BRIEFLY
@given(segments(), shelves(), holds(7), ZONES, MOMENTS)
def test_another_hold_never_shortens(kept, shelf, hold, zone, now):
    before = keeping_of(kept, shelf, zone, now)
    after = keeping_of(replace(kept, holds=(*kept.holds, hold)), shelf, zone, now)
    assert all(a >= b for a, b in zip(ends(after), ends(before), strict=True))
    assert not after.due(now) or before.due(now)


@BRIEFLY
@given(segments(), shelves(), SIGHTINGS, ZONES, MOMENTS)
def test_another_sighting_never_shortens(kept, shelf, sighted, zone, now):
    before = keeping_of(kept, shelf, zone, now)
    after = keeping_of(replace(kept, sightings=(sighted, *kept.sightings)), shelf, zone, now)
    assert all(a >= b for a, b in zip(ends(after), ends(before), strict=True))


@BRIEFLY
@given(segments(), shelves(), policies(), ZONES, MOMENTS)
def test_another_pack_never_shortens(kept, shelf, policy, zone, now):
    """The first one gives an end to what had none for want of a rule; no later one takes it."""
    before = keeping_of(kept, shelf, zone, now)
    more = replace(shelf, policies=(*shelf.policies, policy))
    after = keeping_of(kept, more, zone, now)
    if shelf.promised(kept.sealed):
        assert all(a >= b for a, b in zip(ends(after), ends(before), strict=True))


@BRIEFLY
@given(segments(), shelves(), ZONES, MOMENTS)
def test_the_union_of_packs_is_their_maximum(kept, shelf, zone, now):
    promised = shelf.promised(kept.sealed)
    alone = [keeping_of(kept, replace(shelf, policies=(each,)), zone, now) for each in promised]
    together = keeping_of(kept, shelf, zone, now)
    expected = max((end(each.until) for each in alone), default=end(None))
    assert end(together.until) == expected


@BRIEFLY
@given(segments(), shelves(), ZONES, MOMENTS, st.integers(0, 90_000))
def test_time_never_takes_back_that_something_is_due(kept, shelf, zone, now, hours):
    later = now + timedelta(hours=hours)
    keepings = [keeping_of(kept, shelf, zone, moment) for moment in (now, later)]
    assert ends(keepings[0]) == ends(keepings[1])
    assert not keepings[0].due(now) or keepings[1].due(later)


@BRIEFLY
@given(segments(), shelves(), ZONES, MOMENTS, st.integers(1, 99))
def test_a_shorter_version_never_reaches_back(kept, shelf, zone, now, months):
    """What held when it was sealed is replaced by something else: nothing ends earlier."""
    held = [p for p in shelf.policies if p.replaced is None and p.entry < kept.sealed]
    if held:
        old = held[months % len(held)]
        short = Rule("standard", "17", Period("months", months))
        new = replace(old, standard=short, rules=(), grace_days=0, entry=250)
        others = tuple(each for each in shelf.policies if each is not old)
        after = replace(shelf, policies=(*others, replace(old, replaced=250), new))
        before, now_kept = (keeping_of(kept, each, zone, now) for each in (shelf, after))
        assert all(a >= b for a, b in zip(ends(now_kept), ends(before), strict=True))


@BRIEFLY
@given(segments(), shelves(), ZONES, MOMENTS)
def test_nothing_is_due_before_the_latest_sealing_and_the_whole_grace(kept, shelf, zone, now):
    keeping = keeping_of(kept, shelf, zone, now)
    promised = shelf.promised(kept.sealed)
    if keeping.due(now):
        latest = max(sighted.at for sighted in kept.sightings)
        grace = max(policy.grace_days for policy in promised)
        shortest = min(policy.standard.period.count for policy in promised)
        assert now - latest >= timedelta(days=28 * shortest + grace)
        assert all(hold.released for hold in kept.holds)
        assert kept.labels[0].complete


@BRIEFLY
@given(segments(), shelves(), ZONES, MOMENTS)
def test_an_end_is_a_midnight_of_the_station(kept, shelf, zone, now):
    keeping = keeping_of(kept, shelf, zone, now)
    for moment in (keeping.until, keeping.grace_until):
        if moment is not None:
            local = moment.astimezone(zone)
            before = (moment - timedelta(milliseconds=1)).astimezone(zone)
            assert local.date() > before.date()
