"""Describes what a measurement ran on: the machine, its load, and the versions that matter."""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = (
    "trafilatura", "htmldate", "lxml", "scrapy", "aiohttp", "sqlite-utils", "datasette", "fastwarc", "isal",
    "pyarrow", "numpy", "pymorphy3",
)  # fmt: skip


def describe() -> str:
    """Return the machine and the versions as a Markdown table."""
    rows = [
        ("processor", f"{_model()}, {os.cpu_count()} cores"),
        ("memory", f"{_memory_gib():.0f} GiB"),
        ("system", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        ("Python, SQLite", f"{platform.python_version()}, {sqlite3.sqlite_version}"),
        ("libraries", ", ".join(f"{name} {number}" for name in LIBRARIES if (number := _version(name)))),
    ]
    return "\n".join(["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows)])


def busy() -> float:
    """Return how many processes waited for a core in the last minute: above the number of cores, times mean little."""
    return os.getloadavg()[0]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory_gib() -> float:
    return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")) / 1024**3
