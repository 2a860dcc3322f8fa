"""Pages of WARC files: whoever wrote them, however they are packed, broken or coded, each record has an outcome."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import brotli
import pytest
from click.testing import CliRunner

from archive import warc
from archive.db import ArchiveError, open_archive
from archive.frontier import EntryRow, Frontier, SourceRow
from archive.warc import folder_of
from pipelines.cli import main
from pipelines.importing import ImportFileError
from tests.pipelines.collected import ROOT, Crawled, Desk, html

CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "identity": lambda body: body,
}


def chunked(body: bytes) -> bytes:
    parts = [body[at : at + 700] for at in range(0, len(body), 700)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def answers() -> Iterator[tuple[str, bytes, tuple[tuple[str, str], ...]]]:
    """Yield an address, the bytes on the wire and the headers for every coding, chunked and not."""
    for n, (name, pack) in enumerate(CODINGS.items()):
        packed = pack(html(n))
        coded = (("Content-Encoding", name),) if name != "identity" else ()
        yield f"https://dala.example/{name}", packed, coded
        packed = pack(html(n + 10))
        yield f"https://dala.example/{name}-chunked", chunked(packed), (*coded, ("Transfer-Encoding", "chunked"))


def test_every_coding_of_an_answer_is_undone_and_the_page_kept(desk: Desk, tmp_path: Path) -> None:
    """gzip, deflate, brotli and chunks in any combination give the same articles, their pages kept as a crawl's are."""
    crawled = Crawled()
    for url, body, headers in answers():
        crawled.page(url, body, headers=headers)
    path = tmp_path / "a.warc.gz"
    path.write_bytes(crawled.bytes())
    done = desk.imported(path)
    assert done.counts == {"new": 8, "other-record": 1}
    stored = desk.rows("select a.*, p.* from articles a join pages p on p.id = a.page_id")
    assert {row["published_at"][:13] for row in stored} == {"2026-03-10T07"}
    assert {row["fetched_at"] for row in stored} == {row["first_seen_at"] for row in stored} == {"2026-03-10T13:00:00Z"}
    for row in stored:
        kept = warc.read(folder_of(desk.archive), row["warc_file"], row["warc_offset"], row["warc_length"])
        assert "заметка номер" in kept.body.decode()


@pytest.mark.parametrize("packing", ["by record", "whole", "plain", "zstd"])
def test_every_packing_of_a_file_is_read(desk: Desk, tmp_path: Path, packing: str) -> None:
    """Compressed by record, as one stream (gzip, zstandard) or not at all: the same articles."""
    crawled = Crawled(gzipped=packing == "by record")
    for n in range(3):
        crawled.page(f"https://dala.example/{n}", html(n))
    data = crawled.bytes()
    if packing == "whole":
        data = gzip.compress(data)
    elif packing == "zstd":
        import zstandard

        data = zstandard.compress(data)
    path = tmp_path / "any-name"
    path.write_bytes(data)
    done = desk.imported(path)
    assert done.counts == {"new": 3, "other-record": 1}


def test_what_is_no_article_is_counted_by_what_it_is(desk: Desk, tmp_path: Path) -> None:
    """Errors, images, revisits, requests, listings and empty answers have names; none is a fault."""
    crawled = (
        Crawled()
        .page("https://dala.example/1", html(1))
        .page("https://dala.example/2", html(2, topic="рыбалке").replace("Конституции".encode(), "снасти".encode()))
        .page("https://dala.example/3", html(3), status="404 Not Found")
        .page("https://dala.example/4", b"\x89PNG", kind="image/png")
        .page("https://dala.example/5", b"")
        .page("https://dala.example/6", b"<html><body><a href='/1'>1</a></body></html>")
        .page("https://dala.example/7", html(7), kind=None)
        .page("https://dala.example/1", b"", record="revisit")
    )
    path = tmp_path / "a.warc.gz"
    path.write_bytes(crawled.bytes())
    done = desk.imported(path)
    assert done.counts == {
        "new": 2, "off-topic": 1, "not-ok": 1, "not-html": 1, "empty": 1, "no-article": 1, "revisit": 1,
        "other-record": 1,
    }  # fmt: skip
    assert {row["url"] for row in desk.rows("select url from articles")} == {
        "https://dala.example/1",
        "https://dala.example/7",
    }


@pytest.mark.parametrize("packing", ["by record", "whole", "plain"])
def test_a_torn_tail_costs_its_record_alone(desk: Desk, tmp_path: Path, packing: str) -> None:
    """A file that a power cut ended is told, with its record, and what came before is imported."""
    crawled = Crawled(gzipped=packing == "by record")
    for n in range(4):
        crawled.page(f"https://dala.example/{n}", html(n) + os.urandom(3000).hex().encode())
    data = gzip.compress(crawled.bytes()) if packing == "whole" else crawled.bytes()
    path = tmp_path / "a.warc.gz"
    path.write_bytes(data[:-1500])
    done = desk.imported(path)
    assert done.counts == {"new": 3, "damaged": 1, "other-record": 1}
    assert "record 5" in done.problems[0]


@pytest.mark.parametrize("damage", ["body", "magic"])
def test_damage_inside_costs_the_damaged_record_alone(desk: Desk, tmp_path: Path, damage: str) -> None:
    """In a file that is compressed by record the reading goes on with the next whole record."""
    crawled = Crawled()
    places = []
    for n in range(5):
        places.append(len(crawled.data))
        crawled.page(f"https://dala.example/{n}", html(n))
    data = bytearray(crawled.bytes())
    at = places[2] + (300 if damage == "body" else 0)
    data[at : at + 8] = b"\xff" * 8
    path = tmp_path / "a.warc.gz"
    path.write_bytes(bytes(data))
    done = desk.imported(path)
    assert done.counts == {"new": 4, "damaged": 1, "other-record": 1}
    assert {row["url"][-1] for row in desk.rows("select url from articles")} == set("0134")


def test_a_bomb_and_a_lie_about_length_harm_nothing(desk: Desk, tmp_path: Path) -> None:
    """A body that unpacks beyond every page, a record that lies about its length, a head without an end: all end."""
    zeros = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    bomb = b"".join(zeros.compress(bytes(1024**2)) for _ in range(300)) + zeros.flush()
    crawled = Crawled(gzipped=False)
    crawled.page("https://dala.example/bomb", bomb, headers=(("Content-Encoding", "gzip"),))
    crawled.page("https://dala.example/1", html(1))
    lie = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://dala.example/lie\r\n"
        b"WARC-Date: 2026-03-10T13:00:00Z\r\nContent-Length: 99999999999\r\n\r\nHTTP/1.1 200 OK\r\n\r\n<html>"
    )
    path = tmp_path / "a.warc"
    path.write_bytes(crawled.bytes() + lie)
    done = desk.imported(path)
    assert done.counts == {"new": 1, "too-large": 2, "other-record": 1}
    path = tmp_path / "b.warc"
    path.write_bytes(crawled.bytes() + b"WARC/1.0\r\nX: " + b"a" * 3_000_000)
    done = desk.imported(path)
    assert done.counts == {"known": 1, "too-large": 1, "damaged": 1, "other-record": 1}


def test_the_outlet_is_found_by_its_domain(desk: Desk, tmp_path: Path) -> None:
    """The archive's outlets, then those of the sources file, own what is on their domains, with their zone."""
    (tmp_path / "data").mkdir()
    with closing(open_archive(tmp_path / "data" / "archive.db")) as db:
        Frontier(db).register(
            SourceRow(
                id="dala", name="Dala", homepage="https://dala.example/", languages=("ru",), country="KZ",
                kind="private", timezone="Asia/Almaty", domains=("dala.example", "dala-news.example"),
            ),
            [EntryRow(url="https://dala.example/rss", kind="feed")],
        )  # fmt: skip
    sources = tmp_path / "sources.toml"
    sources.write_text(
        '[defaults]\ntimezone = "Asia/Almaty"\n[[source]]\nid = "jel"\nname = "Жел"\n'
        'homepage = "https://jel.example/"\n'
        'languages = ["ru"]\ncountry = "KZ"\nkind = "state"\n'
        'entries = [{ kind = "feed", url = "https://jel.example/rss" }]\n',
        encoding="utf-8",
    )
    local = b"content='2026-03-10T12:00:00'"
    crawled = Crawled()
    for n, host in enumerate(("www.dala-news.example", "kk.jel.example", "neither.example")):
        body = html(n)
        start = body.index(b"content='2026")
        body = body[:start] + local + body[body.index(b">", start) :]
        crawled.page(f"https://{host}/news/{n}", body)
    path = tmp_path / "a.warc.gz"
    path.write_bytes(crawled.bytes())
    done = desk.imported(path, sources=sources)
    assert done.counts["new"] == 3
    stored = desk.rows("select source_id, published_at from articles order by id")
    assert [(row["source_id"], row["published_at"][11:13]) for row in stored] == [
        ("dala", "07"), ("jel", "07"), ("neither.example", "12"),
    ]  # fmt: skip
    listed = {row["id"]: row for row in desk.rows("select * from sources")}
    assert (listed["jel"]["name"], listed["jel"]["kind"]) == ("Жел", "state")
    assert (listed["neither.example"]["enabled"], listed["dala"]["enabled"]) == (0, 1)
    assert desk.rows("select url from entries") == [{"url": "https://dala.example/rss"}]


def test_a_later_page_is_a_version_and_an_earlier_one_nothing(desk: Desk, tmp_path: Path) -> None:
    """What was fetched after the stored version may follow it; what was fetched before never touches it."""
    url = "https://dala.example/1"
    dates = {"old": "2026-03-09T10:00:00Z", "now": "2026-03-10T13:00:00Z", "new": "2026-03-11T10:00:00Z"}
    for name, more in (("now", ""), ("old", " Старое слово."), ("new", " Новое слово в конце, и ещё одно.")):
        path = tmp_path / f"{name}.warc.gz"
        path.write_bytes(Crawled().page(url, html(1, more=more), date=dates[name]).bytes())
        done = desk.imported(path)
        told = {"now": "new", "old": "known", "new": "changed"}[name]
        assert done.counts[told] == 1
    versions = desk.rows("select n, seen_at, text from versions order by n")
    assert [row["seen_at"] for row in versions] == [dates["now"], dates["new"]]
    assert "Новое слово" in versions[1]["text"]
    assert not any("Старое" in row["text"] for row in versions)
    before = desk.rows("select * from articles")
    assert desk.imported(tmp_path / "new.warc.gz").counts["known"] == 1
    assert desk.rows("select * from articles") == before


def test_a_killed_import_goes_on_where_it_was(desk: Desk, tmp_path: Path) -> None:
    """After SIGKILL in the middle the rest is imported alone, and archive and counts are an undisturbed import's."""
    crawled = Crawled()
    for n in range(120):
        crawled.page(f"https://dala.example/{n}", html(n))
    path = tmp_path / "a.warc.gz"
    path.write_bytes(crawled.bytes())
    command = [sys.executable, "-m", "pipelines", "import", path, "--archive", desk.archive, "--processes", "1"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            with suppress(ArchiveError):  # it is in the making
                (position,) = desk.rows("select coalesce(max(position), 0) as at from jobs")
                if position["at"] >= 50:
                    process.send_signal(signal.SIGKILL)
                    break
        process.wait(timeout=60)
    assert process.returncode == -signal.SIGKILL
    reached = desk.rows("select position from jobs")[0]["position"]
    assert 50 <= reached < 121
    assert len(desk.rows("select 1 from articles")) == reached - 1
    done = desk.imported(path)
    assert done.resumed_after == reached
    assert done.counts == {"new": 120, "other-record": 1}
    stored = desk.rows("select (select count(*) from articles) as a, (select count(*) from stories) as s")
    assert stored == [{"a": 120, "s": 120}]
    assert desk.imported(path).counts == {"known": 120, "other-record": 1}


def test_what_no_warc_holds_is_one_line(desk: Desk, tmp_path: Path) -> None:
    """An ARC file is told how to become one, and a file that only calls itself so is told apart."""
    arc = tmp_path / "old.arc"
    arc.write_bytes(b"filedesc://old.arc 0.0.0.0 20080430204825 text/plain 76\n1 1 InternetArchive\n")
    empty = tmp_path / "none.warc.gz"
    empty.write_bytes(b"no WARC at all")
    for path, told in ((arc, "warcio recompress"), (empty, "no WARC record")):
        with pytest.raises(ImportFileError, match=told) as raised:
            desk.imported(path)
        assert str(path) in str(raised.value)


def test_odd_files_of_other_tools_have_an_outcome_each(shared_data: Path, desk: Desk) -> None:
    """Each of the collected odd files ends with counts or one line, whatever is wrong with it."""
    files = [path for path in sorted((shared_data / "warc").rglob("*")) if path.suffix not in (".md", ".txt", "")]
    assert len(files) >= 43
    fates = {}
    for path in files:
        try:
            fates[path.name] = dict(desk.imported(path).counts)
        except ImportFileError as error:
            fates[path.name] = {"refused as ARC": int("an ARC file" in str(error))}
    assert all(sum(fate.values()) for fate in fates.values())
    assert {name for name, fate in fates.items() if "refused as ARC" in fate} == {
        name for name in fates if ".arc" in name
    }
    assert not any({"poisoned", "unreadable"} & set(fate) for fate in fates.values())


def test_the_command_imports_several_files(tmp_path: Path) -> None:
    """Counts are of all files together; a file that cannot be read costs the others nothing, and the exit code 1."""
    for n in range(2):
        body = Crawled().page(f"https://dala.example/{n}", html(n)).bytes()
        (tmp_path / f"{n}.warc.gz").write_bytes(body if n else body[:-200])
    (tmp_path / "old.arc").write_bytes(b"filedesc://old.arc 0.0.0.0 20080430204825 text/plain 76\n")
    files = [tmp_path / name for name in ("0.warc.gz", "old.arc", "1.warc.gz")]
    archive = tmp_path / "archive.db"
    result = CliRunner().invoke(main, ["import", *map(str, files), "--archive", str(archive), "--processes", "1"])
    assert result.exit_code == 1, result.output
    counts = {name: int(count) for name, count in (row.split() for row in result.stdout.splitlines()) if int(count)}
    assert counts == {"new": 1, "damaged": 1, "bad": 1, "other-record": 2}
    assert len(result.stderr.splitlines()) == 2
