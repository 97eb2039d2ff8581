"""The content codings: bytes in, fewer bytes out. This module must not know what is compressed, or for whom."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable, Mapping

import brotli  # type: ignore[import-untyped]

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["SUFFIXES", "encode", "unpacks_to"]

SUFFIXES: Mapping[str, str] = {"gzip": ".gz", "br": ".br"}
"""What a compressed form is called beside its file."""

# As much as pays for a document of some hundred kilobytes within some 15 ms: br 11 would take 50 times as long as 7.
_ENCODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body, 9, mtime=0),
    "br": lambda body: brotli.compress(body, quality=7),
    "zstd": lambda body: zstd.compress(body, 12),
}


def encode(coding: str, body: bytes) -> bytes:
    """Return `body` in a content coding (RFC 9110 section 8.4.1; br: RFC 7932, zstd: RFC 8878)."""
    return _ENCODERS[coding](body)


def unpacks_to(coding: str, packed: bytes, body: bytes) -> bool:
    """Return whether `packed`, which may be anything, is `body` in a content coding."""
    try:
        if coding == "gzip":
            reader = zlib.decompressobj(wbits=31)
            return reader.decompress(packed, len(body) + 1) == body and reader.eof and not reader.unused_data
        return coding == "br" and brotli.decompress(packed) == body
    except (zlib.error, brotli.error):
        return False
