"""Measures how an archive of thousands fills, and how long the site and the command line take to answer, both small.

The same as `benchmarks.million`, in a size that is made anew at every run of all benchmarks.

usage: python -m benchmarks.growth [--quick]
"""

from __future__ import annotations

import argparse

from benchmarks import million
from benchmarks.section import Result, Section


def _run(quick: bool) -> Result:
    if quick:
        return million.run(through_store=500, sizes=(2_000,), repeat=3, cli_runs=2)
    return million.run(through_store=5_000, sizes=(3_000, 15_000), repeat=9, cli_runs=4)


SECTION = Section(
    name="growth",
    title="An archive of thousands",
    about="`python -m benchmarks.growth`: a synthetic archive of sixty outlets and ten years in three languages, "
    "filled through the store, and what the site takes to answer; the next section has a larger one.",
    run=_run,
)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    print(_run(parser.parse_args().quick).text)


if __name__ == "__main__":
    main()
