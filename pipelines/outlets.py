"""Which outlet an address belongs to and in which zone it dates its articles, for pages that no crawl brought."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from archive.config import load_toml
from archive.frontier import Frontier, SourceRow
from archive.records import SourceKind
from pipelines.canonical import BadURL, registered_domain

SOURCES = Path(__file__).resolve().parent.parent / "sources.toml"
"""The project's own list, where none is named."""
KINDS = ("state", "private", "foreign", "official", "party")


class Outlets:
    """The outlets that an archive and a sources file know, asked by address; one that neither knows is made.

    What a crawl has listed in the archive goes before the file. `zone` is for dates of outlets of which no zone is
    known, or of all outlets when it is `forced`.
    """

    def __init__(
        self, frontier: Frontier, listed: Iterable[SourceRow] = (), *, zone: ZoneInfo, forced: bool = False
    ) -> None:
        self._frontier = frontier
        self._zone = zone
        self._forced = forced
        self._by_id: dict[str, SourceRow] = {}
        self._by_domain: dict[str, SourceRow] = {}
        self._stored: set[str] = set()
        for row in frontier.sources():
            self._stored.add(row.id)
            self._learn(row)
        for row in listed:
            self._learn(row)

    def named(self, url: str, name: str | None = None) -> str:
        """Return the id of the outlet called `name`, by id or by domain, or else of the one that owns `url`.

        An outlet that nobody knows is called by its registered domain. Raises BadURL for what is no address.
        """
        if name is not None:
            known = self._by_id.get(name) or self._by_domain.get(name.removeprefix("www."))
            return known.id if known else name
        domain = registered_domain(url)
        owner = self._by_id.get(domain) or self._by_domain.get(domain)
        return owner.id if owner else domain

    def zone(self, source_id: str) -> ZoneInfo:
        """Return the zone of an outlet's dates without an offset."""
        row = self._by_id.get(source_id)
        return ZoneInfo(row.timezone) if row and row.timezone and not self._forced else self._zone

    def ensure(self, source_id: str, url: str) -> None:
        """List an outlet in the archive, as its sources file has it, or as one that only imports have brought."""
        if source_id in self._stored:
            return
        row = self._by_id.get(source_id)
        if row is None:
            domain = registered_domain(url)
            row = SourceRow(
                id=source_id, name=source_id, homepage=f"https://{domain}/", languages=(), country=None, kind=None,
                enabled=False, timezone=self._zone.key, domains=(domain,),
            )  # fmt: skip
            # its domain stays free: whose a file's next line is must not depend on how far this one has come
            self._by_id[row.id] = row
        if not self._frontier.has_source(source_id):
            self._frontier.register(row, [])
        self._stored.add(source_id)

    def _learn(self, row: SourceRow) -> None:
        self._by_id.setdefault(row.id, row)
        for domain in _domains(row):
            self._by_domain.setdefault(domain, row)


def listed_in(path: Path) -> Iterator[SourceRow]:
    """Yield the outlets of a sources file, without a judgement on it: `scrapy check-sources` is for that.

    A table that does not even say its id and home page is passed over. Raises ConfigError for a file that cannot be
    read.
    """
    data = load_toml(path).data
    defaults, tables = data.get("defaults"), data.get("source")
    common = defaults if isinstance(defaults, dict) else {}
    for table in tables if isinstance(tables, list) else []:
        if isinstance(table, dict) and all(isinstance(table.get(key), str) for key in ("id", "homepage")):
            yield _row(common | table)


def listed(path: Path | None) -> list[SourceRow]:
    """Return the outlets of a sources file, or of the project's own where there is one. Raises ConfigError."""
    return list(listed_in(path or SOURCES)) if path or SOURCES.exists() else []


def topics_of(path: Path | None) -> dict[str, tuple[str, ...]]:
    """Return the topics of those outlets of a sources file that name any. Raises ConfigError."""
    if path is None and not SOURCES.exists():
        return {}
    data = load_toml(path or SOURCES).data
    common, tables = data.get("defaults"), data.get("source")
    shared = common if isinstance(common, dict) else {}
    whole = [shared | one for one in tables if isinstance(one, dict)] if isinstance(tables, list) else []
    found = ((one.get("id"), one.get("topics")) for one in whole)
    return {
        source: (ids,) if isinstance(ids, str) else tuple(map(str, ids))
        for source, ids in found
        if isinstance(source, str) and isinstance(ids, str | list) and ids
    }


def _row(table: Mapping[str, Any]) -> SourceRow:
    addresses = [table["homepage"]]
    entries = table.get("entries")
    addresses += [one["url"] for one in entries if isinstance(one, dict) and "url" in one] if entries else []
    named = table.get("domains")
    domains = [name for name in (named if isinstance(named, list) else [named]) if isinstance(name, str)]
    for address in addresses:
        with suppress(BadURL):
            domains.append(registered_domain(str(address)))
    languages, kind = table.get("languages") or (), table.get("kind")
    return SourceRow(
        id=table["id"],
        name=str(table.get("name") or table["id"]),
        homepage=table["homepage"],
        languages=(languages,) if isinstance(languages, str) else tuple(map(str, languages)),
        country=str(table["country"]) if table.get("country") else None,
        kind=cast("SourceKind", kind) if kind in KINDS else None,
        enabled=table.get("enabled") is not False,
        timezone=_zone_name(table.get("timezone")),
        domains=tuple(dict.fromkeys(domains)),
    )


def _zone_name(name: object) -> str | None:
    try:
        return ZoneInfo(str(name)).key if name else None
    except (ValueError, OSError, LookupError):  # ZoneInfoNotFoundError is a KeyError
        return None


def _domains(row: SourceRow) -> Iterator[str]:
    yield from row.domains
    with suppress(BadURL):
        yield registered_domain(row.homepage)
