"""Plain text: what XML can carry, on one line, cut at whole words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.normalize.plaintext import plain, repair, summarize, xml_safe

ANY_TEXT = st.text(alphabet=st.characters(), max_size=400)  # lone surrogates and control characters too
XML_CHARACTER = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b\x0bc\ufffed\udc80e", "abcde"),
        ("tab\tline\n\u2028 é 😀", "tab\tline\n\u2028 é 😀"),
        ("\x80", "\x80"),  # discouraged, not forbidden
    ],
)
def test_xml_safe_drops_only_what_xml_forbids(text: str, expected: str) -> None:
    assert xml_safe(text) == expected


def test_repair_reads_stray_c1_controls_as_windows_1252() -> None:
    assert repair("\x93kata\x94 \x96 \x85") == "“kata” – …"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  dua \t baris\n\nteks\u00a0ini ", "dua baris teks ini"),
        ("<b>bukan</b> markup &amp;", "<b>bukan</b> markup &amp;"),
        ("\x00", ""),
    ],
)
def test_plain_is_one_line(text: str, expected: str) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short enough", 300, "short enough"),
        ("exactly ten", 11, "exactly ten"),
        ("one two three four", 14, "one two three…"),
        ("one two three four", 13, "one two…"),
        ("one two, three", 10, "one two…"),
        ("x" * 30, 10, "x" * 9 + "…"),
        ("北京今天举行了新闻发布会介绍了", 8, "北京今天举行了…"),
    ],
)
def test_summarize_cuts_between_words(text: str, limit: int, expected: str) -> None:
    assert summarize(text, limit) == expected


@given(ANY_TEXT)
def test_plain_is_legal_stable_and_trimmed(text: str) -> None:
    once = plain(text)
    assert plain(once) == once
    assert once == once.strip()
    assert "\n" not in once
    assert XML_CHARACTER.fullmatch(once)


@given(ANY_TEXT, st.integers(min_value=5, max_value=50))
def test_a_summary_is_a_beginning_and_keeps_the_limit(text: str, limit: int) -> None:
    summary = summarize(text, limit)
    assert len(summary) <= limit
    assert plain(text).startswith(summary.removesuffix("…"))
    assert summarize(summary, limit) == summary
