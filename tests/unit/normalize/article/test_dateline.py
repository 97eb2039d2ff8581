"""Datelines, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.normalize.article.dateline import dateline_length, without_dateline

STORY = "Banjir merendam tiga kecamatan."


@pytest.mark.parametrize(
    "dateline",
    [
        "Jakarta - ",
        "JAKARTA – ",
        "LONDON (Reuters) — ",
        "LONDON (Reuters) —",
        "PARIS, 3 Nov - ",
        "PARIS, 3 November 2026 - ",
        "NEW YORK, Nov 3 (Reuters) - ",
        "WASHINGTON, Nov. 3 (AP) — ",
        "SEOUL, South Korea (AP) -- ",
        "KUALA LUMPUR, Nov 3 (Bernama) -- ",
        "JAKARTA, KOMPAS.com – ",
        "KOMPAS.com - ",
        "TEMPO.CO, Jakarta - ",
        "Liputan6.com, Jakarta - ",
        "REPUBLIKA.CO.ID, JAKARTA -- ",
        "JAKARTA, iNews.id - ",
        "Jakarta, CNN Indonesia -- ",
        "Jakarta (ANTARA) - ",
        "Jakarta, Senin (2/11/2026) — ",
        "Bandung, Kabar Harian – ",
        "Rio de Janeiro, Brazil — ",
        "ST. PETERSBURG, Fla. (AP) — ",
        "SÃO PAULO, Brasil - ",
        "МОСКВА (ТАСС) — ",
    ],
)
def test_datelines(dateline: str) -> None:
    assert dateline_length(dateline + STORY) == len(dateline)
    assert without_dateline(dateline + STORY) == STORY
    assert without_dateline(f'{dateline}"{STORY}"') == f'"{STORY}"'


@pytest.mark.parametrize(
    "text",
    [
        STORY,
        "",
        " - ",
        "Jakarta - ",
        "Jakarta-Bandung kini lebih dekat.",
        "Harga emas – yang naik sejak Senin – turun lagi.",
        "Presiden Soekarno - yang lahir di Surabaya - membuka acara.",
        "3 Nov - Rapat dimulai.",
        "Pada Senin, wali kota - Budi - hadir.",
        "Ini kalimat panjang tentang banjir di kota - Selesai.",
        "of the city - The mayor",
        "A, B, C, D, E - Lima huruf.",
        "x" * 200 + " - Selesai",
        "Jakarta " * 30 + "- Selesai",
    ],
)
def test_what_is_none(text: str) -> None:
    assert dateline_length(text) == 0
    assert without_dateline(text) == text


@given(st.text(max_size=120))
def test_any_text_ends_with_what_is_left(text: str) -> None:
    assert text.endswith(without_dateline(text))
