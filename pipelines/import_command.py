"""`python -m pipelines import`: articles and pages that others collected, into an archive."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from archive.commandline import archive_option
from archive.db import open_archive
from archive.frontier import Frontier
from archive.terminal import progress
from archive.warc import WarcWriter, folder_of
from pipelines.extract import warm_up
from pipelines.extract_command import Zone
from pipelines.importing import Imported, ImportFileError, ImportRules, import_file, import_package
from pipelines.items import TopicChoice
from pipelines.outlets import Outlets, listed
from pipelines.reader import READER
from pipelines.store import Store
from pipelines.worker import Worker

TOPICS = Path(__file__).resolve().parent.parent / "topics.toml"
ALWAYS_TOLD = ("new", "reprint", "excerpt", "known", "off-topic", "bad")
FAULTS = ("bad", "damaged", "poisoned", "unreadable")
"""Outcomes of records that could not be read: the command ends with 1."""


@click.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True,
                type=click.Path(exists=True, path_type=Path))  # fmt: skip
@archive_option
@click.option("--all-topics", is_flag=True, help="Keep what matches no topic as well.")
@click.option("--topics", "topics_file", type=click.Path(path_type=Path), default=TOPICS, show_default="topics.toml",
              help="What articles must be about.")  # fmt: skip
@click.option("--sources", "sources_file", type=click.Path(exists=True, path_type=Path), show_default="sources.toml",
              help="Outlets by whose domains articles find their source.")  # fmt: skip
@click.option("--source", metavar="ID", help="The source of articles that name none; else the outlet of their domain.")
@click.option("--timezone", "zone", type=Zone(), help="Of times without an offset. [default: the outlet's, or UTC]")
@click.option("--processes", type=click.IntRange(1, 64), default=os.cpu_count() or 1, show_default="one for each core",
              help="Pages read side by side.")  # fmt: skip
@click.pass_context
def import_command(
    ctx: click.Context,
    files: tuple[Path, ...],
    archive: Path,
    all_topics: bool,
    topics_file: Path,
    sources_file: Path | None,
    source: str | None,
    zone: ZoneInfo | None,
    processes: int,
) -> None:
    """Import articles from each FILE: WARC of any crawler, JSON Lines, CSV, or the folder of a data package.

    Rows have url and text, and perhaps title, published_at, source, language, authors. Pages of WARC files are read as
    a crawl's are, and kept. All go through topics, duplicates and store. A data package that `python -m archive export`
    wrote makes of an empty archive what it was made of, with versions and stories.

    Nothing is overwritten: an article that the archive has stays, a page that was fetched later may become its next
    version. Run again after it was stopped, an import goes on where it was. Ends with 1 when something could not be
    read.

    \b
    Example:
      python -m pipelines import collected.jsonl --archive data/archive.db --all-topics
      python -m pipelines import CC-NEWS-20260315*.warc.gz --archive data/archive.db
    """
    rules = ImportRules(topics=TopicChoice(file=topics_file), all_topics=all_topics, source_id=source, zone=zone)
    counts: Counter[str] = Counter()
    with (
        closing(open_archive(archive)) as db,
        WarcWriter(folder_of(archive), "import") as captures,
        Worker(processes=processes, warm_up=warm_up) as worker,
    ):
        store = Store(db, captures, extractor=READER)
        outlets = Outlets(Frontier(db), listed(sources_file), zone=zone or ZoneInfo("UTC"), forced=zone is not None)
        for file in files:
            try:
                if file.is_dir():
                    with progress(file.name) as advance:
                        imported = import_package(file, db, progress=advance)
                else:
                    with progress(file.name, of=file.stat().st_size, counted=False) as advance:
                        imported = import_file(file, db, store, outlets, rules, worker, progress=advance)
            except ImportFileError as error:
                click.echo(f"Error: {error}", err=True)
                counts["bad"] += 1
                continue
            _tell(imported)
            counts.update(imported.counts)
    for name in (*ALWAYS_TOLD, *sorted(set(counts) - set(ALWAYS_TOLD))):
        click.echo(f"{name:<14} {counts[name]:>8}")
    if any(counts[name] for name in FAULTS):
        ctx.exit(1)


def _tell(imported: Imported) -> None:
    if imported.resumed_after:
        click.echo(f"goes on after record {imported.resumed_after:,}, where it was stopped", err=True)
    for problem in imported.problems:
        click.echo(problem, err=True)
    untold = imported.untold
    if untold > 0:
        click.echo(f"and {untold} more", err=True)
