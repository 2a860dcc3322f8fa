"""Keeps robots.txt, and the like, between crawls, so that a site polled every few minutes is asked once a day."""

from __future__ import annotations

import base64
import json
import logging
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

MAX_AGE = timedelta(hours=24)
"""RFC 9309, 2.4: a cached robots.txt should not be used for more than a day."""

_LARGEST_FILE = 2 * 1024 * 1024
"""Bytes of one file: 512 KiB of robots.txt grow by a third in base64."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRobots:
    """An answer to the question for robots.txt: a status that says yes or no for good, the body when there was one."""

    status: int
    body: bytes
    fetched_at: datetime


class RobotsShelf:
    """A folder with a file for each scheme, host and port. Names are digests: no text from the web becomes a path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, authority: str) -> Path:
        """Return the file for an authority such as `https://outlet.example`."""
        return self._folder / f"{sha256(authority.encode()).hexdigest()[:32]}.json"

    def get(self, authority: str, now: datetime) -> KeptRobots | None:
        """Return what was kept less than a day before `now`, or None; a damaged file is as good as none."""
        path = self.path(authority)
        try:
            if path.stat().st_size > _LARGEST_FILE:
                return None
            kept = json.loads(path.read_bytes())
            answer = KeptRobots(
                status=int(kept["status"]),
                body=base64.b64decode(kept["body"], validate=True),
                fetched_at=datetime.fromisoformat(kept["fetched_at"]).astimezone(UTC),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None
        # A clock that was set back would make it good for longer than a day.
        if kept.get("authority") != authority or not now - MAX_AGE < answer.fetched_at <= now:
            return None
        return answer

    def put(self, authority: str, answer: KeptRobots) -> None:
        """Keep an answer. A folder that cannot be written costs a request for each crawl, not the crawl."""
        path = self.path(authority)
        written = path.with_name(f"{path.stem}.{os.getpid()}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            written.write_text(
                json.dumps(
                    {
                        "authority": authority,
                        "fetched_at": answer.fetched_at.isoformat(),
                        "status": answer.status,
                        "body": base64.b64encode(answer.body).decode(),
                    }
                ),
                encoding="utf-8",
            )
            written.replace(path)
        except OSError as error:
            logger.warning("the answer of %s is not kept: %s", authority, error)
