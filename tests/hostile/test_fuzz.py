"""A million spoilt files and a hundred thousand spoilt volumes: ``make fuzz``.

    DOCKSEAL_FUZZ_FROM=400000 make fuzz    goes on from a seed
    DOCKSEAL_FUZZ_TO=2010000 make fuzz     goes on to another one

A seed that breaks a promise is printed with the command that tries it again.
"""

import os

import pytest

from tests.hostile.grinding import ground

FROM = int(os.environ.get("DOCKSEAL_FUZZ_FROM", "10000"))
BLOCK = 10_000  # seeds of one test
MEDIA = range(FROM, int(os.environ.get("DOCKSEAL_FUZZ_TO", "1010000")), BLOCK)
VOLUMES = range(1_000, 101_000, BLOCK)
LIMIT_S = 3_600.0

pytestmark = pytest.mark.fuzz


@pytest.mark.parametrize("start", MEDIA)
def test_a_million_mutants_are_told_or_refused_and_their_cuts_tile(start, tmp_path):
    ground("media", range(start, start + BLOCK), tmp_path, LIMIT_S)


@pytest.mark.parametrize("start", VOLUMES)
def test_a_hundred_thousand_mutated_volumes_are_listed_or_refused(start, tmp_path):
    ground("volumes", range(start, start + BLOCK), tmp_path, LIMIT_S)
