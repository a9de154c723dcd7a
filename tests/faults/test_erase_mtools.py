"""Files of a FAT card erased by mtools, each step broken: nothing goes that nobody named."""

import pytest

from tests.faults import erasing
from tests.faults.plant import Plant
from tests.faults.rows import MTOOLS

NEEDS = ("mdel",)


@pytest.fixture
def card(tmp_path, monkeypatch):
    erasing.made(tmp_path / "card.img", "mtools", monkeypatch)
    return tmp_path / "card.img"


@pytest.mark.parametrize("applied", [False, True], ids=["failed", "done"])
@pytest.mark.parametrize("row", MTOOLS)
def test_a_broken_step_of_an_erase_takes_nothing_else_with_it(card, row, applied):
    erasing.broken(card, Plant(row, applied=applied))


def test_every_step_of_an_erase_is_in_the_table(card):
    assert erasing.steps(card) == set(MTOOLS)


def test_what_a_step_takes_besides_is_seen(card, monkeypatch):
    """The fault planted in ourselves: the tool is told one name more."""
    monkeypatch.setattr(erasing, "NAMED", erasing.NAMES[:3])
    with pytest.raises(AssertionError):
        erasing.broken(card, Plant(MTOOLS[1]))
