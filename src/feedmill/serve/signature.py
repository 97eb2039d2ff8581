"""Whether a push is from the hub that was told the secret: its HMAC over the bytes as they came (WebSub, section 7.1).

This module must not know what is pushed.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

__all__ = ["genuine"]

_METHODS = ("sha512", "sha384", "sha256", "sha1")
"""The strongest first. HMAC with SHA-1 is still unbroken, and the largest hubs know nothing else."""

_MOST = 8  # signatures


def genuine(signatures: Sequence[str], secret: str, body: bytes) -> bool:
    """Return whether `body` is signed with `secret`.

    `signatures` are the values of X-Hub-Signature, `method=hexadecimal`. Of several the one of the strongest method
    counts; one whose method nobody knows counts as none.
    """
    said: dict[str, str] = {}
    for value in ",".join(signatures).split(",")[:_MOST]:
        method, _, digest = value.strip().partition("=")
        said.setdefault(method.strip().lower(), digest.strip().lower())
    strongest = [method for method in _METHODS if method in said][:1]
    return any(
        hmac.compare_digest(hmac.new(secret.encode(), body, method).hexdigest().encode(), said[method].encode())
        for method in strongest
    )
