"""Measures inside a crawl how long each of its writes waited for its turn at the archive."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING

from archive import db
from archive.turns import begin_in_turn

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings


class WaitsAddon:
    """Appends a line to WAITS_FILE for each write of the crawl: when it asked and when it began, by one clock."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Begin to measure."""
        file = os.open(Path(settings["WAITS_FILE"]), os.O_CREAT | os.O_APPEND | os.O_WRONLY)

        def timed(connection: sqlite3.Connection, *, patience_s: float) -> None:
            asked = time.monotonic()
            begin_in_turn(connection, patience_s=patience_s)
            os.write(file, f"{json.dumps([asked, time.monotonic()])}\n".encode())

        db.begin_in_turn = timed
