"""Signatures of pushes, by table."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.serve.signature import genuine

SECRET, BODY = "a secret \u00fc", b"<rss/>"


def signed(method: str, body: bytes = BODY, secret: str = SECRET) -> str:
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


@pytest.mark.parametrize(
    ("signatures", "expected"),
    [
        *[([signed(method)], True) for method in ("sha1", "sha256", "sha384", "sha512")],
        ([signed("sha256").upper()], True),
        ([f" {signed('sha256')} "], True),
        ([], False),
        ([""], False),
        (["sha256="], False),
        (["sha256"], False),
        ([signed("sha256")[:-1]], False),
        ([signed("sha256") + "0"], False),
        ([signed("sha256", b"<rss />")], False),
        ([signed("sha256", secret="another")], False),
        ([signed("sha256").replace("sha256", "sha512")], False),
        ([signed("md5")], False),
        ([signed("sha224")], False),
        (["sha256=\u00e4"], False),
        # of several the strongest counts, whatever the others say
        ([signed("sha1"), signed("sha512")], True),
        ([signed("md5"), signed("sha1")], True),
        ([f"{signed('sha1')}, {signed('sha256')}"], True),
        ([signed("sha1"), "sha256=00"], False),
        (["sha1=00", signed("sha256")], True),
        ([signed("sha256"), "sha256=00"], True),
    ],
)
def test_signatures(signatures: list[str], expected: bool) -> None:
    assert genuine(signatures, SECRET, BODY) is expected


@given(st.lists(st.text(max_size=80), max_size=10))
def test_no_words_are_a_signature(signatures: list[str]) -> None:
    assert not genuine(signatures, SECRET, BODY)
