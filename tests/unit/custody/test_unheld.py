"""Footage of nobody is somebody's task: of the unit that is known, else of the topmost one."""

from datetime import timedelta

import pytest

from custody import unheld as unheld_module
from custody.handover import resolve_holder
from custody.unheld import BACK, unheld
from evidence.errors import RefusedError
from tests.fakes.clock import NOON
from tests.fakes.desk import EAST, docked, open_home, person, small_bureau
from tests.fakes.house import House

TOPMOST = ("chief", "acting", "watcher", "searcher")


@pytest.fixture
def bureau(tmp_path):
    made = small_bureau(House(tmp_path))
    yield made
    made.house.close()


def waiting(bureau, name):
    return [each.segment for each in unheld(bureau.desk, bureau.actor(name)).rows]


def strays(bureau):
    """One film of a recorder of nobody, one of a pool from which nobody had taken it."""
    pool = bureau.recorder("POOL")
    bureau.bind(pool, None, EAST)
    return bureau.seal("of nobody", bureau.recorder("FOUND")), bureau.seal("of a pool", pool)


def test_what_has_no_unit_either_waits_for_the_topmost_unit_and_for_nobody_below(bureau):
    nobodys, pooled = strays(bureau)
    bureau.seal("the officer's own")
    for name in TOPMOST:
        assert waiting(bureau, name) == [pooled, nobodys], name
    for name in ("supervisor", "head"):
        assert waiting(bureau, name) == [pooled], name
    for name in ("west_head", "west_supervisor"):
        assert waiting(bureau, name) == [], name


def test_every_film_waits_for_somebody_whoever_is_there(bureau):
    """Of the roles that may resolve, each alone is enough at the top."""
    nobodys, _ = strays(bureau)
    for name in TOPMOST:
        for other in TOPMOST:
            if other != name:
                bureau.suspend(other)
        assert nobodys in waiting(bureau, name)
        for other in TOPMOST:
            if other != name:
                bureau.restore(other)


@pytest.mark.parametrize("name", ["officer", "inspector", "admin"])
def test_who_may_not_say_whose_it_is_is_refused_on_record(bureau, name):
    with pytest.raises(RefusedError):
        unheld(bureau.desk, bureau.actor(name))
    (entry,) = bureau.house.entries("access.refused")
    assert (entry.actor, entry.body["act"]) == (person(name), "resolve_holder")


def test_what_a_person_has_resolved_waits_no_more(bureau):
    nobodys, pooled = strays(bureau)
    (row,) = [each for each in unheld(bureau.desk, bureau.actor("watcher")).rows
              if each.segment == nobodys]  # fmt: skip
    assert (row.unit, row.why, row.recorder) == (None, "none", bureau.recorder("FOUND"))
    assert row.recorded_at == NOON
    resolve_holder(bureau.desk, bureau.actor("watcher"), row.sighting, person("mate"), "the list")
    assert waiting(bureau, "watcher") == [pooled]


def test_what_two_held_waits_for_the_unit_that_both_served_in(bureau):
    pool = bureau.recorder("POOL")
    bureau.bind(pool, None, EAST)
    for name in ("officer", "mate"):
        bureau.handover("handover.out", pool, name, EAST, NOON - timedelta(hours=1))
    bureau.seal("of two", pool)
    (row,) = unheld(bureau.desk, bureau.actor("supervisor")).rows
    assert (row.unit, row.why) == (EAST, "two")


def test_a_film_from_a_folder_has_no_recorder_and_waits_too(bureau):
    seen = {"sighting": {"corrected_at": None, "claimed_at": None}}
    segment = "s:" + "5" * 64
    index = bureau.write("segment.seen", (segment,), seen, by="sys:ingest")
    (row,) = unheld(bureau.desk, bureau.actor("searcher")).rows
    assert (row.sighting, row.segment, row.recorder, row.docking) == (index, segment, None, "")


def test_the_list_goes_back_as_far_as_it_is_asked_to_and_has_an_end(bureau, monkeypatch):
    both = strays(bureau)
    bureau.clock.forward(days=BACK.days + 1)
    late = bureau.seal("late", bureau.recorder("FOUND"))
    assert waiting(bureau, "chief") == [late]
    everything = unheld(bureau.desk, bureau.actor("chief"), NOON - timedelta(days=1))
    assert len(everything.rows) == 1 + len(both)
    assert not everything.more
    monkeypatch.setattr(unheld_module, "UNHELD_LIMIT", 2)
    cut = unheld(bureau.desk, bureau.actor("chief"), NOON - timedelta(days=1))
    assert (len(cut.rows), cut.more) == (2, True)


def test_in_an_open_home_there_is_nobody_to_say_it(tmp_path):
    home = open_home(House(tmp_path))
    with pytest.raises(RefusedError):
        unheld(home.desk, home.actor("chief"))
    home.house.close()


def test_a_real_docking_of_a_recorder_that_nobody_bound_waits_for_the_overseer(tmp_path):
    bureau, _ = docked(House(tmp_path))
    (segment,) = bureau.dock({"DCIM/F9.MP4": b"film"}, serial="UNBOUND")
    assert waiting(bureau, "watcher") == [segment]
    assert waiting(bureau, "supervisor") == []
    bureau.house.close()
