"""A file that looks like one in custody: compared in random blocks, and written down as sampled.

It saves the officer the second reading of a card that is kept full.  It proves less than reading
whole, so the entry says ``sampled``, and no certificate names it: that takes a ``Sealed``.
"""

import secrets
from collections.abc import Mapping

from evidence.entry import Draft
from evidence.errors import ConflictError, UnreadableError, VaultError
from evidence.json import JsonObject
from evidence.ports import Recorder
from evidence.states import Inventory, Listed, Recognised
from ingest.fate import fate_of
from ingest.identify import claim_findings
from ingest.known import Known, mark_of
from ingest.seal import about, named, sighting_of
from ingest.tools import ACTOR, Tools

BLOCK_BYTES = 64 * 1024
BLOCKS = 16  # at random places, besides the first and the last block


def recognise(
    recorder: Recorder,
    listed: Listed,
    files: Mapping[str, Known],
    inventory: Inventory,
    tools: Tools,
) -> Recognised | None:
    """Return once the sighting is in the ledger; None where the file must be read whole.

    ``files`` is what earlier dockings sighted on this recorder, by mark (``ingest.known``).
    """
    known = files.get(mark_of(listed.file, inventory.identity.volume) or "")
    if known is None or not _looks_the_same(recorder, listed, known, tools):
        return None
    segment = f"s:{known.sha256}"
    fate = fate_of(segment, tools.ledger, tools.objects)
    if fate.sealed != known.sealed:
        return None  # disposed of since, perhaps sealed again
    noted = claim_findings(listed.file, listed.name, inventory.taken_at, tools.rules)
    sealed = tools.ledger.entry(known.sealed)
    body: JsonObject = {
        "sealed": known.sealed,
        "sighting": sighting_of(listed, None, inventory),
        "noted": [each.json() for each in noted],
        "read": "sampled",
        "blocks": BLOCKS + 2,
    }
    draft = Draft(
        "segment.seen",
        ACTOR,
        about(segment, inventory),
        body,
        expect={segment: fate.last},
        private=named(segment, listed, inventory),
    )
    try:
        index = tools.ledger.append([draft]).indexes[0]
    except ConflictError:
        return None  # somebody wrote about it this moment: read it whole
    return Recognised(listed, known.sha256, index, sealed, noted)


def _looks_the_same(recorder: Recorder, listed: Listed, known: Known, tools: Tools) -> bool:
    size = listed.file.size
    last = max(0, size - BLOCK_BYTES)
    offsets = [0, last, *(secrets.randbelow(last + 1) for _ in range(BLOCKS))]
    try:
        if tools.objects.size(known.sha256) != size:
            return False
        return all(
            recorder.sample(listed.file, offset, BLOCK_BYTES)
            == b"".join(tools.objects.read(known.sha256, offset, BLOCK_BYTES))
            for offset in sorted(offsets)
        )
    except (UnreadableError, VaultError):
        return False  # reading it whole will tell what is wrong
