"""`wacz`: packs captures for replay."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from archive.commandline import PROBLEM, Day, archive_option
from archive.db import ArchiveError
from archive.export.selection import Selection
from archive.reading import open_for_reading
from archive.search.query import QueryError
from archive.terminal import megabytes, progress, safe
from archive.wacz import pack
from archive.wacz.choice import chosen


@click.command("wacz")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("urls", nargs=-1, metavar="[URL]...")
@archive_option
@click.option("--query", metavar="WORDS", help="Only articles that a search for this finds.")
@click.option("--lang", "languages", multiple=True, metavar="CODE", help="Only this language (ru, kk, en). Repeatable.")
@click.option("--source", "sources", multiple=True, metavar="ID", help="Only this source. Repeatable.")
@click.option("--topic", "topics", multiple=True, metavar="ID", help="Only articles of this topic. Repeatable.")
@click.option("--since", type=Day(), help="Published on this day or later.")
@click.option("--until", type=Day(), help="Published on this day or earlier.")
@click.option("--include-reserved", is_flag=True, help="Also pages whose site reserves text and data mining.")
@click.option("--title", default="Dauys", show_default=True, help="Title of the package.")
@click.pass_context
def wacz_command(
    ctx: click.Context,
    file: Path,
    urls: tuple[str, ...],
    archive: Path,
    query: str | None,
    languages: tuple[str, ...],
    sources: tuple[str, ...],
    topics: tuple[str, ...],
    since: date | None,
    until: date | None,
    include_reserved: bool,
    title: str,
) -> None:
    """Pack the captures of chosen articles, of every version, into FILE as WACZ, to be replayed in a browser.

    Without URLs and filters the whole archive is packed. ReplayWeb.page and pywb open such a file; it holds the
    pages alone, without pictures and styles, which are not crawled. The page list carries the texts, so that the
    replay can be searched. Articles from files that held no page have no capture and are left out.

    \b
    Examples:
      python -m archive wacz march.wacz --topic referendum-2026 --since 2026-03-01 --until 2026-03-31
      python -m archive wacz one.wacz https://dala.example/news/5
    """
    if file.exists():
        raise ArchiveError(f"{file}: this file exists already. Name another one, or remove it first.")
    if urls and any((query, languages, sources, topics, since, until)):
        raise click.UsageError("name addresses or filters, not both.")
    selection = Selection(
        since=since,
        until=until,
        languages=languages,
        sources=sources,
        topics=topics,
        query=query,
        include_reserved=include_reserved,
    )
    db = open_for_reading(archive)
    try:
        with chosen(db, selection, urls) as reserved, progress("packing") as advance:
            packed = pack(db, archive, file, title=title, progress=advance)
    except QueryError as error:
        raise click.UsageError(str(error)) from error
    click.echo(
        f"{file}: {packed.captures:,} captures of {packed.articles:,} articles, {megabytes(packed.size)}."
        + (f" {packed.without:,} articles without a capture are left out." if packed.without else "")
        + (f" {reserved:,} reserved ones are left out; --include-reserved takes them in." if reserved else "")
    )
    for line in packed.damaged:
        click.echo(f"Left out, damaged: {safe(line)}", err=True)
    if packed.damaged:
        ctx.exit(PROBLEM)
