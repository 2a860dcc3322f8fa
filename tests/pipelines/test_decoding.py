from __future__ import annotations

import contextlib
import gzip
import io
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.decoding import Broken, TooLarge, Torn, decode

MIB = 1024 * 1024


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


ENCODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", _raw_deflate),
    "br": ("br", lambda data: brotli.compress(data, quality=4)),
    "zstd": ("zstd", zstd.compress),
}
encoders = pytest.mark.parametrize(("name", "encode"), ENCODERS.values(), ids=ENCODERS)


@encoders
@given(data=st.binary(max_size=3000), times=st.sampled_from([1, 1, 100]))
@settings(deadline=None, max_examples=40)
def test_what_was_encoded_comes_back(name: str, encode: Callable[[bytes], bytes], data: bytes, times: int) -> None:
    data *= times
    assert decode(encode(data), [name], limit=MIB) == data


@encoders
@given(data=st.binary(min_size=1, max_size=500), share=st.floats(0, 1))
@settings(deadline=None, max_examples=60)
def test_no_beginning_of_a_stream_is_taken_for_the_whole(
    name: str, encode: Callable[[bytes], bytes], data: bytes, share: float
) -> None:
    packed = encode(data)
    torn = packed[: max(1, int(share * (len(packed) - 1)))]
    with pytest.raises((Torn, Broken)):
        decode(torn, [name], limit=MIB)


@encoders
def test_the_limit_is_the_last_byte_allowed(name: str, encode: Callable[[bytes], bytes]) -> None:
    packed = encode(b"a" * 100_000)
    assert len(decode(packed, [name], limit=100_000)) == 100_000
    with pytest.raises(TooLarge):
        decode(packed, [name], limit=99_999)
    assert decode(packed, [name], limit=1000, cut=True) == b"a" * 1000


@encoders
def test_with_cut_a_torn_stream_gives_what_there_is(name: str, encode: Callable[[bytes], bytes]) -> None:
    data = b"".join(b"User-agent: %d\n" % n for n in range(20_000))
    packed = encode(data)
    assert data.startswith(decode(packed[: len(packed) // 2], [name], limit=MIB, cut=True))


def test_layers_are_undone_last_first() -> None:
    assert decode(zlib.compress(gzip.compress(b"page")), ["gzip", "deflate"], limit=100) == b"page"
    with pytest.raises(Broken):
        decode(b"", ["gzip"] * 3, limit=100)


def test_a_bomb_in_a_bomb_stops_at_the_limit() -> None:
    with pytest.raises(TooLarge):
        decode(gzip.compress(gzip.compress(b" " * (64 * MIB))), ["gzip", "gzip"], limit=MIB)


def test_several_members_are_one_body_and_padding_is_none() -> None:
    assert decode(gzip.compress(b"one ") + gzip.compress(b"two") + b"\0" * 9, ["gzip"], limit=100) == b"one two"
    assert decode(zstd.compress(b"one ") + zstd.compress(b"two"), ["zstd"], limit=100) == b"one two"


def test_a_flood_of_empty_members_ends() -> None:
    assert decode(gzip.compress(b"") * 20_000, ["gzip"], limit=100) == b""
    assert decode(zstd.compress(b"") * 20_000, ["zstd"], limit=100) == b""


def test_a_plain_body_that_is_called_gzip_is_a_plain_body() -> None:
    assert decode(b"<html>", ["gzip"], limit=100) == b"<html>"
    with pytest.raises(TooLarge):
        decode(b"<html>", ["gzip"], limit=3)
    assert decode(b"<html>", ["identity"], limit=100) == b"<html>"


@given(name=st.sampled_from(["gzip", "deflate", "br", "zstd", "compress"]), data=st.binary(min_size=1, max_size=300))
@settings(deadline=None, max_examples=200)
def test_noise_raises_nothing_but_our_errors(name: str, data: bytes) -> None:
    for start in (b"", b"\x1f\x8b\x08\0\0\0\0\0\0\xff", b"\x28\xb5\x2f\xfd", b"\x78\x9c"):
        with contextlib.suppress(Torn, Broken, TooLarge):
            assert len(decode(start + data, [name], limit=MIB)) <= MIB


def test_the_brotli_collection_is_read(shared_data: Path) -> None:
    """Each compressed case of the reference collection gives what lies beside it, when that is within the limit."""
    with tarfile.open(shared_data / "bad_input" / "brotli_testdata.tar.xz") as tar:
        files = {Path(m.name).name: io.BytesIO(tar.extractfile(m).read()) for m in tar if m.isfile()}  # type: ignore[union-attr]
    pairs = [(name, name.split(".compressed")[0]) for name in files if ".compressed" in name]
    read = 0
    for packed, plain in pairs:
        if plain in files:
            assert decode(files[packed].getvalue(), ["br"], limit=16 * MIB) == files[plain].getvalue(), packed
            read += 1
    assert read >= 20
