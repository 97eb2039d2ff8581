from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress

import brotli  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.collect.decoding import CodingError, decoded

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


SKIPPED = b"\x50\x2a\x4d\x18\x04\0\0\0skip"
"""A frame of zstd that carries nothing (RFC 8878 section 3.1.2)."""

CODERS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("br", brotli.compress),
    ("zstd", zstd.compress),
    ("zstd", lambda data: zstd.compress(data[:700]) + zstd.compress(data[700:]) + SKIPPED),
    ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
    ("identity", bytes),
    ("", bytes),
]


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@given(st.sampled_from(CODERS), st.binary(max_size=2000), st.integers(1, 3), st.integers(1, 500))
def test_every_coding_is_undone_however_it_is_cut(
    coder: tuple[str, Callable[[bytes], bytes]], data: bytes, times: int, size: int
) -> None:
    name, compress = coder
    body = data * times
    assert b"".join(decoded(cut(compress(body), size), name)) == body


@given(st.sampled_from([*CODERS[:5], CODERS[6]]), st.binary(min_size=1, max_size=2000), st.data())
def test_every_cut_is_noticed(coder: tuple[str, Callable[[bytes], bytes]], body: bytes, data: st.DataObject) -> None:
    name, compress = coder
    coded = compress(body)
    shorter = coded[: data.draw(st.integers(1, len(coded) - 1))]
    with pytest.raises(CodingError):
        b"".join(decoded([shorter], name))


@given(st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br", "zstd, zstd"]), st.lists(st.binary(max_size=300)))
def test_garbage_is_an_error_and_no_crash(name: str, pieces: list[bytes]) -> None:
    with suppress(CodingError):
        b"".join(decoded(pieces, name))


@pytest.mark.parametrize(("name", "compress"), CODERS[:7])
def test_a_bomb_comes_in_small_pieces(name: str, compress: Callable[[bytes], bytes]) -> None:
    assert max(len(piece) for piece in decoded([compress(bytes(3_000_000))], name)) <= 200_000


def test_padding_after_gzip_is_ignored_and_further_members_are_not() -> None:
    assert b"".join(decoded([gzip.compress(b"a") + gzip.compress(b"b"), b"\0" * 600], "gzip")) == b"ab"


def test_a_zstd_window_of_more_than_8_mib_is_refused() -> None:
    def frame(window: int) -> list[bytes]:
        options: dict[int, int] = {
            zstd.CompressionParameter.window_log: window,
            zstd.CompressionParameter.content_size_flag: 0,
        }
        engine = zstd.ZstdCompressor(options=options)
        return [engine.compress(b"words"), engine.flush()]

    assert b"".join(decoded(frame(23), "zstd")) == b"words"
    with pytest.raises(CodingError, match="8 MiB"):
        list(decoded(frame(24), "zstd"))


def test_what_follows_a_zstd_frame_is_another_one_or_an_error() -> None:
    with pytest.raises(CodingError):
        list(decoded([zstd.compress(b"a") + b"padding"], "zstd"))


@pytest.mark.parametrize("name", ["dcb", "compress", "gzip, gzip, gzip", "x" * 5000])
def test_codings_that_are_not_undone(name: str) -> None:
    with pytest.raises(CodingError) as caught:
        list(decoded([b"x"], name))
    assert len(str(caught.value)) < 200
