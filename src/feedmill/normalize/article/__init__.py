"""Article files -> drafts: Markdown, HTML and plain text, each by its suffix.

A bad article is reported and the rest goes on. This module must not know how the files were collected,
nor which of them were seen before.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import datetime

from feedmill.errors import NormalizeError
from feedmill.model import Document, Draft, Fetched, Normalized, Problem, Site, Source
from feedmill.normalize.article.compose import compose
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


def normalize(source: Source, site: Site, fetched: Fetched, now: datetime) -> Normalized:
    """Return the drafts of the article files in `fetched`.

    A file that cannot be read is a problem, and its name is in `failed`; one that says it is a draft is in
    `unpublished`. Plain text is read a folder at a time, so a look brings all `.txt` files of a folder or none.
    """
    return _Batch(source, site, now).read(fetched.documents)


class _Batch:
    def __init__(self, source: Source, site: Site, now: datetime) -> None:
        self._source = source
        self._site = site
        self._now = now
        self._problems: list[Problem] = []
        self._failed: set[str] = set()
        self._unpublished: set[str] = set()

    def read(self, documents: tuple[Document, ...]) -> Normalized:
        texts = {
            document.name: opened
            for document in documents
            if _suffix(document.name) in _TEXT and (opened := self._opened(document)) is not None
        }
        shared = self._furniture({name: text for name, (_, text) in texts.items()})
        drafts: list[Draft] = []
        for document in documents:
            # Only plain texts have to be in memory at once.
            opened = texts.get(document.name) if _suffix(document.name) in _TEXT else self._opened(document)
            draft = None if opened is None else self._draft(document, *opened, shared)
            if draft is not None:
                drafts.append(draft)
        return Normalized(
            drafts=tuple(drafts),
            unpublished=frozenset(self._unpublished),
            failed=frozenset(self._failed),
            problems=tuple(self._problems),
        )

    def _where(self, name: str) -> str:
        return f"{self._source.name}: {name}"

    def _report(self, name: str) -> Report:
        return lambda message: self._problems.append(Problem(where=self._where(name), message=message))

    def _fail(self, name: str, error: NormalizeError) -> None:
        message = f"{error.what.rstrip('.')}. {error.hint}" if error.hint else error.what
        self._problems.append(Problem(where=error.where or self._where(name), message=message))
        self._failed.add(name)

    def _fault(self, name: str) -> None:
        _log.exception("article %s of source %s could not be read", name, self._source.name)
        self._fail(
            name,
            NormalizeError("a fault in Feedmill kept it from being read", hint="Please report it; the log has more."),
        )

    def _opened(self, document: Document) -> tuple[Facts, str] | None:
        where = self._where(document.name)
        try:
            self._refuse_huge(document, where)
            text = decode(document.body, where, markup=_suffix(document.name) in _HTML)
            return split(text, where, self._report(document.name))
        except NormalizeError as error:
            self._fail(document.name, error)
        except Exception:  # noqa: BLE001 - one article must never keep the others from being published
            self._fault(document.name)
        return None

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

    def _draft(self, document: Document, facts: Facts, text: str, shared: dict[str, frozenset[str]]) -> Draft | None:
        if facts.draft:
            self._unpublished.add(document.name)
            return None
        report = self._report(document.name)
        try:
            manuscript = self._manuscript(document.name, facts, text, shared)
            draft = compose(manuscript, document, self._source, self._site, self._now, report)
            if draft.expires is None or draft.expires > self._now:
                return draft
            self._unpublished.add(document.name)
        except NormalizeError as error:
            self._fail(document.name, error)
        except Exception:  # noqa: BLE001 - as above
            self._fault(document.name)
        return None

    def _manuscript(self, name: str, facts: Facts, text: str, shared: dict[str, frozenset[str]]) -> Manuscript:
        suffix = _suffix(name)
        if suffix in _MARKDOWN:
            return read_markdown(facts, text)
        if suffix in _HTML:
            return read_html(facts, text, self._where(name))
        if suffix in _TEXT:
            return read_text(
                facts, peel(text.split("\n"), self._source.furniture, shared.get(_folder(name), frozenset()))
            )
        raise NormalizeError(
            f"{suffix or 'a file without suffix'} is no article format", hint="Use .md, .html or .txt."
        )


def _suffix(name: str) -> str:
    return stem_and_suffix(name)[1].lower()


def _folder(name: str) -> str:
    return name.rpartition("/")[0]
