"""`scrapy probe` prints a block and nothing else on stdout, obeys robots.txt, and ends with one line when it cannot."""

from __future__ import annotations

import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CARDS = "".join(
    f'<a href="/novosti/{9000 + n}-vazhnaya-novost/">Важная новость номер {n} о стране</a>' for n in range(20)
)
ITEMS = "".join(
    f"<item><title>Новость</title><link>/novosti/{9000 + n}-vazhnaya-novost/</link></item>" for n in range(20)
)
SITE = {
    "/": f'<title>Газета</title><link rel="alternate" type="application/rss+xml" href="/rss.xml">'
    f'<nav><a href="/novosti/">Новости</a><a href="/politika/">Политика</a></nav>{CARDS}',
    "/robots.txt": "User-agent: *\nDisallow: /politika/\nSitemap: /map.xml",
    "/rss.xml": f"<rss><channel>{ITEMS}</channel></rss>",
    "/novosti/": CARDS,
    "/politika/": CARDS,
}


class Handler(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        body = SITE.get(self.path, "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output to what the command says."""


@pytest.fixture
def site() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    handler = type("Asked", (Handler,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", asked
        server.shutdown()
        thread.join()


def run(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    settings = ("DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=0", f"ARCHIVE={folder / 'archive.db'}", "RETRY_BACK_OFF_S=0")
    options = [part for setting in settings for part in ("-s", setting)]
    command = [sys.executable, "-m", "scrapy", "probe", *options, *args]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_stdout_has_the_block_alone_and_robots_txt_is_obeyed(tmp_path: Path, site: tuple[str, list[str]]) -> None:
    url, asked = site
    done = run(tmp_path, "--allow-loopback", url)
    assert done.returncode == 0, done.stderr
    (source,) = tomllib.loads(done.stdout)["source"]
    assert [entry["kind"] for entry in source["entries"]] == ["feed", "section"]
    assert "/politika/: robots: disallowed" in done.stderr
    assert "/politika/" not in asked


@pytest.mark.parametrize(
    "args", [("http://127.0.0.1:9/",), ("--allow-loopback", "http://127.0.0.1:9/"), ("ftp://a.kz/",)]
)
def test_a_site_that_cannot_be_had_is_one_line_and_exit_1(tmp_path: Path, args: tuple[str, ...]) -> None:
    done = run(tmp_path, *args)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.strip().splitlines()) == 1
    assert args[-1] in done.stderr


def test_a_missing_address_is_wrong_usage(tmp_path: Path) -> None:
    assert run(tmp_path).returncode == 2
