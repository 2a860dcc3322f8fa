"""Measures a whole round over a press of real-sized pages: Dauys, the sum of its parts, and peers on the same press.

The parts are fetching every page with Scrapy as it comes and doing nothing with it, and reading every page without
storing it; what two cores allow is what these two would take. Shares are of processor time, which a busy machine bends
least; articles a second are wall-clock time.

usage: python -m benchmarks.end_to_end [--hosts 10] [--pages 500] [--no-peers]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.chart import bars, lines
from benchmarks.page_press import PORT, Truth, host, running, sources_toml
from benchmarks.peers.environments import HERE, PEERS, python_of
from benchmarks.section import Result, Section
from benchmarks.spending import Spent, spend

ROOT = Path(__file__).resolve().parents[1]
RIGHT = 0.9
"""F1 over words from which a text counts as the page's own."""
CORES = 2
"""Crawls side by side, and cores that the limit is reckoned for."""
OURS = "Dauys"
LATER_S = 2 * 3600
"""Seconds after the first round that the second one takes place: feeds are due then, and so are fresh articles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """One article as a crawler gave it."""

    url: str
    title: str
    text: str
    published: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """How many articles a crawler got, and what of them is right."""

    articles: int
    texts: int
    kazakh: int
    days: int
    times: int
    titles: int


def score(truths: list[Truth], got: Iterable[Got]) -> Scored:
    """Compare what a crawler gave with what the pages say."""
    by_url = {one.url: one for one in got}
    found = [(truth, by_url[truth.url]) for truth in truths if truth.url in by_url]
    right = [truth for truth, one in found if _f1(one.text, truth.text) >= RIGHT]
    return Scored(
        articles=len(found),
        texts=len(right),
        kazakh=sum(truth.language == "kk" for truth in right),
        days=sum(one.published[:10] in _days(truth) for truth, one in found),
        times=sum(_same_minute(one.published, truth.published_at) for truth, one in found),
        titles=sum(one.title.strip() == truth.title for truth, one in found),
    )


def _days(truth: Truth) -> tuple[str, ...]:
    """Return the day of publication in UTC and on the outlet's own clock: both are right."""
    when = datetime.fromisoformat(truth.published_at)
    return when.date().isoformat(), when.astimezone(ZoneInfo("Asia/Almaty")).date().isoformat()


def _same_minute(given: str, true: str) -> bool:
    try:
        when = datetime.fromisoformat(given)
    except ValueError:
        return False
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return "T" in given.replace(" ", "T") and abs((when - datetime.fromisoformat(true)).total_seconds()) < 60


def _f1(ours: str, theirs: str) -> float:
    one, other = (re.findall(r"\w+", unicodedata.normalize("NFKC", text).lower()) for text in (ours, theirs))
    common = (Counter(one) & Counter(other)).total()
    return 2 * common / (len(one) + len(other)) if common else 0.0


def _stored(archive: Path) -> list[Got]:
    with closing(sqlite3.connect(f"{archive.as_uri()}?mode=ro", uri=True)) as db:
        rows = db.execute("select url, title, text, published_at from articles").fetchall()
    return [Got(url=url, title=title or "", text=text or "", published=day or "") for url, title, text, day in rows]


def _lines(out: Path) -> list[Got]:
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()] if out.exists() else []
    return [
        Got(
            url=row["url"],
            title=row["title"] or "",
            text=row["text"] or "",
            published=(row["published"] or "").replace(" ", "T"),
        )
        for row in rows
    ]


def _read_all(folder: Path, truths: list[Truth], limit: int) -> float:
    """Return the processor seconds that reading a page takes, in a process of its own as a worker is."""
    script = (
        "import sys, json, gzip, time; from pathlib import Path; from datetime import UTC, datetime\n"
        "from zoneinfo import ZoneInfo; from archive.records import Page\n"
        "from pipelines.extract import extract, warm_up\n"
        "warm_up(); rows = json.loads(sys.stdin.read()); spent = 0.0\n"
        "for url, file in rows:\n"
        "    body = gzip.decompress(Path(file).read_bytes()); begun = time.process_time()\n"
        "    extract(Page(url=url, body=body, fetched_at=datetime.now(UTC)), zone=ZoneInfo('Asia/Almaty'))\n"
        "    spent += time.process_time() - begun\n"
        "print(spent / len(rows))\n"
    )
    step = max(1, len(truths) // limit)
    rows = [
        (one.url, str(folder / one.url.split("/", 3)[2].partition(":")[0] / one.url.split("/", 3)[3]))
        for one in truths[::step]
    ]
    done = subprocess.run(
        [sys.executable, "-c", script], input=json.dumps(rows), cwd=ROOT, capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def run(hosts: int, pages: int, *, peers: bool = True) -> Result:
    """Serve a press of `hosts` outlets with `pages` articles each, crawl it with everything, and return the tables."""
    with tempfile.TemporaryDirectory(prefix="end-to-end-") as name:
        folder = Path(name)
        (folder / "press").mkdir()
        (folder / "sources.toml").write_text(sources_toml(hosts), encoding="utf-8")
        feeds = folder / "feeds.txt"
        feeds.write_text("\n".join(f"http://{host(n)}:{PORT}/feed.xml" for n in range(hosts)), encoding="utf-8")
        with running(folder / "press", hosts, pages) as truths:
            plain = HERE / "plain_scrapy.py"
            fetch = _checked(
                "fetching alone", [sys.executable, str(plain), str(feeds), str(folder / "none.jsonl"), "fetch"]
            )
            reading = _read_all(folder / "press", truths, 400)
            ours = _crawl(folder)
            again = _crawl(folder, watch=False, later_s=LATER_S)
            got = {OURS: (ours, score(truths, _stored(folder / "archive.db")))}
            for peer in PEERS if peers else ():
                python = python_of(peer)
                if python is not None:
                    out = folder / f"{peer.name}.jsonl"
                    spent = spend(
                        [str(python), str(HERE / peer.script), str(feeds), str(out)], cwd=folder, env=os.environ
                    )
                    if spent.code:
                        print(f"{peer.name} ended with {spent.code}: {spent.out[-800:]}", file=sys.stderr)
                    got[peer.label] = (spent, score(truths, _lines(out)))
        return _told(len(truths), hosts, sum(t.language == "kk" for t in truths), fetch, reading, ours, again, got)


def _crawl(folder: Path, *, watch: bool = True, later_s: int = 0) -> Spent:
    archive, sources = folder / "archive.db", folder / "sources.toml"
    command = [sys.executable, "-m", "benchmarks.crawl_all", "--archive", str(archive), "--sources", str(sources)]
    return _checked("the crawl", [*command, "--parallel", str(CORES)], watch=watch, later_s=later_s)


def _checked(what: str, command: list[str], *, watch: bool = False, later_s: int = 0) -> Spent:
    spent = spend(command, cwd=ROOT, env={**os.environ, "DAUYS_CLOCK_OFFSET_S": str(later_s)}, watch=watch)
    if spent.code:
        raise RuntimeError(f"{what} ended with {spent.code}:\n{spent.out[-2000:]}")
    return spent


def _told(
    pages: int,
    hosts: int,
    kazakh: int,
    fetch: Spent,
    reading: float,
    ours: Spent,
    again: Spent,
    got: dict[str, tuple[Spent, Scored]],
) -> Result:
    fetching = fetch.cpu_s / pages
    whole = ours.cpu_s / pages
    parts = fetching + reading
    steady = sorted(size for _, size in ours.memory)
    middle = steady[len(steady) // 2] if steady else 0.0
    text = (
        f"{pages:,} pages on {hosts} hosts, {CORES} crawls side by side; everything is stored with text, topic, "
        "duplicate verdict, WARC and index. Start-up of every process is included.\n\n"
        "| part | CPU a page, ms |\n| --- | ---: |\n"
        f"| fetching with Scrapy as it comes, nothing done with the page | {1000 * fetching:.1f} |\n"
        f"| reading the page (extraction, all fields) | {1000 * reading:.1f} |\n"
        f"| Dauys, everything | {1000 * whole:.1f} |\n\n"
        f"The parts alone are {parts / whole:.0%} of the whole; two free cores would allow "
        f"{CORES / parts:.0f} pages a second of the parts and {CORES / whole:.0f} of everything. Measured: "
        f"{got[OURS][1].articles / ours.wall_s:.1f} articles a second on this machine, with all "
        "else that it did.\n\n"
        f"A second round two hours later, over the unchanged press, took {again.cpu_s:.1f} s of CPU, not "
        f"{ours.cpu_s:.1f}. "
        f"Memory of the whole process tree: {middle:.0f} MiB in the middle of it, {ours.peak_mib:.0f} at most.\n\n"
        "![Memory](images/performance/crawl-memory.svg)\n"
    )
    if len(got) > 1:
        rows = [
            f"| {name} | {1000 * spent.cpu_s / max(1, one.articles):.0f} | {one.articles / spent.wall_s:.1f} "
            f"| {(spent.cpu_s / max(1, one.articles)) / (ours.cpu_s / max(1, got[OURS][1].articles)):.1f} |"
            for name, (spent, one) in got.items()
        ]
        missed = [
            f"| {name} | {one.articles} | {one.texts} | {one.kazakh} of {kazakh} | {one.titles} | {one.days} "
            f"| {one.times} |"
            for name, (_, one) in got.items()
        ]
        text += (
            "\n### Beside peers\n\nEach from its published package, in an environment of its own, on the same press in "
            "the same run, politeness off, its defaults otherwise. Only Dauys also matches topics, finds duplicates, "
            "writes WARC and an index, and comes back for changes and deletions; none of the others has those.\n\n"
            "| | CPU an article, ms | articles a second | CPU against Dauys |\n| --- | ---: | ---: | ---: |\n"
            + "\n".join(rows)
            + f"\n\nOf {pages} articles:\n\n| | got | text right | Kazakh text right | title | day | time of day |\n"
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n" + "\n".join(missed) + "\n\n"
            "![Peers](images/performance/peers.svg)\n"
        )
    return Result(
        text=text,
        charts={
            "crawl-memory": lines(
                "Memory of the process tree over a crawl", {"MiB": ours.memory}, x="seconds", y="MiB"
            ),
            "peers": bars(
                "CPU an article, milliseconds",
                [
                    (name.partition(",")[0], 1000 * spent.cpu_s / max(1, one.articles))
                    for name, (spent, one) in got.items()
                ],
                ours=OURS,
            ),
        },
    )


SECTION = Section(
    name="end-to-end",
    title="A whole round, and peers",
    about="`python -m benchmarks.end_to_end`: a press on loopback that serves real-sized pages (some 170 kB, 600 "
    "elements) as fast as it is asked, gzipped, with validators.",
    run=lambda quick: run(8, 50) if quick else run(10, 500),
)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=10)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--no-peers", action="store_true")
    options = parser.parse_args()
    print(run(options.hosts, options.pages, peers=not options.no_peers).text)


if __name__ == "__main__":
    main()
