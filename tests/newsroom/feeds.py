"""What the outlets give machines: RSS, Atom, JSON Feed, sitemaps of several kinds, robots.txt."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from .model import Entry, Outlet, Piece
from .press import Press


def link(press: Press, piece: Piece, now: datetime) -> str:
    """Return a piece's address as its outlet's feed gives it: with tracking, or through a redirect."""
    outlet = press.outlets[piece.outlet]
    if outlet.feed_redirect:
        return f"{press.bases[outlet.id]}/go/?id={piece.number}&{outlet.feed_params}"
    address = press.url(piece, now)
    return address + ("&" if "?" in address else "?") + outlet.feed_params if outlet.feed_params else address


def _lead(piece: Piece, now: datetime) -> str:
    paragraphs = piece.at(now).paragraphs
    return paragraphs[0] if paragraphs else ""


def rss(press: Press, outlet: Outlet, entry: Entry, now: datetime) -> bytes:
    """Return RSS 2.0 with guid, pubDate and the lead."""
    items = "".join(
        f"<item><title>{escape(piece.at(now).title)}</title><link>{escape(link(press, piece, now))}</link>"
        f'<guid isPermaLink="false">{outlet.id}-{piece.number}</guid>'
        f"<pubDate>{format_datetime(piece.published.astimezone(outlet.zone))}</pubDate>"
        f"<description>{escape(_lead(piece, now))}</description>"
        + "".join(f"<category>{escape(tag)}</category>" for tag in piece.tags)
        + "</item>\n"
        for piece in press.listed(outlet, entry, now)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>{escape(outlet.name)}</title>'
        f"<link>{press.bases[outlet.id]}/</link><description>{escape(outlet.name)}</description><ttl>5</ttl>\n"
        f"{items}</channel></rss>\n"
    ).encode()


def malformed_rss(press: Press, outlet: Outlet, entry: Entry, now: datetime) -> bytes:
    """Return RSS as careless software writes it: windows-1251, bare ampersands, local dates, no closing tags."""
    items = "".join(
        f"<item><title>{piece.at(now).title} & ещё</title><link>{press.url(piece, now)}</link>"
        f"<pubDate>{piece.published.astimezone(outlet.zone):%d.%m.%Y %H:%M}</pubDate>"
        f"<description><p>{_lead(piece, now)}</description></item>\n"
        for piece in press.listed(outlet, entry, now)
    )
    head = f'<?xml version="1.0" encoding="windows-1251"?>\n<rss version="2.0"><channel><title>{outlet.name}</title>\n'
    return (head + items + "</channel>").encode("windows-1251", errors="xmlcharrefreplace")


def atom(press: Press, outlet: Outlet, entry: Entry, now: datetime) -> bytes:
    """Return Atom with `published` and, for changed pieces, a later `updated`."""
    items = "".join(
        f"<entry><title>{escape(piece.at(now).title)}</title><id>tag:{outlet.id},2026:{piece.number}</id>"
        f'<link rel="alternate" href="{escape(link(press, piece, now))}"/>'
        f"<published>{piece.published.astimezone(outlet.zone).isoformat()}</published>"
        f"<updated>{(piece.at(now).modified or piece.published).astimezone(outlet.zone).isoformat()}</updated>"
        f"<summary>{escape(_lead(piece, now))}</summary></entry>\n"
        for piece in press.listed(outlet, entry, now)
    )
    updated = press.latest_event(outlet.id, now).isoformat()
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<title>{escape(outlet.name)}</title><id>tag:{outlet.id},2026:feed</id><updated>{updated}</updated>\n"
        f"{items}</feed>\n"
    ).encode()


def json_feed(press: Press, outlet: Outlet, entry: Entry, now: datetime) -> bytes:
    """Return JSON Feed 1.1."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": press.bases[outlet.id] + "/",
        "items": [
            {
                "id": f"{outlet.id}-{piece.number}",
                "url": link(press, piece, now),
                "title": piece.at(now).title,
                "summary": _lead(piece, now),
                "date_published": piece.published.astimezone(outlet.zone).isoformat(),
            }
            for piece in press.listed(outlet, entry, now)
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def news_sitemap(press: Press, outlet: Outlet, entry: Entry, now: datetime) -> bytes:
    """Return a news sitemap of the last two days."""
    items = "".join(
        f"<url><loc>{escape(press.url(piece, now))}</loc><news:news><news:publication>"
        f"<news:name>{escape(outlet.name)}</news:name><news:language>{piece.language}</news:language>"
        f"</news:publication><news:publication_date>{piece.published.astimezone(outlet.zone).isoformat()}"
        f"</news:publication_date><news:title>{escape(piece.at(now).title)}</news:title></news:news></url>\n"
        for piece in press.listed(outlet, entry, now)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n{items}</urlset>\n'
    ).encode()


def sitemap(press: Press, outlet: Outlet, now: datetime, month: str | None = None, edition: str | None = None) -> bytes:
    """Return a plain sitemap, of all or of one month (`2026-03`); the official outlet stamps every page with today."""

    def stamp(piece: Piece) -> datetime:
        return now if outlet.kind == "official" else piece.at(now).touched

    items = "".join(
        f"<url><loc>{escape(press.url(piece, now))}</loc><lastmod>"
        f"{stamp(piece).astimezone(outlet.zone).date()}</lastmod></url>\n"
        for piece in press.standing(outlet.id, now, edition)
        if month is None or f"{piece.published:%Y-%m}" == month
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{items}</urlset>\n"
    ).encode()


def sitemap_index(press: Press, outlet: Outlet, now: datetime, *, nested: bool = False) -> bytes:
    """Return an index of gzipped monthly sitemaps; the official outlet's index leads to a second index first."""
    base = press.bases[outlet.id]
    if outlet.kind == "official" and not nested:
        addresses = [f"{base}/sitemaps/nested.xml"]
    else:
        months = sorted({f"{piece.published:%Y-%m}" for piece in press.published(outlet.id, now)})
        editions = list(outlet.editions.values()) or ["all"]
        addresses = [f"{base}/sitemaps/{edition}-{month}.xml.gz" for edition in editions for month in months]
    items = "".join(f"<sitemap><loc>{escape(address)}</loc></sitemap>\n" for address in addresses)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{items}</sitemapindex>\n"
    ).encode()


def gzipped(body: bytes) -> bytes:
    """Return `body` as a .gz file without a time stamp, so that the same clock gives the same bytes."""
    return gzip.compress(body, mtime=0)


def robots(press: Press, outlet: Outlet, *, closed: bool = False) -> bytes:
    """Return robots.txt: the forbidden section, Crawl-delay, sitemaps; with `closed` nothing is allowed."""
    base = press.bases[outlet.id]
    lines = ["# " + outlet.name, "User-agent: GreedyBot", "Disallow: /", "", "User-agent: *"]
    if closed:
        lines.append("Disallow: /")
    elif outlet.disallow:
        lines.append(f"Disallow: {outlet.disallow}")
    if outlet.crawl_delay is not None:
        lines.append(f"Crawl-delay: {outlet.crawl_delay}")
    lines.append("")
    lines += [f"Sitemap: {base}{entry.path}" for entry in outlet.entries if "sitemap" in entry.kind]
    return ("\n".join(lines) + "\n").encode()
