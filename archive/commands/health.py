"""`status` and `stats`: how the sources do, and what the archive holds."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from archive.commandline import PROBLEM, archive_option
from archive.reading import open_for_reading
from archive.stats import figures, health
from archive.terminal import megabytes, table
from archive.times import now

STYLES = {"failing": "red", "silent": "yellow", "partly": "yellow", "waiting": "dim", "ok": "", "off": "dim"}


@click.command("status")
@archive_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def status_command(ctx: click.Context, archive: Path, as_json: bool) -> None:
    """Show the health of each source, the newest trouble first.

    Ends with 1 when a source is failing (none of its entries answers, or the last run failed) or silent (nothing
    new for far longer than its own rhythm, or never). A source of which some entries fail is told (partly), one
    that is switched off or was not looked at yet is no trouble.

    \b
    Example:
      python -m archive status --archive data/archive.db
    """
    found = health(open_for_reading(archive), now())
    if as_json:
        for one in found:
            click.echo(json.dumps(asdict(one), ensure_ascii=False))
    else:
        columns = ("state", "source", "articles", "links", "waiting", "last run", "last new", "trouble")
        rows = [
            (
                one.state,
                one.source_id,
                one.articles,
                one.links_found,
                one.links_waiting,
                one.last_run_at,
                one.last_new_at,
                one.trouble,
            )
            for one in found
        ]
        table(columns, rows, styles=[STYLES[one.state] for one in found])
    if not found:
        click.echo("The archive knows no sources yet. A crawl brings them: python scheduler.py --once", err=True)
    if any(one.is_trouble for one in found):
        ctx.exit(PROBLEM)


@click.command("stats")
@archive_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def stats_command(archive: Path, as_json: bool) -> None:
    """Show what the archive holds: articles by language, source, day and topic, reprints, edits, deletions, sizes.

    \b
    Example:
      python -m archive stats --json
    """
    held = figures(open_for_reading(archive), archive)
    if as_json:
        click.echo(json.dumps(_nested(asdict(held)), ensure_ascii=False))
        return
    days = f"{held.first_day} to {held.last_day}" if held.first_day else "none"
    table(
        ("figure", "value"),
        [
            ("articles", f"{held.articles:,}"),
            ("days of publication", days),
            ("stories told more than once", f"{held.stories_of_many:,}"),
            ("reprints", f"{held.reprints:,}"),
            ("excerpts", f"{held.excerpts:,}"),
            ("edits", f"{held.edits:,}"),
            ("deletions", f"{held.deletions:,}"),
            ("pages kept", f"{held.pages:,}"),
            ("database", megabytes(held.database_bytes)),
            ("WARC files", f"{held.warc_files:,} ({megabytes(held.warc_bytes)})"),
        ],
    )
    for name, counts in (
        ("language", held.by_language),
        ("topic", held.by_topic),
        ("source", held.by_source),
        ("day", held.by_day),
    ):
        if counts:
            click.echo()
            table((name, "articles"), counts)
    if held.links_by_state:
        click.echo()
        table(("links", "count"), held.links_by_state)


def _nested(held: dict[str, object]) -> dict[str, object]:
    """Return the figures with each list of pairs as an object."""
    return {name: dict(value) if isinstance(value, tuple) else value for name, value in held.items()}
