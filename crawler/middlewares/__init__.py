"""What stands between the spider and the network, in which order and why; `crawler.addon` puts it into the settings."""

from __future__ import annotations

_OURS = "crawler.middlewares"
_SCRAPYS = "scrapy.downloadermiddlewares"

ORDER: dict[str, int | None] = {
    # Requests pass from small numbers to large ones, answers and errors back.
    f"{_OURS}.public_web.PublicWebMiddleware": 20,  # first: names the queue (slot) that the others speak of
    f"{_OURS}.domain_lock.DomainLockMiddleware": 60,  # before robots.txt: that is a request to the domain as well
    f"{_OURS}.robots.RobotsMiddleware": 100,
    f"{_OURS}.conditional.ConditionalMiddleware": 450,
    f"{_OURS}.retry.PoliteRetryMiddleware": 560,
    f"{_OURS}.compression.BoundedCompressionMiddleware": 590,
    f"{_OURS}.redirect.GuardedRedirectMiddleware": 600,
    f"{_OURS}.host_down.HostDownMiddleware": 800,  # nearest to the network: counts each attempt of a retry
    # Replaced by the above.
    f"{_SCRAPYS}.robotstxt.RobotsTxtMiddleware": None,
    f"{_SCRAPYS}.retry.RetryMiddleware": None,
    f"{_SCRAPYS}.httpcompression.HttpCompressionMiddleware": None,
    f"{_SCRAPYS}.redirect.RedirectMiddleware": None,
    # Not wanted: news pages refresh themselves every few minutes; and there are no cookies, accounts, proxies.
    f"{_SCRAPYS}.redirect.MetaRefreshMiddleware": None,
    f"{_SCRAPYS}.cookies.CookiesMiddleware": None,
    f"{_SCRAPYS}.httpauth.HttpAuthMiddleware": None,
    f"{_SCRAPYS}.httpproxy.HttpProxyMiddleware": None,
    f"{_SCRAPYS}.httpcache.HttpCacheMiddleware": None,
}
"""For DOWNLOADER_MIDDLEWARES: class path -> priority, None to switch one of Scrapy's off."""

HANDLERS: dict[str, str | None] = {
    "http": "crawler.handler.GuardedDownloadHandler",
    "https": "crawler.handler.GuardedDownloadHandler",
    "file": None,
    "data": None,
    "ftp": None,
    "s3": None,
}
"""For DOWNLOAD_HANDLERS: scheme -> class path, None for a scheme that nothing may fetch."""

POLITENESS: dict[str, object] = {
    "ROBOTSTXT_OBEY": True,  # default False
    "ROBOTSTXT_USER_AGENT": "Dauys",  # default None: the whole user agent, contact address included, would be matched
    "CONCURRENT_REQUESTS": 32,  # default 16; a domain has one at a time, the others only wait for their turn
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,  # default 8; one request at a time for each registered domain
    "DOWNLOAD_DELAY_JITTER": 0,  # default 0.5: half a Crawl-delay is no Crawl-delay
    "AUTOTHROTTLE_ENABLED": True,  # default False
    "AUTOTHROTTLE_START_DELAY": 1.0,  # default 5 s: a poll makes a few requests only, and would take a minute
    "AUTOTHROTTLE_MAX_DELAY": 30.0,  # default 60 s
    "AUTOTHROTTLE_TARGET_CONCURRENCY": 1.0,
    "RETRY_TIMES": 2,
    "RETRY_GIVE_UP_LOG_LEVEL": "INFO",  # default ERROR: somebody else's outage is no error of ours
    "RETRY_PRIORITY_ADJUST": -1,
    "REDIRECT_MAX_TIMES": 5,  # default 20; an honest article needs one or two
    "REDIRECT_PRIORITY_ADJUST": 2,
    "DOWNLOAD_TIMEOUT": 30,  # default 180 s, for the whole answer; 10 s of it for the connection
    "DOWNLOAD_MAXSIZE": 10 * 1024 * 1024,  # default 1 GiB; bytes, as received and once more when decoded
    "DOWNLOAD_WARNSIZE": 0,  # default 32 MiB, which nothing reaches
    "DOWNLOAD_FAIL_ON_DATALOSS": True,  # a torn body is an error, retried; never a page
    "DOWNLOAD_VERIFY_CERTIFICATES": True,  # default False
    "TWISTED_REACTOR_ENABLED": False,  # default True; the handler is asyncio's own
    "COOKIES_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,  # default True: it executes code that it is sent
}
"""Settings that the middlewares rely on, each with Scrapy's default where that differs."""
