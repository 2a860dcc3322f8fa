"""Pages that others crawled, written by hand, and an archive that they are imported into and replayed from."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from archive.db import open_archive, write
from archive.frontier import Frontier
from archive.warc import WarcWriter, folder_of
from pipelines.importing import Imported, ImportRules, import_file
from pipelines.items import TopicChoice
from pipelines.outlets import Outlets, listed_in
from pipelines.reader import READER
from pipelines.replay import Replayed, ReplayRules, replay
from pipelines.store import Store
from pipelines.worker import Worker

ROOT = Path(__file__).resolve().parents[2]


def html(n: int, *, more: str = "", topic: str = "референдуме") -> bytes:
    """Return the page of an invented outlet, each with a text of its own."""
    words = " ".join(f"слово{n * 50 + k}" for k in range(40))
    text = (
        f"<p>Комиссия рассказала о {topic} по новой Конституции Казахстана, заметка номер {n}.{more}</p><p>{words}.</p>"
    )
    return (
        f"<html><head><title>Заметка о {topic} {n}</title><meta charset='utf-8'>"
        f"<meta property='article:published_time' content='2026-03-10T12:{n % 60:02}:00+05:00'></head>"
        f"<body><article><h1>Заметка о {topic} {n}</h1>{text}</article></body></html>"
    ).encode()


class Crawled:
    """A WARC file in the making, written by hand."""

    def __init__(self, *, gzipped: bool = True) -> None:
        self.data = bytearray()
        self.gzipped = gzipped
        self.record("warcinfo", b"software: another crawler\r\n")

    def record(self, kind: str, block: bytes, **fields: str) -> None:
        head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
        whole = f"WARC/1.0\r\nWARC-Type: {kind}\r\n{head}Content-Length: {len(block)}\r\n\r\n".encode() + block
        self.data += gzip.compress(whole + b"\r\n\r\n") if self.gzipped else whole + b"\r\n\r\n"

    def page(
        self,
        url: str,
        body: bytes,
        *,
        status: str = "200 OK",
        kind: str | None = "text/html; charset=utf-8",
        date: str = "2026-03-10T13:00:00Z",
        headers: tuple[tuple[str, str], ...] = (),
        record: str = "response",
    ) -> Crawled:
        lines = [f"{name}: {value}" for name, value in ([("Content-Type", kind)] if kind else []) + list(headers)]
        block = "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + body
        fields = {"WARC_Target_URI": url, "WARC_Date": date, "Content_Type": "application/http; msgtype=response"}
        self.record(record, block, **fields)
        return self

    def bytes(self) -> bytes:
        return bytes(self.data)


class Desk:
    """An archive that imports go into, as the command has it; pages are read by a worker that tests share."""

    def __init__(self, folder: Path, worker: Worker) -> None:
        self.archive = folder / "data" / "archive.db"
        self.worker = worker

    def copy(self, folder: Path) -> Desk:
        """Return a copy of the archive with its captures, for a test to change."""
        shutil.copytree(self.archive.parent, folder / "data")
        return Desk(folder, self.worker)

    def imported(self, path: Path, *, sources: Path | None = None) -> Imported:
        with (
            closing(open_archive(self.archive)) as db,
            WarcWriter(folder_of(self.archive), "import") as captures,
        ):
            outlets = Outlets(Frontier(db), listed_in(sources) if sources else (), zone=ZoneInfo("UTC"))
            rules = ImportRules(topics=TopicChoice(file=ROOT / "topics.toml"))
            return import_file(path, db, Store(db, captures, extractor=READER), outlets, rules, self.worker)

    def replayed(
        self, *, dry: bool = False, progress: Callable[[int, int], None] | None = None, **chosen: Any
    ) -> Replayed:
        with closing(open_archive(self.archive)) as db:
            outlets = Outlets(Frontier(db), zone=ZoneInfo("UTC"))
            rules = ReplayRules(topics=TopicChoice(file=ROOT / "topics.toml"), dry=dry, **chosen)
            return replay(self.archive, db, outlets, rules, self.worker, progress=progress)

    def change(self, *statements: str) -> None:
        """Change the archive behind its back, as an earlier reader would have left it."""
        with closing(open_archive(self.archive)) as db, write(db):
            for sql in statements:
                db.execute(sql)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        with closing(open_archive(self.archive, create=False)) as db:
            return list(db.query(sql))
