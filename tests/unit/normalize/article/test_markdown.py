"""Markdown: what becomes of headings, tables, footnotes and task lists."""

import pytest

from feedmill.normalize.article.facts import Facts
from feedmill.normalize.article.markdown import read_markdown


@pytest.mark.parametrize(
    ("text", "given", "title", "body"),
    [
        ("# Judul\n\nIsi.", "", "Judul", "<p>Isi.</p>\n"),
        ("\n\nJudul\n=====\n\nIsi.", "", "Judul", "<p>Isi.</p>\n"),
        ("# A *b* & `c`\n\nIsi.", "", "A b & c", "<p>Isi.</p>\n"),
        ("# Judul\n\nIsi.", "JUDUL", "JUDUL", "<p>Isi.</p>\n"),
        ("# Lain\n\nIsi.", "Judul", "Judul", "<h1>Lain</h1>\n<p>Isi.</p>\n"),
        ("Isi.\n\n# Lain", "", "", "<p>Isi.</p>\n<h1>Lain</h1>\n"),
        ("## Sub\n\nIsi.", "", "", "<h2>Sub</h2>\n<p>Isi.</p>\n"),
    ],
)
def test_titles(text: str, given: str, title: str, body: str) -> None:
    manuscript = read_markdown(Facts(title=given), text)
    assert (manuscript.facts.title, manuscript.body) == (title, body)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("~~a~~", "<p><del>a</del></p>\n"),
        ("- [x] a\n- [ ] b", "<ul>\n<li>☑ a</li>\n<li>☐ b</li>\n</ul>\n"),
        ("a[^1]\n\n[^1]: b", ('<p>a<sup>1</sup></p>\n'
         '<div class="footnote-definition" id="1">'
         '<p><sup class="footnote-definition-label">1</sup> b</p>\n</div>\n')),
        ("a <b>b</b> &amp; c", "<p>a <b>b</b> &amp; c</p>\n"),
        ("http://e.org", "<p>http://e.org</p>\n"),
        ("| a | b |\n|:-:|--:|\n| 1 | 2 |",
         ('<table><thead><tr><th align="center">a</th><th align="right">b</th></tr></thead><tbody>\n'
         '<tr><td align="center">1</td><td align="right">2</td></tr>\n</tbody></table>\n')),
    ],
)  # fmt: skip
def test_extensions(text: str, body: str) -> None:
    assert read_markdown(Facts(), text).body == body
