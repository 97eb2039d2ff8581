from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedmill.errors import NormalizeError
from feedmill.model import (
    AliasKind,
    Category,
    Document,
    Draft,
    Enclosure,
    Fetched,
    Link,
    Media,
    Normalized,
    Origin,
    Person,
    Point,
    Site,
    Source,
    Thumbnail,
)
from feedmill.normalize.syndication import normalize

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SITE = Site(title="S", url="https://s.test/", feeds_url="https://s.test/feeds/", id_authority="s.test")
URL = "https://up.test/feeds/all.xml"

NAMESPACES = """
 xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:georss="http://www.georss.org/georss"
 xmlns:gml="http://www.opengis.net/gml" xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#"
 xmlns:wfw="http://wellformedweb.org/CommentAPI/"
"""


def read(body: str | bytes, *, charset: str | None = None, media_type: str | None = None, **source: str) -> Normalized:
    raw = body.encode() if isinstance(body, str) else body
    document = Document(name=URL, body=raw, url=URL, charset=charset, media_type=media_type)
    return normalize(
        Source(name="up", kind="feed", url=URL, **source),  # type: ignore[arg-type]
        SITE,
        Fetched(source="up", documents=(document,)),
        NOW,
    )


def rss(items: str, channel: str = "") -> str:
    head = "<title>Up</title><link>https://up.test/</link><description/>"
    return f'<rss version="2.0"{NAMESPACES}><channel>{head}{channel}{items}</channel></rss>'


def atom(entries: str, feed: str = "", attributes: str = "") -> str:
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>Up</title><id>urn:x:feed</id>'
        f"<updated>2026-11-01T00:00:00Z</updated>{feed}{entries}</feed>"
    )


def item(inside: str, channel: str = "", **source: str) -> Draft:
    (draft,) = read(rss(f"<item>{inside}</item>", channel), **source).drafts
    return draft


def entry(inside: str, feed: str = "", attributes: str = "") -> Draft:
    (draft,) = read(atom(f"<entry>{inside}</entry>", feed, attributes)).drafts
    return draft


def complaints(inside: str) -> list[str]:
    return [str(problem) for problem in read(rss(f"<item>{inside}</item>")).problems]


# --- all formats ------------------------------------------------------------------------------

VERSIONS = {
    "0.90": """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>Up</title><link>https://up.test/</link></channel>
        <item><title>One</title><link>https://up.test/1</link></item></rdf:RDF>""",
    "0.91": """<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"
        "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel><title>Up</title>
        <link>https://up.test/</link><item><title>One</title><link>https://up.test/1</link></item></channel></rss>""",
    "0.92": """<rss version="0.92"><channel><title>Up</title><link>https://up.test/</link>
        <item><title>One</title><link>https://up.test/1</link></item></channel></rss>""",
    "1.0": """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
        <channel rdf:about="https://up.test/rdf"><title>Up</title><link>https://up.test/</link></channel>
        <item rdf:about="https://up.test/1"><title>One</title><link>https://up.test/1</link></item></rdf:RDF>""",
    "2.0": """<rss version="2.0"><channel><title>Up</title><link>https://up.test/</link>
        <item><title>One</title><link>https://up.test/1</link></item></channel></rss>""",
    "Atom 0.3": """<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>Up</title>
        <link rel="alternate" type="text/html" href="https://up.test/"/>
        <entry><title>One</title><link rel="alternate" type="text/html" href="https://up.test/1"/></entry></feed>""",
    "Atom 1.0": """<feed xmlns="http://www.w3.org/2005/Atom"><title>Up</title><link href="https://up.test/"/>
        <entry><title>One</title><link href="https://up.test/1"/></entry></feed>""",
    "no namespace": """<feed><title>Up</title><link href="https://up.test/"/>
        <entry><title>One</title><link href="https://up.test/1"/></entry></feed>""",
}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version(version: str) -> None:
    came = read(VERSIONS[version])
    (draft,) = came.drafts
    assert (draft.title, draft.url) == ("One", "https://up.test/1")
    assert draft.origin is not None
    assert (draft.origin.title, draft.origin.link) == ("Up", "https://up.test/")
    assert came.problems == ()


def test_everything_an_rss_item_can_carry() -> None:
    draft = item(
        """
        <title>One &amp;amp; only</title><link>https://up.test/1</link><guid isPermaLink="false">g-1</guid>
        <pubDate>Mon, 02 Nov 2026 14:00:00 +0700</pubDate><atom:updated>2026-11-03T07:00:00Z</atom:updated>
        <description>Short &lt;b&gt;words&lt;/b&gt;.</description>
        <content:encoded><![CDATA[<p>Long <a href="/more">words</a>.</p>]]></content:encoded>
        <author>ann@up.test (Ann A.)</author><dc:creator>Ann A.</dc:creator><dc:creator>Bob</dc:creator>
        <dc:contributor>Cid</dc:contributor>
        <category domain="https://up.test/tags">news</category><category>world</category>
        <enclosure url="/a.mp3" length="123" type="audio/mpeg"/><enclosure url="/b.pdf" length="many"/>
        <media:group><media:content url="/v.mp4" type="video/mp4" medium="video" width="640" height="360"
          fileSize="5000" duration="60"/></media:group>
        <media:thumbnail url="/t.jpg" width="75" height="50"/><itunes:image href="/i.jpg"/>
        <atom:link rel="related" href="/r" hreflang="de" title="R"/><atom:link rel="via" href="https://via.test/"/>
        <wfw:commentRss>https://up.test/1/comments.rss</wfw:commentRss>
        <comments>https://up.test/1#comments</comments><dc:rights>All rights</dc:rights><dc:language>id</dc:language>
        <georss:point>-6.2 106.8</georss:point><source url="https://other.test/feed">Other</source>
        """
    )
    assert draft.title == "One & only"
    assert draft.url == "https://up.test/1"
    assert draft.summary == "Short words."
    assert draft.content == '<p>Long <a href="https://up.test/more">words</a>.</p>'
    assert draft.authors == (Person(name="Ann A.", email="ann@up.test"), Person(name="Bob"))
    assert draft.contributors == (Person(name="Cid"),)
    assert draft.categories == (Category(term="news", scheme="https://up.test/tags"), Category(term="world"))
    assert draft.enclosures == (
        Enclosure(url="https://up.test/a.mp3", type="audio/mpeg", length=123),
        Enclosure(url="https://up.test/b.pdf", type="application/pdf"),
    )
    assert draft.media == (
        Media(
            url="https://up.test/v.mp4",
            type="video/mp4",
            medium="video",
            width=640,
            height=360,
            length=5000,
            duration=60,
        ),
    )
    assert draft.thumbnails == (
        Thumbnail(url="https://up.test/t.jpg", width=75, height=50),
        Thumbnail(url="https://up.test/i.jpg"),
    )
    assert draft.links == (
        Link(href="https://up.test/r", rel="related", hreflang="de", title="R"),
        Link(href="https://via.test/", rel="via"),
        Link(href="https://up.test/1/comments.rss", rel="replies", type="application/rss+xml"),
    )
    assert draft.comments == "https://up.test/1#comments"
    assert draft.rights == "All rights"
    assert draft.language == "id"
    assert draft.point == Point(latitude=-6.2, longitude=106.8)
    assert draft.origin == Origin(title="Other", url="https://other.test/feed")
    assert draft.published is None
    assert draft.published_at_first == datetime(2026, 11, 2, 7, tzinfo=UTC)
    assert draft.updated == datetime(2026, 11, 3, 7, tzinfo=UTC)
    assert draft.name == URL
    assert draft.id.startswith("tag:s.test,2026-11-02:up/")
    assert [alias.kind for alias in draft.aliases] == [
        AliasKind.GUID_AND_URL, AliasKind.GUID, AliasKind.URL, AliasKind.ENCLOSURE
    ]  # fmt: skip
    assert draft.aliases[1].value == "g-1"


def test_everything_an_atom_entry_can_carry() -> None:
    draft = entry(
        """
        <title type="html">One &amp;lt;b&amp;gt; &lt;i&gt;x&lt;/i&gt;</title>
        <id>urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af6</id>
        <link href="/1"/><link rel="enclosure" href="/a.ogg" length="5" title="The sound"/>
        <link rel="replies" type="application/atom+xml" href="/1/replies"/>
        <published>2026-11-02T07:00:00Z</published><updated>2026-11-03T07:00:00+00:00</updated>
        <author><name>Ann</name><email>ann@up.test</email><uri>/ann</uri></author><contributor><name>Bob</name></contributor>
        <category term="n" scheme="https://up.test/t" label="News"/>
        <summary>In &lt;short&gt;</summary>
        <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p
          >Long<br/>&amp; <img src="p.png" alt=""/></p></div></content>
        <rights type="text">(c) Ann</rights>
        <source><id>urn:x:other</id><title>Other</title><link href="https://other.test/"/>
          <link rel="self" href="https://other.test/atom"/></source>
        """,
        attributes='xml:lang="en" xml:base="https://up.test/blog/"',
    )
    assert draft.title == "One <b> x"
    assert draft.id == "urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af6"
    assert draft.url == "https://up.test/1"
    assert draft.summary == "In <short>"
    assert draft.content == '<p>Long<br>&amp; <img src="https://up.test/blog/p.png" alt=""></p>'
    assert draft.authors == (Person(name="Ann", email="ann@up.test", uri="https://up.test/ann"),)
    assert draft.contributors == (Person(name="Bob"),)
    assert draft.categories == (Category(term="n", scheme="https://up.test/t", label="News"),)
    assert draft.enclosures == (Enclosure(url="https://up.test/a.ogg", type="audio/ogg", length=5, title="The sound"),)
    assert draft.links == (Link(href="https://up.test/1/replies", rel="replies", type="application/atom+xml"),)
    assert draft.language == "en"
    assert draft.rights == "(c) Ann"
    assert draft.origin == Origin(
        title="Other", id="urn:x:other", url="https://other.test/atom", link="https://other.test/"
    )


# --- texts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("AT&amp;amp;T", "AT&T"),
        ("<![CDATA[It&#8217;s]]>", "It’s"),
        ("&lt;b&gt;Bold&lt;/b&gt; move", "Bold move"),
        ("1 &lt; 2", "1 < 2"),
        ("How to use &lt;div&gt;", "How to use <div>"),
        (" two\n lines ", "two lines"),
        ("A <i>forgotten</i> escape", "A forgotten escape"),
    ],
)
def test_rss_titles(written: str, title: str) -> None:
    assert item(f"<title>{written}</title>").title == title


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ('<title type="text">A &amp;amp; &lt;b&gt;</title>', "A &amp; <b>"),
        ('<title type="html">A &amp;amp; &lt;b&gt;B&lt;/b&gt;</title>', "A & B"),
        ('<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A &amp; <b>B</b></div></title>', "A & B"),
    ],
)
def test_atom_titles(written: str, title: str) -> None:
    assert entry(written).title == title


@pytest.mark.parametrize(
    ("inside", "title"),
    [
        ("<description>&lt;p&gt;First words of it&lt;/p&gt;</description>", "First words of it"),
        ("<title> </title><description>Words</description>", "Words"),
        ('<enclosure url="https://up.test/a/The%20file.mp3"/>', "The file.mp3"),
        ("<link>https://up.test/7</link>", "https://up.test/7"),
        ("<guid isPermaLink='false'>x</guid>", "Untitled"),
        ("<description>" + "long " * 40 + "</description>", "long " * 15 + "long…"),
    ],
)
def test_entries_without_a_title(inside: str, title: str) -> None:
    assert item(inside).title == title


D = "<description>&lt;p&gt;D&lt;/p&gt;</description>"


@pytest.mark.parametrize(
    ("inside", "content", "summary"),
    [
        ("<description>Plain words</description>", "", "Plain words"),
        ("<description>&lt;p&gt;One&lt;/p&gt;&lt;p&gt;Two&lt;/p&gt;</description>", "<p>One</p><p>Two</p>", "One Two"),
        ("<description>One\n\nTwo\nlines</description>", "<p>One</p><p>Two<br>lines</p>", "One Two lines"),
        ("<description>S</description><content:encoded>&lt;p&gt;B&lt;/p&gt;</content:encoded>", "<p>B</p>", "S"),
        ("<content:encoded>&lt;p&gt;B&lt;/p&gt;</content:encoded><description>S</description>", "<p>B</p>", "S"),
        ("<content:encoded>&lt;p&gt;B&lt;/p&gt;</content:encoded>", "<p>B</p>", "B"),
        ("<description><p>not <b>escaped</b></p></description>", "<p>not <b>escaped</b></p>", "not escaped"),
        (D + "<media:description>caption</media:description>", "<p>D</p>", "D"),
        (D + "<itunes:summary>" + "s" * 99 + "</itunes:summary>", "<p>D</p>", "D"),
        ("<media:group><media:description>caption</media:description></media:group>", "", "caption"),
        ("<itunes:summary>About it</itunes:summary>", "", "About it"),
        ("<description>&lt;script&gt;alert(1)&lt;/script&gt;&lt;p&gt;x&lt;/p&gt;</description>", "<p>x</p>", "x"),
        ("<description/>", "", ""),
    ],
)  # fmt: skip
def test_body_and_summary(inside: str, content: str, summary: str) -> None:
    draft = item(inside)
    assert (draft.content, draft.summary) == (content, summary)


def test_a_long_plain_description_is_a_body_and_loses_nothing() -> None:
    words = "word " * 400
    draft = item(f"<description>{words}</description>")
    assert draft.content == f"<p>{words.strip()}</p>"
    assert draft.summary.endswith("…")


def test_of_several_bodies_the_longest_counts() -> None:
    draft = entry('<content type="text">short</content><content type="html">&lt;p&gt;a longer one&lt;/p&gt;</content>')
    assert draft.content == "<p>a longer one</p>"


def test_content_of_other_types() -> None:
    came = read(atom('<entry><title>T</title><content type="image/png">aGVsbG8=</content></entry>'))
    assert came.drafts[0].content == ""
    assert [str(problem) for problem in came.problems] == ["up: T: content of type 'image/png' is not shown"]
    elsewhere = entry('<title>T</title><content type="text/html" src="/body.html"/>')
    assert elsewhere.url == "https://up.test/body.html"
    encoded = entry('<title>T</title><content type="text/html" mode="base64">PHA+eDwvcD4=</content>')
    assert encoded.content == "<p>x</p>"


# --- addresses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (rss("<item><link>/a/1</link><description>{}</description></item>"), "https://up.test/a/p.png"),
        (rss("<item><description>{}</description></item>"), "https://up.test/p.png"),
        (rss("<item xml:base='https://b.test/c/'><link>/1</link><description>{}</description></item>"), "https://b.test/c/p.png"),
        (atom("<entry><link href='/a/1'/><content type='html'>{}</content></entry>"), "https://up.test/feeds/p.png"),
        (atom("<entry><content type='html' xml:base='x/'>{}</content></entry>"), "https://up.test/feeds/x/p.png"),
    ],
)  # fmt: skip
def test_what_relative_addresses_are_relative_to(document: str, expected: str) -> None:
    (draft,) = read(document.replace("{}", "&lt;p&gt;x &lt;img src='p.png'&gt;&lt;/p&gt;")).drafts
    assert f'src="{expected}"' in draft.content


@pytest.mark.parametrize(
    ("inside", "url"),
    [
        ("<guid>https://up.test/g</guid>", "https://up.test/g"),
        ("<guid isPermaLink='true'>https://up.test/g</guid>", "https://up.test/g"),
        ("<guid isPermaLink='false'>https://up.test/g</guid>", None),
        ("<guid>not-an-address</guid>", None),
        ("<guid>https://up.test/g</guid><link>https://up.test/l</link>", "https://up.test/l"),
        ("<guid>https://up.test/g</guid><atom:link rel='self' href='https://up.test/s'/>", "https://up.test/g"),
        ("<link>javascript:alert(1)</link>", None),
        ("<link>https://up.test/?a=1&amp;b=2</link>", "https://up.test/?a=1&b=2"),
    ],
)
def test_the_page_of_an_entry(inside: str, url: str | None) -> None:
    assert item(inside).url == url


def test_a_guid_stays_as_it_is_wherever_the_feed_lives() -> None:
    assert item("<guid>a/../b</guid>").aliases[1].value == "a/../b"
    assert entry("<id>post/1</id>").aliases[1].value == "post/1"
    assert entry("<id>https://up.test//x/../y?</id>").id == "https://up.test//x/../y?"


# --- persons, languages, rights, places ------------------------------------------------------------------


def test_an_atom_entry_without_author_has_the_feeds() -> None:
    assert entry("<title>T</title>", feed="<author><name>Ann</name></author>").authors == (Person(name="Ann"),)
    assert item("<title>T</title>", channel="<managingEditor>e@up.test (Ed)</managingEditor>").authors == ()


def test_rights_of_the_feed_are_those_of_its_entries() -> None:
    assert item("<title>T</title>", channel="<copyright>(c) Up</copyright>").rights == "(c) Up"
    assert entry("<title>T</title>", feed="<rights>(c) Up</rights>").rights == "(c) Up"


def test_languages() -> None:
    channel = "<language>en_US</language>"
    assert item("<title>T</title>", channel).language == "en-US"
    assert item("<title>T</title>", channel, language="id").language == "id"
    assert item("<title>T</title><dc:language>fr</dc:language>", channel, language="id").language == "fr"
    assert item("<title>T</title><dc:language>French, please</dc:language>", channel).language == "en-US"
    assert entry("<title xml:lang='de'>T</title>", attributes='xml:lang="en"').language == "de"
    assert item("<title>T</title>", "<language>en-us</language>").language == "en-US"
    assert item("<title>T</title>").language is None


@pytest.mark.parametrize(
    ("inside", "point"),
    [
        ("<georss:point>45.5 -71.9</georss:point>", Point(latitude=45.5, longitude=-71.9)),
        ("<georss:where><gml:Point><gml:pos>45.5 -71.9</gml:pos></gml:Point></georss:where>",
         Point(latitude=45.5, longitude=-71.9)),
        ("<geo:lat>45.5</geo:lat><geo:long>-71.9</geo:long>", Point(latitude=45.5, longitude=-71.9)),
        ("<georss:point>95 0</georss:point>", None),
        ("<georss:point>nan 0</georss:point>", None),
        ("<georss:point>north</georss:point>", None),
        ("<gml:pos>1 2</gml:pos>", None),
        ("<geo:lat>45.5</geo:lat>", None),
        ("<georss:line>1 2 3 4</georss:line>", None),
    ],
)  # fmt: skip
def test_places(inside: str, point: Point | None) -> None:
    assert item(f"<title>T</title>{inside}").point == point


def test_the_origin_is_the_feeds_own_word_about_itself() -> None:
    feed = "<link rel='self' href='https://up.test/self.atom'/><link href='https://up.test/'/>"
    assert entry("<title>T</title>", feed=feed).origin == Origin(
        title="Up", id="urn:x:feed", url="https://up.test/self.atom", link="https://up.test/"
    )
    (draft,) = read("<rss><channel><item><title>T</title></item></channel></rss>").drafts
    assert draft.origin == Origin(title="up.test", url=URL)


@pytest.mark.parametrize(
    ("said", "id_"),
    [
        ("urn:x:other", "urn:x:other"),
        ("https://ö.test/", "https://ö.test/"),
        ("urn:", None),
        ("", None),
    ],
)
def test_the_id_of_an_origin_is_an_absolute_iri_or_none(said: str, id_: str | None) -> None:
    origin = entry(f"<title>T</title><source><id>{said}</id><title>Other</title></source>").origin
    assert origin is not None
    assert origin.id == id_


# --- dates -------------------------------------------------------------------------------------------------


def test_dates() -> None:
    draft = item("<title>T</title><dc:date>2026-11-02T07:00:00Z</dc:date>")
    assert draft.published_at_first == draft.updated == datetime(2026, 11, 2, 7, tzinfo=UTC)
    assert item("<title>T</title>").published_at_first is None


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("Fri, 20 Nov 2026 12:00:01 GMT", "in the future"),
        ("Fri, 20 Nov 2099 12:00:01 GMT", "in the future"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "none that can be believed"),
        ("yesterday", "none that can be believed"),
    ],
)
def test_dates_that_nobody_believes_are_reported(date: str, said: str) -> None:
    inside = f"<title>T</title><pubDate>{date}</pubDate>"
    assert item(inside).published_at_first is None
    (complaint,) = complaints(inside)
    assert complaint.startswith(f"up: T: the date {date!r}")
    assert said in complaint


# --- identity ------------------------------------------------------------------------------------------------


def test_order_and_copies() -> None:
    came = read(
        rss(
            "<item><title>New</title><guid>https://up.test/2</guid></item>"
            "<item><title>Old</title><guid>https://up.test/1</guid></item>"
            "<item><title>New</title><guid>https://up.test/2</guid></item>"
        )
    )
    assert [draft.title for draft in came.drafts] == ["New", "Old"]


def test_one_guid_for_several_entries() -> None:
    came = read(
        rss(
            "<item><title>A</title><link>https://up.test/a</link><guid>https://up.test/</guid></item>"
            "<item><title>B</title><link>https://up.test/b</link><guid>https://up.test/</guid></item>"
            "<item><title>C</title><link>https://up.test/b</link><guid>https://up.test/</guid></item>"
        )
    )
    first, second, third = came.drafts
    assert first.id == "https://up.test/"
    assert len({draft.id for draft in came.drafts}) == 3
    assert {alias.kind for alias in first.aliases} == {AliasKind.GUID_AND_URL, AliasKind.URL}
    assert "https://up.test/" not in {alias.value for draft in came.drafts for alias in draft.aliases}
    assert not {alias.value for alias in second.aliases} & {alias.value for alias in third.aliases}


def test_ids_of_entries_that_have_none() -> None:
    linked = item("<title>A</title><link>https://up.test/a</link>")
    assert [alias.kind for alias in linked.aliases] == [AliasKind.URL]
    bare = item("<title>A</title><description>Words</description>")
    assert [(alias.kind, alias.value[:16]) for alias in bare.aliases] == [(AliasKind.GUID, "feedmill:digest:")]
    assert bare.aliases == item("<title>A</title><description>Words</description>").aliases
    assert bare.aliases != item("<title>A</title><description>Other words</description>").aliases
    dated = "<title>A</title><pubDate>Fri, 20 Nov 2026 08:00:00 GMT</pubDate><description>%s</description>"
    assert item(dated % "Words").aliases == item(dated % "Words, corrected").aliases
    assert linked.id.startswith("tag:s.test,2026-11-20:up/")  # the day of the first look
    assert linked.id != bare.id


def test_an_entry_without_guid_is_known_by_its_words_where_another_has_its_address() -> None:
    """Its address would lead to the other, and it would be new at each look."""
    lone = "<item><title>A</title><link>https://up.test/</link></item>"
    (draft,) = read(rss(lone)).drafts
    assert [alias.kind for alias in draft.aliases] == [AliasKind.URL]
    beside = "<item><title>B</title><link>https://up.test/</link><guid>b</guid></item>"
    first, second = read(rss(beside + lone)).drafts
    assert AliasKind.GUID in {alias.kind for alias in first.aliases}
    (words,) = second.aliases
    assert words.kind is AliasKind.GUID
    assert words.value.startswith("feedmill:digest:")
    assert second.id == draft.id


def test_an_enclosure_is_a_name_of_its_entry() -> None:
    sound = "<enclosure url='https://www.up.test/1.mp3?utm_source=x'/><enclosure url='https://up.test/2.mp3'/>"
    named = [alias.value for alias in item(sound).aliases if alias.kind is AliasKind.ENCLOSURE]
    assert named == ["//up.test/1.mp3"]


def test_a_monstrous_guid() -> None:
    draft = item(f"<title>A</title><guid>{'x' * 5000}</guid>")
    assert max(len(alias.value) for alias in draft.aliases) < 100


# --- broken feeds ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "empty body"),
        (" \n\ufeff ", "empty body"),
        ("<!DOCTYPE html><html><body>Not found</body></html>", "HTML page"),
        ("<?xml version='1.0'?>\n<!-- x -->\n<html xmlns='http://www.w3.org/1999/xhtml'/>", "HTML page"),
        ("<urlset><url/></urlset>", "not a feed: its outermost element is <urlset>"),
        ("plain words", "not well-formed"),
        ('{"a": 1}', "not a JSON Feed"),
        ("[1, 2]", "not a JSON Feed"),
        ("<rss><channel><title>Up</title>", "no entry could be read"),
        ("\x00\x01\x02", "empty body"),
    ],
)
def test_what_is_no_feed(body: str, message: str) -> None:
    with pytest.raises(NormalizeError, match=message) as caught:
        read(body)
    assert caught.value.where == URL


def test_an_empty_feed_is_no_error() -> None:
    assert read(rss("")) == Normalized()


ONE = "<item><title>One</title><link>https://up.test/1</link></item>"


@pytest.mark.parametrize(
    ("body", "titles"),
    [
        (rss(f"{ONE}<item><title>Tw")[:-16], ["One", "Tw"]),
        (rss("<item><title>Q&A</title><link>https://up.test/?a=1&b=2</link></item>"), ["Q&A"]),
        (rss("<item><title>A&nbsp;B &eacute; &foo; &#0; &#x1F;</title></item>"), ["A B é &foo;"]),
        (rss("<item><title>A <b>B</title></item>" + ONE), ["A B", "One"]),
        (rss(ONE) + "<script>junk</script>", ["One"]),
        ("<b>Warning</b>: mysql\n<?xml version='1.0'?>" + rss(ONE), ["One"]),
        ("\n\n <?xml version='1.0'?>" + rss(ONE), ["One"]),
        ('<rss version=2.0><channel><item><title x=y z="a b=c">One</title></item></channel></rss>', ["One"]),
        ("<rss><channel><item><title>One</title><dc:creator>Ann</dc:creator><foo:x/></item></channel></rss>", ["One"]),
        ("<rss><rss:channel><rss:item><rss:title>One</rss:title></rss:item></rss:channel></rss>", ["One"]),
        (rss("<item><title>O\x07ne</title></item>"), ["One"]),
    ],
)
def test_broken_feeds_are_salvaged_and_reported(body: str, titles: list[str]) -> None:
    came = read(body)
    assert [draft.title for draft in came.drafts] == titles
    if "Warning" not in body and not body.startswith("\n"):
        assert came.problems


def test_addresses_survive_bare_ampersands_and_undeclared_prefixes() -> None:
    came = read(
        "<rss><channel><item><title>T</title><link>https://up.test/?a=1&b=2</link><dc:creator>Ann</dc:creator>"
        "<content:encoded><![CDATA[<p>A & B&nbsp;C</p>]]></content:encoded></item></channel></rss>"
    )
    (draft,) = came.drafts
    assert draft.url == "https://up.test/?a=1&b=2"
    assert draft.authors == (Person(name="Ann"),)
    assert draft.content == "<p>A &amp; B&nbsp;C</p>"


def test_a_place_in_a_strange_place_costs_only_itself() -> None:
    strange = "<gml:Polygon><gml:pos>1 2</gml:pos></gml:Polygon><textInput><link>x</link></textInput>"
    (draft,) = read(rss(f"<item><title>T</title><description>D</description>{strange}</item>")).drafts
    assert (draft.title, draft.summary) == ("T", "D")


@pytest.mark.parametrize(
    ("encoding", "declared", "charset"),
    [
        ("utf-8", None, None),
        ("utf-8", "iso-8859-1", "utf-8"),
        ("utf-8", "utf-8", "iso-8859-1"),
        ("iso-8859-1", "iso-8859-1", None),
        ("iso-8859-1", "utf-8", "iso-8859-1"),
        ("iso-8859-1", "utf-8", None),
        ("iso-8859-1", "no-such-encoding", "neither-this"),
        ("cp1252", "windows-1252", None),
        ("utf-8-sig", None, "us-ascii"),
        ("utf-16", "utf-16", None),
        ("utf-16-le", "utf-16", None),
        ("utf-16-be", None, None),
        ("utf-32", "utf-32", None),
        ("koi8-r", None, "koi8-r"),
        ("shift_jis", "Shift_JIS", None),
    ],
)
def test_encodings(encoding: str, declared: str | None, charset: str | None) -> None:
    title = {"koi8-r": "Привет", "shift_jis": "日本語"}.get(encoding, "Café")
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else "<?xml version='1.0'?>"
    body = (declaration + rss(f"<item><title>{title}</title></item>")).encode(encoding)
    (draft,) = read(body, charset=charset).drafts
    assert draft.title == title


def test_a_torn_letter_does_not_spoil_the_others() -> None:
    body = rss("<item><title>Café crème brûlée à côté</title></item>").encode().replace("à".encode(), b"\xc3")
    came = read(body)
    assert came.drafts[0].title.startswith("Café crème brûlée")
    assert "damaged UTF-8" in str(came.problems[0])


# --- hostile feeds -----------------------------------------------------------------------------------------------


def bomb() -> str:
    lines = ['<!ENTITY a0 "ha">'] + [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)]
    return f"<!DOCTYPE rss [{''.join(lines)}]>" + rss("<item><title>T&a11;</title></item>")


HOSTILE: dict[str, Callable[[], str]] = {
    "entity bomb": bomb,
    "external entity": lambda: (
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss("<item><title>T&x;</title></item>")
    ),
    "external DTD": lambda: '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">' + rss("<item><title>T</title></item>"),
    "deep": lambda: rss("<item><title>T</title>" + "<a>" * 200_000 + "</a>" * 200_000 + "</item>"),
    "deep text": lambda: rss("<item><title>T</title><description>" + "<b>" * 200_000 + "</description></item>"),
    "deep escaped text": lambda: rss(
        "<item><title>T</title><description>" + "&lt;b&gt;" * 200_000 + "</description></item>"
    ),
    "blank lines": lambda: "\n" * 300_000 + rss("<item><title>T</title></item>"),
    "endless declaration": lambda: "<?xml " + "encoding='" * 100_000 + "?>" + rss("<item><title>T</title></item>"),
    "endless author": lambda: rss(f"<item><title>T</title><author>{'a.a-' * 100_000}@</author></item>"),
    "many categories": lambda: rss(
        "<item><title>T</title>" + "".join(f"<category>{n}</category>" for n in range(30_000)) + "</item>"
    ),
    "long base": lambda: rss(f"<item xml:base='http://a/{'a/' * 100_000}'><title>T</title>{'<x/>' * 20_000}</item>"),
    "many attributes": lambda: rss(f"<item><title>T</title><x {' '.join(['a=b'] * 50_000)}/></item>"),
    "many blanks in XHTML": lambda: atom(
        f"<entry><title>T</title><content type='xhtml'>{chr(10) * 300_000}<div/></content></entry>"
    ),
    "many blanks in XHTML without markup": lambda: atom(
        f"<entry><title>T</title><content type='xhtml'>{chr(10) * 300_000}x</content></entry>"
    ),
    "strange namespace": lambda: rss("<item><title>T</title><x xmlns='http://a b c'/></item>"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_feeds_do_no_harm(kind: str) -> None:
    (draft,) = read(HOSTILE[kind]()).drafts
    assert draft.title in {"T", "T&x;", "T&a11;"}
    assert len(draft.categories) <= 500


def test_declared_texts_are_put_in_place() -> None:
    head = '<!DOCTYPE rss [<!ENTITY co "Company &#169;"> <!ENTITY me \'Me\'><!ENTITY nbsp "&#160;">]>'
    (draft,) = read(head + rss("<item><title>&me;&nbsp;of &co;</title></item>")).drafts
    assert draft.title.startswith("Me of ")


def test_problems_are_counted_rather_than_listed_for_ever() -> None:
    came = read(rss("".join(f"<item><title>{n}</title><pubDate>never</pubDate></item>" for n in range(50))))
    assert len(came.problems) == 21
    assert "30 more" in str(came.problems[-1])


# --- properties -----------------------------------------------------------------------------------------------------

# Each is a word here; an underscore stands for a blank.
WORDS = """
    <item> </item> <entry> </entry> <title> </title> <link/> <link_href='x'/> <guid> </guid> <description>
    </description> <content_type='xhtml'> </content> <div> <![CDATA[ ]]> <!-- --> & &amp; &x; &#0; < > " words https://a.test/
    <category> <category_term='t'/> <gml:pos>1_2</gml:pos> <gml:Point> <georss:where> <media:content_url='/a'/>
    <media:thumbnail> <source> </source> <author> </author> <dc:creator> <image> <textInput> <enclosure_url='http://['/>
    <name> <pubDate>x</pubDate> _xml:base='http://[x' <contributor> <channel> </channel> <where> \x00
"""
PIECES = [word.replace("_", " ") for word in WORDS.split()]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=30), st.sampled_from([rss, atom, str]))
def test_mutated_feeds_never_fail_otherwise(pieces: list[str], wrap: Callable[[str], str]) -> None:
    never_fails(wrap("".join(pieces)).encode("utf-8", "replace"))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda raw: b"<rss>" + raw))
def test_random_bytes_never_fail_otherwise(body: bytes) -> None:
    never_fails(body)


def never_fails(body: bytes) -> None:
    try:
        came = read(body)
    except NormalizeError:
        return
    assert all(draft.title and draft.id for draft in came.drafts)
    assert len({draft.id for draft in came.drafts}) == len(came.drafts)


@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(["", "1", "2"]), st.sampled_from(["", "x", "y"])), max_size=8
    )
)
def test_no_two_drafts_share_an_id(items: list[tuple[str, str, str]]) -> None:
    body = "".join(
        f"<item><title>{title}</title>"
        + (f"<guid>https://up.test/{guid}</guid>" if guid else "")
        + (f"<link>https://up.test/{link}</link>" if link else "")
        + "</item>"
        for title, guid, link in items
    )
    drafts = read(rss(body)).drafts
    assert len({draft.id for draft in drafts}) == len(drafts)
    assert drafts == read(rss(body)).drafts
    exact = [alias for draft in drafts for alias in draft.aliases if alias.kind is AliasKind.GUID]
    assert len(exact) == len(set(exact))
