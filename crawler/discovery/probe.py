"""Finds out how a site can be followed: its feeds, sitemaps and sections, and what each would yield."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from protego import Protego

from archive.errors import DauysError
from archive.records import EntryKind, Link
from crawler.discovery.anchors import Html, read_html
from crawler.discovery.feed import parse_feed
from crawler.discovery.links import Refusal, clean_url, domains_of, in_domains
from crawler.discovery.pattern import guess_pattern
from crawler.discovery.section import looks_like_article, parse_section
from crawler.discovery.sitemap import parse_sitemap

MAX_REQUESTS = 40
"""Requests of one probe; at three seconds each it is done in two minutes."""
MAX_FEEDS = 6
MAX_SECTIONS = 5
"""Sections that are fetched, the likeliest first."""
LEAST_ARTICLES = 5
"""Links to articles that make a page a section."""
FEED_PATHS = (
    "/feed/",
    "/rss.xml",
    "/rss",
    "/rss/",
    "/feed.xml",
    "/atom.xml",
    "/rss/all.rss",
    "/news.rss",
    "/feed.json",
)
SITEMAP_PATHS = ("/sitemap.xml", "/sitemap_index.xml", "/sitemap-index.xml", "/sitemap/index.xml", "/wp-sitemap.xml")
NEWS_SITEMAP_PATHS = ("/sitemap-news.xml", "/news-sitemap.xml", "/sitemap.news.xml", "/gnews-sitemap.xml")

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_FEED_HREF = re.compile(r"(?:^|[/._-])(?:rss2?|feed|atom|rdf)(?:[/._-]|\Z)|\.rss\Z", re.IGNORECASE)
_COMMENTS = re.compile(r"comment|podcast|oembed", re.IGNORECASE)
_NEWS_SECTION = re.compile(
    r"news|novosti|lenta|latest|all\b|janalyq|zhanalyk|zhanalyq|жаңалық|жаналык|новости|лента|последние", re.IGNORECASE
)
_BEAT_SECTION = re.compile(
    r"polit|kazakh?stan|qazaqstan|society|obshchestvo|саясат|қоғам|политика|казахстан", re.IGNORECASE
)
_KAZAKH = re.compile("[әғқңөұүһі]", re.IGNORECASE)
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_LATIN = re.compile("[a-z]", re.IGNORECASE)
_COUNTRIES = {"kz": ("KZ", "Asia/Almaty"), "ru": ("RU", "Europe/Moscow"), "kg": ("KG", "Asia/Bishkek")}
_COUNTRIES |= {"uz": ("UZ", "Asia/Tashkent"), "by": ("BY", "Europe/Minsk"), "uk": ("GB", "Europe/London")}
_ZONE_OF_OFFSET = {5.0: "Asia/Almaty", 3.0: "Europe/Moscow", 6.0: "Asia/Bishkek"}


class ProbeError(DauysError):
    """Raised when the site's home page cannot be had: nothing can be said of the site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer, or why there was none. `url` is the address after redirects."""

    url: str
    status: int = 0
    body: bytes = b""
    content_type: str | None = None
    error: str | None = None

    @property
    def ok(self) -> bool:
        """Tell whether there is a body to read."""
        return self.error is None and self.status == 200 and bool(self.body)

    @property
    def trouble(self) -> str:
        """Return why the answer is of no use."""
        return self.error or (f"http {self.status}" if self.status != 200 else "empty body")


Fetch = Callable[[str], Awaitable[Fetched]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One entry of the site and what it yields: `links` as discovered, the newest date, some titles."""

    kind: EntryKind
    url: str
    links: tuple[Link, ...] = ()
    newest: datetime | None = None
    language: str | None = None
    children: int = 0
    problems: tuple[str, ...] = ()

    @property
    def titles(self) -> tuple[str, ...]:
        """Return three titles, or addresses where there are none."""
        return tuple((link.title_hint or link.url) for link in self.links[:3])


@dataclass(slots=True, kw_only=True)
class Report:
    """What a probe found, and what it tried in vain (address and reason)."""

    homepage: str
    name: str
    found: list[Found] = field(default_factory=list)
    tried: list[tuple[str, str]] = field(default_factory=list)
    crawl_delay: float | None = None
    languages: tuple[str, ...] = ()
    country: str = "KZ"
    timezone: str = "Asia/Almaty"
    allow: str | None = None
    articles: tuple[str, ...] = ()


class _Visit:
    """One probe's requests: counted, each address once."""

    def __init__(self, fetch: Fetch, report: Report, domains: frozenset[str]) -> None:
        self.report = report
        self.domains = domains
        self._fetch = fetch
        self._asked: set[str] = set()

    async def get(self, url: str) -> Fetched | None:
        """Fetch `url` unless it was asked for already, lies elsewhere or the requests are used up."""
        address = clean_url(url, self.report.homepage)
        if isinstance(address, Refusal) or address in self._asked or not in_domains(address, self.domains):
            return None
        if len(self._asked) >= MAX_REQUESTS:
            return None
        self._asked.add(address)
        answer = await self._fetch(address)
        if not answer.ok:
            self.report.tried.append((address, answer.trouble))
            return None
        return answer


async def probe(url: str, fetch: Fetch) -> Report:
    """Probe the site at `url` with the function `fetch`, which keeps the manners. Raises ProbeError.

    Fetches the home page, robots.txt, the feeds it links to (else the well-known ones), the sitemaps of
    robots.txt (else the well-known ones) with one child of each index, and its likeliest sections.
    """
    home = clean_url(url if "://" in url else f"https://{url}", "https://localhost/")
    if isinstance(home, Refusal):
        raise ProbeError(f"{url}: {home.reason}")
    answer = await fetch(home)
    if not answer.ok:
        raise ProbeError(f"{home} cannot be had: {answer.trouble}")
    page = read_html(answer.body, answer.url, answer.content_type)
    report = Report(homepage=answer.url, name=(page.title or urlsplit(answer.url).netloc)[:80])
    report.country, report.timezone = place_of(urlsplit(answer.url).hostname or "")
    visit = _Visit(fetch, report, domains_of([answer.url, home]))
    zone = ZoneInfo(report.timezone)
    sitemaps = await _robots(visit)
    await _feeds(visit, page, zone)
    await _sitemaps(visit, sitemaps, zone)
    await _sections(visit, page, answer, zone)
    _conclude(report, page)
    return report


async def _robots(visit: _Visit) -> list[str]:
    """Return the sitemaps that robots.txt names, and note its Crawl-delay."""
    answer = await visit.get("/robots.txt")
    if answer is None:
        return []
    rules = Protego.parse(answer.body[: 512 * 1024].decode("utf-8", "replace"))
    visit.report.crawl_delay = rules.crawl_delay("Dauys")
    return list(rules.sitemaps)[:20]


async def _feeds(visit: _Visit, page: Html, zone: ZoneInfo) -> None:
    linked = [
        given["href"] for given in page.heads if given.get("href") and given.get("type", "").lower() in _FEED_TYPES
    ]
    written = [anchor.href for anchor in page.anchors if _FEED_HREF.search(urlsplit_path(anchor.href))]
    candidates = [href for href in dict.fromkeys(chain(linked, written)) if not _COMMENTS.search(href)]
    for href in candidates[: 2 * MAX_FEEDS]:
        await _feed(visit, urljoin(page.base, href), zone)
    for path in FEED_PATHS:
        if any(found.kind == "feed" for found in visit.report.found):
            break
        await _feed(visit, path, zone)


async def _feed(visit: _Visit, url: str, zone: ZoneInfo) -> None:
    known = [found for found in visit.report.found if found.kind == "feed"]
    if len(known) >= MAX_FEEDS or (answer := await visit.get(url)) is None:
        return
    result = parse_feed(answer.body, answer.url, zone=zone, content_type=answer.content_type)
    if result.kind is None or not result.links:
        visit.report.tried.append((answer.url, "; ".join(result.problems) or "an empty feed"))
    elif any({link.url for link in result.links} == {link.url for link in found.links} for found in known):
        visit.report.tried.append((answer.url, "the same as another feed"))
    else:
        visit.report.found.append(
            Found(
                kind="feed",
                url=answer.url,
                links=result.links,
                newest=_newest(result.links),
                language=result.language,
                problems=result.problems,
            )
        )


async def _sitemaps(visit: _Visit, named: Iterable[str], zone: ZoneInfo) -> None:
    for url in named:
        await _sitemap(visit, url, zone)
    for path in SITEMAP_PATHS:
        if _has(visit, "sitemap", "news-sitemap"):
            break
        await _sitemap(visit, path, zone)
    for path in NEWS_SITEMAP_PATHS:
        if _has(visit, "news-sitemap"):
            break
        await _sitemap(visit, path, zone)


def _has(visit: _Visit, *kinds: EntryKind) -> bool:
    return any(found.kind in kinds for found in visit.report.found)


async def _sitemap(visit: _Visit, url: str, zone: ZoneInfo, depth: int = 1) -> Found | None:
    """Read one sitemap, of an index its first children as well; what lists articles becomes an entry."""
    answer = await visit.get(url)
    if answer is None:
        return None
    result = parse_sitemap(answer.body, answer.url, zone=zone, content_type=answer.content_type)
    newest = _newest(result.links) or max(result.modified.values(), default=None)
    found = Found(
        kind="news-sitemap" if result.kind == "news" else "sitemap",
        url=answer.url,
        links=result.links,
        newest=newest,
        children=len(result.children),
        problems=result.problems,
    )
    if result.children and depth < 3:
        for child in result.children[:2]:
            part = await _sitemap(visit, child.url, zone, depth + 1)
            if part is not None and part.kind != "news-sitemap":
                found = replace(found, links=found.links or part.links, newest=found.newest or part.newest)
    articles = [link for link in found.links if looks_like_article(link.url, link.title_hint or "")]
    if found.kind == "news-sitemap" or (depth == 1 and len(articles) >= LEAST_ARTICLES):
        visit.report.found.append(found)
    elif depth == 1:
        reason = "; ".join(result.problems[:2]) or f"{len(found.links)} addresses, {len(articles)} like articles"
        visit.report.tried.append((answer.url, reason))
    return found


async def _sections(visit: _Visit, page: Html, answer: Fetched, zone: ZoneInfo) -> None:
    for url in _section_candidates(page, visit)[:MAX_SECTIONS]:
        fetched = await visit.get(url)
        if fetched is not None:
            _section(visit, fetched, zone)
    if not _has(visit, "section"):
        _section(visit, answer, zone)


def _section(visit: _Visit, answer: Fetched, zone: ZoneInfo) -> None:
    result = parse_section(answer.body, answer.url, zone=zone, content_type=answer.content_type, domains=visit.domains)
    if len(result.links) < LEAST_ARTICLES:
        visit.report.tried.append((answer.url, f"{len(result.links)} links to articles"))
        return
    problems = (*result.problems, *(() if result.next_url else ("no next page",)))
    visit.report.found.append(
        Found(kind="section", url=answer.url, links=result.links, newest=_newest(result.links), problems=problems)
    )


def _section_candidates(page: Html, visit: _Visit) -> list[str]:
    """Return addresses that may be sections, the likeliest first: news before beats before what stands in the menu."""
    rank: dict[str, tuple[int, int]] = {}
    for place, anchor in enumerate(page.anchors[:2_000]):
        url = clean_url(anchor.href, page.base)
        if isinstance(url, Refusal) or not in_domains(url, visit.domains):
            continue
        parts = urlsplit(url)
        if parts.query or not 1 <= parts.path.strip("/").count("/") + bool(parts.path.strip("/")) <= 2:
            continue
        if looks_like_article(url, anchor.text) or "." in parts.path.rpartition("/")[2]:
            continue
        words = f"{parts.path} {anchor.text}"
        class_ = 0 if _NEWS_SECTION.search(words) else 1 if _BEAT_SECTION.search(words) else 2 if anchor.in_nav else 3
        if not re.search(r"about|contact|login|reklama|advert|tag/|author|search|rss|privacy|podcast", parts.path):
            rank.setdefault(url, (class_, place))
    return sorted((url for url in rank if rank[url][0] < 3), key=lambda url: rank[url])


def _conclude(report: Report, page: Html) -> None:
    """Guess languages, time zone and the pattern of articles from all that was found."""
    order: dict[EntryKind, int] = {"feed": 0, "news-sitemap": 1, "sitemap": 2, "section": 3}
    report.found.sort(key=lambda found: order[found.kind])
    trusted = [link for found in report.found if found.kind in ("feed", "news-sitemap") for link in found.links]
    looked = [link for found in report.found for link in found.links if looks_like_article(link.url)]
    links = trusted if len(trusted) >= 10 else looked
    own = domains_of([report.homepage])
    report.articles = tuple(dict.fromkeys(link.url for link in links if in_domains(link.url, own)))[:500]
    titles = [link.title_hint for found in report.found for link in found.links[:200] if link.title_hint]
    report.languages = languages_of(titles) or (((page.language or "")[:2] or "ru"),)
    sections = [found.url for found in report.found if found.kind == "section"]
    others = [url for a in page.anchors if isinstance(url := clean_url(a.href, page.base), str) and a.in_nav]
    menu = [url for url in others if not looks_like_article(url)]
    report.allow = guess_pattern(report.articles, [report.homepage, *sections, *menu])
    offsets = Counter(
        moment.utcoffset()
        for found in report.found
        for link in found.links[:200]
        if (moment := link.published_hint) is not None and moment.year >= 2025 and moment.tzinfo is not UTC
    )
    if offsets and (most := offsets.most_common(1)[0][0]) is not None:
        hours = most.total_seconds() / 3600
        if report.country not in {"KZ", "RU", "KG", "UZ", "BY", "GB"} and hours in _ZONE_OF_OFFSET:
            report.timezone = _ZONE_OF_OFFSET[hours]


def languages_of(titles: Iterable[str]) -> tuple[str, ...]:
    """Return the languages of at least a tenth of `titles`, the commonest first, told by their letters: kk, ru, en."""
    counts = Counter(
        "kk" if _KAZAKH.search(title) else "ru" if _CYRILLIC.search(title) else "en"
        for title in titles
        if _CYRILLIC.search(title) or _LATIN.search(title)
    )
    return tuple(language for language, count in counts.most_common() if count >= 0.1 * counts.total())


def urlsplit_path(href: str) -> str:
    """Return the path of an address as written, empty when it is broken."""
    try:
        return urlsplit(href).path
    except ValueError:
        return ""


def place_of(host: str, *, country: str = "KZ") -> tuple[str, str]:
    """Return country and time zone by the domain; where it tells nothing `country`, and Kazakhstan's zone."""
    return _COUNTRIES.get(host.rpartition(".")[2], (country, "Asia/Almaty"))


def _newest(links: Iterable[Link]) -> datetime | None:
    return max((link.published_hint for link in links if link.published_hint is not None), default=None)
