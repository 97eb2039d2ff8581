from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from contextlib import suppress

import brotli  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.collect.decoding import CodingError, decoded


def raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


CODERS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("br", brotli.compress),
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


@given(st.sampled_from(CODERS[:5]), st.binary(min_size=1, max_size=2000), st.data())
def test_every_cut_is_noticed(coder: tuple[str, Callable[[bytes], bytes]], body: bytes, data: st.DataObject) -> None:
    name, compress = coder
    coded = compress(body)
    shorter = coded[: data.draw(st.integers(1, len(coded) - 1))]
    with pytest.raises(CodingError):
        b"".join(decoded([shorter], name))


@given(st.sampled_from(["gzip", "deflate", "br", "gzip, br"]), st.lists(st.binary(max_size=300)))
def test_garbage_is_an_error_and_no_crash(name: str, pieces: list[bytes]) -> None:
    with suppress(CodingError):
        b"".join(decoded(pieces, name))


@pytest.mark.parametrize(("name", "compress"), CODERS[:5])
def test_a_bomb_comes_in_small_pieces(name: str, compress: Callable[[bytes], bytes]) -> None:
    assert max(len(piece) for piece in decoded([compress(bytes(3_000_000))], name)) <= 200_000


def test_padding_after_gzip_is_ignored_and_further_members_are_not() -> None:
    assert b"".join(decoded([gzip.compress(b"a") + gzip.compress(b"b"), b"\0" * 600], "gzip")) == b"ab"


@pytest.mark.parametrize("name", ["zstd", "compress", "gzip, gzip, gzip", "x" * 5000])
def test_codings_that_are_not_undone(name: str) -> None:
    with pytest.raises(CodingError) as caught:
        list(decoded([b"x"], name))
    assert len(str(caught.value)) < 200
