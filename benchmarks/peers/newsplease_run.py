"""Peer: news-please over the addresses of the feeds; run as `python newsplease_run.py FEEDS OUT [MEMORY]`.

Without MEMORY its library call is measured. With MEMORY, a folder, its own program runs over the same addresses and
keeps what it finds there, as its configuration has it when it comes: a file of JSON for each page.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import feedparser
from newsplease import NewsPlease


def from_library(urls: list[str]) -> list[dict[str, Any]]:
    """Return what the library call gives."""
    # without arguments of its own 1.6.16 loses every article: it asks None for a time-out
    found = NewsPlease.from_urls(urls, request_args={})
    return [
        {
            "url": url,
            "title": article.title,
            "text": article.maintext,
            "published": article.date_publish.isoformat() if article.date_publish else None,
        }
        for url, article in found.items()
        if hasattr(article, "maintext")
    ]


def from_program(urls: list[str], memory: Path) -> list[dict[str, Any]]:
    """Run the program over the addresses and return all that its folder has, of this run and of those before."""
    memory.mkdir(exist_ok=True)
    config = files("newsplease").joinpath("config", "config.cfg").read_text(encoding="utf-8")
    config = re.sub(r"(?m)^working_path = .*$", f"working_path = {memory}", config)
    (memory / "config.cfg").write_text(config, encoding="utf-8")
    sites = {"base_urls": [{"crawler": "Download", "url": urls}]}
    (memory / "sitelist.hjson").write_text(json.dumps(sites), encoding="utf-8")
    program = Path(sys.executable).with_name("news-please")
    subprocess.run([str(program), "-c", str(memory)], check=True, stdin=subprocess.DEVNULL)
    kept = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(memory.glob("data/**/*.json"))]
    return [
        {"url": one["url"], "title": one["title"], "text": one["maintext"], "published": one["date_publish"]}
        for one in kept
    ]


def main() -> None:
    feeds = Path(sys.argv[1]).read_text(encoding="utf-8").split()
    urls = [entry.link for feed in feeds for entry in feedparser.parse(feed).entries]
    found = from_program(urls, Path(sys.argv[3])) if len(sys.argv) > 3 else from_library(urls)
    with Path(sys.argv[2]).open("w", encoding="utf-8") as out:
        for line in found:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
