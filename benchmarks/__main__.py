"""`make bench`: run the benchmarks and write docs/performance.md. QUICK=1 measures less and takes minutes.

Sections that are not named keep what the page says of them, so that one can be measured again alone; those that take
longer than all others together run only where they are named. A section that fails keeps what the page said of it too,
the others go on, and the exit code is 1.

usage: python -m benchmarks [SECTION ...] [--quick] [--list]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    beside_peers,
    crowd,
    dedupe_scale,
    end_to_end,
    endurance,
    export_scale,
    extraction,
    growth,
    importing,
    keeping,
    killable,
    million,
    poll,
    warc,
)
from benchmarks.machine import busy, describe
from benchmarks.section import Section, assemble, read_parts, written

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
CHARTS = PAGE.parent / "images" / "performance"

SECTIONS: tuple[Section, ...] = (
    extraction.SECTION,
    killable.SECTION,
    end_to_end.SECTION,
    beside_peers.SECTION,
    endurance.SECTION,
    poll.SECTION,
    dedupe_scale.SECTION,
    growth.SECTION,
    million.SECTION,
    warc.SECTION,
    keeping.SECTION,
    crowd.SECTION,
    importing.SECTION,
    export_scale.SECTION,
)
"""In the order of the page."""

HEAD = """# Performance

Written by `make bench` (`QUICK=1 make bench` for a look in minutes, `python -m benchmarks NAME` for one section).

**Method.** Every figure stands beside a baseline measured in the same run on the same machine, turn about, and the
ratio is what counts. Cost is processor time (`getrusage`, children included) where nothing is said, because it is what
other work on a machine bends least; articles a second are wall-clock time. Servers are on loopback, politeness is
off for every crawler alike, and nothing that is compared is warmed more than the other. Timings are never asserted in
tests; counts (requests, bytes, statements, parses) are.

"""


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [section.name for section in SECTIONS]
    parser.add_argument("section", nargs="*", metavar="SECTION", help=f"one of: {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", default=os.environ.get("QUICK", "") not in ("", "0"))
    parser.add_argument("--list", action="store_true", help="name the sections")
    options = parser.parse_args()
    if unknown := set(options.section) - set(names):
        parser.error(f"no section {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    if options.list:
        print("\n".join(f"{one.name}: {one.title}{' (only by name)' * one.by_name}" for one in SECTIONS))
        return
    chosen = [one for one in SECTIONS if (one.name in options.section if options.section else not one.by_name)]
    taken = {one.name: _measure(one, quick=options.quick, of=f"{at}/{len(chosen)}") for at, one in enumerate(chosen, 1)}
    failed = [name for name, (_, whole) in taken.items() if not whole]
    for name, (took, whole) in taken.items():
        _tell(f"{took:7.0f} s  {name}{'' if whole else '  FAILED'}")
    _tell(f"{sum(took for took, _ in taken.values()):7.0f} s  in all")
    print(PAGE)
    if failed:
        _tell(f"these sections failed and stand as they stood: {', '.join(failed)}")
        sys.exit(1)


def _measure(section: Section, *, quick: bool, of: str) -> tuple[float, bool]:
    """Measure a section and write it to the page; return the seconds it took and whether it came to its end."""
    _tell(f"[{of}] {section.name}: {section.title}")
    begun, load = time.monotonic(), busy()
    try:
        result = section.run(quick)
    except (Exception, SystemExit):
        # one that cannot be measured here must not take the others along
        traceback.print_exc()
        return time.monotonic() - begun, False
    took = time.monotonic() - begun
    when = f"{datetime.now(UTC):%d %B %Y}{', quick' * quick}, in {took:.0f} s, load {load:.1f} at the start"
    for name, svg in result.charts.items():
        CHARTS.mkdir(parents=True, exist_ok=True)
        (CHARTS / f"{name}.svg").write_text(svg, encoding="utf-8")
    # after each section: a run that is broken off has not been for nothing
    parts = read_parts(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    parts[section.name] = written(section, result, when)
    PAGE.write_text(assemble(HEAD + describe() + "\n", SECTIONS, parts), encoding="utf-8")
    _tell(f"[{of}] {section.name}: {took:.0f} s")
    return took, True


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
