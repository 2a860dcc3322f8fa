"""`capture`: writes out the page that a version of an article was read from, as it was received."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from archive import articles, pages, warc
from archive.commandline import archive_option
from archive.errors import DauysError
from archive.listings import find_article
from archive.reading import open_for_reading
from archive.terminal import safe
from archive.warc import folder_of

CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]")
"""Bytes that drive a terminal, or that no text has."""


class NoCaptureError(DauysError):
    """Raised when a version was never captured, or its capture cannot be written out."""


@click.command("capture")
@click.argument("url")
@click.option("--version", "n", type=click.IntRange(1), help="That of this version; the latest one without it.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write here, not to stdout.")
@archive_option
def capture_command(url: str, n: int | None, output: Path | None, archive: Path) -> None:
    """Write out the page that the article at URL was read from, byte for byte as it was received.

    The bytes are those of the body after content decoding, their digest checked; what the capture is goes to
    stderr. `python -m archive history URL` shows the versions. Articles from files that held no page have no capture.

    \b
    Examples:
      python -m archive capture https://dala.example/news/5 -o page.html
      python -m archive capture https://dala.example/news/5 --version 1 | less
    """
    db = open_for_reading(archive)
    article = find_article(db, url)
    versions = {version.n: version for version in articles.versions(db, article["id"])}
    chosen = versions.get(n or max(versions, default=1))
    if chosen is None:
        raise click.UsageError(f"{safe(article['url'])} has {len(versions)} versions, none has the number {n}.")
    row = pages.get(db, chosen.page_id) if chosen.page_id is not None else None
    if row is None or row["warc_file"] is None:
        raise NoCaptureError(f"version {chosen.n} of {article['url']} has no capture: it came from a file without one")
    page = warc.read(folder_of(archive), row["warc_file"], row["warc_offset"], row["warc_length"])
    if warc.payload_sha256(page.body) != row["payload_sha256"]:
        raise NoCaptureError(f"{row['warc_file']} at {row['warc_offset']}: not the page. See: python -m archive verify")
    if output is not None:
        _write(output, page.body)
    else:
        if sys.stdout.isatty() and CONTROLS.search(page.body):
            raise click.UsageError("these bytes would drive the terminal; name a file with -o, or pipe them.")
        click.echo(page.body, nl=False)
    said = f"{safe(page.url)}  {row['fetched_at']}  {safe(row['content_type'] or 'no type')}  {len(page.body):,} bytes"
    click.echo(f"version {chosen.n} of {len(versions)}: {said}", err=True)


def _write(output: Path, body: bytes) -> None:
    part = output.with_name(output.name + ".part")
    try:
        part.write_bytes(body)
        part.replace(output)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise NoCaptureError(f"{output}: cannot be written ({error.strerror or error})") from error
