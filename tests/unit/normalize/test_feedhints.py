"""What a feed says about when to ask again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.model import Hints
from feedmill.normalize.feedrepair import read_xml
from feedmill.normalize.feedxml import prepare
from readings import by_feedparser, in_order

URL = "https://up.example/blog/feed.xml"
ATOM = 'xmlns:atom="http://www.w3.org/2005/Atom"'
SY = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'


def said(channel: str) -> Hints:
    return prepare(
        read_xml(f"<rss version='2.0' {SY}><channel><title>x</title>{channel}<item/></channel></rss>"), URL
    ).hints


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("<ttl>90</ttl>", Hints(ttl=timedelta(minutes=90))),
        ("<ttl> 60.0\n</ttl>", Hints(ttl=timedelta(hours=1))),
        ("<ttl>999999</ttl>", Hints(ttl=timedelta(days=366))),
        ("<TTL>5</TTL>", Hints(ttl=timedelta(minutes=5))),
        ("<skipHours><hour>0</hour><hour>23</hour><hour>24</hour></skipHours>", Hints(skip_hours=frozenset({0, 23}))),
        ("<skipHours>\n<hour> 7 </hour>\n</skipHours>", Hints(skip_hours=frozenset({7}))),
        ("<skipDays><day>Saturday</day><day>sun</day></skipDays>", Hints(skip_days=frozenset({5, 6}))),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", Hints(period=timedelta(hours=1))),
        (
            "<sy:updatePeriod> Daily </sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>",
            Hints(period=timedelta(hours=12)),
        ),
        ("<sy:updateFrequency>4</sy:updateFrequency>", Hints(period=timedelta(hours=6))),
        ("<sy:updatePeriod>weekly</sy:updatePeriod>", Hints(period=timedelta(days=7))),
        (
            "<sy:updatePeriod>yearly</sy:updatePeriod><sy:updateBase>2000-01-01T12:00+00:00</sy:updateBase>",
            Hints(period=timedelta(days=365), base=datetime(2000, 1, 1, 12, tzinfo=UTC)),
        ),
    ],
)
def test_what_is_said_is_read(channel: str, expected: Hints) -> None:
    assert said(channel) == expected


@pytest.mark.parametrize(
    "channel",
    [
        "",
        "<ttl/>",
        "<ttl>0</ttl>",
        "<ttl>-5</ttl>",
        "<ttl>soon</ttl>",
        "<ttl>99999999999999999999</ttl>",
        "<ttl>٣</ttl>",
        "<skipHours><hour>25</hour><hour>x</hour><day>Monday</day></skipHours>",
        "<skipDays><day>0</day><day/></skipDays>",
        "<sy:updatePeriod>now and then</sy:updatePeriod>",
        "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
        "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>often</sy:updateFrequency>",
        "<sy:updateBase>yesterday or so</sy:updateBase>",
        "<item><ttl>9</ttl><sy:updatePeriod>hourly</sy:updatePeriod></item>",
        "<x:ttl xmlns:x='urn:x'>9</x:ttl>",
    ],
)
def test_what_makes_no_sense_counts_as_not_said(channel: str) -> None:
    assert said(channel) == Hints()


def test_rdf_says_it_in_its_channel() -> None:
    rdf = (
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" {SY}>'
        "<channel><title>x</title><sy:updatePeriod>hourly</sy:updatePeriod></channel><item/></rdf:RDF>"
    )
    assert prepare(read_xml(rdf), URL).hints == Hints(period=timedelta(hours=1))


def test_atom_may_carry_the_module_too() -> None:
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom" {SY}><sy:updatePeriod>daily</sy:updatePeriod><entry/></feed>'
    assert prepare(read_xml(atom), URL).hints == Hints(period=timedelta(days=1))


HUB, OTHER = "https://hub.example/", "https://other.example/hub"
TOPIC = "https://up.example/feed"
HUB_LINK = "rel='hub' href='{}'".format


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        (f"<atom:link {ATOM} rel='hub' href='{HUB}'/>", Hints(hubs=(HUB,))),
        (f"<a10:link xmlns:a10='http://www.w3.org/2005/Atom' rel='HUB' href='{HUB}'/>", Hints(hubs=(HUB,))),
        (
            "".join(
                f"<atom:link {ATOM} {link}/>"
                for link in ("rel='self' href='../feed'", *map(HUB_LINK, (HUB, OTHER, HUB)))
            ),
            Hints(hubs=(HUB, OTHER), topic=TOPIC),
        ),
        (
            f"<atom:link {ATOM} rel='self' xml:base='https://else.example/x/' href='y'/>",
            Hints(topic="https://else.example/x/y"),
        ),
        (f"<atom:link {ATOM} rel='hub' href='ftp://hub.example/'/><link>{HUB}</link>", Hints()),
        (f"<atom:link {ATOM} rel='hub' href='javascript:alert(1)'/><atom:link {ATOM} rel='hub'/>", Hints()),
        (f"<item><atom:link {ATOM} rel='hub' href='{HUB}'/></item>", Hints()),
        (
            "".join(f"<atom:link {ATOM} rel='hub' href='https://h{n}.example/'/>" for n in range(9)),
            Hints(hubs=tuple(f"https://h{n}.example/" for n in range(5))),
        ),
    ],
)
def test_hubs_are_named_by_links(channel: str, expected: Hints) -> None:
    assert said(channel) == expected


def test_hubs_of_an_atom_feed() -> None:
    atom = (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://base.example/"><link rel="hub" href="/hub"/>'
        f'<link rel="self" href="{TOPIC}"/><entry><link rel="hub" href="https://no.example/"/></entry></feed>'
    )
    expected = Hints(hubs=("https://base.example/hub",), topic=TOPIC)
    assert prepare(read_xml(atom), URL).hints == expected
    for reading in (in_order(atom.encode()), by_feedparser(atom.encode())):
        assert reading is not None
        assert reading[0] == expected


def test_hubs_of_a_json_feed() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "feed_url": TOPIC,
        "items": [],
        "hubs": [{"type": "rssCloud", "url": OTHER}, {"type": "WebSub", "url": HUB}, {"type": "WebSub"}, "x"],
    }
    reading = by_feedparser(json.dumps(feed).encode())
    assert reading[0] == Hints(hubs=(HUB,), topic=TOPIC)


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_words_are_endured(one: str, other: str) -> None:
    one, other = one.replace("<", "&lt;"), other.replace("<", "&lt;")
    found = said(f"<ttl>{one}</ttl><skipHours><hour>{other}</hour></skipHours><sy:updateBase>{one}</sy:updateBase>")
    assert found.ttl is None or found.ttl > timedelta()
    assert all(0 <= hour <= 23 for hour in found.skip_hours)
