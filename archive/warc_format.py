"""The bytes of a WARC record: one gzip member each, made from a page, read back to the same page, found in a file."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from uuid import uuid4

from isal import isal_zlib

from archive.errors import DauysError
from archive.records import Page
from archive.times import parsed, stored

GZIP_LEVEL = 2
"""ISA-L's level that makes the fewest bytes for its time: of 300 real pages (mean 204 kB) it takes 0.09 of the time of
warcio's fixed level 9 and 15 % more bytes; fastwarc's level 6 0.30 and 1 %, its level 3 0.20 and 7 %. A crawl stores no
faster than it packs. Measured by benchmarks/warc.py."""
_GZIP = 31
"""The window of 15 bits, and a gzip header around it."""
MAX_RECORD_BYTES = 64 * 1024 * 1024
"""A whole record, uncompressed. Pages are capped at 10 MiB when they are fetched; this bounds a damaged file."""
CHUNK_BYTES = 64 * 1024
"""What is read at once: a page is some 45 kB compressed."""

GZIP_MAGIC = b"\x1f\x8b\x08"
END = b"\r\n\r\n"
ORIGINAL = "X-Archive-Orig-"
"""Prefix of the headers that tell of the body on the wire; the record keeps the body decoded."""
WIRE_ONLY = frozenset({"content-encoding", "transfer-encoding", "content-length"})
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}", re.ASCII)
CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


class WarcError(DauysError):
    """Raised when a capture cannot be written or read back whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One gzip member of a file: where it begins, how long it is compressed, its bytes or what is wrong with it."""

    offset: int
    length: int
    data: bytes = b""
    fault: str | None = None


def payload_sha256(body: bytes) -> str:
    """Return the digest of a body as the column `pages.payload_sha256` holds it: lower-case hex."""
    return hashlib.sha256(body).hexdigest()


def encode_info(filename: str, created: str, fields: Mapping[str, str], *, record_id: str | None = None) -> bytes:
    """Return the compressed warcinfo record that opens `filename`; `fields` are added to what it says.

    `record_id` is a URN; a random one is made without it.
    """
    said = {"software": "Dauys", "format": "WARC File Format 1.1", "description": DECODED, **fields}
    block = "".join(f"{name}: {_line(value)}\r\n" for name, value in said.items() if TOKEN.fullmatch(name))
    head = {"WARC-Filename": filename, "Content-Type": "application/warc-fields"}
    return _record("warcinfo", created, head, block.encode("utf-8", "replace"), record_id=record_id)


DECODED = (
    "bodies are stored after content decoding; the headers Content-Encoding, Transfer-Encoding and "
    f"Content-Length of the wire are kept under the prefix {ORIGINAL}"
)


def encode_page(page: Page, sha256: str | None = None) -> bytes:
    """Return `page` as a compressed response record that `decode_page` turns into the same page.

    Times are cut to whole seconds. A header name that HTTP does not allow is left out, control characters
    in a value become a space, so that no header can end the record's head early. `sha256` is the `payload_sha256`
    of the body where the caller has it. Raises WarcError for a page over 64 MiB.
    """
    if len(page.body) > MAX_RECORD_BYTES // 2:
        raise WarcError(f"{page.url}: a page of {len(page.body)} bytes is too large to keep")
    head = {
        "WARC-Target-URI": page.url,
        "WARC-Payload-Digest": "sha256:"
        + base64.b32encode(bytes.fromhex(sha256 or payload_sha256(page.body))).decode(),
        "Content-Type": "application/http; msgtype=response",
    }
    # Fields of our own, so that an archive can be built again from its WARC files alone.
    if page.requested_url is not None:
        head["Dauys-Requested-URI"] = page.requested_url
    if page.source_id is not None:
        head["Dauys-Source"] = page.source_id
    if page.run_id is not None:
        head["Dauys-Run"] = str(page.run_id)
    if not page.tls_verified:
        head["Dauys-TLS-Verified"] = "no"
    return _record("response", stored(page.fetched_at), head, _http_head(page), page.body)


def decode_page(data: bytes) -> Page:
    """Return the page of an uncompressed response record; raise WarcError when it is none or its digest differs."""
    head, block = split_record(data)
    if head.get("warc-type") != "response":
        raise WarcError(f"a {head.get('warc-type', 'nameless')} record where a response was expected")
    http_head, separator, body = block.partition(END)
    lines = http_head.decode("latin-1").split("\r\n")
    status = re.fullmatch(r"HTTP/\d\.\d (\d{3})(?: .*)?", lines[0])
    if not separator or status is None:
        raise WarcError("a response record without an HTTP head")
    expected = head.get("warc-payload-digest")
    if expected is not None and expected != _digest_like(expected, body):
        raise WarcError("the body does not have the digest that its record states")
    run = head.get("dauys-run")
    return Page(
        url=head["warc-target-uri"],
        fetched_at=parsed(head["warc-date"]),
        body=body,
        status=int(status[1]),
        headers=tuple(_received(lines[1:])),
        requested_url=head.get("dauys-requested-uri"),
        source_id=head.get("dauys-source"),
        run_id=int(run) if run is not None else None,
        tls_verified=head.get("dauys-tls-verified") != "no",
    )


def split_record(data: bytes) -> tuple[dict[str, str], bytes]:
    """Return the head (names in lower case) and the block of an uncompressed record; raise WarcError when torn."""
    raw, separator, rest = data.partition(END)
    lines = raw.decode("utf-8", "replace").split("\r\n")
    if not separator or not lines[0].startswith("WARC/1."):
        raise WarcError("no WARC record begins here")
    head = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    length = head.get("content-length", "")
    if not (length.isascii() and length.isdigit()) or len(rest) != int(length) + len(END) or rest[-4:] != END:
        raise WarcError("the record is not as long as it says")
    missing = {"warc-type", "warc-date", "warc-record-id"} - head.keys()
    if missing or (head["warc-type"] == "response" and "warc-target-uri" not in head):
        raise WarcError("the record lacks a field that every record has")
    return head, rest[: -len(END)]


def decompress(member: bytes) -> bytes:
    """Return the bytes of one whole gzip member; raise WarcError for anything less, more or larger than 64 MiB."""
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        data = stream.decompress(member, MAX_RECORD_BYTES)
    except zlib.error as error:
        raise WarcError(f"the gzip data is damaged ({error})") from error
    if not stream.eof:
        raise WarcError("the gzip data is cut off or too large")
    if stream.unused_data:
        raise WarcError("the stored length takes in more than one record")
    return data


def members(path: Path, start: int = 0, end: int | None = None) -> Iterator[Member]:
    """Yield every gzip member of a file in order, in memory for one record at a time.

    `start` and `end` (bytes) bound what is looked at: members that begin between them. Damage is yielded as a
    member with a `fault` that reaches to the next whole record, or to the end.
    """
    size = path.stat().st_size if end is None else end
    with path.open("rb") as file:
        offset = start
        while offset < size:
            member = _member(file, offset)
            if member.fault is not None:
                after = min(_next_whole(file, offset + 1, size), size)
                member = Member(offset=offset, length=after - offset, fault=member.fault)
            yield member
            offset += member.length


def _member(file: io.BufferedReader, offset: int) -> Member:
    """Return the member that begins at `offset`, faulty when it does not end as gzip."""
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    out = bytearray()
    consumed = 0
    file.seek(offset)
    while not stream.eof:
        chunk = file.read(CHUNK_BYTES)
        if not chunk:
            return Member(offset=offset, length=consumed, fault="the file is cut off inside a record")
        try:
            out += stream.decompress(chunk, MAX_RECORD_BYTES + 1 - len(out))
        except zlib.error as error:
            return Member(offset=offset, length=consumed, fault=f"the gzip data is damaged ({error})")
        consumed += len(chunk)
        if len(out) > MAX_RECORD_BYTES:
            return Member(offset=offset, length=consumed, fault="a record is larger than 64 MiB")
    return Member(offset=offset, length=consumed - len(stream.unused_data), data=bytes(out))


def _next_whole(file: io.BufferedReader, start: int, size: int) -> int:
    """Return where the next whole WARC record begins at or after `start`, or `size`."""
    position = start
    while position < size:
        file.seek(position)
        window = file.read(CHUNK_BYTES)
        found = window.find(GZIP_MAGIC)
        while found >= 0:
            candidate = _member(file, position + found)
            if candidate.fault is None and candidate.data.startswith(b"WARC/1."):
                return position + found
            found = window.find(GZIP_MAGIC, found + 1)
        # the magic may lie across the border of two windows
        position += max(1, len(window) - len(GZIP_MAGIC) + 1)
    return size


def _record(kind: str, date: str, head: Mapping[str, str], *block: bytes, record_id: str | None = None) -> bytes:
    fields = {"WARC-Type": kind, "WARC-Record-ID": f"<{record_id or uuid4().urn}>", "WARC-Date": date, **head}
    lines = "".join(f"{name}: {_line(value)}\r\n" for name, value in fields.items())
    text = f"WARC/1.1\r\n{lines}Content-Length: {sum(map(len, block))}\r\n\r\n"
    return _compress(b"".join((text.encode("utf-8", "replace"), *block, END)))


def _compress(data: bytes) -> bytes:
    return isal_zlib.compress(data, GZIP_LEVEL, _GZIP)


def _http_head(page: Page) -> bytes:
    try:
        phrase = HTTPStatus(page.status).phrase
    except ValueError:
        phrase = "Unknown"
    lines = [f"HTTP/1.1 {page.status:03d} {phrase}"]
    for name, value in page.headers:
        if TOKEN.fullmatch(name):
            lines.append(f"{ORIGINAL if name.lower() in WIRE_ONLY else ''}{name}: {_line(value)}")
    lines.append(f"Content-Length: {len(page.body)}")
    # latin-1 is what HTTP header bytes are read as, so every received byte comes out as it was
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _received(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the headers as they were received: the wire's own back, the one that describes the record left out."""
    for line in lines:
        name, _, value = line.partition(":")
        if name.lower() in WIRE_ONLY:
            continue
        if name[: len(ORIGINAL)] == ORIGINAL and name[len(ORIGINAL) :].lower() in WIRE_ONLY:
            name = name[len(ORIGINAL) :]
        yield name, value.strip()


def _line(value: str) -> str:
    return CONTROLS.sub(" ", value).strip()


def _digest_like(stated: str, body: bytes) -> str:
    """Return the digest of `body` in the algorithm that `stated` names, or '' for one that is not known."""
    algorithm = stated.partition(":")[0].lower()
    if algorithm not in ("sha1", "sha256"):
        return ""
    digest = hashlib.new(algorithm, body, usedforsecurity=False).digest()
    return f"{stated.partition(':')[0]}:{base64.b32encode(digest).decode()}"
