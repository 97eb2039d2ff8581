"""A document of each format that breaks no rule at all; tests break one rule at a time."""

from __future__ import annotations

RSS = """\
<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"\
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"\
 xmlns:georss="http://www.georss.org/georss">
<channel>
<title>Kabar</title>
<link>https://example.org/</link>
<description>Berita</description>
<language>id</language>
<managingEditor>editor@example.org (Editor)</managingEditor>
<lastBuildDate>Tue, 03 Nov 2026 08:30:00 GMT</lastBuildDate>
<ttl>60</ttl>
<cloud domain="rpc.example.org" port="80" path="/rpc" registerProcedure="ping" protocol="soap"/>
<image><url>https://example.org/l.png</url><title>Kabar</title><link>https://example.org/</link><width>88</width></image>
<textInput><title>Cari</title><description>Cari</description><name>q</name><link>https://example.org/q</link></textInput>
<skipHours><hour>0</hour><hour>23</hour></skipHours>
<skipDays><day>Sunday</day></skipDays>
<atom:link rel="self" href="https://example.org/rss.xml" type="application/rss+xml"/>
<item>
<title>Satu</title>
<link>https://example.org/1</link>
<description>&lt;p&gt;Kata. &lt;a href="https://example.org/a"&gt;a&lt;/a&gt;&lt;/p&gt;</description>
<author>sari@example.org</author>
<category domain="https://example.org/topics">kota</category>
<comments>https://example.org/1#c</comments>
<enclosure url="https://example.org/1.mp3" length="0" type="audio/mpeg"/>
<guid>https://example.org/1</guid>
<pubDate>Mon, 02 Nov 2026 07:00:00 +0700</pubDate>
<source url="https://example.com/rss.xml">Asal</source>
</item>
<item>
<title>Dua</title>
<guid isPermaLink="false">2</guid>
<pubDate>1 Nov 26 07:00 EST</pubDate>
</item>
</channel>
</rss>
"""

ATOM = """\
<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="id" xmlns:x="urn:x-example:x">
<id>tag:example.org,2026:feed</id>
<title>Kabar</title>
<updated>2026-11-03T08:30:00Z</updated>
<author><name>Redaksi</name><email>r@example.org</email><uri>https://example.org/r</uri></author>
<link rel="self" href="https://example.org/atom.xml" type="application/atom+xml"/>
<link href="https://example.org/" hreflang="id" type="text/html"/>
<link href="https://example.org/en" hreflang="en" type="text/html"/>
<generator uri="https://example.org/g" version="1">G</generator>
<icon>https://example.org/i.png</icon>
<x:extra>whatever<x:deeper on="1"/></x:extra>
<entry>
<id>tag:example.org,2026:1</id>
<title type="html">&lt;b&gt;Satu&lt;/b&gt;</title>
<updated>2026-11-03T08:30:00.5+07:00</updated>
<published>2026-11-02T08:30:00Z</published>
<link href="https://example.org/1"/>
<link rel="enclosure" href="https://example.org/1.mp3" type="audio/mpeg" length="1"/>
<category term="kota" scheme="https://example.org/topics" label="Kota"/>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Kata</p></div></content>
<source><id>https://example.com/</id><title>Asal</title><updated>2026-11-03T08:30:00Z</updated></source>
</entry>
<entry>
<id>tag:example.org,2026:2</id>
<title>Dua</title>
<updated>2026-11-01T08:30:00Z</updated>
<summary type="html">&lt;img src="https://example.org/2.png"&gt;</summary>
<content type="image/png" src="https://example.org/2.png"/>
</entry>
</feed>
"""

JSON = """\
{
"version": "https://jsonfeed.org/version/1.1",
"title": "Kabar",
"home_page_url": "https://example.org/",
"feed_url": "https://example.org/feed.json",
"next_url": "https://example.org/feed-2.json",
"language": "id",
"authors": [{"name": "Redaksi"}],
"hubs": [{"type": "WebSub", "url": "https://hub.example.org/"}],
"_ours": {"about": "https://example.org/ours"},
"items": [
{
"id": "1",
"url": "https://example.org/1",
"title": "Satu",
"content_html": "<p>Kata</p>",
"date_published": "2026-11-02T08:30:00+07:00",
"tags": ["kota"],
"attachments": [{"url": "https://example.org/1.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 12}]
},
{
"id": "2", "content_text": "Dua",
"date_published": "2026-11-01T08:30:00z"
}
]
}
"""

RDF = """\
<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<channel rdf:about="https://example.org/">
<title>Kabar</title><link>https://example.org/</link><description>Berita</description>
</channel>
<item rdf:about="https://example.org/1">
<title>Satu</title><link>https://example.org/1</link>
</item>
</rdf:RDF>
"""
