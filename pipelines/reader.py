"""Names the reader of pages, so that each article says by what it was read and a replay knows what is outdated."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

MODULES = (
    "address", "calendar_words", "canonical", "charset", "dates", "extract", "language", "listing",
    "metadata/byline", "metadata/head", "metadata/headline", "metadata/jsonld", "metadata/reservation", "publication",
    "readable", "selections", "tidy", "tracking", "visible_dates",
)  # fmt: skip
"""What extraction is made of: all of ours that `extract` imports. A change of any of them is another reader."""
LIBRARIES = ("trafilatura", "htmldate")


def _rules() -> str:
    """Return a digest of our own rules: their source, so that nobody has to remember to count a version up."""
    digest = hashlib.sha256()
    for name in MODULES:
        digest.update((Path(__file__).parent / f"{name}.py").read_bytes())
    return digest.hexdigest()[:8]


READER = ", ".join([f"dauys {_rules()}", *(f"{name} {version(name)}" for name in LIBRARIES)])
"""What is recorded with each article as its reader."""
