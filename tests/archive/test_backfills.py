"""What is known of a backfill lives in the archive: a new process goes on where the one before it was killed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from archive.backfills import WHOLE_FIRST, Backfills, ListRow, PageRow
from archive.db import open_archive, write
from archive.frontier import Frontier, SourceRow
from archive.records import Link

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SINCE, UNTIL = date(2026, 2, 1), date(2026, 3, 20)
HOST = "https://tasaryk.example"
MAP = ListRow(url=f"{HOST}/sitemap.xml", kind="sitemap", chain=f"{HOST}/sitemap.xml")
NEWS = ListRow(url=f"{HOST}/news/", kind="section", chain=f"{HOST}/news/")


@pytest.fixture
def db(tmp_path):
    db = open_archive(tmp_path / "archive.db")
    source = SourceRow(id="tasaryk", name="Тасарык", homepage=HOST, languages=("ru",), country="KZ", kind="private")
    Frontier(db).register(source, [])
    yield db
    db.close()


@pytest.fixture
def backfills(db):
    return Backfills(db)


def begin(backfills, at=NOW) -> tuple[int, bool]:
    return backfills.begin("tasaryk", "site", SINCE, UNTIL, at)


def page(n: int, day: str | None = None, state="waiting") -> PageRow:
    link = Link(url=f"{HOST}/news/{n}", found_in=MAP.url)
    return PageRow(key=f"tasaryk.example/news/{n}", link=link, at=date.fromisoformat(day) if day else None, state=state)


def read(backfills, number: int, *pages: PageRow, row: ListRow = MAP, told="inside", lists=()) -> None:
    backfills.list_read(number, row, told=told, pages=pages, lists=lists, outside=0)


def numbers(pages) -> list[int]:
    return [int(one.link.url.rpartition("/")[2]) for one in pages]


def test_an_interrupted_backfill_goes_on_and_a_finished_one_begins_anew(backfills) -> None:
    """The same days of the same outlet; other days are another backfill."""
    number, resumed = begin(backfills)
    assert not resumed
    backfills.add_lists(number, [MAP])
    read(backfills, number, page(1))
    assert begin(backfills) == (number, True)
    assert backfills.counts(number).pages == {"waiting": 1}
    assert backfills.begin("tasaryk", "site", SINCE, SINCE, NOW)[0] != number
    assert backfills.begin("tasaryk", "wayback", SINCE, UNTIL, NOW)[0] != number
    backfills.end(number, NOW)
    assert begin(backfills) == (number, False)
    assert backfills.counts(number).pages == {}


def test_lists_are_given_once_a_run_robots_first(backfills) -> None:
    """A list that did not answer is given again to the next run."""
    number, _ = begin(backfills)
    robots = ListRow(url=f"{HOST}/robots.txt", kind="robots", chain="robots")
    assert backfills.add_lists(number, [NEWS, MAP, robots]) == 3
    assert backfills.add_lists(number, [MAP]) == 0
    assert [backfills.next_list(number, 1, WHOLE_FIRST) for _ in range(3)] == [robots, MAP, None]
    assert backfills.next_list(number, 1, ["section"]) == NEWS
    assert backfills.next_list(number, 2, WHOLE_FIRST) == robots
    backfills.list_ended(number, robots.url, "failed", "http 404")
    backfills.ask_again(number, MAP)
    assert backfills.next_list(number, 1, WHOLE_FIRST) == MAP


def test_pages_are_given_newest_first_and_once_a_run(backfills) -> None:
    """Those without a day come last, in the order of their list; what is done is not given to the next run."""
    number, _ = begin(backfills)
    backfills.add_lists(number, [MAP])
    read(
        backfills, number, page(1), page(2, "2026-02-02"), page(3, "2026-03-03"), page(4),
        page(5, "2026-03-01", "known"), page(6, "2025-01-01", "outside"),
    )  # fmt: skip
    assert numbers(backfills.next_pages(number, 1, 3)) == [3, 2, 1]
    assert numbers(backfills.next_pages(number, 1, 3)) == [4]
    backfills.page_ended(number, page(3).key, "done", at=date(2026, 3, 4))
    backfills.ask_again(number, page(1))
    assert numbers(backfills.next_pages(number, 1, 3)) == [1]
    assert numbers(backfills.next_pages(number, 2, 9)) == [2, 1, 4]
    assert backfills.counts(number).reached == "2026-03-04"


def test_what_the_pages_of_a_list_tell_counts_for_the_list(backfills) -> None:
    """A section without dates is older when what was fetched of it is."""
    number, _ = begin(backfills)
    second = ListRow(url=f"{HOST}/news/?page=2", kind="section", chain=NEWS.url, depth=1)
    backfills.add_lists(number, [NEWS])
    read(backfills, number, page(1), page(2), row=NEWS, told="unknown", lists=[second])
    read(backfills, number, page(3), row=second, told="unknown")
    assert backfills.last_told(number, NEWS.url, 5) == ["unknown", "unknown"]
    for n, day in ((1, date(2026, 2, 5)), (2, date(2026, 1, 5)), (3, date(2026, 1, 4))):
        backfills.page_ended(number, page(n).key, "done", at=day)
    assert backfills.last_told(number, NEWS.url, 5) == ["older", "inside"]


def test_the_last_page_of_an_undated_list_is_tried(backfills) -> None:
    """Once, when two at least wait and none has a day; what is left can be left."""
    number, _ = begin(backfills)
    backfills.add_lists(number, [NEWS])
    read(backfills, number, page(1), page(2), page(3), row=NEWS)
    tried = backfills.last_undated(number, 1, NEWS.url)
    assert tried is not None
    assert numbers([tried]) == [3]
    assert backfills.last_undated(number, 1, NEWS.url) is None
    backfills.page_ended(number, page(3).key, "done", at=date(2026, 11, 1))
    assert backfills.only_day(number, NEWS.url) == date(2026, 11, 1)
    assert backfills.leave_rest(number, NEWS.url, "newer") == 2
    assert backfills.next_pages(number, 2, 9) == []


def test_what_is_stored_or_settled_need_not_be_fetched(db, backfills) -> None:
    """What a crawl found off topic or gone is settled for the site; a web archive may have it all the same."""
    keys = []
    for n, state in enumerate(("new", "failed", "off-topic", "gone", "duplicate"), 1):
        keys.append(page(n).key)
        Frontier(db).add("tasaryk", {page(n).key: page(n).link}, at=NOW)
        with write(db):
            db.execute("update links set state = ? where url_key = ?", [state, page(n).key])
    assert set(backfills.known("site", keys)) == set(keys[2:])
    assert backfills.known("wayback", keys) == {}
