"""What travels down the river: a fetched page, then what was read from it, and which topics to read it for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from archive.frontier import LinkRow
from archive.records import Article, Page, TopicHit
from archive.search.functions import Indexed
from pipelines.topic_file import Topic, load_topics

if TYPE_CHECKING:
    from pipelines.dedupe.signature import Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPage:
    """A response on its way down the river: the item that a spider yields.

    `is_article_url` tells whether the address it was answered at fits the source's article patterns, `captured` that it
    comes from a web archive and is of the past, `wanted` that it is kept whatever its topic.
    """

    page: Page
    link: LinkRow
    zone: ZoneInfo
    is_article_url: bool = True
    captured: bool = False
    wanted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A page with what was read from it; `hits` is empty where no topic matches.

    `indexed` has the bases of title and text for the full-text index, where they will be asked for.
    """

    page: Page
    link: LinkRow
    article: Article
    hits: tuple[TopicHit, ...]
    signature: Signature | None = None
    is_article_url: bool = True
    captured: bool = False
    wanted: bool = False
    indexed: Indexed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicChoice:
    """Which topics to match: those of a file, or the ones of them that are named. Small, so that it travels."""

    file: Path
    ids: tuple[str, ...] = ()


@lru_cache(maxsize=8)
def chosen_topics(choice: TopicChoice) -> tuple[Topic, ...]:
    """Return the chosen topics, read once a process. Raises ConfigError as `load_topics` does."""
    return tuple(topic for topic in load_topics(choice.file) if not choice.ids or topic.id in choice.ids)
