"""Fetches http and https: bounded in time and size, and only from addresses that may be connected to."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn, cast

import aiohttp
import yarl
from aiohttp.abc import AbstractResolver
from scrapy.core.downloader.handlers._aiohttp import AiohttpDownloadHandler, _ClientResponse
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.settings import Settings
from scrapy.utils.misc import load_object
from scrapy.utils.ssl import _make_ssl_context

from crawler.net import may_connect
from crawler.reasons import Reason, Refused, TlsError
from pipelines.under_way import Abandoned, UnderWay

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request

_CONNECT_S = 10.0
"""Seconds to open a connection. A host that needs more is down for our purpose, and a crawl has other hosts."""

_LINE_BYTES = 64 * 1024
"""Longest status line and header. The library's own 8 KiB would refuse long Content-Security-Policies."""

_HEADERS = 200
"""Most header lines of one answer; real outlets send 10-40."""

_refused_addresses: ContextVar[list[str]] = ContextVar("refused_addresses")
"""Addresses that the request under way was not let connect to. The library tries the addresses of a name side by
side and keeps only an OSError of them; tasks share this list."""


_TLS_SETTINGS = (
    "DOWNLOAD_VERIFY_CERTIFICATES",
    "DOWNLOADER_CLIENT_TLS_CIPHERS",
    "DOWNLOAD_TLS_MIN_VERSION",
    "DOWNLOAD_TLS_MAX_VERSION",
)


@lru_cache(maxsize=8)
def _tls(settings: tuple[tuple[str, Any], ...]) -> ssl.SSLContext:
    """Return the context of these settings, one for all crawls of a process: it reads all certificates of the system,
    which takes 35 ms and 2 MiB."""
    return _make_ssl_context(Settings(dict(settings)))


class AddressRefused(OSError):
    """Raised instead of making a socket for an address that may not be connected to."""


class GuardedDownloadHandler(AiohttpDownloadHandler):
    """Download over aiohttp, checking each address at the moment a socket is made for it.

    The check is on the address that is connected to, so a name that resolves differently a second time
    (rebinding), a decimal or octal spelling, and a redirect all meet it. There are no proxies: behind one
    the address that is reached could not be seen. Settings: ALLOW_LOOPBACK (False), HOST_RESOLVER (a
    path to an aiohttp resolver class, for tests).
    """

    supports_proxies = False
    experimental = False
    """Silences the library's warning: the tests beside this file are why it is used here."""

    def __init__(self, crawler: Crawler) -> None:
        # The parent would open a session of its own; its parent reads the limits from the settings.
        super(AiohttpDownloadHandler, self).__init__(crawler)
        self._crawler = crawler
        self._ssl_context = _tls(tuple((name, crawler.settings[name]) for name in _TLS_SETTINGS))
        self._allow_loopback = crawler.settings.getbool("ALLOW_LOOPBACK")
        resolver = crawler.settings.get("HOST_RESOLVER")
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=cast("AbstractResolver", load_object(resolver)()) if resolver else None,
                limit=self._pool_size_total,
                limit_per_host=self._pool_size_per_host,
                socket_factory=self._socket,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            response_class=_ClientResponse,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            max_line_size=_LINE_BYTES,
            max_field_size=_LINE_BYTES,
            max_headers=_HEADERS,
        )

    def _socket(self, address: aiohttp.AddrInfoType) -> socket.socket:
        """Make the socket for an address, or refuse; another address of the same name may be better."""
        family, kind, protocol, _, sockaddr = address
        host = str(sockaddr[0])
        if not may_connect(host, allow_loopback=self._allow_loopback):
            _refused_addresses.get().append(host)
            raise AddressRefused(f"{host} is not on the public internet")
        return socket.socket(family=family, type=kind, proto=protocol)

    @asynccontextmanager
    async def _make_request(
        self,
        request: Request,
        timeout: float,  # noqa: ASYNC109 - the parent's signature
    ) -> AsyncIterator[_ClientResponse]:
        # The address goes out as it is: encoding it a second time would ask for another page.
        url = yarl.URL(request.url.partition("#")[0], encoded=True)
        refused: list[str] = []
        _refused_addresses.set(refused)
        under_way = getattr(self._crawler.spider, "under_way", None) or UnderWay()
        try:
            async with (
                under_way.waiting(),
                self._session.request(
                    request.method,
                    url,
                    data=request.body or None,
                    headers=self._request_headers(request).to_tuple_list(),
                    timeout=aiohttp.ClientTimeout(total=timeout, connect=min(timeout, _CONNECT_S)),
                    ssl=self._ssl_context,
                    allow_redirects=False,
                ) as response,
            ):
                yield cast("_ClientResponse", response)
        except Abandoned as error:
            raise Refused(Reason.STOPPED, request.url) from error
        except TimeoutError as error:
            raise DownloadTimeoutError(f"no answer in {timeout} s") from error
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise UnsupportedURLSchemeError(str(error)) from error
        except aiohttp.ClientConnectorDNSError as error:
            raise CannotResolveHostError(str(error)) from error
        except (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch) as error:
            raise TlsError(str(error)) from error
        except aiohttp.ClientConnectorError as error:
            if refused:
                raise Refused(Reason.PRIVATE_ADDRESS, ", ".join(refused)[:200]) from error
            raise DownloadConnectionRefusedError(str(error)) from error
        except aiohttp.ClientPayloadError as error:
            raise ResponseDataLossError(str(error)) from error
        except (aiohttp.ClientError, asyncio.IncompleteReadError, ValueError) as error:
            # ValueError: a header that the library hands on and cannot be read, such as a Content-Length in words.
            raise DownloadFailedError(f"{type(error).__name__}: {error}"[:500]) from error

    @staticmethod
    def _cancel_maxsize(size: int, limit: int, request: Request, *, expected: bool) -> NoReturn:
        raise Refused(Reason.TOO_LARGE, f"{'announced' if expected else 'received'} {size} bytes of at most {limit}")
