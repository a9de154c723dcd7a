"""The probe without a child: the same readers in this process, for speed and for coverage."""

from ingest.packets import packets
from ingest.probe import OURS, probe
from ingest.probe_task import probe as probe_task
from tests.fakes.parsers import DirectParsers
from tests.unit.appliance.sources import BytesSource

TASKS = {"probe": probe_task, "packets": packets}


class Answering:
    """Parsers that answer what a test wants, whatever they are asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def parse(self, task, _source, request):
        self.asked.append((task, request))
        return self.answers.pop(0)


def probed(data, name="x.mp4", limits=OURS):
    return probe(BytesSource(data), name, DirectParsers(TASKS), limits)


def findings(media):
    return {note.finding for note in media.noted}


def facts(media, finding):
    return next(note.facts for note in media.noted if note.finding is finding)
