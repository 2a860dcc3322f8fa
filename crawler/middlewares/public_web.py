"""Only http and https, only one queue a domain: the first thing every request meets, redirected ones too."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from crawler.net import may_connect
from crawler.reasons import Reason, Refused
from crawler.slots import slot_key
from pipelines.address import BadURL, parse

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request


class PublicWebMiddleware:
    """Refuse other schemes and literal private addresses before anything is asked for them, and set the slot.

    The slot is set anew each time: a redirect and a retry copy the meta of the request before, so a
    redirect to another domain would go on in the queue of the first. The handler checks addresses
    again when it connects; here a literal one spares the robots.txt request that would come first.
    """

    def __init__(self, *, allow_loopback: bool) -> None:
        self._allow_loopback = allow_loopback

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build with ALLOW_LOOPBACK of the settings."""
        return cls(allow_loopback=crawler.settings.getbool("ALLOW_LOOPBACK"))

    def process_request(self, request: Request) -> None:
        """Refuse with `scheme refused`, `broken address` or `private address`, or set `download_slot`."""
        scheme = urlsplit(request.url).scheme
        if scheme not in ("http", "https"):
            raise Refused(Reason.SCHEME_REFUSED, scheme)
        try:
            host = parse(request.url).host.strip("[]")  # 2130706433 and 0x7f.1 are 127.0.0.1
        except BadURL as error:
            raise Refused(Reason.BROKEN_ADDRESS, str(error)[:200]) from error
        if _is_address(host) and not may_connect(host, allow_loopback=self._allow_loopback):
            raise Refused(Reason.PRIVATE_ADDRESS, host)
        request.meta["download_slot"] = slot_key(request.url)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
