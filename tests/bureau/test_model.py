"""The model by itself: what docs/keeping.md says, in small."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.bureau.model import DAY, HERE, Model, Pack, Said, Seen, begins, last_kept

BEGIN = datetime(2026, 1, 31, 2, 0, tzinfo=UTC)


def station(**film):
    """A station with one labelled film, under a pack of one month without grace."""
    model = Model()
    model.adopt(Pack("jinzhong", "1 months", grace=0))
    model.see("film", Seen("seen", BEGIN, "r", BEGIN, **{"recorded": BEGIN, **film}))
    model.films["film"].labels.append(Said(model.next(), BEGIN, "officer"))
    return model


def until(model, now=BEGIN):
    return model.verdict("film", now).until


def codes(model, now=BEGIN):
    return model.verdict("film", now).codes


@pytest.mark.parametrize(
    ("first", "period", "last"),
    [
        (date(2026, 8, 31), "6 months", date(2027, 2, 28)),
        (date(2027, 8, 31), "6 months", date(2028, 2, 29)),
        (date(2026, 10, 31), "1 months", date(2026, 11, 30)),
        (date(2026, 12, 31), "2 months", date(2027, 2, 28)),
        (date(2024, 2, 29), "2 years", date(2026, 2, 28)),
        (date(2026, 1, 15), "12 months", date(2027, 1, 15)),
        (date(2026, 1, 1), "permanent", None),
    ],
)
def test_a_period_ends_with_a_day_of_the_calendar(first, period, last):
    assert last_kept(first, period) == last


def test_the_last_day_is_kept_whole_and_the_grace_comes_after_it():
    model = station()
    assert until(model) == begins(date(2026, 3, 1))
    model.packs[0].grace = 90
    assert model.verdict("film", BEGIN).grace == begins(date(2026, 5, 30))
    assert codes(model, until(model)) == {"in_grace"}


def test_a_shorter_version_never_reaches_back():
    model = station()
    model.adopt(Pack("jinzhong", "2 months", grace=0))
    model.adopt(Pack("jinzhong", "1 months", grace=0))
    assert until(model) == begins(date(2026, 4, 1))


def test_a_late_sighting_and_a_clock_that_was_set_back_lengthen():
    model = station()
    model.set_back(BEGIN + 300 * DAY)
    assert until(model) == begins(date(2026, 3, 1)), "it was sealed before"
    model.see("film", Seen("again", BEGIN + DAY, "r", BEGIN, recorded=BEGIN))
    assert until(model) == begins(date(2026, 12, 28))


def test_a_window_catches_what_reaches_into_it_and_no_more():
    model = station(lasts=timedelta(hours=1))
    model.hold("before", "window", {"r"}, (BEGIN - DAY, BEGIN))
    assert "held" not in codes(model)
    model.hold("into", "window", {"r"}, (BEGIN + timedelta(minutes=59), None))
    assert "held" in codes(model)


def test_an_unmeasured_time_has_a_day_on_either_side_and_one_that_tells_nothing_has_no_end():
    model = station(recorded=None)
    model.hold("near", "window", {"r"}, (BEGIN + DAY, None))
    assert "held" in codes(model)
    model = station(recorded=None, odd=True)
    model.hold("far", "window", {"r"}, (BEGIN - 90 * DAY, BEGIN - 80 * DAY))
    assert {"held", "clock"} <= codes(model)


def test_a_corrected_label_leads_out_of_no_hold_that_stood_then():
    model = station()
    film = model.films["film"]
    film.labels.append(Said(model.next(), BEGIN, "officer", case="case"))
    model.hold("case", "case", {"case"})
    film.labels.append(Said(model.next(), BEGIN, "mate"))
    assert "held" in codes(model)
    model.hold("later", "case", {"case"})
    model.release("case", BEGIN + DAY)
    assert "held" not in codes(model)


def test_a_released_hold_keeps_through_its_day_and_begins_the_grace_anew():
    model = station()
    model.packs[0].grace = 10
    model.hold("hold", "segments", {"film"})
    assert until(model) is None
    model.release("hold", datetime(2026, 7, 1, 9, tzinfo=HERE))
    assert model.verdict("film", BEGIN).grace == begins(date(2026, 7, 12))


def test_nobody_takes_back_alone_what_their_label_promised():
    model = station()
    model.packs[0].rules = ((("major",), "permanent", False),)
    labels = model.films["film"].labels
    labels.append(Said(model.next(), BEGIN, "officer", item="major"))
    labels.append(Said(model.next(), BEGIN + 4 * DAY, "officer"))
    assert until(model) is None
    labels.append(Said(model.next(), BEGIN + 5 * DAY, "supervisor"))
    assert until(model) is not None


def test_a_case_that_is_open_gives_no_end():
    model = station()
    model.packs[0].rules = ((("hearing",), "as the case file", True),)
    model.packs[0].case_file = "2 years"
    said = Said(model.next(), BEGIN, "officer", item="hearing", case="case")
    model.films["film"].labels.append(said)
    assert until(model) is None
    model.closed["case"] = date(2026, 5, 5)
    assert until(model) == begins(date(2028, 5, 6))


def test_two_people_say_the_day_and_the_smaller_time_counts():
    model = Model()
    model.attest(date(2026, 2, 1), "one")
    model.attest(date(2026, 2, 1), "one")
    assert model.now(BEGIN) is None
    model.attest(date(2026, 2, 1), "two")
    assert model.now(BEGIN) == BEGIN
    assert model.now(BEGIN + 365 * DAY) == begins(date(2026, 2, 1))


def test_before_any_pack_nothing_has_an_end():
    model = Model()
    model.see("film", Seen("seen", BEGIN, "r", BEGIN))
    assert until(model) is None
    assert codes(model) == {"no_policy", "unlabelled"}


def test_a_run_takes_what_is_due_and_spares_the_rest():
    model = station()
    model.see("other", Seen("other", BEGIN, "r", BEGIN))
    model.films["other"].labels.append(Said(model.next(), BEGIN, "officer"))
    now = BEGIN + 100 * DAY
    assert model.due(now) == ["film", "other"]
    model.propose("x", ["film", "other"], now)
    assert codes(model, now) == {"disposing"}
    model.hold("hold", "segments", {"other"})
    model.approve("x", now + 14 * DAY)
    assert model.run("x", now + 21 * DAY) == ["film"]
    assert model.here() == ["other"]
    assert model.verdict("other", now).codes == {"held"}
