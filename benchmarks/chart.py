"""Draws the charts of docs/performance.md as plain SVG: bars for ratios, lines for curves, on dark and light."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import floor, log10

WIDTH = 720
ROW = 30
LABEL = 250
COLOURS = ("#2b7bba", "#d9772b", "#3a9a5b", "#9b59b6")
_STYLE = (
    "<style>text{font:13px system-ui,sans-serif;fill:#333}.axis{stroke:#999;stroke-width:1}"
    ".grid{stroke:#bbb;stroke-width:.5}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>"
)


def bars(title: str, values: Sequence[tuple[str, float]], *, unit: str = "", ours: str = "") -> str:
    """Return horizontal bars of (label, value); the bar labelled `ours` is drawn in another colour."""
    longest = max((value for _, value in values), default=0) or 1
    room = WIDTH - LABEL - 90
    parts = []
    for row, (label, value) in enumerate(values):
        y = 40 + row * ROW
        colour = COLOURS[1] if label == ours else COLOURS[0]
        parts.append(
            f'<text x="{LABEL - 8}" y="{y + 15}" text-anchor="end">{escape(label)}</text>'
            f'<rect x="{LABEL}" y="{y}" width="{max(1, room * value / longest):.1f}" height="20" fill="{colour}"/>'
            f'<text x="{LABEL + 6 + room * value / longest:.1f}" y="{y + 15}">{_number(value)}{escape(unit)}</text>'
        )
    return _svg(title, 50 + len(values) * ROW, parts)


def lines(
    title: str, series: Mapping[str, Sequence[tuple[float, float]]], *, x: str, y: str, log_x: bool = False
) -> str:
    """Return curves of (x, y) points, the y axis from zero; `x` and `y` name the axes with their units."""
    height, left, top, bottom = 320, 70, 50, 270
    points = [point for curve in series.values() for point in curve]
    if not points:
        return _svg(title, height, [])
    low, high = min(at for at, _ in points), max(at for at, _ in points)
    peak = _round_up(max(value for _, value in points))

    def across(at: float) -> float:
        share = (
            (log10(max(at, 1)) - log10(max(low, 1))) / ((log10(max(high, 1)) - log10(max(low, 1))) or 1)
            if log_x
            else (at - low) / ((high - low) or 1)
        )
        return left + share * (WIDTH - left - 30)

    def up(value: float) -> float:
        return bottom - (bottom - top) * value / peak

    parts = []
    for step in range(5):
        value = peak * step / 4
        parts.append(
            f'<line class="grid" x1="{left}" x2="{WIDTH - 30}" y1="{up(value):.1f}" y2="{up(value):.1f}"/>'
            f'<text x="{left - 6}" y="{up(value) + 4:.1f}" text-anchor="end">{_number(value)}</text>'
        )
    parts.append(f'<line class="axis" x1="{left}" x2="{WIDTH - 30}" y1="{bottom}" y2="{bottom}"/>')
    for at, anchor in ((low, "start"), (high, "end")):
        parts.append(f'<text x="{across(at):.1f}" y="{bottom + 18}" text-anchor="{anchor}">{_number(at)}</text>')
    parts.append(f'<text x="{(left + WIDTH) / 2:.0f}" y="{bottom + 36}" text-anchor="middle">{escape(x)}</text>')
    parts.append(f'<text x="8" y="{top - 10}">{escape(y)}</text>')
    for number, (name, curve) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{across(at):.1f},{up(value):.1f}" for at, value in curve)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x_at = WIDTH - 30 - 170 * (len(series) - 1 - number)
        parts.append(f'<text x="{x_at}" y="{top - 10}" text-anchor="end" style="fill:{colour}">{escape(name)}</text>')
    return _svg(title, height, parts)


def _svg(title: str, height: int, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
        f"<title>{escape(title)}</title>{_STYLE}"
        f'<text x="8" y="20" style="font-weight:600">{escape(title)}</text>{"".join(parts)}</svg>\n'
    )


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def _round_up(value: float) -> float:
    if value <= 0:
        return 1
    unit = 10 ** floor(log10(value))
    return next(float(step * unit) for step in (1, 2, 4, 5, 8, 10) if step * unit >= value)
