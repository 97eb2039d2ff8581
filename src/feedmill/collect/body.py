"""The body of an answer: decoded, and bounded in size and time.

This module must not know what is in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import IO

import requests

from feedmill.collect.deadline import Deadline
from feedmill.collect.decoding import decoded
from feedmill.collect.refusals import too_large

__all__ = ["read_body"]

_PIECE = 64 * 1024


def read_body(answer: requests.Response, into: IO[bytes], limit: int, deadline: Deadline) -> tuple[str, int]:
    """Write the body without its content codings into a file; return its SHA-256, and how many bytes came for it.

    Raises:
        TooLarge: it has more than `limit` bytes.
        CodingError: it is not coded as it says.
        OSError, HTTPError: the connection failed, or the deadline is over.
    """
    announced = answer.headers.get("content-length", "")
    if announced.isdecimal() and len(announced) < 20 and int(announced) > limit:
        raise too_large(limit)

    received = 0

    def raw() -> Iterator[bytes]:
        nonlocal received
        for piece in answer.raw.stream(_PIECE, decode_content=False):
            received += len(piece)
            if deadline.over():
                raise TimeoutError
            yield piece

    size, digest = 0, sha256()
    for piece in decoded(raw(), answer.headers.get("content-encoding", "")):
        size += len(piece)
        if size > limit:
            raise too_large(limit)
        digest.update(piece)
        into.write(piece)
    return digest.hexdigest(), received
