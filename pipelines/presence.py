"""Tells whether a stored article is still on its site: removal is only what the site itself says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from archive.records import Article
from pipelines.canonical import registered_domain, url_key
from pipelines.versions import resemblance

Absence = Literal["404", "410", "soft-404", "redirect-home", "redirect-section", "replaced", "domain-ended"]

CONFIRM_AFTER = timedelta(hours=1)
"""An absence counts when it is seen twice, this far apart at least: sites answer 404 while they are deployed."""
CONFIRM_DOMAIN_AFTER = timedelta(days=1)
"""A name that is not found may be a registrar's or a name server's bad day."""
SAME_ARTICLE = 0.25
"""Resemblance from which two texts are states of one article: rewritten articles of the development pairs keep
more than half of their triples, two articles on one event share under a tenth."""
MAX_NOTICE_WORDS = 120
"""A page that says 'not found' is short; an article about a page not found is not."""

_NOT_FOUND = re.compile(
    r"\b404\b|не\s+найден|не\s+существует|удал[её]н[аоы]?\b|снят[аоы]?\s+с\s+публикации|больше\s+недоступн"
    r"|табылмады|табылған\s+жоқ|жойылған|жойылды|өшірілген"
    r"|not\s+found|no\s+longer\s+(?:available|exists)|does(?:\s+not|n.t)\s+exist|has\s+been\s+(?:removed|deleted)",
    re.IGNORECASE,
)
_LANGUAGE_ROOT = re.compile(r"^/?(?:ru|rus|kz|kk|kaz|qaz|qz|en|eng)?/?(?:index\.\w+)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The stored state that an answer is held against."""

    title: str | None
    text: str


def absent_status(status: int) -> Absence | None:
    """Return the absence that an HTTP status means; 403, 5xx and all others mean none."""
    return {404: "404", 410: "410"}.get(status)  # type: ignore[return-value]


def absence(
    known: Known, *, requested: str, final: str, article: Article, is_article_url: bool, final_is_other: bool = False
) -> Absence | None:
    """Return why the article at `requested` is no longer there, or None where it is or nobody can tell.

    `article` is what was extracted at the `final` address after redirects, `is_article_url` whether that
    address looks like an article of the source, `final_is_other` whether it belongs to another stored article.
    A page from which nothing can be extracted says nothing about removal.
    """
    moved = url_key(requested) != url_key(final)
    if moved and registered_domain(requested) != registered_domain(final):
        return None if same_article(known, article) else "domain-ended"
    if moved and _LANGUAGE_ROOT.match(urlsplit(final).path) and not urlsplit(final).query:
        return "redirect-home"
    if moved and final_is_other:
        return None if same_article(known, article) else "replaced"
    if _says_not_found(known, article):
        return "soft-404"
    if moved and not is_article_url and not same_article(known, article):
        return "redirect-section"
    if not article.text:
        return None
    if same_article(known, article):
        return None
    return "replaced"


def confirm_after(absence: Absence) -> timedelta:
    """Return how far apart the two sights of an absence must be at least."""
    return CONFIRM_DOMAIN_AFTER if absence == "domain-ended" else CONFIRM_AFTER


def confirmed(absence: Absence, missing_since: datetime | None, now: datetime) -> bool:
    """Return whether an absence seen now, and first seen at `missing_since`, is a removal."""
    return missing_since is not None and now - missing_since >= confirm_after(absence)


def same_article(known: Known, article: Article) -> bool:
    """Return whether an extracted page is a state of the known article: the same title, or much of the same text."""
    same_title = bool(known.title) and known.title == article.title
    return same_title or (bool(article.text) and resemblance(known.text, article.text) >= SAME_ARTICLE)


def _says_not_found(known: Known, article: Article) -> bool:
    """Return whether the page is a notice, in its title or a short text, and not a state of the article."""
    if len(article.text.split()) > MAX_NOTICE_WORDS or same_article(known, article):
        return False
    said_before = _NOT_FOUND.search(known.title or "")
    return not said_before and bool(_NOT_FOUND.search(f"{article.title or ''}\n{article.text}"))
