"""What every crawl over bad sites has to hold, and every case."""

from __future__ import annotations

from tests.hostile.case import Case
from tests.hostile.crawling import Watched
from tests.hostile.press import GOOD

READER = ("page ends its reader: ", "page could not be read", "no article text")
"""What a page that is too dear to read fails with."""
MOST_MIB = 500
MOST_STALL_S = 1.0


def check_crawl(watched: Watched) -> None:
    """The crawl ended by itself, stored each good page, and kept within its limits."""
    assert watched.result.outcome == "partial", watched.result
    assert watched.result.reason
    assert watched.good_stored == GOOD
    assert watched.heartbeat["stall_s"] < MOST_STALL_S, watched.heartbeat
    assert 0 < watched.peak_mib < MOST_MIB, watched.parts_mib
    # what floods listed may wait for the next crawl; what the good feed listed may not
    listed = "select url from links where found_in = ? and state = 'new' and last_error is null"
    assert not watched.rows(listed, watched.good.url("/rss.xml"))


def check_case(watched: Watched, case: Case) -> None:
    """What became of a case is recorded with its reason; what had to be stored is, and is sound."""
    if case.kind != "page":
        entry = watched.entry(case)
        recorded = entry["last_error"] or entry["note"] or ""
        assert (case.reason or "") in recorded if case.reason else recorded == "", (case.name, recorded)
        assert len(watched.found(case)) == case.links
        return
    link = watched.link(case)
    recorded = link["last_error"]
    if case.edge and link["state"] == "failed":
        assert recorded.startswith(READER), (case.name, link)
        return
    assert link["state"] == case.state, (case.name, link)
    assert recorded.startswith(case.reason) if case.reason else recorded is None, (case.name, recorded)
    article = watched.article(case)
    assert (article is not None) == (case.state == "stored")
    if article is not None and case.check is not None:
        case.check(article)
