"""A crawl has a time and a memory of its own: past either it ends, its row says why, and what it left stays due."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler import crew
from crawler.runner import Crawl
from tests.end_to_end.river import ROOT, River, wait_until
from tests.newsroom import Answer, Newsroom

START = "2026-03-10T05:00:00Z"
TEXT = "Референдум по новой Конституции Казахстана пройдёт 15 марта. Участки откроются в семь утра, сообщает комиссия."


@pytest.fixture
def river(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[River]:
    """Return a river with a listed outlet whose second article, the older one and so the later asked for, never
    answers."""
    with Newsroom(outlets=[], clock=START, stall_s=60) as newsroom:
        newsroom.add_outlet("stalling")
        newsroom.add_article("stalling", title="Референдум: дождались", text=TEXT, published="2026-03-10T04:00:00Z")
        newsroom.add_article("stalling", title="Референдум: ждём", text=TEXT, path="/news/7", published="2026-03-10")
        newsroom.route("stalling", "/news/7", Answer(stall=True))
        river = River(folder=tmp_path, newsroom=newsroom)
        river.list_outlets(monkeypatch)
        yield river


def test_a_crawl_past_its_time_is_stopped(river: River, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crawl that an outlet keeps waiting ends at its limit, by force when it does not hear: its row is closed as
    killed with the limit in it, what was stored stays and what stalled is due."""
    monkeypatch.setattr(crew, "GRACE_S", 0.5)
    crawl = Crawl("stalling", river.options(time_limit_s=0.1), root=ROOT)
    try:
        wait_until(lambda: river.rows("select 1 from articles"), "the first article")
        wait_until(lambda: [r for r in river.asked_since(0) if r.path == "/news/7"], "the stalled request")
    finally:
        result = crawl.wait()
    assert result.outcome == "killed"
    assert "stopped after" in str(result.reason)
    (run,) = river.rows("select * from runs")
    assert (run["outcome"], run["reason"], run["ended_at"] is None) == ("killed", result.reason, False)
    assert [row["title"] for row in river.rows("select title from articles")] == ["Референдум: дождались"]
    states = river.rows("select state from links where url like '%/news/7'")
    assert [row["state"] for row in states] == ["new"]


def test_a_crawl_without_memory_says_so(river: River) -> None:
    """A crawl that cannot get the memory to begin is a failure with a reason, not a silence."""
    result = Crawl("stalling", river.options(memory_limit=64 * 1024**2), root=ROOT).wait()
    assert result.outcome in ("failed", "killed")
    assert result.reason
    assert not river.rows("select 1 from runs where ended_at is null")


def test_a_crawl_stopped_before_it_began_says_so(river: River) -> None:
    """Stopped in its first moment, a crawl has no row; its result tells that it was stopped."""
    crawl = Crawl("stalling", river.options(), root=ROOT)
    crawl.stop()
    result = crawl.wait()
    assert (result.outcome, "stopped by the operator" in str(result.reason)) == ("killed", True)
    crawl.stop()
