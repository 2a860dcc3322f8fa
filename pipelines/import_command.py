"""`python -m pipelines import`: articles that others collected, into an archive."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from archive.commandline import archive_option
from archive.db import open_archive
from archive.frontier import Frontier
from archive.terminal import progress
from archive.warc import WarcWriter, folder_of
from pipelines.extract_command import Zone
from pipelines.importing import Imported, ImportRules, import_file
from pipelines.items import READER, TopicChoice
from pipelines.store import Store

TOPICS = Path(__file__).resolve().parent.parent / "topics.toml"


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@archive_option
@click.option("--all-topics", is_flag=True, help="Keep what matches no topic as well.")
@click.option("--topics", "topics_file", type=click.Path(path_type=Path), default=TOPICS, show_default="topics.toml",
              help="What articles must be about.")  # fmt: skip
@click.option("--source", metavar="ID", help="The source of lines that name none; else the domain of their address.")
@click.option("--timezone", "zone", type=Zone(), default="UTC", show_default=True, help="Of times without an offset.")
@click.pass_context
def import_command(
    ctx: click.Context,
    file: Path,
    archive: Path,
    all_topics: bool,
    topics_file: Path,
    source: str | None,
    zone: ZoneInfo,
) -> None:
    """Import articles from FILE, JSON Lines with url, title, text, published_at, source, language, authors.

    Each line goes through topic, duplicates and store. url and text are needed; articles that the archive has
    stay as they are. Ends with 1 when lines could not be read.

    \b
    Example:
      python -m pipelines import collected.jsonl --archive data/archive.db --all-topics
    """
    rules = ImportRules(topics=TopicChoice(file=topics_file), all_topics=all_topics, source_id=source, zone=zone)
    with closing(open_archive(archive)) as db, WarcWriter(folder_of(archive), "import") as captures:
        store = Store(db, captures, extractor=READER)
        with progress(file.name, of=file.stat().st_size, counted=False) as advance:
            imported = import_file(file, store, Frontier(db), rules, progress=advance)
    _tell(imported)
    if imported.counts["bad"]:
        ctx.exit(1)


def _tell(imported: Imported) -> None:
    for problem in imported.problems:
        click.echo(problem, err=True)
    untold = imported.counts["bad"] - len(imported.problems)
    if untold > 0:
        click.echo(f"and {untold} more lines", err=True)
    for name in ("new", "reprint", "excerpt", "known", "off-topic", "bad"):
        click.echo(f"{name:<10} {imported.counts[name]:>8}")
