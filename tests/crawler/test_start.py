"""A crawl starts light: what reads, matches and draws is loaded by who does it."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = (
    "dateparser", "feedparser", "htmldate", "justext", "numpy", "pandas", "py3langid", "pyarrow", "pymorphy3", "rich",
    "snowballstemmer", "tldextract", "trafilatura",
)  # fmt: skip
SCRIPT = f"""
import importlib, json, pkgutil, sys
import crawler.commands, crawler.loader
for module in pkgutil.iter_modules(crawler.commands.__path__):  # as Scrapy does before it runs any command
    importlib.import_module(f"crawler.commands.{{module.name}}")
import crawler.spider, crawler.runs, crawler.handler, pipelines.stages
crawl = [name for name in {HEAVY} if name in sys.modules]
print(json.dumps(crawl))
"""
READER = f"""
import json, sys
import pipelines.page_reader
asked = [name for name in ("scrapy", "twisted", *{HEAVY}) if name in sys.modules]
pipelines.page_reader.prepare()
ready = [name for name in ("scrapy", "twisted", "py3langid.langid.model", "dateparser") if name in sys.modules]
from pipelines import language
print(json.dumps([asked, ready, language._model.cache_info().currsize]))
"""
SCHEDULER = f"""
import json, sys
import scheduler
print(json.dumps([name for name in ("scrapy", "twisted", "lxml", *{HEAVY}) if name in sys.modules]))
"""


def _said(script: str) -> object:
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def test_a_crawl_loads_nothing_that_reads_pages() -> None:
    """Neither the spider nor the commands, which Scrapy imports before each crawl, load what a poll never needs."""
    assert _said(SCRIPT) == []


def test_the_reader_of_pages_is_light_to_name_and_free_of_scrapy() -> None:
    """Handing a page over loads nothing; the process that reads has no Scrapy, no model and no date parser yet."""
    assert _said(READER) == [[], [], 0]


def test_an_idle_scheduler_loads_none_of_it() -> None:
    """The scheduler starts crawls and looks at a table: 60 MB are enough for that."""
    assert _said(SCHEDULER) == []
