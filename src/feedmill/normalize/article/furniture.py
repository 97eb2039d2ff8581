"""Page furniture: the lines that scraping leaves before and behind a story.

The defaults are listed in docs/articles.md. Only the ends are ever touched, and only by whole lines. This module
must not know how lines make paragraphs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from feedmill.normalize.article.dateline import dateline_length
from feedmill.normalize.plaintext import plain

__all__ = ["peel", "shared_furniture"]

# Whole lines that are furniture at either end, without their final punctuation, in lower case.
_WORDS = frozenset(
    {
        # English
        "scroll to top", "back to top", "go to top", "top", "advertisement", "advertisements", "ad", "ads", "sponsored",
        "sponsored content", "story continues below advertisement", "advertisement - scroll to continue",
        "continue reading", "read more", "read also", "see also", "also read", "more", "load more", "show more",
        "share", "share this", "share this article", "share this story", "share on facebook", "share on twitter",
        "share on x", "share on whatsapp", "tweet", "print", "print this page", "email this article", "copy link",
        "link copied", "comments", "leave a comment", "post a comment", "no comments", "skip to content",
        "skip to main content", "menu", "home", "search", "subscribe", "subscribe now", "sign in", "log in", "sign up",
        "sign up for our newsletter", "subscribe to our newsletter", "follow us", "related articles", "related posts",
        "related stories", "related", "recommended", "you may also like", "you might also like", "most read",
        "trending",
        "tags", "next", "previous", "next page", "previous page", "next article", "previous article",
        "all rights reserved",
        # Indonesian
        "kembali ke atas", "ke atas", "iklan", "advertorial", "pariwara", "scroll to continue with content",
        "advertisement scroll to continue with content", "scroll untuk melanjutkan", "gulir untuk lanjut membaca",
        "lanjutkan membaca", "lanjutkan membaca di bawah", "baca selengkapnya", "selengkapnya", "baca juga",
        "baca juga berita lainnya", "lihat juga", "simak juga", "tonton juga", "bagikan", "bagikan artikel ini",
        "bagikan berita ini", "share berita ini", "salin tautan", "tautan disalin", "komentar", "tulis komentar",
        "beri komentar", "halaman selanjutnya", "halaman berikutnya", "halaman sebelumnya", "selanjutnya", "berikutnya",
        "sebelumnya", "berita terkait", "artikel terkait", "artikel lainnya", "berita lainnya", "berita terpopuler",
        "terpopuler", "rekomendasi untuk anda", "rekomendasi", "beranda", "masuk", "daftar", "langganan",
        "ikuti kami", "cari", "hak cipta dilindungi undang-undang", "lihat semua", "topik terkait", "topik", "tag",
    }
)  # fmt: skip

# Whole lines that are furniture behind a story, where a headline could never be meant.
_BEHIND = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:copyright|hak cipta)\s*(?:©|\(c\)|(?:©|\(c\))?\s*(?:19|20)\d\d\b|dilindungi|milik).{0,100}",
        r"(?:©|\(c\))\s*.{0,100}(?:\b(?:19|20)\d\d\b|reserved).{0,100}",
        r".{0,80}\ball rights reserved\.?",
        r"(?:baca (?:juga|pula|selengkapnya)|(?:lihat|simak|tonton) juga)\s*:.*",
        r"(?:read also|also read|see also|read more)\s*:.*",
        r"(?:simak|tonton|saksikan|lihat) (?:juga )?video\b.*",
        r"\[?gambas\s*:.*",
        r"(?:tags?|topik|kata kunci|keywords|kategori|category|categories)\s*:.*",
        r"(?:share|share this|share on|bagikan|sebarkan|follow us|ikuti kami)\s*:.*",
        r"(?:facebook|twitter|x|whatsapp|telegram|linkedin|line|pinterest|instagram|threads|reddit|email|e-mail|copy|print)",
        r"(?:halaman|page)\s+\d{1,3}(?:\s*(?:/|of|dari)\s*\d{1,3})?",
        r"\d{1,3}\s*(?:comments?|komentar|shares?)",
        r"(?:dapatkan|ikuti|cek|simak) (?:update )?berita .{0,120}(?:google news|whatsapp|telegram|aplikasi|app).*",
        r"[-_=*~.•·#\s]{2,}",
    )
)
_FEW_FILES = 3
_LONGEST_HEADLINE = 160  # characters
_WRAPPED = 60  # characters; lines that were broken by hand or by a mail program are at least as long
_ENDS_A_SENTENCE = re.compile(r"""[.!?…:;»”"’')\]—–-]$""")


def peel(lines: Sequence[str], configured: Iterable[str], shared: frozenset[str] = frozenset()) -> list[str]:
    """Return `lines` (blank ones included) as plain text without the furniture at both ends.

    At least one line stays.

    Args:
        lines: the file, line by line.
        configured: furniture of this source: whole lines, or their beginnings with a final `*`; case is ignored.
        shared: what `shared_furniture` found in the folder.
    """
    page = _Page(lines, _Configured(configured))
    page.peel(shared)
    return page.lines[page.start : page.end]


def shared_furniture(files: Sequence[Sequence[str]], configured: Iterable[str]) -> frozenset[str]:
    """Return the lines that begin or end at least 3, and at least half, of the files of one folder.

    Lines come off both ends one after the other, so that furniture behind furniture is found too.
    """
    own = _Configured(configured)
    pages = [_Page(lines, own) for lines in files]
    exposed: defaultdict[str, set[int]] = defaultdict(set)
    found: frozenset[str] = frozenset()
    while True:
        for number, page in enumerate(pages):
            page.peel(found)
            if page.end - page.start > 1:  # a headline alone tells nothing
                exposed[page.lines[page.start]].add(number)
                exposed[page.lines[page.end - 1]].add(number)
        now = frozenset(
            line for line, numbers in exposed.items() if len(numbers) >= _FEW_FILES and len(numbers) * 2 >= len(pages)
        )
        if now == found:
            return found
        found = now


class _Page:
    """The lines of one file, and how far the furniture at each end has been taken off."""

    def __init__(self, lines: Sequence[str], configured: _Configured) -> None:
        cleaned = [plain(line) for line in lines]
        self.lines = [
            line for at, line in enumerate(cleaned) if line or (at and cleaned[at - 1])
        ]  # one blank is enough
        self.start = 0
        self.end = len(self.lines)
        self._configured = configured
        self._shared: frozenset[str] = frozenset()
        self._skip_blanks()
        self._spaced = "" in self.lines[self.start : self.end]

    def peel(self, shared: frozenset[str]) -> None:
        """Take off what is furniture now."""
        self._shared = shared
        while self.start < self.end and self._is_before(self.start):
            self.start += 1
            self._skip_blanks()
        while self._peel_behind():
            self._skip_blanks()

    def _peel_behind(self) -> bool:
        """Take off the run of furniture that the page ends with; whether there was any."""
        above = self.end - 1
        while above > self.start and self.lines[above] and self._is_behind(self.lines[above]):
            above -= 1
        sentence, run = self.lines[above : above + 1], self.lines[above + 1 : self.end]
        if run and self._spaced and _is_broken_off(sentence[0], before=run[0]):
            # It may be the tail of a sentence that was broken over lines; what is certain goes all the same.
            while run and self._is_certain(run[-1]):
                run.pop()
            above += len(run)
        taken = above + 1 < self.end
        self.end = above + 1
        return taken

    def _skip_blanks(self) -> None:
        while self.start < self.end and not self.lines[self.start]:
            self.start += 1
        while self.end > self.start and not self.lines[self.end - 1]:
            self.end -= 1

    def _next(self, at: int) -> int:
        """The next line that is not blank; `end` if there is none."""
        at += 1
        while at < self.end and not self.lines[at]:
            at += 1
        return at

    def _is_before(self, at: int) -> bool:
        line, following = self.lines[at], self._next(at)
        if following >= self.end:
            return False
        if self._configured.holds(line):
            return True
        # It may also be the headline, of a column that repeats or a short one; then a story follows, and no headline.
        return (line in self._shared or _key(line) in _WORDS) and _is_headline(self.lines[following])

    def _is_certain(self, line: str) -> bool:
        return line in self._shared or self._configured.holds(line)

    def _is_behind(self, line: str) -> bool:
        return self._is_certain(line) or _key(line) in _WORDS or any(pattern.fullmatch(line) for pattern in _BEHIND)


class _Configured:
    def __init__(self, entries: Iterable[str]) -> None:
        keys = [plain(entry).casefold() for entry in entries]
        self._whole = {key for key in keys if key and not key.endswith("*")}
        self._beginnings = tuple(key.rstrip("*") for key in keys if key.endswith("*") and key.rstrip("*"))

    def holds(self, line: str) -> bool:
        key = line.casefold()
        return key in self._whole or (bool(self._beginnings) and key.startswith(self._beginnings))


def _key(line: str) -> str:
    return line.casefold().strip(" .:!?…»«›>‹<|[]()-–—*↑▲⇧")


def _is_headline(line: str) -> bool:
    """Whether a line can be the title, once what stands before it is gone: a repeated headline is not furniture."""
    return len(line) <= _LONGEST_HEADLINE and not line.endswith(".") and not dateline_length(line)


def _is_broken_off(line: str, before: str) -> bool:
    """Whether the sentence of `line` goes on in the next one, `before` which it stands."""
    return bool(line) and not _ENDS_A_SENTENCE.search(line) and (before[0].islower() or len(line) >= _WRAPPED)
