"""Names that change their address between two questions."""

from __future__ import annotations

import socket
from collections import Counter

from aiohttp.abc import AbstractResolver, ResolveResult


class Rebinding(AbstractResolver):
    """Answers with loopback at first and with a private address from then on."""

    def __init__(self) -> None:
        self._asked: Counter[str] = Counter()

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        """Return one address, as a DNS server would."""
        self._asked[host] += 1
        return [
            ResolveResult(
                hostname=host,
                host="127.0.66.1" if self._asked[host] == 1 else "10.0.0.1",
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """Do nothing: there is no server."""
