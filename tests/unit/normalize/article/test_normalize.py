"""Article files -> drafts: the rules that hold for every format, and the batch."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.model import Alias, AliasKind, Document, Draft, Enclosure, Fetched, Normalized, Person, Site, Source
from feedmill.normalize.article import normalize
from feedmill.normalize.identity import digest
from feedmill.times import iso

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MODIFIED = datetime(2026, 11, 20, 8, 30, 15, 999, tzinfo=UTC)
SITE = Site(
    title="Kabar Harian",
    url="https://example.org/",
    feeds_url="https://example.org/feeds/",
    id_authority="example.org",
    language="id",
    timezone="Asia/Jakarta",
)
SOURCE = Source(name="newsroom", kind="files")


def look(files: dict[str, str | bytes], source: Source = SOURCE, modified: datetime | None = MODIFIED) -> Normalized:
    documents = tuple(
        Document(name=name, body=body if isinstance(body, bytes) else body.encode(), modified=modified)
        for name, body in files.items()
    )
    return normalize(source, SITE, Fetched(source=source.name, documents=documents), NOW)


def one(name: str, body: str | bytes, source: Source = SOURCE) -> Draft:
    result = look({name: body}, source)
    assert result.problems == ()
    (draft,) = result.drafts
    return draft


def messages(result: Normalized) -> list[str]:
    return [str(problem) for problem in result.problems]


ALL_KEYS = """---
title: "Judul: dengan titik dua"
date: 2026-11-02 07:00
updated: 2026-11-03 08:15 WIB
authors:
  - Siti Aminah <siti@example.org>
  - {name: Budi, uri: /budi, email: budi@example.org}
  - siti2@example.org (Siti Dua)
category: Politik
tags: [Ekonomi, politik, "#pasar"]
summary: Ringkasan   dari
  penulis.
url: /berita/judul
id: tag:example.org,2026:judul
lang: id_ID
image: gambar/satu.png
enclosures:
  - {url: suara.mp3, length: 1234}
  - {url: https://example.net/film.mp4, type: video/mp4}
rights: (c) 2026 Kabar Harian
comments: /berita/judul#komentar
unknown: [1, {2: 3}]
---
Isi [tautan](dua) ![alt](tiga.png).
"""


def test_every_key_of_the_front_matter() -> None:
    draft = one("a/judul.md", ALL_KEYS)
    assert draft.title == "Judul: dengan titik dua"
    assert draft.summary == "Ringkasan dari penulis."
    assert draft.published is not None
    assert iso(draft.published) == "2026-11-02T00:00:00Z"
    assert draft.updated is not None
    assert iso(draft.updated) == "2026-11-03T01:15:00Z"
    assert draft.authors == (
        Person(name="Siti Aminah", email="siti@example.org"),
        Person(name="Budi", email="budi@example.org", uri="https://example.org/budi"),
        Person(name="Siti Dua", email="siti2@example.org"),
    )
    assert [category.term for category in draft.categories] == ["Politik", "Ekonomi", "pasar"]
    assert draft.url == "https://example.org/berita/judul"
    assert draft.id == "tag:example.org,2026:judul"
    assert draft.language == "id-ID"
    assert [thumbnail.url for thumbnail in draft.thumbnails] == ["https://example.org/berita/gambar/satu.png"]
    assert draft.enclosures == (
        Enclosure(url="https://example.org/berita/suara.mp3", type="audio/mpeg", length=1234),
        Enclosure(url="https://example.net/film.mp4", type="video/mp4"),
    )
    assert draft.rights == "(c) 2026 Kabar Harian"
    assert draft.comments == "https://example.org/berita/judul#komentar"
    assert draft.content == (
        '<p>Isi <a href="https://example.org/berita/dua">tautan</a> '
        '<img src="https://example.org/berita/tiga.png" alt="alt">.</p>'
    )
    assert draft.origin is None


def test_toml_says_the_same() -> None:
    front = '+++\ntitle = "Judul"\ndate = 2026-11-02T07:00:00\nauthor = {name = "Siti"}\ntags = ["a", "b"]\n+++\nIsi.'
    draft = one("judul.md", front)
    assert (draft.title, draft.authors) == ("Judul", (Person(name="Siti"),))
    assert draft.published == datetime(2026, 11, 2, tzinfo=UTC)
    assert [category.term for category in draft.categories] == ["a", "b"]


@pytest.mark.parametrize("name", ["judul.md", "judul.html", "judul.txt"])
def test_front_matter_works_in_every_format(name: str) -> None:
    draft = one(name, "---\ntitle: Judul\ndate: 2026-11-02\n---\n\nSatu paragraf.\n")
    assert draft.title == "Judul"
    assert "Satu paragraf." in draft.content
    assert draft.published == datetime(2026, 11, 1, 17, tzinfo=UTC)


def test_scalars_are_read_as_they_are_written() -> None:
    draft = one("a.md", "---\ntitle: 1.10\nauthor: no\ntags: [2026, yes, 010]\nsummary: ~\n---\nIsi.")
    assert draft.title == "1.10"
    assert draft.authors == (Person(name="no"),)
    assert [category.term for category in draft.categories] == ["2026", "yes", "010"]
    assert draft.summary == "Isi."


@pytest.mark.parametrize("line", ["draft: true", "draft: yes", "status: Draft", "published: false"])
def test_a_draft_is_unpublished(line: str) -> None:
    result = look({"a.md": f"---\ntitle: x\n{line}\n---\nIsi.", "b.md": "# y\n\nIsi."})
    assert result.unpublished == {"a.md"}
    assert [draft.name for draft in result.drafts] == ["b.md"]
    assert result.failed == frozenset()


@pytest.mark.parametrize(
    ("expires", "out"),
    [
        ("2026-11-22T11:59:59Z", True),
        ("2026-11-22T12:00:00Z", True),  # NOW
        ("2026-11-22 19:00", True),  # in the site's zone
        ("2026-11-22T12:00:01Z", False),
        ("2027-01-01", False),
    ],
)
def test_an_article_whose_time_is_over_is_unpublished(expires: str, *, out: bool) -> None:
    result = look({"a.md": f"---\ntitle: x\nexpires: {expires}\n---\nIsi."})
    assert result.unpublished == (frozenset({"a.md"}) if out else frozenset())
    assert len(result.drafts) == (not out)


def test_an_article_carries_when_it_expires() -> None:
    draft = one("a.md", "---\ntitle: x\nexpiryDate: 2027-01-01\n---\nIsi.")
    assert draft.expires == datetime(2026, 12, 31, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    "line", ["draft: false", "draft: 'no'", "published: true", "status: published", "published: 2026-11-02"]
)
def test_what_is_no_draft_is_published(line: str) -> None:
    assert one("a.md", f"---\ntitle: x\n{line}\n---\nIsi.").title == "x"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("---\ntitle: ok\nsalah: [\n---\nx", "newsroom: a.md:4: the front matter is not YAML: "),
        ("---\ntitle: a: b\n---\nx", "newsroom: a.md:2: the front matter is not YAML: mapping values are not allowed"),
        ("+++\ntitle = 'x'\nsalah =\n+++\nx", "newsroom: a.md:3: the front matter is not TOML: Invalid value"),
        ("---\ntitle: x\n\nIsi", "newsroom: a.md:1: the front matter is not closed"),
        ("---\n- a\n- b\n---\nx", "newsroom: a.md:1: the front matter is a list"),
        ("---\n" + "[" * 10_000 + "\n---\nx", "newsroom: a.md:1: the front matter is too large"),
        ("", "newsroom: a.md: the file is empty"),
        (" \n\n\t", "newsroom: a.md: the file is empty"),
        ("\ufeff \n", "newsroom: a.md: the file is empty"),
        ("---\nauthor: x\n---\n", "newsroom: a.md: there is no text in it"),
        (b"\x7fELF\x02\x01\x01\x00\x00\x00", "newsroom: a.md: the file is not text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "newsroom: a.md: the file is not text"),
        (bytes(range(256)) * 20, "newsroom: a.md: the file is not text"),
        (b"a" * (SOURCE.max_file + 1), "newsroom: a.md: the file has 5242881 bytes, more than max_file = 5242880"),
    ],
)  # fmt: skip
def test_a_bad_article_is_reported_and_the_rest_goes_on(body: str | bytes, problem: str) -> None:
    result = look({"a.md": body, "b.md": "# Baik\n\nIsi."})
    assert result.failed == {"a.md"}
    assert [draft.title for draft in result.drafts] == ["Baik"]
    (message,) = messages(result)
    assert message.startswith(problem)
    assert message.endswith((".", "+++", "---")), "it says what to do"


def test_front_matter_that_is_nested_without_end_is_reported() -> None:
    """Which line it names is PyYAML's affair: 6.0.4 gives up with one, older ones by recursion without."""
    result = look({"a.md": "---\n" + "- " * 5_000 + "\n---\nx"})
    (message,) = messages(result)
    assert re.match(r"newsroom: a\.md:[12]: the front matter is not YAML: ", message)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("title: [a, b]", "`title` should be text; ignored"),
        ("date: kemarin", "`date` is not a date: kemarin; ignored. Write it as 2026-11-02 07:00"),
        ("date: [2026]", "`date` should be a date; ignored"),
        ("updated: 2027-01-01", "`updated` is in the future; ignored"),
        ("author: [[x]]", "`author` should be a name, or a table with `name`, `email` and `uri`; ignored"),
        ("author: {mail: x}", "`author` should be a name, or a table with `name`, `email` and `uri`; ignored"),
        ("tags: {a: b}", "`tags` should be text, or a list of texts; ignored"),
        ("url: javascript:alert(1)", "`url` is not an address: javascript:alert(1); ignored"),
        ("image: data:image/png;base64,A", "`image` is not an address: data:image/png;base64,A; ignored"),
        ("image: [[x]]", "`image` should be an address; ignored"),
        ("language: Indonesia", "`language` is not a BCP 47 tag: Indonesia; ignored"),
        ("draft: mungkin", None),
        (
            "enclosure: {length: 5}",
            "`enclosure` should be an address, or a table with `url`, `type` and `length`; ignored",
        ),
        ("enclosure: {url: /a.mp3, length: besar}", "the length of `enclosure` should be a number of bytes; ignored"),
    ],
)
def test_a_wrong_value_is_reported_and_the_article_published(line: str, problem: str | None) -> None:
    result = look({"a.md": f"---\n{line}\n---\n# Judul\n\nIsi."})
    if problem is None:
        assert result.unpublished == {"a.md"}
        assert messages(result) == ["newsroom: a.md: `draft` should be true or false; taken as true"]
        return
    assert messages(result) == [f"newsroom: a.md: {problem}"]
    assert [draft.title for draft in result.drafts] == ["Judul"]


class TestDates:
    def test_file_time_at_first_sight_only(self) -> None:
        draft = one("a.md", "# x\n\nIsi.")
        assert draft.published is None
        assert draft.published_at_first == datetime(2026, 11, 20, 8, 30, 15, tzinfo=UTC)

    @pytest.mark.parametrize("modified", [NOW + timedelta(days=1), None])
    def test_a_file_is_never_from_the_future(self, modified: datetime | None) -> None:
        (draft,) = look({"a.md": "# x\n\nIsi."}, modified=modified).drafts
        assert draft.published_at_first == NOW

    @pytest.mark.parametrize("name", ["2026-11-02-x.md", "x/2026-11-02T0000.txt", "2026/11/02/x.md", "20261102.html"])
    def test_the_name_dates_it(self, name: str) -> None:
        assert one(name, "Judul saja").published == datetime(2026, 11, 1, 17, tzinfo=UTC)

    def test_the_authors_word_is_above_the_name(self) -> None:
        draft = one("2026-11-02-x.md", "---\ndate: 2026-10-01\n---\n# x")
        assert draft.published == datetime(2026, 9, 30, 17, tzinfo=UTC)

    def test_a_future_date_is_an_embargo(self) -> None:
        assert one("a.md", "---\ndate: 2027-01-01\n---\n# x").published == datetime(2026, 12, 31, 17, tzinfo=UTC)

    def test_the_sources_zone_is_above_the_sites(self) -> None:
        source = Source(name="s", kind="files", timezone="Asia/Jayapura")
        assert one("a.md", "---\ndate: 2026-11-02 07:00\n---\n# x", source).published == datetime(
            2026, 11, 1, 22, tzinfo=UTC
        )


class TestLanguage:
    ENGLISH = "The city council said that the flood defences in the north will be finished by the end of the year."

    def test_the_articles_own_word_is_first(self) -> None:
        source = Source(name="s", kind="files", language="ms")
        assert one("a.md", f"---\nlang: jv\n---\n# x\n\n{self.ENGLISH}", source).language == "jv"

    def test_then_the_sources(self) -> None:
        source = Source(name="s", kind="files", language="ms")
        assert one("a.md", f"# x\n\n{self.ENGLISH}", source).language == "ms"

    def test_then_it_is_detected(self) -> None:
        assert one("a.md", f"# x\n\n{self.ENGLISH}").language == "en"

    def test_then_the_sites(self) -> None:
        assert one("a.md", "# x\n\nOk.").language == "id"


class TestLinks:
    @pytest.mark.parametrize(
        ("pattern", "name", "expected"),
        [
            ("https://example.net/{path}", "a/b c.md", "https://example.net/a/b%20c"),
            ("https://example.net/{stem}.html", "a/ü.md", "https://example.net/%C3%BC.html"),
            ("/berita/{path}/", "a.md", "https://example.org/berita/a/"),
            ("https://example.net/{unknown}/{path}", "a.md", "https://example.net/%7Bunknown%7D/a"),
        ],
    )
    def test_the_pattern_of_the_source(self, pattern: str, name: str, expected: str) -> None:
        assert one(name, "# x", Source(name="s", kind="files", link=pattern)).url == expected

    def test_the_articles_own_link_is_above_the_pattern(self) -> None:
        draft = one("a.md", "---\nurl: https://example.net/x\n---\n# x", Source(name="s", kind="files", link="/{path}"))
        assert draft.url == "https://example.net/x"

    def test_without_both_there_is_none_and_the_site_is_the_base(self) -> None:
        draft = one("a.md", "# x\n\n[y](z)")
        assert draft.url is None
        assert draft.content == '<p><a href="https://example.org/z">y</a></p>'


class TestIdentity:
    def test_it_is_minted_from_the_path_and_the_first_date(self) -> None:
        assert one("a/b.md", "# x").id == "tag:example.org,2026-11-20:newsroom/a/b"
        assert one("a/b.md", "---\ndate: 2026-11-02T10:00Z\n---\n# x").id == "tag:example.org,2026-11-02:newsroom/a/b"

    def test_an_own_id_that_is_no_iri_is_minted_from(self) -> None:
        first, second = (one(name, "---\nid: artikel 17\n---\n# x") for name in ("a.md", "b.md"))
        assert first.id == second.id
        assert first.id.startswith("tag:example.org,2026-11-20:newsroom/")

    def test_aliases(self) -> None:
        draft = one("a.md", "---\nurl: https://www.example.net/x/\n---\n# x")
        assert set(draft.aliases) == {
            Alias(kind=AliasKind.PATH, value="a.md"),
            Alias(kind=AliasKind.DIGEST, value=digest(b"---\nurl: https://www.example.net/x/\n---\n# x")),
            Alias(kind=AliasKind.URL, value="//example.net/x"),
        }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2026-11-02-harga-beras_naik.md", "Harga beras naik"),
        ("20261102T0700 harga.md", "Harga"),
        ("2026-11-02.md", "2026-11-02"),
        ("rapat/index.md", "Rapat"),
        ("...md", "Untitled"),
    ],
)
def test_a_title_from_the_name(name: str, expected: str) -> None:
    assert one(name, "Isi tanpa judul.").title == expected


def test_a_title_is_never_endless() -> None:
    assert len(one("a.md", "# " + "kata " * 1000).title) <= 500


def test_a_summary_is_made_from_the_body_without_its_dateline() -> None:
    draft = one("a.md", "# x\n\n**JAKARTA, Kabar Harian** — Air surut. Warga pulang.\n\nBesok kering.")
    assert draft.summary == "Air surut. Warga pulang. Besok kering."
    assert "JAKARTA" in draft.content


def test_an_unknown_suffix_is_reported() -> None:
    result = look({"a.docx": "x"})
    assert result.failed == {"a.docx"}
    assert messages(result) == ["newsroom: a.docx: .docx is no article format. Use .md, .html or .txt."]


NAMES = ["a.md", "b.html", "c.txt", "d.txt", "e.txt", "f.xhtml"]
SYNTAX = st.lists(
    st.sampled_from(
        [
            "---\n", "+++\n", "title: x\n", "date: ", "tags: [", "]", "{", "&a ", "*a", "<<: ", "# ", "\n\n",
            "<html>", "<article>", "<h1>", "</h1>", "<script type='application/ld+json'>", "</script>",
            '{"@type":"Article","headline":', "<p>", "<table>", "| a |\n|--|\n", "[^1]", "Scroll to Top\n",
            "Jakarta - ", "Baca juga: x\n", "\x00", "\ufeff", "\ud800", "é", "2026-11-02",
            "<meta property='og:title' content='x'>", "<time datetime=", "<link rel=canonical href=x>",
            "!!python/object:x ", "? ",
        ]
    ),
    max_size=14,
).map(lambda parts: "".join(parts).encode("utf-8", "surrogatepass"))  # fmt: skip


@given(st.lists(st.one_of(st.binary(max_size=200), SYNTAX), min_size=len(NAMES), max_size=len(NAMES)))
def test_no_bytes_whatsoever_upset_it(bodies: list[bytes]) -> None:
    result = look(dict(zip(NAMES, bodies, strict=True)))
    assert not [message for message in messages(result) if "fault" in message]
    names = {draft.name for draft in result.drafts}
    assert names | result.failed | result.unpublished == set(NAMES)
    assert not names & result.failed
    assert all(draft.title and draft.language and draft.published_at_first for draft in result.drafts)


def test_a_fault_in_one_article_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("feedmill.normalize.article.read_html", broken)
    result = look({"a.html": "<p>x", "b.md": "# Baik"})
    assert [draft.title for draft in result.drafts] == ["Baik"]
    assert result.failed == {"a.html"}
    assert "a fault in Feedmill" in messages(result)[0]
