"""Drafts that no alias knows: what is recognized, what is new, and what is held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import NOW, entry, item
from feedmill.changes import revision
from feedmill.model import Alias, AliasKind, Changes, Draft, Entry, Trace, Verdict
from feedmill.normalize.identity import canonical_url
from feedmill.strangers import identify, notice

DAY = timedelta(days=1)
THEN = NOW - timedelta(days=100, minutes=7)
WORDS = f"<p>{'Words that say much. ' * 15}</p>"


def stored(number: int, title: str | None = None, url: str | None = None, **fields: object) -> Trace:
    """What is remembered of an entry of the first look, dated `number` days after THEN."""
    trace = Trace(
        id=f"urn:x:{number}",
        title=title or f"Title {number}",
        published=THEN + DAY * number,
        first_seen=NOW - timedelta(days=10),
        story=canonical_url(url) if url else None,
    )
    return replace(trace, **fields)  # type: ignore[arg-type]  # the fields of Trace, by name


def comes(number: int | None, title: str | None = None, url: str | None = None, **fields: str) -> Draft:
    """A draft dated `number` days after THEN, without a date if that is None."""
    moment = None if number is None else THEN + DAY * number
    draft = item(f"new-{number}-{title}", title=title or f"Title {number}", published_at_first=moment, **fields)
    address = (Alias(kind=AliasKind.URL, value=canonical_url(url)),) if url else ()
    return replace(draft, url=url, aliases=(*draft.aliases, *address))


def judged(drafts: Sequence[Draft], traces: Sequence[Trace], **fields: bool) -> Verdict:
    return identify(drafts, [None] * len(drafts), traces, **fields)


# --- one stranger


@pytest.mark.parametrize(
    ("draft", "trace"),
    [
        (comes(1, "A", "https://new/a?p=1"), stored(2, "A", "https://old/a?p=1")),
        (comes(None, "A", "https://new/a"), stored(2, "A", "https://old/a")),
        (comes(1, "A", "https://new/x"), stored(1, "A", "https://old/y")),
        (comes(1, " a  B", None), stored(1, "A b", "https://old/y")),
        (comes(1, "Changed", "https://new/a"), stored(1, "A", "https://old/a")),
    ],
    ids=["path and title", "path and title, undated", "title and date", "title folded, and date", "path and date"],
)
def test_a_stranger_that_two_things_speak_for_is_recognized(draft: Draft, trace: Trace) -> None:
    assert judged([draft], [trace]) == Verdict(same={0: trace.id})


@pytest.mark.parametrize(
    ("draft", "trace"),
    [
        (comes(9, "Open thread", "https://up/9"), stored(2, "Open thread", "https://up/2")),
        (comes(9, "A", "https://new/"), stored(2, "A", "https://old/")),
        (comes(None, "A", "https://new/x"), stored(2, "A", "https://old/y")),
        (comes(9, "B", "https://new/a"), stored(2, "A", "https://old/a")),
        (comes(9, "B", "https://new/x"), stored(9, "A", "https://old/y")),
        (comes(9, content=WORDS), stored(2, "Title 9", revision=revision(comes(9, content=WORDS)))),
    ],
    ids=["weekly thread", "front page", "title alone", "path alone", "date alone", "title and words alone"],
)
def test_a_stranger_that_one_thing_speaks_for_is_new(draft: Draft, trace: Trace) -> None:
    assert judged([draft], [trace]) == Verdict()


def test_what_several_drafts_share_tells_nothing() -> None:
    twins = [comes(1, "A", "https://new/x"), comes(1, "A", "https://new/y")]
    assert judged(twins, [stored(1, "A", "https://old/z")]) == Verdict()
    assert judged(twins[:1], [stored(1, "A", "https://old/z")]).same == {0: "urn:x:1"}


def test_what_several_stored_entries_share_tells_nothing() -> None:
    twins = [stored(1, "A", "https://old/x"), replace(stored(1, "A", "https://old/y"), id="urn:x:other")]
    assert judged([comes(1, "A", "https://new/z")], twins) == Verdict()


def test_a_shared_title_and_date_are_told_apart_by_the_path() -> None:
    drafts = [comes(1, "A", "https://new/x"), comes(1, "A", "https://new/y")]
    traces = [stored(1, "A", "https://old/y"), replace(stored(1, "A", "https://old/x"), id="urn:x:other")]
    assert judged(drafts, traces).same == {0: "urn:x:other", 1: "urn:x:1"}


def test_a_weak_claim_never_takes_what_another_draft_owns() -> None:
    drafts = [comes(1, "A", "https://new/x"), comes(3, "B")]
    assert identify(drafts, [None, "urn:x:1"], [stored(1, "A", "https://old/x")]) == Verdict()


def test_a_weak_claim_never_takes_what_a_stranger_got_by_a_surer_one() -> None:
    drafts = [comes(5, "A", "https://new/a"), comes(1, "A", "https://new/x")]
    there = [stored(1, "A", "https://old/a"), stored(9, "Z", "https://old/z")]
    assert judged(drafts, there).same == {0: "urn:x:1"}
    assert judged(drafts[1:], there).same == {0: "urn:x:1"}


@pytest.mark.parametrize(
    "draft",
    [comes(9, "Monday: rain", "https://up/forecast"), comes(9, "Monday: rain", "https://new/forecast")],
    ids=["at one page", "at another host"],
)
def test_what_is_newer_than_all_that_is_stored_is_new_though_path_and_title_are_known(draft: Draft) -> None:
    """Else next week's forecast would overwrite this week's."""
    there = [stored(1, "Tuesday: sun", "https://up/forecast"), stored(2, "Monday: rain", "https://up/forecast")]
    assert judged([draft], there) == Verdict()


def test_at_one_host_path_and_title_tell_nothing() -> None:
    there = [stored(2, "Monday: rain", "https://up/forecast"), stored(9, "Z", "https://up/z")]
    assert judged([comes(5, "Monday: rain", "https://up/forecast")], there) == Verdict()


def test_entries_that_all_link_to_one_page_are_known_by_title_and_date() -> None:
    drafts = [comes(number, url="https://new/home") for number in range(4)]
    traces = [stored(number, url="https://old/home") for number in range(3)]
    assert judged(drafts, traces).same == {number: f"urn:x:{number}" for number in range(3)}


# --- strangers together


def test_a_whole_feed_whose_dates_changed_is_known_by_title_and_words() -> None:
    drafts = [comes(200 + number, f"Title {number}", content=WORDS) for number in range(3)]
    traces = [stored(number, revision=revision(drafts[number])) for number in range(3)]
    assert judged(drafts, traces).same == {number: f"urn:x:{number}" for number in range(3)}
    assert judged(drafts[:2], traces) == Verdict()
    others = [comes(300 + number, f"Other {number}", content=WORDS) for number in range(4)]
    assert judged(drafts + others, traces).same == {}


def test_few_words_are_nobodys() -> None:
    drafts = [comes(200 + number, f"Host {number}", content="<p>All is well.</p>") for number in range(5)]
    traces = [stored(number, f"Host {number}", revision=revision(drafts[number])) for number in range(5)]
    assert judged(drafts, traces) == Verdict()


def test_a_whole_feed_without_dates_is_known_by_its_titles() -> None:
    drafts = [comes(None, f"Title {number}") for number in range(3)]
    traces = [stored(number) for number in range(8)]
    assert judged(drafts, traces).same == {number: f"urn:x:{number}" for number in range(3)}
    fresh = [comes(None, f"Fresh {number}") for number in range(4)]
    assert judged(drafts + fresh, traces) == Verdict()
    assert judged(drafts + fresh[:3], traces).same.keys() == {0, 1, 2}


def test_a_ticker_that_turned_over_is_new() -> None:
    assert judged([comes(None, f"News {number}") for number in range(30)], [stored(n) for n in range(30)]) == Verdict()
    dated = [comes(50 + number) for number in range(30)]
    assert judged(dated, [stored(number) for number in range(30)]) == Verdict()


# --- floods


def old(count: int) -> list[Draft]:
    return [comes(number, f"Unheard {number}") for number in range(count)]


@pytest.mark.parametrize(
    ("late", "others", "held"), [(5, 45, 5), (4, 5, 0), (3, 3, 3), (3, 4, 0), (2, 0, 0), (30, 0, 30)]
)
def test_five_late_strangers_or_three_that_are_half_of_the_look_are_held(late: int, others: int, held: int) -> None:
    drafts = [*old(late), *(comes(60 + number) for number in range(others))]
    assert judged(drafts, [stored(50)]) == Verdict(held=frozenset(range(held)))


def test_known_drafts_count_for_the_size_of_the_look_only() -> None:
    drafts = [*old(3), comes(50), comes(51)]
    found = [None, None, None, "urn:x:50", "urn:x:51"]
    assert identify(drafts, found, [stored(50), stored(51)]).held == {0, 1, 2}
    assert identify([*drafts, comes(52), comes(53)], [*found, "a", "b"], [stored(50)]).held == set()


def test_what_is_newer_than_all_that_is_stored_is_never_held() -> None:
    almost = item("almost", published_at_first=THEN + DAY * 50 - timedelta(hours=1))
    drafts = [*old(9), almost, comes(51, "Later")]
    assert judged(drafts, [stored(50)]) == Verdict(held=frozenset(range(10)))


def test_strangers_of_the_last_day_are_late_by_nobodys_measure() -> None:
    hours = [item(str(hour), published_at_first=THEN + DAY * 50 - timedelta(hours=hour)) for hour in range(1, 24)]
    assert judged(hours, [stored(50)]) == Verdict()
    days = [item(str(days), published_at_first=THEN + DAY * (49 - days)) for days in range(5)]
    assert judged([*days, *hours], [stored(50)]).held == set(range(28))
    assert judged([*days[1:], *hours], [stored(50)]) == Verdict()


def test_what_is_as_old_as_the_newest_is_not_newer() -> None:
    newest = stored(50, published=(THEN + DAY * 50).replace(minute=0))
    same = item("same", published_at_first=newest.published)
    assert judged([*old(5), same], [newest]).held == set(range(6))


def test_strangers_without_a_date_are_never_held() -> None:
    drafts = [*old(5), comes(None, "Undated")]
    assert judged(drafts, [stored(50)]).held == set(range(5))


def test_nothing_is_held_where_much_is_meant_or_nothing_was_there() -> None:
    assert judged(old(30), [stored(50)], guarded=False) == Verdict()
    assert judged(old(30), []) == Verdict()


def test_in_a_flood_a_title_is_enough_and_then_a_date() -> None:
    drafts = [*(comes(number, f"Title {40 + number}") for number in range(4)), comes(20, "Retitled"), comes(9, "New")]
    traces = [*(stored(40 + number) for number in range(4)), stored(20, "Titled"), stored(50)]
    verdict = judged(drafts, traces)
    assert verdict.same == {number: f"urn:x:{40 + number}" for number in range(4)} | {4: "urn:x:20"}
    assert verdict.held == {5}


def test_in_a_flood_shared_titles_and_whole_hours_tell_nothing() -> None:
    hour = THEN.replace(minute=0)
    drafts = [*old(5), comes(3, "Open thread"), item("h", published_at_first=hour)]
    traces = [stored(50), stored(20, "Open thread"), stored(27, "Open thread"), stored(1, "Else", published=hour)]
    assert judged(drafts, traces) == Verdict(held=frozenset(range(7)))


def test_held_entries_do_not_make_others_late_and_are_recognized_themselves() -> None:
    assert judged(old(9), [stored(50, held=True)]) == Verdict()
    traces = [stored(50), *(stored(number, f"Unheard {number}", held=True) for number in range(9))]
    assert judged(old(9), traces).same == {number: f"urn:x:{number}" for number in range(9)}


def test_a_source_that_brought_old_entries_before_may_bring_more() -> None:
    """A journal dates its articles long before the issue; once released, its next issue is not held."""
    first = [stored(40 + number) for number in range(10)]
    issue = [stored(20 + number, first_seen=NOW - DAY) for number in range(5)]
    assert judged([comes(29 + n, f"Next {n}") for n in range(6)], [*first, *issue]) == Verdict()
    assert judged([comes(10 + n, f"Next {n}") for n in range(6)], [*first, *issue]).held == set(range(6))
    assert judged([comes(29 + n, f"Next {n}") for n in range(6)], [*first, *issue[:4]]).held == set(range(6))
    straggler = stored(0, first_seen=NOW - DAY)
    assert judged([comes(29 + n, f"Next {n}") for n in range(6)], [*first, straggler, *issue[:4]]) == Verdict()
    lately = [stored(45 + n, first_seen=NOW - DAY) for n in range(4)]
    assert judged([comes(29 + n, f"Next {n}") for n in range(6)], [*first, straggler, *lately]).held == set(range(6))
    twice = [replace(straggler, first_seen=NOW - 2 * DAY), *issue[:4]]
    assert judged([comes(29 + n, f"Next {n}") for n in range(6)], [*first, *twice]) == Verdict()
    kept_back = [replace(trace, held=True) for trace in issue]
    assert judged([comes(29 + n, f"Next {n}") for n in range(6)], [*first, *kept_back]).held == set(range(6))


# --- words


def entries(*titles: str) -> tuple[Entry, ...]:
    return tuple(entry(id=f"urn:x:{title}", title=title) for title in titles)


def test_what_is_held_is_told_with_its_first_titles_and_what_to_do() -> None:
    (told,) = notice("up", Changes(held=entries("A", "B", "C", "D"), still_held=2))
    assert str(told) == (
        "up: 6 entries are held back from the feeds: 4 came at once and are older than what is stored ('A', 'B', 'C',"
        " ...). If they are meant, publish them: feedmill publish --force --source up"
    )
    (told,) = notice("up", Changes(still_held=1))
    assert str(told) == (
        "up: 1 entry is held back from the feeds. If they are meant, publish them: feedmill publish --force --source up"
    )
    assert notice("up", Changes(new=entries("A"))) == ()


# --- properties

TITLES = st.sampled_from(["A", "B", "C", "Open thread"])
PLACES = st.sampled_from([None, "https://x.example/a", "https://x.example/b", "https://x.example/"])
DRAFTS = st.lists(st.builds(comes, st.none() | st.integers(0, 6), TITLES, PLACES), max_size=9)
TRACES = st.lists(st.integers(0, 6), max_size=9, unique=True).flatmap(
    lambda numbers: st.tuples(*(st.builds(stored, st.just(n), TITLES, PLACES, held=st.booleans()) for n in numbers))
)


@given(DRAFTS, TRACES, st.data())
def test_no_entry_is_two_drafts_and_no_draft_is_both_known_and_held(
    drafts: list[Draft], traces: tuple[Trace, ...], data: st.DataObject
) -> None:
    ids = st.sampled_from([None, *(trace.id for trace in traces)])
    found: list[str | None] = []
    for _ in drafts:
        known = data.draw(ids)
        found.append(None if known in found else known)
    verdict = identify(drafts, found, traces)
    owners = [known for known in found if known is not None] + list(verdict.same.values())
    assert len(owners) == len(set(owners))
    assert set(verdict.same.values()) <= {trace.id for trace in traces}
    strangers = {place for place, known in enumerate(found) if known is None}
    assert verdict.same.keys() | set(verdict.held) <= strangers
    assert verdict.same.keys().isdisjoint(verdict.held)


@given(st.lists(st.tuples(TITLES, st.integers(0, 30)), max_size=20, unique=True))
def test_a_feed_whose_titles_and_dates_are_told_apart_is_always_recognized(told: list[tuple[str, int]]) -> None:
    traces = [replace(stored(day, title), id=f"urn:x:{title}:{day}") for title, day in told]
    moved = [comes(day, title, f"https://new.example/{place}") for place, (title, day) in enumerate(told)]
    assert judged(moved, traces).same == {place: trace.id for place, trace in enumerate(traces)}


@given(st.datetimes(THEN.replace(tzinfo=None), NOW.replace(tzinfo=None)))
def test_nothing_that_is_newer_is_held(newest: datetime) -> None:
    traces = [stored(1, published=newest.replace(tzinfo=NOW.tzinfo, microsecond=0))]
    drafts = old(99)
    for place in judged(drafts, traces).held:
        assert (drafts[place].published_at_first or NOW) <= traces[0].published
