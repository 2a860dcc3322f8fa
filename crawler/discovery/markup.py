"""Makes bytes of a feed, sitemap or page safe to parse: bounded, decoded, without entities or a DTD."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterable, Iterator
from html import unescape
from html.entities import html5

from lxml import etree

from pipelines.charset import decode

CHUNK = 1 << 16
"""Bytes or characters handled at a time."""

MAX_PROLOG = 1 << 16
"""Characters before the root element; more is an attack (a DTD full of entities), not a document."""

MAX_GAP = 200_000
"""Tags between two entries that are read; bounds the tree's memory to some 40 MB."""

# C0 controls, NUL, surrogates and the two non-characters: XML has no place for them, escaped or not
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOSE_AMPERSAND = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)([A-Za-z][A-Za-z0-9]{1,30};)?"
)
_NUMERIC = re.compile(r"&#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}));")
_ROOT = re.compile(r"<(/?[A-Za-z_][\w.:-]{0,80})")
_TAG = re.compile(r"</?[A-Za-z!][^<>]*>")
_UNSEEN = re.compile(r"<(script|style)\b[^>]{0,200}>.{0,2000}?</\1>", re.IGNORECASE | re.DOTALL)
_SPACES = re.compile(r"\s+")


def clean_text(body: bytes, content_type: str | None = None) -> str:
    """Return `body` as text without characters that XML forbids; undecodable bytes become U+FFFD."""
    return _FORBIDDEN.sub("", decode(body, content_type).text)


def text_chunks(chunks: Iterable[bytes], content_type: str | None = None) -> Iterator[str]:
    """Decode a stream of byte chunks; the codec is chosen from the first one."""
    decoder: codecs.IncrementalDecoder | None = None
    for chunk in chunks:
        if decoder is None:
            decoder = codecs.getincrementaldecoder(decode(chunk, content_type).codec)("replace")
        yield _FORBIDDEN.sub("", decoder.decode(chunk).lstrip("\ufeff"))
    if decoder is not None:
        yield decoder.decode(b"", final=True)


def byte_chunks(body: bytes, limit: int, problems: list[str]) -> Iterator[bytes]:
    """Cut `body` into chunks, unpacking gzip, and stop after `limit` bytes of the unpacked size.

    What was lost that way, or to a damaged gzip stream, is added to `problems`.
    """
    given = 0
    for chunk in _unpacked(body, problems) if body.startswith(b"\x1f\x8b") else _cut(body):
        if given + len(chunk) > limit:
            problems.append(f"longer than {limit:,} bytes: the rest was not read")
            yield chunk[: limit - given]
            return
        given += len(chunk)
        yield chunk


def _cut(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), CHUNK):
        yield body[start : start + CHUNK]


def _unpacked(body: bytes, problems: list[str]) -> Iterator[bytes]:
    unpack = zlib.decompressobj(wbits=31)
    packed = body
    try:
        while not unpack.eof:
            chunk = unpack.decompress(packed, CHUNK)
            packed = unpack.unconsumed_tail
            if chunk:
                yield chunk
            elif not packed:
                problems.append("gzip cut short")
                return
    except zlib.error:
        problems.append("damaged gzip")


def strip_prolog(text: str) -> tuple[str, str]:
    """Return the name of the root element (lower case, no prefix) and `text` from that element on.

    White space, error messages of the server, the declaration, comments and the whole document type with
    its entities go, so that nothing can be expanded or fetched. The name is empty when there is no element.
    """
    position = 0
    while (position := text.find("<", position, MAX_PROLOG)) >= 0:
        root = _ROOT.match(text, position)
        if root is not None and not root.group(1).startswith("/"):
            return root.group(1).rpartition(":")[2].lower(), text[position:]
        closing = "-->" if text.startswith("<!--", position) else ">"
        end = text.find(closing, position + 1, MAX_PROLOG)
        position = end if end >= 0 else position + 1
    return "", ""


def escape_loose(text: str) -> str:
    """Escape ampersands that begin no XML entity, and replace HTML's named ones by their characters.

    A recovering parser drops both: `?a=1&b=2` would become `?a=1=2`. A character that XML has no place for becomes
    U+FFFD: written as a number it passes the parser, and what it leaves behind is no text.
    """
    if "&" not in text:
        return text
    return _NUMERIC.sub(_possible, _LOOSE_AMPERSAND.sub(_loose, text))


def _possible(reference: re.Match[str]) -> str:
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    return "\ufffd" if code > 0x10FFFF or _FORBIDDEN.match(chr(code)) else reference[0]


def pull_parser(tags: tuple[str, ...]) -> etree.XMLPullParser:
    """Return a recovering parser that reports the end of `tags` and neither expands nor fetches anything."""
    return etree.XMLPullParser(
        events=("end",),
        tag=tags,
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def elements(chunks: Iterable[str], tags: tuple[str, ...], problems: list[str]) -> Iterator[etree._Element]:
    """Parse a document that begins with its root element and yield each of `tags` when it ends, then empty it.

    Memory stays flat, as what was yielded is dropped and reading stops after MAX_GAP tags with nothing to
    yield. A chunk that ends inside an ampersand sequence is joined to the next one.
    """
    parser = pull_parser(tags)
    rest, gap = "", 0
    done: list[etree._Element] = []
    for chunk in chunks:
        text = rest + chunk
        cut = text.rfind("&", len(text) - 40 if len(text) > 40 else 0)
        rest = text[cut:] if cut >= 0 else ""
        gap += chunk.count("<")
        parser.feed(escape_loose(text[:cut] if cut >= 0 else text).encode())
        for element in _ended(parser):
            gap = 0
            yield element
            _drop(element, done)
        if gap > MAX_GAP:
            problems.append(f"{gap:,} tags without an entry: the rest was not read")
            return
    try:
        parser.feed(escape_loose(rest).encode())
        parser.close()
    except etree.XMLSyntaxError:
        pass  # what was readable has been reported as events
    for element in _ended(parser):
        yield element
        _drop(element, done)


def _ended(parser: etree.XMLPullParser) -> Iterator[etree._Element]:
    for _, element in parser.read_events():
        if isinstance(element, etree._Element):
            yield element


def _drop(element: etree._Element, done: list[etree._Element]) -> None:
    """Empty `element` and take the one before it out of the tree: the parser may still be at the end of this one."""
    element.clear()
    done.append(element)
    if len(done) > 1 and (parent := done[0].getparent()) is not None:
        parent.remove(done[0])
    del done[:-1]


def plain_text(raw: str | None, limit: int = 500) -> str | None:
    """Return `raw` as one line of at most `limit` characters without tags, entities and controls, or None."""
    if not raw:
        return None
    text = _UNSEEN.sub(" ", raw[: 20 * limit])
    for _ in range(2):  # titles are often escaped twice
        text = _TAG.sub(" ", text) if "<" in text else text
        if "&" not in text:
            break
        text = unescape(text)
    text = _TAG.sub(" ", text) if "<" in text else text
    text = _SPACES.sub(" ", "".join(c if c.isprintable() or c.isspace() else "" for c in text)).strip()
    return text[:limit].rstrip() or None


def _loose(match: re.Match[str]) -> str:
    name = match.group(1)
    if name is None:
        return "&amp;"
    return html5.get(name) or f"&amp;{name}"
