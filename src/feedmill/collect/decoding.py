"""HTTP content codings undone piece by piece: bounded memory, and a cut-off stream is an error.

urllib3 can decode too, but it takes a gzip stream that ends early for a whole one. This module must not know
where the bytes come from.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterable, Iterator

import brotli  # type: ignore[import-untyped]

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["ACCEPT_ENCODING", "CodingError", "decoded"]

ACCEPT_ENCODING = "gzip, deflate, br, zstd"

_PIECE = 64 * 1024
_MAX_CODINGS = 2
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS
_GZIP_START = 0x1F
_ZSTD: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}  # 8 MiB: RFC 9659 section 3
_ENDED_EARLY = "the compressed body ends early"


class CodingError(Exception):
    """The body is not what its Content-Encoding says. The message is a clause in plain words."""


def decoded(pieces: Iterable[bytes], codings: str) -> Iterator[bytes]:
    """Yield the body that was coded as the Content-Encoding header `codings` says (RFC 9110 section 8.4).

    Where a coding was undone the pieces are small (some 100 KiB at most), so the caller can stop at its own limit.

    Raises:
        CodingError: the coding is unknown, or the stream is damaged or cut off.
    """
    names = [name.strip().lower() for name in codings.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if len(names) > _MAX_CODINGS:
        raise CodingError(f"the body is compressed {len(names)} times over")
    stream = iter(pieces)
    for name in reversed(names):
        if name in ("gzip", "x-gzip", "deflate"):
            stream = _inflated(stream, name)
        elif name == "br":
            stream = _unbrotlied(stream)
        elif name == "zstd":
            stream = _unzstandarded(stream)
        else:
            raise CodingError(f"the body is coded as {name[:40]!r}, which was not asked for")
    yield from stream


def _inflated(pieces: Iterator[bytes], name: str) -> Iterator[bytes]:
    engine = None
    finished = False
    try:
        for piece in pieces:
            data = piece
            while data:
                if engine is None:
                    # What follows a whole stream and is not another gzip member is padding; everybody ignores it.
                    if finished and data[0] != _GZIP_START:
                        return
                    engine = zlib.decompressobj(_window(name, data))
                yield engine.decompress(data, _PIECE)
                data = engine.unconsumed_tail
                if engine.eof:
                    data, engine, finished = engine.unused_data, None, True
            # zlib may hold output back although it has taken all its input.
            while engine is not None and (rest := engine.decompress(b"", _PIECE)):
                yield rest
    except zlib.error as error:
        raise CodingError(f"the body is not the {name} stream that the server announced") from error
    if engine is not None:
        raise CodingError(_ENDED_EARLY)


def _window(name: str, start: bytes) -> int:
    """Return zlib's window bits. Many servers send "deflate" without the zlib wrapper that RFC 9110 asks for."""
    if name == "deflate" and start[0] & 0x0F != zlib.DEFLATED:
        return _RAW_DEFLATE
    return _GZIP_OR_ZLIB


def _unbrotlied(pieces: Iterator[bytes]) -> Iterator[bytes]:
    engine = brotli.Decompressor()
    started = False
    try:
        for piece in pieces:
            if engine.is_finished():
                return
            started = started or bool(piece)
            yield engine.process(piece, output_buffer_limit=_PIECE)
            # Output may be held back even when the decoder says that it can take more input.
            while not engine.is_finished() and (rest := engine.process(b"", output_buffer_limit=_PIECE)):
                yield rest
    except brotli.error as error:
        raise CodingError("the body is not the br stream that the server announced") from error
    if started and not engine.is_finished():
        raise CodingError(_ENDED_EARLY)


def _unzstandarded(pieces: Iterator[bytes]) -> Iterator[bytes]:
    engine = None
    try:
        for piece in pieces:
            data = piece
            # A stream is any number of frames (RFC 8878 section 3.1).
            while data or not (engine is None or engine.needs_input):
                engine = engine or zstd.ZstdDecompressor(options=_ZSTD)
                yield engine.decompress(data, _PIECE)
                data = b""
                if engine.eof:
                    data, engine = engine.unused_data, None
    except zstd.ZstdError as error:
        what = "the body is not the zstd stream that the server announced, or needs a window of more than 8 MiB"
        raise CodingError(what) from error
    if engine is not None:
        raise CodingError(_ENDED_EARLY)
