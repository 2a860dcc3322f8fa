"""Shared lists in every form they come in: what is none is said with its line, nothing is guessed."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from crawler.hydrate.outlets import Outlets
from crawler.hydrate.shared import Shared, SharedListError, digest, find_list, read_list
from crawler.sources import load_sources

DIGEST = "ab" * 32
CSV = f'doc_id,id,url,text_sha256,source_id\n"a ""b"", c",1,https://a.kz/n/1,{DIGEST},zakon\n2,2,https://b.kz/2,,\n'
EXPECTED = [Shared(url="https://a.kz/n/1", source_id="zakon", text_sha256=DIGEST), Shared(url="https://b.kz/2")]


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_csv_json_lines_and_addresses_say_the_same(tmp_path: Path) -> None:
    """With a byte order mark, gzipped, with comments, blank lines and Windows line ends."""
    rows = [{"url": "https://a.kz/n/1", "source_id": "zakon", "text_sha256": DIGEST, "text": None}]
    rows.append({"url": "https://b.kz/2", "source_id": None, "text_sha256": None, "text": None})
    lines = "\n".join(json.dumps(row) for row in rows) + "\n\n"
    for name, content in (
        ("a.csv", CSV), ("b.csv", "\ufeff" + CSV.replace("\n", "\r\n")), ("c.csv.gz", gzip.compress(CSV.encode())),
        ("d.jsonl", lines), ("e.jsonl.gz", gzip.compress(lines.encode())),
    ):  # fmt: skip
        assert list(read_list(written(tmp_path, name, content))) == EXPECTED, name
    plain = written(tmp_path, "f.txt", "# mine\n\nhttps://a.kz/n/1\r\n  https://b.kz/2\n# end\n")
    assert [one.url for one in read_list(plain)] == [one.url for one in EXPECTED]


def test_the_articles_of_a_folder_are_found(tmp_path: Path) -> None:
    """JSON Lines before CSV; a folder without either is no list."""
    with pytest.raises(SharedListError, match=r"no articles\.jsonl and no articles\.csv"):
        find_list(tmp_path)
    assert find_list(written(tmp_path, "articles.csv", CSV).parent).name == "articles.csv"
    assert find_list(written(tmp_path, "articles.jsonl", "{}").parent).name == "articles.jsonl"
    with pytest.raises(SharedListError, match="as CSV or JSON Lines"):
        find_list(tmp_path / "articles.parquet")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the list is empty"),
        ("title,text\na,b\n", "no list of articles"),
        ("url,text_sha256\nhttps://a.kz/1,ABC\n", "line 2: text_sha256 is no sha256"),
        ("url\nftp://a.kz/1\n", "line 2: 'ftp://a.kz/1' is no address"),
        ('{"url": "https://a.kz/1"}\n{"url": 3}\n', "line 2: '3' is no address"),
        ('{"url": "https://a.kz/1"}\n[1]\n', "line 2: no JSON object"),
        ('{"url": "https://a.kz/1"}\n{oops\n', "line 2: no JSON"),
        ("https://a.kz/1\nnot an address\n", "line 2"),
        (b"url\nhttps://a.kz/\xff\xfe\n", "not a text in UTF-8"),
        (gzip.compress(CSV.encode(), mtime=0)[:-12], "end-of-stream"),
    ],
)
def test_what_is_no_list_is_said_with_its_place(tmp_path: Path, content: str | bytes, said: str) -> None:
    """One line: file, line, cause."""
    path = written(tmp_path, "list.csv", content)
    with pytest.raises(SharedListError, match=said) as caught:
        list(read_list(path))
    assert str(path) in str(caught.value)


def test_a_list_is_known_by_its_bytes(tmp_path: Path) -> None:
    """Wherever it lies and whatever it is called."""
    one, two = written(tmp_path, "a", CSV), written(tmp_path, "b", CSV)
    assert digest(one) == digest(two) != digest(written(tmp_path, "c", CSV + "\n"))
    with pytest.raises(SharedListError, match="No such file"):
        digest(tmp_path / "absent")


def test_articles_find_their_outlet(tmp_path: Path) -> None:
    """By name where the address is the outlet's, else by domain; an unknown one is made, its name never a path."""
    sources = tmp_path / "sources.toml"
    block = '[[source]]\nid = "{0}"\nname = "{0}"\nhomepage = "https://{0}.kz/"\nlanguages = ["ru"]\ncountry = "KZ"\n'
    block += 'kind = "private"\ntimezone = "Asia/Almaty"\nentries = [{{ kind = "feed", url = "https://{0}.kz/rss" }}]\n'
    sources.write_text(block.format("birinshi") + block.format("ekinshi"), encoding="utf-8")
    outlets = Outlets(load_sources(sources))

    def place(url: str, source_id: str | None = None) -> str | None:
        listed = outlets.place(Shared(url=url, source_id=source_id))
        return listed and listed.source_id

    assert place("https://www.birinshi.kz/n/1?utm_source=x", "birinshi") == "birinshi"
    assert place("https://ekinshi.kz/n/1", "birinshi") == "ekinshi"
    assert place("https://ushinshi.kz/n/1", "ushinshi") == "ushinshi"
    assert place("https://ushinshi.kz/n/2", "another name") == "ushinshi"
    assert place("https://tortinshi.com/n/2", "../../etc/cron.d/x") == "tortinshi-com"
    assert place("https://besinshi.kz/n/2", "birinshi") == "besinshi-kz"
    assert place("https://[oops/") is None
    made = outlets.sources["tortinshi-com"]
    assert (made.enabled, made.kind, made.country, made.entries) == (False, None, "", ())
    assert outlets.unusable == 1
