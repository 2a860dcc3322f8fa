"""Reads the golden pages and rewrites what must come out: python -m tests.golden.cases [--write]."""

from __future__ import annotations

import difflib
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from archive.records import Page
from pipelines.extract import extract
from pipelines.extract_command import as_json

FOLDER = Path(__file__).parent
CASES = sorted(path.parent.name for path in FOLDER.glob("*/page.html"))


def produced(case: str) -> dict[str, Any]:
    """Return the article that comes out of a case's page."""
    meta = json.loads((FOLDER / case / "meta.json").read_text(encoding="utf-8"))
    fetched_at = datetime.fromisoformat(meta["fetched_at"])
    page = Page(url=meta["url"], fetched_at=fetched_at, body=(FOLDER / case / "page.html").read_bytes())
    return as_json(extract(page, zone=ZoneInfo(meta["timezone"])))


def expected(case: str) -> dict[str, Any]:
    """Return the article that must come out of a case's page."""
    article: dict[str, Any] = json.loads((FOLDER / case / "article.json").read_text(encoding="utf-8"))
    return article


def main(arguments: list[str]) -> int:
    """Print how the articles differ from what must come out; with --write make that the rule."""
    changed = 0
    for case in CASES:
        path = FOLDER / case / "article.json"
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        new = json.dumps(produced(case), ensure_ascii=False, indent=2) + "\n"
        if old != new:
            changed += 1
            sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), new.splitlines(True), case, "now"))
            if "--write" in arguments:
                path.write_text(new, encoding="utf-8")
    return 1 if changed and "--write" not in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
