"""From an address and a time to an answer: the outlets' routing, pure, before any socket is involved."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from . import chrome, feeds, pages
from .model import Entry, Outlet, Piece, stable_number
from .press import Press

TRACKING = re.compile(r"utm_\w+|from|yclid|ysclid|fbclid|gclid|amp$")
DEAD = {"boztorgai": 200, "meridian": 500, "azdauys": 403}
"""How a dead candidate entry answers, by outlet: an HTML page, a server error, a refusal; elsewhere 404."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response before conditions are looked at. `last_modified` is aware; `stall` means: say nothing, then drop."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    last_modified: datetime | None = None
    headers: tuple[tuple[str, str], ...] = field(default=())
    stall: bool = False


def _html(outlet: Outlet, body: bytes, status: int = 200, last_modified: datetime | None = None) -> Answer:
    # The windows-1251 outlet names its charset in the page only, as such sites do.
    content_type = "text/html" if outlet.charset != "utf-8" else "text/html; charset=utf-8"
    return Answer(status=status, body=body, content_type=content_type, last_modified=last_modified)


def _redirect(status: int, address: str) -> Answer:
    return Answer(status=status, headers=(("Location", address),))


def _missing(press: Press, outlet: Outlet, status: int = 404) -> Answer:
    ui = chrome.UI[outlet.languages[0]]
    return _html(outlet, pages.notice(press, outlet, ui["missing"], ui["missing_text"]), status)


def _home(press: Press, outlet: Outlet) -> str:
    return press.bases[outlet.id] + "/"


def _section(outlet: Outlet) -> Entry:
    found = next((entry for entry in outlet.entries if entry.format == "section"), None)
    return found or Entry(kind="section", path="/", format="section")


TROUBLE_STATUS = {"403": 403, "429": 429, "500": 500, "503": 503}


def _troubled(press: Press, outlet: Outlet, trouble: str) -> Answer | None:
    if trouble == "time-out":
        return Answer(stall=True)
    if trouble in TROUBLE_STATUS:
        headers = (("Retry-After", "600"),) if trouble in ("429", "503") else ()
        body = pages.notice(press, outlet, f"Error {trouble}", "…")
        return Answer(status=TROUBLE_STATUS[trouble], body=body, headers=headers)
    return None


def answer(press: Press, outlet: Outlet, target: str, now: datetime) -> Answer:
    """Return what `outlet` answers to a GET of `target` (path and query) at `now`."""
    parts = urlsplit(target)
    if outlet.closes_at and outlet.closes_at <= now:
        ui = chrome.UI[outlet.languages[0]]
        return _html(outlet, pages.notice(press, outlet, ui["parked"], ui["parked"]))
    trouble = press.trouble(outlet.id, None, now)
    if parts.path == "/robots.txt":
        if trouble == "robots-503":
            return Answer(status=503, body=b"", content_type="text/plain")
        body = feeds.robots(press, outlet, closed=trouble == "robots-closed")
        return Answer(body=body, content_type="text/plain; charset=utf-8")
    if trouble and (troubled := _troubled(press, outlet, trouble)):
        return troubled
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    kept = urlencode({key: value for key, value in query.items() if not TRACKING.fullmatch(key)})
    if listed := _listing(press, outlet, parts.path, query, now):
        return listed
    if outlet.feed_redirect and parts.path == "/go/":
        return _go(press, outlet, query, now)
    path, amp = _without_amp(outlet, parts.path, query)
    piece = press.find(outlet.id, f"{path}?{kept}" if kept else path, now)
    if piece is not None:
        return _piece(press, outlet, piece, path, now, amp=amp)
    if outlet.disallow and target.startswith(outlet.disallow):
        ui = chrome.UI[outlet.languages[0]]
        return _html(outlet, pages.notice(press, outlet, ui["closed"], ui["closed"]))
    # One outlet answers every unknown address with a polite page and status 200.
    return _missing(press, outlet, 200 if outlet.design == "caption" else 404)


def _without_amp(outlet: Outlet, path: str, query: dict[str, str]) -> tuple[str, bool]:
    if outlet.amp == "/amp/" and path.endswith("/amp/"):
        return path.removesuffix("amp/"), True
    if outlet.amp == ".amp.html" and path.endswith(".amp.html"):
        return path.removesuffix(".amp.html") + ".html", True
    return path, outlet.amp == "?amp=1" and "amp" in query


def _go(press: Press, outlet: Outlet, query: dict[str, str], now: datetime) -> Answer:
    found = next((p for p in press.published(outlet.id, now) if str(p.number) == query.get("id")), None)
    if found is None:
        return _missing(press, outlet)
    return _redirect(302, f"{press.url(found, now)}?{outlet.feed_params}")


def _listing(press: Press, outlet: Outlet, path: str, query: dict[str, str], now: datetime) -> Answer | None:
    changed = press.latest_event(outlet.id, now)
    for entry in outlet.entries:
        if entry.format == "section":
            paged = re.fullmatch(re.escape(entry.path) + r"(?:page/(\d{1,4})/)?", path)
            if paged:
                number = paged[1] or query.get("page", "1")
                page = int(number) if number.isdecimal() and len(number) < 5 else 0
                return _section_page(press, outlet, entry, page, now, changed)
        elif entry.path == path:
            return _machine(press, outlet, entry, now, changed)
    if path == "/":
        return _section_page(press, outlet, _section(outlet), 1, now, changed)
    if path == "/sitemaps/nested.xml" and outlet.kind == "official":
        body = feeds.sitemap_index(press, outlet, now, nested=True)
        return Answer(body=body, content_type="application/xml", last_modified=changed)
    gz = re.fullmatch(r"/sitemaps/(\w+)-(\d{4}-\d{2})\.xml\.gz", path)
    if gz and any(entry.format == "sitemap-index" for entry in outlet.entries):
        edition = None if gz[1] == "all" else gz[1]
        body = feeds.gzipped(feeds.sitemap(press, outlet, now, gz[2], edition))
        return Answer(body=body, content_type="application/x-gzip", last_modified=changed)
    return None


def _section_page(press: Press, outlet: Outlet, entry: Entry, page: int, now: datetime, changed: datetime) -> Answer:
    body = pages.listing(press, outlet, entry, now, page)
    if body is None:
        return _missing(press, outlet)
    if "listing" in outlet.date_style:
        changed = max(changed, _midnight(outlet, now))
    return _html(outlet, body, last_modified=changed)


def _machine(press: Press, outlet: Outlet, entry: Entry, now: datetime, changed: datetime) -> Answer:
    match entry.format:
        case "rss":
            return Answer(
                body=feeds.rss(press, outlet, entry, now), content_type="application/rss+xml", last_modified=changed
            )
        case "rss-malformed":
            body = feeds.malformed_rss(press, outlet, entry, now)
            return Answer(body=body, content_type="text/xml", last_modified=changed)
        case "atom":
            body = feeds.atom(press, outlet, entry, now)
            return Answer(body=body, content_type="application/atom+xml", last_modified=changed)
        case "json-feed":
            body = feeds.json_feed(press, outlet, entry, now)
            return Answer(body=body, content_type="application/feed+json", last_modified=changed)
        case "news-sitemap":
            body = feeds.news_sitemap(press, outlet, entry, now)
            return Answer(body=body, content_type="application/xml", last_modified=changed)
        case "sitemap":
            body = feeds.sitemap(press, outlet, now)
            return Answer(body=body, content_type="application/xml", last_modified=changed)
        case "sitemap-index":
            body = feeds.sitemap_index(press, outlet, now)
            return Answer(body=body, content_type="application/xml", last_modified=changed)
        case _:
            return _missing(press, outlet, DEAD.get(outlet.id, 404))


def _midnight(outlet: Outlet, now: datetime) -> datetime:
    return now.astimezone(outlet.zone).replace(hour=0, minute=0, second=0)


def _piece(press: Press, outlet: Outlet, piece: Piece, path: str, now: datetime, *, amp: bool) -> Answer:
    state = piece.at(now)
    trouble = press.trouble(outlet.id, piece.id, now)
    if trouble and (troubled := _troubled(press, outlet, trouble)):
        return troubled
    match state.gone:
        case "404" | "410":
            return _missing(press, outlet, int(state.gone))
        case "soft-404":
            return _missing(press, outlet, 200)
        case "home":
            return _redirect(302, _home(press, outlet))
        case "section":
            return _redirect(301, press.bases[outlet.id] + _section(outlet).path)
    if path in state.old_paths:
        address = press.bases[outlet.id] + state.path
        if "meta-refresh" in state.dress:
            page = f'<html><head><meta http-equiv="refresh" content="0; url={address}"></head><body></body></html>'
            return _html(outlet, page.encode(), last_modified=state.touched)
        return _redirect(301, address)
    if path != state.path.partition("?")[0]:
        return _missing(press, outlet)
    changed = state.touched
    if outlet.noise:
        changed = max(changed, now.replace(minute=0, second=0))
    if "kk-relative" in outlet.date_style.values() and now - piece.published < timedelta(days=3):
        changed = max(changed, _midnight(outlet, now))
    body = pages.article(press, piece, now, amp=amp, empty=trouble == "empty-page")
    return _html(outlet, body, last_modified=changed)


def etag(body: bytes, *, weak: bool = False) -> str:
    """Return an entity tag that follows from the body alone."""
    return f'{"W/" if weak else ""}"{stable_number(body.hex()):08x}-{len(body):x}"'
