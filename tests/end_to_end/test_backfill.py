"""A backfill as a user types it: killed and gone on with, beside a scheduler, newest first, within its days."""

from __future__ import annotations

import io
import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from tests.end_to_end.river import LIMIT_S, ROOT, Ended, River, wait_until
from tests.newsroom import Answer, Entry, Newsroom
from tests.newsroom.log import Request

START = "2026-03-22T05:00:00Z"
FIRST = date(2026, 1, 10)
SINCE, UNTIL = date(2026, 2, 20), date(2026, 3, 10)
DAYS = [FIRST + timedelta(days=n) for n in range(70)]
ORDER = ("crawl", "arna", "-a", f"since={SINCE}", "-a", f"until={UNTIL}")
IN_HAND = 4 + 2
"""Pages that may be on their way when a crawl is killed: as many are asked for once more at most."""
TEXT = (
    "Референдум по новой Конституции: день {day}. В посёлке {name} обсуждают проект на сходе жителей.\n"
    "Учитель {name} прочёл вслух статью номер {n} и объяснил, чем она отличается от прежней редакции.\n"
    "Комиссия {name} откроет участок номер {n} в здании школы; бюллетени привезут за {n} часов до начала."
)


def _sitemap(newsroom: Newsroom, rows: list[tuple[str, str]]) -> Answer:
    body = "".join(f"<url><loc>{newsroom.url('arna', path)}</loc><lastmod>{day}</lastmod></url>" for path, day in rows)
    text = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</urlset>'
    return Answer(body=text.encode(), content_type="application/xml")


@pytest.fixture(scope="module")
def press() -> Iterator[Newsroom]:
    """Run an outlet with an article a day, an index of monthly sitemaps and a section; the dates stand on the pages."""
    with Newsroom(outlets=[], clock=START, latency_s=0.05) as newsroom:
        entries = (
            Entry(kind="sitemap", path="/sitemap.xml", format="dead"),
            Entry(kind="section", path="/news/", format="section"),
        )
        newsroom.add_outlet("arna", entries=entries, disallow="/closed/")
        months: dict[str, list[tuple[str, str]]] = {}
        for n, day in enumerate(DAYS):
            name = "".join(chr(ord("А") + int(digit)) for digit in f"{n:03}") + "ауыл"
            path = f"/news/{1000 + n}"
            newsroom.add_article(
                "arna", title=f"Референдум: {name} готовится, день {n}", text=TEXT.format(day=day, name=name, n=n),
                published=f"{day}T06:00:00Z", path=path,
            )  # fmt: skip
            # each was touched after it was published, so that a last change tells little
            months.setdefault(f"{day:%Y-%m}", []).append((path, str(day + timedelta(days=5))))
        children = ""
        for month, rows in months.items():
            newsroom.route("arna", f"/maps/{month}.xml", _sitemap(newsroom, rows))
            children += f"<sitemap><loc>{newsroom.url('arna', f'/maps/{month}.xml')}</loc></sitemap>"
        index = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{children}</sitemapindex>'
        newsroom.route("arna", "/sitemap.xml", Answer(body=index.encode(), content_type="application/xml"))
        yield newsroom


@pytest.fixture(scope="module")
def filled(press: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> tuple[River, int, Ended, Ended]:
    """Kill a backfill in the middle, go on with it, and have a scheduler crawl the same outlet meanwhile."""
    river = River(folder=tmp_path_factory.mktemp("backfill"), newsroom=press)
    text = river.sources.read_text(encoding="utf-8")
    river.sources.write_text(text.replace("delay = 0", "delay = 0.1"), encoding="utf-8")
    with (river.folder / "killed.log").open("w", encoding="utf-8") as log:
        killed = subprocess.Popen(
            river.scrapy(*ORDER), cwd=ROOT, env=river.env(), stdout=log, stderr=log, start_new_session=True
        )
    wait_until(lambda: len(river.rows("select 1 from articles")) >= 4, "the fourth article")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    mark = press.log.mark()
    again = subprocess.Popen(
        river.scrapy(*ORDER), cwd=ROOT, env=river.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: _articles(river.asked_since(mark)), "the first page after the kill")
    scheduled = river.run(river.scheduler("--once", "--source", "arna"))
    out, err = again.communicate(timeout=LIMIT_S)
    return river, mark, Ended(code=again.returncode, out=out, err=err), scheduled


def _articles(requests: list[Request]) -> list[int]:
    return [int(found[1]) - 1000 for one in requests if (found := re.fullmatch(r"/news/(\d{4})", one.path))]


def _all_of(screen: io.FileIO) -> str:
    """Return what a terminal was sent until its last writer ended."""
    pieces = []
    while True:
        try:
            piece = screen.read(4096)
        except OSError:  # Linux says so when nobody writes to it any more
            break
        if not piece:
            break
        pieces.append(piece)
    return b"".join(pieces).decode("utf-8", "replace")


def test_it_goes_on_after_a_kill_and_comes_to_its_end(filled: tuple[River, int, Ended, Ended]) -> None:
    """The second run says that it goes on, asks for no list again and for no page that was stored, and ends well."""
    river, mark, ended, _ = filled
    assert ended.code == 0, ended.said
    assert "goes on where it was left" in ended.err
    assert "0 waiting" in ended.out
    before, after = river.asked_since(0)[:mark], river.asked_since(mark)
    assert "/sitemap.xml" in [one.path for one in before]
    twice = set(_articles(before)) & set(_articles(after))
    assert len(twice) <= IN_HAND
    (backfill,) = river.rows("select * from backfills")
    assert backfill["ended_at"]
    outcomes = [row["outcome"] for row in river.rows("select outcome from runs order by id")]
    assert outcomes.count("killed") == 1
    assert set(outcomes) <= {"killed", "ok"}


def test_every_article_of_the_days_is_stored(filled: tuple[River, int, Ended, Ended]) -> None:
    """All of the window, each with the day of its own page."""
    river, *_ = filled
    stored = {row["published_at"][:10] for row in river.rows("select published_at from articles")}
    assert stored >= {str(day) for day in DAYS if SINCE <= day <= UNTIL}


def test_sitemaps_and_pages_outside_are_not_asked_for(filled: tuple[River, int, Ended, Ended]) -> None:
    """Not a sitemap of another month, not a page that was last changed before; newest first as far as hints go."""
    river, mark, *_ = filled
    before = river.asked_since(0)[:mark]
    assert "/maps/2026-01.xml" not in [one.path for one in before]
    # what the outlet allows and which sitemaps it names is one question
    assert [one.path for one in before].count("/robots.txt") == 1
    asked = _articles(before)
    assert asked == sorted(asked, reverse=True)
    assert min(DAYS[n] for n in asked) >= SINCE - timedelta(days=5)
    outside = river.rows("select * from backfill_lists where outside > 0")
    assert [row["url"].rpartition("/")[2] for row in outside] == ["2026-02.xml"]


def test_a_scheduler_and_a_backfill_take_turns(filled: tuple[River, int, Ended, Ended]) -> None:
    """The scheduled crawl has its turn in the middle of the backfill, and never were two requests under way."""
    river, mark, _, scheduled = filled
    assert scheduled.code == 0, scheduled.said
    runs = river.rows("select * from runs where id > 1 order by id")
    assert [run["outcome"] for run in runs] == ["ok", "ok"], runs
    assert min(run["requests"] for run in runs) > 2
    # each process has a clock of its own here; the outlet tells what came first
    paths = [one.path for one in river.asked_since(mark)]
    page, *_ = [at for at, path in enumerate(paths) if re.fullmatch(r"/news/\d{4}", path)]
    # the crawl alone asks for the sitemap again, the backfill alone for the section
    assert page < paths.index("/sitemap.xml") < paths.index("/news/")
    summary = river.newsroom.log.summary(mark)
    assert set(summary["max_in_flight"].values()) == {1}
    assert summary["robots_violations"] == 0


def test_a_second_time_nothing_is_fetched_again(filled: tuple[River, int, Ended, Ended]) -> None:
    """Typed once more, lists are read anew and the pages are known; a terminal has a bar in place of the log."""
    river, *_ = filled
    mark = river.newsroom.log.mark()
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen:
        with os.fdopen(theirs, "wb") as terminal:
            done = subprocess.Popen(
                river.scrapy(*ORDER), cwd=ROOT, env=river.env() | {"TERM": "xterm"}, stdout=subprocess.PIPE,
                stderr=terminal, text=True,
            )  # fmt: skip
        shown = _all_of(screen)
    out, _ = done.communicate(timeout=LIMIT_S)
    assert done.returncode == 0, shown
    assert "0 pages fetched" in out
    assert _articles(river.asked_since(mark)) == []
    assert f"arna {SINCE} to {UNTIL}" in shown
    assert "━" in shown
    assert "INFO" not in shown


def test_a_mistake_is_one_line(press: Newsroom, tmp_path) -> None:
    """A day that is none: exit code 2, no traceback, nothing asked."""
    river = River(folder=tmp_path, newsroom=press)
    mark = press.log.mark()
    done = river.run(river.scrapy("crawl", "arna", "-a", "since=yesterday"))
    assert done.code == 2
    assert done.err.strip().endswith("error: since=yesterday is no day; write it like since=2026-02-01")
    assert "Traceback" not in done.said
    assert river.asked_since(mark) == []
