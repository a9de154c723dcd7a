"""Where a search for somebody's footage looks: own recorders, handed ones, and papers."""

from datetime import timedelta

from custody.held import Carried, held_by
from custody.tenure import tenure_id
from evidence.codec import format_time
from tests.fakes.clock import NOON
from tests.fakes.desk import LONG_AGO, SQUAD, person, sealed

HOUR = timedelta(hours=1)


def test_an_own_recorder_is_held_until_it_is_unbound():
    bureau, _ = sealed(0)
    recorder = bureau.recorder()
    assert held_by(bureau.ledger, person("officer")) == (Carried(recorder, LONG_AGO, None),)
    body = {"recorder": recorder, "person": person("officer"), "unit": SQUAD}
    about = (recorder, tenure_id(bureau.ledger, recorder), person("officer"))
    bureau.write("recorder.unbound", about, body | {"until": format_time(NOON)})
    assert held_by(bureau.ledger, person("officer")) == (Carried(recorder, LONG_AGO, NOON),)


def test_what_is_handed_to_somebody_is_theirs_for_that_time_and_the_newest_comes_first():
    bureau, _ = sealed(0)
    pooled = bureau.recorder("T000009")
    bureau.bind(pooled, None, SQUAD)
    for who, begin, end in (("mate", 9, 8), ("officer", 7, 6), ("mate", 5, 4)):
        bureau.handover("handover.out", pooled, who, SQUAD, NOON - begin * HOUR)
        bureau.handover("handover.in", pooled, who, SQUAD, NOON - end * HOUR)
    assert held_by(bureau.ledger, person("mate")) == (
        Carried(pooled, NOON - 5 * HOUR, NOON - 4 * HOUR),
        Carried(pooled, NOON - 9 * HOUR, NOON - 8 * HOUR),
    )
    assert held_by(bureau.ledger, person("head")) == ()


def test_a_sighting_that_was_named_as_theirs_is_looked_for_at_its_beginning():
    bureau, _ = sealed(0)
    stray = bureau.recorder("T000777")
    segment = bureau.seal("stray", stray, NOON - HOUR)
    body = {"sighting": bureau.ledger.last(segment), "person": person("mate"), "unit": SQUAD}
    bureau.write("holder.resolved", (segment, person("mate")), body, by="supervisor")
    begin = NOON - HOUR
    assert held_by(bureau.ledger, person("mate")) == (
        Carried(stray, begin, begin + timedelta(milliseconds=1)),
    )
    assert held_by(bureau.ledger, person("supervisor")) == ()
