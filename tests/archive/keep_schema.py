"""Keeps a small archive of the present schema, so that later versions are tested on what this one wrote.

Type `python -m tests.archive.keep_schema` after appending a migration, and commit the file that it makes.
"""

from __future__ import annotations

import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlite_utils import Database

from archive.schema import migrations
from tests.archive.conftest import build

KEPT = Path(__file__).parent / "old"
SUFFIX = ".tar.xz"


def newest() -> str:
    """Return the name of the last migration."""
    return [migration.name for migration in migrations.pending(Database(memory=True))][-1]


def keep(target: Path) -> Path:
    """Write an archive of the present schema, database and WARC files, into the folder `target`; return the file."""
    kept = target / f"{newest()}{SUFFIX}"
    with TemporaryDirectory() as folder:
        archive = build(Path(folder) / "archive.db")
        with tarfile.open(kept, "w:xz") as tar:
            for path in (archive, archive.parent / "warc"):
                tar.add(path, path.name, filter=_anonymous)
    return kept


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out who made the file, and when."""
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    KEPT.mkdir(exist_ok=True)
    if (KEPT / f"{newest()}{SUFFIX}").exists():
        sys.exit(f"{KEPT / newest()}{SUFFIX}: there is one already; what a version wrote is never written anew")
    print(keep(KEPT))
