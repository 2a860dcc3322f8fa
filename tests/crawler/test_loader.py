"""One spider for every source, named as its id."""

from __future__ import annotations

from pathlib import Path

import pytest
from scrapy import Request
from scrapy.exceptions import UsageError
from scrapy.settings import Settings
from scrapy.spiderloader import get_spider_loader

from crawler.loader import SourceLoader, SpiderMissingError, spider_class
from crawler.sources import load_sources
from crawler.spider import NewsSpider

FILE = """\
[defaults]
country = "KZ"
timezone = "Asia/Almaty"
languages = ["ru"]
kind = "private"

[[source]]
id = "sholpan"
name = "Sholpan"
homepage = "https://sholpan.example/"
entries = [{ kind = "feed", url = "https://sholpan.example/rss" }]

[[source]]
id = "aqtogai"
name = "Aqtogai"
homepage = "https://aqtogai.example/"
entries = [{ kind = "feed", url = "https://aqtogai.example/rss" }]
enabled = false
spider = "SPIDER"
"""


class OddSpider(NewsSpider):
    """A site that needs a hook of its own."""


class NoSpider:
    """Not a spider at all."""


HERE = __name__


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "sources.toml"
    path.write_text(FILE.replace("SPIDER", f"{HERE}:OddSpider"), encoding="utf-8")
    return Settings({"SPIDER_LOADER_CLASS": "crawler.loader.SourceLoader", "SOURCES": str(path)})


def test_the_enabled_sources_are_listed_and_all_can_be_loaded(settings: Settings) -> None:
    loader = get_spider_loader(settings)
    assert loader.list() == ["sholpan"]
    spider = loader.load("sholpan")
    assert issubclass(spider, NewsSpider)
    assert (spider.name, spider.source.id) == ("sholpan", "sholpan")
    odd = loader.load("aqtogai")
    assert issubclass(odd, OddSpider)
    assert odd.source.id == "aqtogai"
    assert not hasattr(NewsSpider, "source") or NewsSpider.name == "news"


def test_requests_find_their_source(settings: Settings) -> None:
    loader = get_spider_loader(settings)
    assert loader.find_by_request(Request("https://kaz.sholpan.example/a")) == ["sholpan"]
    assert loader.find_by_request(Request("https://other.example/a")) == []


def test_an_unknown_source_is_a_usage_error_and_a_key_error(settings: Settings) -> None:
    """Scrapy's own commands catch KeyError; `scrapy crawl` prints UsageError in one line."""
    loader = get_spider_loader(settings)
    with pytest.raises(KeyError):
        loader.load("sholpann")
    with pytest.raises(UsageError, match=r'no source "sholpann"; did you mean "sholpan"\?'):
        loader.load("sholpann")


def test_a_broken_file_is_told_when_it_is_needed(tmp_path: Path) -> None:
    loader = SourceLoader(tmp_path / "absent.toml")
    with pytest.raises(UsageError, match="there is no such file"):
        loader.list()


@pytest.mark.parametrize(
    ("spider", "told"),
    [
        ("absent", "cannot import crawler.spiders.absent"),
        ("absent.module:Class", "cannot import absent.module"),
        (f"{HERE}:Absent", "no subclass of NewsSpider called Absent"),
        (f"{HERE}:NoSpider", "no subclass of NewsSpider called NoSpider"),
        ("crawler.sources", "must define one subclass of NewsSpider, not 0"),
    ],
)
def test_a_spider_that_is_none(tmp_path: Path, spider: str, told: str) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(FILE.replace("SPIDER", spider), encoding="utf-8")
    source = load_sources(path).by_id("aqtogai")
    with pytest.raises(SpiderMissingError, match=told):
        spider_class(source)
    with pytest.raises(UsageError, match=r"aqtogai.*spider: "):
        SourceLoader(path).load("aqtogai")
