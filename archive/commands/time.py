"""`stories`, `network`, `history`, `edits` and `deletions`: who copied whom, what was changed, what was removed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, get_args

import click
from rich.console import Console
from rich.text import Text

from archive import articles
from archive.commandline import Day, archive_option
from archive.diff import Piece, changed_paragraphs, word_diff
from archive.listings import (
    EditOrder,
    StoryOrder,
    deletions,
    edits,
    find_article,
    members_of_story,
    network,
    stories,
)
from archive.reading import open_for_reading
from archive.terminal import is_terminal, safe, safe_part, table

STYLES = {"same": "", "added": "green", "removed": "red strike"}
MARKS = {"same": ("", ""), "added": ("{+", "+}"), "removed": ("[-", "-]")}
"""As `git diff --word-diff` writes it."""

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
limit_option = click.option("--limit", type=click.IntRange(1, 100_000), default=20, show_default=True, help="At most.")
source_option = click.option("--source", metavar="ID", help="Only this source.")


@click.command("stories")
@click.argument("story", type=int, required=False)
@archive_option
@click.option(
    "--by", "order", type=click.Choice(get_args(StoryOrder)), default="size", show_default=True, help="Order."
)
@click.option("--since", type=Day(), help="First published on this day or later.")
@click.option("--until", type=Day(), help="First published on this day or earlier.")
@source_option
@limit_option
@json_option
def stories_command(
    story: int | None,
    archive: Path,
    order: StoryOrder,
    since: date | None,
    until: date | None,
    source: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List stories that several articles tell: the largest, the fastest spreading or those in most languages.

    With the number of a STORY, list its articles: who was first, who copied.

    \b
    Examples:
      python -m archive stories --by speed --since 2026-03-10
      python -m archive stories 17
    """
    db = open_for_reading(archive)
    if story is not None:
        rows = members_of_story(db, story)
        if not rows:
            raise click.ClickException(f"there is no story {story}. List them: python -m archive stories")
        _rows(rows, ("role", "source", "language", "published_at", "similarity", "title", "url"), as_json)
        return
    rows = stories(db, order=order, since=since, until=until, source=source, limit=limit)
    columns = ("story", "articles", "sources", "languages", "hours", "first_source", "first_published_at", "title")
    _rows(rows, columns, as_json)


@click.command("network")
@archive_option
@click.option("--since", type=Day(), help="Copied on this day or later.")
@limit_option
@json_option
def network_command(archive: Path, since: date | None, limit: int, as_json: bool) -> None:
    """Show who copied whom: each pair of outlets, how many articles, how similar, the median delay in minutes.

    \b
    Example:
      python -m archive network --json > network.jsonl
    """
    columns = ("first_source", "copied_by", "articles", "similarity", "median_delay_minutes")
    _rows(network(open_for_reading(archive), since=since, limit=limit), columns, as_json)


@click.command("edits")
@archive_option
@click.option("--by", "order", type=click.Choice(get_args(EditOrder)), default="size", show_default=True, help="Order.")
@click.option("--headlines", is_flag=True, help="Only changed headlines.")
@click.option("--silent", is_flag=True, help="Only changes that moved no modification date.")
@click.option("--since", type=Day(), help="Seen on this day or later.")
@source_option
@limit_option
@json_option
def edits_command(
    archive: Path,
    order: EditOrder,
    headlines: bool,
    silent: bool,
    since: date | None,
    source: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List what was changed in stored articles, the largest change first.

    \b
    Example:
      python -m archive edits --headlines --silent
    """
    db = open_for_reading(archive)
    rows = edits(db, order=order, headlines=headlines, silent=silent, source=source, since=since, limit=limit)
    if headlines and not as_json:
        _rows(rows, ("seen_at", "source_id", "silent", "title_before", "title_after", "url"), as_json)
    else:
        columns = ("seen_at", "source_id", "n", "chars_added", "chars_removed", "headline_changed", "silent")
        _rows(rows, (*columns, "title_after", "url"), as_json)


@click.command("deletions")
@archive_option
@click.option("--back", is_flag=True, help="Also those that came back.")
@click.option("--since", type=Day(), help="Gone since this day or later.")
@source_option
@limit_option
@json_option
def deletions_command(
    archive: Path, back: bool, since: date | None, source: str | None, limit: int, as_json: bool
) -> None:
    """List articles that their outlets removed, the latest first. Their texts and captures stay in the archive.

    \b
    Example:
      python -m archive deletions --since 2026-03-01 --back
    """
    rows = deletions(open_for_reading(archive), source=source, since=since, back=back, limit=limit)
    _rows(rows, ("gone_at", "status", "source_id", "published_at", "back_at", "title", "url"), as_json)


@click.command("history")
@click.argument("url")
@archive_option
@json_option
def history_command(url: str, archive: Path, as_json: bool) -> None:
    """Show every version of an article and, word by word, what changed from each to the next.

    URL is the article's address, one that led to it, or its number.

    \b
    Example:
      python -m archive history https://dala.example/news/1
    """
    db = open_for_reading(archive)
    article = find_article(db, url)
    seen = articles.versions(db, article["id"])
    if as_json:
        for version in seen:
            fields = ("n", "seen_at", "modified_at", "title", "text", "text_sha256")
            click.echo(json.dumps({name: getattr(version, name) for name in fields}, ensure_ascii=False))
        return
    _line(Text(safe(article["url"]), style="bold"))
    gone = f", gone since {article['gone_at']} ({article['gone_status']})" if article["gone_at"] else ""
    _line(Text(f"{safe(article['source_id'])}, published {safe(article['published_at'] or 'without a date')}{gone}"))
    for before, version in zip([None, *seen], seen, strict=False):
        _line(Text())
        _line(Text(f"version {version.n}, seen {version.seen_at}", style="bold"))
        if before is None:
            _line(Text(safe(version.title or "(no title)")))
            _line(Text(f"{len(version.text):,} characters", style="dim"))
            continue
        if before.title != version.title:
            _line(_marked(word_diff(before.title or "", version.title or "")))
        for paragraph in changed_paragraphs(before.text, version.text):
            _line(_marked(paragraph))


def _marked(pieces: Sequence[Piece]) -> Text:
    line = Text()
    for piece in pieces:
        begin, end = ("", "") if is_terminal() else MARKS[piece.kind]
        line.append(begin + safe_part(piece.text) + end, style=STYLES[piece.kind])
    return line


def _line(text: Text) -> None:
    if is_terminal():
        Console().print(text)
    else:
        click.echo(text.plain)


def _rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], as_json: bool) -> None:
    if as_json:
        for row in rows:
            click.echo(json.dumps(dict(row), ensure_ascii=False))
        return
    if not rows:
        click.echo("None.", err=True)
        return
    flags = ("headline_changed", "silent")
    table(
        [name.removesuffix("_id").replace("_", " ") for name in columns],
        [[("yes" if row[name] else "") if name in flags else row[name] for name in columns] for row in rows],
    )
