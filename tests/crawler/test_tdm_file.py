"""The site's own file against mining: read as it is meant, asked for once, heeded for every page that is stored."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.tdm_file import PATH, read_rules, reserves
from tests.end_to_end.river import River
from tests.newsroom import Answer, Newsroom

FILE = [
    {"location": "/open/*", "tdm-reservation": 0},
    {"location": "/news/*/print$", "tdm-reservation": 1, "tdm-policy": "https://outlet.example/policy.json"},
    {"location": "/archive", "tdm-reservation": "1"},
    {"location": "*?page=", "tdm-reservation": 1},
    {"location": 7, "tdm-reservation": 1},
    "nonsense",
]
RULES = read_rules(json.dumps(FILE).encode())


@pytest.mark.parametrize(
    ("address", "reserved"),
    [
        ("https://outlet.example/", False),
        ("https://outlet.example/archive/2026/1", True),
        ("https://outlet.example/news/1/print", True),
        ("https://outlet.example/news/1/printed", False),
        ("https://outlet.example/news/print", False),
        ("https://outlet.example/list?page=2", True),
        ("https://outlet.example/open/archive?page=2", False),  # the first rule that holds decides
    ],
)
def test_the_first_rule_that_holds_decides(address: str, reserved: bool) -> None:
    assert reserves(RULES, address) is reserved


def test_the_root_means_the_whole_site() -> None:
    assert reserves(read_rules(b'[{"location": "/", "tdm-reservation": 1}]'), "https://outlet.example/news/1?x=2")
    assert reserves(read_rules(b'\xef\xbb\xbf{"location": "*", "tdm-reservation": 1}'), "https://outlet.example")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(
    lambda value: json.dumps(value).encode()
))  # fmt: skip
def test_what_is_no_file_reserves_nothing(body: bytes) -> None:
    assert not reserves(read_rules(body), "https://outlet.example/")


@settings(max_examples=300, deadline=None)
@given(st.text("ab*", max_size=8), st.text("ab", max_size=10), st.booleans())
def test_stars_mean_what_they_mean_in_patterns(location: str, path: str, whole: bool) -> None:
    """The same as the regular expression, which could be made to take for ever."""

    pattern = ".*".join(re.escape(piece) for piece in f"/{location}".split("*")) + ("$" if whole else "")
    rules = read_rules(json.dumps([{"location": f"/{location}{'$' if whole else ''}", "tdm-reservation": 1}]).encode())
    assert reserves(rules, f"https://outlet.example/{path}") is bool(re.match(pattern, f"/{path}"))


TEXT = (
    "Референдум по новой Конституции Казахстана пройдёт 15 марта, напомнили в центральной комиссии.\n"
    "Участки откроются в семь утра, бюллетени уже отпечатаны и развозятся по областям под охраной."
)


def test_a_crawl_marks_what_the_site_reserves(tmp_path: Path) -> None:
    """Asked for once a crawl, only where there is a page to store; another outlet without the file marks nothing."""
    with Newsroom(outlets=[], clock="2026-03-10T05:00:00Z") as newsroom:
        for outlet in ("sound", "plain"):
            newsroom.add_outlet(outlet)
            for number in range(2):
                newsroom.add_article(outlet, title=f"Референдум, часть {number}: готовность участков", text=TEXT)
            newsroom.add_article(outlet, title="Референдум: закрытая заметка", text=TEXT, path="/closed/1")
        rules = json.dumps([{"location": "/closed", "tdm-reservation": 1}]).encode()
        newsroom.route("sound", PATH, Answer(body=rules, content_type="application/json"))
        river = River(folder=tmp_path, newsroom=newsroom)
        river.once()
        marked = river.rows("select source_id, url, reserved from articles where reserved is not null")
        assert [(row["source_id"], row["reserved"]) for row in marked] == [("sound", "tdm-file")]
        assert marked[0]["url"].endswith("/closed/1")
        asked = [(request.outlet, request.path) for request in newsroom.log.since() if request.path == PATH]
        assert sorted(asked) == [("plain", PATH), ("sound", PATH)]
        assert river.rows("select distinct outcome from runs") == [{"outcome": "ok"}]
        newsroom.clock.advance(hours=3)
        river.once()
        assert len([1 for request in newsroom.log.since() if request.path == PATH]) == 2
