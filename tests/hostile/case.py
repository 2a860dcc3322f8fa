"""What one misbehaviour is, and what has to become of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from archive.records import EntryKind, LinkState
from tests.mockserver import Exchange, Resource, text

Article = Mapping[str, Any]
"""The row of `articles`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One site that misbehaves in one way, and the outcome that has to be recorded.

    A case of a page is a link of a good feed: `state` and `reason` are those of its row in `links`; `check` looks at
    the article where one has to be stored. A case of an entry is a feed, sitemap or section of the source: `reason` is
    its `last_error`, or its `note` where it answered, `links` is how many links it may bring.
    """

    name: str
    what: str
    resources: Mapping[str, Resource]
    path: str
    kind: Literal["page"] | EntryKind = "page"
    state: LinkState = "failed"
    reason: str | None = None
    """The beginning of what is recorded; None where nothing is wrong."""
    check: Callable[[Article], object] | None = None
    links: int = 0
    edge: bool = False
    """Whether the machine's speed decides if it is read in time: either it is stored whole, or it fails with a reason
    of its reader."""


class Later:
    """A resource whose large body is made before its crawl, and not when this file is imported."""

    def __init__(self, make: Callable[[], str | bytes], kind: str = "text/html", **headers: str) -> None:
        self._make = make
        self._kind = kind
        self._headers = headers
        self._made: Resource | None = None

    def prepare(self) -> None:
        """Make the body, away from the server's thread: other sites would be slow meanwhile."""
        self._made = self._made or text(self._make(), kind=self._kind, **self._headers)

    async def __call__(self, x: Exchange) -> None:
        """Answer with it."""
        self.prepare()
        assert self._made is not None
        await self._made(x)


@dataclass(slots=True)
class Cases:
    """The cases of one file, in its order."""

    all: list[Case] = field(default_factory=list)

    def page(
        self, name: str, what: str, body: Resource | str, state: LinkState = "failed", reason: str | None = None,
        *, check: Callable[[Article], object] | None = None, robots: Resource | None = None, edge: bool = False,
    ) -> None:  # fmt: skip
        """Add a page: `body` answers for it, or is the path of a resource that all sites have."""
        path = body if isinstance(body, str) else f"/news/{name}-12345"
        resources: dict[str, Resource] = {} if isinstance(body, str) else {path: body}
        if robots is not None:
            resources["/robots.txt"] = robots
        self.all.append(
            Case(
                name=name, what=what, resources=resources, path=path, state=state, reason=reason, check=check, edge=edge
            )
        )

    def entry(
        self, name: str, what: str, kind: EntryKind, body: Resource, reason: str | None, *, links: int = 0,
        more: Mapping[str, Resource] | None = None,
    ) -> None:  # fmt: skip
        """Add an entry of a source; `more` are the other resources of its site."""
        path = f"/lists/{name}"
        resources = {**(more or {}), path: body}
        self.all.append(
            Case(name=name, what=what, resources=resources, path=path, kind=kind, reason=reason, links=links)
        )
