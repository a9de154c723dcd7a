"""Every durable step of a home's life, broken in both ways; then docked again and audited."""

import errno
import os
from types import FunctionType

import pytest

from tests.faults.life import broken, occurrences
from tests.faults.plant import Plant
from tests.faults.rows import ROWS

NUMBERS = {"eio": errno.EIO, "enospc": errno.ENOSPC}


@pytest.mark.parametrize("row", ROWS)
def test_a_step_that_fails_loses_nothing(ram, row):
    broken(ram, Plant(row))


@pytest.mark.parametrize("row", ROWS)
def test_a_step_that_is_done_and_reports_failure_doubles_nothing(ram, row):
    broken(ram, Plant(row, nth=occurrences()[row], applied=True))


@pytest.mark.fuzz
@pytest.mark.parametrize("applied", [False, True], ids=["failed", "done"])
@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS)
@pytest.mark.parametrize("row", ROWS)
def test_every_single_occurrence_of_every_step(tmp_path_factory, row, number, applied):
    for nth in range(1, occurrences()[row] + 1):
        folder = tmp_path_factory.mktemp("life")
        broken(folder, Plant(row, nth, applied=applied, number=number))


def test_every_step_that_happens_is_in_the_table_and_none_besides():
    assert set(occurrences()) == set(ROWS)
    assert len(ROWS) == len(set(ROWS))


def test_a_step_that_nobody_wrote_into_the_table_is_noticed(ram):
    def keep_a_note(path):
        os.mkdir(path)  # noqa: PTH102 - the primitive itself

    new = FunctionType(keep_a_note.__code__, {"__name__": "vault.somewhere", "os": os})
    plant = Plant()
    with plant.planted():
        new(ram / "note")
    (row,) = plant.seen
    assert row.startswith("mkdir for vault.somewhere.")
    assert row not in ROWS


def test_a_fault_that_never_strikes_is_no_proof(ram):
    with pytest.raises(AssertionError, match="did not happen 99 times"):
        broken(ram, Plant(ROWS[-1], nth=99))
