"""Finds whether a page or its site reserves text and data mining (TDMRep) or asks not to be archived."""

from __future__ import annotations

import re
from collections.abc import Iterable

from archive.records import Page, Reserved
from pipelines.metadata.head import Head

RESERVATION = "tdm-reservation"
"""Name of the header and of the meta tag; 1 reserves, 0 says that nothing is (W3C TDM Reservation Protocol)."""
_DIRECTIVE = re.compile(r"[,;]")


def find_reservation(page: Page, head: Head) -> Reserved | None:
    """Return the place that reserves the page, or None.

    By the protocol the page's own meta tag outweighs the header, and both outweigh the site's file: a 0 in a nearer
    place lifts the 1 of a farther one. `noarchive` is a reservation of its own, in the meta tag for robots and in
    the header X-Robots-Tag; one that is addressed to a named robot is not meant for us.
    """
    for place, said in (
        ("tdm-meta", _said(head.meta.get(RESERVATION, ()))),
        ("tdm-header", _said(value for name, value in page.headers if name.lower() == RESERVATION)),
        ("tdm-file", True if page.site_reserves else None),
    ):
        if said:
            return place  # type: ignore[return-value]
        if said is not None:
            break
    directives = [*head.meta.get("robots", ()), *(v for name, v in page.headers if name.lower() == "x-robots-tag")]
    return "noarchive" if any(_forbids_archiving(value) for value in directives) else None


def _said(values: Iterable[str]) -> bool | None:
    """Return what the first value that means anything says, or None where none does."""
    return next((value.strip() == "1" for value in values if value.strip() in ("0", "1")), None)


def _forbids_archiving(value: str) -> bool:
    # "otherbot: noarchive" keeps its colon and so equals no directive
    return any(part.strip().lower() == "noarchive" for part in _DIRECTIVE.split(value[:1_000]))
