"""A real Chromium at a real site: every test also fails on a console error or a request that leaves this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.archive.site.press import fill

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
WAIT_MS = 60_000

Visit = Callable[..., Page]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A running site and the numbers of the articles that tests ask for."""

    address: str
    known: dict[str, int]


# Playwright keeps an event loop running while it lives: it must be gone before another file's tests begin.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Debian's Chromium, or another one that is installed; skip without one, except where CI=true."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        reason = "no Chromium is installed; on Debian: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    # Playwright makes a fresh profile folder for each launch
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS), chromium_sandbox=False)
        yield browser
        browser.close()


@contextmanager
def served(archive: Path, known: dict[str, int]) -> Iterator[Site]:
    """Serve an archive by the command that people use."""
    command = [sys.executable, "-m", "archive", "serve", "--archive", str(archive), "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    ) as server:
        assert server.stdout is not None
        said = server.stdout.readline()
        address = next(word for word in said.split() if word.startswith("http://"))
        yield Site(address=address.rstrip("/"), known=known)
        server.terminate()
        server.wait(60)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve the invented press."""
    archive = tmp_path_factory.mktemp("browser") / "archive.db"
    with served(archive, fill(archive)) as site:
        yield site


@pytest.fixture
def visit(browser: Browser, running: Site) -> Iterator[Visit]:
    """Return a function that opens a path of the site in a fresh window; what went wrong is told at the end."""
    trouble: list[str] = []
    contexts = []

    def heard(kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            trouble.append(f"console {kind}: {text}")

    def asked(url: str) -> None:
        if urlsplit(url).scheme in ("http", "https", "ws", "wss") and not url.startswith(running.address + "/"):
            trouble.append(f"asked {url}")

    def open_page(path: str, **settings: Any) -> Page:
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"} | settings))
        contexts.append(context)
        context.on("request", lambda request: asked(request.url))
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        page.on("console", lambda message: heard(message.type, message.text))
        page.on("pageerror", lambda error: trouble.append(f"script: {error}"))
        page.goto(running.address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert trouble == []
