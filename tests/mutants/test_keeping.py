"""Faults planted in keeping and destroying are found: rules, holds, ends, and who is told."""

import pytest

from tests.mutants import (
    of_browsing,
    of_ending,
    of_holding,
    of_keeping,
    of_space,
    of_telling,
    of_watching,
)
from tests.mutants.looking import hold_found, hold_row, hold_sound

FAULTS = (
    *of_keeping.FAULTS,
    *of_holding.FAULTS,
    *of_ending.FAULTS,
    *of_watching.FAULTS,
    *of_space.FAULTS,
    *of_telling.FAULTS,
    *of_browsing.FAULTS,
)


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
