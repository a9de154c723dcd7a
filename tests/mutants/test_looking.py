"""The search for planted faults works: a stale row and a fault that nobody sees are told."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.mutants import (
    of_browsing,
    of_custody,
    of_ending,
    of_evidence,
    of_holding,
    of_identity,
    of_ingest,
    of_keeping,
    of_people,
    of_space,
    of_telling,
    of_the_doors,
    of_vault,
    of_watching,
)
from tests.mutants.fault import Fault
from tests.mutants.looking import hold_found, hold_row, hold_sound

TABLES = (
    of_evidence,
    of_ingest,
    of_custody,
    of_identity,
    of_people,
    of_browsing,
    of_space,
    of_keeping,
    of_holding,
    of_ending,
    of_watching,
    of_telling,
    of_vault,
    of_the_doors,
)
FAULTS = [fault for table in TABLES for fault in table.FAULTS]
ROW = Fault(
    "planted here",
    "evidence/ids.py",
    "RANDOM_BYTES = 16\n",
    "RANDOM_BYTES = 15\n",
    ("tests/unit/evidence/test_ids.py",),
    "an id can be guessed",
)
PASSED, FAILED, INTERRUPTED, NO_SUCH_TEST, NOTHING_RUN = 0, 1, 2, 4, 5


class Answering:
    """A copied house in which every run ends with the same code."""

    def __init__(self, code):
        self.code = code

    def planted(self, fault):
        return pytest.MonkeyPatch.context() if fault else None

    def run(self, _tests):
        return self.code, "told"


def test_a_row_that_no_longer_fits_the_code_says_what_to_do():
    stale = replace(ROW, old="RANDOM_BYTES = 17\n")
    with pytest.raises(AssertionError, match=r"ids\.py has changed.* 0 times; write the row anew"):
        hold_row(stale)
    with pytest.raises(AssertionError, match=r"\d+ times"):
        hold_row(replace(ROW, old="return"))


def test_a_row_that_plants_nothing_is_refused():
    with pytest.raises(AssertionError, match="nothing"):
        hold_row(replace(ROW, new=ROW.old))
    with pytest.raises(AssertionError, match="only a comment"):
        hold_row(replace(ROW, new="RANDOM_BYTES = 16  # or so\n"))


@pytest.mark.parametrize("code", [PASSED, INTERRUPTED, NO_SUCH_TEST, NOTHING_RUN, -11, 124, 125])
def test_only_a_test_that_fails_has_found_a_fault(code):
    hold_found(ROW, Answering(FAILED))
    with pytest.raises(AssertionError, match="nobody finds that planted here"):
        hold_found(ROW, Answering(code))


def test_a_test_that_fails_without_a_fault_finds_nothing():
    hold_sound([ROW], Answering(PASSED))
    with pytest.raises(AssertionError):
        hold_sound([ROW], Answering(FAILED))


def test_every_room_of_the_house_has_its_faults_and_none_stands_twice():
    rooms = Counter(fault.file.partition("/")[0] for fault in FAULTS)
    places = "api appliance custody drivers evidence ingest vault"
    assert set(rooms) == set(places.split())
    assert len(FAULTS) >= 150
    assert max(Counter(fault.sentence for fault in FAULTS).values()) == 1
    assert max(Counter((fault.file, fault.old, fault.new) for fault in FAULTS).values()) == 1
