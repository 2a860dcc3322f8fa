"""Peer: newspaper4k over the addresses of the feeds, in threads; run as `python newspaper_run.py FEEDS OUT`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import feedparser
from newspaper import Article
from newspaper.mthreading import fetch_news

THREADS = 8


def main() -> None:
    feeds = Path(sys.argv[1]).read_text(encoding="utf-8").split()
    urls = [entry.link for feed in feeds for entry in feedparser.parse(feed).entries]
    with Path(sys.argv[2]).open("w", encoding="utf-8") as out:
        for article in fetch_news([Article(url) for url in urls], threads=THREADS):
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
