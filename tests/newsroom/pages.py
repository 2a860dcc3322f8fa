"""The outlets' HTML: an article in its outlet's design, a listing, a notice. Pure: the same clock, the same page."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from . import chrome, dates
from .model import Entry, Outlet, Piece, State
from .press import Press

FEED_TYPES = {
    "rss": "application/rss+xml",
    "rss-malformed": "application/rss+xml",
    "atom": "application/atom+xml",
    "json-feed": "application/feed+json",
}


@cache
def _environment() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    return jinja2.Environment(loader=loader, autoescape=True, trim_blocks=False)


def _encoded(outlet: Outlet, html: str) -> bytes:
    return html.encode(outlet.charset, errors="xmlcharrefreplace")


def _dressed(text: str, dress: frozenset[str]) -> str:
    # Changes that an archive must see through: they alter the bytes and not the words.
    if "quotes" in dress:
        text = text.replace("«", "“").replace("»", "”").replace(" — ", " – ")
    if "spaces" in dress:
        text = text.replace(". ", ".  ").replace(", ", ",\n")
    if "entities" in dress:
        text = text.replace(" — ", "\u00a0— ").replace(" 15 ", " 15\u00a0")
    return text


def amp_path(outlet: Outlet, path: str) -> str | None:
    """Return the address of a piece's AMP twin, or None for outlets without."""
    match outlet.amp:
        case "/amp/":
            return path + "amp/"
        case "?amp=1":
            return path + "?amp=1"
        case ".amp.html":
            return path.removesuffix(".html") + ".amp.html"
        case _:
            return None


def _jsonld(press: Press, piece: Piece, state: State, context: dict[str, Any]) -> str:
    document: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": context["canonical"],
        "headline": context["title"],
        "datePublished": context["published_iso"],
        "image": [context["image"]],
        "author": [{"@type": "Person", "name": name} for name in state.authors],
        "publisher": {"@type": "Organization", "name": press.outlets[piece.outlet].name},
        "keywords": list(state.tags),
    }
    if context["modified_iso"]:
        document["dateModified"] = context["modified_iso"]
    return json.dumps(document, ensure_ascii=False).replace("</", "<\\/")


def article(press: Press, piece: Piece, now: datetime, *, amp: bool = False, empty: bool = False) -> bytes:
    """Return the page of `piece` as it is at `now`, in its outlet's design and charset."""
    outlet, state = press.outlets[piece.outlet], piece.at(now)
    if piece.html is not None:
        return _encoded(outlet, piece.html)
    zone, base = outlet.zone, press.bases[outlet.id]
    local, local_now = piece.published.astimezone(zone), now.astimezone(zone)
    style = piece.date_style or outlet.date_style.get(piece.language) or "iso"
    agency = f"{piece.agency}. " if piece.agency else ""
    paragraphs = [_dressed(paragraph, state.dress) for paragraph in state.paragraphs]
    if paragraphs:
        paragraphs[0] = agency + paragraphs[0]
    paragraphs += [_dressed(line, state.dress) for line in outlet.footer]
    modified = state.modified.astimezone(zone) if state.modified else None
    listing_style = outlet.date_style.get("listing", style)
    amp_address = amp_path(outlet, state.path)
    context: dict[str, Any] = {
        "o": outlet,
        "p": piece,
        "lang": piece.language,
        "ui": chrome.UI[piece.language],
        "base": base,
        "edition": piece.edition or piece.language,
        "title": _dressed(state.title, state.dress),
        "paragraphs": [] if empty else paragraphs,
        "lead": state.paragraphs[0][:150] if state.paragraphs else "",
        "authors": state.authors,
        "tags": state.tags,
        "dress": state.dress,
        "canonical": base + state.path,
        "amp_url": base + amp_address if amp_address else None,
        "alternates": _alternates(press, piece, now),
        "image": f"{base}/img/{piece.number}{'-b' if 'image' in state.dress else ''}.jpg",
        "date": dates.written(style, local, local_now),
        "date_en": dates.written("en-long", local, local_now),
        "published_iso": local.isoformat(timespec="seconds"),
        "modified_iso": modified.isoformat(timespec="seconds") if modified else "",
        "updated": dates.written("numeric-comma", modified, local_now) if modified else "",
        "related": [
            {
                "url": press.url(other),
                "title": other.title,
                "date": _related_date(outlet, listing_style, other, local_now),
            }
            for other in press.related(piece, now)
        ],
        "ticker": chrome.ticker(now if outlet.noise else piece.published),
        "comments": chrome.comments(piece, "comments" in state.dress),
        "views": chrome.views(outlet, piece, now),
        "advert": chrome.advert(outlet, piece, piece.language, now, "banner" in state.dress),
        "page_clock": f"{local_now:%d.%m.%Y %H:00}" if "clock" in outlet.noise else "",
    }
    context["jsonld"] = Markup(_jsonld(press, piece, state, context))
    name = "amp" if amp else outlet.design
    return _encoded(outlet, _environment().get_template(f"{name}.html").render(context))


def _related_date(outlet: Outlet, style: str, other: Piece, local_now: datetime) -> str:
    # Only where the box is live anyway may its dates depend on the day; a ticker writes them like the article's own.
    local = other.published.astimezone(outlet.zone)
    if "related" in outlet.noise or style == "time-first-ticker":
        return dates.written(style, local, local_now)
    return f"{local:%d.%m.%Y}"


def _alternates(press: Press, piece: Piece, now: datetime) -> list[tuple[str, str]]:
    twins = [
        other
        for other in press.published(piece.outlet, now)
        if piece.translation_of == other.id or other.translation_of == piece.id
    ]
    return [(other.language, press.url(other)) for other in twins]


def _page_url(outlet: Outlet, base: str, path: str, page: int) -> str:
    if page == 1:
        return base + path
    return f"{base}{path}?page={page}" if outlet.validators == "last-modified" else f"{base}{path}page/{page}/"


def listing(press: Press, outlet: Outlet, entry: Entry, now: datetime, page: int) -> bytes | None:
    """Return page `page` (from 1) of a section, newest first, or None past its end."""
    pieces = press.listed(outlet, entry, now)
    last = max(1, -(-len(pieces) // outlet.page_size))
    if page > last or page < 1:
        return None
    base, zone, language = press.bases[outlet.id], outlet.zone, outlet.languages[0]
    style = outlet.date_style.get("listing") or outlet.date_style.get(language, "iso")
    if style == "kk-relative":
        style = "kk-day"
    local_now = now.astimezone(zone)
    shown = pieces[(page - 1) * outlet.page_size : page * outlet.page_size]
    html = (
        _environment()
        .get_template("listing.html")
        .render(
            o=outlet,
            lang=language,
            ui=chrome.UI[language],
            base=base,
            page=page,
            ticker=chrome.ticker(pieces[0].published if pieces else now),
            feeds=[
                {"type": FEED_TYPES[e.format], "url": base + e.path} for e in outlet.entries if e.format in FEED_TYPES
            ],
            sections=[base + e.path for e in outlet.entries if e.format == "section"],
            forbidden=base + (outlet.forbidden or outlet.disallow or "/"),
            items=[
                {
                    "url": press.url(piece, now),
                    "title": piece.at(now).title,
                    "lead": " ".join(piece.at(now).paragraphs[0].split()[:12]) if piece.at(now).paragraphs else "",
                    "date": dates.written(style, piece.published.astimezone(zone), local_now),
                }
                for piece in shown
            ],
            pages=[(number, _page_url(outlet, base, entry.path, number)) for number in range(1, min(last, 5) + 1)],
            next_url=_page_url(outlet, base, entry.path, page + 1) if page < last else None,
        )
    )
    return _encoded(outlet, html)


def notice(press: Press, outlet: Outlet, heading: str, text: str) -> bytes:
    """Return a page that is no article: a missing page, a closed section, a parked domain."""
    language = outlet.languages[0]
    template = _environment().get_template("notice.html")
    base = press.bases[outlet.id]
    ui = chrome.UI[language]
    return _encoded(outlet, template.render(o=outlet, lang=language, ui=ui, base=base, heading=heading, text=text))
