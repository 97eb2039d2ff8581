"""The fields of answers with published documents: made once for each form of a document, whoever asks.

Pure. This module must not know what is asked for.
"""

from __future__ import annotations

from email.utils import formatdate

from feedmill.serve.asgi import Headers
from feedmill.serve.catalogue import Place
from feedmill.serve.documents import Document, Form
from feedmill.serve.media import compressible
from feedmill.serve.negotiation import IDENTITY

__all__ = ["OPEN", "PREFLIGHT", "describe", "of_delta", "of_part"]

OPEN: Headers = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Link, IM, Delta-Base, Retry-After"),
]
"""CORS (https://fetch.spec.whatwg.org/#http-cors-protocol): programs of any page may read what all the world may."""

PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"A-IM, Cache-Control, If-Modified-Since, If-None-Match, If-Range, Range"),
    (b"access-control-max-age", b"86400"),
]
_PAGE: Headers = [
    # Each page of ours names in itself what it may load; these are what a page cannot say.
    (b"content-security-policy", b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
]
_MARKUP: Headers = [
    # Browsers run what such a document contains, and some came from elsewhere, such as a letter's attachment.
    (
        b"content-security-policy",
        b"default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; sandbox",
    ),
    (b"referrer-policy", b"no-referrer"),
]


def describe(document: Document, form: Form, place: Place) -> None:
    """Make the fields that answers with a form of a document have, whoever asks."""
    kind = place.content_type.partition(";")[0]
    # What a cache has to know even of an answer without a body (RFC 9110 section 15.4.5); browsers ask for the first of
    # OPEN each time.
    form.brief = [(b"etag", form.etag.encode()), OPEN[0]]
    if compressible(place.content_type):
        form.brief.append((b"vary", b"Accept-Encoding"))
    about: Headers = [
        *form.brief,
        *OPEN[1:],
        (b"last-modified", formatdate(document.modified, usegmt=True).encode()),
    ]
    if place.feed is not None:
        links = [f'<{place.url}>; rel="self"', *(f'<{hub}>; rel="hub"' for hub in place.hubs)]
        about.append((b"link", ", ".join(links).encode("ascii", "ignore")))
    form.whole = [
        (b"content-type", place.content_type.encode()),
        (b"content-length", b"%d" % form.size),
        *about,
        (b"accept-ranges", b"bytes"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if form.coding != IDENTITY:
        form.whole.append((b"content-encoding", form.coding.encode()))
    if f"/{document.path}".endswith("/index.html"):
        form.whole += _PAGE
    elif kind in ("text/html", "application/xhtml+xml", "image/svg+xml") or kind.endswith("xml"):
        form.whole += _MARKUP


def of_part(form: Form, part: range) -> Headers:
    """Return the fields of an answer with a part of a document (RFC 9110 section 15.3.7)."""
    return [
        *(field for field in form.whole if field[0] != b"content-length"),
        (b"content-length", b"%d" % len(part)),
        (b"content-range", b"bytes %d-%d/%d" % (part.start, part.stop - 1, form.size)),
    ]


def of_delta(form: Form, tag: str, size: int) -> Headers:
    """Return the fields of an answer with what is new since the version with this tag (RFC 3229 section 10.5).

    The tag of the answer is that of the whole document that it leads to. Caches that know nothing of deltas must not
    keep it (`no-store`), those that do may (`im`).
    """
    others = (b"content-length", b"accept-ranges", b"vary")
    return [
        *(field for field in form.whole if field[0] not in others),
        (b"content-length", b"%d" % size),
        (b"im", b"feed"),
        (b"delta-base", tag.encode()),
        (b"vary", b"Accept-Encoding, A-IM, If-None-Match"),
        (b"cache-control", b"no-store, im"),
    ]
