"""What is worked on: real feeds from the folder that FEEDMILL_CORPUS names, or generated ones; and generated articles.

The same seed gives the same bytes. This module must not know who reads them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from random import Random

__all__ = ["Feeds", "article", "articles", "copies", "feeds", "generated_feeds"]

_NEWEST = datetime(2024, 12, 1, 12, tzinfo=UTC)
"""In the past wherever this runs: what is dated in the future waits."""
_ID = re.compile(
    rb"(?:<guid\b[^>]*>|<entry\b[^>]*>(?:(?!</entry>).)*?<id>)(?:\s*<!\[CDATA\[)?|<item\b[^>]*\brdf:about=[\"']",
    re.DOTALL,
)
"""Where the id of an entry begins, in RSS 2.0, Atom and RSS 1.0."""

_WORDS = {
    "en": "the of and to in a is that for it was on are as with they be at one have this from by hot word but what some"
    " we harbour ferry council budget winter library bridge river market school railway engineer garden weather repair",
    "id": "yang dan di itu dengan untuk tidak ini dari dalam akan pada juga saya ke karena tersebut bisa ada mereka"
    " lebih pasar apung kota sungai jembatan sekolah perahu warga hujan gubernur anggaran kereta pelabuhan sawah",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er"
    " hat dass Brücke Hafen Markt Fluss Stadt Schule Straße Wetter Bürger Garten Zug Werkstatt Bücherei",
    "ja": "港 市場 川 橋 学校 図書館 天気 予算 鉄道 庭 修理 冬 町 市民 新聞 船 道 今日 明日 技術",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Feeds:
    """Feed documents, and in words where they are from."""

    documents: tuple[bytes, ...]
    origin: str

    def smaller(self, limit: int) -> tuple[bytes, ...]:
        """Return those of less than `limit` bytes."""
        return tuple(document for document in self.documents if len(document) < limit)


def feeds(scale: float = 1.0) -> Feeds:
    """Return the feeds of FEEDMILL_CORPUS, or as many that are generated; with a smaller `scale`, the first of them."""
    if corpus := os.environ.get("FEEDMILL_CORPUS"):
        paths = [path for path in sorted(Path(corpus).iterdir()) if path.is_file()]
        documents = tuple(path.read_bytes() for path in paths[: _scaled(len(paths), scale)])
        return Feeds(documents, f"{len(documents)} real feeds (FEEDMILL_CORPUS), {_size(documents)}")
    documents = tuple(generated_feeds(_scaled(100, scale)))
    return Feeds(documents, f"{len(documents)} generated feeds, {_size(documents)}")


def copies(documents: Sequence[bytes], count: int, *, distinct: bool = False) -> Iterator[bytes]:
    """Yield the documents over and over, `count` in all; `distinct` entries get an id of their own in each copy."""
    for number in range(count):
        document = documents[number % len(documents)]
        yield _ID.sub(rb"\g<0>copy%d-" % number, document) if distinct else document


def generated_feeds(count: int, seed: int = 1) -> Iterator[bytes]:
    """Yield feed documents: RSS and Atom, of 10 to 80 entries with bodies as content systems write them."""
    for number in range(count):
        random = Random(f"{seed} {number}")
        language = random.choice(list(_WORDS))
        entries = [_Entry(random, language, number, place) for place in range(random.randint(10, 80))]
        yield (_atom if number % 4 == 3 else _rss)(number, language, entries).encode()


def articles(count: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Yield names and texts of Markdown articles with YAML front matter, some two kilobytes each."""
    return ((f"article-{number:05}.md", article(number, seed)) for number in range(count))


def article(number: int, seed: int = 1) -> str:
    """Return the text of one article."""
    random = Random(f"{seed} article {number}")
    language = random.choice(["en", "id", "de"])
    date = _NEWEST - timedelta(hours=number, minutes=random.randrange(60))
    tags = random.sample(_WORDS[language].split(), 2)
    lines = [
        "---", f'title: "{_sentence(random, language, 6)} {number}"', f"date: {date:%Y-%m-%dT%H:%M:%SZ}",
        f"tags: {json.dumps(tags)}", f"lang: {language}", "---", "",
    ]  # fmt: skip
    for place in range(random.randint(3, 7)):
        if place % 3 == 2:
            lines += [f"## {_sentence(random, language, 4)}", ""]
        text = [_sentence(random, language, random.randint(6, 18)) + "." for _ in range(random.randint(2, 5))]
        text[0] = f"**{text[0]}** See [{_sentence(random, language, 2)}](https://example.org/{number}/{place})."
        lines += [" ".join(text), ""]
    lines += [f"- {_sentence(random, language, 5)}" for _ in range(3)]
    lines += ["", f"![{_sentence(random, language, 3)}](https://example.org/pictures/{number}.jpg)", ""]
    return "\n".join(lines)


class _Entry:
    """One entry of a generated feed."""

    def __init__(self, random: Random, language: str, feed: int, place: int) -> None:
        self.title = _sentence(random, language, random.randint(3, 10))
        self.url = f"https://site{feed}.example/{place}/"
        self.date = _NEWEST - timedelta(hours=7 * place + feed % 24, seconds=random.randrange(3600))
        self.body = _body(random, language, self.url)
        self.author = _sentence(random, language, 2)
        self.category = random.choice(_WORDS[language].split())


def _rss(number: int, language: str, entries: list[_Entry]) -> str:
    items = "".join(
        f"<item>\n<title>{escape(entry.title)}</title>\n<link>{entry.url}</link>\n"
        f'<guid isPermaLink="false">{entry.url}?p=1</guid>\n<dc:creator><![CDATA[{entry.author}]]></dc:creator>\n'
        f"<pubDate>{format_datetime(entry.date)}</pubDate>\n<category><![CDATA[{entry.category}]]></category>\n"
        f"<description><![CDATA[{entry.body[:300].rpartition(' ')[0]} [&#8230;]]]></description>\n"
        f"<content:encoded><![CDATA[{entry.body}]]></content:encoded>\n</item>\n"
        for entry in entries
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
        f"<title>Site {number}</title>\n<link>https://site{number}.example/</link>\n<description>News</description>\n"
        f'<atom:link href="https://site{number}.example/feed" rel="self" type="application/rss+xml"/>\n'
        f"<language>{language}</language>\n{items}</channel>\n</rss>\n"
    )


def _atom(number: int, language: str, entries: list[_Entry]) -> str:
    items = "".join(
        f'<entry>\n<title type="html">{escape(escape(entry.title))}</title>\n<link href="{entry.url}"/>\n'
        f"<id>{entry.url}</id>\n<author><name>{escape(entry.author)}</name></author>\n"
        f"<published>{entry.date.isoformat()}</published>\n<updated>{entry.date.isoformat()}</updated>\n"
        f'<category term="{escape(entry.category)}"/>\n<content type="html">{escape(entry.body)}</content>\n</entry>\n'
        for entry in entries
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language}">\n'
        f"<id>https://site{number}.example/</id>\n<title>Site {number}</title>\n"
        f'<link href="https://site{number}.example/"/>\n<updated>{entries[0].date.isoformat()}</updated>\n{items}</feed>\n'
    )


def _body(random: Random, language: str, url: str) -> str:
    parts = []
    for place in range(random.randint(2, 14)):
        text = ". ".join(_sentence(random, language, random.randint(6, 18)) for _ in range(random.randint(1, 5)))
        link = f'<a href="/{place}?a=1&amp;b=2" target="_blank" onclick="go()">{_sentence(random, language, 2)}</a>'
        parts.append(f'<p style="margin:0">{text}, {link}.</p>\n')
    parts.append(f'<figure><img src="{url}{random.randrange(10**6)}.jpg" alt="" width="640" height="480"/></figure>\n')
    parts.append("<ul>" + "".join(f"<li>{_sentence(random, language, 5)}</li>" for _ in range(4)) + "</ul>\n")
    parts.append('<script async src="https://example.com/w.js"></script>' if random.random() < 0.2 else "<hr>")
    return "".join(parts)


def _sentence(random: Random, language: str, words: int) -> str:
    text = " ".join(random.choices(_WORDS[language].split(), k=words))
    return text[0].upper() + text[1:]


def _scaled(count: int, scale: float) -> int:
    return max(round(count * scale), 1)


def _size(documents: tuple[bytes, ...]) -> str:
    return f"{sum(map(len, documents)) / 1e6:.1f} MB"
