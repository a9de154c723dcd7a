"""One entry of every type about the keeping of the station, as docs/formats.md has them."""

from evidence.codec import format_time
from evidence.entry import Private
from evidence.keeping import KEEPING

H, Q, C, P = "h:" + "a" * 32, "q:" + "3" * 32, "c:" + "5" * 64, "p:" + "2" * 32
S = "s:" + "9" * 64
PACK = {"name": "jinzhong", "version": "1"}
REASON = {"reason": "because"}


def add_every_keeping(history):
    """Add an entry of every type from policy.proposed on, in the order of the types."""
    at = format_time(history.now)
    scope = {"kind": "segments", "segments": [S], "of": None, "since": None, "until": None}
    window = {"kind": "window", "segments": None, "of": P, "since": at, "until": None}
    hold = {"hold": H, "reason": "dispute", "article": "17(2)", "scope": scope, "answers": 7}
    placed = {"reference": "2026-7", "words": "", "attachment": None}
    acts = (
        ("policy.proposed", (), {"policy": PACK, "sha256": "00", "replaces": None}, None),
        ("policy.adopted", (), {**PACK, "proposed": 3, "sha256": "00"}, None),
        ("policy.withdrawn", (), {"proposed": 4}, None),
        ("hold.placed", (H, P), {**hold, "scope": window, "answers": None}, (H, placed)),
        ("hold.placed", (H, S), hold, (H, placed)),
        ("hold.release_proposed", (H,), {"hold": H, "ground": "placed_in_error"},
         (H, {"reference": "2026-8"})),
        ("hold.released", (H,), {"hold": H, "proposed": 5, "ground": "placed_in_error"}, None),
        ("hold.release_refused", (H,), {"hold": H, "proposed": 5}, (H, REASON)),
        ("mark.resolved", (S,), {"sighting": 5, "answer": "not_needed"}, (S, REASON)),
        ("proposal.declined", (Q,), {"request": 6, "answer": "not_needed"}, (Q, REASON)),
        ("case.closed", (C,), {"case": C, "closed_on": "2026-11-22"}, None),
        ("case.reopened", (C,), {"case": C, "closed_on": "2026-11-22"}, None),
        ("time.attested", (), {"day": "2026-11-22", "first": 5}, None),
    )  # fmt: skip
    for kind, about, body, private in acts:
        told = Private(private[0], private[1]) if private else None
        history.add(kind, (KEEPING, *about), body, told)
