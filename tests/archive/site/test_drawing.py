"""Drawings hold what they draw, whatever is drawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from archive.site.drawing import MAX_NODES, map_of, timeline
from archive.times import stored

outlets = st.sampled_from([f"o{n}" for n in range(60)])
pairs = st.lists(
    st.fixed_dictionaries({"first_source": outlets, "copied_by": outlets, "articles": st.integers(1, 5000)}),
    max_size=80,
    unique_by=lambda pair: (pair["first_source"], pair["copied_by"]),
).map(lambda found: [pair for pair in found if pair["first_source"] != pair["copied_by"]])
times = st.integers(0, 10**9).map(lambda s: stored(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s)))


@settings(deadline=None, max_examples=50)
@given(pairs)
def test_every_outlet_and_arrow_is_inside_the_map(found: list[dict[str, Any]]) -> None:
    drawn = map_of(found)
    assert len(drawn.nodes) <= MAX_NODES
    names = {node.id for node in drawn.nodes}
    assert len(names) + drawn.left_out == len({one for p in found for one in (p["first_source"], p["copied_by"])})
    for node in drawn.nodes:
        assert node.radius <= node.x <= drawn.width - node.radius
        assert node.radius <= node.y <= drawn.height - node.radius
    assert all({edge.source, edge.target} <= names for edge in drawn.edges)
    if not drawn.left_out:
        assert len(drawn.edges) == len(found)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.none() | times | st.just("2026-03-10"), st.sampled_from("abcdef")), max_size=30))
def test_every_dot_stands_on_the_line_of_its_outlet_in_order_of_time(rows: list[tuple[str | None, str]]) -> None:
    members = [{"published_at": at, "source": source} for at, source in rows]
    drawn = timeline(members)
    timed = [at for at, _ in rows if at and len(at) > 10]
    if drawn is None:
        assert len(timed) < 2
        return
    lanes = dict(drawn.lanes)
    assert len(drawn.dots) == len(timed)
    for dot in drawn.dots:
        assert drawn.left <= dot.x <= drawn.width
        assert lanes[rows[dot.row][1]] == dot.y <= drawn.height
    assert [dot.x for dot in drawn.dots] == sorted(dot.x for dot in drawn.dots)
    assert all(drawn.left <= x <= drawn.width for x, _ in drawn.ticks)
