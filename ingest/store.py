"""Stage 3: the medium gives the bytes back, past the page cache, and they are equal."""

import hashlib
from collections.abc import Sequence

from evidence.digest import Lane, digest_of
from evidence.errors import DigestMismatchError, IntegrityError
from evidence.media import Cut, Media
from evidence.slices import Slicer, roll
from evidence.states import Received, Stored
from ingest.tools import Tools


def store(received: Received, media: Media, tools: Tools) -> Stored:
    """Return once the vault holds the bytes under their digest and has given them back.

    Slices are hashed in the same pass.  Raises ``DigestMismatchError`` when the medium gives back
    other bytes; then nothing under a digest has changed and the file stays on the recorder.
    """
    records = _read_back(received, media.cuts)
    slices, lines = roll(records)
    if records and tools.ledger.last(f"s:{received.sha256}") is None:
        # Sealed already: its entry names the roll of then, and this one would be nobody's.
        tools.objects.put(lines)
    return Stored(received, media, slices, known=_keep(received, tools))


def _read_back(received: Received, cuts: Sequence[Cut]) -> tuple[bytes, ...]:
    """Return the slice records of what the medium gave back, if it is what the recorder gave."""
    whole, slicer = hashlib.sha256(), Slicer(cuts)
    try:
        with Lane(whole.update) as one, Lane(slicer.update) as other:
            for view in received.staged.read_back():
                one.update(view)
                other.update(view)
            one.wait()
            other.wait()
        records = slicer.finish()
    except IntegrityError as error:
        # Not even as long as the cuts that were made over it.
        received.staged.discard()
        raise DigestMismatchError("read_back_differs", expected=received.sha256) from error
    again = whole.hexdigest()
    if again != received.sha256:
        # What lies in the staging is not what the recorder gave: the next docking begins anew.
        received.staged.discard()
        raise DigestMismatchError("read_back_differs", expected=received.sha256, found=again)
    return records


def _keep(received: Received, tools: Tools) -> bool:
    """Place the bytes, or prove that the vault already has them; return whether it had."""
    staged, sha256 = received.staged, received.sha256
    if tools.objects.size(sha256) is None and tools.objects.place(staged, sha256):
        return False
    # An object that is there already is worth what it gives back now.  Rotten: ours stays staged.
    found = digest_of(tools.objects.read_back(sha256))
    if found != sha256:
        raise DigestMismatchError("object_rotten", expected=sha256, found=found)
    staged.discard()
    return True
