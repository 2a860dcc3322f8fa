"""`export`: a selection of the archive as a data package."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from archive.commandline import Day, archive_option
from archive.export.facts import counted
from archive.export.package import AUTHOR, TITLE, export
from archive.export.selection import Selection
from archive.export.writers import FORMATS, Format
from archive.reading import open_for_reading
from archive.search.query import QueryError
from archive.terminal import megabytes, progress


class Formats(click.ParamType[tuple[Format, ...]]):
    """Names of formats with commas between them: csv,parquet."""

    name = "formats"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Format, ...]:
        """Return the formats in their own order, each once, or fail with those there are."""
        if isinstance(value, tuple):
            return value
        asked = {name.strip().lower() for name in str(value).split(",") if name.strip()}
        unknown = sorted(asked - set(FORMATS))
        if unknown or not asked:
            self.fail(f"{', '.join(unknown) or repr(value)}: name one or more of {','.join(FORMATS)}.", param, ctx)
        return tuple(name for name in FORMATS if name in asked)


@click.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@archive_option
@click.option("--format", "formats", type=Formats(), default="csv", show_default=True, metavar="csv,jsonl,parquet",
              help="Formats of the tables, with commas between them.")  # fmt: skip
@click.option("--since", type=Day(), help="Published on this day or later.")
@click.option("--until", type=Day(), help="Published on this day or earlier.")
@click.option("--lang", "languages", multiple=True, metavar="CODE", help="Only this language (ru, kk, en). Repeatable.")
@click.option("--source", "sources", multiple=True, metavar="ID", help="Only this source. Repeatable.")
@click.option("--topic", "topics", multiple=True, metavar="ID", help="Only articles of this topic. Repeatable.")
@click.option("--query", metavar="WORDS", help="Only articles that a search for this finds.")
@click.option("--stories", type=click.Choice(["all", "first"]), default="all", show_default=True,
              help="first: one article of each story, the earliest of those selected.")  # fmt: skip
@click.option("--no-text", is_flag=True, help="The form to share: addresses, dates, digests, no text, no title.")
@click.option("--include-reserved", is_flag=True, help="Also texts whose site reserves text and data mining.")
@click.option("--title", default=TITLE, show_default=True, help="Title of the data set.")
@click.option("--author", "authors", multiple=True, default=(AUTHOR,), metavar="NAME",
              help="Who is cited for the data set. Repeatable.")  # fmt: skip
def export_command(
    folder: Path,
    archive: Path,
    formats: tuple[Format, ...],
    since: date | None,
    until: date | None,
    languages: tuple[str, ...],
    sources: tuple[str, ...],
    topics: tuple[str, ...],
    query: str | None,
    stories: Any,
    no_text: bool,
    include_reserved: bool,
    title: str,
    authors: tuple[str, ...],
) -> None:
    """Write a data package into DIR: tables, codebook, citations, checksums.

    It holds the selected articles with their versions, topics, stories, removals, outlets and crawls, described for
    people, for Frictionless and for Croissant. The same archive and options give the same bytes. Articles whose site
    reserves text and data mining are left out of texts. DIR is new, empty, or an earlier package, which is replaced.

    \b
    Examples:
      python -m archive export referendum --topic referendum --since 2026-02-01 --format csv,parquet
      python -m archive export list --no-text --query 'жаңа Конституция' --stories first
    """
    if since and until and since > until:
        raise click.UsageError(f"--since {since} is after --until {until}.")
    selection = Selection(
        since=since,
        until=until,
        languages=tuple(sorted(set(languages))),
        sources=tuple(sorted(set(sources))),
        topics=tuple(sorted(set(topics))),
        query=query,
        stories=stories,
        text=not no_text,
        include_reserved=include_reserved,
    )
    db = open_for_reading(archive)
    try:
        with progress("exporting") as advance:
            facts = export(
                db, folder, selection, formats=formats, title=title, authors=authors or (AUTHOR,), progress=advance
            )
    except QueryError as error:
        raise click.UsageError(str(error)) from error
    size = sum(path.stat().st_size for path in folder.iterdir())
    articles = counted(facts.selected.articles, "article")
    click.echo(f"{folder}: {articles}, {megabytes(size)}. Begin with {folder / 'README.md'}")
    if not facts.selected.articles:
        click.echo("No article is of this selection.", err=True)
    if facts.selected.reserved:
        click.echo(
            f"{counted(facts.selected.reserved, 'article')} left out: the site reserves text and data mining or "
            "forbids archiving (see docs/export.md; --include-reserved takes them in).",
            err=True,
        )
