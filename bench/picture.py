"""The table as a picture: how far every measured thing comes towards its target."""

from collections.abc import Sequence
from html import escape
from math import log10

from bench.rows import Row, of_target

WIDTH, LINE, TOP = 900, 24, 56
LABELS, BARS = 430, 330  # columns, in pixels
MET, MISSED, PLAIN = "#2e7d5b", "#c0552d", "#7a869a"
DECADE = 1.0  # the axis goes from a tenth of the target to ten times it


def draw(rows: Sequence[Row]) -> str:
    """Return an SVG: one bar a row, the line in the middle is the target."""
    shown = [(one, part) for one in rows if (part := of_target(one)) is not None]
    height = TOP + LINE * len(shown) + 16
    middle = LABELS + BARS / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(16, 24, "Dockseal, measured: every bar against its target", size=15),
        _text(middle, TOP - 10, "target", anchor="middle"),
    ]
    for number, (one, part) in enumerate(shown):
        parts += _bar(one, part, TOP + LINE * number, middle)
    parts.append(
        f'<line x1="{middle}" x2="{middle}" y1="{TOP - 4}" y2="{height - 12}" stroke="#1d2733"/>'
    )
    return "\n".join([*parts, "</svg>", ""])


def _bar(one: Row, part: float, y: int, middle: float) -> list[str]:
    reach = max(-DECADE, min(DECADE, log10(part))) * BARS / 2 / DECADE
    x, width = min(middle, middle + reach), max(abs(reach), 1)
    colour = PLAIN if one["met"] is None else MET if one["met"] else MISSED
    told = f"{figure(one['ours'])} {one['unit']}"
    return [
        _text(LABELS - 12, y + 16, str(one["name"]), anchor="end"),
        f'<rect x="{x:.1f}" y="{y + 4}" width="{width:.1f}" height="{LINE - 8}" fill="{colour}"/>',
        _text(LABELS + BARS + 12, y + 16, told if one["met"] else f"{told}  missed"),
    ]


def figure(value: object) -> str:
    """Return a number with three digits that count; what is none, as it is."""
    if not isinstance(value, int | float):
        return "" if value is None else str(value)
    if abs(value) >= 1000:  # noqa: PLR2004 - from here on whole numbers
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 12) -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" '
        f'font-family="system-ui, sans-serif" fill="#1d2733">'
        f"{escape(text)}</text>"
    )
