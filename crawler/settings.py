"""Every setting that is not Scrapy's default, with that default and the reason. Components are wired in addon.py."""

from __future__ import annotations

import os

from crawler.addon import DauysAddon
from crawler.middlewares import POLITENESS

BOT_NAME = "dauys"
VERSION = "0.1.0"

# Ours: files, and permission to reach a local press.
ARCHIVE = os.environ.get("ARCHIVE") or "data/archive.db"
SOURCES = "sources.toml"
TOPICS = "topics.toml"
ALLOW_LOOPBACK = False
CONTACT = os.environ.get("CONTACT", "")

# Who we are and whom to write to. `make run` insists on CONTACT; without one the address of the project stands alone.
USER_AGENT = f"Dauys/{VERSION} (news archive for research{f'; +{CONTACT}' if CONTACT else ''})"

ADDONS = {DauysAddon: 100}
SPIDER_LOADER_CLASS = "crawler.loader.SourceLoader"  # a spider per source
COMMANDS_MODULE = "crawler.commands"  # check-sources, probe, try-url

# Default 5 MB, some 22 real pages: downloads would stall behind the extraction of earlier ones.
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 50_000_000
# Default 100. Pages in the extraction worker's queue; each may hold 10 MiB.
CONCURRENT_ITEMS = 16

# Default DEBUG: a line for every request and item. What became of each is in the tables.
LOG_LEVEL = "INFO"
LOG_SHORT_NAMES = True  # default False
LOGSTATS_INTERVAL = 0  # default 60 s: the row in `runs` has the figures
MEMUSAGE_ENABLED = False  # default True: the runner sets a limit that holds between two looks as well
FEED_EXPORT_ENCODING = "utf-8"

globals().update(POLITENESS)
