"""Every rule, broken: what is told, and in which line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from documents import ATOM, JSON, RDF, RSS
from feedmill.render.rules import TABLES, Served, Severity, examine

NOW = datetime(2026, 11, 25, tzinfo=UTC)
DOCUMENTS = {"RSS 2.0": RSS, "Atom 1.0": ATOM, "JSON Feed 1.1": JSON, "RSS 1.0": RDF}

# The format, what is replaced by what (first place only), the rule, the line, and words of what is told.
BROKEN = [
    ("RSS 2.0", ' version="2.0"', "", "version", 2, "does not say its version"),
    ("RSS 2.0", 'version="2.0"', 'version="3.0"', "version", 2, "no version `3.0`"),
    ("RSS 2.0", 'version="2.0"', 'version="0.92"', "old-version", 2, "RSS 0.92"),
    ("RSS 2.0", "</channel>", "</channel><channel/>", "one-channel", 2, "has 2 <channel>"),
    ("RSS 2.0", "</channel>", "</channel><item><title>x</title></item>", "one-channel", 34, "outside of the <channel>"),
    ("RSS 2.0", "<description>Berita</description>", "", "channel-required", 3, "no <description>"),
    ("RSS 2.0", "<title>Dua</title>", "", "item-says-something", 29, "neither <title> nor <description>"),
    ("RSS 2.0", "<ttl>60</ttl>", "<tll>60</tll>", "known-elements", 10, "no <tll> in <channel>"),
    ("RSS 2.0", "<title>Dua</title>", "<title>Dua</title><ttl>1</ttl>", "known-elements", 30, "no <ttl> in <item>"),
    ("RSS 2.0", "<hour>0</hour>", "<hours>0</hours>", "known-elements", 14, "no <hours> in <skipHours>"),
    ("RSS 2.0", "<title>Dua</title>", "<title>Dua</title>\n<title>2</title>", "once", 31, "has 2 <title>"),
    ("RSS 2.0", "<guid>", '<enclosure url="https://example.org/2.mp3" length="1" type="a/b"/><guid>',
     "one-enclosure", 25,
     "several <enclosure>"),
    ("RSS 2.0", "<category ", '<category id="1" ', "known-attributes", 22, "no attribute `id` of <category>"),
    ("RSS 2.0", "</item>", "words</item>", "stray-text", 17, "between the elements of <item>"),
    ("RSS 2.0", "<title>Dua</title>", "<title><b>Dua</b></title>", "nested-markup", 30, "<title> has elements inside"),
    ("RSS 2.0", "https://example.org/1</link>", "/1</link>",
     "addresses", 19, "<link> is not an absolute address: `/1`"),
    ("RSS 2.0", "https://example.org/1#c", "https://example.org/1 c", "addresses", 23, "<comments> is not"),
    ("RSS 2.0", 'url="https://example.com/rss.xml"', 'url="rss.xml"', "addresses", 27, "url of <source>"),
    ("RSS 2.0", "Tue, 03 Nov", "Wed, 03 Nov", "dates", 9, "was a Tue, not a Wed"),
    ("RSS 2.0", "03 Nov 2026", "31 Nov 2026", "dates", 9, "does not exist"),
    ("RSS 2.0", "Mon, 02 Nov 2026 07:00:00 +0700", "2026-11-02T07:00:00Z", "dates", 26, "is not a date like"),
    ("RSS 2.0", "<language>id<", "<language>bahasa_id<", "language", 7, "`bahasa_id`"),
    ("RSS 2.0", "<ttl>60<", "<ttl>1h<", "ttl", 10, "`1h`"),
    ("RSS 2.0", 'path="/rpc" ', "", "cloud", 11, "no path"),
    ("RSS 2.0", '"soap"', '"smtp"', "cloud", 11, "no protocol `smtp`"),
    ("RSS 2.0", 'port="80"', 'port="http"', "cloud", 11, "not a number: `http`"),
    ("RSS 2.0", "<url>https://example.org/l.png</url>", "", "image", 12, "<image> has no <url>"),
    ("RSS 2.0", "<width>88<", "<width>500<", "image", 12, "from 1 to 144"),
    ("RSS 2.0", "<name>q</name>", "", "text-input", 13, "no <name>"),
    ("RSS 2.0", "<hour>23<", "<hour>24<", "skip-hours", 14, "`24` is no <hour>"),
    ("RSS 2.0", "<hour>23<", "<hour>00<", "skip-hours", 14, "lists `00` twice"),
    ("RSS 2.0", "<day>Sunday<", "<day>Minggu<", "skip-days", 15, "`Minggu` is no <day>"),
    ("RSS 2.0", 'isPermaLink="false"', 'isPermaLink="no"', "permalink", 31, "neither true nor false"),
    ("RSS 2.0", ' isPermaLink="false"', "", "permalink", 31, "claims to be an address"),
    ("RSS 2.0", ' length="0"', "", "enclosure", 24, "no length"),
    ("RSS 2.0", ' length="0"', ' length="1 MB"', "enclosure", 24, "not a number of bytes"),
    ("RSS 2.0", '"audio/mpeg"', '"mp3"', "enclosure", 24, "not a media type: `mp3`"),
    ("RSS 2.0", '"https://example.org/1.mp3"', '"magnet:?x"', "enclosure", 24, "not on the web"),
    ("RSS 2.0", '<source url="https://example.com/rss.xml"', "<source", "source", 27, "no url"),
    ("RSS 2.0", "<author>sari@example.org", "<author>Sari", "people", 21, "no e-mail address: `Sari`"),
    ("RSS 2.0", '<guid isPermaLink="false">2<', "<guid>https://example.org/1<", "unique-guids", 31, "twice"),
    ("RSS 2.0", "<title>Satu<", "<title> <", "blank", 18, "<title> is blank"),
    ("RSS 2.0", "<title>Kabar</title><link>", "<title>K</title><link>", "image-of-channel", 12, "<title> of <image>"),
    ("RSS 2.0", "<guid>", "<dc:date>2026-11-02T00:00:00Z</dc:date><guid>", "said-twice", 25, "<pubDate> and dc:date"),
    ("RSS 2.0", 'rel="self"', 'rel="hub"', "self-link", 3, "does not say its own address"),
    ("Atom 1.0", "<id>tag:example.org,2026:2</id>", "", "required", 24, "<entry> has no <id>"),
    ("Atom 1.0", "<title>Dua</title>", "<title>D</title><title>E</title>", "once", 26, "has 2 <title>"),
    ("Atom 1.0", "<title>Dua", "<modified/><title>Dua", "known-elements", 26, "no <modified> in <entry>"),
    ("Atom 1.0", "</feed>", "<subtitle>s</subtitle></feed>", "metadata-first", 31, "stands after an <entry>"),
    ("Atom 1.0",
     "<author><name>Redaksi</name><email>r@example.org</email><uri>https://example.org/r</uri></author>", "",
     "author", 13, "nor the feed has an <author>"),
    ("Atom 1.0", '<content type="image/png" src="https://example.org/2.png"/>', "",
     "content-or-link", 24, "alternate <link>"),
    ("Atom 1.0", 'hreflang="en"', 'hreflang="id"', "one-alternate", 9, "two alternate <link>"),
    ("Atom 1.0", "tag:example.org,2026:2", "2026/2", "ids", 25, "not an absolute IRI: `2026/2`"),
    ("Atom 1.0", "2026-11-01T08:30:00Z", "2026-11-01 08:30:00Z", "dates", 27, "is not a date like"),
    ("Atom 1.0", "2026-11-01T08:30:00Z", "2026-11-31T08:30:00Z", "dates", 27, "does not exist"),
    ("Atom 1.0", "2026-11-01T08:30:00Z", "2026-11-01T08:30:00", "dates", 27, "is not a date like"),
    ("Atom 1.0", 'href="https://example.org/1"', 'href="https://example.org/a b"', "addresses", 18, "no IRI"),
    ("Atom 1.0", "<icon>https://example.org", "<icon>", "relative-addresses", 11, "is relative: `/i.png`"),
    ("Atom 1.0", 'scheme="https://example.org/topics"', 'scheme="topics"', "category", 20, "scheme of <category>"),
    ("Atom 1.0", 'term="kota" ', "", "category", 20, "no term"),
    ("Atom 1.0", ' href="https://example.org/1"', "", "link", 18, "no href"),
    ("Atom 1.0", 'rel="enclosure"', 'rel="x:"', "link", 19, "neither a word nor an IRI"),
    ("Atom 1.0", '"audio/mpeg"', '"mp3"', "media-types", 19, "type of <link>"),
    ("Atom 1.0", '"image/png"', '"png"', "media-types", 29, "type of <content>"),
    ("Atom 1.0", '<title type="html">', '<title type="text/html">', "texts", 15, "type that texts have not"),
    ("Atom 1.0", "<title>Dua", "<title><x:b/>Dua", "texts", 26, "does not say that it is xhtml"),
    ("Atom 1.0", 'xmlns="http://www.w3.org/1999/xhtml"', 'xmlns="urn:x"', "texts", 21, "one <div> of XHTML"),
    ("Atom 1.0", 'src="https://example.org/2.png"/>', 'src="https://example.org/2.png">x</content>',
     "content-elsewhere", 29, "something inside"),
    ("Atom 1.0", '<summary type="html">&lt;img src="https://example.org/2.png"&gt;</summary>', "",
     "content-elsewhere", 24,
     "no <summary>"),
    ("Atom 1.0", "<name>Redaksi</name>", "", "people", 6, "<author> has no <name>"),
    ("Atom 1.0", "r@example.org", "redaksi", "people", 6, "`redaksi`"),
    ("Atom 1.0", 'xml:lang="id"', 'xml:lang="id_ID"', "languages", 2, "`id_ID`"),
    ("Atom 1.0", 'xml:lang="id"', 'xml:lang="id" lang="id"', "grammar", 2, "breaks the grammar"),
    ("Atom 1.0", "tag:example.org,2026:2</id>\n<title>Dua</title>\n<updated>2026-11-01T08:30:00Z",
     "tag:example.org,2026:1</id>\n<title>Dua</title>\n<updated>2026-11-03T08:30:00.5+07:00",
     "versions-differ", 25, "twice"),
    ("Atom 1.0", "<title>Dua<", "<title><", "blank", 26, "<title> is blank"),
    ("Atom 1.0", 'rel="self"', 'rel="via"', "self-link", 2, "does not say its own address"),
    ("Atom 1.0", 'length="1"', 'length="1k"', "length", 19, "not a number of bytes"),
    ("Atom 1.0", '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Kata</p></div></content>', "",
     "says-something", 13, "neither content nor summary"),
    ("RSS 2.0", "<guid>", '<media:content url="https://example.org/a b"/><guid>', "media", 25, "no address"),
    ("RSS 2.0", "<guid>", "<media:content/><guid>", "media", 25, "<media:content> has no url"),
    ("RSS 2.0", "<guid>", "<media:group><media:thumbnail/></media:group><guid>", "media", 25, "has no url"),
    ("RSS 2.0", "<guid>", '<media:content url="/" width="big"/><guid>', "media", 25, "not a number: `big`"),
    ("RSS 2.0", "<guid>", '<media:content url="/" medium="film"/><guid>', "media", 25, "no medium `film`"),
    ("RSS 2.0", "<guid>", '<media:content url="/" type="jpg"/><guid>', "media", 25, "not a media type"),
    ("RSS 2.0", "<guid>", "<georss:point>91 0</georss:point><guid>", "point", 25, "no place: `91 0`"),
    ("RSS 2.0", "<guid>", "<georss:point>here</georss:point><guid>", "point", 25, "no place: `here`"),
    ("RSS 2.0", "<guid>", "<dc:date>2 Nov 2026</dc:date><guid>", "dublin-core-date", 25, "is not a date like"),
    ("RSS 2.0", "<guid>", "<content:encoded>a</content:encoded>" * 2 + "<guid>", "content-once", 25,
     "several <content"),
    ("RSS 2.0", ' href="https://example.org/rss.xml"', "", "atom-link", 16, "no href"),
    ("RSS 2.0", "https://example.org/rss.xml", "a b", "atom-link", 16, "no IRI: `a b`"),
    ("RSS 2.0", "application/rss+xml", "rss", "atom-link", 16, "not a media type: `rss`"),
    ("RSS 2.0", 'rel="self"', 'rel="self" hreflang="id_ID"', "atom-link", 16, "a language that is none"),
    ("RSS 2.0", "<guid>", "<atom:updated>now</atom:updated><guid>", "atom-date", 25, "is not a date like"),
    ("RSS 2.0", "<guid>", "<atom:updated>2026-11-01T00:00:00Z</atom:updated>" * 2 + "<guid>", "atom-date", 25,
     "2 <atom:updated>"),
    ("RSS 2.0", "<guid>", "<atom:contributor/><guid>", "atom-person", 25, "0 <atom:name>"),
    ("RSS 2.0", "<item>", '<item xml:lang="id_ID">', "xml-lang", 17, "`id_ID`"),
    ("JSON Feed 1.1", '"version": "https://jsonfeed.org/version/1.1",', "", "version", 1, "does not say its version"),
    ("JSON Feed 1.1", "version/1.1", "version/2", "version", 2, "no version"),
    ("JSON Feed 1.1", "version/1.1", "version/1", "old-version", 2, "1.0"),
    ("JSON Feed 1.1", '"title": "Kabar",', "", "feed-required", 1, "no `title`"),
    ("JSON Feed 1.1", '"title": "Satu",', '"title": "Satu", "title": "1",', "once", 1, "the key `title` stands twice"),
    ("JSON Feed 1.1", '{"about": "https://example.org/ours"}', "1", "extensions", 10, "not an object"),
    ("JSON Feed 1.1", '"_ours"', '"_1"', "extensions", 10, "`_1` is no name of an extension"),
    ("JSON Feed 1.1", '"_ours"', '"_a.b"', "extensions", 10, "`_a.b` is no name of an extension"),
    ("JSON Feed 1.1", '"title": "Kabar"', '"title": "Kabar", "expired": "no"', "kinds", 3, "`expired` is not true or"),
    ("JSON Feed 1.1", '"hubs": [{"type": "WebSub", "url": "https://hub.example.org/"}]', '"hubs": {}', "kinds", 9,
     "`hubs` is not a list"),
    ("JSON Feed 1.1", '{"type": "WebSub", "url": "https://hub.example.org/"}', '"x"', "kinds", 9, "else than objects"),
    ("JSON Feed 1.1", '"id": "2"', '"id": " "', "item-id", 21, "no `id`"),
    ("JSON Feed 1.1", '["kota"]', '"kota"', "kinds", 18, "`tags` is not a list"),
    ("JSON Feed 1.1", '["kota"]', "[1]", "kinds", 18, "something else than texts"),
    ("JSON Feed 1.1", '"size_in_bytes": 12', '"size_in_bytes": "12"', "kinds", 19, "`size_in_bytes` is not a number"),
    ("JSON Feed 1.1", '"size_in_bytes": 12', '"size_in_bytes": true', "kinds", 19, "`size_in_bytes` is not a number"),
    ("JSON Feed 1.1", '"id": "2", ', "", "item-id", 21, "no `id`"),
    ("JSON Feed 1.1", '"id": "2"', '"id": 2', "id-is-text", 22, "not a text"),
    ("JSON Feed 1.1", '"id": "2"', '"id": "1"', "unique-ids", 22, "twice"),
    ("JSON Feed 1.1", '"content_text": "Dua"', '"summary": "Dua"', "content", 21, "neither `content_html` nor"),
    ("JSON Feed 1.1", "2026-11-02T08:30:00+07:00", "2 Nov 2026", "dates", 17, "is not a date like"),
    ("JSON Feed 1.1", '"https://example.org/1"', '"/1"', "addresses", 14, "`url` is not an absolute address"),
    ("JSON Feed 1.1", "feed-2.json", "feed.json", "next-url", 6, "leads to the feed itself"),
    ("JSON Feed 1.1", '{"name": "Redaksi"}', '{"name": ""}', "authors", 8, "neither name nor url"),
    ("JSON Feed 1.1", '"mime_type": "audio/mpeg", ', "", "attachments", 19, "no `mime_type`"),
    ("JSON Feed 1.1", '"audio/mpeg"', '"mp3"', "attachments", 19, "not a media type"),
    ("JSON Feed 1.1", '"size_in_bytes": 12', '"size_in_bytes": -1', "attachments", 19, "negative"),
    ("JSON Feed 1.1", '"type": "WebSub", ', "", "hubs", 9, "no `type`"),
    ("JSON Feed 1.1", '"language": "id"', '"language": "id_ID"', "languages", 7, "`id_ID`"),
    ("JSON Feed 1.1", '"_ours"', '"ours"', "known-keys", 10, "no `ours` here"),
    ("JSON Feed 1.1", '"authors": [{"name": "Redaksi"}]', '"author": {"name": "R"}', "one-author", 8, "JSON Feed 1.0"),
    ("JSON Feed 1.1", '"feed_url": "https://example.org/feed.json",', "", "recommended", 1, "`feed_url`"),
    ("JSON Feed 1.1", '"https://example.org/1"', '"mailto:a@b.c"', "pages", 14, "no page on the web"),
    ("RSS 1.0", "channel", "chanel", "one-channel", 2, "has 0 <channel>"),
    ("RSS 1.0", "<link>https://example.org/1</link>", "", "required", 6, "<item> has no <link>"),
    ("RSS 1.0", ' rdf:about="https://example.org/1"', "", "about", 6, "no rdf:about"),
    ("RSS 1.0", 'about="https://example.org/1"', 'about="https://example.org/"', "about", 6, "two things"),
    ("RSS 2.0", '<guid isPermaLink="false">2</guid>', "", "missing-id", 29, "no id"),
    ("RSS 2.0", "<pubDate>1 Nov 26 07:00 EST</pubDate>", "", "missing-date", 29, "no date"),
    ("RSS 2.0", "Mon, 02 Nov 2026", "Tue, 02 Nov 2027", "future-date", 26, "still to come"),
    ("Atom 1.0", "<published>2026", "<published>1970", "ancient-date", 17, "before there was a web"),
    ("RSS 2.0", "<title>Dua", "<link>https://example.org/1</link><title>Dua", "shared-link", 29, "two entries link"),
    ("RSS 2.0", "https://example.org/a", "a.html", "relative-url", 20, "relative address: `a.html`"),
    ("Atom 1.0", 'src="https://example.org/2.png"', 'src="/2.png"', "relative-url", 28, "relative address: `/2.png`"),
    ("JSON Feed 1.1", "<p>Kata", "<p onclick='x()'>Kata", "active-content", 16, "an event handler, `onclick`"),
    ("JSON Feed 1.1", "<p>Kata", "<iframe></iframe><p>Kata", "active-content", 16, "a <iframe>"),
    ("RSS 2.0", "https://example.org/a", "javascript:x()", "active-content", 20, "a script as an address"),
    ("RSS 2.0", "<title>Satu", "<title>&lt;b&gt;Satu&lt;/b&gt;", "title-markup", 17, "markup"),
    ("Atom 1.0", "https://example.org/atom.xml", "atom.xml", "self-address", 7, "which none can follow"),
]  # fmt: skip


def found(body: str, served: Served | None = None) -> dict[str, tuple[int, str]]:
    return {f.rule: (f.line, f.what) for f in reversed(examine(body.encode(), NOW, served).findings)}


@pytest.mark.parametrize("date", ["2026", "2026-11", "2026-11-02", "2026-11-02T07:00Z", "2026-11-02T07:00:00.5+07:00"])
def test_dublin_core_dates_of_every_precision(date: str) -> None:
    assert "dublin-core-date" not in found(RSS.replace("<guid>", f"<dc:date>{date}</dc:date><guid>", 1))


@pytest.mark.parametrize("form", DOCUMENTS)
def test_a_right_document_breaks_no_rule(form: str) -> None:
    verdict = examine(DOCUMENTS[form].encode(), NOW)
    assert (verdict.format, verdict.findings, verdict.valid) == (form, (), True)
    assert verdict.entries == (1 if form == "RSS 1.0" else 2)


@pytest.mark.parametrize(("form", "right", "wrong", "rule", "line", "words"), BROKEN)
def test_a_broken_rule_is_told_with_its_line(
    form: str, right: str, wrong: str, rule: str, line: int, words: str
) -> None:
    document = DOCUMENTS[form]
    assert right in document
    told = found(document.replace(right, wrong, 1 if rule != "one-channel" or form != "RSS 1.0" else -1))
    assert rule in told, told
    assert told[rule][0] == line
    assert words in told[rule][1]


SERVED = {"media-type", "self-mismatch"}


def test_every_rule_has_been_broken() -> None:
    names = {form: {row[3] for row in BROKEN if row[0] == form} for form in DOCUMENTS}
    for form, table in TABLES.items():
        broken = names[form] if form in names else set.union(*names.values()) | SERVED
        assert {rule.name for rule in table.rules} <= broken, form


def test_what_the_server_says_is_looked_at() -> None:
    right = Served(url="https://example.org/rss.xml", media_type="application/rss+xml")
    assert found(RSS, right) == {}
    told = found(RSS, Served(url="http://example.org/rss.xml", media_type="text/html"))
    assert told.keys() == SERVED
    assert told["self-mismatch"][0] == 16
    assert "text/html, not application/rss+xml" in told["media-type"][1]
    assert "calls it nothing" in found(JSON, Served(url="https://example.org/feed.json"))["media-type"][1]


@pytest.mark.parametrize(
    ("body", "rule", "words"),
    [
        (b"", "well-formed", "not well-formed"),
        (b"<rss>\n<channel>\n</rss>", "well-formed", "not well-formed"),
        (b'{"a":\n}', "well-formed", "not JSON"),
        (b'{"a": "\xff"}', "well-formed", "not UTF-8"),
        (b'{"a": NaN}', "well-formed", "NaN is no number"),
        (b'{"a": ' + b"1" * 5000 + b"}", "well-formed", "not JSON"),
        (b"[1]", "well-formed", "not an object"),
        (b'{"a":' + b"[" * 100_000, "well-formed", "too deeply"),
        (b"<html><body/></html>", "a-feed", "a web page"),
        (b"<feed/>", "a-feed", "not Atom 1.0's"),
        (b"<opml/>", "a-feed", "begins with <opml>"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_feed(body: bytes, rule: str, words: str) -> None:
    verdict = examine(body, NOW)
    assert (verdict.format, verdict.valid) == (None, False)
    assert [finding.rule for finding in verdict.findings] == [rule]
    assert words in verdict.findings[0].what


def test_what_only_looks_like_an_event_handler_is_none() -> None:
    assert found(JSON.replace("<p>Kata", "<p only='' one='1'>Kata")) == {}


def test_a_document_type_is_a_warning() -> None:
    verdict = examine(RSS.replace("<rss", "<!DOCTYPE rss>\n<rss", 1).encode(), NOW)
    assert [(finding.rule, finding.severity) for finding in verdict.findings] == [("doctype", Severity.WARNING)]


def test_an_entry_document_of_atom_is_one_entry() -> None:
    start = ATOM.index("<entry>")
    author = "<author><name>R</name></author><title"
    body = ATOM[start : ATOM.index("</entry>") + 8].replace("<title", author, 1)
    verdict = examine(body.replace("<entry>", '<entry xmlns="http://www.w3.org/2005/Atom">').encode(), NOW)
    assert (verdict.format, verdict.entries, verdict.findings) == ("Atom 1.0", 1, ())


def test_elements_of_other_vocabularies_may_stand_anywhere() -> None:
    body = ATOM.replace(
        "</feed>", '<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" ref="x"/></feed>'
    )
    assert found(body) == {}
    assert found(
        RSS.replace("<item>", "<item><dc:creator id='1'>x<b/></dc:creator>").replace("<author>s", "<author>s")
    ) == {"said-twice": (17, "<author> and dc:creator say the same")}
