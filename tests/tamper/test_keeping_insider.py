"""Somebody who may write to the ledger, and is nobody: what appended entries do to the keeping.

They stay for ever, with the names of people who have not written them.  What takes a signature, or
a time of its own, they cannot bring about.
"""

from datetime import timedelta

import pytest

from custody.policies import policy_json
from evidence.codec import format_time
from evidence.entry import Draft
from evidence.errors import CustodyError
from evidence.keeping import KEEPING
from tests.fakes.desk import person
from tests.fakes.shelf import pack
from tests.faults.keeping import LISTED, base
from tests.tamper.kept import Watched
from tests.tamper.test_clock_insider import found

APPROVED = LISTED + 1


@pytest.fixture
def at(ram):
    with base().copied(ram) as scene:
        yield Watched(scene)


def append(at, kind, who, body, *about):
    """Write an entry as somebody else, as the group of the socket can."""
    actor = person(who) if ":" not in who else who
    return at.house.ledger.append([Draft(kind, actor, (*about, KEEPING), body)]).indexes[0]


def test_an_approval_that_somebody_only_appended_destroys_nothing_and_raises_an_alarm(at):
    disposal = at.it.prepared["proposed"]
    body = {**at.house.entries("disposal.approved")[0].body, "disposal": disposal}
    append(at, "disposal.approved", "head", body, disposal)
    at.pass_days(40)
    with pytest.raises(CustodyError, match="disposed_unlawfully"):
        at.run()
    assert at.there(at.films[LISTED])
    assert "disposed_unlawfully" in at.alarms


def test_a_shorter_pack_that_somebody_only_appended_takes_nothing_from_what_is_in_custody(at):
    film = next(each for each in at.films[:LISTED])
    short = pack(standard={"article": "17", "period": "1 months"}, version="9", grace_days=1)
    before = judged(at, film)
    body = {"policy": policy_json(short), "sha256": short.sha256, "replaces": None}
    proposed = append(at, "policy.proposed", "chief", body)
    body = {"proposed": proposed, "name": short.name, "version": "9", "sha256": short.sha256}
    append(at, "policy.adopted", "watcher", body)
    assert judged(at, film) == before


def judged(at, film):
    keeping = at.it.look().judge(film, at.it.now)
    return keeping.until, keeping.grace_until


def test_a_release_that_somebody_only_appended_still_begins_a_whole_grace(at):
    for held in (at.it.prepared["held"], at.it.prepared["leaving"]):
        body = {"hold": held, "ground": "placed_in_error"}
        proposed = append(at, "hold.release_proposed", "head", body, held)
        append(at, "hold.released", "watcher", {**body, "proposed": proposed}, held)
    now = at.house.clock.now()
    until, grace = judged(at, at.held)
    assert until >= now
    assert grace >= now + timedelta(days=90)
    at.house.project()
    assert at.held not in at.due()


def test_a_day_to_come_that_somebody_only_appended_makes_nothing_due_and_raises_an_alarm(at):
    due = at.due()
    first = append(at, "time.attested", "chief", {"day": "2036-01-01", "first": None})
    append(at, "time.attested", "inspector", {"day": "2036-01-01", "first": first})
    assert at.it.now.source == "local"
    assert at.due() == due
    assert at.run() == 0
    assert at.alarms == ["clock_behind"]


def test_an_end_that_somebody_only_appended_is_found_where_the_bytes_are(at):
    at.pass_days(40)
    at.house.breaker.step = "remover.unlink"
    at.house.breaker.nth = at.house.breaker.seen.count("remover.unlink") + 1
    at.run()
    film, disposal = at.films[APPROVED], at.it.prepared["approved"]
    assert at.entries("segment.disposed")
    rows = [{"segment": film, "homes": {"local": "removed"}}]
    append(at, "disposal.executed", "sys:keeper", {"disposal": disposal, "segments": rows},
           disposal, film)  # fmt: skip
    assert at.there(film)
    assert ("object_undead", None) in found(at)


def test_a_tombstone_for_what_is_not_listed_is_named_and_nothing_goes(at):
    film, disposal = at.held, at.it.prepared["approved"]
    at.pass_days(40)
    body = {"disposal": disposal, "sha256": film[2:], "now": format_time(at.it.now.at)}
    body |= {"source": "attested", "grounds": []}
    draft = Draft("segment.disposed", "sys:keeper", (film, disposal), body)
    at.house.ledger.append([draft])
    with pytest.raises(CustodyError, match="disposed_unlawfully"):
        at.run()
    assert at.there(film)
    assert ("disposed_unlawfully", "not_listed") in found(at)
    assert ("disposed_unlawfully", "held") in found(at)
