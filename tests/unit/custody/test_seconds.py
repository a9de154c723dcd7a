"""Where two people are needed, an audit names one who was both, and a second without a first."""

import pytest

from custody.findings import Findings
from custody.seconds import Seconds
from evidence.errors import MalformedError
from evidence.keeping import KEEPING
from tests.fakes.desk import sealed
from tests.fakes.shelf import adopt, hold, of_segments, release


@pytest.fixture
def home():
    return sealed(2)


def found(bureau, *, without=()):
    """What the pass over all entries finds; ``without``: entries that cannot be read."""
    findings = Findings()
    seconds = Seconds(findings)
    for entry in bureau.house.entries():
        if entry.seq in without:
            seconds.skip()
        else:
            seconds.read(entry)
    return [(each.code.value, each.entry, *each.facts.values()) for each in findings.kept]


def forge(bureau, kind, body, by="head"):
    return bureau.write(kind, (KEEPING,), body, by=by)


def attest(bureau, first=None, day="2026-11-22", by="chief"):
    return forge(bureau, "time.attested", {"day": day, "first": first}, by)


def test_two_people_are_two(home):
    bureau, segments = home
    adopt(bureau)
    release(bureau, hold(bureau, of_segments(segments[0])))
    attest(bureau, attest(bureau), by="watcher")
    assert found(bureau) == []


def test_one_who_was_both_is_named_with_their_first_word(home):
    bureau, segments = home
    first = attest(bureau)
    second = attest(bureau, first)
    pack = forge(bureau, "policy.proposed", {})
    adopted = forge(bureau, "policy.adopted", {"proposed": pack})
    proposed = forge(bureau, "hold.release_proposed", {"hold": segments[0]})
    released = forge(bureau, "hold.released", {"proposed": proposed, "hold": segments[0]})
    assert found(bureau) == [
        ("seconded_alone", second, first),
        ("seconded_alone", adopted, pack),
        ("seconded_alone", released, proposed),
    ]


def test_a_second_word_on_something_else_is_none(home):
    bureau, segments = home
    first = attest(bureau)
    other = attest(bureau, first, day="2026-11-23", by="watcher")
    adopted = forge(bureau, "policy.adopted", {"proposed": first}, by="watcher")
    proposed = forge(bureau, "hold.release_proposed", {"hold": segments[0]})
    released = forge(bureau, "hold.released", {"proposed": proposed, "hold": "h"}, by="chief")
    unknown = forge(bureau, "policy.adopted", {"proposed": released + 1}, by="watcher")
    assert found(bureau) == [
        ("first_unknown", other, first),
        ("first_unknown", adopted, first),
        ("first_unknown", released, proposed),
        ("first_unknown", unknown, released + 1),
    ]


def test_a_first_word_that_cannot_be_read_is_not_missed(home):
    bureau, _ = home
    first = attest(bureau)
    attest(bureau, first)
    assert found(bureau, without={first}) == []


def test_a_body_without_its_form_is_malformed(home):
    bureau, _ = home
    forge(bureau, "policy.adopted", {"proposed": "1"})
    with pytest.raises(MalformedError):
        found(bureau)
