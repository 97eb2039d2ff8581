"""Markup in order: read without a parser, it comes to the same as with one; what is not in order is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.normalize import htmltext, sanitize, tidy
from feedmill.normalize.allowed import VOID
from feedmill.normalize.tidy import _INSIDE, tidied, words

BASE = "https://example.org/a/b"
LINK = '<a href="https://example.org/a/c">'
ATTRIBUTES = st.sampled_from([
    ' class="a b"', ' href="/x?a=1&b=2"', ' href="https://e.org/"', ' src="a.png"', " alt='x \"y\" > z'", " id=x",
    ' title="a &amp; b &lt;"', " width=1 height=1", ' width="3"', " controls", ' cite="c"', " dir=rtl", ' title=""',
    ' srcset="a.png 2x, b.png"', " data-src=b.png", ' lang="id"', ' href="javascript:x"', ' href="http://[x"',
])  # fmt: skip
TEXTS = st.sampled_from([
    "x", " ", "\n", "a &amp; b", "&nbsp;", "\xa0", "&", "& ", "&copy", "&copy;", "&#038;", "&#x1F49D;", "&mut self",
    "a < b", "1 > 0", "&quot;q&quot;", "\u2003", "é", "漢", "🦀", "\r\n", "\x85", "\x02", "\t", "&#150;", "<!-- c -->",
    "&utm_source=1", "&notit;", "&lt;p&gt;", "<!---->", "<!-- a-b -->", "&apos;", "\u200b", "\ufeff", "&zwj;",
])  # fmt: skip


@st.composite
def elements(draw: st.DrawFn, parent: str = "", depth: int = 0) -> str:
    """Markup whose elements are where they belong; a few are not closed."""
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        parts.append(draw(TEXTS))
        inside = sorted(_INSIDE.get(parent, frozenset()))
        if depth < 5 and inside:
            name = draw(st.sampled_from(inside))
            attributes = "".join(draw(st.lists(ATTRIBUTES, max_size=2)))
            parts.append(f"<{name}{attributes}>")
            if name not in VOID:
                parts.append(draw(elements(name, depth + 1)))
                parts.append(f"</{name}>" if draw(st.integers(0, 40)) else "")
    return "".join(parts)


@given(elements(), st.sampled_from([BASE, None]))
def test_what_is_read_without_a_parser_is_what_a_parser_reads(html: str, base: str | None) -> None:
    clean = tidied(html, base)
    if clean is not None:
        assert clean == sanitize._parsed(html, base)
        assert words(html) == htmltext._parsed(html)
        assert tidied(clean, base) in (clean, None)


@pytest.mark.parametrize(
    ("html", "clean", "text"),
    [
        ("", "", ""),
        ("plain &amp; simple", "plain &amp; simple", "plain & simple"),
        ('<P CLASS="x">a<BR/>b</P>', "<p>a<br>b</p>", "a\nb"),
        ("<ul>\n<li>a</li>\n<li>b</li></ul>", "<ul>\n<li>a</li>\n<li>b</li></ul>", "a\nb"),
        ('<a href="c?x=1&y=2">l</a>', '<a href="https://example.org/a/c?x=1&amp;y=2">l</a>', "l"),
        (
            "<p>an <a name=x>anchor</a>, <a href='c'>link</a></p>",
            f"<p>an anchor, {LINK}link</a></p>",
            "an anchor, link",
        ),
        ('<p><img src="p.gif" width=1 height="1px">x</p>', "<p>x</p>", "x"),
        ('<iframe src="c" title="a &quot;b&quot;"></iframe>', f'<p>{LINK}a "b"</a></p>', ""),
        ("<p>a<iframe src=c></iframe></p>", f"<p>a{LINK}https://example.org/a/c</a></p>", "a"),
        ("<pre>\n\na\n b</pre>", "<pre>a\n b</pre>", "a b"),
        ("a <!-- more --> b", "a  b", "a b"),
        ('<p title="1 > 0">x</p>', '<p title="1 &gt; 0">x</p>', "x"),
        ("<script async src=x></script>y", "y", "y"),
    ],
)
def test_markup_in_order(html: str, clean: str, text: str) -> None:
    assert words(html) == text
    assert tidied(html, BASE) == sanitize._parsed(html, BASE) == clean


@pytest.mark.parametrize(
    "html",
    [
        "<p>a<p>b",
        "<b><i>a</b></i>",
        "<p><ul><li>a</li></ul></p>",
        "<p><div>a</div></p>",
        "<li>a</li>",
        "<table><tr><td>a</td></tr></table>",
        "<table>a<tbody></tbody></table>",
        "<a href=x><b><a href=y>z</a></b></a>",
        "<script>x</script>",
        "<iframe src=x>no frames</iframe>",
        "<style>p{}</style>",
        "<svg></svg>",
        "<p/>a",
        '<p id="a" id="b">x</p>',
        "<p>&copy 2026</p>",
        "<p>&#128;</p>",
        "<p>&unknown;</p>",
        "<p>a<b</p>",
        "<!-- a -- b -->",
        "<![CDATA[x]]>",
        "</p>",
        "</br>",
        "<pre><!-- -->\na</pre>",
        "<div>" * 101 + "</div>" * 101,
        "x" * 150_001,
    ],
)
def test_what_is_not_in_order_is_refused(html: str) -> None:
    assert tidied(html, BASE) is None
    assert words(html) is None


def test_what_is_kept_of_tags_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidy, "_kept", {})
    monkeypatch.setattr(tidy, "_MOST_KEPT", 10)
    for number in range(100):
        assert tidied(f'<p id="{number}">x</p><p id="{"y" * 300}">x</p>', BASE) == "<p>x</p><p>x</p>"
        assert 0 < len(tidy._kept) <= 10
        assert all(len(tag) <= 200 for tag in tidy._kept)
