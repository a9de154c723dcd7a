import os
import threading

import pytest

from appliance import watch
from appliance.backoff import FORGIVEN
from appliance.watch import ALWAYS, PACE, Lookout, Watch, look_at

CARD = "/media/slot-1"


def docked(sights, settle_s=3.0):
    """Return when something was docked: one sight a second, no docking ever ends."""
    watched = Watch([CARD], settle_s)
    return [now for now, sight in enumerate(sights) if watched.seen(CARD, sight, float(now))]


@pytest.mark.parametrize(
    ("sights", "when"),
    [
        ([None, None, None, None, None], []),
        ([None, "a", "a", "a", "a", "a"], [4]),
        (["a", "a", "a", "a"], [3]),
        ([None, "a", "b", "c", "c", "c", "c"], [6]),  # still being copied
        ([None, "a", None, "a", "a", "a", "a"], [6]),  # a loose contact
        ([None, "a", "a", None, None], []),  # pulled before it was still
    ],
)
def test_what_appears_is_docked_once_it_lies_still(sights, when):
    assert docked(sights) == when


def ended(sight, after, **how):
    watched = Watch([CARD], 0.0)
    assert watched.seen(CARD, sight, 0.0)
    assert not watched.seen(CARD, "anything", 5.0)  # while it is being docked
    watched.ended(CARD, after, 10.0, **how)
    return watched


def test_what_stays_is_not_docked_twice():
    watched = ended("a", "a")
    assert not any(watched.seen(CARD, "a", now) for now in (11.0, 100.0, 10_000.0))


def test_what_went_away_and_came_back_is_docked_again():
    watched = ended("a", "a")
    assert not watched.seen(CARD, None, 11.0)
    assert watched.seen(CARD, "a", 12.0)


def test_what_went_away_during_the_docking_is_docked_when_it_comes_back():
    watched = ended("a", None)
    assert not watched.seen(CARD, None, 11.0)
    assert watched.seen(CARD, "a", 12.0)


@pytest.mark.parametrize("erased", [False, True])
def test_what_was_away_for_a_moment_is_docked_again_though_it_looks_the_same(erased):
    watched = Watch([CARD], 3.0)
    watched.seen(CARD, "a", 0.0)
    assert watched.seen(CARD, "a", 3.0)
    assert not watched.seen(CARD, None, 4.0)
    assert not watched.seen(CARD, "a", 5.0)
    watched.ended(CARD, "a", 6.0, erased=erased)
    assert not watched.seen(CARD, "a", 7.0)  # it was just put in
    assert watched.seen(CARD, "a", 9.0)


def test_what_changed_afterwards_is_docked_again():
    assert ended("a", "a").seen(CARD, "b", 11.0)


def test_what_was_added_during_the_docking_is_docked_again():
    assert ended("a", "b").seen(CARD, "b", 11.0)


def test_our_own_erasing_is_no_reason_to_dock_again():
    watched = ended("a", "emptied", erased=True)
    assert not watched.seen(CARD, "emptied", 11.0)
    assert watched.seen(CARD, "new files", 12.0)


def test_where_our_own_storage_failed_it_is_tried_again_after_a_while():
    watched = ended("a", "a", tries=ALWAYS)
    assert not watched.seen(CARD, "a", 10.0 + PACE.first_s - 0.1)
    assert watched.seen(CARD, "a", 10.0 + PACE.first_s)


def pauses(count, **how):
    """Return how long each of ``count`` dockings that all end at once waits for the next."""
    watched, now, found = Watch([CARD], 0.0), 0.0, []
    for _ in range(count):
        began = now
        while not watched.seen(CARD, "a", now) and now - began < 1000:
            now += 1.0
        found.append(now - began)
        watched.ended(CARD, "a", now, **how)
    return found[1:]


def test_a_docking_that_is_cut_a_few_times_goes_on_at_once_and_then_more_and_more_slowly():
    waited = pauses(FORGIVEN + 9, tries=ALWAYS)
    assert waited[:FORGIVEN] == [PACE.first_s] * FORGIVEN
    assert waited[FORGIVEN:] == [2.0, 4.0, 8.0, 16.0, 32.0, *[PACE.last_s] * 3]


def test_a_docking_that_gets_ahead_is_never_slowed_down():
    assert set(pauses(20, tries=ALWAYS, ahead=True)) == {PACE.first_s}


def test_what_was_cut_often_goes_on_at_once_when_its_cause_is_mended():
    watched = Watch([CARD], 0.0)
    for end in range(100, 200, 10):
        watched.at_once(CARD)
        assert watched.seen(CARD, "a", float(end))
        watched.ended(CARD, "a", end + 1.0, tries=ALWAYS)
        watched.at_once(CARD)
    assert watched.seen(CARD, "a", 300.0)
    watched.ended(CARD, "a", 300.0, tries=ALWAYS)
    assert not watched.seen(CARD, "a", 300.5), "the pause after a first failure"
    watched.at_once(CARD)
    assert watched.seen(CARD, "a", 300.5)


def test_a_recorder_that_never_holds_out_is_left_alone_until_it_changes():
    assert pauses(9, tries=2)[:3] == [1.0, 1.0, 1000.0]


def test_what_lay_still_all_the_time_need_not_settle_again():
    watched = Watch([CARD], 3.0)
    assert not watched.seen(CARD, "a", 0.0)
    assert watched.seen(CARD, "a", 3.0)
    watched.ended(CARD, "a", 4.0, tries=1)
    assert watched.seen(CARD, "a", 5.0)


def test_whoever_comes_after_a_recorder_that_was_tried_in_vain_does_not_wait_for_it():
    watched = ended("a", "a", tries=ALWAYS)
    assert not watched.seen(CARD, None, 10.1)
    assert watched.seen(CARD, "b", 10.2)


def test_slots_do_not_wait_for_each_other():
    watched = Watch([CARD, "/b"], 0.0)
    assert watched.seen(CARD, "a", 0.0)
    assert watched.seen("/b", "a", 0.0)


def test_an_empty_folder_is_nothing_and_every_change_is_seen(tmp_path):
    sights = [look_at(tmp_path / "none"), look_at(tmp_path)]
    assert sights == [None, None]
    (tmp_path / "DCIM").mkdir()
    sights.append(look_at(tmp_path))
    file = tmp_path / "DCIM" / "a.mp4"
    for content in (b"", b"x", b"xy"):
        file.write_bytes(content)
        sights.append(look_at(tmp_path))
    os.utime(file, (1, 1))
    sights.append(look_at(tmp_path))
    file.rename(tmp_path / "DCIM" / "b.mp4")
    sights.append(look_at(tmp_path))
    assert len(set(sights)) == len(sights) - 1
    assert look_at(tmp_path) == sights[-1]


def test_a_link_out_of_the_folder_or_round_in_it_is_not_followed(tmp_path):
    card = tmp_path / "card"
    card.mkdir()
    (card / "self").symlink_to(card)
    (card / "out").symlink_to("/")
    assert " 2 " in look_at(card)


def test_a_deep_tree_and_a_name_that_is_no_text_are_looked_at(tmp_path):
    deep = tmp_path.joinpath(*["d"] * 40)
    deep.mkdir(parents=True)
    with open(os.path.join(os.fsencode(tmp_path), b"\xff\xfe"), "wb"):  # noqa: PTH118, PTH123
        pass
    assert look_at(tmp_path) is not None


def test_an_image_is_something_once_it_has_bytes_and_changes_with_them(tmp_path):
    image = tmp_path / "card.img"
    image.write_bytes(b"")
    assert look_at(image) is None
    image.write_bytes(b"x")
    first = look_at(image)
    image.write_bytes(b"xy")
    assert first is not None
    assert look_at(image) not in {None, first}


def test_a_device_that_is_none_is_nothing(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    assert look_at(fifo) is None
    assert look_at(tmp_path / "a" / "b") is None


def test_a_path_that_may_not_be_read_is_nothing(tmp_path, monkeypatch):
    def refuse(_):
        raise PermissionError

    monkeypatch.setattr(watch.os, "scandir", refuse)
    (tmp_path / "a").write_text("x")
    assert look_at(tmp_path) is None


def test_a_look_that_hangs_does_not_hold_up_who_asks():
    hang = threading.Event()
    lookout = Lookout("/media/hung", lambda _: hang.wait(60) and "late")
    lookout.start()
    assert (lookout.sight, lookout.looks) == (None, 0)
    lookout.stop()
    hang.set()


def test_a_lookout_tells_what_it_last_saw(monkeypatch):
    monkeypatch.setattr(watch, "LOOK_EVERY_S", 0.001)
    sights = iter([None, "a"])
    seen_all = threading.Event()

    def look(_):
        try:
            return next(sights)
        except StopIteration:
            seen_all.set()
            return "a"

    lookout = Lookout(CARD, look)
    lookout.start()
    assert seen_all.wait(20)
    assert lookout.sight == "a"
    assert lookout.looks >= 2
    lookout.stop()
