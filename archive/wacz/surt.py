"""The key by which a capture is looked up: an address with its host turned round, so that a site sorts together."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


def surt(url: str) -> str:
    """Return the sort-friendly form of an http(s) address: `https://www.dala.example/A/?b&a` -> `example,dala)/a?a&b`.

    As the replay tools have it: lower case, no scheme, `www`, default port or fragment, parameters in order, no
    closing slash.
    """
    parts = urlsplit(url.lower())
    host = re.sub(r"^www\d*\.", "", parts.hostname or "")
    port = f":{parts.port}" if parts.port and parts.port != DEFAULT_PORTS.get(parts.scheme) else ""
    path = re.sub(r"/{2,}", "/", parts.path)
    path = path.rstrip("/") or "/"
    query = "?" + "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    return f"{','.join(reversed(host.split('.')))}{port}){path}{query}"
