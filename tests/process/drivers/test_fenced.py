"""The task behind the real fence gives what it gives without: nothing is imported too late."""

import pytest

from appliance.children import FencedParsers
from evidence.errors import DeviceError
from tests.tools import hostile
from tests.unit.drivers.made import listed


@pytest.mark.parametrize("name", ["names", "names_exfat", "size_2_63"])
def test_a_fenced_child_lists_the_same(name, tmp_path):
    path = hostile.hostile(name, tmp_path)
    parsers = FencedParsers()
    assert listed(path, parsers=parsers) == listed(path)
    parsers.close()


def test_a_fenced_child_refuses_the_same(tmp_path):
    path = hostile.hostile("huge_cluster_shift", tmp_path)
    parsers = FencedParsers()
    with pytest.raises(DeviceError) as fenced:
        listed(path, parsers=parsers)
    with pytest.raises(DeviceError) as direct:
        listed(path)
    assert fenced.value.facts == direct.value.facts
    parsers.close()
