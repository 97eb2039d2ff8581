"""Bytes -> text: encodings, and what is no text."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.errors import NormalizeError
from feedmill.normalize.article.decode import decode

INDONESIAN = "Wali kota berkata “banjir” – sudah surut… di kawasan itu sejak kemarin sore."
FRENCH = "Le café très été là où ça naïf garçon élève, a déclaré le maire."
POLISH = "Zażółć gęślą jaźń. Premier powiedział, że sytuacja się poprawia i żółw idzie źle."
TURKISH = "Başbakan, İstanbul’daki ığdır şehrinde yaşayan öğrenciler için yeni bir program açıkladı."
RUSSIAN = "Правительство сообщило о новых мерах поддержки населения в регионах страны."
JAPANESE = "東京で大きな地震がありました。政府は対策本部を設置しました。"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (INDONESIAN, "utf-8"),
        (INDONESIAN, "utf-8-sig"),
        (INDONESIAN, "utf-16"),
        (INDONESIAN, "utf-16-le"),
        (INDONESIAN, "utf-16-be"),
        (INDONESIAN, "utf-32"),
        (JAPANESE, "utf-16"),
        (INDONESIAN, "cp1252"),
        (FRENCH, "cp1252"),
        (POLISH, "cp1250"),
        (TURKISH, "cp1254"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "shift_jis"),
        ("biasa saja", "ascii"),
    ],
)
def test_encodings(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), "x") == text


def test_big_endian_marks() -> None:
    assert decode(codecs.BOM_UTF16_BE + "halo é".encode("utf-16-be"), "x") == "halo é"
    assert decode(codecs.BOM_UTF32_BE + "halo é".encode("utf-32-be"), "x") == "halo é"


def test_a_page_is_believed_about_its_encoding() -> None:
    page = '<meta charset="iso-8859-5"><p>Привет'
    assert decode(page.encode("iso-8859-5"), "x", markup=True) == page


@pytest.mark.parametrize("name", ["utf-16", "utf-8", "rot13", "base64", "utf-7", "no-such", "unicode_escape"])
def test_but_not_where_it_cannot_be_true(name: str) -> None:
    page = f'<meta charset="{name}"><p>{FRENCH}'
    assert decode(page.encode("cp1252"), "x", markup=True) == page


def test_the_label_of_latin_1_means_windows_1252() -> None:
    page = '<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1"><p>“kutip”'
    assert decode(page.encode("cp1252"), "x", markup=True) == page


def test_utf_8_with_a_broken_place_stays_utf_8() -> None:
    body = ("Kafé “satu” – dua… " * 5).encode() + b"\x93" + " akhir é".encode()
    assert decode(body, "x") == "Kafé “satu” – dua… " * 5 + "\ufffd akhir é"


def test_line_ends() -> None:
    assert decode(b"a\r\nb\rc\nd", "x") == "a\nb\nc\nd"


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "the file is empty"),
        (b" \r\n\t ", "the file is empty"),
        (codecs.BOM_UTF8, "the file is empty"),
        (codecs.BOM_UTF16_LE + " \n".encode("utf-16-le"), "the file is empty"),
        (b"abc\x00def", "the file is not text"),
        (b"\x00" * 100, "the file is not text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 3, "the file is not text"),
        (b"PK\x03\x04\x14\x00\x06\x00" * 20, "the file is not text"),
        (b"\x01\x02\x03\x04\x05" * 10, "the file is not text"),
    ],
)
def test_refused(body: bytes, what: str) -> None:
    with pytest.raises(NormalizeError) as caught:
        decode(body, "newsroom: a.txt")
    assert caught.value.what == what
    assert str(caught.value).startswith("newsroom: a.txt: ")


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_text_or_refused(body: bytes, markup: bool) -> None:
    try:
        text = decode(body, "x", markup=markup)
    except NormalizeError:
        return
    assert text.strip()
    assert "\r" not in text
