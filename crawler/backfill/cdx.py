"""The protocol of a web archive's index and replay (CDX server API of the Internet Archive, pywb alike). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import quote_plus, unquote_plus, urlencode

FIELDS = "timestamp,original"
MAX_KEY_CHARS = 4_096
"""Characters of a resume key that is sent back; a longer one is no key."""
MAX_ROW_CHARS = 4_096

_TIMESTAMP = re.compile(r"\d{14}", re.ASCII)
_REPLAY = re.compile(r"/(\d{14})(?:[a-z]{2}_)?/((?:https?:/{1,2})?[^/].*)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One row of the index: when an address was captured (UTC), and the address as it was asked for."""

    at: datetime
    original: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPage:
    """One answer of the index; `resume_key` asks for what follows, None at the end. `bad` counts rows that are none."""

    captures: tuple[Capture, ...] = ()
    resume_key: str | None = None
    bad: int = 0


def index_query(server: str, domain: str, *, first: date, last: date, limit: int, resume_key: str | None = None) -> str:
    """Return the address that lists the earliest whole HTML capture of each address of `domain` within two days."""
    asked = [
        ("url", domain),
        ("matchType", "domain"),
        ("from", f"{first:%Y%m%d}"),
        ("to", f"{last:%Y%m%d}"),
        ("filter", "statuscode:200"),
        ("filter", "mimetype:text/html"),
        ("collapse", "urlkey"),
        ("fl", FIELDS),
        ("limit", str(limit)),
        ("showResumeKey", "true"),
    ]
    query = urlencode(asked)
    # the key comes escaped in some servers' answers and plain in others'; it goes back escaped once
    key = f"&resumeKey={quote_plus(unquote_plus(resume_key))}" if resume_key else ""
    return f"{server}{'&' if '?' in server else '?'}{query}{key}"


def parse_index(body: bytes) -> IndexPage | None:
    """Read an answer: a capture a line, then, behind an empty line, the resume key. None for what is no such answer."""
    lines = body.decode("utf-8", "replace").splitlines()
    captures: list[Capture] = []
    bad, key = 0, None
    rows = iter(lines)
    for line in rows:
        if not line.strip():
            key = next(_filled(rows), None)
            break
        capture = _capture(line)
        if capture is None:
            bad += 1
        else:
            captures.append(capture)
    if bad and not captures:
        return None
    return IndexPage(captures=tuple(captures), resume_key=key if key and len(key) <= MAX_KEY_CHARS else None, bad=bad)


def replay_url(prefix: str, capture: Capture) -> str:
    """Return where a capture is replayed as it was received, nothing rewritten (`id_`)."""
    return f"{prefix.rstrip('/')}/{capture.at:%Y%m%d%H%M%S}id_/{capture.original}"


def parse_replay(url: str) -> Capture | None:
    """Return the capture that an address replays; an archive redirects to the nearest one that it has."""
    found = _REPLAY.search(url)
    at = _moment(found[1]) if found else None
    if found is None or at is None:
        return None
    original = re.sub(r"^(https?):/{1,2}", r"\1://", found[2])
    return Capture(at=at, original=original if "://" in original else f"http://{original}")


def original_headers(headers: Iterator[tuple[str, str]], replay: str) -> tuple[tuple[str, str], ...]:
    """Return the headers of the captured answer, of those that came with the replay, and where it was replayed.

    The archive's own are dropped but for `Memento-Datetime`; what told of the body on the wire is no longer true.
    """
    kept: list[tuple[str, str]] = []
    own_type: str | None = None
    for name, value in headers:
        lower = name.lower()
        if lower.startswith("x-archive-orig-"):
            original = name[len("x-archive-orig-") :]
            if original.lower() not in ("content-encoding", "transfer-encoding", "content-length", "connection"):
                kept.append((original, value))
        elif lower == "content-type":
            own_type = value
        elif lower == "memento-datetime":
            kept.append((name, value))
    if own_type and not any(name.lower() == "content-type" for name, _ in kept):
        kept.append(("Content-Type", own_type))
    return (*kept, ("X-Dauys-Capture", replay))


def _filled(lines: Iterator[str]) -> Iterator[str]:
    return (line.strip() for line in lines if line.strip())


def _capture(line: str) -> Capture | None:
    stamp, _, original = line.strip().partition(" ")
    at = _moment(stamp)
    if at is None or not original.startswith(("http://", "https://")) or len(line) > MAX_ROW_CHARS or " " in original:
        return None
    return Capture(at=at, original=original)


def _moment(stamp: str) -> datetime | None:
    if not _TIMESTAMP.fullmatch(stamp):
        return None
    try:
        return datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
