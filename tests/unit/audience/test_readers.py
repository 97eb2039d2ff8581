"""Which program a User-Agent names, as they are sent on the web."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.audience.readers import LONGEST, Kind, reader_of

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "name", "kind", "subscribers", "part"),
    [
        (
            "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 123 subscribers; like FeedFetcher-Google)",
            "Feedly", Kind.SERVICE, 123, "",
        ),
        ("Mozilla/5.0 (compatible; Inoreader/1.0; 1 subscribers; +https://x)", "Inoreader", Kind.SERVICE, 1, ""),
        ("NewsBlur Feed Fetcher - 42 subscribers - http://www.newsblur.com/site/1/x (Mozilla/5.0 AppleWebKit/534)",
         "NewsBlur", Kind.SERVICE, 42, ""),
        ("Mozilla/5.0 (compatible; theoldreader.com; 7 subscribers; feed-id=ab12)",
         "The Old Reader", Kind.SERVICE, 7, "ab12"),
        ("Feedbin feed-id:1373711 - 22 subscribers", "Feedbin", Kind.SERVICE, 22, "1373711"),
        ("BazQux/2.4 (+https://bazqux.com/fetcher; 1,203 subscribers)", "BazQux", Kind.SERVICE, 1203, ""),
        ("Fetcher/2 (subscribers=12)", "Fetcher", Kind.SERVICE, 12, ""),
        ("Superfeedr bot/2.0 http://superfeedr.com", "Superfeedr", Kind.SERVICE, None, ""),
        ("FreshRSS/1.24.1 (Linux; https://freshrss.org)", "FreshRSS", Kind.READER, None, ""),
        ("Mozilla/5.0 (compatible; Miniflux/2.1.3; +https://miniflux.app)", "Miniflux", Kind.READER, None, ""),
        ("Tiny Tiny RSS/23.10 (Unsupported) (https://tt-rss.org/)", "Tiny Tiny RSS", Kind.READER, None, ""),
        ("NetNewsWire (RSS Reader; https://netnewswire.com/)", "NetNewsWire", Kind.READER, None, ""),
        ("newsboat/2.36.0 (Linux x86_64)", "newsboat", Kind.READER, None, ""),
        ("Mozilla/5.0 (X11; rv:128.0) Gecko/20100101 Thunderbird/128.2.0", "Thunderbird", Kind.READER, None, ""),
        ("FeedFlow/1.0", "FeedFlow", Kind.READER, None, ""),
        ("my-own-thing/1.0 (someone)", "my-own-thing", Kind.READER, None, ""),
        (FIREFOX, "browsers", Kind.BROWSER, None, ""),
        (CHROME, "browsers", Kind.BROWSER, None, ""),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot", Kind.BOT, None, ""),
        ("SomeCrawler 3", "SomeCrawler", Kind.BOT, None, ""),
        ("python-requests/2.31", "python-requests", Kind.TOOL, None, ""),
        ("curl/8.5.0", "curl", Kind.TOOL, None, ""),
        ("", "unnamed", Kind.TOOL, None, ""),
        ("-", "unnamed", Kind.TOOL, None, ""),
    ],
)  # fmt: skip
def test_a_user_agent(user_agent: str, name: str, kind: Kind, subscribers: int | None, part: str) -> None:
    reader = reader_of(user_agent)
    assert (reader.name, reader.kind, reader.subscribers, reader.part) == (name, kind, subscribers, part)


@pytest.mark.parametrize("claim", ["9999999999 subscribers", "-3 subscribers", "1.5 subscribers", "x3 subscribers"])
def test_what_is_no_number_of_people_is_not_taken_for_one(claim: str) -> None:
    assert reader_of(f"Reader/1 ({claim})").subscribers in {None, 3}
    assert reader_of("Reader/1 (9999999999 subscribers)").subscribers is None


@given(st.text(max_size=LONGEST))
def test_a_name_is_short_and_prints(user_agent: str) -> None:
    reader = reader_of(user_agent)
    assert 0 < len(reader.name) <= 40
    assert reader.name.isprintable()
    assert reader.subscribers is None or 0 <= reader.subscribers < 1_000_000_000
