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

# C0 controls, NUL, surrogates and the two non-characters: XML has no place for them, escaped or not
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOSE_AMPERSAND = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});)([A-Za-z][A-Za-z0-9]{1,30};)?"
)
_ROOT = re.compile(r"<(/?[A-Za-z_][\w.:-]{0,80})")
_TAG = re.compile(r"</?[A-Za-z!][^<>]*>")
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


def byte_chunks(body: bytes, limit: int) -> Iterator[bytes]:
    """Cut `body` into chunks, unpacking gzip, and stop after `limit` bytes of the unpacked size."""
    if not body.startswith(b"\x1f\x8b"):
        for start in range(0, min(len(body), limit), CHUNK):
            yield body[start : min(start + CHUNK, limit)]
        return
    unpack = zlib.decompressobj(wbits=31)
    given, packed = 0, body
    while packed and not unpack.eof and given < limit:
        try:
            chunk = unpack.decompress(packed, CHUNK)
        except zlib.error:
            return
        packed = unpack.unconsumed_tail
        given += len(chunk)
        if chunk:
            yield chunk


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

    A recovering parser drops both: `?a=1&b=2` would become `?a=1=2`.
    """
    return _LOOSE_AMPERSAND.sub(_loose, text) if "&" in text else text


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


def elements(chunks: Iterable[str], tags: tuple[str, ...]) -> Iterator[etree._Element]:
    """Parse a document that begins with its root element chunk by chunk and yield each of `tags` when it ends.

    The caller empties what it has read (`drop`), so that memory stays flat. A chunk that ends inside an
    ampersand sequence is joined to the next one.
    """
    parser = pull_parser(tags)
    rest = ""
    for chunk in chunks:
        text = rest + chunk
        cut = text.rfind("&", len(text) - 40 if len(text) > 40 else 0)
        rest = text[cut:] if cut >= 0 else ""
        parser.feed(escape_loose(text[:cut] if cut >= 0 else text).encode())
        yield from _ended(parser)
    try:
        parser.feed(escape_loose(rest).encode())
        parser.close()
    except etree.XMLSyntaxError:
        pass  # what was readable has been reported as events
    yield from _ended(parser)


def _ended(parser: etree.XMLPullParser) -> Iterator[etree._Element]:
    for _, element in parser.read_events():
        if isinstance(element, etree._Element):
            yield element


def drop(element: etree._Element) -> None:
    """Empty `element` and remove it and what came before it from its parent."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def plain_text(raw: str | None, limit: int = 500) -> str | None:
    """Return `raw` as one line of at most `limit` characters without tags, entities and controls, or None."""
    if not raw:
        return None
    text = raw[: 20 * limit]
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
