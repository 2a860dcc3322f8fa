"""What a real crawl is made of: nothing in it reaches files, executes what it is sent, remembers or unpickles."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from scrapy import Spider
from scrapy.core.downloader.handlers import DownloadHandlers
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from crawler.handler import GuardedDownloadHandler

ROOT = Path(__file__).resolve().parents[2]


class _Probe(Spider):
    name = "probe"


@pytest.fixture
def crawler(monkeypatch: pytest.MonkeyPatch) -> Crawler:
    """Return a crawl of the project as it is, add-on applied, before its first request."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "crawler.settings")
    crawler = Crawler(_Probe, get_project_settings())
    crawler._apply_settings()
    return crawler


@pytest.fixture
def settings(crawler: Crawler) -> Settings:
    """Return the settings of that crawl."""
    return crawler.settings


def test_the_guarded_handler_is_the_one_that_fetches(crawler: Crawler) -> None:
    """Both web schemes are fetched by the handler that checks addresses, every other scheme by none."""
    chosen = {scheme: path for scheme, path in crawler.settings.getwithbase("DOWNLOAD_HANDLERS").items() if path}
    ours = f"{GuardedDownloadHandler.__module__}.{GuardedDownloadHandler.__name__}"
    assert chosen == {"http": ours, "https": ours}
    assert set(DownloadHandlers(crawler)._schemes) == {"http", "https"}


def test_nothing_listens_and_nothing_is_remembered(settings: Settings) -> None:
    """No telnet, no remote control, no cookies, no cache, no queue on disk."""
    for name in ("TELNETCONSOLE_ENABLED", "REMOTE_CONTROL_ENABLED", "COOKIES_ENABLED", "HTTPCACHE_ENABLED"):
        assert not settings.getbool(name), name
    assert settings["JOBDIR"] is None
    middlewares = settings.get_component_priority_dict_with_base("DOWNLOADER_MIDDLEWARES")
    active = {str(name) for name, order in middlewares.items() if order is not None}
    unwanted = ("cookies", "httpcache", "httpproxy", "httpauth", "redirect.Meta", "scrapy.downloadermiddlewares.retry")
    assert not [name for name in active for word in unwanted if word in name]


def test_certificates_are_checked_but_where_a_source_says_otherwise(settings: Settings) -> None:
    """The default of every crawl."""
    assert settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
    assert settings.getbool("ROBOTSTXT_OBEY")
    assert not settings.getbool("ALLOW_LOOPBACK")


def test_our_code_unpickles_nothing_and_runs_no_text() -> None:
    """No module imports a pickler but for the pipes to processes of our own, none calls eval, exec or a shell."""
    pipes = ROOT / "pipelines" / "frames.py"
    forbidden = {"pickle", "cPickle", "dill", "marshal", "shelve", "joblib"}
    for folder in ("archive", "pipelines", "crawler"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    picklers = forbidden & {alias.name.partition(".")[0] for alias in node.names}
                    assert picklers == ({"pickle"} & picklers if file == pipes else set()), file
                elif isinstance(node, ast.ImportFrom):
                    assert (node.module or "").partition(".")[0] not in forbidden, file
                elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    assert node.func.id not in ("eval", "exec", "compile"), file
                elif isinstance(node, ast.keyword) and node.arg == "shell":
                    raise AssertionError(file)
