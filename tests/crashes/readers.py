"""Readers of an archive's site, many at once, and the programs beside a test that do such things."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

READ = """
import asyncio, json, re, sys, time
import aiohttp

PAGES = ["/", "/search?q=референдум", "/outlets", "/edits", "/archive/articles", "/archive/articles?_facet=source_id",
         "/archive/links.json?_size=100", "/archive/articles.json?_search=референдум"]

def plain(body):
    return " ".join(re.sub("(?s)<(script|style).*?</(?:script|style)>|<[^>]+>", " ", body).split())

async def read(session, number, said):
    turn = number
    while not said["over"]:
        turn += 1
        begun = time.monotonic()
        async with session.get(sys.argv[1].rstrip("/") + PAGES[turn % len(PAGES)]) as answer:
            body = await answer.text()
            said["pages"] += 1
            said["slowest"] = max(said["slowest"], time.monotonic() - begun)
            # 503 is the page that says a question took too long, which on a busy machine it does
            if (answer.status >= 500 and answer.status != 503) or "database is locked" in body:
                said["bad"].append(f"{answer.status} {answer.url}: {plain(body)[-700:]}")
        await asyncio.sleep(float(sys.argv[3]))

async def main():
    said = {"over": False, "pages": 0, "slowest": 0.0, "bad": []}
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=300)) as session:
        readers = [asyncio.create_task(read(session, number, said)) for number in range(int(sys.argv[2]))]
        await asyncio.to_thread(sys.stdin.readline)
        said["over"] = True
        await asyncio.gather(*readers)
    print(json.dumps(said), flush=True)

asyncio.run(main())
"""
"""A program: ADDRESS, how many readers, and the seconds for which each looks at a page."""


class Helper:
    """A Python program beside the test, told to begin or to end by a line, which says at its end what it found."""

    def __init__(self, code: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def tell(self) -> None:
        """Send the line."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def line(self) -> str:
        """Return the next line of its output."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def result(self) -> Any:
        """Wait for the end, demand that it was a good one, and return what was found."""
        out, _ = self.process.communicate(timeout=600)
        assert self.process.returncode == 0
        return json.loads(out.splitlines()[-1])


@contextmanager
def serving(archive: Path) -> Iterator[str]:
    """Serve an archive as a person does, and yield the address."""
    command = [sys.executable, "-u", "-m", "archive", "serve", "--archive", str(archive), "--port", "0"]
    site = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert site.stdout is not None
        found = re.search(r"http://\S+", site.stdout.readline())
        assert found
        with urllib.request.urlopen(found[0], timeout=300) as answer:
            assert answer.status == 200
        yield found[0]
    finally:
        site.kill()
        site.communicate()
