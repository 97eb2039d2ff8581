"""What a source's configuration does to its entries once they are read: Normalized -> Normalized.

Identity is not touched: ids and aliases come from what the source says. `strip` alone is done before, by each
normalizer, because sanitizing takes the classes and ids away that its selectors look for. This module must not know
where entries come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import escape, unescape

from feedmill.model import Category, Content, Draft, Normalized, Problem, Replacement, Source, Treatment
from feedmill.normalize.patterns import Patterns
from feedmill.normalize.sanitize import html_to_text, plain, sanitize, summarize

__all__ = ["newest", "treat"]

_TAG = re.compile(r"""(<(?:[^<>"']|"[^"]*"|'[^']*')*>)""")
_NEWEST = datetime.max.replace(tzinfo=UTC)


def treat(source: Source, came: Normalized) -> Normalized:
    """Return `came` as the treatment of `source` asks for.

    In this order: `replace`; `include` and `exclude`, on title, summary and text as they are then; `max_entries`;
    `title_prefix` and `categories_add`; `content`. A document that brought drafts of which none is taken counts as
    one that withdrew itself.
    """
    wish = source.treatment
    problems: list[Problem] = []
    patterns = Patterns(lambda message: problems.append(Problem(where=source.name, message=message)))
    drafts = [_replaced(draft, wish.replace, patterns) for draft in came.drafts] if wish.replace else came.drafts
    fit = [draft for draft in drafts if _fits(draft, wish, patterns)]
    refused = {draft.name for draft in drafts} - {draft.name for draft in fit}
    kept = newest(fit, wish.max_entries)
    return replace(
        came,
        drafts=tuple(_reduced(_marked(draft, wish), wish.content) for draft in kept),
        unpublished=came.unpublished | refused,
        problems=(*came.problems, *problems),
    )


def _replaced(draft: Draft, replacements: Iterable[Replacement], patterns: Patterns) -> Draft:
    """Replace in the title, in the summary, and in each run of text of the content; never in markup."""
    parts = _TAG.split(draft.content)
    places = [at for at in range(0, len(parts), 2) if parts[at]]
    before = texts = [unescape(parts[at]) for at in places]
    title, summary, content, teaser = draft.title, draft.summary, draft.content, draft.teaser
    for one in replacements:
        others = (title, summary) if teaser is None else (title, summary, teaser)
        new_title, new_summary, *new_teaser = patterns.replaced(one.pattern, one.template, others)
        title, summary = plain(new_title) or title, plain(new_summary)
        teaser = next(iter(new_teaser), None)
        texts = patterns.replaced(one.pattern, one.template, texts)
    if texts != before:
        for at, text in zip(places, texts, strict=True):
            parts[at] = escape(text, quote=False)
        content = sanitize("".join(parts), base=None)
        if draft.summary == summarize(html_to_text(draft.content)):
            summary = summarize(html_to_text(content))
    return replace(draft, title=title, summary=summary, content=content, teaser=teaser)


def _fits(draft: Draft, wish: Treatment, patterns: Patterns) -> bool:
    if not (wish.include or wish.exclude):
        return True
    texts = (draft.title, draft.summary, html_to_text(draft.content))
    included = not wish.include or any(patterns.found(pattern, *texts) for pattern in wish.include)
    return included and not any(patterns.found(pattern, *texts) for pattern in wish.exclude)


def newest(drafts: Sequence[Draft], most: int | None) -> Sequence[Draft]:
    """Return the newest drafts in their order. One without a date counts as new: that is the date it would get."""
    if most is None or len(drafts) <= most:
        return drafts
    dates = [draft.published or draft.published_at_first or _NEWEST for draft in drafts]
    places = sorted(range(len(drafts)), key=lambda place: dates[place], reverse=True)[:most]
    return [drafts[place] for place in sorted(places)]


def _marked(draft: Draft, wish: Treatment) -> Draft:
    has = {name.casefold() for category in draft.categories for name in (category.term, category.label) if name}
    added = tuple(Category(term=term) for term in wish.categories_add if term.casefold() not in has)
    title = f"{wish.title_prefix} {draft.title}" if wish.title_prefix else draft.title
    return replace(draft, title=title, categories=draft.categories + added)


def _reduced(draft: Draft, content: Content) -> Draft:
    """Keep no more of an entry than `content` allows; what is not kept is not in the state either."""
    if content is Content.LINK:
        return replace(draft, content="", summary="")
    if content is Content.SUMMARY:
        return replace(draft, content="", summary=draft.summary or summarize(html_to_text(draft.content)))
    return draft
