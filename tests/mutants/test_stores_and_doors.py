"""Faults planted where bytes are kept and where they come in are found."""

import pytest

from tests.mutants import of_the_doors, of_vault
from tests.mutants.looking import hold_found, hold_row, hold_sound

FAULTS = (*of_vault.FAULTS, *of_the_doors.FAULTS)


def sentence(fault):
    return fault.sentence


def test_every_named_test_passes_while_nothing_is_planted(house):
    hold_sound(FAULTS, house)


@pytest.mark.parametrize("fault", FAULTS, ids=sentence)
def test_a_row_fits_the_code(fault):
    hold_row(fault)


@pytest.mark.parametrize("fault", FAULTS, ids=sentence)
def test_a_planted_fault_is_found(house, fault):
    hold_found(fault, house)
