from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html

from feedmill.config.selectors import removable
from feedmill.normalize.sanitize import sanitize
from feedmill.normalize.selectors import without

BODY = (
    '<div class="ad big"><p>A</p></div><p id="x">B &lt; <b>C</b></p><ul><li>D<li>E<li>F</ul>'
    '<img src="https://a.example/p.PNG" alt="G"><p lang="en-GB" data-k="v w">H</p>'
)


@pytest.mark.parametrize(
    ("selector", "left"),
    [
        (".ad", "B < CDEFGH"),
        (".AD", "AB < CDEFGH"),
        ("P", "DEFG"),
        ("#x > b", "AB < DEFGH"),
        ("div > b", "AB < CDEFGH"),
        ("div, ul", "B < CGH"),
        ("li:first-child", "AB < CEFGH"),
        ("li:nth-child(2)", "AB < CDFGH"),
        ("li:nth-child(2n+1)", "AB < CEGH"),
        ("li:nth-child(n+2)", "AB < CDGH"),
        ("li:nth-child(-n+2)", "AB < CFGH"),
        ("li + li", "AB < CDGH"),
        ("ul ~ p", "AB < CDEFG"),
        ("div ~ p b", "AB < DEFGH"),
        ("ul + img", "AB < CDEFH"),
        ("div + img", "AB < CDEFGH"),
        ("ul li:not(:first-child)", "AB < CDGH"),
        (":is(div, ul) > *", "B < CGH"),
        (":where(div) p", "B < CDEFGH"),
        ("[id]", "ADEFGH"),
        ("[src$='.png']", "AB < CDEFGH"),
        ("[src$='.png' i]", "AB < CDEFH"),
        ("[src^='https:']", "AB < CDEFH"),
        ("[src*='a.ex']", "AB < CDEFH"),
        ("[src*='']", "AB < CDEFGH"),
        ("[data-k~='w']", "AB < CDEFG"),
        ("[data-k=v]", "AB < CDEFGH"),
        ("[lang|=en]", "AB < CDEFG"),
        ("[lang|=e]", "AB < CDEFGH"),
        ("html, body", "AB < CDEFGH"),
        ("body > p", "ADEFG"),
        ("body b", "AB < DEFGH"),
        ("*", ""),
    ],
)
def test_what_is_removed(selector: str, left: str) -> None:
    made = lxml_html.fragment_fromstring(without(BODY, [removable(selector)]), create_parent=True)
    pictures = {image: image.get("alt") or "" for image in made.iter("img")}
    for image, alt in pictures.items():
        image.text = alt
    assert "".join(made.itertext()) == left


def test_several_selectors() -> None:
    assert sanitize(without(BODY, [".ad", "#x", "ul", "img"]), base=None) == '<p lang="en-GB">H</p>'


def test_markup_in_which_nothing_is_selected_comes_back_as_it_is() -> None:
    broken = "<p class='b'>x <i>y</p><!-- ad -->"
    assert without(broken, [".ad"]) == broken
    assert without(broken, []) == broken


def test_what_is_left_reads_as_before() -> None:
    html = "<p title='a\"b&amp;c'>x &amp;lt; <br>y<x-y z=1>w</x-y></p><div class=ad>z</div><pre>\n\n1 &lt; 2</pre>"
    kept = html.replace("<div class=ad>z</div>", "")
    assert sanitize(without(html, [".ad"]), base=None) == sanitize(kept, base=None)


def test_markup_made_to_take_long_is_read_in_one_pass() -> None:
    """XPath would need hours for this."""
    assert without("<p>x" * 20_000, ["p ~ p ~ p b"]) == "<p>x" * 20_000
    assert without("<div>" * 100_000, ["div div div div p"]) == "<div>" * 100_000


TAGS = st.sampled_from(["div", "span", "b"])
CLASSES = st.sampled_from(["", "a", "b", "a b"])
TREE = st.recursive(
    st.builds(lambda tag, name: f'<{tag} class="{name}">x</{tag}>', TAGS, CLASSES),
    lambda inner: st.builds(
        lambda tag, name, below: f'<{tag} class="{name}">{"".join(below)}</{tag}>',
        TAGS, CLASSES, st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)  # fmt: skip
SIMPLE = st.sampled_from(["div", "span", "b", ".a", ".b", "*", "div.a", ":first-child", ":nth-child(2)", "b:not(.a)"])
SELECTOR = st.lists(st.tuples(SIMPLE, st.sampled_from([" ", " > ", " + ", " ~ "])), min_size=1, max_size=4).map(
    lambda parts: "".join(f"{simple}{join}" for simple, join in parts[:-1]) + parts[-1][0]
)


@given(st.lists(TREE, min_size=1, max_size=4).map("".join), SELECTOR)
def test_it_selects_what_xpath_selects(html: str, selector: str) -> None:
    root = lxml_html.document_fromstring(f"<body>{html}")
    body = root.find("body")
    assert body is not None
    for element in body.cssselect(selector):
        if element is not body and any(above is body for above in element.iterancestors()):
            element.drop_tree()  # type: ignore[attr-defined]  # the elements of lxml.html have it
    expected = "".join(etree.tostring(child, encoding="unicode", method="html") for child in body)
    made = lxml_html.document_fromstring(f"<body>{without(html, [selector])}").find("body")
    assert made is not None
    assert "".join(etree.tostring(child, encoding="unicode", method="html") for child in made) == expected


@given(st.text(), SELECTOR)
def test_it_never_fails(html: str, selector: str) -> None:
    without(f"<p>{html}", [selector])
