"""Language tags, and the guess where nobody said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.normalize.language import detect_language, language_tag

INDONESIAN = "Pemerintah kota menyatakan proyek pengendalian banjir di wilayah utara akan selesai pada akhir tahun ini."
ENGLISH = (
    "The city council said that the flood defences in the northern districts will be finished by the end of the year."
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id", "id"),
        ("id_ID.UTF-8", "id-ID"),
        (" EN-us ", "en-US"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("in", "id"),
        ("iw-IL", "he-IL"),
        ("sl-rozaj-biske", "sl-rozaj-biske"),
        ("de-DE-u-co-phonebk", "de-DE-u-co-phonebk"),
        ("es-419", "es-419"),
        ("Indonesia", None),
        ("Bahasa Indonesia", None),
        ("", None),
        ("e", None),
        ("en-", None),
        ("en\nUS", None),
    ],
)
def test_language_tag(text: str, expected: str | None) -> None:
    assert language_tag(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (INDONESIAN, "id"),
        (ENGLISH, "en"),
        ("Сегодня в Москве прошла встреча министров, на которой обсуждались вопросы экономики.", "ru"),
        ("東京で大きな地震がありました。政府は対策本部を設置しました。", "ja"),
        ("Halo dunia", None),
        (f"{INDONESIAN} {ENGLISH}", None),
        ("1234567890 " * 50, None),
        ("", None),
        (f"\x00\x0b\udc80{INDONESIAN}\ufffe", "id"),
    ],
)
def test_detect_language(text: str, expected: str | None) -> None:
    assert detect_language(text) == expected


@given(st.text(alphabet=st.characters(), max_size=300))
def test_no_text_upsets_the_detector(text: str) -> None:
    tag = detect_language(text)
    assert tag is None or language_tag(tag) == tag
