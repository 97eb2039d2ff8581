"""The page of a feed: what it shows, what it never runs, and what a theme may do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from lxml import html as lxml_html

from factories import edition
from feedmill.errors import CheckFailed, RenderError
from feedmill.model import (
    Chapter,
    Content,
    Edition,
    Enclosure,
    Entry,
    Episode,
    FeedSpec,
    Listing,
    Origin,
    Person,
    Thumbnail,
    Transcript,
    Upstream,
)
from feedmill.render import html, site
from feedmill.render._embedded import embedded
from feedmill.render._page import direction
from strategies import entry_lists, feed_specs, fragments

TEMPLATES = Path(html.__file__).with_name("templates")
UPDATED = datetime(2026, 11, 3, 8, 30, tzinfo=UTC)


def page(spec: FeedSpec, entries: Sequence[Entry], **fields: Any) -> Any:
    """The page as a parser sees it; it passed its check."""
    body = html.render(edition(spec, entries, UPDATED, **fields))
    html.check(body, entries)
    return lxml_html.document_fromstring(body)


def text(element: Any, path: str) -> list[str]:
    return [" ".join(found.text_content().split()) for found in element.xpath(path)]


def test_the_bytes_are_those_that_were_written_down(spec: FeedSpec, entry: Entry) -> None:
    """Style and script aside, which would hide every other change."""
    golden = Path(__file__).parent / "golden" / "index.html"
    body = html.render(edition(replace(spec, formats=("rss", "atom", "html")), [entry], UPDATED)).decode()
    head, _, rest = body.partition("<style>")
    style, _, rest = rest.partition("</style>")
    before, _, rest = rest.partition("<script>")
    assert style.startswith(":root")
    told = "\n".join(line for line in head.splitlines() if "Content-Security-Policy" not in line) + "\n"
    assert (told + before).rstrip("\n") + "\n" == golden.read_text(encoding="utf-8")
    assert rest.endswith("</script>\n</body>\n</html>")


def test_people_see_where_to_subscribe(spec: FeedSpec) -> None:
    shown = page(replace(spec, formats=("atom", "html", "rss")), [])
    links = [(link.get("href"), link.get("type")) for link in shown.xpath("//aside//a")]
    assert links == [("atom.xml", "application/atom+xml"), ("rss.xml", "application/rss+xml")]
    assert text(shown, "//aside//code") == [f"{spec.base_url}atom.xml", f"{spec.base_url}rss.xml"]
    found = [(one.get("type"), one.get("href")) for one in shown.xpath("//head/link[@rel='alternate']")]
    assert found == [(kind, spec.base_url + name) for name, kind in links]


@pytest.mark.parametrize(("inside", "front"), [("all/", "../index.html"), ("all/prices/", "../../index.html")])
def test_the_way_to_the_front_page_is_relative(spec: FeedSpec, inside: str, front: str) -> None:
    shown = page(replace(spec, base_url=spec.site.feeds_url + inside), [])
    assert front in shown.xpath("//nav/a/@href")


@pytest.mark.parametrize(
    ("mode", "summary", "content", "shown"),
    [
        (Content.FULL, "S", "<p>C</p>", ["C"]),
        (Content.FULL, "S & <b>", "", ["S & <b>"]),
        (Content.FULL, "", "", []),
        (Content.SUMMARY, "S", "<p>C</p>", ["S"]),
        (Content.SUMMARY, "", "<p>C</p>", []),
        (Content.LINK, "S", "<p>C</p>", []),
    ],
)
def test_how_much_of_an_entry_is_shown(
    mode: Content, summary: str, content: str, shown: list[str], spec: FeedSpec, entry: Entry
) -> None:
    made = page(replace(spec, content=mode), [replace(entry, summary=summary, content=content)])
    assert text(made, "//article//*[@class='content']") == shown


def test_dates_are_in_the_zone_and_words_of_the_site(spec: FeedSpec, entry: Entry) -> None:
    jakarta = replace(spec, site=replace(spec.site, timezone="Asia/Jakarta"))
    night = replace(entry, published=datetime(2026, 10, 31, 17, 0, tzinfo=UTC))
    assert text(page(jakarta, [night]), "//article//time")[0] == "1 November 2026"
    assert text(page(jakarta, [night]), "//article//time")[1] == "3 November 2026, 15:30"
    german = replace(jakarta, language="de-AT")
    shown = page(german, [replace(night, updated=night.published)])
    assert text(shown, "//article//time") == ["1. November 2026"]
    assert text(shown, "//aside/h2") == ["Abonnieren"]
    assert shown.xpath("//aside/h2/@lang") == []


def test_a_language_without_words_is_told_in_english_that_says_so(spec: FeedSpec, entry: Entry) -> None:
    shown = page(replace(spec, language="jv"), [replace(entry, language="jv")])
    assert shown.get("lang") == "jv"
    assert text(shown, "//aside/h2[@lang='en'][@dir='ltr']") == ["Subscribe"]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "ltr"), ("ar", "rtl"), ("he-IL", "rtl"), ("fa", "rtl"), ("ur-PK", "rtl"), ("AR-eg", "rtl"),
        ("az", "ltr"), ("az-Arab", "rtl"), ("ar-Latn", "ltr"), ("pa-Arab-PK", "rtl"), ("zh-Hant", "ltr"), ("", "ltr"),
    ],
)  # fmt: skip
def test_the_direction_of_a_language(language: str, expected: str) -> None:
    assert direction(language) == expected


def test_each_entry_has_its_own_direction(spec: FeedSpec, entry: Entry) -> None:
    entries = [replace(entry, language=None), replace(entry, id="urn:b", language="he")]
    shown = page(replace(spec, language="ar"), entries)
    assert shown.get("dir") == "rtl"
    assert [(one.get("lang"), one.get("dir")) for one in shown.xpath("//article")] == [("ar", "rtl"), ("he", "rtl")]
    shown = page(spec, [replace(entry, language="fa")])
    assert shown.get("dir") == "ltr"
    assert shown.xpath("//article/@dir") == ["rtl"]


def test_files_are_played_or_linked(spec: FeedSpec, entry: Entry) -> None:
    files = (
        Enclosure(url="https://example.org/a.mp3", length=3 * 1024 * 1024),
        Enclosure(url="https://example.org/b", type="video/mp4", title="Film"),
        Enclosure(url="https://example.org/c%20d.pdf", length=500),
        Enclosure(url="javascript:alert(1)//x.mp3", type="audio/mpeg"),
    )
    episode = Episode(
        duration=3723,
        chapters=(Chapter(start=63, title="<i>Two</i>"),),
        transcripts=(Transcript(url="https://example.org/a.vtt", type="text/vtt"),),
    )
    shown = page(spec, [replace(entry, enclosures=files, episode=episode)])
    assert [(one.tag, one.get("preload")) for one in shown.xpath("//audio | //video")] == [
        ("audio", "none"), ("video", "none"),
    ]  # fmt: skip
    assert text(shown, "//figcaption") == ["a.mp3 1:02:03 · 3.0 MiB", "Film", "c d.pdf 500 B"]
    assert text(shown, "//details[@class='chapters']//li") == ["1:03 <i>Two</i>"]
    assert shown.xpath("//article/footer/a/@href")[0] == "https://example.org/a.vtt"


def test_a_thumbnail_stands_for_a_picture_where_there_is_none(spec: FeedSpec, entry: Entry) -> None:
    thumbnail = (Thumbnail(url="https://example.org/t.jpg"),)
    bare = replace(entry, content="<p>x</p>", thumbnails=thumbnail)
    assert page(spec, [bare]).xpath("//article/img/@src") == ["https://example.org/t.jpg"]
    assert page(spec, [replace(bare, content='<img src="https://example.org/p.jpg">')]).xpath("//article/img") == []


def test_the_sources_are_named(spec: FeedSpec) -> None:
    upstreams = (
        Upstream(title="One & only", url="https://one.example/feed", link="https://one.example/"),
        Upstream(title="Two", url="https://two.example/feed"),
    )
    shown = page(replace(spec, formats=("rss", "opml", "html")), [], upstreams=upstreams)
    links = [(link.text, link.get("href")) for link in shown.xpath("//ul[@class='upstreams']//a")]
    assert links == [("One & only", "https://one.example/"), ("Two", "https://two.example/feed")]
    assert "sources.opml" in shown.xpath("//aside//a/@href")
    assert "sources.opml" not in page(replace(spec, formats=("rss", "opml")), []).xpath("//aside//a/@href")


def test_a_feed_without_entries_says_so(spec: FeedSpec) -> None:
    assert text(page(spec, []), "//main") == ["Belum ada tulisan."]


SCRIPT = "<script>alert(1)</script>"


def test_whatever_an_entry_says_is_text(spec: FeedSpec, entry: Entry) -> None:
    hostile = replace(
        entry,
        title=f"{SCRIPT}\"'",
        url='javascript:alert(1)//"><script>',
        summary=SCRIPT,
        content="",
        authors=(Person(name=SCRIPT, uri="javascript:alert(1)"), Person(name="x", uri=f'https://x/"{SCRIPT}')),
        categories=(replace(entry.categories[0], label=SCRIPT),),
        origin=Origin(title=SCRIPT, link="data:text/html,<script>alert(1)</script>"),
        comments="vbscript:x",
        language='en" onload="alert(1)',
        enclosures=(Enclosure(url='https://x/"onerror="a', title=SCRIPT, type='a/b"onload="x'),),
    )
    named = replace(spec, title=SCRIPT, description=SCRIPT, site=replace(spec.site, title=SCRIPT, rights=SCRIPT))
    shown = page(named, [hostile])
    assert len(shown.xpath("//script")) == 1
    assert text(shown, "//article//h2") == [f"{SCRIPT}\"'"]
    assert shown.xpath("//article//h2/a") == []
    assert text(shown, "//article//p[@class='content']") == [SCRIPT]
    assert [name for one in shown.iter() for name in one.attrib if name.startswith("on")] == []


def test_a_huge_feed_is_a_page(spec: FeedSpec, entry: Entry) -> None:
    entries = [
        replace(entry, id=f"urn:{number}", title="t" * 10_000, content="<p>" + "word " * 40_000 + "</p>")
        for number in range(60)
    ]
    assert len(page(spec, entries).xpath("//article")) == 60


@settings(max_examples=60)
@given(feed_specs, entry_lists)
def test_any_feed_makes_a_page_that_passes(spec: FeedSpec, entries: list[Entry]) -> None:
    shown = page(spec, entries)
    titles = [" ".join((entry.title.strip() or entry.id).split()) for entry in entries]
    assert [" ".join(one.split()) for one in text(shown, "//article[@data-id]/header/h2")] == titles


# --- the check


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("</h1>", "</h1><script>1</script>", "a <script> that its Content-Security-Policy does not name"),
        ("</h1>", "</h1><script src='x.js'></script>", "a <script> that its Content-Security-Policy does not name"),
        ("<h1>", "<h1 onclick='x()'>", "an event handler, onclick"),
        ('href="rss.xml"', 'href=" java\nscript:x()"', "it leads to 'javascript:x()'"),
        ("</h1>", "</h1><iframe></iframe>", "it has a <iframe>"),
        ("</h1>", "</h1><base href='//x'>", "it has a <base>"),
        ("</h1>", "</h1><meta http-equiv=Refresh content='0;url=//x'>", "it leads elsewhere by itself"),
        ("script-src", "script", "no Content-Security-Policy"),
        ("script-src", "script-src &#39;unsafe-inline&#39;", "lets any script run"),
        ("<title>", "<title></title><title>", "it has not one title"),
        ('data-id="urn:a"', 'data-id="urn:c"', "the id 'urn:c' stands where 'urn:a' should"),
        ('data-id="urn:a"', "", "the id 'urn:b' stands where 'urn:a' should"),
        ('data-id="urn:b"', "", "it carries 1 entries, not 2"),
        ("<h2>A", "<h2></h2><h2>A", "the entry 'urn:a' has no title"),
    ],
)
def test_a_page_that_is_not_right_is_not_published(
    old: str, new: str, message: str, spec: FeedSpec, entry: Entry
) -> None:
    entries = [replace(entry, id=f"urn:{name.lower()}", title=name, url=None) for name in "AB"]
    body = html.render(edition(spec, entries, UPDATED)).decode()
    assert old in body
    with pytest.raises(CheckFailed) as caught:
        html.check(body.replace(old, new, 1).encode(), entries)
    assert message in str(caught.value)
    assert "index.html" in str(caught.value)


def test_nothing_is_no_page() -> None:
    with pytest.raises(CheckFailed, match="it is not HTML"):
        html.check(b"", [])


# --- content in the page

IMAGE = 'loading="lazy" decoding="async" referrerpolicy="no-referrer"'


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<p>a &amp; b &lt; c&nbsp;&#60;</p>", "<p>a &amp; b &lt; c&nbsp;&#60;</p>"),
        ("<h1>a</h1><h2>b</h2><h2>c</h2><h1>d</h1>", "<h3>a</h3><h4>b</h4><h4>c</h4><h3>d</h3>"),
        ("<h2>a</h2><h5>b</h5><h6>c</h6>", "<h3>a</h3><h4>b</h4><h5>c</h5>"),
        ("<h1>a</h1><h2>b</h2><h3>c</h3><h4>d</h4><h5>e</h5>",
         "<h3>a</h3><h4>b</h4><h5>c</h5><h6>d</h6><h6>e</h6>"),
        ("<h2></h2><h2> <br></h2>", "<div></div><div> <br></div>"),
        ('<img src="https://x/a">', f'<img src="https://x/a" alt="" {IMAGE}>'),
        ('<img src="https://x/a" alt="A">', f'<img src="https://x/a" alt="A" {IMAGE}>'),
        ('<a href="https://x/"><img src="https://x/a"></a>',
         f'<a href="https://x/" aria-label="https://x/"><img src="https://x/a" alt="" {IMAGE}></a>'),
        ('<a href="https://x/" title="T"></a>', '<a href="https://x/" title="T" aria-label="T"></a>'),
        ('<a href="https://x/"><img src="https://x/a" alt="A"></a>',
         f'<a href="https://x/"><img src="https://x/a" alt="A" {IMAGE}></a>'),
        ('<a href="https://x/?a&amp;b"><h2>t</h2></a>', '<a href="https://x/?a&amp;b"><h3>t</h3></a>'),
        ("<pre>\n a</pre>", '<pre tabindex="0">\n a</pre>'),
        ("<table><tr><td>a</td></tr></table>",
         '<div class="wide" tabindex="0"><table><tr><td>a</td></tr></table></div>'),
        ('<table><tr><th></th><th scope="col"> </th><th scope="col">a</th></tr></table>',
         '<div class="wide" tabindex="0"><table><tr><td></td><td> </td><th scope="col">a</th></tr></table></div>'),
        ('<p lang="php">a</p><code lang="en">b</code><p lang="fil">c</p>', '<p>a</p><code>b</code><p lang="fil">c</p>'),
        ('<video src="https://x/a" preload="auto" loop></video>',
         '<video src="https://x/a" preload="none" loop="" controls=""></video>'),
        ('<aside lang="xx_bad!">a</aside><article lang="en-GB">b</article>',
         '<div>a</div><div lang="en-GB">b</div>'),
    ],
)  # fmt: skip
def test_what_becomes_of_content(content: str, expected: str) -> None:
    assert embedded(content) == expected


@given(fragments)
def test_no_text_is_lost_or_changed(content: str) -> None:
    def words(markup: str) -> str:
        return str(lxml_html.fragment_fromstring(markup, create_parent="div").text_content())

    assert words(embedded(content)) == words(content)


# --- themes


@pytest.fixture
def theme(tmp_path: Path, spec: FeedSpec) -> Any:
    """A function that renders an edition with a theme of these files."""

    def render(files: dict[str, str], entries: Sequence[Entry] = (), folder: str = "") -> str:
        for name, source in files.items():
            (tmp_path / name).write_text(source, encoding="utf-8")
        themed: Edition = edition(replace(spec, theme=folder or str(tmp_path)), entries, UPDATED)
        body = html.render(themed)
        html.check(body, entries)
        return body.decode()

    return render


def test_a_template_of_the_theme_wins_and_can_build_on_the_one_it_replaces(theme: Any, entry: Entry) -> None:
    block = "{% block subscribe %}<p>Mine: {{ feed.title }}</p>{{ super() }}{% endblock %}"
    feed = '{% extends "feedmill/feed.html" %}' + block
    body = theme({"feed.html": feed}, [entry])
    assert "<p>Mine: Kabar Harian: semua</p>" in body
    assert "Langganan" in body


def test_style_script_and_words_of_the_theme_win(theme: Any) -> None:
    body = theme(
        {
            "style.css": "body { color: red }\n",
            "copy.js": "console.log(1)\n",
            "words.toml": '[id]\nsubscribe = "Ikuti"\n',
        }
    )
    assert "<style>body { color: red }\n</style>" in body
    assert "<script>console.log(1)\n</script>" in body
    assert ">Ikuti</h2>" in body
    assert "Salin" in body


def test_an_edit_of_the_theme_is_seen_at_once(theme: Any) -> None:
    frame = '{{% extends "page.html" %}}{{% block title %}}t{{% endblock %}}{{% block body %}}<p>{}{{% endblock %}}'
    assert "<p>one" in theme({"feed.html": frame.format("one")})
    assert "<p>another" in theme({"feed.html": frame.format("another")})


@pytest.mark.parametrize(
    ("name", "source", "message"),
    [
        ("feed.html", "a\n{% if %}", r"feed\.html, line 2: the template cannot be used \(Expected an expression"),
        ("feed.html", "a\n\n{{ fee.title }}", r"feed\.html, line 3: .*'fee' is undefined"),
        ("feed.html", "a\n{{ feed.titel }}", r"feed\.html, line 2: .*has no attribute 'titel'"),
        ("feed.html", "{{ 1 / 0 }}", r"feed\.html, line 1: .*division by zero"),
        ("feed.html", "\n{{ ''.__class__.__mro__ }}", r"feed\.html, line 2: .*unsafe"),
        ("feed.html", '\n{% include "foot.html" %}', r"feed\.html, line 2: there is no template 'foot\.html'"),
        ("feed.html", '{% include "feed.html" %}', r"feed\.html, line 1: .*recursion"),
        ("entry.html", "\n\n{{ entry.nothing }}", r"entry\.html, line 3: .*has no attribute 'nothing'"),
        ("style.css", "a {}\n</style>", r"style\.css, line 2: it must not hold"),
        ("words.toml", "[en\n", r"words\.toml.*line 1"),
    ],
)
def test_a_broken_template_is_named_with_its_line(
    name: str, source: str, message: str, theme: Any, entry: Entry
) -> None:
    with pytest.raises(RenderError, match=message) as caught:
        theme({name: source}, [entry])
    assert "What was published last stays" in caught.value.hint
    assert "feed 'all'" in str(caught.value) or name in ("style.css", "words.toml")


def test_a_theme_whose_folder_is_missing_is_told(theme: Any) -> None:
    with pytest.raises(RenderError, match=r"/nowhere: there is no template in this folder"):
        theme({}, folder="/nowhere")


# --- what docs/theme.md says

DOCS = (Path(__file__).parents[3] / "docs" / "theme.md").read_text(encoding="utf-8")


def documented(heading: str) -> set[str]:
    """The names in the first column of the table with this heading."""
    table = DOCS.partition(f"| {heading} | is |\n|---|---|\n")[2].partition("\n\n")[0]
    return {name for row in table.splitlines() for name in re.findall(r"`(\w+)", row.split("|")[1])}


def test_the_theme_that_is_documented_works(theme: Any, entry: Entry) -> None:
    (feed,) = re.findall(r"```jinja\n(.*?)```", DOCS, re.DOTALL)
    (words,) = re.findall(r"```ini\n(.*?)```", DOCS, re.DOTALL)
    body = theme({"feed.html": feed, "words.toml": words.replace("[en]", "[id]")}, [entry])
    assert 'New here? <a href="https://example.org/">Read about Kabar Harian</a>' in body
    assert ">Follow</h2>" in body


def test_all_that_a_template_gets_is_documented(spec: FeedSpec, entry: Entry) -> None:
    assert documented("of an entry") == vars(html.shown(spec, entry)).keys()
    files = {path.name for path in TEMPLATES.iterdir()}
    assert documented("file") == {name.partition(".")[0] for name in files}
    listing = Listing(spec=spec, formats=("rss",), entries=1, updated=UPDATED, newest=entry)
    assert documented("of a feed") == vars(site._shown(listing)).keys()


def test_every_language_of_the_words_says_everything() -> None:
    tables = tomllib.loads((TEMPLATES / "words.toml").read_text(encoding="utf-8"))
    used = set()
    for path in TEMPLATES.glob("*.html"):
        used |= set(re.findall(r"words\.(\w+)", path.read_text(encoding="utf-8")))
    for language, table in tables.items():
        assert table.keys() == used | {"date", "months"}, language
        assert len(table["months"]) == 12
        assert all(table.values())
