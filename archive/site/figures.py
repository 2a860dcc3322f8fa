"""What the home page and the pages of outlets show: figures of the archive and of each outlet, by day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive import stats
from archive.database import Database
from archive.frontier import OPEN
from archive.kept.cells import UNKNOWN
from archive.site import days
from archive.site.days import Days

RUNS_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One outlet with its counts; `share` is the part of its articles that repeat an earlier one."""

    id: str
    name: str
    homepage: str
    kind: str | None
    country: str | None
    enabled: bool
    articles: int
    reprints: int

    @property
    def share(self) -> float | None:
        """Return reprints by articles, or None without articles."""
        return self.reprints / self.articles if self.articles else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts over the whole archive. `days` is by day and language, without gaps."""

    articles: int
    first_day: str | None
    last_day: str | None
    languages: tuple[tuple[str, int], ...]
    reprints: int
    edits: int
    deletions: int
    days: Days
    outlets: tuple[Outlet, ...]


def figures(db: Database) -> Figures:
    """Return the figures of the archive, from what is kept."""
    first_day, last_day = db.execute("select min(day), max(day) from kept_days where day <> ''").fetchone()
    languages: Counter[str] = Counter()
    by_source: Counter[str] = Counter()
    reprints: Counter[str] = Counter()
    for source, language, role, n in db.execute("select source_id, language, role, articles from kept_outlets"):
        languages[language or UNKNOWN] += n
        by_source[source] += n
        if role == "reprint":
            reprints[source] += n
    edits, deletions = db.execute(
        "select coalesce(sum(edits), 0), coalesce(sum(deletions), 0) from kept_changes"
    ).fetchone()
    outlets = [
        Outlet(
            id=row["id"],
            name=row["name"],
            homepage=row["homepage"],
            kind=row["kind"],
            country=row["country"],
            enabled=bool(row["enabled"]),
            articles=by_source[row["id"]],
            reprints=reprints[row["id"]],
        )
        for row in db.query("select id, name, homepage, kind, country, enabled from sources")
    ]
    return Figures(
        articles=by_source.total(),
        first_day=first_day,
        last_day=last_day,
        languages=tuple(languages.most_common()),
        reprints=reprints.total(),
        edits=edits,
        deletions=deletions,
        days=days.filled(days.of_archive(db)),
        outlets=tuple(sorted(outlets, key=lambda outlet: (-outlet.articles, outlet.name))),
    )


def names(db: Database) -> dict[str, str]:
    """Return the name of each outlet."""
    return {row[0]: row[1] for row in db.execute("select id, name from sources")}


def health(db: Database, now: datetime) -> list[stats.Health]:
    """Return how each outlet does, those in trouble first."""
    return stats.health(db, now)


def outlet(db: Database, source_id: str, now: datetime) -> dict[str, Any] | None:
    """Return all that an outlet's page shows, or None when there is no such outlet."""
    row = next(db.query("select * from sources where id = ?", [source_id]), None)
    if row is None:
        return None
    languages: Counter[str] = Counter()
    roles: Counter[str] = Counter()
    for language, role, n in db.execute(
        "select language, role, articles from kept_outlets where source_id = ?", [source_id]
    ):
        languages[language or UNKNOWN] += n
        roles[role] += n
    edits, deletions = db.execute(
        "select coalesce(sum(edits), 0), coalesce(sum(deletions), 0) from kept_changes where source_id = ?", [source_id]
    ).fetchone()
    return row | {
        "health": next((one for one in stats.health(db, now) if one.source_id == source_id), None),
        "articles": languages.total(),
        "by_language": languages.most_common(),
        "roles": dict(roles),
        "days": days.filled(days.of_outlet(db, source_id)),
        "links": db.execute(
            "select state, links from kept_links where source_id = ? order by 2 desc", [source_id]
        ).fetchall(),
        "failures": db.execute(
            f"""select coalesce(last_error, ''), count(*) from links
            where source_id = ? and state in ('failed', 'refused') and {OPEN} group by 1 order by 2 desc limit 8""",
            [source_id],
        ).fetchall(),
        "entries": list(
            db.query(
                """select url, kind, fallback, failures, last_ok_at, last_new_at, next_check_at, interval_s, last_error
                from entries where source_id = ? order by position""",
                [source_id],
            )
        ),
        "runs": list(
            db.query(
                f"""select id, started_at, ended_at, outcome, reason, links_found, pages, articles_new,
                    articles_changed, reprints, off_topic, errors
                from runs where source_id = ? order by started_at desc, id desc limit {RUNS_SHOWN}""",
                [source_id],
            )
        ),
        "edits": edits,
        "deletions": deletions,
        "copied_from": db.execute(
            """select first_source_id, articles, mean_delay_minutes from copying where source_id = ?
            order by 2 desc limit 10""",
            [source_id],
        ).fetchall(),
        "copied_by": db.execute(
            """select source_id, articles, mean_delay_minutes from copying where first_source_id = ?
            order by 2 desc limit 10""",
            [source_id],
        ).fetchall(),
    }
