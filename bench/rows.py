"""One measured thing: ours, its limit, a peer, and whether the target is met."""

from typing import Any

Row = dict[str, Any]
NEEDED = ("name", "ours", "unit", "limit", "peer", "ratio", "target", "met")


def row(
    name: str,
    ours: float,
    unit: str,
    target: float | None = None,
    *,
    limit: float | None = None,
    peer: str | None = None,
    peer_value: float | None = None,
    at_most: bool = False,
    note: str = "",
) -> Row:
    """Return a row; ``limit`` and ``peer_value`` are in the unit of ``ours``.

    ``ratio`` is ours to the peer, else ours to the limit, turned so that more is better; where
    there is neither, the target is in the unit of ``ours``.  ``at_most``: less is better.
    """
    other = peer_value if peer_value is not None else limit
    ratio = _ratio(ours, other, at_most=at_most)
    measured = ours if ratio is None else ratio
    less_is_better = at_most and ratio is None
    met = None
    if target is not None:
        met = measured <= target if less_is_better else measured >= target
    return {
        "name": name,
        "ours": ours,
        "unit": unit,
        "limit": limit,
        "peer": peer,
        "peer_value": peer_value,
        "ratio": ratio,
        "target": target,
        "at_most": less_is_better,
        "met": met,
        "note": note,
    }


def of_target(one: Row) -> float | None:
    """Return how far a row comes towards its target: 1 is met, 2 twice as good."""
    target, measured = one["target"], one["ours"] if one["ratio"] is None else one["ratio"]
    if not isinstance(target, int | float) or not isinstance(measured, int | float):
        return None
    if not target or not measured:
        return None
    return target / measured if one.get("at_most") else measured / target


def _ratio(ours: float, other: float | None, *, at_most: bool) -> float | None:
    if not other or not ours:
        return None
    return other / ours if at_most else ours / other
