"""Makes hostile variants of honest input: a strategy over a corpus that cuts, repeats, splices and flips its bytes."""

from __future__ import annotations

import tarfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import strategies as st

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
MOST_SEEDS = 400
MOST_BYTES = 20_000
"""Larger files of a corpus are left out: what breaks a parser is rarely its length."""

NASTY = (
    b"", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"<", b">", b"]]>", b"<![CDATA[", b"&#0;", b"&#xD800;",
    b"&lol;", b"<!DOCTYPE a [<!ENTITY lol 'lol'>]>", b"http://[::1", b"http://2130706433/", b"javascript:alert(1)",
    b"file:///etc/passwd", b"//", b"\\\\", b"%00", b"%zz", b"9" * 400, b"-1", b"1e999", b"2026-02-30T25:61:61+99:99",
    b"0001-01-01", b"9999-12-31T23:59:59-23:59", b"\xe2\x80\xae", b"\r\n\r\n", b"{" * 300, b"[" * 300, b'"', b"\\u0000",
    "İ".encode(), "ҚазаҚ".encode("utf-16"), b"<a" * 200, b"=" * 50, b"* NEAR(", b'title:"',
)  # fmt: skip


def corpus(folder: str, own: Sequence[bytes], *names: str) -> list[bytes]:
    """Return our own seeds and, where the shared data is beside the project, those of its collections."""
    seeds = list(own)
    for name in names:
        packed = SHARED / folder / f"{name}.tar.xz"
        if packed.is_file():
            with tarfile.open(packed) as tar:
                for member in tar:
                    stream = tar.extractfile(member) if member.isfile() and member.size <= MOST_BYTES else None
                    if stream is not None and len(seeds) < MOST_SEEDS:
                        seeds.append(stream.read())
    return seeds


@st.composite
def mutated(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """Draw a seed and change it up to six times."""
    body = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(body)))
        length = draw(st.integers(0, 60))
        kind = draw(st.sampled_from(("put", "cut", "repeat", "splice", "flip", "end")))
        if kind == "put":
            body[at:at] = draw(st.one_of(st.sampled_from(NASTY), st.binary(max_size=8)))
        elif kind == "cut":
            del body[at : at + length]
        elif kind == "repeat":
            body[at:at] = bytes(body[at : at + length]) * draw(st.integers(1, 20))
        elif kind == "splice":
            other = draw(st.sampled_from(seeds))
            start = draw(st.integers(0, len(other)))
            body[at : at + length] = other[start : start + length]
        elif kind == "flip" and at < len(body):
            body[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == "end":
            del body[at:]
    return bytes(body[: 2 * MOST_BYTES])


def mutated_text(seeds: Sequence[str]) -> st.SearchStrategy[str]:
    """Return a strategy of texts: mutated seeds, lone surrogates kept as a page could bring them."""
    return mutated([seed.encode() for seed in seeds]).map(lambda body: body.decode("utf-8", "surrogateescape"))
