"""Markdown articles (CommonMark with tables, footnotes, strikethrough and task lists) -> a manuscript.

Raw HTML in the text is let through: whoever publishes it cleans it. This module must not know front matter's keys.
"""

from __future__ import annotations

import re

import pyromark

from feedmill.normalize.article.facts import Facts, Manuscript
from feedmill.normalize.sanitize import title_text

__all__ = ["read_markdown"]

_OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_HEADING_ATTRIBUTES
    | pyromark.Options.ENABLE_GFM
)
_FIRST_HEADING = re.compile(r"\s*<h1[^>]*>(.*?)</h1>\s*", re.DOTALL)
# Footnotes lose their anchors in a feed, where several articles share one page.
_FOOTNOTE = re.compile(r'<sup class="footnote-reference"><a href="#[^"]*">([^<]*)</a></sup>')
_FOOTNOTE_TEXT = re.compile(r'(<sup class="footnote-definition-label">[^<]*</sup>)\s*<p>')
_CHECKBOX = re.compile(r'<input disabled="" type="checkbox"( checked="")?/>\s*')
_ALIGNED = re.compile(r'(<t[hd]) style="text-align: (left|right|center)"')


def read_markdown(facts: Facts, text: str) -> Manuscript:
    """Return the article of Markdown `text`.

    A level-one heading at its beginning is the title, unless the facts name one; it leaves the body where it
    says the same.
    """
    body = pyromark.html(text, options=_OPTIONS)
    body = _FOOTNOTE_TEXT.sub(r"<p>\1 ", _FOOTNOTE.sub(r"<sup>\1</sup>", body))
    body = _ALIGNED.sub(r'\1 align="\2"', _CHECKBOX.sub(lambda box: "☑ " if box[1] else "☐ ", body))
    heading = _FIRST_HEADING.match(body)
    if heading:
        title = title_text(heading[1], html=True)
        if not facts.title or facts.title.casefold() == title.casefold():
            return Manuscript(facts=facts.over(Facts(title=title)), body=body[heading.end() :])
    return Manuscript(facts=facts, body=body)
