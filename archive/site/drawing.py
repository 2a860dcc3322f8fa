"""Where things stand in the site's drawings: the lanes of a story's timeline and the map of who copied whom.

Geometry alone, in units of the drawing; the templates write the SVG, so that every name is escaped there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, hypot, pi, sin, sqrt
from typing import Any

from archive.times import parsed

WIDTH = 1000
LANE = 34
LABEL = 220
"""Width that the names of outlets have beside the lanes."""
STEPS = tuple(
    timedelta(minutes=m) for m in (5, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7 * 1440, 30 * 1440, 365 * 1440)
)
MAX_LANES = 40
MAX_NODES = 36
"""Outlets that the map has room for; the table below it has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One article on the timeline; `row` is its place in the list of members."""

    x: float
    y: float
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Lanes of outlets over time. `ticks` are positions with minutes since the first article."""

    width: int
    height: int
    left: int
    lanes: tuple[tuple[str, float], ...]
    dots: tuple[Dot, ...]
    ticks: tuple[tuple[float, float], ...]


def timeline(members: Sequence[Mapping[str, Any]]) -> Timeline | None:
    """Place the articles of a story that have a time, the first outlet on top; None where fewer than two have one."""
    timed = [
        (row, parsed(str(member["published_at"])), str(member["source"]))
        for row, member in enumerate(members)
        if member["published_at"] and len(str(member["published_at"])) > 10
    ]
    if len(timed) < 2:
        return None
    timed.sort(key=lambda one: one[1])
    start, end = timed[0][1], timed[-1][1]
    length = max(end - start, timedelta(minutes=10))
    names = list(dict.fromkeys(source for _, _, source in timed))[:MAX_LANES]
    lanes = {name: 22.0 + LANE * at for at, name in enumerate(names)}
    room = WIDTH - LABEL - 24

    def across(moment: datetime) -> float:
        return round(LABEL + room * ((moment - start) / length), 1)

    step = next((one for one in STEPS if length / one <= 8), length / 8)
    ticks = [(across(start + step * n), step * n / timedelta(minutes=1)) for n in range(int(length / step) + 1)]
    return Timeline(
        width=WIDTH,
        height=LANE * len(names) + 40,
        left=LABEL,
        lanes=tuple(lanes.items()),
        dots=tuple(Dot(x=across(at), y=lanes[name], row=row) for row, at, name in timed if name in lanes),
        ticks=tuple(ticks),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One outlet on the map; `anchor` is the side its name is written to."""

    id: str
    x: float
    y: float
    radius: float
    label_x: float
    label_y: float
    anchor: str
    copied: int
    copies: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """An arrow from the outlet that was first to the one that copied."""

    source: str
    target: str
    path: str
    head: str
    width: float
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """Outlets on a circle and the arrows between them; `left_out` is how many had no room."""

    width: int
    height: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    left_out: int


def map_of(pairs: Sequence[Mapping[str, Any]]) -> Map:
    """Draw who copied whom; `pairs` have first_source, copied_by and articles, the most first."""
    copied: Counter[str] = Counter()
    copies: Counter[str] = Counter()
    for pair in pairs:
        copied[pair["first_source"]] += pair["articles"]
        copies[pair["copied_by"]] += pair["articles"]
    busiest = [name for name, _ in (copied + copies).most_common(MAX_NODES)]
    order = _round(busiest, pairs)
    height, cx, cy = 660, WIDTH / 2, 330
    ring = 235.0
    most = max((copied + copies).values(), default=1)
    places: dict[str, tuple[float, float, float, float]] = {}
    nodes = []
    for at, name in enumerate(order):
        angle = -pi / 2 + 2 * pi * at / len(order)
        x, y = cx + ring * 1.15 * cos(angle), cy + ring * sin(angle)
        radius = 7 + 19 * sqrt((copied[name] + copies[name]) / most)
        places[name] = (x, y, radius, angle)
        out = radius + 9
        side = cos(angle)
        nodes.append(
            Node(
                id=name, x=_r(x), y=_r(y), radius=_r(radius),
                label_x=_r(x + out * side), label_y=_r(y + (out + 8) * sin(angle) + 5),
                anchor="middle" if abs(side) < 0.2 else "start" if side > 0 else "end",
                copied=copied[name], copies=copies[name],
            )
        )  # fmt: skip
    top = max((pair["articles"] for pair in pairs), default=1)
    edges = tuple(
        _edge(pair, places, (cx, cy), 1.5 + 8.5 * sqrt(pair["articles"] / top), row)
        for row, pair in enumerate(pairs)
        if pair["first_source"] in places and pair["copied_by"] in places
    )
    return Map(width=WIDTH, height=height, nodes=tuple(nodes), edges=edges, left_out=len(copied + copies) - len(order))


def _round(names: Iterable[str], pairs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return names in an order that seats those side by side that copy each other most, the rest by weight."""
    left = list(names)
    if not left:
        return []
    weight: Counter[frozenset[str]] = Counter()
    for pair in pairs:
        weight[frozenset((pair["first_source"], pair["copied_by"]))] += pair["articles"]
    seated = [left.pop(0)]
    while left:
        last = seated[-1]
        following = max(left, key=lambda name: weight[frozenset((last, name))])
        left.remove(following)
        seated.append(following)
    return seated


def _edge(
    pair: Mapping[str, Any],
    places: Mapping[str, tuple[float, float, float, float]],
    middle: tuple[float, float],
    width: float,
    row: int,
) -> Edge:
    (x1, y1, r1, _), (x2, y2, r2, _) = places[pair["first_source"]], places[pair["copied_by"]]
    # the curve bends towards the middle, and to one side, so that both directions can be told apart
    mx, my = (x1 + x2) / 2, (y1 + y2) / 2
    length = hypot(x2 - x1, y2 - y1) or 1
    bend = 26
    qx = mx + (middle[0] - mx) * 0.45 + (y2 - y1) / length * bend
    qy = my + (middle[1] - my) * 0.45 - (x2 - x1) / length * bend
    sx, sy = _towards((x1, y1), (qx, qy), r1 + 2)
    size = 7 + width * 0.9
    tx, ty = _towards((x2, y2), (qx, qy), r2 + 3)
    ex, ey = _towards((x2, y2), (qx, qy), r2 + 3 + size)
    ux, uy = (tx - ex) / size, (ty - ey) / size
    half = size * 0.55
    head = f"M{_r(tx)} {_r(ty)}L{_r(ex - uy * half)} {_r(ey + ux * half)}L{_r(ex + uy * half)} {_r(ey - ux * half)}Z"
    return Edge(
        source=pair["first_source"],
        target=pair["copied_by"],
        path=f"M{_r(sx)} {_r(sy)}Q{_r(qx)} {_r(qy)} {_r(ex)} {_r(ey)}",
        head=head,
        width=_r(width),
        row=row,
    )


def _towards(point: tuple[float, float], aim: tuple[float, float], by: float) -> tuple[float, float]:
    dx, dy = aim[0] - point[0], aim[1] - point[1]
    length = hypot(dx, dy) or 1
    return point[0] + dx / length * by, point[1] + dy / length * by


def _r(value: float) -> float:
    return round(value, 1)
