"""What an erase must prove, held against listings in which one thing is wrong."""

from dataclasses import replace
from datetime import timedelta

import pytest

from drivers import erase
from drivers.answer import Facts
from drivers.erase import Plan, forget, not_nameable, plan_for, prove
from drivers.ways import Medium
from evidence.errors import EraseError
from evidence.findings import Finding, Noted
from evidence.recorders import Extent, FileEntry, Listing
from tests.fakes.certificates import certificate_for
from tests.fakes.clock import NOON


def file(handle, path, size=10, **more):
    extents = (Extent(1000 * handle, size),)
    given = {"modified": NOON, "inode": 50 + handle, "extents": extents, **more}
    return FileEntry(handle, path, path.encode(), size, **given)


A, B, C = file(0, "DCIM/a.mp4"), file(1, "DCIM/b.mp4"), file(2, "c.mp4")
PLAN = Plan("card", named=(A, B), others=(C,))


def test_named_gone_and_the_others_there_is_proof():
    prove(PLAN, Listing((replace(C, handle=0),)), "nothing")


AFTER = {
    "a named file is still there": ((A, C), "erase_incomplete"),
    "a named file has only another name": (
        (replace(A, path="x", raw=b"x"), C),
        "erase_incomplete",
    ),
    "a named file is there with another size": ((replace(A, size=9), C), "erase_incomplete"),
    "a named file lies in another entry": ((replace(A, inode=99), C), "erase_incomplete"),
    "one that nobody named is gone": ((), "erase_too_much"),
    "one that nobody named is shorter": ((replace(C, size=9),), "erase_too_much"),
    "one that nobody named lies elsewhere": (
        (replace(C, extents=(Extent(7, 10),)),),
        "erase_too_much",
    ),
    "one that nobody named has another time": (
        (replace(C, modified=NOON + timedelta(seconds=2)),),
        "erase_too_much",
    ),
    "one that nobody named has another name": ((replace(C, raw=b"x"),), "erase_too_much"),
    "one too many gone is worse than one still there": ((A,), "erase_too_much"),
    "something new lies there": ((C, file(3, "new.mp4")), "erase_disturbed"),
}


@pytest.mark.parametrize("fault", AFTER)
def test_a_listing_that_is_no_proof_is_refused(fault):
    files, word = AFTER[fault]
    with pytest.raises(EraseError, match=word):
        prove(PLAN, Listing(files), "nothing")


def test_a_twin_that_nobody_named_does_not_count_as_still_there():
    twin = replace(C, handle=3, path=A.path, raw=A.raw, inode=77)
    prove(Plan("card", (A,), (twin,)), Listing((twin,)), "nothing")


def test_only_what_is_there_as_it_was_sealed_is_planned():
    assert plan_for(certificate_for([B]), Listing((A, B, C)), "card").named == (B,)
    changed = replace(B, modified=NOON + timedelta(seconds=2))
    with pytest.raises(EraseError, match="erase_changed"):
        plan_for(certificate_for([B]), Listing((A, changed, C)), "card")


def test_two_equal_lines_need_two_names_in_the_certificate():
    chosen = plan_for(certificate_for([A]), Listing((A, A)), "card")
    assert (chosen.named, chosen.others) == ((A,), (A,))


SHARED = (Noted(Finding.VOLUME_DAMAGED, {"because": "overlap"}),)
UNNAMEABLE = {
    "twin in another case": (file(0, "DCIM/A.MP4"), file(1, "dcim/a.mp4"), {}),
    "8.3 name of a neighbour": (file(0, "D/L~1.MP4"), file(1, "D/longer.mp4"), {1: b"L~1.MP4"}),
    "raw name is not the text": (replace(A, raw=b"DCIM/\xd6\xb4.mp4"), C, {}),
    "dot at the end": (file(0, "DCIM/a."), C, {}),
    "blank at the end": (file(0, "DCIM/a "), C, {}),
    "blank at the begin of a folder": (file(0, " DCIM/a"), C, {}),
    "dot dot": (file(0, "DCIM/.."), C, {}),
    "no name": (file(0, "DCIM/"), C, {}),
    "folder that may be an 8.3 name": (file(0, "DCIM~1/a"), C, {}),
    "clusters of another": (replace(A, noted=SHARED), C, {}),
}  # fmt: skip


@pytest.mark.parametrize("fault", UNNAMEABLE)
def test_a_file_that_a_tool_could_confuse_is_not_given_to_one(fault):
    named, other, aliases = UNNAMEABLE[fault]
    assert not_nameable(Plan("card", (named,), (other,)), aliases) == {0}


def test_its_own_8_3_name_and_equal_names_elsewhere_confuse_nobody():
    plan = Plan("card", (A, file(3, "OTHER/a.mp4")), (C,))
    assert not_nameable(plan, {0: b"A.MP4", 3: b"A.MP4"}) == frozenset()


class Way:
    """Removes from a list instead of a medium."""

    def __init__(self, name, card, lack=None, removes=None, error=None):
        self.name, self.card, self.lack = name, card, lack
        self.removes, self.error = removes, error
        self.asked = []

    def lacks(self, medium):
        assert medium.facts.file_system == "FAT32"
        return self.lack

    def remove(self, medium, files):
        assert medium.path == "card"
        self.asked += files
        gone = files if self.removes is None else files[: self.removes]
        self.card[:] = [each for each in self.card if each not in gone]
        if self.error:
            raise EraseError(self.error)


MEDIUM = Medium("card", False, Facts("FAT32", "FAT32:0000-0000", 0, 1, 1, 1))


def forgotten(monkeypatch, card, ways, shut_out=frozenset()):
    monkeypatch.setattr(erase, "DISK_WAYS", ways)
    return forget(MEDIUM, PLAN, shut_out, lambda: Listing(tuple(card)))


def test_without_a_way_nothing_is_touched_and_what_lacks_is_told(monkeypatch):
    card = [A, B, C]
    with pytest.raises(EraseError, match="erase_unsupported") as caught:
        forgotten(monkeypatch, card, (Way("kernel", card, "root"), Way("mtools", card, "mdel")))
    assert caught.value.facts["lacks"] == "kernel:root mtools:mdel"
    assert card == [A, B, C]


def test_the_next_way_gets_only_what_the_first_one_left(monkeypatch):
    card = [A, B, C]
    first = Way("kernel", card, removes=1, error="erase_tool")
    second = Way("mtools", card)
    forgotten(monkeypatch, card, (first, Way("none", card, "root"), second))
    assert (first.asked, second.asked, card) == ([A, B], [B], [C])


def test_what_cannot_be_named_is_given_to_no_way(monkeypatch):
    card = [A, B, C]
    way = Way("mtools", card)
    assert forgotten(monkeypatch, card, (way,), frozenset({0})) == "names"
    assert (way.asked, card) == ([B], [A, C])
