"""A forgotten article is nowhere in the archive's folder, and nothing brings it back."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlite_utils import Database

from archive import forget as forgetting
from archive import sketches
from archive.cli import cli
from archive.db import open_archive
from archive.errors import DauysError
from archive.frontier import FORGOTTEN
from archive.listings import UnknownArticleError
from archive.reading import open_for_reading
from archive.records import Page
from archive.repair import repair
from archive.verify import verify
from archive.warc import WarcWriter, folder_of, read
from archive.warc_format import members
from pipelines.canonical import url_key
from pipelines.dedupe import rebuild
from pipelines.items import Reading
from tests.pipelines.test_store import HOST, NOW, OTHER, OTHER_TITLE, A, B, Desk

SECRET_TITLE = "Жительница Тасарыка Гүлжаухар Меңдіқұлова рассказала о болезни сына"
SECRET = (
    "Гүлжаухар Меңдіқұлова живёт на улице Ақжелкен с сыном, которому поставили редкий диагноз. Она просит не "
    "называть школу, где мальчик учился до января, и рассказывает, как семья ездит на лечение дважды в месяц.\n"
    "Соседи собрали деньги на дорогу, а участковая комиссия приняла бюллетень на дому в день референдума."
)
EDITED = SECRET.replace("дважды в месяц", "каждую неделю, в клинику Шұғылалы")
WORDS = ("Меңдіқұлова", "Ақжелкен", "Шұғылалы", "болезни сына", "диагноз")
BASES = ("ақжелкен", "диагноз")
"""As the full-text index holds words: folded, bases."""
MANY = 20


def bytes_of(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file of the archive's folder as it is, and every WARC record decompressed."""
    for path in sorted(archive.parent.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()
            if ".warc.gz" in path.name:
                for member in members(path):
                    assert member.fault is None
                    yield f"{path.name} at {member.offset}", member.data


def found(archive: Path, *words: str) -> list[tuple[str, str]]:
    """Return where any of `words` stands, in UTF-8, as JSON escapes or folded."""
    spelt = {word: (word.encode(), word.casefold().encode(), word.encode("unicode_escape")) for word in words}
    return [
        (name, word)
        for name, content in bytes_of(archive)
        for word, ways in spelt.items()
        if any(way in content for way in ways)
    ]


def terms(db: Database) -> set[str]:
    db.execute("create virtual table if not exists temp.terms using fts5vocab(main, articles_fts, 'row')")
    return {term for (term,) in db.execute("select term from temp.terms")}


def problems(archive: Path) -> list[str]:
    db = open_for_reading(archive)
    try:
        return [str(problem) for problem in verify(db, archive)]
    finally:
        db.close()


@pytest.fixture(scope="module")
def press(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an archive with the article in its middle: reached by a redirect, edited once."""
    folder = tmp_path_factory.mktemp("press") / "data"
    desk = Desk(folder)
    for n in range(MANY):
        text = f"{n} {OTHER} {' '.join([str(n)] * n)}"
        desk.put(f"{HOST}/news/{n + 10}", title=f"{OTHER_TITLE}, день {n}", text=text)
        if n == MANY // 2:
            desk.put(f"{HOST}/?p=1", title=SECRET_TITLE, text=SECRET, final=A)
    later = NOW + timedelta(hours=3)
    assert desk.put(A, title=SECRET_TITLE, text=EDITED, at=later).kind == "changed"
    desk.close()
    return folder


@pytest.fixture
def desk(press: Path, tmp_path: Path) -> Iterator[Desk]:
    """Open a copy of it."""
    shutil.copytree(press, tmp_path / "data")
    desk = Desk(tmp_path / "data")
    yield desk
    desk.close()


def forget(desk: Desk, what: str = A, **more: object) -> forgetting.Forgotten:
    return forgetting.forget(desk.db, desk.archive, what, reason="asked for", at=NOW, **more)  # type: ignore[arg-type]


def test_nothing_of_it_is_left_in_any_byte(desk: Desk) -> None:
    """Neither in the database, its log, the index, nor in any WARC record; all else is there, and verify is clean."""
    before = {row["url"]: row["text_sha256"] for row in desk.rows("select url, text_sha256 from articles")}
    assert {name.split(" ")[0].split(".")[-1] for name, _ in found(desk.archive, *WORDS)} >= {"db", "gz"}
    assert set(BASES) <= terms(desk.db)
    done = forget(desk)
    assert (done.target.versions, len(done.target.pages)) == (2, 2)
    assert found(desk.archive, *WORDS) == []
    assert not set(BASES) & terms(desk.db)
    left = {row["url"]: row["text_sha256"] for row in desk.rows("select url, text_sha256 from articles")}
    assert left == {url: digest for url, digest in before.items() if url != A}
    for row in desk.rows("select * from pages"):
        kept = read(folder_of(desk.archive), row["warc_file"], row["warc_offset"], row["warc_length"])
        assert kept.url == row["url"]
    assert len(desk.rows("select id from pages")) == MANY
    assert problems(desk.archive) == []
    for table in ("links", "topic_hits", "article_versions", "removals", "story_members"):
        assert not desk.rows(f"select * from {table} where article_id = ?", done.target.article["id"])  # type: ignore[index]
    assert [row["url_key"] for row in desk.rows("select url_key from tombstones order by 1")] == sorted(
        {url_key(A), url_key(f"{HOST}/?p=1")}
    )


def test_old_traces_in_unused_space_go_as_well(desk: Desk) -> None:
    """Free pages hold the text where a program has not overwritten what it deleted: the database is written anew."""
    desk.db.execute("pragma secure_delete = off")
    desk.db.execute("create table stray (text text)")
    desk.db.execute("insert into stray select a.text from articles a, articles others where a.url = ?", [A])
    desk.db.execute("drop table stray")
    desk.db.execute("pragma wal_checkpoint(truncate)")
    desk.db.execute("pragma secure_delete = on")
    assert forget(desk).vacuumed, "nothing was left to find"
    assert found(desk.archive, *WORDS) == []


def test_a_capture_that_was_never_committed_goes_as_well(desk: Desk) -> None:
    """A crawl that was killed between writing a record and committing its page leaves one that no page knows."""
    with WarcWriter(folder_of(desk.archive), "killed") as writer:
        writer.write(Page(url=f"{HOST}/news/77", fetched_at=NOW, body=OTHER.encode()))
        writer.write(Page(url=f"{HOST}/x", requested_url=A, fetched_at=NOW, body=SECRET.encode()))
    assert len(forget(desk).files) == 2
    assert found(desk.archive, *WORDS) == []
    assert any(OTHER.encode() in content for name, content in bytes_of(desk.archive) if name.startswith("killed"))


@pytest.mark.parametrize(
    "url",
    [A, A.replace("https:", "http:"), f"{A}/amp", f"{A}?utm_source=x", A.replace("://", "://www.") + "/"],
)
def test_no_crawl_brings_it_back(desk: Desk, url: str) -> None:
    """Under no spelling: it is not even put on the list of links."""
    forget(desk)
    assert desk.link(url) is None
    assert found(desk.archive, "Меңдіқұлова") == []


def test_no_redirect_and_no_declared_address_brings_it_back(desk: Desk) -> None:
    forget(desk)
    short, twin = f"{HOST}/s/9", f"{HOST}/print/1"
    assert desk.put(short, title=SECRET_TITLE, text=SECRET, final=A).kind == "forgotten"
    assert desk.put(twin, title=SECRET_TITLE, text=SECRET, canonical=A).kind == "forgotten"
    assert [desk.state(url) for url in (short, twin)] == ["refused", "refused"]
    assert desk.frontier.due_links("tasaryk", NOW + timedelta(days=99), 10) == []
    assert desk.rows("select last_error from links where url = ?", short)[0]["last_error"] == FORGOTTEN
    desk.captures.close()
    assert found(desk.archive, *WORDS) == []


def test_a_crawl_under_way_does_not_bring_it_back(desk: Desk) -> None:
    """It holds the link with the number of an article that is gone meanwhile."""
    link = desk.frontier.link(A)
    reading = _reading(desk, SECRET)
    forget(desk)
    assert desk.store.put(replace(reading, link=link)).kind == "forgotten"
    assert desk.store.unchanged(link, NOW).kind == "forgotten"
    assert desk.store.absent(link, "404", NOW).kind == "forgotten"
    assert not desk.store.same_bytes(link, reading.page)


def test_no_import_brings_it_back(desk: Desk) -> None:
    reading = _reading(desk, SECRET)
    forget(desk)
    assert [outcome.kind for outcome in desk.store.add([reading])] == ["forgotten"]


def _reading(desk: Desk, text: str) -> Reading:
    caught: list[Reading] = []
    put, desk.store.put = desk.store.put, caught.append  # type: ignore[method-assign, assignment]
    try:
        desk.put(A, title=SECRET_TITLE, text=text)
    finally:
        desk.store.put = put  # type: ignore[method-assign]
    return caught[0]


def test_a_duplicate_at_another_address_is_forgotten_with_it(desk: Desk) -> None:
    """The same text of the same outlet under a second address was never stored, and is not from now on."""
    assert desk.put(B, title=SECRET_TITLE, text=EDITED).kind == "duplicate"
    forget(desk)
    assert desk.link(B) is None


def test_a_link_that_never_was_an_article_is_forgotten(desk: Desk) -> None:
    desk.put(B, hits=())
    forget(desk, B)
    assert desk.link(B) is None
    assert problems(desk.archive) == []


def test_what_is_not_there_cannot_be_forgotten(desk: Desk) -> None:
    with pytest.raises(UnknownArticleError, match="no article and no link"):
        forget(desk, "https://nowhere.example/")


def test_the_story_goes_on_without_it(desk: Desk) -> None:
    """The next in time becomes its first; with the next article placed, all is as if built from the start."""
    one, two = "https://aktam.example/1", "https://aktam.example/2"
    desk.put(one, title=SECRET_TITLE, text=EDITED, source="aktam", at=NOW + timedelta(hours=5))
    desk.put(two, title=SECRET_TITLE, text=SECRET[:-60], source="aktam", at=NOW + timedelta(hours=6))
    desk.captures.close()
    assert forget(desk).target.others == 2
    standing = desk.rows("select url, story_role, story_id from articles where source_id = 'aktam' order by url")
    assert [row["story_role"] for row in standing] == ["first", "reprint"]
    assert problems(desk.archive) == []
    desk.put(f"{HOST}/news/99", title=OTHER_TITLE, text="Совсем другое о паромах у старого причала.")
    kept = _stories(desk)
    assert desk.rows("select * from story_unsettled") == []
    rebuild(desk.db)
    assert _stories(desk) == kept


def _stories(desk: Desk) -> set[frozenset[tuple[str, str]]]:
    stories: dict[int, set[tuple[str, str]]] = {}
    for row in desk.rows("select story_id, url, story_role from articles"):
        stories.setdefault(row["story_id"], set()).add((row["url"], row["story_role"]))
    return {frozenset(members) for members in stories.values()}


def test_a_copy_keeps_the_sketch_that_it_shares(desk: Desk) -> None:
    copy = "https://aktam.example/1"
    desk.put(copy, title=SECRET_TITLE, text=EDITED, source="aktam")
    desk.captures.close()
    bodies = len(desk.rows("select id from story_bodies"))
    forget(desk)
    assert len(desk.rows("select id from story_bodies")) == bodies
    (row,) = desk.rows("select id, story_role from articles where url = ?", copy)
    assert row["story_role"] == "first"
    assert sketches.member_body(desk.db, row["id"])


def test_a_crawl_that_writes_elsewhere_goes_on(desk: Desk) -> None:
    """Its open file is left as it is, and takes the next page."""
    desk.put(f"{HOST}/news/98", title="Паром", text="Первое о паромах у старого причала Сырлы.")
    forget(desk)
    desk.put(f"{HOST}/news/99", title="Мост", text="Второе о мосте через реку у Сырлы.")
    assert len({row["warc_file"] for row in desk.rows("select warc_file from pages where id > ?", MANY + 2)}) == 1
    desk.captures.close()
    _all_captures_read(desk)
    assert problems(desk.archive) == []


def test_later_exports_lack_it(desk: Desk, tmp_path: Path) -> None:
    """The command that makes data sets finds nothing of it, in any file of any format."""
    ask = ["export", "--archive", str(desk.archive), "--format", "csv,jsonl,parquet"]
    before = CliRunner().invoke(cli, [*ask, str(tmp_path / "before")])
    assert before.exit_code == 0, before.output
    assert _holding(tmp_path / "before")
    forget(desk)
    assert CliRunner().invoke(cli, [*ask, str(tmp_path / "after")]).exit_code == 0
    assert not _holding(tmp_path / "after")


def _holding(folder: Path) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and any(word.encode() in path.read_bytes() for word in WORDS)
    ]


def test_a_file_in_which_a_crawl_writes_is_not_touched(desk: Desk) -> None:
    """It is said so, and nothing at all was removed."""
    desk.put(A, title=SECRET_TITLE, text=SECRET + " Дополнено.", at=NOW + timedelta(hours=9))
    before = desk.rows("select * from articles")
    with pytest.raises(DauysError, match="a crawl is writing"):
        forget(desk)
    assert desk.rows("select * from articles") == before
    assert desk.rows("select * from tombstones") == []
    desk.captures.close()
    forget(desk)
    assert found(desk.archive, *WORDS) == []


STEPS = (
    "looking for captures",
    "writing",
    "removing",
    "deleting the old files",
    "clearing the full-text index",
    "looking for traces",
)


@pytest.mark.parametrize("step", STEPS)
def test_wherever_it_is_stopped_pages_point_into_whole_files(desk: Desk, step: str) -> None:
    """The process ends at a step as by a power cut: each page is read from its file, and `--repair` ends the work."""
    desk.close()
    code = (
        "import os, sys\n"
        "from datetime import UTC, datetime\n"
        "from pathlib import Path\n"
        "from archive.db import open_archive\n"
        "from archive.forget import forget\n"
        "archive = Path(sys.argv[1])\n"
        "def stop(step):\n"
        "    if step.startswith(sys.argv[3]): os._exit(9)\n"
        "forget(open_archive(archive), archive, sys.argv[2], reason='r', at=datetime.now(UTC), progress=stop)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(desk.archive), A, step], check=False)
    assert ran.returncode == 9
    desk.db = open_archive(desk.archive)
    _all_captures_read(desk)
    removed = not desk.rows("select * from articles where url = ?", A)
    assert removed == (STEPS.index(step) > STEPS.index("removing"))
    list(repair(desk.archive))
    assert problems(desk.archive) == []
    _all_captures_read(desk)
    if not removed:
        forget(desk)
    assert found(desk.archive, *WORDS) == []
    assert problems(desk.archive) == []


def _all_captures_read(desk: Desk) -> None:
    for row in desk.rows("select * from pages"):
        assert read(folder_of(desk.archive), row["warc_file"], row["warc_offset"], row["warc_length"]).url == row["url"]


def test_a_second_article_of_a_file_that_was_written_anew_is_forgotten_too(desk: Desk) -> None:
    forget(desk)
    forget(desk, f"{HOST}/news/12")
    (path,) = folder_of(desk.archive).iterdir()
    assert path.name.endswith("-f2.warc.gz")
    assert gzip.decompress(path.read_bytes()).count(b"WARC-Type: response") == MANY - 1
    assert problems(desk.archive) == []


def test_the_command_asks_for_a_reason_and_lists_what_was_forgotten(desk: Desk) -> None:
    ask = ["forget", A, "--archive", str(desk.archive)]
    assert CliRunner().invoke(cli, ask).exit_code == 2
    ran = CliRunner().invoke(cli, [*ask, "--reason", "по просьбе названного лица"])
    assert ran.exit_code == 0, ran.output
    assert "2 versions, 2 captures, 2 addresses" in ran.output
    assert CliRunner().invoke(cli, [*ask, "--reason", "again"]).exit_code == 1
    listed = CliRunner().invoke(cli, ["forget", "--list", "--archive", str(desk.archive)])
    assert "по просьбе названного лица" in listed.output
    assert url_key(A) in listed.output
