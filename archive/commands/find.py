"""`search`: finds articles by their words."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import click

from archive.commandline import Day, archive_option
from archive.reading import open_for_asking
from archive.search.query import HIT_BEGINS, HIT_ENDS, Hit, QueryError, search
from archive.terminal import is_terminal, safe, safe_part


@click.command("search")
@click.argument("query")
@archive_option
@click.option("--lang", "languages", multiple=True, metavar="CODE", help="Only this language (ru, kk, en). Repeatable.")
@click.option("--source", "sources", multiple=True, metavar="ID", help="Only this source. Repeatable.")
@click.option("--topic", "topics", multiple=True, metavar="ID", help="Only articles of this topic. Repeatable.")
@click.option("--since", type=Day(), help="Published on this day or later.")
@click.option("--until", type=Day(), help="Published on this day or earlier.")
@click.option("--recent", is_flag=True, help="Prefer newer articles among those that match about as well.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def search_command(
    query: str,
    archive: Path,
    languages: tuple[str, ...],
    sources: tuple[str, ...],
    topics: tuple[str, ...],
    since: date | None,
    until: date | None,
    recent: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Find articles by their words, the best first.

    Words are found in all their forms: референдум finds референдума and референдумның, дауыс беру finds дауыс берді.
    All words must occur. "..." is a phrase; AND, OR and NOT in capitals join; конститу* finds what begins so; title:
    looks in titles only; brackets group. Everything else that is typed is text.

    \b
    Examples:
      python -m archive search референдум --lang ru --since 2026-03-01
      python -m archive search '"жаңа Конституция" OR title:референдум' --json
    """
    db = open_for_asking(archive)
    try:
        hits = search(
            db,
            query,
            languages=languages,
            sources=sources,
            topics=topics,
            since=since,
            until=until,
            limit=limit,
            recent_on=datetime.now(UTC).date() if recent else None,
        )
    except QueryError as error:
        raise click.UsageError(str(error)) from error
    if as_json:
        for hit in hits:
            click.echo(json.dumps(_object(hit), ensure_ascii=False))
    elif is_terminal():
        _for_reading(hits)
    else:
        for hit in hits:
            click.echo(_plain(hit))
    if not hits:
        click.echo("Nothing found.", err=True)


def _object(hit: Hit) -> dict[str, object]:
    return {
        "url": hit.url,
        "title": hit.title,
        "source": hit.source_id,
        "language": hit.language,
        "published_at": hit.published_at,
        "snippet": _unmarked(hit.snippet),
        "score": hit.score,
    }


def _unmarked(snippet: str) -> str:
    return snippet.replace(HIT_BEGINS, "").replace(HIT_ENDS, "")


def _facts(hit: Hit) -> str:
    return "  ".join(safe(value) for value in (hit.published_at or "no date", hit.source_id, hit.language or "?"))


def _plain(hit: Hit) -> str:
    lines = (safe(hit.title or "(no title)"), _facts(hit), safe(hit.url), safe(_unmarked(hit.snippet)))
    return "\n    ".join(lines) + "\n"


def _for_reading(hits: list[Hit]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console()
    for hit in hits:
        snippet = Text()
        for at, part in enumerate(hit.snippet.split(HIT_BEGINS)):
            matched, _, rest = part.partition(HIT_ENDS) if at else ("", "", part)
            snippet.append(safe_part(matched), style="bold yellow").append(safe_part(rest))
        console.print(Text(safe(hit.title or "(no title)"), style="bold"))
        console.print(Text(_facts(hit), style="dim"))
        console.print(Text(safe(hit.url), style="blue"), soft_wrap=True)
        console.print(snippet)
        console.print()
