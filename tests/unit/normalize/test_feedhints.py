"""What a feed says about when to ask again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.model import Hints
from feedmill.normalize.feedrepair import read_xml
from feedmill.normalize.feedxml import prepare

SY = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'


def said(channel: str) -> Hints:
    return prepare(read_xml(f"<rss version='2.0' {SY}><channel><title>x</title>{channel}<item/></channel></rss>")).hints


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
    assert prepare(read_xml(rdf)).hints == Hints(period=timedelta(hours=1))


def test_atom_may_carry_the_module_too() -> None:
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom" {SY}><sy:updatePeriod>daily</sy:updatePeriod><entry/></feed>'
    assert prepare(read_xml(atom)).hints == Hints(period=timedelta(days=1))


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_words_are_endured(one: str, other: str) -> None:
    one, other = one.replace("<", "&lt;"), other.replace("<", "&lt;")
    found = said(f"<ttl>{one}</ttl><skipHours><hour>{other}</hour></skipHours><sy:updateBase>{one}</sy:updateBase>")
    assert found.ttl is None or found.ttl > timedelta()
    assert all(0 <= hour <= 23 for hour in found.skip_hours)
