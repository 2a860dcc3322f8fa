"""What stands between the spider and the network, in which order and why; `crawler.addon` puts it into the settings."""

from __future__ import annotations

_OURS = "crawler.middlewares"
_SCRAPYS = "scrapy.downloadermiddlewares"

ORDER: dict[str, int | None] = {
    # Requests pass from small numbers to large ones, answers and errors back.
    f"{_OURS}.public_web.PublicWebMiddleware": 20,  # first: names the queue (slot) that the others speak of
    f"{_OURS}.domain_lock.DomainLockMiddleware": 60,  # before robots.txt: that is a request to the domain as well
    f"{_OURS}.settled.SettledMiddleware": 80,  # once the domain is ours, nobody else settles its links
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
