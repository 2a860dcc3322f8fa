"""Turns the tables of `sources.toml` into sources and notes each mistake with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from ipaddress import ip_address
from typing import Any, cast, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from archive.config import Problem, Table, TomlFile, nearest
from archive.records import EntryKind, SourceKind
from crawler.codes import COUNTRIES, LANGUAGES
from crawler.patterns import AddressPattern, BadPatternError, compile_pattern
from crawler.source import DEFAULT_DELAY_S, Entry, Source
from pipelines.address import BadURL, parse
from pipelines.canonical import registered_domain

KINDS: tuple[SourceKind, ...] = get_args(SourceKind)
ENTRY_KINDS: tuple[EntryKind, ...] = get_args(EntryKind)
SHARED_KEYS = (
    "languages", "country", "kind", "timezone", "deny", "delay", "enabled", "spider", "topics", "tls_verify",
)  # fmt: skip
"""Keys that `[defaults]` may give for all sources. `deny` adds to a source's own; of the others a source's own wins."""
SOURCE_KEYS = ("id", "name", "homepage", "entries", "allow", "domains", *SHARED_KEYS)
ENTRY_KEYS = ("kind", "url", "fallback", "language", "pages")

MAX_DELAY_S = 600.0
"""Seconds. A longer delay could not get through one listing page in a day; it is a mistake in the unit."""
MAX_PAGES = 50
"""Pages of one section. What is older is reached by a sitemap, not by turning pages at every poll."""

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_SPIDER = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?::[A-Za-z_]\w*)?", re.ASCII)
_LOCAL_NAMES = frozenset({"localhost", "local", "internal", "lan", "home", "intranet", "localdomain"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """The values of SHARED_KEYS in one table; None where the table gives none or a wrong one."""

    languages: tuple[str, ...] | None
    country: str | None
    kind: SourceKind | None
    timezone: ZoneInfo | None
    deny: tuple[AddressPattern, ...] | None
    delay: float | None
    enabled: bool | None
    spider: str | None
    topics: tuple[str, ...] | None
    tls_verify: bool | None

    def over(self, common: _Shared) -> _Shared:
        """Return these values, and where there is none that of `common`; `deny` of both."""
        merged: dict[str, Any] = {}
        for key in (field.name for field in fields(self)):
            own = getattr(self, key)
            merged[key] = getattr(common, key) if own is None else own
        merged["deny"] = (*(common.deny or ()), *(self.deny or ()))
        return _Shared(**merged)


class SourceReader:
    """One reading of one file: collects problems, remembers ids and addresses that must not come twice."""

    def __init__(self, file: TomlFile, *, allow_loopback: bool) -> None:
        self.file = file
        self.allow_loopback = allow_loopback
        self.problems: list[Problem] = []
        self._ids: dict[str, str] = {}
        self._entry_urls: dict[str, str] = {}

    def read(self) -> list[Source]:
        """Return the sources that are right; what is wrong is in `problems`."""
        top = Table(file=self.file, name="", data=self.file.data, problems=self.problems, many=False)
        top.unknown_keys(("defaults", "source"))
        tables = self.file.data.get("source")
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            top.problem("source", "there is no outlet" if tables is None else "is no list", "head each with [[source]]")
            return []
        defaults = self.file.data.get("defaults", {})
        if not isinstance(defaults, dict):
            top.problem("defaults", "must be a table headed [defaults]")
            defaults = {}
        shared = Table(file=self.file, name="defaults", data=defaults, problems=self.problems, many=False)
        shared.unknown_keys(SHARED_KEYS)
        common = self._shared(shared)
        found = (self._source(self._table(number, data), common) for number, data in enumerate(tables))
        return [source for source in found if source is not None]

    def _table(self, number: int, data: dict[str, Any]) -> Table:
        label = data["id"] if isinstance(data.get("id"), str) else None
        return Table(
            file=self.file, name="source", number=number, data=data, problems=self.problems, label=label and label[:40]
        )

    def _source(self, table: Table, common: _Shared) -> Source | None:
        before = len(self.problems)
        table.unknown_keys(SOURCE_KEYS)
        values = self._shared(table).over(common)
        for key in ("languages", "country", "kind", "timezone"):
            if getattr(values, key) is None and key not in table.data:
                table.problem(key, "is missing")
        source_id, name = self._id(table), table.text("name", required=True)
        homepage = self._address(table, "homepage", table.text("homepage", required=True))
        entries = self._entries(table, values.languages)
        allow = _patterns(table, "allow") or ()
        if homepage is not None and any(pattern.search(homepage) for pattern in allow):
            table.problem("allow", f"matches the home page {homepage} too", "an article has more in its path")
        domains = self._domains(table, [*filter(None, [homepage]), *(entry.url for entry in entries)])
        if len(self.problems) > before:
            return None
        return Source(
            id=cast("str", source_id),
            name=cast("str", name),
            homepage=cast("str", homepage),
            languages=cast("tuple[str, ...]", values.languages),
            country=cast("str", values.country),
            kind=cast("SourceKind", values.kind),
            timezone=cast("ZoneInfo", values.timezone),
            entries=entries,
            allow=allow,
            deny=values.deny or (),
            delay=DEFAULT_DELAY_S if values.delay is None else values.delay,
            enabled=values.enabled is not False,
            spider=values.spider,
            topics=values.topics or (),
            tls_verify=values.tls_verify is not False,
            domains=domains,
        )

    def _shared(self, table: Table) -> _Shared:
        return _Shared(
            languages=_languages(table),
            country=_country(table),
            kind=cast("SourceKind | None", table.choice("kind", KINDS)),
            timezone=_timezone(table),
            deny=_patterns(table, "deny"),
            delay=table.number_of("delay", least=0, most=MAX_DELAY_S),
            enabled=table.flag("enabled"),
            spider=_spider(table),
            topics=table.texts("topics"),
            tls_verify=table.flag("tls_verify"),
        )

    def _id(self, table: Table) -> str | None:
        source_id = table.text("id", required=True)
        if source_id is None:
            return None
        if not _ID.fullmatch(source_id):
            table.problem("id", f'"{source_id[:60]}" is no id', "up to 40 of a-z, 0-9 and -, as in khabar-24")
            return None
        return source_id if self._once(table, "id", source_id, self._ids, "the id") else None

    def _entries(self, table: Table, languages: tuple[str, ...] | None) -> tuple[Entry, ...]:
        found: list[Entry] = []
        for place, inner in enumerate(table.tables("entries", required=True) or []):
            inner.unknown_keys(ENTRY_KEYS)
            kind = cast("EntryKind | None", inner.choice("kind", ENTRY_KINDS, required=True))
            url = self._address(inner, "url", inner.text("url", required=True))
            language = inner.text("language")
            if language is not None and languages is not None and language not in languages:
                inner.problem("language", f'"{language}" is none of the outlet\'s languages {", ".join(languages)}')
            pages = inner.number_of("pages", least=1, most=MAX_PAGES)
            fallback = inner.flag("fallback")
            if kind is None or url is None or not self._once(inner, "url", url, self._entry_urls, "an entry"):
                continue
            if fallback and place == 0:
                inner.problem("fallback", "the first entry cannot be a fallback: there is none before it")
            if fallback is None:
                others = (entry for entry in found if entry.kind != "section" and entry.same_edition(language))
                fallback = kind == "section" and any(others)
            found.append(Entry(kind=kind, url=url, fallback=fallback, language=language, pages=int(pages or 1)))
        return tuple(found)

    def _once(self, table: Table, key: str, value: str, seen: dict[str, str], what: str) -> bool:
        """Note a problem when `value` came before; `seen` maps each value to who has it."""
        owner = f"[[source]] #{table.number + 1}" + (f' "{table.label}"' if table.label and key != "id" else "")
        if value in seen:
            table.problem(key, f'"{value}" is already {what} of {seen[value]}')
            return False
        seen[value] = owner
        return True

    def _address(self, table: Table, key: str, url: str | None) -> str | None:
        if url is None:
            return None
        try:
            address = parse(url)
        except BadURL as error:
            table.problem(key, str(error))
            return None
        if not self.allow_loopback and is_local(address.host):
            table.problem(key, f"{url} is on this machine or a private network", "only with --allow-loopback")
            return None
        return str(address)

    def _domains(self, table: Table, urls: Iterable[str]) -> tuple[str, ...]:
        """Return the outlet's registered domains: what `domains` lists, and those of home page and entries."""
        found = {registered_domain(url): None for url in urls}
        for place, name in enumerate(table.texts("domains") or ()):
            try:
                domain = registered_domain(name)
            except BadURL as error:
                table.problem("domains", str(error), item=place)
                continue
            if "/" in name or domain != name:
                table.problem("domains", f'"{name}" is no registered domain', f'write "{domain}"', item=place)
            elif not self.allow_loopback and is_local(parse(f"http://{name}").host):
                table.problem("domains", f"{name} is on this machine or a private network", item=place)
            found[domain] = None
        return tuple(found)


def is_local(host: str) -> bool:
    """Tell whether a host, as `parse` returns it, is no public one: loopback, private, link-local, or a bare name."""
    try:
        return not ip_address(host.strip("[]")).is_global
    except ValueError:
        return "." not in host or host.rpartition(".")[2] in _LOCAL_NAMES


def _languages(table: Table) -> tuple[str, ...] | None:
    codes = table.texts("languages")
    if codes is None:
        return None
    for place, code in enumerate(codes):
        if code not in LANGUAGES:
            hint = 'Kazakh is "kk"; kz is the country' if code.lower() in {"kz", "kaz", "qaz"} else None
            table.problem("languages", f'"{code}" is no ISO 639-1 code', hint or nearest(code, LANGUAGES), item=place)
        elif code in codes[:place]:
            table.problem("languages", f'"{code}" comes twice', item=place)
    if not codes:
        table.problem("languages", "is an empty list")
    return codes


def _country(table: Table) -> str | None:
    code = table.text("country")
    if code is not None and code not in COUNTRIES:
        table.problem(
            "country",
            f'"{code}" is no ISO 3166-1 code',
            f'write "{code.upper()}"' if code.upper() in COUNTRIES else "two capital letters, as in KZ",
        )
        return None
    return code


def _timezone(table: Table) -> ZoneInfo | None:
    name = table.text("timezone")
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder, as in "Asia"
        zones = {zone.lower(): zone for zone in available_timezones()}
        near = nearest(name, zones)
        if near:
            near = re.sub(r'"(.*)"', lambda match: f'"{zones[match[1]]}"', near)
        table.problem("timezone", f'"{name[:60]}" is no time zone', near or "as in Asia/Almaty")
        return None


def _spider(table: Table) -> str | None:
    name = table.text("spider")
    if name is not None and not _SPIDER.fullmatch(name):
        table.problem("spider", f'"{name[:60]}" names no spider', 'a module of crawler/spiders or "module:Class"')
        return None
    return name


def _patterns(table: Table, key: str) -> tuple[AddressPattern, ...] | None:
    texts = table.texts(key)
    if texts is None:
        return None
    found = []
    for place, text in enumerate(texts):
        try:
            found.append(compile_pattern(text))
        except BadPatternError as error:
            table.problem(key, str(error), item=place)
    return tuple(found)
