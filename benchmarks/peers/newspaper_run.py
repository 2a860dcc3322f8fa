"""Peer: newspaper4k over the feeds, in threads; run as `python newspaper_run.py FEEDS OUT [MEMORY]`.

With MEMORY it comes back as its `Source` does: addresses it has seen, kept in the folder for temporary files, are left
out. It has no store: what it found is added to OUT.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.parse import urljoin

import feedparser
from newspaper import Article, Source
from newspaper.mthreading import fetch_news
from newspaper.source import Feed

THREADS = 8


def listed(feed: str) -> list[Article]:
    """Return the articles of a feed."""
    return [Article(entry.link) for entry in feedparser.parse(feed).entries]


def unseen(feed: str) -> list[Article]:
    """Return the articles of a feed that no run before has seen."""
    source = Source(urljoin(feed, "/"))
    source.feeds = [Feed(url=feed)]
    source.download_feeds()
    return [article for article in source.feeds_to_articles() if article.url.endswith(".html")]


def main() -> None:
    feeds = Path(sys.argv[1]).read_text(encoding="utf-8").split()
    find = unseen if len(sys.argv) > 3 else listed
    articles = [article for feed in feeds for article in find(feed)]
    with Path(sys.argv[2]).open("a", encoding="utf-8") as out:
        for article in fetch_news(articles, threads=THREADS):
            try:
                article.parse()
            except Exception as error:
                print(error, file=sys.stderr)
                continue
            published = article.publish_date.isoformat() if article.publish_date else None
            line = {"url": article.url, "title": article.title, "text": article.text, "published": published}
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
