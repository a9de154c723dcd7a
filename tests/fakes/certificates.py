"""A certificate for some listed files, as ``ingest`` would have made it."""

from evidence.media import Media
from evidence.states import Certificate, Listed, NameFacts, Received, Sealed, SliceRoll, Stored
from tests.fakes.clock import NOON

NOTHING = Media("unknown", None, None, None, (), (), (), "plain/1")
DIGEST = "00" * 32


def certificate_for(files, *, whole=False):
    return Certificate("d:test", tuple(_sealed(file) for file in files), whole, indexes=(7,))


def _sealed(file):
    listed = Listed("d:test", file.handle, file, NameFacts(None))
    received = Received(listed, None, DIGEST, file.size, NOON)
    stored = Stored(received, NOTHING, SliceRoll(0, DIGEST, DIGEST), known=False)
    return Sealed(stored, 5, 5)
