"""Loads what every crawl needs, so that the nurse has it; but no settings, which depend on a crawl's environment."""

from __future__ import annotations

import importlib
import pkgutil

import scrapy.cmdline
import scrapy.commands
import scrapy.crawler
import scrapy.extensions.corestats
import scrapy.extensions.logstats
import scrapy.spidermiddlewares

import crawler.commands
import crawler.crawling
import crawler.handler
import crawler.loader
import crawler.middlewares
import crawler.orphans
import crawler.runs
import crawler.spider
import crawler.stopping
import crawler.throttle
import pipelines.stages  # noqa: F401

for package in (scrapy.commands, crawler.commands, crawler.middlewares, scrapy.spidermiddlewares):
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
