"""Peer: news-please over the addresses of the feeds; run as `python newsplease_run.py FEEDS OUT`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import feedparser
from newsplease import NewsPlease


def main() -> None:
    feeds = Path(sys.argv[1]).read_text(encoding="utf-8").split()
    urls = [entry.link for feed in feeds for entry in feedparser.parse(feed).entries]
    with Path(sys.argv[2]).open("w", encoding="utf-8") as out:
        # without arguments of its own 1.6.16 loses every article: it asks None for a time-out
        for url, article in NewsPlease.from_urls(urls, request_args={}).items():
            if not hasattr(article, "maintext"):
                continue
            published = article.date_publish.isoformat() if article.date_publish else None
            line = {"url": url, "title": article.title, "text": article.maintext, "published": published}
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
