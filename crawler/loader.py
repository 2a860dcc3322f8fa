"""A spider for every source: `scrapy list` lists the outlets, `scrapy crawl ID` crawls one."""

from __future__ import annotations

import builtins
import importlib
import inspect
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from scrapy import Request, Spider
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings
from scrapy.utils.spider import iter_spider_classes

from archive.errors import DauysError
from crawler.sources import Source, Sources, SourcesError, UnknownSourceError, load_sources

if TYPE_CHECKING:
    from crawler.spider import NewsSpider

SPIDERS_PACKAGE = "crawler.spiders"
"""Where the `spider` of a source is looked for when it names no module."""

_PROJECT = Path(__file__).resolve().parent.parent


class SpiderMissingError(DauysError):
    """Raised when the `spider` of a source names no module, no class in it, or none that crawls sources."""


class SourcesUsageError(UsageError):
    """Raised instead of SourcesError below a Scrapy command, which prints it without a traceback and exits with 2."""


class UnknownSpiderError(UsageError, KeyError):
    """Raised for an id that no source has: a KeyError, as Scrapy asks of loaders, that commands print as one line."""

    def __str__(self) -> str:
        return str(self.args[0])


class SourceLoader:
    """Scrapy's spider loader over `sources.toml` (settings SOURCES and ALLOW_LOOPBACK).

    `list` names the enabled sources; `load` also finds one that is switched off, for a crawl by hand. The file is read
    when something is first asked, so that a mistake in it stops no command that needs no outlet.
    """

    def __init__(self, path: Path, *, allow_loopback: bool = False) -> None:
        self.path = path
        self.allow_loopback = allow_loopback

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Build the loader that the settings describe."""
        return cls(sources_path(settings), allow_loopback=settings.getbool("ALLOW_LOOPBACK"))

    @cached_property
    def sources(self) -> Sources:
        """Return the sources of the file. Raises SourcesUsageError."""
        try:
            return load_sources(self.path, allow_loopback=self.allow_loopback)
        except SourcesError as error:
            raise SourcesUsageError(str(error), print_help=False) from error

    def load(self, spider_name: str) -> type[Spider]:
        """Return the spider class of one source. Raises UnknownSpiderError and SourcesUsageError."""
        try:
            source = self.sources.by_id(spider_name)
        except UnknownSourceError as error:
            raise UnknownSpiderError(str(error), print_help=False) from error
        try:
            return spider_for(source)
        except SpiderMissingError as error:
            text = f'{self.path}: [[source]] "{source.id}": spider: {error}'
            raise SourcesUsageError(text, print_help=False) from error

    def list(self) -> list[str]:
        """Return the ids of the enabled sources, in the order of the file."""
        return [source.id for source in self.sources.enabled]

    def find_by_request(self, request: Request) -> builtins.list[str]:
        """Return the ids of the enabled sources that own the address of `request`."""
        return [source.id for source in self.sources.enabled if source.owns(request.url)]


def sources_path(settings: BaseSettings) -> Path:
    """Return the file that the setting SOURCES names: seen from here, or else from the project's folder."""
    path = Path(settings.get("SOURCES") or "sources.toml")
    beside = _PROJECT / path
    return beside if not path.is_absolute() and not path.exists() and beside.exists() else path


def spider_for(source: Source) -> type[NewsSpider]:
    """Return the spider class of one source, with the source in it. Raises SpiderMissingError."""
    base = spider_class(source)
    return type(base.__name__, (base,), {"__module__": base.__module__, "name": source.id, "source": source})


def spider_class(source: Source) -> type[NewsSpider]:
    """Return NewsSpider, or the subclass that `spider` names: `module:Class`, or a module of crawler/spiders.

    Raises SpiderMissingError.
    """
    from crawler.spider import NewsSpider

    if source.spider is None:
        return NewsSpider
    module_name, _, class_name = source.spider.partition(":")
    if not class_name and "." not in module_name:
        module_name = f"{SPIDERS_PACKAGE}.{module_name}"
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise SpiderMissingError(f"cannot import {module_name}: {error}") from error
    if class_name:
        found = getattr(module, class_name, None)
        if not (inspect.isclass(found) and issubclass(found, NewsSpider)):
            raise SpiderMissingError(f"{module_name} has no subclass of NewsSpider called {class_name}")
        return found
    classes = [one for one in iter_spider_classes(module) if issubclass(one, NewsSpider)]
    if len(classes) != 1:
        raise SpiderMissingError(f"{module_name} must define one subclass of NewsSpider, not {len(classes)}")
    return classes[0]
