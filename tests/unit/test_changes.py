"""The decider: ids that stay, dates that stay, real changes told from noise."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from factories import NOW, article, item
from feedmill.changes import decide, known_by_alias, revision
from feedmill.model import (
    Alias,
    AliasKind,
    Changes,
    Draft,
    Enclosure,
    Entry,
    Known,
    Ledger,
    Normalized,
    Verdict,
)


class Memory:
    """What a store remembers, kept in two dictionaries: enough to look at a source again and again."""

    def __init__(self) -> None:
        self.known: dict[str, Known] = {}
        self.aliases: dict[Alias, str] = {}

    def look(
        self,
        *drafts: Draft,
        now: datetime = NOW,
        present: Collection[str] | None = None,
        unpublished: Collection[str] = (),
        modified: dict[str, datetime] | None = None,
        unreadable: Collection[str] = (),
    ) -> Changes:
        found = {alias: self.aliases[alias] for draft in drafts for alias in draft.aliases if alias in self.aliases}
        ids = set(found.values())
        known = {i: k for i, k in self.known.items() if i in ids or (present is not None and not k.withdrawn)}
        taken = {i for i in self.known for draft in drafts if i == draft.id or i.startswith(f"{draft.id}~")}
        # A store leaves out what is there as it was, for nothing is decided about it.
        unread = set(present or ()) - {draft.name for draft in drafts} - set(unpublished)
        touched = {i: k for i, k in known.items() if i in ids or k.entry.name not in unread}
        changes, same = (
            decide(
                "s",
                Normalized(drafts=drafts, unpublished=frozenset(unpublished)),
                Ledger(aliases=found, known=some, taken=taken),
                now,
                present=present,
                modified=modified,
                unreadable=unreadable,
            )
            for some in (known, touched)
        )
        assert changes == same
        for entry in (*changes.new, *changes.changed):
            self.known[entry.id] = Known(entry=entry, revision=changes.revisions[entry.id])
        for entry_id in changes.withdrawn:
            self.known[entry_id] = Known(entry=self.known[entry_id].entry, revision="", withdrawn=True)
        for alias, entry_id in changes.aliases:
            assert self.aliases.setdefault(alias, entry_id) == entry_id
        return changes

    def folder(self, *drafts: Draft, also: Sequence[str] = (), **others: object) -> Changes:
        """Look at a folder that holds these articles, and `also` some that did not change."""
        present = {draft.name for draft in drafts} | set(also)
        return self.look(*drafts, present=present, **others)  # type: ignore[arg-type]

    @property
    def live(self) -> dict[str, Entry]:
        return {k.entry.name: k.entry for k in self.known.values() if not k.withdrawn}


def test_what_comes_for_the_first_time_is_new() -> None:
    changes = Memory().look(item("1"), item("2"))
    assert [entry.id for entry in changes.new] == ["urn:x:1", "urn:x:2"]
    assert changes.changed == ()
    assert changes.withdrawn == ()


def test_the_same_again_changes_nothing() -> None:
    memory = Memory()
    memory.look(item("1", "u"), item("2"))
    changes = memory.look(item("1", "u"), item("2"), now=NOW + timedelta(hours=1))
    assert changes == Changes()


def test_undated_entries_get_the_time_of_first_sight_in_their_order_and_keep_it() -> None:
    memory = Memory()
    first = memory.look(item("1"), item("2")).new
    assert [entry.published for entry in first] == [NOW, NOW - timedelta(seconds=1)]
    later = memory.look(item("2", title="other"), item("1"), now=NOW + timedelta(days=1))
    assert [entry.published for entry in later.changed] == [NOW - timedelta(seconds=1)]


def test_an_upstream_date_counts_only_at_first_sight() -> None:
    memory = Memory()
    then = NOW - timedelta(days=3)
    memory.look(item("1", published_at_first=then))
    again = memory.look(item("1", published_at_first=NOW - timedelta(minutes=1), title="bumped"))
    assert again.changed[0].published == then


def test_a_date_that_the_author_changes_moves_the_entry() -> None:
    memory = Memory()
    memory.folder(article("a.md", published=NOW - timedelta(days=3)))
    moved = memory.folder(article("a.md", published=NOW - timedelta(days=1))).changed
    assert [entry.published for entry in moved] == [NOW - timedelta(days=1)]


def test_fractions_of_seconds_are_dropped_since_rss_cannot_carry_them() -> None:
    changes = Memory().look(item("1", published_at_first=NOW + timedelta(microseconds=5)))
    assert changes.new[0].published == NOW


def test_updated_moves_for_a_change_of_words() -> None:
    memory = Memory()
    memory.look(item("1", content="<p>one</p>", published_at_first=NOW - timedelta(days=1)))
    later = NOW + timedelta(hours=2)
    changed = memory.look(item("1", content="<p>two</p>"), now=later).changed
    assert [entry.updated for entry in changed] == [later]


def test_updated_stays_for_a_change_of_markup() -> None:
    memory = Memory()
    memory.look(item("1", content="<p>one</p>", published_at_first=NOW - timedelta(days=1)))
    changed = memory.look(item("1", content='<div><p>one </p><img src="https://t/1"></div>')).changed
    assert [entry.updated for entry in changed] == [NOW - timedelta(days=1)]


def test_updated_is_what_the_source_says_where_that_is_believable() -> None:
    memory = Memory()
    memory.look(item("1", content="one", published_at_first=NOW - timedelta(days=2)))
    said = NOW - timedelta(hours=1)
    assert memory.look(item("1", content="two", updated=said)).changed[0].updated == said
    future = NOW + timedelta(days=9)
    assert memory.look(item("1", content="three", updated=future)).changed[0].updated == NOW


def test_an_edited_article_is_dated_by_its_file() -> None:
    memory = Memory()
    memory.folder(article("a.md", "one", published=NOW - timedelta(days=2)))
    edited = NOW - timedelta(minutes=5)
    assert memory.folder(article("a.md", "two", published=NOW - timedelta(days=2)), modified={"a.md": edited}).changed[
        0
    ].updated == (edited)


def test_an_edited_article_keeps_its_id() -> None:
    memory = Memory()
    first = memory.folder(article("a.md", "one")).new[0]
    changes = memory.folder(article("a.md", "two"))
    assert [entry.id for entry in changes.changed] == [first.id]
    assert changes.new == ()


def test_a_renamed_article_keeps_its_id() -> None:
    memory = Memory()
    first = memory.folder(article("a.md")).new[0]
    changes = memory.folder(article("b/c.md"))
    assert [(entry.id, entry.name) for entry in changes.changed] == [(first.id, "b/c.md")]
    assert (changes.new, changes.withdrawn) == ((), ())


def test_articles_that_trade_names_keep_their_ids() -> None:
    memory = Memory()
    memory.folder(article("a.md", "one"), article("b.md", "two"))
    one, two = memory.live["a.md"].id, memory.live["b.md"].id
    memory.folder(article("a.md", "two"), article("b.md", "one"))
    assert (memory.live["b.md"].id, memory.live["a.md"].id) == (one, two)


def test_a_copy_is_another_article() -> None:
    memory = Memory()
    first = memory.folder(article("a.md")).new[0]
    changes = memory.folder(article("copy.md"), also=["a.md"])
    assert [entry.name for entry in changes.new] == ["copy.md"]
    assert changes.changed == ()
    assert memory.live["a.md"].id == first.id


def test_a_new_article_under_the_old_name_of_a_renamed_one_is_new_and_stays_itself() -> None:
    memory = Memory()
    first = memory.folder(article("a.md", "one")).new[0]
    memory.folder(article("b.md", "one"))
    second = memory.folder(article("a.md", "two"), also=["b.md"]).new[0]
    assert second.id == f"{first.id}~2"
    edited = memory.folder(article("a.md", "three"), also=["b.md"])
    assert [entry.id for entry in edited.changed] == [second.id]
    assert edited.new == ()


def test_a_deleted_article_is_withdrawn_and_comes_back_as_itself() -> None:
    memory = Memory()
    first = memory.folder(article("a.md"), article("b.md", "other")).new[0]
    assert memory.folder(also=["b.md"]).withdrawn == (first.id,)
    assert memory.folder(also=["b.md"]).withdrawn == ()
    back = memory.folder(article("a.md"), also=["b.md"])
    assert [entry.id for entry in back.changed] == [first.id]


def test_an_article_that_becomes_a_draft_is_withdrawn() -> None:
    memory = Memory()
    first = memory.folder(article("a.md")).new[0]
    assert memory.folder(also=["a.md"], unpublished=["a.md"]).withdrawn == (first.id,)


def test_an_article_that_cannot_be_read_now_stays() -> None:
    memory = Memory()
    memory.folder(article("a.md"))
    assert memory.folder(also=["a.md"]) == Changes()


def test_an_entry_that_leaves_an_upstream_feed_is_not_withdrawn() -> None:
    memory = Memory()
    memory.look(item("1"), item("2"))
    assert memory.look(item("2")) == Changes()


def test_a_known_guid_keeps_its_id_wherever_its_address_goes() -> None:
    memory = Memory()
    first = memory.look(item("1", "old")).new[0]
    changes = memory.look(item("1", "new"))
    assert [(entry.id, entry.url) for entry in changes.changed] == [(first.id, "new")]


def test_a_new_guid_at_a_known_address_is_the_same_entry_if_the_title_agrees() -> None:
    memory = Memory()
    first = memory.look(item("1", "u", title="T")).new[0]
    assert memory.look(item("http://other/1", "u", title="T")).new == ()
    renamed = memory.look(item("http://other/1", "u", title="T2"))
    assert [entry.id for entry in renamed.changed] == [first.id]


def test_a_guid_that_comes_back_with_another_address_title_and_date_is_another_entry() -> None:
    """Some upstreams use one guid again and again; nothing collected may be lost by that."""
    memory = Memory()
    day = timedelta(days=1)
    for number in range(4):
        came = item("G", f"/{number}", title=f"Title {number}", published_at_first=NOW + day * number)
        assert len(memory.look(came, now=NOW + day * 9).new) == 1
    assert {k.entry.title for k in memory.known.values()} == {f"Title {number}" for number in range(4)}


def test_an_article_that_names_its_id_is_believed_whatever_else_changed() -> None:
    memory = Memory()
    named = Alias(kind=AliasKind.GUID, value="urn:x:mine")

    def written(path: str, words: str) -> Draft:
        plain = article(path, words, id="urn:x:mine", url=f"https://example.org/{path}")
        return replace(plain, aliases=(*plain.aliases, named))

    first = memory.folder(written("a.md", "one")).new[0]
    changes = memory.folder(written("b.md", "two"))
    assert [entry.id for entry in changes.changed] == [first.id]
    assert (changes.new, changes.withdrawn) == ((), ())


def test_an_upstream_that_moves_to_another_domain_brings_nothing_new() -> None:
    """Promise 1, whatever happens to URLs, domains and upstream guids."""
    memory = Memory()

    def at(domain: str, number: int) -> Draft:
        told = item(f"{domain}/{number}", f"{domain}/{number}", title=f"T{number}")
        return replace(told, aliases=(*told.aliases, Alias(kind=AliasKind.WORDS, value=f"words {number}")))

    first = memory.look(*(at("https://old", n) for n in range(5))).new
    moved = memory.look(*(at("https://new", n) for n in range(5)))
    assert moved.new == ()
    assert [entry.id for entry in moved.changed] == [entry.id for entry in first]


def test_words_that_several_entries_share_tell_nothing() -> None:
    memory = Memory()
    same = Alias(kind=AliasKind.WORDS, value="Open thread")
    drafts = [item(str(n), f"/{n}", title="Open thread") for n in range(3)]
    drafts = [replace(draft, aliases=(*draft.aliases, same)) for draft in drafts]
    memory.look(drafts[0])
    assert len(memory.look(drafts[1], drafts[2]).new) == 2


def test_articles_with_the_same_words_keep_their_ids_when_their_folder_moves() -> None:
    memory = Memory()
    memory.folder(article("old/a.txt", "same", title="T"), article("old/b.txt", "same", title="T"))
    ids = {entry.id for entry in memory.live.values()}
    changes = memory.folder(article("new/a.txt", "same", title="T"), article("new/b.txt", "same", title="T"))
    assert (changes.new, changes.withdrawn) == ((), ())
    assert {entry.id for entry in memory.live.values()} == ids


def test_what_lies_in_a_place_that_could_not_be_seen_stays() -> None:
    memory = Memory()
    memory.folder(article("sub/a.md"), article("subway.md", "other"))
    gone = memory.look(present=frozenset(), unreadable=["sub"])
    assert [memory.known[entry_id].entry.name for entry_id in gone.withdrawn] == ["subway.md"]


def test_updated_never_goes_back() -> None:
    memory = Memory()
    memory.folder(article("a.md", "one", published=NOW - timedelta(days=2)))
    memory.folder(article("a.md", "two", published=NOW - timedelta(days=2)), now=NOW)
    early = memory.folder(article("a.md", "three", published=NOW - timedelta(days=2)), now=NOW - timedelta(hours=2))
    assert [entry.updated for entry in early.changed] == [NOW]


def test_a_new_guid_at_a_known_address_with_another_title_and_date_is_new() -> None:
    memory = Memory()
    memory.look(item("1", "home", title="Monday"))
    assert len(memory.look(item("2", "home", title="Tuesday"), now=NOW + timedelta(days=1)).new) == 1


def test_entries_that_all_point_at_one_page_are_told_apart_by_guid() -> None:
    memory = Memory()
    assert len(memory.look(item("1", "home"), item("2", "home")).new) == 2
    changes = memory.look(item("3", "home", title="Title of 1"), item("2", "home"))
    assert [entry.id for entry in changes.new] == ["urn:x:3"]


def ledger_of(memory: Memory, *drafts: Draft, **fields: object) -> Ledger:
    found = {alias: memory.aliases[alias] for draft in drafts for alias in draft.aliases if alias in memory.aliases}
    return Ledger(aliases=found, known=memory.known, **fields)  # type: ignore[arg-type]  # the fields of Ledger


def test_an_address_that_several_stored_entries_had_tells_nothing() -> None:
    memory = Memory()
    memory.look(item("1", "home", title="Open thread"))
    came = item("2", "home", title="Open thread")
    shared = {Alias(kind=AliasKind.URL, value="home")}
    assert known_by_alias(Normalized(drafts=(came,)), ledger_of(memory, came)) == ["urn:x:1"]
    assert known_by_alias(Normalized(drafts=(came,)), ledger_of(memory, came, shared=shared)) == [None]
    guidless = replace(item(None, "home"), aliases=(Alias(kind=AliasKind.URL, value="home"),))
    assert known_by_alias(Normalized(drafts=(guidless,)), ledger_of(memory, guidless, shared=shared)) == ["urn:x:1"]


def names_of(draft: Draft, entry_id: str) -> tuple[tuple[Alias, str], ...]:
    return tuple((alias, entry_id) for alias in draft.aliases if alias.kind is not AliasKind.ENCLOSURE)


def test_a_known_enclosure_is_the_same_entry_if_title_or_date_agrees() -> None:
    memory = Memory()
    sound = Alias(kind=AliasKind.ENCLOSURE, value="//up/1.mp3")

    def episode(guid: str, title: str, day: int) -> Draft:
        told = item(guid, title=title, published_at_first=NOW - timedelta(days=day))
        return replace(told, aliases=(*told.aliases, sound))

    first = memory.look(episode("1", "One", 1)).new[0]
    assert memory.look(episode("2", "One", 2)) == Changes(aliases=names_of(episode("2", "One", 2), first.id))
    assert [entry.id for entry in memory.look(episode("3", "Other", 1)).changed] == [first.id]
    assert len(memory.look(episode("4", "Else", 5)).new) == 1
    assert len(memory.look(episode("5", "One", 1), episode("6", "One", 1)).new) == 2


def test_a_stranger_that_was_recognized_is_the_stored_entry_and_keeps_its_new_names() -> None:
    memory = Memory()
    first = memory.look(item("1", "old")).new[0]
    came = item("2", "new", title="T")
    changes = decide("s", Normalized(drafts=(came,)), ledger_of(memory, came), NOW, verdict=Verdict(same={0: first.id}))
    assert (changes.new, [entry.id for entry in changes.changed]) == ((), [first.id])
    assert dict(changes.aliases) == dict.fromkeys(came.aliases, first.id)


def test_what_is_held_is_not_new_and_is_counted_as_long_as_it_is_shown() -> None:
    drafts = (item("1", "u"), item("2", "v"))
    verdict = Verdict(held={1})
    changes = decide("s", Normalized(drafts=drafts), Ledger(), NOW, verdict=verdict)
    assert ([e.id for e in changes.new], [e.id for e in changes.held]) == (["urn:x:1"], ["urn:x:2"])
    assert changes.revisions.keys() == {"urn:x:1", "urn:x:2"}
    assert changes.stories == {"urn:x:1": "u", "urn:x:2": "v"}
    assert set(dict(changes.aliases).values()) == {"urn:x:1", "urn:x:2"}
    held = Known(entry=changes.held[0], revision=changes.revisions["urn:x:2"], held=True)
    ledger = Ledger(aliases=dict.fromkeys(drafts[1].aliases, "urn:x:2"), known={"urn:x:2": held})
    again = decide("s", Normalized(drafts=drafts[1:]), ledger, NOW)
    assert again == Changes(still_held=1)
    assert decide("s", Normalized(), ledger, NOW).still_held == 0


def test_an_id_that_another_entry_has_gets_a_number() -> None:
    memory = Memory()
    changes = memory.look(item("1", id="urn:x:same"), item("2", id="urn:x:same"))
    assert [entry.id for entry in changes.new] == ["urn:x:same", "urn:x:same~2"]
    assert [entry.id for entry in memory.look(item("3", id="urn:x:same")).new] == ["urn:x:same~3"]


def test_a_revision_is_what_a_reader_sees() -> None:
    base = item("1", content="<p>a b</p>")
    assert revision(base) == revision(item("1", content="<div>a\n b</div>", summary="s", rights="r"))
    assert revision(base) != revision(item("1", content="<p>a c</p>"))
    assert revision(base) != revision(item("1", content="<p>a b</p>", title="t"))
    assert revision(base) != revision(
        item("1", content="<p>a b</p>", enclosures=(Enclosure(url="https://example.org/a.mp3"),))
    )


def test_a_full_text_that_comes_later_is_no_update() -> None:
    teaser = item("1", content="<p>Teaser.</p>", teaser="<p>Teaser.</p>")
    full = replace(teaser, content="<p>Teaser. And all the rest.</p>")
    assert revision(item("1", content="<p>Teaser.</p>")) == revision(teaser) == revision(full)
    assert revision(full) != revision(replace(full, teaser="<p>Another.</p>"))
    assert revision(replace(full, teaser="", summary="x")) == revision(replace(full, teaser="", summary="y"))
    memory = Memory()
    memory.look(teaser)
    (entry,) = memory.look(full).changed
    assert entry.content == full.content
    assert entry.updated == entry.published


LOOKS = st.lists(
    st.dictionaries(st.sampled_from(["a.md", "b.md", "c.md", "d.md"]), st.sampled_from("uvwxyz")), max_size=8
)


@given(LOOKS)
def test_an_id_never_changes_while_its_file_stays(looks: list[dict[str, str]]) -> None:
    """Promise 1 over any history of a folder: where the path and the content stay, so does the id; no id is shared."""
    memory = Memory()
    before: dict[str, str] = {}
    ids: dict[str, str] = {}
    for step, files in enumerate(looks):
        memory.folder(
            *(article(path, content, title=content) for path, content in sorted(files.items())),
            now=NOW + timedelta(step),
        )
        live = memory.live
        assert live.keys() == files.keys()
        assert len({entry.id for entry in live.values()}) == len(files)
        for path, content in files.items():
            if before.get(path) == content:
                assert live[path].id == ids[path]
        for content in set(files.values()):  # a renamed file is the one it was, also among its likes
            had = {path for path in before if before[path] == content}
            has = {path for path in files if files[path] == content}
            if len(had) == len(has) and not (had - has) & files.keys() and not (has - had) & before.keys():
                assert {ids[path] for path in had} == {live[path].id for path in has}
        before, ids = files, {path: entry.id for path, entry in live.items()}


@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from("1234"), st.sampled_from("uvh")), max_size=5, unique_by=lambda t: t[0]),
        max_size=6,
    )
)
def test_a_guid_always_leads_to_one_entry(looks: list[list[tuple[str, str]]]) -> None:
    memory = Memory()
    ids: dict[str, str] = {}
    for step, items in enumerate(looks):
        memory.look(*(item(guid, url) for guid, url in items), now=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(step))
        for guid, _ in items:
            found = next(i for alias, i in memory.aliases.items() if alias.value == guid)
            assert ids.setdefault(guid, found) == found
