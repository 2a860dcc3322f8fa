"""Names without a DNS server."""

from __future__ import annotations

import socket
from collections import defaultdict
from typing import ClassVar

from aiohttp.abc import AbstractResolver, ResolveResult


class FakeResolver(AbstractResolver):
    """A DNS server that says what the test wants, each time the next answer, and goes on with the last."""

    answers: ClassVar[dict[str, list[list[str]]]] = {}
    asked: ClassVar[dict[str, int]] = defaultdict(int)

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        answers = self.answers[host]
        addresses = answers[min(self.asked[host], len(answers) - 1)]
        self.asked[host] += 1
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        """Do nothing: there is no server."""
