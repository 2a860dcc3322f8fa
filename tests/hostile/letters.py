"""Charsets that are none, letters that are commands, dates that never were."""

from __future__ import annotations

import re

from tests.hostile.case import Article, Cases
from tests.hostile.press import article, html

CASES = Cases()
page = CASES.page

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


def readable(row: Article) -> None:
    """The Russian text is there, and no character of title or text is a command to a terminal or a parser."""
    assert "Референдум по новой Конституции" in row["text"]
    assert not _CONTROL.search(row["title"] + row["text"])


for number, name in enumerate(
    ("idna", "punycode", "zlib_codec", "hex_codec", "rot13", "base64_codec", "unicode_escape", "utf-7", "undefined",
     "x-no-such-charset", "../../etc/passwd")
):  # fmt: skip
    page(
        f"charset-{number}", f"charset={name}",
        html(article(140 + number).encode(), Content_Type=f"text/html; charset={name}"), "stored", check=readable,
    )  # fmt: skip
page(
    "two-charsets", "windows-1251 that three places call something else",
    html(article(152, head="<meta charset=koi8-r>").encode("cp1251"), Content_Type="text/html; charset=latin-1"),
    "stored", check=readable,
)  # fmt: skip
page(
    "bad-utf8", "UTF-8 with a broken byte in each paragraph",
    html(article(153).encode().replace(b"<p>", b"<p>\xff\xc0\x80 ")), "stored", check=readable,
)  # fmt: skip

BIDI = "\u202e\u2066\u200f"
COMMANDS = {
    "nul": ("NUL in title and text", "\x00&#0;"),
    "controls": ("C0 and C1 controls", "".join(map(chr, (*range(1, 9), *range(14, 32), *range(0x80, 0xA0))))),
    "surrogates": ("lone surrogates, as references", "&#xD800;&#xDFFF;&#55357;"),
    "bidi": ("bidi overrides", BIDI),
    "escapes": ("terminal escapes", "\x1b[2J\x1b]0;owned\x07\x9b31m"),
    "noncharacters": ("code points that are no characters", "&#xFFFE;&#xFFFF;&#x110000;&#99999999;"),
}
for number, (name, (what, inserted)) in enumerate(COMMANDS.items()):
    page(
        name, what,
        html(article(160 + number, title=f"Референдум: {inserted}знаки {name}", body=f"<p>Знаки: {inserted}.</p>")),
        "stored", check=readable,
    )  # fmt: skip
page(
    "surrogate-bytes", "surrogates encoded as UTF-8",
    html(article(170).encode().replace(b"<p>", b"<p>\xed\xa0\xbd\xed\xb8\x80 ")), "stored", check=readable,
)  # fmt: skip


def no_script(row: Article) -> None:
    """A script in the page is no text; one that is spelled out in a title is text like any other."""
    assert "alert(1)" not in row["text"]
    assert row["title"].startswith("Референдум")


SCRIPT = "<script>alert(1)</script>"
page(
    "script", "scripts in title and text", html(article(171, title=f"Референдум{SCRIPT}", body=f"<p>{SCRIPT}</p>")),
    "stored", check=no_script,
)  # fmt: skip
page(
    "formula", "a title that is a spreadsheet's formula",
    html(article(172, title="=HYPERLINK(&quot;http://a.example&quot;)+референдум")), "stored", check=readable,
)  # fmt: skip


def short(row: Article) -> None:
    """The title is one that a list can show."""
    assert row["title"].startswith("Референдум")
    assert len(row["title"]) < 2_000


page("long-title", "a title of a megabyte", html(article(173, title="Референдум " * 90_000)), "stored", check=short)


def plausible(row: Article) -> None:
    """No date but one that can have been."""
    assert row["published_at"] is None or "2026-01-01" < row["published_at"] < "2027", row["published_at"]


DATES = {
    "year-1": ("the year 1", "0001-01-01T00:00:00Z"),
    "year-9999": ("the year 9999", "9999-12-31T23:59:59Z"),
    "february-30": ("30 February, 25:61", "2026-02-30T25:61:00"),
    "far-offset": ("an offset of 99 hours", "2026-03-10T10:00:00+99:99"),
    "huge-number": ("a number of 4,000 digits", "9" * 4000),
}
for number, (name, (what, date)) in enumerate(DATES.items()):
    head = (
        f'<meta property="article:published_time" content="{date}"><script type="application/ld+json">'
        f'{{"@type":"NewsArticle","datePublished":"{date}","dateModified":"{date}"}}</script>'
    )
    body = f'<time datetime="{date}">{date[:40]}</time>'
    page(f"date-{name}", f"published in {what}", html(article(180 + number, head=head, body=body)), "stored",
         check=plausible)  # fmt: skip
