"""Stage 5: the seams of one docking become entries."""

from collections.abc import Iterable, Sequence

from evidence.entry import Draft
from evidence.json import Json, JsonObject
from evidence.states import Inventory
from ingest.seams import Piece, Seam, judge_seams
from ingest.tools import ACTOR, Tools

SEAMS_OF_ONE_ENTRY = 40  # two subjects each, and 16 KiB for all


def write_seams(
    inventory: Inventory, pieces: Iterable[Piece | None], act: str, tools: Tools
) -> tuple[Seam, ...]:
    """Return once every seam of the docking is in the ledger; None is what is no recording."""
    seams = judge_seams((piece for piece in pieces if piece), tools.rules.seam_tolerance_ms)
    parts = [
        seams[start : start + SEAMS_OF_ONE_ENTRY]
        for start in range(0, len(seams), SEAMS_OF_ONE_ENTRY)
    ]
    drafts = [_draft(inventory, part, act, n, len(parts)) for n, part in enumerate(parts)]
    if drafts:
        tools.ledger.append(drafts)
    return seams


def _draft(inventory: Inventory, seams: Sequence[Seam], act: str, part: int, parts: int) -> Draft:
    segments = dict.fromkeys(
        piece.segment for seam in seams for piece in (seam.before, seam.after) if piece
    )
    rows = [_row(seam) for seam in seams]
    body: JsonObject = {"act": act, "part": part, "parts": parts, "seams": rows}
    return Draft("seams.judged", ACTOR, (inventory.docking, *segments), body)


def _row(seam: Seam) -> dict[str, Json]:
    return {
        "before": seam.before.segment,
        "after": seam.after.segment if seam.after else None,
        "lines": [seam.before.line, seam.after.line if seam.after else None],
        "kind": seam.kind,
        "ms": seam.ms,
        "because": seam.because,
    }
