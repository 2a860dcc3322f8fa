"""What is installed is pinned to its bytes, comes from where the machine's owner says, and asks nobody at run time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted(ROOT.glob("requirements*.lock"))
OFFLINE = """
import socket, sys

def refuse(*arguments, **named):
    raise SystemExit(f"asked the network for {arguments[:2]}")

socket.getaddrinfo = socket.gethostbyname = socket.create_connection = refuse
socket.socket.connect = socket.socket.connect_ex = refuse

import importlib, pkgutil
for package in ("archive", "pipelines", "crawler"):
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
import scheduler

from datetime import UTC, datetime
from zoneinfo import ZoneInfo
from archive.records import Page
from pipelines.canonical import registered_domain
from pipelines.extract import extract, warm_up

assert registered_domain("https://kaz.sham.com.kz/1") == "sham.com.kz"
assert registered_domain("https://a.sham.github.io/") == "sham.github.io"
warm_up()
text = "Учаскелер таңғы сағат жетіде ашылды, қатысу көрсеткіші өңірлерде жоғары. " * 9
page = Page(url="https://sham.example/1", body=f"<p>{text}".encode(), fetched_at=datetime(2026, 11, 1, tzinfo=UTC))
assert extract(page, zone=ZoneInfo("Asia/Almaty")).language == "kk"
print("offline")
"""


def test_everything_runs_without_a_network() -> None:
    """No module asks the network when it is imported, nor do suffixes, languages or extraction when they are used."""
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False, env=os.environ | {"HOME": "/nonexistent"},
    )  # fmt: skip
    assert done.stdout.strip() == "offline", done.stderr[-2_000:]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_is_pinned_to_its_bytes(lock: Path) -> None:
    """Each line of a lock names one version and its hashes, and no address of a registry."""
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    blocks = [block for block in re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n?", "", text)) if block.strip()]
    assert blocks
    for block in blocks:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+", block), block
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_there_are_locks() -> None:
    assert {lock.name for lock in LOCKS} >= {"requirements.lock", "requirements-dev.lock"}
