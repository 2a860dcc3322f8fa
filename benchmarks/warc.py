"""Measures what keeping a page costs by library and level: CPU time to write, bytes, CPU time to read back.

The pages are the development pages of the shared data. Every way takes each chunk of pages in turn, so that the ratios
do not depend on the machine.

usage: python -m benchmarks.warc [--pages 200]
"""

from __future__ import annotations

import argparse
import gzip
import io
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime

import trafilatura
import zstandard
from fastwarc.stream_io import GzipWriter
from fastwarc.warc import ArchiveIterator as FastIterator
from isal import isal_zlib
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.records import Page
from archive.warc_format import decode_page, decompress, encode_page
from benchmarks.chart import bars
from benchmarks.extraction import pages
from benchmarks.section import Result, Section

CHUNK = 20
"""Pages that one way takes before it is the next one's turn."""
FETCHED = datetime(2026, 3, 15, tzinfo=UTC)
HEADERS = (("Content-Type", "text/html; charset=utf-8"), ("Server", "nginx"))
OURS = "Dauys: ISA-L's gzip, level 2"
BASE = "warcio, `gzip=True` (level 9)"
EXTRACTION = "for comparison: trafilatura, `bare_extraction(with_metadata=True)`"

Way = Callable[[Page, bytes], int]
"""Takes a page and its uncompressed record, returns the size of what it made of them."""


def _warcio(page: Page, record: bytes) -> int:
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=True)
    head = StatusAndHeaders("200 OK", list(page.headers), protocol="HTTP/1.1")
    writer.write_record(
        writer.create_warc_record(page.url, "response", payload=io.BytesIO(page.body), http_headers=head)
    )
    return buffer.tell()


def _ours(page: Page, record: bytes) -> int:
    return len(encode_page(page))


def _fastwarc(level: int) -> Way:
    def way(page: Page, record: bytes) -> int:
        buffer = io.BytesIO()
        writer = GzipWriter(buffer, compression_level=level)
        writer.write(record)
        writer.finish()
        return buffer.tell()

    return way


def _isal(level: int) -> Way:
    return lambda page, record: len(isal_zlib.compress(record, level, zlib.MAX_WBITS | 16))


def _zlib(level: int) -> Way:
    def way(page: Page, record: bytes) -> int:
        packer = zlib.compressobj(level, wbits=zlib.MAX_WBITS | 16)
        return len(packer.compress(record)) + len(packer.flush())

    return way


def _zstd(level: int) -> Way:
    packer = zstandard.ZstdCompressor(level=level)
    return lambda page, record: len(packer.compress(record))


def _extract(page: Page, record: bytes) -> int:
    trafilatura.bare_extraction(page.body, url=page.url, with_metadata=True)
    return 0


WRITERS: dict[str, Way] = {
    BASE: _warcio,
    OURS: _ours,
    **{f"fastwarc's gzip, level {level}, bytes alone": _fastwarc(level) for level in (1, 3, 6, 9)},
    **{f"ISA-L's gzip, level {level}, bytes alone": _isal(level) for level in (1, 2, 3)},
    **{f"zlib, level {level}, bytes alone": _zlib(level) for level in (1, 3, 6, 9)},
    **{f"zstd, level {level}, bytes alone": _zstd(level) for level in (3, 9)},
    EXTRACTION: _extract,
}


def _read_ours(packed: bytes) -> int:
    return len(decode_page(decompress(packed)).body)


def _read_warcio(packed: bytes) -> int:
    (record,) = ArchiveIterator(io.BytesIO(packed), check_digests="raise")
    return len(record.content_stream().read())


def _read_fastwarc(packed: bytes) -> int:
    return sum(len(record.reader.read()) for record in FastIterator(io.BytesIO(packed)))


READERS: dict[str, Callable[[bytes], int]] = {
    "warcio, digests checked": _read_warcio,
    "Dauys, digest checked": _read_ours,
    "fastwarc, no digest": _read_fastwarc,
}


def run(limit: int = 700) -> Result:
    """Return the tables: milliseconds of CPU and bytes a page for each way, and the ratios."""
    # some pages of the corpus have no address, and readers take a record for a response by its http(s) address
    corpus = [
        Page(url=f"https://dala.example/news/{n}", fetched_at=FETCHED, body=body, headers=HEADERS)
        for n, (_, body) in enumerate(pages(limit))
    ]
    if not corpus:
        return Result(text="The development pages are not beside this checkout: nothing was measured.")
    records = [gzip.decompress(encode_page(page)) for page in corpus]
    packed = [encode_page(page) for page in corpus]
    for name in (*WRITERS, *READERS):  # what is loaded on the first call is nobody's cost
        WRITERS[name](corpus[0], records[0]) if name in WRITERS else READERS[name](packed[0])
    spent, size = dict.fromkeys(WRITERS, 0.0), dict.fromkeys(WRITERS, 0)
    reading = dict.fromkeys(READERS, 0.0)
    for at in range(0, len(corpus), CHUNK):
        part = range(at, min(at + CHUNK, len(corpus)))
        for name, way in WRITERS.items():
            begun = time.process_time()
            size[name] += sum(way(corpus[n], records[n]) for n in part)
            spent[name] += time.process_time() - begun
        for name, reader in READERS.items():
            begun = time.process_time()
            for n in part:
                reader(packed[n])
            reading[name] += time.process_time() - begun
    count, mean = len(corpus), sum(len(page.body) for page in corpus) / len(corpus)
    lines = [
        f"{count} pages, mean {mean / 1000:,.0f} kB. Ratios are to warcio as it comes, over 1 is better.",
        "",
        "| writing | CPU ms a page | times as fast | kB a page | of warcio's bytes |",
        "|---|---|---|---|---|",
    ]
    for name in WRITERS:
        kept = f"{size[name] / count / 1000:.1f} | {size[name] / size[BASE]:.2f}" if size[name] else "- | -"
        lines.append(f"| {name} | {spent[name] / count * 1000:.2f} | {spent[BASE] / spent[name]:.2f} | {kept} |")
    lines += ["", "| reading | CPU ms a page | times as fast |", "|---|---|---|"]
    first = reading["warcio, digests checked"]
    lines += [f"| {name} | {cost / count * 1000:.2f} | {first / cost:.2f} |" for name, cost in reading.items()]
    chart = bars(
        "Writing a page: times as fast as warcio",
        [(name, spent[BASE] / spent[name]) for name in WRITERS if name != EXTRACTION],
        unit=" x",
        ours=OURS,
    )
    lines += ["", "![Writing a page](images/performance/warc.svg)"]
    return Result(text="\n".join(lines), charts={"warc": chart})


SECTION = Section(
    name="warc",
    title="Keeping a page",
    about="`python -m benchmarks.warc`: a whole record from a page, by library and level. 'Bytes alone' compresses a "
    "record that is made already; gzip stays the format, because every tool reads it.",
    run=lambda quick: run(40 if quick else 200),
)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=700, help="how many pages to keep at most")
    print(run(parser.parse_args().pages).text)


if __name__ == "__main__":
    main()
