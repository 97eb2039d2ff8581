"""Article files -> drafts: Markdown, HTML and plain text, each by its suffix.

A bad article is reported and the rest goes on. This module must not know how the files were collected,
nor which of them were seen before.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from feedmill.errors import NormalizeError
from feedmill.model import Document, Draft, Fetched, Normalized, Problem, Site, Source
from feedmill.normalize.article.compose import Cleaned, clean, draft_of, language_of
from feedmill.normalize.article.decode import decode
from feedmill.normalize.article.facts import Facts, Manuscript
from feedmill.normalize.article.frontmatter import Report, split
from feedmill.normalize.article.furniture import peel, shared_furniture
from feedmill.normalize.article.html import read_html
from feedmill.normalize.article.markdown import read_markdown
from feedmill.normalize.article.names import stem_and_suffix
from feedmill.normalize.article.text import read_text

__all__ = ["normalize"]

_log = logging.getLogger(__name__)

_MARKDOWN = frozenset({".md", ".markdown"})
_HTML = frozenset({".html", ".htm", ".xhtml"})
_TEXT = frozenset({".txt", ".text"})
_TOGETHER = 100
"""How many articles go through a stage before the next one begins. What a stage needs stays in the processor's caches
meanwhile, above all the tables of the language detector; and no more than these have intermediate results."""

A = TypeVar("A")
B = TypeVar("B")


def normalize(source: Source, site: Site, fetched: Fetched, now: datetime) -> Normalized:
    """Return the drafts of the article files in `fetched`.

    A file that cannot be read is a problem, and its name is in `failed`; one that says it is a draft is in
    `unpublished`. Plain text is read a folder at a time, so a look brings all `.txt` files of a folder or none.
    """
    return _Batch(source, site, now).read(fetched.documents)


class _Batch:
    """The articles of one look, and what is wrong with them, by name."""

    def __init__(self, source: Source, site: Site, now: datetime) -> None:
        self._source = source
        self._site = site
        self._now = now
        self._problems: defaultdict[str, list[Problem]] = defaultdict(list)
        self._failed: set[str] = set()
        self._unpublished: set[str] = set()
        self._texts: dict[str, tuple[Facts, str]] = {}
        self._shared: dict[str, frozenset[str]] = {}

    def read(self, documents: Sequence[Document]) -> Normalized:
        texts = [(document, None) for document in documents if _suffix(document.name) in _TEXT]
        self._texts = {document.name: opened for document, opened in self._stage(self._opened, texts)}
        self._shared = self._furniture({name: text for name, (_, text) in self._texts.items()})
        drafts: list[Draft] = []
        for start in range(0, len(documents), _TOGETHER):
            drafts += self._drafts(documents[start : start + _TOGETHER])
        return Normalized(
            drafts=tuple(drafts),
            unpublished=frozenset(self._unpublished),
            failed=frozenset(self._failed),
            problems=tuple(problem for document in documents for problem in self._problems.get(document.name, ())),
        )

    def _drafts(self, documents: Sequence[Document]) -> list[Draft]:
        """Bring some documents through one stage after the other."""
        others: list[tuple[Document, None]] = []
        opened: list[tuple[Document, tuple[Facts, str]]] = []
        for document in documents:
            if document.name in self._texts:
                opened.append((document, self._texts[document.name]))
            elif _suffix(document.name) not in _TEXT:
                others.append((document, None))
        manuscripts = self._stage(self._manuscript, [*opened, *self._stage(self._opened, others)])
        cleaned = self._stage(self._cleaned, manuscripts)
        told = self._stage(self._with_language, cleaned)
        drafts = {document.name: draft for document, draft in self._stage(self._composed, told)}
        return [drafts[document.name] for document in documents if document.name in drafts]

    def _stage(
        self, work: Callable[[Document, A], B | None], articles: Iterable[tuple[Document, A]]
    ) -> list[tuple[Document, B]]:
        """Return what `work` makes of each article, without those that go no further."""
        done: list[tuple[Document, B]] = []
        for document, article in articles:
            try:
                made = work(document, article)
            except NormalizeError as error:
                self._fail(document.name, error)
            except Exception:  # noqa: BLE001 - one article must never keep the others from being published
                self._fault(document.name)
            else:
                if made is not None:
                    done.append((document, made))
        return done

    def _where(self, name: str) -> str:
        return f"{self._source.name}: {name}"

    def _report(self, name: str) -> Report:
        return lambda message: self._problems[name].append(Problem(where=self._where(name), message=message))

    def _fail(self, name: str, error: NormalizeError) -> None:
        message = f"{error.what.rstrip('.')}. {error.hint}" if error.hint else error.what
        self._problems[name].append(Problem(where=error.where or self._where(name), message=message))
        self._failed.add(name)

    def _fault(self, name: str) -> None:
        _log.exception(
            "article %s of source %s could not be read", name, self._source.name, extra={"source": self._source.name}
        )
        self._fail(
            name,
            NormalizeError("a fault in Feedmill kept it from being read", hint="Please report it; the log has more."),
        )

    def _opened(self, document: Document, _: None) -> tuple[Facts, str]:
        where = self._where(document.name)
        self._refuse_huge(document, where)
        text = decode(document.body, where, markup=_suffix(document.name) in _HTML)
        return split(text, where, self._report(document.name))

    def _refuse_huge(self, document: Document, where: str) -> None:
        if len(document.body) > self._source.max_file:
            raise NormalizeError(
                f"the file has {len(document.body)} bytes, more than max_file = {self._source.max_file}",
                where=where,
                hint="Shorten it, or raise max_file of the source.",
            )

    def _furniture(self, texts: dict[str, str]) -> dict[str, frozenset[str]]:
        """What the plain texts of each folder share."""
        folders: defaultdict[str, list[list[str]]] = defaultdict(list)
        for name, text in texts.items():
            folders[_folder(name)].append(text.split("\n"))
        return {folder: shared_furniture(files, self._source.furniture) for folder, files in folders.items()}

    def _manuscript(self, document: Document, opened: tuple[Facts, str]) -> Manuscript | None:
        facts, text = opened
        if facts.draft:
            self._unpublished.add(document.name)
            return None
        suffix = _suffix(document.name)
        if suffix in _MARKDOWN:
            return read_markdown(facts, text)
        if suffix in _HTML:
            return read_html(facts, text, self._where(document.name))
        if suffix in _TEXT:
            shared = self._shared.get(_folder(document.name), frozenset())
            return read_text(facts, peel(text.split("\n"), self._source.furniture, shared))
        raise NormalizeError(
            f"{suffix or 'a file without suffix'} is no article format", hint="Use .md, .html or .txt."
        )

    def _cleaned(self, document: Document, manuscript: Manuscript) -> Cleaned:
        return clean(manuscript, document, self._source, self._site, self._report(document.name))

    def _with_language(self, document: Document, cleaned: Cleaned) -> tuple[Cleaned, str]:
        return cleaned, language_of(cleaned, self._source, self._site, self._report(document.name))

    def _composed(self, document: Document, told: tuple[Cleaned, str]) -> Draft | None:
        draft = draft_of(*told, document, self._source, self._site, self._now, self._report(document.name))
        if draft.expires is None or draft.expires > self._now:
            return draft
        self._unpublished.add(document.name)
        return None


def _suffix(name: str) -> str:
    return stem_and_suffix(name)[1].lower()


def _folder(name: str) -> str:
    return name.rpartition("/")[0]
