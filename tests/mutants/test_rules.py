"""Faults planted in the rules are found: evidence, ingest, and the people's side of custody."""

import pytest

from tests.mutants import (
    of_asking,
    of_custody,
    of_evidence,
    of_identity,
    of_ingest,
    of_leaving,
    of_people,
)
from tests.mutants.looking import hold_found, hold_row, hold_sound

FAULTS = (
    *of_evidence.FAULTS,
    *of_ingest.FAULTS,
    *of_custody.FAULTS,
    *of_asking.FAULTS,
    *of_identity.FAULTS,
    *of_people.FAULTS,
    *of_leaving.FAULTS,
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
