"""One entry of every type about the keeping of the station, as docs/formats.md has them."""

from evidence.codec import format_time
from evidence.entry import Private
from evidence.keeping import KEEPING

H, Q, C, P = "h:" + "a" * 32, "q:" + "3" * 32, "c:" + "5" * 64, "p:" + "2" * 32
U, S, GONE, X = "u:" + "6" * 32, "s:" + "9" * 64, "s:" + "8" * 64, "x:" + "d" * 32
PACK = {"name": "jinzhong", "version": "1"}
REASON = {"reason": "because"}


def add_every_keeping(history):
    """Add an entry of every type from policy.proposed on, in the order of the types."""
    at = format_time(history.now)
    scope = {"kind": "segments", "segments": [S], "of": None, "since": None, "until": None}
    window = {"kind": "window", "segments": None, "of": P, "since": at, "until": None}
    hold = {"hold": H, "reason": "dispute", "article": "17(2)", "scope": scope, "answers": 7}
    placed = {"reference": "2026-7", "words": "", "attachment": None}
    disposal, by_time = {"disposal": X}, {"now": at, "source": "attested"}
    listed = {
        "act": X, "part": 0, "parts": 1, "count": 1, "bytes": 5, "root": "00", "law": ["17"],
        "policies": [3], "warning_until": at,
    }  # fmt: skip
    week = {
        "unit": U, "week": "2026-W47", "since": at, "until": at, "late_after_s": 28800,
        "zone": "Asia/Shanghai", "counted_at": at,
        **dict.fromkeys(("segments", "bytes", "dockings", "late", "unlabelled"), 1),
        "open_gaps": 0, "out": 1, "more": 0, "closes_again": None,
        "missing": [{"what": "recorder", "id": "r:" + "4" * 64, "because": "not_returned"}],
        "checkpoint": {"size": 5, "root": "0" * 64},
    }  # fmt: skip
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
        ("disposal.proposed", (X, S), {**disposal, **by_time, **listed}, (X, REASON)),
        ("disposal.approved", (X,), {**disposal, **by_time, "proposed": 5, "undo_until": at},
         (X, REASON)),
        ("disposal.undone", (X,), disposal, (X, REASON)),
        ("disposal.decided", (X,), {**disposal, "count": 1}, None),
        ("segment.disposed", (X, GONE), {**disposal, **by_time, "sha256": GONE[2:], "grounds": []},
         None),
        ("segment.spared", (X, S), {**disposal, "because": ["held"]}, None),
        ("disposal.executed", (X, GONE), {**disposal, "segments": []}, None),
        ("disposal.done", (X,), {**disposal, "disposed": 1, "spared": 1}, None),
        ("week.closed", (U,), week, None),
        ("alarm.acknowledged", (S,), {"alarm": 5, "same": "0" * 64, "answer": "known",
         "audit": None}, (S, {"words": "because"})),
    )  # fmt: skip
    for kind, about, body, private in acts:
        told = Private(private[0], private[1]) if private else None
        history.add(kind, (KEEPING, *about), body, told)
