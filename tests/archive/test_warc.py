"""WARC files: what is written is read back the same, whatever the page holds and however the writer died."""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import resource
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType, has_valid_payload_digest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.records import Page
from archive.warc import OPEN_SUFFIX, WarcError, WarcWriter, folder_of, locate, read, recover
from archive.warc_format import decode_page, decompress, encode_page, members

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
TEXT = "Сайлау учаскелері ашылды. Явка выросла. ".encode()


def page(n: int = 1, **changes: object) -> Page:
    fields: dict[str, object] = {
        "url": f"https://dala.example/news/{n}",
        "fetched_at": NOON,
        "body": b"<html>" + TEXT * 20 + str(n).encode() + b"</html>",
        "headers": (("Content-Type", "text/html; charset=utf-8"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")),
    }
    return Page(**(fields | changes))  # type: ignore[arg-type]


def test_a_page_comes_back_as_it_was(tmp_path: Path) -> None:
    written = page(
        headers=(
            ("Content-Encoding", "gzip"),
            ("content-length", "12"),
            ("Transfer-Encoding", "chunked"),
            ("ETag", '"x"'),
        ),
        status=404,
        requested_url="https://dala.example/?p=1",
        source_id="dala",
        run_id=7,
        tls_verified=False,
    )
    with WarcWriter(tmp_path, "dala") as writer:
        kept = writer.write(written)
        while_open = read(tmp_path, kept.file, kept.offset, kept.length)
    assert while_open == written
    assert read(tmp_path, kept.file, kept.offset, kept.length) == written
    assert kept.payload_sha256 == hashlib.sha256(written.body).hexdigest()


header_names = st.text("abcXYZ-09: \r\né", max_size=12)
header_values = st.text(st.characters(max_codepoint=0x17F, exclude_categories=["Cs"]), max_size=40)


@settings(deadline=None, max_examples=150)
@given(
    body=st.binary(max_size=300),
    status=st.integers(100, 599),
    url=st.text(max_size=60),
    headers=st.lists(st.tuples(header_names, header_values), max_size=6),
    moment=st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
def test_no_header_and_no_address_ends_the_head_early(
    body: bytes, status: int, url: str, headers: list[tuple[str, str]], moment: datetime
) -> None:
    """Body, status and time survive any header, and no header appears that was not given."""
    back = decode_page(
        decompress(
            encode_page(
                page(
                    url="https://dala.example/" + url,
                    body=body,
                    status=status,
                    headers=tuple(headers),
                    fetched_at=moment,
                )
            )
        )
    )
    assert (back.body, back.status, back.fetched_at) == (body, status, moment)
    given_names = [name for name, _ in headers]
    assert all(name in given_names for name, _ in back.headers)
    assert len(back.headers) <= len(headers)


@settings(deadline=None, max_examples=100)
@given(value=st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=60))
def test_header_bytes_are_kept_as_received(value: str) -> None:
    back = decode_page(decompress(encode_page(page(headers=(("X-Any", value),)))))
    assert back.headers == (("X-Any", value.strip()),)


def test_other_tools_read_it_and_find_every_digest_right(tmp_path: Path) -> None:
    with WarcWriter(tmp_path, "dala", info={"http-header-user-agent": "Dauys"}) as writer:
        captures = [writer.write(page(n)) for n in range(5)]
    path = tmp_path / captures[0].file
    with path.open("rb") as stream:
        records = []
        for record in ArchiveIterator(stream, parse_http=True):
            if record.record_type == WarcRecordType.response:
                stated = record.headers.get("WARC-Payload-Digest")
                body = record.reader.read()
                assert stated == "sha256:" + base64.b32encode(hashlib.sha256(body).digest()).decode()
                assert record.http_headers.status_code == 200
                records.append((record.headers.get("WARC-Target-URI"), body))
            else:
                assert record.record_type == WarcRecordType.warcinfo
                assert b"user-agent: Dauys" in record.reader.read()
    with path.open("rb") as stream:
        assert sum(1 for _ in ArchiveIterator(stream, func_filter=has_valid_payload_digest)) == 5
    assert records == [(page(n).url, page(n).body) for n in range(5)]
    assert gzip.decompress(path.read_bytes()).count(b"WARC/1.1\r\n") == 6


def test_warcio_reads_it(tmp_path: Path) -> None:
    archiveiterator = pytest.importorskip("warcio.archiveiterator")
    with WarcWriter(tmp_path, "dala") as writer:
        name = writer.write(page()).file
    with (tmp_path / name).open("rb") as stream:
        kinds = [record.rec_type for record in archiveiterator.ArchiveIterator(stream, check_digests=True)]
    assert kinds == ["warcinfo", "response"]


def test_nothing_is_made_before_the_first_page(tmp_path: Path) -> None:
    WarcWriter(tmp_path / "warc", "dala").close()
    assert not (tmp_path / "warc").exists()


def test_a_new_file_begins_past_the_size_and_at_midnight(tmp_path: Path) -> None:
    moment = [NOON]
    with WarcWriter(tmp_path, "dala", max_bytes=5000, clock=lambda: moment[0]) as writer:
        noise = os.urandom(2500)
        first, second, third = (writer.write(page(n, body=noise)).file for n in range(3))
        assert first == second != third
        moment[0] += timedelta(hours=13)
        fourth = writer.write(page(4, body=b"x")).file
    assert fourth != third
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted({first, third, fourth})
    assert "-20260310120000-" in first
    assert "-20260311010000-" in fourth


def test_two_writers_of_one_process_and_second_have_a_file_each(tmp_path: Path) -> None:
    with WarcWriter(tmp_path, "a", clock=lambda: NOON) as one, WarcWriter(tmp_path, "a", clock=lambda: NOON) as two:
        assert one.write(page(1)).file != two.write(page(2)).file
    again = WarcWriter(tmp_path, "a", clock=lambda: NOON)
    again.write(page(3))
    again.close()
    assert len(list(tmp_path.iterdir())) == 3


def test_a_prefix_cannot_leave_the_folder(tmp_path: Path) -> None:
    with WarcWriter(tmp_path, "../../etc/x") as writer:
        assert (tmp_path / (writer.write(page()).file + OPEN_SUFFIX)).exists()


@pytest.mark.parametrize("name", ["", "../secret", "/etc/passwd", "absent.warc.gz"])
def test_only_a_file_of_the_folder_is_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(WarcError):
        locate(tmp_path, name)


@pytest.mark.parametrize(("offset", "length"), [(-1, 10), (0, 0), (0, -1), (0, 10**12), (1, 50), (10**9, 5)])
def test_a_wrong_pointer_is_an_error_in_words(tmp_path: Path, offset: int, length: int) -> None:
    with WarcWriter(tmp_path, "dala") as writer:
        name = writer.write(page()).file
    with pytest.raises(WarcError, match=r"warc\.gz"):
        read(tmp_path, name, offset, length)


def test_a_changed_body_is_noticed(tmp_path: Path) -> None:
    record = gzip.decompress(encode_page(page(body=b"the vote is on Sunday")))
    with pytest.raises(WarcError, match="digest"):
        decode_page(record.replace(b"Sunday", b"Monday"))


KILLED = """
import os, sys
from pathlib import Path
from datetime import datetime, UTC
from archive.records import Page
from archive.warc import WarcWriter
writer = WarcWriter(Path(sys.argv[1]), "dala")
for n in range(3):
    writer.write(Page(url=f"https://dala.example/{n}", fetched_at=datetime(2026, 3, 10, tzinfo=UTC), body=b"x" * 5000))
print("written", flush=True)
sys.stdin.read()
os._exit(9)
"""


def test_a_live_file_is_left_alone_and_a_dead_one_mended(tmp_path: Path) -> None:
    """The file of a running process stays open under any recovery; after kill -9 it is closed with all its pages."""
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "written\n"
        assert recover(tmp_path) == []
        child.kill()
    (mended,) = recover(tmp_path)
    assert mended.suffix == ".gz"
    assert [m.fault for m in members(mended)] == [None] * 4
    assert recover(tmp_path) == []


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[int]]:
    """Return the bytes of a file of three pages and the ends of its four records."""
    folder = tmp_path_factory.mktemp("warc")
    with WarcWriter(folder, "dala") as writer:
        captures = [writer.write(page(n)) for n in range(3)]
    data = (folder / captures[0].file).read_bytes()
    return data, [captures[0].offset, *(kept.offset + kept.length for kept in captures)]


@settings(deadline=None, max_examples=120)
@given(data=st.data(), tail=st.sampled_from([b"", b"\0" * 700, b"\x1f\x8b\x08", b"\x1f\x8b\x08" * 40, b"WARC/1.1\r\n"]))
def test_a_torn_tail_is_cut_at_the_last_whole_record(
    whole: tuple[bytes, list[int]], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, tail: bytes
) -> None:
    """Wherever a file was cut, and whatever a file system left behind the cut, the whole records stay."""
    content, ends = whole
    near = st.sampled_from(ends).flatmap(lambda end: st.integers(max(0, end - 12), min(len(content), end + 12)))
    cut = data.draw(st.one_of(st.integers(0, len(content)), near))
    folder = tmp_path_factory.mktemp("torn")
    torn = folder / ("dala.warc.gz" + OPEN_SUFFIX)
    torn.write_bytes(content[:cut] + tail)
    left = content[:cut] + tail  # zeros may happen to be what was cut
    expected = max((end for end in ends if left[:end] == content[:end]), default=0)
    mended = recover(folder)
    if expected == 0:
        assert mended == []
        assert list(folder.iterdir()) == []
    else:
        assert mended[0].read_bytes() == content[:expected]


def test_damage_in_the_middle_takes_no_later_page(whole: tuple[bytes, list[int]], tmp_path: Path) -> None:
    content, ends = whole
    broken = bytearray(content)
    broken[ends[1] + 30 : ends[1] + 60] = b"\0" * 30
    (tmp_path / ("dala.warc.gz" + OPEN_SUFFIX)).write_bytes(broken)
    (mended,) = recover(tmp_path)
    found = list(members(mended))
    assert [(m.offset, m.fault is None) for m in found] == [
        (0, True),
        (ends[0], True),
        (ends[1], False),
        (ends[2], True),
    ]
    assert mended.stat().st_size == len(content)


FULL = """
import resource, sys
from datetime import datetime, UTC
from pathlib import Path
import os
from archive.records import Page
from archive.warc import WarcError, WarcWriter
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
writer = WarcWriter(Path(sys.argv[1]), "dala")
for n in range(50):
    try:
        moment = datetime(2026, 3, 10, tzinfo=UTC)
        writer.write(Page(url=f"https://dala.example/{n}", fetched_at=moment, body=os.urandom(3000)))
    except WarcError as error:
        print(error)
        break
try:
    writer.close()
except WarcError as error:
    print(error)
"""


@pytest.mark.parametrize("quota", [100, 20_000])
def test_a_full_disk_is_one_line_and_leaves_whole_records(tmp_path: Path, quota: int) -> None:
    """A page that does not fit is refused; what was written before stays readable to the last record."""
    assert hasattr(resource, "RLIMIT_FSIZE")
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path), str(quota)], capture_output=True, text=True, check=True
    )
    assert done.stdout.count("\n") == 1
    assert "cannot be kept" in done.stdout
    files = list(tmp_path.iterdir())
    if quota == 100:
        assert files == []
    else:
        (file,) = files
        assert all(m.fault is None for m in members(file))
        assert sum(1 for _ in members(file)) > 3


def test_the_warc_folder_is_beside_the_archive() -> None:
    assert folder_of("data/archive.db") == Path("data/warc")
