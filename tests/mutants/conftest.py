"""The copied house of a module of faults, made once for its rows."""

import pytest

from tests.mutants.house import CopiedHouse


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    copied = CopiedHouse(tmp_path_factory.mktemp("copied"))
    yield copied
    copied.close()
