"""Page furniture at the ends of plain text, and the lines of a story that resemble it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.normalize.article.furniture import peel, shared_furniture

STORY = ["Judul Berita", "", "Paragraf pertama tentang banjir.", "", "Paragraf terakhir tentang banjir."]


@pytest.mark.parametrize(
    "line",
    [
        "Scroll to Top", "SCROLL TO TOP", "Back to top ↑", "Share this:", "Share", "Bagikan:",
        "Bagikan: Facebook Twitter", "Advertisement", "ADVERTISEMENT", "- Advertisement -", "[Advertisement]",
        "Iklan", "Read more", "Read More »", "ADVERTISEMENT SCROLL TO CONTINUE WITH CONTENT",
        "Baca juga: Harga Beras Naik", "Baca Juga:", "Baca juga", "BACA JUGA: Harga Beras Naik di Lima Kota",
        "Halaman selanjutnya", "Halaman Selanjutnya »", "Simak video 'Banjir':", "Simak Video: Banjir Rendam Kota",
        "Lihat juga: x", "Lihat juga Video 'Banjir'", "[Gambas:Video 20detik]", "© 2026 Kabar Harian",
        "Copyright 2026 Kabar Harian", "Copyright © 2026. All rights reserved.", "All Rights Reserved",
        "(c) 2026 Kabar Harian", "Hak Cipta © 2026 Kabar Harian", "Hak cipta dilindungi undang-undang",
        "Tags: banjir, kota", "Topik: banjir", "Follow us", "Leave a comment", "12 comments", "3 Komentar",
        "Halaman 2 dari 3", "Page 1 of 2", "* * *", "-----", "Facebook", "WhatsApp", "Salin Tautan", "Berita Terkait",
        "Selengkapnya", "Lanjutkan Membaca", "Ikuti berita terkini di Google News",
        "Dapatkan update berita pilihan setiap hari di WhatsApp Channel kami",
    ],
)  # fmt: skip
def test_default_furniture_behind_a_story(line: str) -> None:
    assert peel([*STORY, "", line], ()) == STORY
    assert peel([*STORY, "", line, "", "", line, ""], ()) == STORY


@pytest.mark.parametrize("line", ["Advertisement", "Skip to content", "Menu", "Iklan", "Beranda", "Share this:"])
def test_default_furniture_before_a_story(line: str) -> None:
    assert peel(["", line, "", *STORY], ()) == STORY


@pytest.mark.parametrize(
    "line",
    [
        "Advertisement spending rose 5 percent in the third quarter.", "Iklan rokok dilarang mulai Januari.",
        "Share prices fell sharply on Monday.", "Share this: the phrase that launched a thousand memes",
        "Read more books, the librarian said.", "Baca juga buku lama, kata pustakawan.",
        "Copyright reform passed the lower house.",
        "Hak cipta lagu itu didaftarkan pada tahun 2026 oleh ahli warisnya setelah sengketa panjang.",
        "Halaman selanjutnya dari sejarah kota itu belum ditulis.", "Bagikan makanan itu kepada tetangga, katanya.",
        "Facebook announced the change on Tuesday.", "Tags on the whales sent signals for two years.",
        "Scroll to top speed in four seconds, the maker promises.", "More than that he would not say.",
        "Page by page, the archive was copied.", "Sumber: Badan Pusat Statistik", "Editor: Siti Aminah",
        "Rekomendasi itu ditolak.", "3 komentar itu dihapus oleh admin.",
    ],
)  # fmt: skip
def test_a_line_of_the_story_stays(line: str) -> None:
    if line.startswith("Share this:"):  # behind a story it is furniture; as a headline it is not
        assert peel([line, "", *STORY], ())[0] == line
        return
    for lines in ([*STORY, "", line], [line, "", *STORY], [line]):
        assert peel(lines, ()) == lines


def test_furniture_inside_a_story_stays() -> None:
    lines = ["Judul", "", "Satu.", "", "Baca juga: x", "", "Advertisement", "", "Dua."]
    assert peel(lines, ()) == lines


def test_several_at_both_ends_in_any_order() -> None:
    lines = [
        "Menu",
        "Iklan",
        "",
        *STORY,
        "",
        "Baca juga: x",
        "Share this:",
        "Facebook",
        "X",
        "",
        "© 2026 Y",
        "Scroll to Top",
        "",
    ]
    assert peel(lines, ()) == STORY


def test_the_tail_of_a_wrapped_sentence_stays() -> None:
    lines = ["Judul", "", "Pendapatan perusahaan itu terutama berasal dari", "iklan"]
    assert peel(lines, ()) == lines
    wrapped = [*lines[:2], "Pendapatan perusahaan itu terutama berasal dari iklan di jejaring", "Facebook"]
    assert peel(wrapped, ()) == wrapped
    assert peel([*lines, "", "Iklan"], ()) == lines
    assert peel(["Judul", "", "Kalimatnya selesai.", "Iklan"], ()) == ["Judul", "", "Kalimatnya selesai."]


def test_where_every_line_is_a_paragraph_none_is_a_tail() -> None:
    assert peel(["Judul", "Tanpa titik", "Iklan"], ()) == ["Judul", "Tanpa titik"]


@pytest.mark.parametrize("headline", ["Trending", "Rekomendasi", "Home"])
def test_a_short_headline_is_a_headline_where_a_story_follows(headline: str) -> None:
    lines = [headline, "", "Jakarta - Banjir merendam tiga kecamatan."]
    assert peel(lines, ()) == lines


def test_something_always_stays() -> None:
    assert len(peel(["Advertisement", "", "Scroll to Top"], ())) == 1
    assert peel(["", ""], ()) == []


def test_configured_lines_and_beginnings() -> None:
    lines = ["KABAR HARIAN", *STORY, "Laporan ini ditulis oleh Siti", "Terima kasih."]
    assert peel(lines, ("Kabar Harian", "laporan ini*", "terima kasih.")) == STORY
    assert peel(lines, ("Kabar", "ini", "*", "")) == lines


class TestShared:
    HEAD = "Portal Berita Muara"
    FOOT = "Kantor: Jalan Pelabuhan 7"

    def pages(self, count: int) -> list[list[str]]:
        return [
            [self.HEAD, f"Judul {n}", "", f"Isi berita {n}.", "", f"Akhir {n}.", "", self.FOOT] for n in range(count)
        ]

    def test_a_line_at_the_end_of_many_files_is_furniture(self) -> None:
        shared = shared_furniture(self.pages(3), ())
        assert shared == {self.HEAD, self.FOOT}
        assert peel(self.pages(3)[1], (), shared) == ["Judul 1", "", "Isi berita 1.", "", "Akhir 1."]

    def test_two_files_are_not_many(self) -> None:
        assert shared_furniture(self.pages(2), ()) == frozenset()

    def test_less_than_half_is_not_many(self) -> None:
        others = [[f"Lain {n}", "", f"Isi {n}."] for n in range(4)]
        assert shared_furniture([*self.pages(3), *others], ()) == frozenset()
        assert shared_furniture([*self.pages(3), *others[:3]], ()) == {self.HEAD, self.FOOT}

    def test_furniture_behind_furniture_is_found(self) -> None:
        pages = [
            [*page, f"Dibaca {page[1]} kali" if n > 2 else "Scroll to Top", "Situs ini aman"]
            for n, page in enumerate(self.pages(4))
        ]
        shared = shared_furniture(pages, ())
        assert "Situs ini aman" in shared
        assert peel(pages[0], (), shared)[-1] == "Akhir 0."

    def test_inside_a_file_it_stays(self) -> None:
        shared = shared_furniture(self.pages(3), ())
        lines = ["Judul", "", self.FOOT, "", "Isi."]
        assert peel(lines, (), shared) == lines

    def test_a_headline_that_repeats_is_a_headline(self) -> None:
        pages = [["Harga Emas Hari Ini", "", f"Jakarta - Harga emas hari ini Rp {n} ribu per gram."] for n in range(5)]
        shared = shared_furniture(pages, ())
        assert peel(pages[0], (), shared) == pages[0]

    def test_headlines_alone_tell_nothing(self) -> None:
        assert shared_furniture([["Sama"], ["Sama"], ["Sama"]], ()) == frozenset()

    def test_no_files(self) -> None:
        assert shared_furniture([], ()) == frozenset()


LINES = st.lists(
    st.sampled_from(["", "Advertisement", "Baca juga: x", "Judul", "Isi.", "Isi tanpa titik", "Facebook", "Kaki"]),
    max_size=12,
)


@given(LINES, st.frozensets(st.sampled_from(["Kaki", "Judul"])))
def test_what_stays_is_one_piece_of_the_file(lines: list[str], shared: frozenset[str]) -> None:
    kept = peel(lines, (), shared)
    assert any(lines[at : at + len(kept)] == kept for at in range(len(lines) + 1))
    assert bool(kept) == any(lines)
    assert peel(kept, (), shared) == kept


@given(st.lists(LINES, max_size=6))
def test_shared_furniture_ends(files: list[list[str]]) -> None:
    assert shared_furniture(files, ()) <= {line for lines in files for line in lines}
