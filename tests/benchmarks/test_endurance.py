"""The curve of memory over many pages: what counts as steady, whether it grows, and that no peak is hidden."""

from __future__ import annotations

import pytest

from benchmarks.endurance import Curve


def test_growth_is_told_in_mib_over_ten_thousand_pages() -> None:
    """The first tenth, while all is loaded, and what follows the last page are not in it; the peak is that of all."""
    rising = [(float(at), 300 + at / 1_000) for at in range(5_000, 50_000, 500)]
    curve = Curve(points=((0.0, 20.0), (100.0, 900.0), *rising, (50_000.0, 30.0)), pages=50_000)
    assert curve.slope == pytest.approx(10.0)
    assert curve.median_mib == pytest.approx(327.25)
    assert curve.most_mib == 900.0


def test_a_thinned_curve_has_every_peak() -> None:
    """Of each stretch the largest stays."""
    points = tuple((float(at), 500.0 if at == 777 else 300.0) for at in range(2_000))
    thinned = Curve(points=points, pages=2_000).thinned(100)
    assert len(thinned) <= 100
    assert (777.0, 500.0) in thinned
