"""Feeds in order: read without feedparser, they say the same as with it; what is not in order is left to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.normalize import feedbounds, tidyfeed
from readings import by_feedparser, differences, in_order

SPACES = (
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"'
    ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"'
    ' xmlns:wfw="http://wellformedweb.org/CommentAPI/" xmlns:dcterms="http://purl.org/dc/terms/"'
    ' xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:psc="http://podlove.org/simple-chapters"'
    ' xmlns:x="urn:unknown"'
)
TEXTS = st.sampled_from([
    "", " ", "Words", "a &amp; b", "&lt;p&gt;One &amp;amp; two&lt;/p&gt;", "<![CDATA[<p>Three <b>four</b></p>]]>",
    "AT&amp;amp;T", "&lt;b&gt;x", "caf\u00e9", "caf\u00c3\u00a9", "\u6f22\u5b57", "\u00a0x", "1 &lt; 2", "&#8217;",
    " pad\n ded ",    "ann@example.org (Ann)", "Ann &lt;ann@example.org&gt;", "2026-11-20T10:00:00Z",
    "Fri, 20 Nov 2026 10:00:00 +0100",
    "https://up.example/1", "http://up.example/?a=1&amp;b=2", "/relative", "urn:x:1", "javascript:alert(1)", "en-GB",
    "one, two", "https://up.example/1\u00a0", "&amp;copy; x",
])  # fmt: skip
ADDRESSES = st.sampled_from(["https://up.example/a.mp3", "/b.png", "http://x.example/c?d=1&amp;e=2", "", "ftp://f/g"])
LANGUAGES = st.sampled_from(
    ["", ' xml:lang="de"', ' xml:lang=""', ' xml:base="https://base.example/q/"', ' xml:base="../r"']
)
TYPES = st.sampled_from(["", ' type="html"', ' type="text"', ' type="xhtml"', ' type="text/html"', ' type="HTML"'])
XHTML = '<div xmlns="http://www.w3.org/1999/xhtml"><p>X &amp; <b>y</b></p></div>'


def texts(*names: str) -> st.SearchStrategy[str]:
    """An element with a text of its own."""
    return st.builds("<{0}>{1}</{0}>".format, st.sampled_from(names), TEXTS)


def constructs(*names: str) -> st.SearchStrategy[str]:
    """An Atom text construct."""
    inside = st.one_of(TEXTS, st.just(XHTML))
    return st.builds("<{0}{1}{2}>{3}</{0}>".format, st.sampled_from(names), TYPES, LANGUAGES, inside)


LINKS = st.one_of(
    st.builds(
        '<{} rel="{}" href="{}"{}/>'.format,
        st.sampled_from(["atom:link", "link"]),
        st.sampled_from(["self", "alternate", "enclosure", "related", "replies", "via", "ALTERNATE"]),
        ADDRESSES,
        st.sampled_from(
            [
                "",
                ' type="audio/mpeg" length="5"',
                ' type="application/xhtml+xml"',
                ' type="XHTML"',
                ' title="T" hreflang="en"',
                ' type="text/html"',
            ]
        ),
    ),
    texts("link"),
)
MEDIA = st.one_of(
    st.builds('<media:content url="{}" {}/>'.format, ADDRESSES, st.sampled_from(['medium="image"', 'width="3"'])),
    st.builds('<media:thumbnail url="{}"/>'.format, ADDRESSES),
    st.builds(
        '<media:group><media:title>M</media:title><media:description>{}</media:description>'
        '<media:content url="{}"/></media:group>'.format, TEXTS, ADDRESSES,
    ),
    texts("media:keywords", "media:credit", "media:category", "media:description"),
)  # fmt: skip
PODCAST = st.one_of(
    texts("itunes:duration", "itunes:summary", "itunes:explicit", "itunes:author", "itunes:keywords", "itunes:episode"),
    st.builds('<itunes:image href="{}"/>'.format, ADDRESSES),
    st.just('<podcast:transcript url="https://up.example/t.vtt" type="text/vtt"/>'),
    st.just('<psc:chapters version="1.2"><psc:chapter start="00:01" title="c"/></psc:chapters>'),
)
CATEGORIES = st.one_of(
    texts("category", "dc:subject", "keywords"),
    st.builds('<category domain="{}">{}</category>'.format, ADDRESSES, TEXTS),
    st.builds('<category term="t" label="l" scheme="{}"/>'.format, ADDRESSES),
)
UNKNOWN = st.sampled_from([
    "<x:y/>", "<x:y><x:z>1</x:z></x:y>", "<slash:comments>3</slash:comments>", "<niceDate>soon</niceDate>", " words ",
    '<x:title type="html">no</x:title>', '<post-id xmlns="com-wordpress:feed-additions:1">7</post-id>', "<!-- c -->",
    "<georss:point xmlns:georss='http://www.georss.org/georss'>1 2</georss:point>", "<image><url>u</url></image>",
])  # fmt: skip
RSS_PARTS = st.one_of(
    texts("title", "description", "pubDate", "author", "dc:creator", "comments", "content:encoded", "wfw:commentRss"),
    texts("guid", "atom:updated", "dc:date", "dcterms:created", "dc:language", "dc:rights", "dc:description"),
    st.builds('<guid isPermaLink="{}">{}</guid>'.format, st.sampled_from(["true", "false", "FALSE"]), TEXTS),
    st.builds('<enclosure url="{}" length="{}" type="a/b"/>'.format, ADDRESSES, st.sampled_from(["0", "9", "x"])),
    st.builds('<source url="{}">{}</source>'.format, ADDRESSES, TEXTS),
    LINKS, MEDIA, PODCAST, CATEGORIES, UNKNOWN,
)  # fmt: skip
PERSON = "<{0}><name>{1}</name><uri>{2}</uri><email>{3}</email></{0}>"
ATOM_PARTS = st.one_of(
    constructs("title", "summary", "content", "rights"),
    texts("id", "published", "updated"),
    st.builds(PERSON.format, st.sampled_from(["author", "contributor"]), TEXTS, ADDRESSES, TEXTS),
    st.builds("<source><title>{}</title><id>{}</id>{}</source>".format, TEXTS, TEXTS, LINKS),
    st.builds("<source><title>{}</title> words {}</source>".format, TEXTS, LINKS),
    LINKS, MEDIA, PODCAST, CATEGORIES, UNKNOWN,
)  # fmt: skip


@st.composite
def rss(draw: st.DrawFn) -> str:
    items = "".join(f"<item>{''.join(draw(st.lists(RSS_PARTS, max_size=7)))}</item>" for _ in range(2))
    own = st.one_of(
        texts("title", "description", "language", "copyright", "managingEditor", "ttl", "dc:creator"), LINKS
    )
    image = "<image><url>u</url><title>i</title><link>l</link></image>" * draw(st.integers(0, 1))
    head = [*draw(st.lists(own, max_size=4)), image]
    return f'<rss version="2.0" {SPACES}{draw(LANGUAGES)}><channel>{"".join(head)}{items}</channel></rss>'


@st.composite
def atom(draw: st.DrawFn) -> str:
    parts = st.lists(ATOM_PARTS, max_size=7)
    entries = "".join(f"<entry{draw(LANGUAGES)}>{''.join(draw(parts))}</entry>" for _ in range(2))
    own = st.one_of(constructs("title", "subtitle", "rights"), texts("id", "updated"), LINKS, CATEGORIES)
    author = PERSON.format("author", draw(TEXTS), draw(ADDRESSES), "") * draw(st.integers(0, 1))
    head = [*draw(st.lists(own, max_size=4)), author]
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {SPACES}{draw(LANGUAGES)}>{"".join(head)}{entries}</feed>'


@given(st.one_of(rss(), atom()))
def test_what_is_read_in_order_is_what_feedparser_reads(document: str) -> None:
    body = document.encode()
    ours = in_order(body)
    if ours is not None:
        assert differences(ours, by_feedparser(body)) == []


def test_of_several_ids_the_first_is_the_page_and_the_last_the_id() -> None:
    ids = "<id>https://up.example/1</id><id>https://up.example/2</id>"
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>a</title>{ids}</entry></feed>'.encode()
    ours = in_order(body)
    assert ours is not None
    assert differences(ours, by_feedparser(body)) == []


RSS = '<rss version="2.0" {}><channel><title>t</title>{}</channel></rss>'
PLAIN = RSS.format(SPACES, "<item><title>a</title></item>")
MANY = " ".join(f"a{number}=''" for number in range(51))
ITEM = RSS.format(SPACES, "<item><title>a</title>{}</item>")


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE rss><rss version="2.0"><channel/></rss>',
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
        '<rss version="2.0"><channel/><channel/></rss>',
        RSS.format('xmlns:dc="http://search.yahoo.com/mrss/"', "<item/>"),
        RSS.format("", '<item><title xmlns:dc="http://search.yahoo.com/mrss/">a</title></item>'),
        RSS.format("", "<entry><title>a</title></entry>"),
        RSS.format("", "<title>again</title>"),
        RSS.format("", '<image><item xmlns="urn:y"/></image>'),
        ITEM.format("<title>b</title>"),
        ITEM.format("<description>b</description><description>c</description>"),
        ITEM.format("<date>2026</date>"),
        ITEM.format("<x:id>http://up.example/</x:id>"),
        ITEM.format("<x:y><title>c</title></x:y>"),
        ITEM.format("<description mode='base64'>eA==</description>"),
        ITEM.format("<description type='image/png'>b</description>"),
        ITEM.format("<dc:title>b</dc:title>"),
        ITEM.format("<image><title>b</title></image>"),
        ITEM.format("<atom:link x:href='http://up.example/' href='http://up.example/2'/>"),
        ITEM.format("<category>&#150;</category>"),
        ITEM.format(f"<category>{'c' * 2001}</category>"),
        ITEM.format(f"<enclosure url='{'u' * 2001}'/>"),
        ITEM.format("<category/>" * 401),
        ITEM.format(f"<category {MANY}/>"),
        ITEM.format("<feedmill-episode>{}</feedmill-episode>"),
        ITEM.format("a<b"),
        ITEM.format("<source url='u'/> words"),
        ITEM.format("<media:group>words<media:thumbnail url='u'/></media:group>"),
        RSS.format("", "words <item/>"),
        ITEM.format("\u0001"),
    ],
)  # fmt: skip
def test_what_may_mean_more_is_left_to_feedparser(document: str) -> None:
    assert tidyfeed.read(document.encode(), None, "https://up.example/") is None


def test_what_is_in_no_common_encoding_is_left_to_feedparser() -> None:
    assert tidyfeed.read(PLAIN.encode(), "iso-8859-1", "https://up.example/") is None
    assert tidyfeed.read(b'<?xml version="1.0" encoding="latin1"?>' + PLAIN.encode(), None, "") is None
    assert tidyfeed.read(PLAIN.encode("utf-16"), None, "") is None


def test_what_is_in_order_is_within_all_bounds() -> None:
    assert tidyfeed._MOST_NODES <= feedbounds._MOST_NODES
    assert tidyfeed._MOST_MARKS <= feedbounds.MOST_MARKS
    assert tidyfeed._MOST_MARKS <= feedbounds._MOST_REFERENCES
    assert tidyfeed.parts.MOST_CHILDREN <= feedbounds._MOST_OUTSIDE
    assert tidyfeed._LARGEST <= feedbounds._MOST_WIDE


@pytest.mark.parametrize("limit", ["_MOST_NODES", "_MOST_MARKS", "_LARGEST"])
def test_a_document_over_a_bound_is_not_in_order(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tidyfeed.read(PLAIN.encode(), None, "https://up.example/") is not None
    monkeypatch.setattr(tidyfeed, limit, 5)
    assert tidyfeed.read(PLAIN.encode(), None, "https://up.example/") is None
