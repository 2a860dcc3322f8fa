"""Reads a fetched page into all that can be known of it without the archive: article, topics, signature. Pure."""

from __future__ import annotations

from archive.records import Article, TopicHit
from archive.search.functions import Indexed
from pipelines.dedupe.signature import signature
from pipelines.extract import extract
from pipelines.items import FetchedPage, Reading, TopicChoice, chosen_topics
from pipelines.topic_file import Topic
from pipelines.topics import match


def read(fetched: FetchedPage, choice: TopicChoice, *, all_topics: bool = False) -> Reading:
    """Extract the article of a page, match its topics and sign its text.

    Made to run in a worker that can be killed. A text that is on no topic is signed only where its link is a
    stored article's, with `all_topics`, or where it is wanted all the same: no other one is compared.
    """
    topics = chosen_topics(choice)
    article = extract(fetched.page, zone=fetched.zone, hint=fetched.link.hint())
    hits = match_article(article, topics)
    stored = bool(hits) or all_topics or fetched.wanted
    compared = stored or fetched.link.article_id is not None
    return Reading(
        page=fetched.page,
        link=fetched.link,
        article=article,
        hits=hits,
        signature=signature(article.text) if compared else None,
        is_article_url=fetched.is_article_url,
        captured=fetched.captured,
        wanted=fetched.wanted,
        indexed=_indexed(article) if stored and fetched.link.article_id is None else None,
    )


def _indexed(article: Article) -> Indexed:
    """Return the bases of an article's words, which the index will ask for."""
    from archive.search.analyser import indexed  # it loads dictionaries, and most who read pages store them elsewhere

    return {(text, article.language): indexed(text, article.language) for text in (article.title, article.text)}


def match_article(article: Article, topics: tuple[Topic, ...]) -> tuple[TopicHit, ...]:
    """Return the topics of an article."""
    published = article.published_at.date() if article.published_at else None
    return match(topics, article.title, article.text, language=article.language, published=published)
