"""The probe behind the real fence: the same answers, and an answer whatever the child does."""

import pytest

from appliance.children import FencedParsers, ParserLimits, Task
from evidence.findings import Finding
from evidence.slices import fixed_cuts
from ingest.probe import probe
from tests.tools.scenes import NAMES, scene
from tests.unit.appliance.sources import BytesSource
from tests.unit.ingest.probing import probed

SIZE = 3_000_000


@pytest.fixture(scope="module")
def fenced():
    parsers = FencedParsers()
    yield parsers
    parsers.close()


@pytest.mark.parametrize("name", NAMES)
def test_the_fence_changes_nothing_in_what_a_parser_sees(fenced, name):
    made = scene(name)
    inside = probe(BytesSource(made.data), made.file_name, fenced)
    assert inside == probed(made.data, made.file_name)


@pytest.mark.parametrize("fault", ["segfault", "hang", "flood", "memory", "garbage"])
def test_whatever_happens_to_the_child_the_file_is_sliced(fault):
    tasks = {"misbehave": Task("tests.process.appliance.hostile:misbehave", several=True)}
    fenced = FencedParsers(ParserLimits(silent_s=0.2), tasks)

    class Misbehaving:
        def parse(self, _task, source, _request):
            return fenced.parse("misbehave", source, {"fault": fault})

    media = probe(BytesSource(bytes(SIZE)), "x.mp4", Misbehaving())
    assert media.cuts == fixed_cuts(SIZE)
    assert [note.finding for note in media.noted] == [Finding.PROBE_FAILED]
