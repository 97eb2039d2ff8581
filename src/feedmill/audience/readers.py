"""Which program a User-Agent names, what that program is, and how many people it says it reads for.

RFC 9110, section 10.1.5, has products with versions and comments; what feed readers make of it is custom. Names of
programs whose User-Agents say more than the product, or hide it, are in a table here; crawlers are known from the list
that crawler-user-agents keeps. Anybody can claim anything in a User-Agent: the numbers are as true as those who send
them. This module must not know what a visit is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

__all__ = ["LONGEST", "Kind", "Reader", "reader_of", "recognized"]

LONGEST = 512
"""How many characters of a User-Agent are looked at."""

_LONGEST_NAME = 40
_LONGEST_LISTED = 160


class Kind(StrEnum):
    """What a program is."""

    SERVICE = "service"  # it reads for many, from machines of its own
    READER = "reader"  # it reads for one person or household
    BROWSER = "browser"
    BOT = "bot"
    TOOL = "tool"  # a library or a command that anything may be made of


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The program that a User-Agent names. `subscribers` is what it declares, None if it does not; `part` is the id
    that it gives to what it counts."""

    name: str
    kind: Kind
    subscribers: int | None = None
    part: str = ""


_SERVICES = {
    "bazqux": "BazQux",
    "blogtrottr": "Blogtrottr",
    "bloglovin": "Bloglovin",
    "feeder.co": "Feeder.co",
    "feedbin": "Feedbin",
    "feedfetcher-google": "Google Feedfetcher",
    "feedhq": "FeedHQ",
    "feedly": "Feedly",
    "feedlybot": "Feedly",
    "feedspot": "Feedspot",
    "flipboard": "Flipboard",
    "g2reader-bot": "G2Reader",
    "gwene": "Gwene",
    "ifttt": "IFTTT",
    "inoreader": "Inoreader",
    "itms": "Apple Podcasts",
    "kill-the-newsletter": "Kill the Newsletter",
    "livejournal": "LiveJournal",
    "monitorss": "MonitoRSS",
    "netvibes": "Netvibes",
    "newsblur": "NewsBlur",
    "newsify": "Newsify",
    "overcast": "Overcast",
    "pocket casts": "Pocket Casts",
    "pocketcasts": "Pocket Casts",
    "readwise": "Readwise Reader",
    "spotify": "Spotify",
    "superfeedr": "Superfeedr",
    "theoldreader": "The Old Reader",
    "zapier": "Zapier",
}
_READERS = {
    "akregator": "Akregator",
    "antennapod": "AntennaPod",
    "commafeed": "CommaFeed",
    "elfeed": "Elfeed",
    "feedbro": "Feedbro",
    "feeder": "Feeder",
    "feedme": "FeedMe",
    "feedparser": "feedparser",
    "fiery feeds": "Fiery Feeds",
    "fluent reader": "Fluent Reader",
    "freshrss": "FreshRSS",
    "gpodder": "gPodder",
    "liferea": "Liferea",
    "lire": "lire",
    "miniflux": "Miniflux",
    "netnewswire": "NetNewsWire",
    "newsbeuter": "newsboat",
    "newsboat": "newsboat",
    "newsflash": "NewsFlash",
    "newsraft": "newsraft",
    "nextcloud-news": "Nextcloud News",
    "nextcloud news": "Nextcloud News",
    "podcast addict": "Podcast Addict",
    "podcastaddict": "Podcast Addict",
    "quiterss": "QuiteRSS",
    "raven reader": "Raven Reader",
    "rawdog": "rawdog",
    "readkit": "ReadKit",
    "read you": "Read You",
    "reeder": "Reeder",
    "rss2email": "rss2email",
    "rssguard": "RSS Guard",
    "rssowl": "RSSOwl",
    "seamonkey": "SeaMonkey",
    "selfoss": "selfoss",
    "sfeed": "sfeed",
    "simplepie": "SimplePie",
    "thunderbird": "Thunderbird",
    "tiny tiny rss": "Tiny Tiny RSS",
    "tt-rss": "Tiny Tiny RSS",
    "unread": "Unread",
    "vienna": "Vienna",
    "windows-rss-platform": "Windows RSS Platform",
    "yarr": "Yarr",
}
_KNOWN = {word: (name, Kind.SERVICE) for word, name in _SERVICES.items()} | {
    word: (name, Kind.READER) for word, name in _READERS.items()
}
# The longest first, so that no name hides another that begins with it.
_WORDS = "|".join(map(re.escape, sorted(_KNOWN, key=len, reverse=True)))
_NAMED = re.compile(rf"(?<![a-z0-9])(?:{_WORDS})(?![a-z])", re.IGNORECASE | re.ASCII)

_DECLARED = re.compile(
    r"(?<![\w.,])(\d{1,3}(?:,\d{3}){1,2}|\d{1,9})\s{1,3}(?:subscriber|reader)s?\b"
    r"|\b(?:subscriber|reader)s?\s{0,3}[=:]\s{0,3}(\d{1,9})(?!\d)",
    re.IGNORECASE | re.ASCII,
)
_PART = re.compile(r"\bfeed-?id\s?[=:]\s?([\w-]{1,64})", re.IGNORECASE | re.ASCII)
_ENGINE = re.compile(r"^(?:mozilla|opera)/.*(?:gecko|applewebkit|trident|presto|msie)", re.IGNORECASE)
_COMPATIBLE = re.compile(r"\(compatible; ?\+?(?:https?://(?:www\.)?)?([^;)+,]+)", re.IGNORECASE)
_PRODUCT = re.compile(r"[^/(;,\[+]+")
_VERSION = re.compile(r"[\s-]+v?\d[\d.]*$|\s+-$")
_AUTOMATIC = re.compile(r"bot\b|crawl|spider|monitor|validator", re.IGNORECASE)


@lru_cache(maxsize=4096)
def recognized(user_agent: str) -> Reader | None:
    """Return the program that `user_agent` (at most LONGEST characters of one) names, None if it takes the list of
    crawlers to tell: this is done in microseconds."""
    known = _NAMED.search(user_agent)
    if known:
        return _reader(user_agent, *_KNOWN[known[0].lower()])
    # Crawlers that claim to be browsers read for nobody either.
    if _ENGINE.match(user_agent) and "compatible;" not in user_agent and not _AUTOMATIC.search(user_agent):
        return _reader(user_agent, "browsers", Kind.BROWSER)
    return None


@lru_cache(maxsize=4096)
def reader_of(user_agent: str) -> Reader:
    """Return the program that `user_agent` (at most LONGEST characters of one) names.

    One that nobody knows is called by its product, and held for a reader.
    """
    known = recognized(user_agent)
    if known is not None:
        return known
    kind = _listed(user_agent[:_LONGEST_LISTED]) or (Kind.READER if user_agent.strip(" -") else Kind.TOOL)
    reader = _reader(user_agent, _product(user_agent), kind)
    if reader.subscribers is not None and kind is Kind.READER:  # nobody knows it, and it counts people
        return replace(reader, kind=Kind.SERVICE)
    return reader


def _reader(user_agent: str, name: str, kind: Kind) -> Reader:
    declared = _DECLARED.search(user_agent)
    part = _PART.search(user_agent)
    return Reader(
        name=name,
        kind=kind,
        subscribers=int((declared[1] or declared[2]).replace(",", "")) if declared else None,
        part=part[1] if part else "",
    )


def _listed(user_agent: str) -> Kind | None:
    """What the list of crawlers says of it, None if it is not in there."""
    from crawleruseragents import CRAWLER_USER_AGENTS_DATA, is_crawler, matching_crawlers

    if is_crawler(user_agent):
        tags = {tag for at in matching_crawlers(user_agent) for tag in CRAWLER_USER_AGENTS_DATA[at].get("tags", ())}
        if "feed-reader" in tags:
            return Kind.READER
        return Kind.TOOL if "http-library" in tags else Kind.BOT
    return Kind.BOT if _AUTOMATIC.search(user_agent) else None


def _product(user_agent: str) -> str:
    """The name of the first product, or of the one that says what it is compatible to."""
    compatible = _COMPATIBLE.search(user_agent)
    told = _PRODUCT.match(compatible[1] if compatible else user_agent.strip())
    name = _VERSION.sub("", told[0].strip()) if told else ""
    return "".join(c for c in name if c.isprintable())[:_LONGEST_NAME].strip(" -") or "unnamed"
