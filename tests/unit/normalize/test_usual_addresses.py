"""Addresses as nearly all are: passed on at once, and just as they would be after all that others go through."""

from urllib.parse import urlsplit

from hypothesis import given
from hypothesis import strategies as st
from w3lib.url import canonicalize_url

from feedmill.normalize import identity, links

HOSTS = st.sampled_from(
    ["example.org", "www.example.org", "www.www.example.org", "a-b.c.example.co", "xn--bcher-kva.de"]
)
PIECES = st.sampled_from([*"aZ0_~/=+,:@.-%&?#;!()*'$", "%20", "%zz", "..", "./", "//", "index.html"])
ADDRESSES = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["http", "https"]),
    HOSTS,
    st.sampled_from(["", "/"]),
    st.lists(PIECES).map("".join),
)


@given(ADDRESSES, st.sampled_from([None, "https://example.org/x/", "http://example.net/a?b"]))
def test_an_address_that_nothing_has_to_be_done_to(url: str, base: str | None) -> None:
    if links._USUAL.fullmatch(url):
        assert links._valid(links._resolved(url, base), links.LINK_SCHEMES) == url


@given(ADDRESSES)
def test_an_address_that_is_canonical_but_for_its_beginning_and_end(url: str) -> None:
    if identity._USUAL.fullmatch(url):
        parts = urlsplit(canonicalize_url(url))
        assert identity.canonical_url(url) == f"//{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}"
