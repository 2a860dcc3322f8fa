"""Every setting that is not Scrapy's default, with that default and the reason. Components are wired in addon.py."""

from __future__ import annotations

import os

from crawler.addon import DauysAddon

BOT_NAME = "dauys"
VERSION = "0.1.0"

# Ours: files, and permission to reach a local press.
ARCHIVE = os.environ.get("ARCHIVE") or "data/archive.db"
SOURCES = "sources.toml"
TOPICS = "topics.toml"
ALLOW_LOOPBACK = False
CONTACT = os.environ.get("CONTACT", "")
READERS = os.cpu_count() or 1  # processes that read a crawl's pages, where many wait; pipelines.readers has the most
RUN_TOKEN = None  # the runner's name for the crawl, by which it finds its row in `runs`

# Who we are and whom to write to. `make run` insists on CONTACT; without one the address of the project stands alone.
USER_AGENT = f"Dauys/{VERSION} (news archive for research{f'; +{CONTACT}' if CONTACT else ''})"

ADDONS = {DauysAddon: 100}
SPIDER_LOADER_CLASS = "crawler.loader.SourceLoader"  # a spider per source
COMMANDS_MODULE = "crawler.commands"  # check-sources, probe, try-url

# Default 5 MB, some 22 real pages: downloads would stall behind the extraction of earlier ones. Each byte is held twice
# on its way to the reader.
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 15_000_000
CONCURRENT_ITEMS = 1  # default 100: so many tasks are made for each answer, and none of ours gives two items

# Default DEBUG: a line for every request and item. What became of each is in the tables.
LOG_LEVEL = "INFO"
LOG_SHORT_NAMES = True  # default False
LOGSTATS_INTERVAL = 0  # default 60 s: the row in `runs` has the figures
MEMUSAGE_ENABLED = False  # default True: the runner sets a limit that holds between two looks as well
FEED_EXPORT_ENCODING = "utf-8"

# Default LIFO: the frontier gives the newest articles first, and they would be fetched last.
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"

# What the middlewares rely on: one request at a time, at the site's own pace, bounded, and nothing kept of us.
ROBOTSTXT_OBEY = True  # default False
ROBOTSTXT_USER_AGENT = "Dauys"  # default None: the whole user agent, contact address included, would be matched
CONCURRENT_REQUESTS = 32  # default 16; a domain has one at a time, the others only wait for their turn
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # default 8; one request at a time for each registered domain
DOWNLOAD_DELAY_JITTER = 0  # default 0.5: half a Crawl-delay is no Crawl-delay
AUTOTHROTTLE_ENABLED = True  # default False
AUTOTHROTTLE_START_DELAY = 1.0  # default 5 s: a poll makes a few requests only, and would take a minute
AUTOTHROTTLE_MAX_DELAY = 30.0  # default 60 s
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
RETRY_TIMES = 2
# Default: these and errors of Twisted's handlers, none of which is in use; to name those loads them, a fifth of the
# start of each crawl.
RETRY_EXCEPTIONS = [
    "scrapy.exceptions.CannotResolveHostError",
    "scrapy.exceptions.DownloadConnectionRefusedError",
    "scrapy.exceptions.DownloadFailedError",
    "scrapy.exceptions.DownloadTimeoutError",
    "scrapy.exceptions.ResponseDataLossError",
    OSError,
]
RETRY_GIVE_UP_LOG_LEVEL = "INFO"  # default ERROR: somebody else's outage is no error of ours
RETRY_PRIORITY_ADJUST = -1
REDIRECT_MAX_TIMES = 5  # default 20; an honest article needs one or two
REDIRECT_PRIORITY_ADJUST = 2
DOWNLOAD_TIMEOUT = 30  # default 180 s, for the whole answer; 10 s of it for the connection
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024  # default 1 GiB; bytes, as received and once more when decoded
DOWNLOAD_WARNSIZE = 0  # default 32 MiB, which nothing reaches
DOWNLOAD_FAIL_ON_DATALOSS = True  # a torn body is an error, retried; never a page
DOWNLOAD_VERIFY_CERTIFICATES = True  # default False
TWISTED_REACTOR_ENABLED = False  # default True; the handler is asyncio's own
COOKIES_ENABLED = False
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False  # default True: it executes code that it is sent
