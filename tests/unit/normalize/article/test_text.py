"""Plain text articles, line by line."""

from datetime import UTC, datetime

import pytest

from feedmill.model import Document, Draft, Fetched, Site, Source
from feedmill.normalize.article import normalize
from feedmill.normalize.article.facts import Facts
from feedmill.normalize.article.text import read_text

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SITE = Site(title="s", url="https://example.org/", feeds_url="https://example.org/f/", id_authority="example.org")

TEN_PARAGRAPHS = """Wali Kota Resmikan Tanggul Laut Sepanjang Empat Kilometer

Jakarta, Kabar Harian - Wali kota meresmikan tanggul laut sepanjang empat kilometer di pesisir, Selasa (3/11/2026).

Tanggul itu dibangun selama dua tahun untuk menahan banjir rob yang hampir setiap bulan merendam permukiman nelayan.

"Tanggul ini bukan akhir pekerjaan, melainkan awal," kata wali kota dalam sambutannya.

Biaya pembangunan mencapai Rp 320 miliar, sebagian besar berasal dari anggaran daerah & pinjaman lunak.

Warga menyambut gembira. "Sejak tanggul berdiri, rumah saya belum pernah kemasukan air lagi," ujar seorang nelayan.

Namun sejumlah warga mengeluhkan akses perahu ke laut yang kini harus memutar sejauh satu kilometer.

Dinas pekerjaan umum berjanji membangun dua pintu perahu sebelum musim barat tiba.

Advertisement dan papan reklame dilarang dipasang di sepanjang tanggul.

Pengamat tata kota menilai tanggul perlu disertai penanaman bakau agar gelombang melemah sebelum mencapai dinding.

Pemerintah kota menargetkan penanaman 50.000 bibit bakau sampai akhir tahun depan.

Baca juga: Banjir Rob Surut, Warga Kembali ke Rumah
ADVERTISEMENT
SCROLL TO CONTINUE WITH CONTENT
Scroll to Top
"""


def read(files: dict[str, str], source: Source | None = None) -> dict[str, Draft]:
    documents = tuple(Document(name=name, body=body.encode(), modified=NOW) for name, body in files.items())
    source = source or Source(name="newsroom", kind="files")
    result = normalize(source, SITE, Fetched(source=source.name, documents=documents), NOW)
    assert result.problems == ()
    return {draft.name: draft for draft in result.drafts}


def test_a_news_article_of_ten_paragraphs() -> None:
    draft = read({"tanggul.txt": TEN_PARAGRAPHS})["tanggul.txt"]
    assert draft.title == "Wali Kota Resmikan Tanggul Laut Sepanjang Empat Kilometer"
    assert draft.language == "id"
    assert draft.summary.startswith("Wali kota meresmikan tanggul laut sepanjang empat kilometer di pesisir, Selasa")
    assert len(draft.summary) <= 300
    assert draft.summary.endswith("…")
    paragraphs = draft.content.split("\n")
    assert len(paragraphs) == 10
    assert all(paragraph.startswith("<p>") and paragraph.endswith("</p>") for paragraph in paragraphs)
    assert paragraphs[0].startswith("<p>Jakarta, Kabar Harian - Wali kota")
    assert (
        paragraphs[2] == '<p>"Tanggul ini bukan akhir pekerjaan, melainkan awal," kata wali kota dalam sambutannya.</p>'
    )
    assert "daerah &amp; pinjaman" in paragraphs[3]
    assert paragraphs[7].startswith("<p>Advertisement dan papan reklame")
    assert paragraphs[9].endswith("akhir tahun depan.</p>")
    assert "Scroll" not in draft.content
    assert "Baca juga" not in draft.content


def test_crlf_and_indentation_make_no_difference() -> None:
    plain = read({"a.txt": TEN_PARAGRAPHS})["a.txt"]
    typed = read({"a.txt": "\r\n\r\n" + TEN_PARAGRAPHS.replace("\n", "  \r\n   ")})["a.txt"]
    assert (typed.title, typed.content, typed.summary) == (plain.title, plain.content, plain.summary)


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("Judul", "Judul", ""),
        ("Judul\n\nSatu.\n\nDua.", "Judul", "<p>Satu.</p>\n<p>Dua.</p>"),
        ("Judul\nSatu\nDua\nTiga", "Judul", "<p>Satu</p>\n<p>Dua</p>\n<p>Tiga</p>"),
        ("Judul\n\nbaris satu\nbaris dua\n\nlain", "Judul", "<p>baris satu baris dua</p>\n<p>lain</p>"),
        ("Judul\nBy X\n\nIsi.", "Judul", "<p>By X</p>\n<p>Isi.</p>"),
        ("J\n\nDaftar:\n- satu\n- dua\n  lanjutan\n\nx", "J", "<p>Daftar:<br>- satu<br>- dua lanjutan</p>\n<p>x</p>"),
        ("J\n\n1. satu\n2. dua\n\nx", "J", "<p>1. satu<br>2. dua</p>\n<p>x</p>"),
        ("J\n\n" + "kata " * 30 + "akhir.\n" + "lain " * 30 + "akhir.\n\nx", "J",
         "<p>" + "kata " * 30 + "akhir.</p>\n<p>" + "lain " * 30 + "akhir.</p>\n<p>x</p>"),
        ("J\n\na < b & <script>c</script>\n\nx", "J", "<p>a &lt; b &amp; &lt;script&gt;c&lt;/script&gt;</p>\n<p>x</p>"),
        ("J\n\n\n \n\nx", "J", "<p>x</p>"),
        ("J\n\nLihat https://e.org/a_(b)?c&d, ya.", "J",
         '<p>Lihat <a href="https://e.org/a_(b)?c&amp;d">https://e.org/a_(b)?c&amp;d</a>, ya.</p>'),
        ("J\n\n(https://e.org/x)", "J", '<p>(<a href="https://e.org/x">https://e.org/x</a>)</p>'),
    ],
)  # fmt: skip
def test_lines(text: str, title: str, body: str) -> None:
    manuscript = read_text(Facts(), text.split("\n"))
    assert manuscript.facts.title == title
    assert manuscript.body == body


def test_a_first_line_that_is_a_paragraph_stays_in_the_body() -> None:
    paragraph = "Kalimat yang panjang sekali " * 20
    manuscript = read_text(Facts(), [paragraph, "", "Lain."])
    assert manuscript.facts.title.endswith("…")
    assert len(manuscript.facts.title) <= 100
    assert paragraph.strip() in manuscript.body


def test_a_title_from_front_matter_leaves_the_first_line_in_the_body() -> None:
    draft = read({"a.txt": "---\ntitle: Judul\n---\nParagraf satu.\n\nParagraf dua."})["a.txt"]
    assert draft.title == "Judul"
    assert draft.content == "<p>Paragraf satu.</p>\n<p>Paragraf dua.</p>"


def test_markup_in_plain_text_is_text() -> None:
    draft = read({"a.txt": "Judul <b>tebal</b> & lain\n\n<p>Isi &amp; lain</p>"})["a.txt"]
    assert draft.title == "Judul <b>tebal</b> & lain"
    assert draft.content == "<p>&lt;p&gt;Isi &amp;amp; lain&lt;/p&gt;</p>"
    assert draft.summary == "<p>Isi &amp; lain</p>"


def test_lines_that_a_folder_shares_are_furniture_there_and_nowhere_else() -> None:
    footer = "Kantor redaksi: Jalan Pelabuhan 7"
    files = {f"a/{n}.txt": f"Judul {n}\n\nIsi {n}.\n\n{footer}\n" for n in range(3)}
    files["b/lain.txt"] = f"Judul lain\n\nIsi lain.\n\n{footer}\n"
    drafts = read(files)
    assert all(footer not in drafts[f"a/{n}.txt"].content for n in range(3))
    assert footer in drafts["b/lain.txt"].content


def test_configured_furniture() -> None:
    source = Source(name="s", kind="files", furniture=("portal muara*",))
    draft = read({"a.txt": "Judul\n\nIsi.\n\nPortal Muara 24 jam"}, source)["a.txt"]
    assert draft.content == "<p>Isi.</p>"
