"""Writes a press of many hosts with real-sized pages, each packed once; `benchmarks.press_server` serves it.

Texts are synthetic articles in three languages; each page carries what real ones do: head with JSON-LD, styles and
scripts, menus, a sidebar and a list of other news, some 190 kB and 900 elements. One in five titles a reprint.
"""

from __future__ import annotations

import gzip
import json
import os
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.synthetic import Press

PORT = int(os.environ.get("BENCH_PORT") or 8765)
"""Port of every host; BENCH_PORT names another where this one is taken."""
ABOUT = {
    "ru": "Граждане голосовали на референдуме по проекту новой Конституции Республики Казахстан 15 марта.",
    "kk": "Азаматтар 15 наурызда Қазақстан Республикасының жаңа Конституциясы бойынша референдумда дауыс берді.",
    "en": "Citizens of Kazakhstan voted in the referendum on the new Constitution of Kazakhstan on 15 March.",
}
"""A sentence that makes every article one of the topic: what is on none would cost less."""
TRUTHS = "truth.jsonl"
"""What the pages of a press say, in its folder."""
SCRIPT_BYTES = 70_000
STYLE_BYTES = 45_000
MENU, CARDS, NEWS = 60, 40, 60
"""Links of the menu, cards of the sidebar, lines of the list of other news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What a page of the press says: the answer that a crawler's result is compared with."""

    url: str
    title: str
    text: str
    language: str
    published_at: str


def host(number: int) -> str:
    """Return the address of an outlet: hosts of their own are numbers in 127.0.0.0/8."""
    return f"127.0.{1 + number // 200}.{1 + number % 200}"


def feed(number: int) -> str:
    """Return the address of an outlet's feed."""
    return f"http://{host(number)}:{PORT}/feed.xml"


def file_of(folder: Path, url: str) -> Path:
    """Return the packed file of a page of the press in `folder`."""
    parts = urlsplit(url)
    return folder / str(parts.hostname) / parts.path.lstrip("/")


def make(folder: Path, hosts: int, pages: int) -> list[Truth]:
    """Write the pages and feeds of the press into `folder`, and what they say; return it."""
    rng = random.Random(7)
    press = Press(hosts * pages).written()
    last = datetime.now(UTC) - timedelta(hours=1)
    truths = []
    for outlet in range(hosts):
        chrome = _Chrome(rng, outlet)
        items = []
        for number in range(pages):
            article = next(press).article
            language = str(article.language)
            # said again every few paragraphs, so that no long text is off its topic
            paragraphs = article.text.split("\n")
            again = (f"{ABOUT[language]} {line}" if at % 2 == 0 else line for at, line in enumerate(paragraphs))
            text = "\n".join((ABOUT[language], *again))
            when = (last - timedelta(minutes=number)).replace(microsecond=0)
            url = f"http://{host(outlet)}:{PORT}/{language}/news/{when:%Y/%m/%d}/article-{number:05d}.html"
            truth = Truth(
                url=url, title=str(article.title), text=text, language=language, published_at=when.isoformat()
            )
            body = gzip.compress(chrome.page(truth, number).encode(), 6)
            target = file_of(folder, url)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
            truths.append(truth)
            items.append(
                f"<item><title>{escape(truth.title)}</title><link>{url}</link>"
                f"<pubDate>{format_datetime(when)}</pubDate></item>"
            )
        told = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Outlet {outlet}</title>{"".join(items)}'
        file_of(folder, feed(outlet)).write_bytes(gzip.compress(f"{told}</channel></rss>".encode(), 6))
    (folder / TRUTHS).write_text(
        "".join(
            json.dumps({name: getattr(one, name) for name in Truth.__slots__}, ensure_ascii=False) + "\n"
            for one in truths
        ),
        encoding="utf-8",
    )
    return truths


def is_made(folder: Path) -> bool:
    """Tell whether `folder` has a whole press: what its pages say is written when all of them are."""
    return (folder / TRUTHS).exists()


def read_truths(folder: Path) -> list[Truth]:
    """Return what the pages of a press in `folder` say."""
    return [Truth(**json.loads(line)) for line in (folder / TRUTHS).read_text(encoding="utf-8").splitlines()]


def sources_toml(hosts: int) -> str:
    """Return the sources file of the press."""
    return "\n".join(
        f'[[source]]\nid = "bench{number:03d}"\nname = "Outlet {number}"\nhomepage = "http://{host(number)}:{PORT}/"\n'
        'languages = ["ru", "kk", "en"]\ncountry = "KZ"\nkind = "private"\ntimezone = "Asia/Almaty"\ndelay = 0\n'
        f'entries = [{{ kind = "feed", url = "{feed(number)}" }}]\n'
        for number in range(hosts)
    )


class _Chrome:
    """What stands around the article on each page of one outlet."""

    def __init__(self, rng: random.Random, outlet: int) -> None:
        words = [f"{rng.choice('bcdfghklmnprst')}{rng.choice('aeiou')}{rng.choice('lmnrst')}" for _ in range(400)]

        def phrase(count: int) -> str:
            return " ".join(rng.choices(words, k=count)).capitalize()

        def code(size: int, form: str) -> str:
            parts, length = [], 0
            while length < size:
                parts.append(form.format(a=rng.choice(words), b=rng.choice(words), n=rng.randrange(10_000)))
                length += len(parts[-1])
            return "".join(parts)

        self._outlet = outlet
        self._style = code(STYLE_BYTES, ".{a}-{b} .{b}{{margin:{n}px;color:#{n:06d};display:block}}")
        self._script = code(SCRIPT_BYTES, 'window.{a}{n}=function(x){{return x&&x.{b}?"{a}-{n}":null}};')
        self._menu = "".join(
            f'<li class="menu__item"><a class="menu__link" href="/section/{n}/">{phrase(2)}</a></li>'
            for n in range(MENU)
        )
        self._cards = "".join(
            f'<div class="card card--small"><a href="/archive/{n}.html"><img src="/img/{n}.jpg" width="320" '
            f'height="180" alt="{phrase(4)}" loading="lazy"><span class="card__title">{phrase(9)}</span></a>'
            f'<span class="card__date">1{n % 10}.01.2026</span></div>'
            for n in range(CARDS)
        )
        self._news = "".join(
            f'<div class="lenta__item"><time datetime="2026-01-1{n % 10}T10:{n % 60:02d}:00+05:00">10:00</time>'
            f'<a href="/lenta/{n}.html">{phrase(10)}</a></div>'
            for n in range(NEWS)
        )

    def page(self, truth: Truth, number: int) -> str:
        """Return the page of an article."""
        data = {
            "@context": "https://schema.org", "@type": "NewsArticle", "headline": truth.title,
            "datePublished": truth.published_at, "dateModified": truth.published_at, "url": truth.url,
            "author": {"@type": "Person", "name": f"Author {self._outlet} {number % 12}"},
            "image": f"/img/{number}.jpg", "publisher": {"@type": "Organization", "name": f"Outlet {self._outlet}"},
        }  # fmt: skip
        paragraphs = "".join(
            f"<p>{escape(line)}</p>" + ('<div class="ad-slot" data-unit="in"></div>' if at % 3 == 2 else "")
            for at, line in enumerate(truth.text.split("\n"))
        )
        return (
            f'<!doctype html><html lang="{truth.language}"><head><meta charset="utf-8"><title>{escape(truth.title)} | '
            f'Outlet {self._outlet}</title><link rel="canonical" href="{truth.url}">'
            f'<meta property="og:title" content="{escape(truth.title)}"><meta property="og:type" content="article">'
            f'<meta property="og:url" content="{truth.url}"><meta property="og:image" content="/img/{number}.jpg">'
            f'<meta property="article:published_time" content="{truth.published_at}"><style>{self._style}</style>'
            f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'
            f'<script>{self._script}</script></head><body><header class="header"><nav class="menu"><ul>{self._menu}'
            f'</ul></nav></header><main class="layout"><article class="article"><h1 class="article__title">'
            f'{escape(truth.title)}</h1><div class="article__meta"><time datetime="{truth.published_at}">'
            f'{truth.published_at[:10]}</time></div><div class="article__body">{paragraphs}</div></article>'
            f'<aside class="sidebar">{self._cards}</aside><section class="lenta">{self._news}</section></main>'
            f'<footer class="footer"><ul>{self._menu}</ul><p>All rights reserved.</p></footer>'
            f"<script>{self._script[: SCRIPT_BYTES // 3]}</script></body></html>"
        )
