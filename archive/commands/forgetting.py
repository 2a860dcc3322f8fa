"""`forget`: removes an article everywhere, and lists what was forgotten."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import click
from rich.console import Console

from archive import tombstones
from archive.clean import clean_line
from archive.commandline import archive_option
from archive.db import open_archive, plain_errors
from archive.forget import Target, find, forget
from archive.reading import open_for_reading
from archive.terminal import safe, table
from archive.times import now

MAX_REASON_CHARS = 500


@click.command("forget")
@click.argument("url", required=False)
@click.option("--reason", metavar="TEXT", help="Why, for those who ask later. Kept: name nobody in it.")
@click.option("--list", "listing", is_flag=True, help="List what was forgotten, when and why.")
@click.option("--yes", is_flag=True, help="Do not ask first. Never asked where no terminal is.")
@archive_option
def forget_command(url: str | None, reason: str | None, listing: bool, yes: bool, archive: Path) -> None:
    """Remove the article at URL for good: text, versions, topics, its place in a story, search index and captures.

    WARC files that hold a capture are written anew without it. What stays is a tombstone for each address that led
    to the article: crawls, imports and replays store nothing from there again. Copies made earlier (backups, exports,
    WACZ files) are yours to look after. Other articles that carry the same text stay; they have addresses of their
    own.

    \b
    Examples:
      python -m archive forget https://dala.example/news/5 --reason "asked for by the person named, 2026-04-02"
      python -m archive forget --list
    """
    if listing:
        _list(archive, url)
        return
    reason = clean_line(reason, MAX_REASON_CHARS)
    if not url or not reason:
        raise click.UsageError("an address and a --reason are needed.")
    with closing(open_archive(archive, create=False)) as db:
        target = find(db, url)
        if sys.stdin.isatty() and not yes:
            click.confirm(f"Forget {_said(target)}, for good?", abort=True, err=True)
        with Console(stderr=True).status("forgetting") as line, plain_errors(archive):
            done = forget(db, archive, url, reason=reason, at=now(), progress=lambda step: line.update(safe(step)))
    rewritten = f" {len(done.files)} WARC files were written anew." if done.files else ""
    click.echo(f"Forgotten: {_said(done.target)}.{rewritten}")
    if done.target.others:
        click.echo(
            f"{done.target.others} articles at other addresses belong to the same story and may carry the same text."
        )


def _list(archive: Path, url: str | None) -> None:
    if url:
        raise click.UsageError("--list takes no address.")
    rows = tombstones.listed(open_for_reading(archive))
    if rows:
        table(("forgotten at", "address", "reason"), [(r["forgotten_at"], r["url_key"], r["reason"]) for r in rows])
    else:
        click.echo("Nothing was forgotten.", err=True)


def _said(target: Target) -> str:
    counts = f"{len(target.pages)} captures, {len(target.keys)} addresses"
    if target.article is None:
        return f"a link without an article ({counts})"
    return f"{safe(target.article['url'])} ({target.versions} versions, {counts})"
