"""Runs stock Scrapy with trafilatura over each way in which a server misbehaves, and writes docs/hostile.md.

usage: python -m benchmarks.hostile [--minutes 60] [--again] [--only NAME ...] [--page]

Each case of `tests/hostile` is crawled alone beside twenty good pages by the stock crawl, within limits of processor
time and 2 GB of address space; what ours makes of it is what the tests hold. What was measured is kept, case by case,
in benchmarks/hostile_stock.jsonl, so that a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import psutil

from tests.hostile.case import Case
from tests.hostile.cases import CASES
from tests.hostile.crawling import Memory, Source
from tests.hostile.press import GOOD
from tests.mockserver import MockServer

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "hostile.md"
KEPT = Path(__file__).with_name("hostile_stock.jsonl")
CPU_S = 12
"""Seconds of processor time for the stock crawl of one case; the good pages alone take three."""
IDLE_S = 30.0
"""Seconds by the clock after which a crawl that does nothing is ended: it waits, and would for minutes."""
CLOCK_S = 150.0
"""Seconds by the clock after which any is ended, on a busy machine."""
WORKING_SHARE = 0.05
"""Share of a core below which a crawl counts as waiting."""
STOCK_BYTES = 2 * 1024**3
STALL_S = 1.0
LARGE_MIB = 500
NOT_COMPARABLE = {"rebinding": "not measured: it takes a name server of one's own"}
End = Literal["ended", "processor", "memory", "waits", "died"]
TOLD: Mapping[End, str] = {
    "ended": "",
    "processor": f"**stopped after {CPU_S} s of processor time**",
    "memory": "**ended by the limit of 2 GB**",
    "waits": f"still waiting after {IDLE_S:.0f} s",
    "died": "**died**",
}
PLAIN = {"IgnoreRequest": "forbidden by robots.txt", "list": "read"}
SOUND = {
    "whole": "with all of its text",
    "readable": "legible, without control characters",
    "plausible": "without that date",
    "own": "under its own address, without the others",
    "no_script": "without the script",
    "short": "with the title cut short",
}
"""What the check of a stored article holds, by its name."""
UNSOUND = {
    "whole": "without a part of its text",
    "words": "without the article's own text",
    "readable": "garbled or with control characters",
    "plausible": "with the date {published_at}",
    "own": "with an address that leads away",
    "no_script": "with the script in it",
    "short": "with a title of {title_length:,} characters",
}
"""What is wrong with an article that does not pass the check that ours has to pass, by the name of the check."""
INTRODUCTION = """# Hostile servers

What a server can send, and what becomes of it. Each row is a site that misbehaves in one way, crawled beside one with
{good} good pages; the sites are in `tests/hostile/`.

**Ours** is what the tests demand: outcome and reason as recorded in `links` or `entries`. With each, all good pages are
stored, the event loop is never held up for a second, the processes together stay under 500 MB and the crawl ends by
itself. [SECURITY.md](../SECURITY.md) says what is promised.

**Stock** is Scrapy {scrapy} as it comes with trafilatura {trafilatura} in the callback, feedparser for feeds, Scrapy's
own sitemap spider and link extractor, robots.txt obeyed, measured {when}. It had {cpu} seconds of processor time and
2 GB of address space a case, and was ended when it had done nothing but wait for {idle:.0f} seconds (its time-out is
three minutes, tried three times). Told are what became of the bad page or list, how many good pages were stored where
it was not all of them, the longest stall of the event loop above a second, memory above 500 MB, and how the crawl ended
where it did not by itself. 'Stored' is no praise where the page is a bomb, a forbidden one or one that only seems
whole; where a private address was asked, what answered is the measuring machine's affair.

{summary}

Written by `make hostile`, which measures the stock crawl of what benchmarks/hostile_stock.jsonl has not.

| case | stock Scrapy and trafilatura | ours |
|---|---|---|
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What a stock crawl came to. `stall_s` is the longest stall, in seconds; the last one may have had no end."""

    outcome: str
    good: int
    end: End
    peak_mib: float
    stall_s: float

    def cell(self) -> str:
        """Return the cell of the table."""
        said = [self.outcome]
        if self.good < GOOD:
            said.append(f"{self.good} of {GOOD} good pages")
        if self.stall_s >= STALL_S:
            said.append(f"stall of {self.stall_s:.0f} s")
        if self.peak_mib >= LARGE_MIB:
            said.append(f"{self.peak_mib:,.0f} MB")
        return "; ".join(filter(None, [*said, TOLD[self.end]]))


def run_stock(case: Case) -> Stock:
    """Crawl one case with stock tools."""
    with MockServer() as web, tempfile.TemporaryDirectory() as folder:
        source = Source(web, [case])
        bad = source.sites[case.name].url(case.path)
        results = Path(folder) / "results"
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.stock_crawl", case.kind, source.good.url("/rss.xml"), bad, str(results)],
            cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        resource.prlimit(process.pid, resource.RLIMIT_AS, (STOCK_BYTES, STOCK_BYTES))
        memory = Memory(process.pid)
        watching = threading.Thread(target=memory.watch)
        watching.start()
        try:
            end = _await(process)
        finally:
            stopped = time.time()
            process.kill()
            process.wait()
            memory.stop()
            watching.join()
        lines = [json.loads(line) for line in results.read_text("utf-8").splitlines()] if results.exists() else []
        good = source.good.url("/news/good-")
        if end == "died" and memory.peak_mib > 0.6 * STOCK_BYTES / 1024**2:
            end = "memory"
        return Stock(
            outcome=_outcome(case, bad, source, lines),
            good=sum(line["outcome"] == "stored" for line in lines if line["url"].startswith(good)),
            end=end,
            peak_mib=round(memory.peak_mib),
            stall_s=round(_stall_s(results, end, stopped), 1),
        )


def _await(process: subprocess.Popen[bytes]) -> End:
    """Wait for the end of a crawl, or for the moment to end it."""
    begun = worked_at = time.monotonic()
    watched, spent = psutil.Process(process.pid), 0.0
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return "ended" if process.wait(1.0) == 0 else "died"
        times, now = watched.cpu_times(), time.monotonic()
        used = times.user + times.system
        if used >= CPU_S or now - begun > CLOCK_S:
            return "processor"
        if used - spent > WORKING_SHARE * (now - worked_at):
            worked_at, spent = now, used
        elif now - worked_at > IDLE_S:
            return "waits"


def _stall_s(results: Path, end: End, stopped: float) -> float:
    """Return the longest stall, as the crawl measured it, or how long it had not come back when it was ended."""
    beats, alive = Path(f"{results}.heartbeat"), Path(f"{results}.alive")
    if beats.exists():
        return float(json.loads(beats.read_text("utf-8"))["stall_s"])
    if end == "waits" or not alive.exists():
        return 0.0
    return min(stopped - alive.stat().st_mtime, CPU_S)


def _outcome(case: Case, bad: str, source: Source, lines: Sequence[Mapping[str, Any]]) -> str:
    """Return what became of the bad page, or of the list and the links that it brought."""
    mine = [line for line in lines if line["url"] == bad]
    if case.kind == "page":
        return _page(case, bad, mine[0]) if mine else "nothing came of it"
    good = source.good.url("/")
    rest = [line for line in lines if not line["url"].startswith(good)]
    lists = [line for line in rest if "links" in line]
    said = []
    if len(lists) > 1:
        said.append(f"{len(lists):,} lists read")
    if lists:
        said.append(_links(sum(line["links"] for line in lists)))
    said += [f"{line['url'][:40]} read" for line in lists if not line["url"].startswith("http")]
    said += sorted({line["outcome"] for line in lists if line["outcome"] != "list"})
    counts = Counter(_went(bad, line) for line in rest if "links" not in line)
    said += [f"{count:,} x {outcome}" for outcome, count in counts.most_common(4)]
    return ", ".join(said) or "nothing came of it"


def _page(case: Case, bad: str, line: Mapping[str, Any]) -> str:
    """Return what became of a page; an article is held against what ours has to pass."""
    outcome = _went(bad, line)
    article = line.get("article")
    if article is not None and case.check is not None:
        try:
            case.check(article)
        except AssertionError:
            wrong = UNSOUND[getattr(case.check, "__name__", "")]
            return f"{outcome}, {wrong.format(title_length=len(article['title']), **article)}"
    return outcome


def _went(bad: str, line: Mapping[str, Any]) -> str:
    """Return the outcome of a request, with the place that was asked where it is not the one that it began with."""
    outcome = PLAIN.get(line["outcome"], line["outcome"])
    final = line.get("final", line["url"])
    found = re.match(r"https?://[^/?#]+", final)
    if found is None:
        return f"{outcome} from {final[:40]}"
    return outcome if bad.startswith(f"{found[0]}/") else f"{found[0]} asked: {outcome}"


def ours(case: Case) -> str:
    """Return what the tests hold our crawl to."""
    if case.kind == "page":
        if case.edge:
            return f"{case.state}; where the machine is too slow, failed: page ends its reader"
        if case.check is not None and (sound := SOUND.get(case.check.__name__)):
            return f"{case.state} {sound}"
        return f"{case.state}: {case.reason}" if case.reason else str(case.state)
    return _links(case.links) + (f"; {case.reason}" if case.reason else "")


def _links(count: int) -> str:
    return f"{count:,} link{'' if count == 1 else 's'}"


def kept() -> dict[str, Stock]:
    """Return what was measured, by case."""
    if not KEPT.exists():
        return {}
    found: dict[str, Stock] = {}
    for line in KEPT.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found[row["case"]] = Stock(**{name: row[name] for name in Stock.__dataclass_fields__})
    return found


def _told(name: str) -> str:
    """Return what the kept measurements say under a name: the first and the last of it, where they differ."""
    found = sorted({json.loads(line)[name] for line in KEPT.read_text(encoding="utf-8").splitlines()})
    return " to ".join(dict.fromkeys([found[0], found[-1]]))


def measure(case: Case) -> None:
    """Crawl one case and keep what came of it."""
    stock = run_stock(case)
    about = {"measured": f"{datetime.now(UTC):%Y-%m-%d}", "scrapy": version("scrapy")}
    row = {"case": case.name, **asdict(stock), **about, "trafilatura": version("trafilatura")}
    with KEPT.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    print(f"{case.name}: {stock.cell()}", file=sys.stderr, flush=True)


def summary(stock: Mapping[str, Stock]) -> str:
    """Return the counts of all cases in a list."""
    stored = [case for case in CASES if case.name in stock and case.kind == "page" and case.state == "stored"]
    counts = (
        ("stopped at a limit, or dead", sum(one.end in ("processor", "memory", "died") for one in stock.values())),
        ("still waiting", sum(one.end == "waits" for one in stock.values())),
        ("the event loop stood still for a second and more", sum(one.stall_s >= STALL_S for one in stock.values())),
        (f"over {LARGE_MIB} MB", sum(one.peak_mib >= LARGE_MIB for one in stock.values())),
        ("good pages of the other site lost", sum(one.good < GOOD for one in stock.values())),
        ("a private address, a file or a data: link asked for", sum(_led_away(one) for one in stock.values())),
        (
            f"an article lost or spoilt, of {len(stored)} that ours stores whole",
            sum(not case.edge and stock[case.name].outcome != "stored" for case in stored),
        ),
    )
    rows = "\n".join(f"| {what} | {count} | 0 |" for what, count in counts)
    return f"| of {len(stock)} cases | stock | ours |\n|---|---:|---:|\n{rows}"


def _led_away(stock: Stock) -> bool:
    return bool(re.search(r" asked: |\b(?:file|data):", stock.outcome))


def page() -> str:
    """Return the page: what was measured of the stock tools beside what the tests demand."""
    stock = {name: one for name, one in kept().items() if name in {case.name for case in CASES}}
    rows = []
    for case in CASES:
        told = NOT_COMPARABLE.get(case.name) or (stock[case.name].cell() if case.name in stock else "not measured")
        rows.append(f"| {_cell(case.what)} | {_cell(told)} | {_cell(ours(case))} |")
    head = INTRODUCTION.format(
        good=GOOD, scrapy=_told("scrapy"), trafilatura=_told("trafilatura"), when=_told("measured"),
        cpu=CPU_S, idle=IDLE_S, summary=summary(stock),
    )  # fmt: skip
    return head + "\n".join(rows) + "\n"


def main() -> None:
    """Measure what is not yet, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=90.0, help="begin no stock crawl after so many minutes")
    parser.add_argument("--again", action="store_true", help="measure anew what was measured")
    parser.add_argument("--jobs", type=int, default=2, help="how many cases at once")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="these cases alone")
    parser.add_argument("--page", action="store_true", help="measure nothing, write the page")
    options = parser.parse_args()
    if options.again and not options.only:
        KEPT.unlink(missing_ok=True)
    known = set() if options.again else set(kept())
    waiting = [case for case in CASES if case.name not in known and case.name not in NOT_COMPARABLE]
    waiting = [case for case in waiting if not options.only or case.name in options.only]
    until = time.monotonic() + 60 * options.minutes

    def one(case: Case) -> None:
        if time.monotonic() < until:
            measure(case)

    if not options.page:
        with ThreadPoolExecutor(options.jobs) as pool:
            list(pool.map(one, waiting))
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE, file=sys.stderr)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


if __name__ == "__main__":
    main()
