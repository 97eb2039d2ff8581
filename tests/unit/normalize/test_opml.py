"""Lists of feeds as programs really write them, and as nobody should."""

from __future__ import annotations

from collections.abc import Callable
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import NOW, SITE
from feedmill.errors import NormalizeError
from feedmill.model import Document, Fetched, Normalized, Source
from feedmill.normalize import normalizer
from feedmill.normalize.opml import handle

SOURCE = Source(name="planet", kind="opml", url="https://list.example/feeds.opml")


def read(body: str | bytes, charset: str | None = None) -> Normalized:
    raw = body.encode() if isinstance(body, str) else body
    document = Document(name="feeds.opml", body=raw, charset=charset)
    return normalizer("opml")(SOURCE, SITE, Fetched(source="planet", documents=(document,)), NOW)


def body(outlines: str) -> str:
    head = '<?xml version="1.0" encoding="UTF-8"?><opml version="2.0"><head><title>T</title></head>'
    return f"{head}<body>{outlines}</body></opml>"


def urls(came: Normalized) -> list[str]:
    assert came.subscriptions is not None
    return [one.url for one in came.subscriptions]


def messages(came: Normalized) -> list[str]:
    assert all(problem.where == "planet" for problem in came.problems)
    return [problem.message for problem in came.problems]


def test_a_list_with_folders() -> None:
    came = read(
        body(
            '<outline text="Tech" title="Tech"><outline text="Python &amp; co"><outline type="rss" text="One"'
            ' title="First" xmlUrl="https://one.example/feed" htmlUrl="https://one.example/"'
            ' category="/Daily/Code,Tech"/></outline>'
            '<outline type="rss" title="Two" xmlUrl="https://two.example/feed"/></outline>'
            '<outline type="atom" xmlUrl="https://three.example/feed"/>'
        )
    )
    assert came.subscriptions is not None
    assert [(one.url, one.title, one.categories) for one in came.subscriptions] == [
        ("https://one.example/feed", "One", ("Tech", "Python & co", "Daily", "Code")),
        ("https://two.example/feed", "Two", ("Tech",)),
        ("https://three.example/feed", "", ()),
    ]
    assert all(one.present for one in came.subscriptions)
    assert (came.problems, came.failed, came.drafts) == ((), frozenset(), ())


@pytest.mark.parametrize(
    ("outline", "url"),
    [
        ('<outline xmlurl="https://x.example/f"/>', "https://x.example/f"),  # no type: Miniflux, Netvibes, Read You
        ('<outline XMLURL="https://x.example/f"/>', "https://x.example/f"),
        ('<Outline type="RSS" xmlUrl=" https://x.example/f "/>', "https://x.example/f"),
        ('<outline type="rss" url="https://x.example/f"/>', "https://x.example/f"),
        ('<outline type="link" xmlUrl="https://x.example/f"/>', "https://x.example/f"),
        ('<outline type="rss" url="https://x.example/" xmlUrl="https://x.example/f"/>', "https://x.example/f"),
        ('<outline xmlUrl="https://x.example/f" xmlurl="https://x.example/g"/>', "https://x.example/f"),
        ('<outline xmlUrl="feed://x.example/f"/>', "http://x.example/f"),
        ('<outline xmlUrl="feed:https://x.example/f"/>', "https://x.example/f"),
        ('<outline xmlUrl="//x.example/f"/>', "https://x.example/f"),
        ('<outline xmlUrl="https://x.example/a b?c=ü"/>', "https://x.example/a%20b?c=%C3%BC"),
        # the type of a feed on a folder: Flym
        ('<outline type="rss" title="T"><outline xmlUrl="https://x.example/f"/></outline>', "https://x.example/f"),
        # episodes below a podcast: Overcast
        (
            '<outline type="rss" xmlUrl="https://x.example/f"><outline type="podcast-episode" url="https://x.example/1"/></outline>',
            "https://x.example/f",
        ),
    ],
)
def test_what_a_feed_looks_like(outline: str, url: str) -> None:
    assert urls(read(body(outline))) == [url]


@pytest.mark.parametrize(
    ("outline", "said"),
    [
        ('<outline text="a note"/>', None),
        ('<outline type="link" text="a page" url="https://x.example/"/>', None),
        ('<outline text="a page" htmlUrl="https://x.example/"/>', None),
        ('<outline isComment="true"><outline xmlUrl="https://x.example/f"/></outline>', None),
        ('<outline isComment="true" xmlUrl="https://x.example/f"/>', None),
        ('<outline type="include" url="https://x.example/more.opml"/>', "which is not followed"),
        ('<outline type="link" url="https://x.example/more.opml"/>', "which is not followed"),
        ('<outline type="HTML+XPath" text="Page" xmlUrl="https://x.example/"/>', "of type"),
        ('<outline xmlUrl="file:///etc/passwd"/>', "must begin with http"),
        ('<outline xmlUrl="feed:javascript:alert(1)"/>', "must begin with http"),
        ('<outline xmlUrl="/relative"/>', "must begin with http"),
        ('<outline xmlUrl="x.example/f"/>', "must begin with http"),
        ('<outline xmlUrl="https:///f"/>', "must begin with http"),
    ],
)
def test_what_is_no_feed(outline: str, said: str | None) -> None:
    came = read(body(outline))
    assert urls(came) == []
    assert came.failed == frozenset()
    if said is None:
        assert came.problems == ()
    else:
        assert said in "".join(messages(came))


def test_an_address_in_a_message_shows_no_password() -> None:
    came = read(body('<outline xmlUrl="ftp://me:hunter2@x.example/f"/>'))
    assert "hunter2" not in messages(came)[0]


def test_a_feed_counts_once_and_keeps_its_first_title() -> None:
    came = read(
        body(
            '<outline text="One" xmlUrl="https://x.example/f"/><outline text="Again" xmlUrl="http://www.x.example/f/"/>'
            '<outline text="Other" xmlUrl="https://x.example/f?page=2"/>'
        )
    )
    assert came.subscriptions is not None
    assert [one.title for one in came.subscriptions] == ["One", "Other"]


def test_names_are_permanent() -> None:
    """They are in people's configurations, and ids of entries are made of them: never change this."""
    assert [
        one.name for one in read(body('<outline xmlUrl="https://blog.example.org/feed.xml"/>')).subscriptions or ()
    ] == ["planet/blog-example-org-feed-xml-ae51cb9d"]
    same = {
        handle(url)
        for url in ("https://x.example/f", "http://www.x.example:80/f/", "https://me:pw@x.example/f?utm_source=y#z")
    }
    assert same == {"x-example-f-" + handle("https://x.example/f")[-8:]}
    assert handle("https://x.example/f?a=1") != handle("https://x.example/f?a=2")
    assert handle("https://x.example/" + "a" * 100 + "1") != handle("https://x.example/" + "a" * 100 + "2")


@given(st.text(max_size=200) | st.builds("https://{}/{}".format, st.text(max_size=50), st.text(max_size=50)))
def test_every_name_is_fit_for_everything(url: str) -> None:
    name = handle(url)
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert 8 <= len(name) <= 49
    assert not name.startswith("-")


# --- broken and other documents


def test_a_list_that_can_be_repaired_is_whole() -> None:
    broken = body(
        '<outline text="AT&T &nbsp;" xmlUrl="https://one.example/?a=1&b=2" type=rss /><outline xmlUrl="https://two.example/"/>'
    )
    came = read(broken)
    assert urls(came) == ["https://one.example/?a=1&b=2", "https://two.example/"]
    assert came.failed == frozenset()
    (problem,) = messages(came)
    assert "not well-formed" in problem
    assert "removed" not in problem


@pytest.mark.parametrize(
    "text",
    [
        '<opml><body><outline xmlUrl="https://x.example/f"/>',
        '<opml><body><outline text="F"><outline xmlUrl="https://x.example/f"/><outline xmlUrl="https://y.exam',
        '<opml><body><outline xmlUrl="https://x.example/f"/><outline text="a "b"" xmlUrl="https://y.example/"/></body></opml>',
        '<opml><body><outline xmlUrl="https://x.example/f"/></outline></body></opml>',
    ],
)
def test_a_list_that_cannot_is_read_in_part(text: str) -> None:
    came = read(text)
    assert "https://x.example/f" in urls(came)
    assert came.failed == {"feeds.opml"}
    assert "not taken for removed" in messages(came)[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no OPML in it"),
        ("   ", "there is no OPML in it"),
        ('{"feeds": []}', "there is no OPML in it"),
        ("<!DOCTYPE html><html><body>Log in</body></html>", "this is an HTML page"),
        ("<rss version='2.0'><channel/></rss>", "this is a feed, not a list of feeds. Give it a source of kind"),
        ("<feed xmlns='http://www.w3.org/2005/Atom'/>", "this is a feed"),
        ("<outlines/>", "XML with the outermost element <outlines>"),
        ("<opml version='2.0'><head/></opml>", "this OPML has no <body>"),
        ("<opml><body><outline text='x'", "nothing of it can be read"),
        ("<opml><body>", "nothing of it can be read"),
    ],
)
def test_what_is_no_list(text: str, said: str) -> None:
    with pytest.raises(NormalizeError, match=said) as caught:
        read(text)
    assert caught.value.hint


@pytest.mark.parametrize("text", [body(""), "<opml><body/></opml>", "<OPML><BODY><outline text='x'/></BODY></OPML>"])
def test_an_empty_list_is_empty(text: str) -> None:
    came = read(text)
    assert came.subscriptions == ()
    assert (came.failed, came.problems) == (frozenset(), ())


def test_a_source_without_anything_new_says_nothing_of_its_feeds() -> None:
    came = normalizer("opml")(SOURCE, SITE, Fetched(source="planet"), NOW)
    assert came.subscriptions is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1252"])
def test_any_encoding(encoding: str) -> None:
    text = body('<outline text="Café" xmlUrl="https://x.example/f"/>').replace("UTF-8", encoding)
    came = read(text.encode(encoding))
    assert came.subscriptions is not None
    assert came.subscriptions[0].title == "Café"


# --- hostile ones


def test_more_feeds_than_anybody_reads() -> None:
    came = read(body("".join(f'<outline xmlUrl="https://x.example/{n}"/>' for n in range(5_010))))
    assert len(urls(came)) == 5_000
    assert messages(came) == ["it lists 5,010 feeds; the first 5,000 are collected"]
    assert came.failed == frozenset()


def test_only_the_first_problems_are_told() -> None:
    came = read(body('<outline xmlUrl="gopher://x.example/"/>' * 1000))
    assert len(came.problems) == 21
    assert messages(came)[-1] == "and 980 more problems"


def test_entities_are_not_read() -> None:
    declared = (
        "<!DOCTYPE opml [<!ENTITY a 'x'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>"
        "<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
    )
    came = read(
        f'{declared}<opml><body><outline text="&c;" xmlUrl="https://x.example/f"/><outline xmlUrl="https://y.example/&f;"/>'
        "</body></opml>"
    )
    assert came.subscriptions is not None
    assert "root:" not in repr(came)
    assert len(repr(came)) < 2000


LONG = "x" * 10_000_000
HOSTILE: dict[str, Callable[[], str]] = {
    "nested": lambda: body('<outline text="x">' * 200_000),
    "nested and closed": lambda: body('<outline text="x">' * 200_000 + "</outline>" * 200_000),
    "nested feeds": lambda: body("".join(f'<outline xmlUrl="https://x.example/{n}">' for n in range(200_000))),
    "endless title": lambda: body(f'<outline text="{LONG}" xmlUrl="https://x.example/f"/>'),
    "endless address": lambda: body(f'<outline xmlUrl="https://x.example/{LONG}"/>'),
    "endless category": lambda: body(f'<outline category="{"a," * 5_000_000}" xmlUrl="https://x.example/f"/>'),
    "many attributes": lambda: body("<outline " + " ".join(f'a{n}="x"' for n in range(300_000)) + "/>"),
    "many elements": lambda: body("<outline/>" * 900_000),
    "ampersands": lambda: body('<outline text="' + "&" * 5_000_000 + '" xmlUrl="https://x.example/f"/>'),
    "brackets": lambda: body("<" * 5_000_000),
    "quotes": lambda: body("<outline " + "='\"" * 2_000_000),
    "controls": lambda: body('<outline text="\x00\x01\x1b" xmlUrl="https://x.example/\x00"/>'),
    "text": lambda: body(LONG),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_lists_are_read_or_refused(text: Callable[[], str]) -> None:
    """What takes more than linear time would never end here."""
    _check(text().encode())


attributes = st.dictionaries(
    st.sampled_from(
        ["text", "title", "type", "xmlUrl", "xmlurl", "url", "htmlUrl", "category", "isComment", "x:y", "é"]
    ),
    st.text(max_size=40)
    | st.sampled_from(["rss", "include", "link", "true", "https://x.example/f", "feed:x", "//x", "http://[", "a,b/c"]),
    max_size=5,
)
trees = st.recursive(
    attributes.map(lambda told: f"<outline {' '.join(f'{k}={quoteattr(v)}' for k, v in told.items())}/>"),
    lambda inner: st.lists(inner, max_size=4).map(lambda parts: f"<outline text='f'>{''.join(parts)}</outline>"),
    max_leaves=10,
)


@given(trees, st.data())
def test_damaged_lists_are_read_or_refused(outlines: str, data: st.DataObject) -> None:
    """Whatever is cut out or put in: a list of safe addresses, or an error."""
    raw = body(outlines).encode("utf-8", "replace")
    for _ in range(data.draw(st.integers(0, 3))):
        start = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(start, min(len(raw), start + 30)))
        raw = raw[:start] + data.draw(st.binary(max_size=10)) + raw[end:]
    _check(raw)


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
def test_anything_is_read_or_refused(raw: bytes) -> None:
    _check(raw)


def _check(raw: bytes) -> None:
    try:
        came = read(raw)
    except NormalizeError:
        return
    assert came.subscriptions is not None
    names = [one.name for one in came.subscriptions]
    assert len(set(names)) == len(names)
    for one in came.subscriptions:
        assert one.url.startswith(("http://", "https://"))
        assert one.url.isascii()
        assert one.name.startswith("planet/")
        assert len(one.url) <= 8000
        for text in (one.title, *one.categories):
            assert len(text) <= 200
            assert not set(text) & set("\n\t\x00")
