"""Peer: fundus, with the publisher class that its guide asks for; run as `python fundus_run.py FEEDS OUT [MEMORY]`.

fundus has a hand-written parser for each publisher and none for Kazakhstan: this one is what its guide would have
written for the press, so that its speed can be compared at all. With MEMORY, a folder, it keeps its articles there
itself (`save_to_file`).
"""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path

from fundus import Crawler, RSSFeed
from fundus.parser import ArticleBody, BaseParser, ParserProxy, attribute
from fundus.parser.utility import extract_article_body_with_selector, generic_date_parsing
from fundus.publishers.base_objects import Publisher
from lxml.cssselect import CSSSelector


class PressParser(ParserProxy):
    class V1(BaseParser):
        _paragraphs = CSSSelector("div.article__body > p")

        @attribute
        def body(self) -> ArticleBody | None:
            return extract_article_body_with_selector(self.precomputed.doc, paragraph_selector=self._paragraphs)

        @attribute
        def publishing_date(self) -> datetime.datetime | None:
            return generic_date_parsing(self.precomputed.ld.bf_search("datePublished"))

        @attribute
        def title(self) -> str | None:
            return self.precomputed.meta.get("og:title")


def main() -> None:
    feeds = Path(sys.argv[1]).read_text(encoding="utf-8").split()
    members = {
        f"P{number}": Publisher(
            name=f"Press {number}",
            domain=feed.removesuffix("feed.xml"),
            parser=PressParser,
            sources=[RSSFeed(feed)],
        )
        for number, feed in enumerate(feeds)
    }
    kept = Path(sys.argv[3], "articles.json") if len(sys.argv) > 3 else None
    crawled = Crawler(*members.values(), delay=0.0).crawl(only_complete=False, save_to_file=kept)
    with Path(sys.argv[2]).open("w", encoding="utf-8") as out:
        for article in crawled:
            line = {
                "url": article.html.responded_url,
                "title": article.title,
                "text": article.plaintext,
                "published": article.publishing_date.isoformat() if article.publishing_date else None,
            }
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
