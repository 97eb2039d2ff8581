"""The compressed forms of a document that are kept beside it, for web servers that send them as they are.

The same bytes always give the same forms. This module must not know where documents are kept.
"""

from __future__ import annotations

import gzip

__all__ = ["ENDINGS", "compressed"]

ENDINGS = (".gz", ".br")

# Brotli's highest level takes ten times as long as this one, for three parts in a hundred.
_BROTLI = 9


def compressed(body: bytes) -> dict[str, bytes]:
    """Return the compressed forms of `body` by the ending of their file names: gzip (RFC 1952), Brotli (RFC 7932)."""
    import brotli  # type: ignore[import-untyped]  # a site that does not want them never loads it

    return {".gz": gzip.compress(body, compresslevel=9, mtime=0), ".br": brotli.compress(body, quality=_BROTLI)}
