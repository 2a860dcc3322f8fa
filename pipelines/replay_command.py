"""`python -m pipelines replay`: kept pages read again after an update, with a look at what would change first."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from archive.commandline import archive_option
from archive.db import open_archive
from archive.frontier import Frontier
from archive.terminal import progress, table
from pipelines.extract import warm_up
from pipelines.extract_command import Moment, Zone
from pipelines.import_command import TOPICS
from pipelines.items import TopicChoice
from pipelines.outlets import Outlets, listed, topics_of
from pipelines.replay import Replayed, ReplayRules, replay
from pipelines.worker import Worker

FAULTS = ("no capture", "poisoned", "unreadable")
"""Captures that could not be read: the command ends with 1."""


@click.command("replay")
@archive_option
@click.option("--since", type=Moment(), help="Only articles with a version seen since then (ISO 8601).")
@click.option("--source", "source_id", metavar="ID", help="Only articles of this outlet.")
@click.option("--dry-run", is_flag=True, help="Tell what would change, and change nothing.")
@click.option("--topics", "topics_file", type=click.Path(path_type=Path), default=TOPICS, show_default="topics.toml",
              help="What articles are matched against.")  # fmt: skip
@click.option("--sources", "sources_file", type=click.Path(exists=True, path_type=Path), show_default="sources.toml",
              help="Zones and topics of outlets, where the archive does not say.")  # fmt: skip
@click.option("--timezone", "zone", type=Zone(), default="UTC", show_default=True, help="Of outlets that name no zone.")
@click.option("--processes", type=click.IntRange(1, 64), default=os.cpu_count() or 1, show_default="one for each core",
              help="Pages read side by side.")  # fmt: skip
@click.pass_context
def replay_command(
    ctx: click.Context,
    archive: Path,
    since: datetime | None,
    source_id: str | None,
    dry_run: bool,
    topics_file: Path,
    sources_file: Path | None,
    zone: ZoneInfo,
    processes: int,
) -> None:
    """Extract everything again from the kept pages, without fetching.

    After an update of the extractor or of topics.toml: look at what --dry-run tells, then run it without. A changed
    result becomes part of the same version; topics, dates, stories and search follow. Run again after it was stopped,
    it goes on where it was. Ends with 1 when a capture could not be read; what was read of it before stays.

    \b
    Example:
      python -m pipelines replay --archive data/archive.db --dry-run
      python -m pipelines replay --archive data/archive.db
    """
    with (
        closing(open_archive(archive, create=False)) as db,
        Worker(processes=processes, warm_up=warm_up) as worker,
    ):
        frontier = Frontier(db)
        if source_id is not None and not frontier.has_source(source_id):
            raise click.UsageError(f"{archive}: no source {source_id!r}.")
        rules = ReplayRules(
            topics=TopicChoice(file=topics_file), topics_of=topics_of(sources_file), since=since, source_id=source_id,
            dry=dry_run,
        )  # fmt: skip
        outlets = Outlets(frontier, listed(sources_file), zone=zone)
        with progress("replay") as advance:
            done = replay(archive, db, outlets, rules, worker, progress=advance)
    _tell(done, dry_run)
    if any(done.counts[name] for name in FAULTS):
        ctx.exit(1)


def _tell(done: Replayed, dry: bool) -> None:
    if done.resumed_after:
        click.echo(f"goes on after article {done.resumed_after:,}, where it was stopped", err=True)
    for problem in done.problems:
        click.echo(problem, err=True)
    counts = [(name, done.counts[name]) for name in ("articles", "captures", "changed")]
    counts += [(name, done.counts[name]) for name in (*FAULTS, "no article", "left alone") if done.counts[name]]
    table(["what", "count"], counts)
    if done.fields:
        title = "Fields that would change, in so many articles" if dry else "Fields that changed, in so many articles"
        fields = sorted(done.fields.items(), key=lambda one: (-one[1], one[0]))
        table(["field", "articles"], fields, title=title)
    if done.largest:
        rows = [[one.article_id, one.n, f"+{one.added}", f"-{one.removed}", one.url, one.title] for one in done.largest]
        table(["article", "version", "added", "removed", "address", "headline"], rows, title="Largest differences")
    if dry and done.fields:
        click.echo("Nothing was changed. The same command without --dry-run does this.")
