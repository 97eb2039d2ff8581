"""Addresses from outside: absolute, safe and valid, or refused."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.normalize.links import LINK_SCHEMES, MEDIA_SCHEMES, absolute, srcset

BASE = "https://example.org/berita/satu"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.net/x?a=1&b=2#c", "https://example.net/x?a=1&b=2#c"),
        ("dua", "https://example.org/berita/dua"),
        ("/dua", "https://example.org/dua"),
        ("../dua", "https://example.org/dua"),
        ("?a=b", "https://example.org/berita/satu?a=b"),
        ("#bagian", "https://example.org/berita/satu#bagian"),
        ("//example.net/x", "https://example.net/x"),
        ("  https://example.net/a b\n", "https://example.net/a%20b"),
        ("HTTPS://EXAMPLE.NET/A", "https://example.net/A"),
        ("https://exämple.net/ü?q=é", "https://xn--exmple-cua.net/%C3%BC?q=%C3%A9"),
        ("https://example.net/100%", "https://example.net/100%25"),
        ("https://example.net/a%20b", "https://example.net/a%20b"),
        ("https://example.net/x|{}^`<>[]", "https://example.net/x%7C%7B%7D%5E%60%3C%3E%5B%5D"),
        ("https://example.net/#a#b", "https://example.net/#a%23b"),
        ("gambar\\satu.png", "https://example.org/berita/gambar/satu.png"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("mailto:redaksi@example.org?subject=Halo dunia", "mailto:redaksi@example.org?subject=Halo%20dunia"),
        ("tel:+62-21-555", "tel:+62-21-555"),
        ("magnet:?xt=urn:btih:abc", "magnet:?xt=urn:btih:abc"),
    ],
)
def test_absolute(url: str, expected: str) -> None:
    assert absolute(url, BASE) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "vbscript:x",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "blob:https://example.org/1",
        "http://",
        "http:///x",
        "https://example.net:99999/",
        "https://exa mple.net/",
        "https://[::1/",
        "https://-/",
        "https://example.net/" + "a" * 9000,
        "a" * 7999,
        "https://example.net/" + "é" * 2000,
    ],
)
def test_refused(url: str) -> None:
    assert absolute(url, BASE) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("dua", None),
        ("/dua", None),
        ("#x", None),
        ("//example.net/x", "https://example.net/x"),
        ("www.example.net", None),
    ],
)
def test_without_a_base(url: str, expected: str | None) -> None:
    assert absolute(url, None) == expected


def test_what_a_reader_fetches_is_on_the_web() -> None:
    assert absolute("mailto:a@example.org", BASE, schemes=MEDIA_SCHEMES) is None
    assert absolute("a.png", BASE, schemes=MEDIA_SCHEMES) == "https://example.org/berita/a.png"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a.png 1x, /b.png 2x", "https://example.org/berita/a.png 1x, https://example.org/b.png 2x"),
        ("a.png 480w,b.png 800w", "https://example.org/berita/a.png 480w, https://example.org/berita/b.png 800w"),
        ("a.png", "https://example.org/berita/a.png"),
        ("javascript:x 1x", None),
        ("data:image/png;base64,AAA= 1x, b.png 2x", "https://example.org/berita/b.png 2x"),
        ("", None),
    ],
)
def test_srcset(value: str, expected: str | None) -> None:
    assert srcset(value, BASE) == expected


@given(st.text(alphabet=st.characters(), max_size=80), st.sampled_from([None, BASE]))
def test_any_text_gives_a_valid_address_or_none(text: str, base: str | None) -> None:
    url = absolute(text, base)
    if url is not None:
        assert urlsplit(url).scheme in LINK_SCHEMES
        assert url.isascii()
        assert not set(url) & set(' <>"{}|\\^`')
        assert absolute(url, None) == url


@given(
    st.text(alphabet="/:?#[]@!%\\ab.1-_~éÿ \t", max_size=40), st.sampled_from(["http:", "https://", "//", "mailto:"])
)
def test_nearly_addresses_too(rest: str, start: str) -> None:
    url = absolute(start + rest, BASE)
    assert url is None or absolute(url, None) == url
