"""Measures peers and Dauys on one press: what an article costs each, what is right of it, and who remembers it.

Each peer is its published package in an environment of its own, politeness off, its defaults otherwise. Then the press
changes: some texts are corrected, some pages removed, and everybody comes back in his own usual way with what he keeps.

usage: python -m benchmarks.beside_peers [--hosts 4] [--pages 100] [--returning 30]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks import press_changes
from benchmarks.chart import bars
from benchmarks.peers.environments import HERE, PEERS, Peer, python_of
from benchmarks.press_server import Served, running
from benchmarks.rounds import ARCHIVE, crawl, listed
from benchmarks.scoring import Edit, Remembered, Scored, lines_of, remembered, removals, score, stored, versions
from benchmarks.section import Result, Section
from benchmarks.spending import Spent, spend

OURS = "Dauys"
RETURN_HOSTS = 2
RETURNS_S = (2 * 3600, 4 * 3600)
"""When Dauys comes back: a page has to be gone at two looks, an hour apart at least."""
OUR_NOTE = "versions of every article, and removals that the site itself has told twice"


def run(hosts: int, pages: int, returning: int) -> Result:
    """Crawl a press of `hosts` outlets with `pages` articles each by everybody, then a smaller one that changes."""
    with ThreadPoolExecutor(len(PEERS)) as installing:
        pythons = list(installing.map(python_of, PEERS))
    peers = [(peer, python) for peer, python in zip(PEERS, pythons, strict=True) if python is not None]
    missing = [peer.label for peer in PEERS if peer not in [one for one, _ in peers]]
    parts = [_first_visit(peers, hosts, pages), _return_visit(peers, returning)]
    if missing:
        parts.append(Result(text=f"Could not be installed here: {', '.join(missing)}."))
    return Result(
        text="\n\n".join(part.text for part in parts),
        charts={name: svg for part in parts for name, svg in part.charts.items()},
    )


def _first_visit(peers: list[tuple[Peer, Path]], hosts: int, pages: int) -> Result:
    got: dict[str, tuple[Spent, Scored]] = {}
    with tempfile.TemporaryDirectory(prefix="peers-") as name:
        folder = Path(name)
        with running(folder / "press", hosts, pages) as served:
            truths = served.truths
            feeds = listed(folder, hosts)
            spent = crawl(folder)
            got[OURS] = (spent, score(truths, stored(folder / ARCHIVE)))
            for peer, python in peers:
                spent = _peer(peer, python, feeds)
                got[peer.label] = (spent, score(truths, lines_of(_out(folder, peer))))
    kazakh = sum(truth.language == "kk" for truth in truths)
    costs = {name: spent.cpu_s / max(1, one.articles) for name, (spent, one) in got.items()}
    rates = {name: one.articles / spent.wall_s for name, (spent, one) in got.items()}
    rows = [
        f"| {name} | {1000 * costs[name]:.0f} | {rates[name]:.1f} | {costs[name] / costs[OURS]:.1f} "
        f"| {rates[OURS] / max(rates[name], 1e-9):.1f} |"
        for name in got
    ]
    right = [
        f"| {name} | {one.articles} | {one.texts} | {one.kazakh} of {kazakh} | {one.titles} | {one.days} "
        f"| {one.times} |"
        for name, (_, one) in got.items()
    ]
    return Result(
        text=f"{len(truths)} pages on {hosts} hosts, everybody once from an empty store. Only Dauys also matches "
        "topics, finds duplicates, and writes WARC and an index: that is in its figures.\n\n"
        "| | CPU an article, ms | articles a second | CPU against Dauys | Dauys is faster, times |\n"
        "| --- | ---: | ---: | ---: | ---: |\n"
        + "\n".join(rows)
        + f"\n\nOf {len(truths)} articles:\n\n| | got | text right | Kazakh text right | title | day | time of day |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n" + "\n".join(right) + "\n\n"
        "![Peers](images/performance/peers.svg)",
        charts={
            "peers": bars(
                "CPU an article, milliseconds",
                [(name.partition(",")[0], 1000 * cost) for name, cost in costs.items()],
                ours=OURS,
            ),
        },
    )


def _return_visit(peers: list[tuple[Peer, Path]], pages: int) -> Result:
    found: dict[str, Remembered] = {}
    with tempfile.TemporaryDirectory(prefix="returning-") as name:
        folder = Path(name)
        with running(folder / "press", RETURN_HOSTS, pages) as served:
            feeds = listed(folder, RETURN_HOSTS)
            crawl(folder)
            for peer, python in peers:
                _peer(peer, python, feeds, memory=True)
            edits, removed = _change(served)
            for later_s in RETURNS_S:
                crawl(folder, later_s=later_s)
            kept, gone = versions(folder / ARCHIVE), removals(folder / ARCHIVE)
            found[OURS] = remembered(served.truths, edits, removed, kept, gone)
            for peer, python in peers:
                _peer(peer, python, feeds, memory=True)
                # none of them has a place where it would say that a page is gone
                found[peer.label] = remembered(served.truths, edits, removed, lines_of(_out(folder, peer)), set())
    untouched = len(served.truths) - len(edits) - len(removed)
    notes = {OURS: OUR_NOTE, **{peer.label: peer.keeps for peer, _ in peers}}
    rows = [
        f"| {name.partition(',')[0]} | {one.new} | {one.both} | {one.unchanged_twice} of {untouched} | **{one.told}** "
        f"| **{one.removals}** | {notes[name]} |"
        for name, one in found.items()
    ]
    return Result(
        text="### Who remembers\n\n"
        f"Another press of {len(served.truths)} pages: after the first visit a paragraph of {len(edits)} pages is "
        f"replaced and {len(removed)} pages are removed (404, 410), and everybody comes back to the same addresses in "
        "his own usual way, with his own store; Dauys two and four hours later, as its schedule has it. A change is "
        "told where old and new text are both kept and pages that nobody touched are not kept twice as well.\n\n"
        f"| | new text got, of {len(edits)} | old text kept beside it | unchanged pages kept twice | changes told "
        f"| removals told, of {len(removed)} | what is kept |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | --- |\n" + "\n".join(rows)
    )


def _change(served: Served) -> tuple[list[Edit], list[str]]:
    """Change two in five pages and remove one in five of each language's; serve that."""
    edits = press_changes.edit(served.folder, [one for at, one in enumerate(served.truths) if at % 5 in (1, 3)])
    removed = [one.url for at, one in enumerate(served.truths) if at % 5 == 2]
    press_changes.remove(served.folder, removed)
    served.again()
    return edits, removed


def _out(folder: Path, peer: Peer) -> Path:
    return folder / f"{peer.name}.jsonl"


def _peer(peer: Peer, python: Path, feeds: Path, *, memory: bool = False) -> Spent:
    """Let a peer crawl, with what it keeps in a folder of its own beside the `feeds` where it comes back."""
    folder = feeds.parent
    own = folder / peer.name
    own.mkdir(exist_ok=True)
    command = [str(python), str(HERE / peer.script), str(feeds), str(_out(folder, peer))]
    if memory and peer.remembers:
        command.append(str(own / "kept"))
        (own / "kept").mkdir(exist_ok=True)
    spent = spend(command, cwd=folder, env={**os.environ, "TMPDIR": str(own)})
    print(f"    {peer.name}: {spent.wall_s:.0f} s", file=sys.stderr, flush=True)
    if spent.code:
        print(f"{peer.name} ended with {spent.code}: {spent.out[-800:]}", file=sys.stderr)
    return spent


SECTION = Section(
    name="peers",
    title="Beside peers",
    about="`python -m benchmarks.beside_peers`: each from its published package, in an environment of its own, on the "
    "same press in the same run, politeness off, its defaults otherwise; start-up is included for everybody.",
    run=lambda quick: run(4, 10, 5) if quick else run(4, 100, 30),
)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=4)
    parser.add_argument("--pages", type=int, default=100, help="articles of each host")
    parser.add_argument("--returning", type=int, default=30, help="articles of each host of the press that changes")
    options = parser.parse_args()
    print(run(options.hosts, options.pages, options.returning).text)


if __name__ == "__main__":
    main()
