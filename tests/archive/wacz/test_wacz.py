"""A package is valid by the tools of the format, is read by other libraries, and is the same for the same archive."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from surt import surt as their_surt
from warcio.archiveiterator import ArchiveIterator

from archive.cli import cli
from archive.wacz.surt import surt
from tests.archive.spoiling import flip_a_byte, sql

EDITED = "https://steppe.example/news/3"


def run(archive: Path, target: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["wacz", str(target), *arguments, "--archive", str(archive)])


def packed(archive: Path, target: Path, *arguments: str) -> zipfile.ZipFile:
    ran = run(archive, target, *arguments)
    assert ran.exit_code == 0, ran.output
    assert [path.name for path in target.parent.iterdir() if path.name.startswith(target.name)] == [target.name]
    return zipfile.ZipFile(target)


def index_of(package: zipfile.ZipFile) -> list[tuple[str, dict[str, Any]]]:
    """Read the index as a replay tool does: by the second index, block after block, each block's digest checked."""
    raw, lines = package.read("indexes/index.cdx.gz"), []
    head, *blocks = package.read("indexes/index.idx").decode().splitlines()
    assert head.startswith("!meta 0 ")
    assert json.loads(head[8:])["filename"] == "index.cdx.gz"
    for block in blocks:
        key, _, fields = block.partition(" {")
        place = json.loads("{" + fields)
        part = raw[place["offset"] : place["offset"] + place["length"]]
        assert place["digest"] == f"sha256:{hashlib.sha256(part).hexdigest()}"
        inside = gzip.decompress(part).decode().splitlines()
        assert inside[0].startswith(key + " ")
        lines += inside
    assert sum(json.loads("{" + b.partition(" {")[2])["length"] for b in blocks) == len(raw)
    assert lines == sorted(lines)
    return [(line.partition(" {")[0], json.loads("{" + line.partition(" {")[2])) for line in lines]


def pages_of(package: zipfile.ZipFile, name: str = "pages") -> list[dict[str, Any]]:
    head, *pages = [json.loads(line) for line in package.read(f"pages/{name}.jsonl").splitlines()]
    assert head["format"] == "json-pages-1.0"
    assert head["hasText"] is True
    return pages


def test_the_tool_of_the_format_finds_it_valid(pressed: Path, tmp_path: Path) -> None:
    """Its digests, paths and description, by `wacz validate` and frictionless inside it."""
    packed(pressed, tmp_path / "all.wacz")
    tool = Path(sys.executable).with_name("wacz")
    ran = subprocess.run([tool, "validate", "-f", tmp_path / "all.wacz"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "the passed WACZ is valid" in ran.stdout
    description = json.loads(zipfile.ZipFile(tmp_path / "all.wacz").read("datapackage.json"))
    assert description["wacz_version"] == "1.1.1"


def test_every_line_of_the_index_leads_to_its_record(pressed: Path, tmp_path: Path) -> None:
    """Read by another library, at the offset alone, in an entry that is stored so that a reader can seek."""
    package = packed(pressed, tmp_path / "all.wacz")
    index = index_of(package)
    assert len(index) == 6
    for key, fields in index:
        assert key == f"{their_surt(fields['url'])} {key[-14:]}"
        entry = f"archive/{fields['filename']}"
        assert package.getinfo(entry).compress_type == zipfile.ZIP_STORED
        with package.open(entry) as stream:
            stream.seek(int(fields["offset"]))
            raw = stream.read(int(fields["length"]))
        assert fields["recordDigest"] == f"sha256:{hashlib.sha256(raw).hexdigest()}"
        (record,) = ArchiveIterator(io.BytesIO(raw), check_digests="raise")
        assert record.rec_headers.get_header("WARC-Target-URI") == fields["url"]
        assert record.rec_headers.get_header("WARC-Payload-Digest") == fields["digest"]
        assert record.rec_headers.get_header("WARC-Date").translate({45: "", 58: "", 84: "", 90: ""}) == key[-14:]
        record.content_stream().read()


def test_the_whole_file_is_a_warc_to_others(pressed: Path, tmp_path: Path) -> None:
    package = packed(pressed, tmp_path / "all.wacz")
    (name,) = [name for name in package.namelist() if name.startswith("archive/")]
    with package.open(name) as stream:
        kinds = [record.rec_type for record in ArchiveIterator(stream, check_digests="raise")]
    assert kinds == ["warcinfo"] + ["response"] * 6


def test_articles_are_listed_with_their_texts_and_earlier_versions_apart(pressed: Path, tmp_path: Path) -> None:
    package = packed(pressed, tmp_path / "all.wacz")
    pages, extra = pages_of(package), pages_of(package, "extraPages")
    assert len(pages) == 5
    (now,) = [page for page in pages if page["url"] == EDITED]
    (before,) = extra
    assert "popular vote" in now["text"]
    assert "popular" not in before["text"]
    assert (before["title"], now["title"]) == ("Referendum called for 15 March", "Referendum set for 15 March")
    captured = {(fields["url"], key[-14:]) for key, fields in index_of(package)}
    assert {(p["url"], p["ts"].translate({45: "", 58: "", 84: "", 90: ""})) for p in pages + extra} == captured


@pytest.mark.parametrize(
    ("arguments", "urls"),
    [
        (("--lang", "kk"), {"https://jel.example/news/2"}),
        (("--source", "dala", "--topic", "referendum"), {"https://dala.example/news/1"}),
        (("--query", "референдум", "--source", "jel", "--lang", "ru"), {"https://jel.example/news/4"}),
        ((EDITED,), {EDITED}),
        (("http://dala.example/news/1", "2"), {"https://dala.example/news/1", "https://jel.example/news/2"}),
        (("--since", "2026-03-10", "--until", "2026-03-10", "--lang", "en"), {EDITED}),
    ],
)
def test_a_package_holds_what_was_chosen(
    pressed: Path, tmp_path: Path, arguments: tuple[str, ...], urls: set[str]
) -> None:
    package = packed(pressed, tmp_path / "some.wacz", *arguments)
    assert {page["url"] for page in pages_of(package)} == urls
    assert {fields["url"] for _, fields in index_of(package)} == urls


def test_reserved_articles_are_left_out_unless_asked_for(small: Path, tmp_path: Path) -> None:
    sql("update articles set reserved = 'noarchive' where id = 1")(small)
    assert len(pages_of(packed(small, tmp_path / "a.wacz"))) == 4
    assert len(pages_of(packed(small, tmp_path / "b.wacz", "--include-reserved"))) == 5
    assert len(pages_of(packed(small, tmp_path / "c.wacz", "1"))) == 1


def test_the_same_archive_gives_the_same_bytes(small: Path, tmp_path: Path) -> None:
    """Also when its WARC file was written anew meanwhile, without an article that is not in the package."""
    packed(small, tmp_path / "a.wacz", "--lang", "ru", "--source", "dala")
    ran = CliRunner().invoke(cli, ["forget", "2", "--reason", "asked", "--archive", str(small)])
    assert ran.exit_code == 0, ran.output
    packed(small, tmp_path / "b.wacz", "--lang", "ru", "--source", "dala")
    assert (tmp_path / "a.wacz").read_bytes() == (tmp_path / "b.wacz").read_bytes()


def test_long_packages_have_several_files_and_blocks(
    pressed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.wacz.package.MAX_WARC_BYTES", 1000)
    monkeypatch.setattr("archive.wacz.cdxj.BLOCK_LINES", 2)
    package = packed(pressed, tmp_path / "all.wacz")
    index = index_of(package)
    assert len(index) == 6
    assert len({fields["filename"] for _, fields in index}) > 1
    for _, fields in index:
        with package.open(f"archive/{fields['filename']}") as stream:
            stream.seek(int(fields["offset"]))
            (record,) = ArchiveIterator(io.BytesIO(stream.read(int(fields["length"]))))
        assert record.rec_headers.get_header("WARC-Target-URI") == fields["url"]


def test_a_damaged_capture_is_left_out_and_told(small: Path, tmp_path: Path) -> None:
    flip_a_byte(small)
    ran = run(small, tmp_path / "all.wacz")
    assert ran.exit_code == 1
    assert ran.stderr.count("Left out, damaged:") == 1
    package = zipfile.ZipFile(tmp_path / "all.wacz")
    assert len(index_of(package)) == 5
    named = pages_of(package) + (
        pages_of(package, "extraPages") if "pages/extraPages.jsonl" in package.namelist() else []
    )
    assert len(named) == 5


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--source", "nobody"), 1, "the archive has no such source"),
        (("--until", "2001-01-01"), 1, "nothing to pack"),
        (("https://nowhere.example/",), 1, "no article has the address"),
        (("1", "--lang", "ru"), 2, "not both"),
        (("--query", '"'), 2, ""),
    ],
)
def test_mistakes_are_one_line_and_leave_no_file(
    pressed: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    ran = run(pressed, tmp_path / "x.wacz", *arguments)
    assert ran.exit_code == code, ran.output
    assert says in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_not_overwritten(pressed: Path, tmp_path: Path) -> None:
    (tmp_path / "x.wacz").write_text("mine")
    assert run(pressed, tmp_path / "x.wacz").exit_code == 2
    assert (tmp_path / "x.wacz").read_text() == "mine"


def test_articles_without_a_capture_are_counted(small: Path, tmp_path: Path) -> None:
    sql("update article_versions set page_id = null where article_id = 2")(small)
    ran = run(small, tmp_path / "x.wacz")
    assert "1 articles without a capture are left out" in ran.output


@given(
    st.sampled_from(("http", "https")),
    st.sampled_from(("www.dala.example", "Kaz.Dala.example:8080", "www2.jel.example", "127.0.0.1:5000")),
    st.lists(st.sampled_from(("news", "Қазақстан", "%D2%9B", "a-b", "ID", "2026")), max_size=4),
    st.lists(st.sampled_from(("b=2", "a=1", "id=7", "q=%D2%9B", "x")), max_size=3, unique=True),
    st.sampled_from(("", "/", "#top")),
)
def test_keys_are_those_of_the_library_of_the_tools(
    scheme: str, host: str, path: list[str], query: list[str], end: str
) -> None:
    url = f"{scheme}://{host}/{'/'.join(path)}{'?' + '&'.join(query) if query else ''}{end if not query else ''}"
    ascii_url = url.replace("Қазақстан", "%D2%9A%D0%B0")
    assert surt(ascii_url) == their_surt(ascii_url)
