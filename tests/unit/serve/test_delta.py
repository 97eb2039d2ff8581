"""RFC 3229 deltas: what a reader has, and what is new, make the whole feed again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import CARRIERS, NOW, SPEC, edition, entry
from feedmill.model import Entry, Tombstone
from feedmill.render import RENDERERS
from feedmill.serve.delta import KINDS, delta, digest
from merging import merged, read

RSS, ATOM, JSON = (RENDERERS[name].media_type for name in ("rss", "atom", "json"))

BODIES = st.sampled_from(
    ["<p>Words.</p>", "", "<p>]]&gt; &lt;/item&gt;</p>", "</entry></item>", '{"items": []}', "\n  ", "æ 😀", "a" * 300]
)


def made(number: int, body: str = "<p>Words.</p>", title: str = "") -> Entry:
    """An entry; the higher its number, the newer."""
    return entry(
        id=f"tag:example.org,2026:s/{number}",
        title=title or f"Number {number} <&>",
        content=body,
        published=NOW - timedelta(days=100) + timedelta(hours=number),
    )


def rendered(name: str, entries: list[Entry], *gone: str) -> bytes:
    stones = tuple(Tombstone(id=id_, when=NOW) for id_ in gone)
    updated = max([one.updated for one in entries], default=NOW)
    return RENDERERS[name].render(edition(SPEC, entries, updated, tombstones=stones))


def new_in(name: str, before: bytes, after: bytes) -> bytes | None:
    kind = RENDERERS[name].media_type
    known = digest(before, kind)
    assert known is not None
    return delta(known, after, kind)


@pytest.mark.parametrize("name", CARRIERS)
def test_only_what_is_new_or_changed_is_told(name: str) -> None:
    entries = [made(number) for number in range(5, 0, -1)]
    after = [made(6), replace(entries[0], title="Changed"), *entries[1:4]]
    new = new_in(name, rendered(name, entries), rendered(name, after))
    assert new is not None
    assert list(read(new).entries) == [after[0].id, after[1].id]
    whole = read(rendered(name, after))
    assert read(new).head == whole.head
    RENDERERS[name].check(new, after[:2])


@pytest.mark.parametrize("name", CARRIERS)
def test_nothing_new_is_a_feed_without_entries(name: str) -> None:
    body = rendered(name, [made(2), made(1)])
    new = new_in(name, body, body)
    assert new is not None
    assert read(new).entries == {}


@pytest.mark.parametrize("name", CARRIERS)
def test_what_would_not_be_smaller_is_sent_whole(name: str) -> None:
    assert new_in(name, rendered(name, [made(1)]), rendered(name, [made(3), made(2)])) is None


@pytest.mark.parametrize("name", CARRIERS)
def test_an_entry_that_was_withdrawn_is_told_or_the_feed_is_sent_whole(name: str) -> None:
    entries = [made(number) for number in range(5, 0, -1)]
    after = [entries[0], *entries[2:]]
    assert new_in(name, rendered(name, entries), rendered(name, after)) is None, "it does not say what became of it"
    new = new_in(name, rendered(name, entries), rendered(name, after, entries[1].id))
    if name == "atom":
        assert new is not None
        assert read(new).gone == {entries[1].id}
        assert read(new).entries == {}
    else:
        assert new is None


@pytest.mark.parametrize("name", CARRIERS)
def test_the_last_entry_may_have_been_withdrawn_unless_a_newer_one_came(name: str) -> None:
    entries = [made(number) for number in range(5, 0, -1)]
    assert new_in(name, rendered(name, entries), rendered(name, entries[:-1])) is None
    assert new_in(name, rendered(name, entries), rendered(name, [made(6), *entries[:-2]])) is None
    assert new_in(name, rendered(name, entries), rendered(name, [made(6), *entries[:-1]])) is not None


@pytest.mark.parametrize("name", CARRIERS)
def test_an_older_entry_that_moved_up_pushed_nothing_out(name: str) -> None:
    """The last one was withdrawn, and there is room for one that there was none for before."""
    before = rendered(name, [made(number) for number in (5, 4, 3)])
    assert new_in(name, before, rendered(name, [made(number) for number in (5, 4, 2)])) is None
    assert new_in(name, before, rendered(name, [made(number) for number in (6, 5, 4, 2)])) is None
    assert new_in(name, before, rendered(name, [made(number) for number in (6, 5, 4)])) is not None


def test_what_was_told_to_be_gone_is_not_told_again() -> None:
    entries = [made(number) for number in range(5, 0, -1)]
    before = rendered("atom", entries[1:], entries[0].id)
    new = new_in("atom", before, rendered("atom", [made(6), *entries[1:]], entries[0].id))
    assert new is not None
    assert read(new).gone == frozenset()
    assert list(read(new).entries) == [made(6).id]


@pytest.mark.parametrize("name", CARRIERS)
def test_an_order_that_changed_is_sent_whole(name: str) -> None:
    entries = [made(number) for number in range(5, 0, -1)]
    assert new_in(name, rendered(name, entries), rendered(name, [entries[1], entries[0], *entries[2:]])) is None


@dataclass(frozen=True)
class History:
    """Two versions of a feed that shows the newest `limit` entries of what there is."""

    before: list[Entry]
    after: list[Entry]
    gone: list[str]


@st.composite
def histories(draw: st.DrawFn) -> History:
    limit = draw(st.integers(1, 8))
    stock = {number: made(number, draw(BODIES)) for number in draw(st.sets(st.integers(0, 30), max_size=12))}
    before = [stock[number] for number in sorted(stock, reverse=True)][:limit]
    for number in draw(st.sets(st.sampled_from(sorted(stock)), max_size=3)) if stock else ():
        stock[number] = made(number, draw(BODIES), "Changed")
    gone = sorted(draw(st.sets(st.sampled_from(sorted(stock)), max_size=2))) if draw(st.booleans()) and stock else []
    withdrawn = [stock.pop(number).id for number in gone]
    for number in draw(st.sets(st.integers(31, 60), max_size=6)):
        stock[number] = made(number, draw(BODIES))
    return History(before, [stock[number] for number in sorted(stock, reverse=True)][:limit], withdrawn)


@pytest.mark.parametrize("name", CARRIERS)
@given(history=histories())
def test_a_reader_makes_the_whole_feed_again(name: str, history: History) -> None:
    before, after = rendered(name, history.before), rendered(name, history.after, *history.gone)
    new = new_in(name, before, after)
    if new is None:
        return
    whole = read(after)
    ids = [made(number).id for number in range(60, -1, -1)]
    found = merged(read(before), read(new), ids)
    assert list(found.items())[: len(whole.entries)] == list(whole.entries.items())
    assert len(new) < len(after)
    assert read(new).head == whole.head
    # What the reader has besides fell off the end of the feed: it was never told to be gone.
    besides = list(found)[len(whole.entries) :]
    assert set(besides) <= set(read(before).entries) - set(history.gone) or name != "atom"


@given(history=histories())
def test_a_version_is_known_by_a_few_bytes_an_entry(history: History) -> None:
    for name in CARRIERS:
        found = digest(rendered(name, history.before), RENDERERS[name].media_type)
        assert found is not None
        assert len(found.entries) == len(history.before)
        assert all(len(id_) == len(said) == 8 for id_, said in found.entries)


FEED = b"<rss version='2.0'><channel><title>T</title>%s</channel></rss>"

CURIOUS = {
    RSS: [
        FEED % b"<item><guid>a</guid><d><![CDATA[</item><item>]]></d></item>\n<item a='>'><guid>b</guid></item >",
        FEED % b"<!-- <item><guid>x</guid></item> --><item><guid>a</guid></item><?p <b/>?><item><guid>b</guid></item>",
        (
            FEED
            % (
                b"<image><item><guid>x</guid></item></image><item><x><guid>-</guid></x><guid>a</guid></item>"
                b"<item><guid>b</guid><y/></item>"
            )
        ),
    ],
    ATOM: [
        (
            b"<a:feed xmlns:a='http://www.w3.org/2005/Atom' xmlns:t='http://purl.org/atompub/tombstones/1.0'>"
            b"<a:entry><a:id> a </a:id><a:source><a:id>x</a:id></a:source></a:entry><t:deleted-entry ref='g'/>"
            b"<a:entry><a:id>b</a:id></a:entry></a:feed>"
        ),
    ],
    JSON: [
        b'{"title":"[{","items":[{"id":"a","x":"]},"},{"id":"b"}],"z":{"items":[1]}}',
        b'{"x": {"items": [{"id": "x"}]}, "items" : [ {"id": "a"} , {"id": "b"} ] }',
        '{"title": "æ 😀", "items": [{"id": "a", "t": "😀"},{"id": "b"}]}'.encode(),
    ],
}


@pytest.mark.parametrize(("kind", "body"), [(kind, body) for kind, bodies in CURIOUS.items() for body in bodies])
def test_entries_are_found_however_a_document_is_written(kind: str, body: bytes) -> None:
    known = digest(body, kind)
    assert known is not None
    assert len(known.entries) == 2
    first = replace(known, entries=known.entries[1:])
    new = delta(first, body, kind)
    assert new is not None
    assert (digest(new, kind) or known).entries == known.entries[:1]
    none = delta(known, body, kind)
    assert none is not None
    assert (digest(none, kind) or known).entries == ()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (RSS, b""),
        (RSS, b"<html><body/></html>"[:10]),
        (RSS, FEED % b"<item><title>No id</title></item>"),
        (RSS, FEED % b"<item><guid>a</guid>"),
        (RSS, b"<!DOCTYPE rss [<!ENTITY a 'b'>]>" + FEED % b"<item><guid>&a;</guid></item>"),
        (RSS, (FEED % b"<item><guid>a</guid></item>").decode().encode("utf-16")),
        (JSON, b""),
        (JSON, b"[]"),
        (JSON, b'{"items": ['),
        (JSON, b'{"items": [1]}'),
        (JSON, b'{"items": [{"title": "No id"}]}'),
        (JSON, b'{"title": "No items"}'),
        (JSON, b'{"items": [{"id": "a"}, {"id": "b"},{"id": "c"}]}'),
        (JSON, b'{"items": ' + b"[" * 100_000),
        ("text/html", b"<p>"),
    ],
)
def test_what_cannot_be_cut_is_sent_whole(kind: str, body: bytes) -> None:
    assert digest(body, kind) is None


def test_ids_that_are_not_unique_are_no_ids() -> None:
    body = FEED % b"<item><guid>a</guid><title>1</title></item><item><guid>a</guid><title>2</title></item>"
    known = digest(body, RSS)
    assert known is not None
    assert delta(known, body, RSS) is None


@pytest.mark.parametrize("kind", KINDS)
@given(body=st.binary(max_size=200))
def test_anything_may_stand_in_a_file(kind: str, body: bytes) -> None:
    digest(body, kind)
