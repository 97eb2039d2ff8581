"""The history of feeds as runs publish it: a client that follows the archive finds every entry ever published."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from factories import NOW, SPEC, article
from feedmill import runs
from feedmill.errors import CheckFailed
from feedmill.model import Archive, Draft, Entry, FeedSpec, History
from feedmill.pipeline import Pipeline, archiving
from feedmill.render import Renderer
from world import World

ATOM, FH = "{http://www.w3.org/2005/Atom}", "{http://purl.org/syndication/history/1.0}"
SMALL = replace(SPEC, limit=4)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(tmp_path, monkeypatch)
    yield made
    made.store.close()


def day(number: int, **fields: object) -> Draft:
    told = {"published": NOW - timedelta(days=100 - number), "content": f"Words of {number}."} | fields
    return article(f"{number:03d}.md", **told)  # type: ignore[arg-type]


class Client:
    """Follows `prev-archive` from the live document, as RFC 5005 section 4.3 says."""

    def __init__(self, root: Path, form: str = "atom") -> None:
        self._feeds = root / "feeds"
        self._form = form

    def document(self, name: str) -> etree._Element:
        return etree.fromstring((self._feeds / "all" / name).read_bytes())

    def chain(self) -> list[str]:
        names, name = [], f"{self._form}.xml"
        while name:
            names.append(name)
            head = self.document(name) if self._form == "atom" else self.document(name)[0]
            previous = head.find(f"{ATOM}link[@rel='prev-archive']")
            name = "" if previous is None else previous.get("href", "").removeprefix(SPEC.base_url)
        return names

    def entries(self) -> dict[str, str]:
        """Ids and titles; of an entry that stands in several documents the newest one counts."""
        found: dict[str, str] = {}
        for name in self.chain():
            for entry in self.document(name).iter(f"{ATOM}entry"):
                found.setdefault(str(entry.findtext(f"{ATOM}id")), str(entry.findtext(f"{ATOM}title")))
        return found


def published(world: World, spec: FeedSpec = SMALL) -> Pipeline:
    site = world.pipeline("s", feeds=(spec,))
    report = runs.run(site)
    assert report.feeds[0].error is None, report
    return site


def archives(world: World) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (world.root / "feeds" / "all" / "archive").glob("*")}


def test_a_feed_that_holds_everything_has_no_archive(world: World) -> None:
    world.drafts["s"] = [day(number) for number in range(4)]
    published(world)
    assert Client(world.root).chain() == ["atom.xml"]
    assert archives(world) == {}


def test_a_client_that_follows_the_archive_finds_every_entry_ever_published(world: World) -> None:
    for number in range(1, 24):
        world.drafts["s"] = [day(one) for one in range(number)]
        published(world)
        assert len(Client(world.root).entries()) == number
    for form in ("atom", "rss"):
        assert len(Client(world.root, form).chain()) == 1 + 10
    assert len(archives(world)) == 2 * 10


def test_an_archive_document_never_changes(world: World) -> None:
    before: dict[str, bytes] = {}
    for number in range(1, 16):
        world.drafts["s"] = [day(one) for one in range(number)]
        published(world)
        assert {name: body for name, body in archives(world).items() if name in before} == before
        before = archives(world)
    published(world, replace(SMALL, title="Another title"))
    assert archives(world) == before


def test_an_archive_document_says_what_it_is(world: World) -> None:
    world.drafts["s"] = [day(number) for number in range(4)]
    published(world)
    world.drafts["s"] += [day(number) for number in range(4, 8)]
    published(world)
    client = Client(world.root)
    newest, oldest = (client.document(name) for name in client.chain()[1:])
    assert client.chain()[1:] == ["archive/atom-0002.xml", "archive/atom-0001.xml"]
    assert newest.find(FH + "archive") is not None
    links = {link.get("rel"): link.get("href") for link in newest.findall(ATOM + "link")}
    assert links["self"] == SPEC.base_url + "archive/atom-0002.xml"
    assert links["current"] == SPEC.base_url + "atom.xml"
    assert links["prev-archive"] == SPEC.base_url + "archive/atom-0001.xml"
    assert oldest.find(f"{ATOM}link[@rel='prev-archive']") is None
    assert newest.findtext(ATOM + "id") == SPEC.id
    live = client.document("atom.xml")
    assert live.find(FH + "archive") is None
    assert live.find(FH + "complete") is None


def test_a_correction_of_an_archived_entry_is_archived_anew(world: World) -> None:
    world.drafts["s"] = [day(number) for number in range(8)]
    published(world, replace(SMALL, limit=8))
    published(world)
    before = archives(world)
    world.now = NOW + timedelta(hours=1)
    world.drafts["s"][0] = day(0, title="Corrected", content="Other words.")
    published(world)
    assert {name: body for name, body in archives(world).items() if name in before} == before
    assert "Corrected" in Client(world.root).entries().values()
    assert "000.md" not in Client(world.root).entries().values()


def test_what_is_withdrawn_leaves_the_archive_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.drafts["s"] = [day(number) for number in range(4)]
    published(world)
    world.drafts["s"] += [day(number) for number in range(4, 8)]
    published(world)
    assert "001.md" in Client(world.root).entries().values()
    before = archives(world)
    monkeypatch.setattr(world, "present", {f"{number:03d}.md" for number in range(8) if number != 1})
    del world.drafts["s"][1]
    published(world)
    assert "001.md" not in Client(world.root).entries().values()
    assert len(Client(world.root).entries()) == 7
    changed = {name for name, body in archives(world).items() if before[name] != body}
    assert changed == {"atom-0001.xml", "rss-0001.xml"}
    again = archives(world)
    published(world)
    assert archives(world) == again


def test_a_missing_archive_document_is_written_again(world: World) -> None:
    world.drafts["s"] = [day(number) for number in range(4)]
    published(world)
    world.drafts["s"] += [day(4)]
    published(world)
    before = archives(world)
    (world.root / "feeds" / "all" / "archive" / "atom-0001.xml").unlink()
    published(world)
    assert archives(world) == before


def test_what_the_rules_of_the_feed_leave_out_now_is_not_archived(world: World) -> None:
    world.drafts["s"] = [day(number) for number in range(4)]
    published(world)
    published(world, replace(SMALL, exclude=("002",)))
    assert archives(world) == {}


def test_what_is_too_old_for_the_feed_is_archived(world: World) -> None:
    world.drafts["s"] = [day(number) for number in range(4)]
    published(world)
    published(world, replace(SMALL, max_age=timedelta(days=98, hours=1)))
    assert len(Client(world.root).entries()) == 4


@pytest.mark.parametrize("history", [History.NONE, History.COMPLETE])
def test_a_feed_without_archive_has_none(world: World, history: History) -> None:
    spec = replace(SMALL, history=history)
    for number in (4, 9):
        world.drafts["s"] = [day(one) for one in range(number)]
        published(world, spec)
    assert Client(world.root).chain() == ["atom.xml"]
    assert archives(world) == {}


def test_a_complete_feed_says_so_as_long_as_it_is(world: World, caplog: pytest.LogCaptureFixture) -> None:
    spec = replace(SMALL, history=History.COMPLETE)
    world.drafts["s"] = [day(number) for number in range(4)]
    published(world, spec)
    assert Client(world.root).document("atom.xml").find(FH + "complete") is not None
    assert Client(world.root).document("rss.xml").find(f"channel/{FH}complete") is not None
    world.drafts["s"] += [day(4)]
    published(world, spec)
    assert Client(world.root).document("atom.xml").find(FH + "complete") is None
    assert "too many to be complete" in caplog.text


def test_the_live_document_keeps_to_its_budget_and_nothing_is_lost(world: World) -> None:
    spec = replace(SPEC, max_size=20_000)
    world.drafts["s"] = [day(number, content="Words. " * 300) for number in range(12)]
    published(world, replace(spec, max_size=10**6))
    published(world, spec)
    for path in (world.root / "feeds" / "all").rglob("*.xml"):
        assert path.stat().st_size <= 20_000, path
    assert len(Client(world.root).entries()) == 12


def test_an_entry_larger_than_the_budget_is_published_alone(world: World) -> None:
    world.drafts["s"] = [day(number, content="Words. " * 300) for number in range(3)]
    published(world, replace(SPEC, max_size=1024))
    assert len(Client(world.root).document("atom.xml").findall(ATOM + "entry")) == 1


class Killed(BaseException):
    """As sudden as kill -9."""


@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_a_crash_at_any_moment_loses_no_entry_and_changes_no_archive(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        world = World(tmp_path_factory.mktemp("world"), monkeypatch)
        seen: dict[str, bytes] = {}
        linked: set[str] = set()
        for number in range(3, 12):
            world.drafts["s"] = [day(one) for one in range(number)]
            site = world.pipeline("s", feeds=(SMALL,))
            left = data.draw(st.integers(0, 8), label="swaps until the crash")
            swap = site.destination.swap

            def swap_or_die(path: str, body: bytes, swap: object = swap) -> bool:
                nonlocal left
                left -= 1
                if left < 0:
                    raise Killed
                return swap(path, body)  # type: ignore[operator,no-any-return]

            with monkeypatch.context() as patched:
                patched.setattr(site.destination, "swap", swap_or_die)
                with suppress(Killed):
                    runs.run(site)
            if (world.root / "feeds" / "all" / "atom.xml").exists():
                chain = {name.rpartition("/")[2] for name in Client(world.root).chain()[1:]}
                for name in linked:
                    assert archives(world)[name] == seen[name], "a document that readers were led to has changed"
                linked |= chain
                seen = archives(world)
        published(world)
        assert len(Client(world.root).entries()) == 11
        world.store.close()


# --- tombstones and entries that expire ---------------------------------------------------------------


def stones(world: World) -> dict[str | None, str | None]:
    live = Client(world.root).document("atom.xml")
    return {
        stone.get("ref"): stone.get("when")
        for stone in live.findall("{http://purl.org/atompub/tombstones/1.0}deleted-entry")
    }


def test_a_tombstone_stands_for_thirty_days(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.drafts["s"] = [day(0), day(1)]
    published(world)
    monkeypatch.setattr(world, "present", {"001.md"})
    del world.drafts["s"][0]
    published(world)
    assert stones(world) == {"tag:example.org,2026-11-01:s/000.md": "2026-11-22T12:00:00Z"}
    world.now = NOW + timedelta(days=29)
    published(world)
    assert len(stones(world)) == 1
    world.now = NOW + timedelta(days=31)
    published(world)
    assert stones(world) == {}


def test_what_comes_back_has_no_tombstone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.drafts["s"] = [day(0), day(1)]
    published(world)
    monkeypatch.setattr(world, "present", {"001.md"})
    gone = world.drafts["s"].pop(0)
    published(world)
    world.drafts["s"].append(gone)
    published(world)
    assert stones(world) == {}


def test_what_no_reader_saw_has_no_tombstone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.drafts["s"] = [day(0), day(1)]
    published(world, replace(SMALL, exclude=("000",)))
    monkeypatch.setattr(world, "present", {"001.md"})
    del world.drafts["s"][0]
    published(world, replace(SMALL, exclude=("000",)))
    assert stones(world) == {}


def test_an_entry_expires_by_itself_and_on_time(world: World) -> None:
    world.drafts["s"] = [day(0, expires=NOW + timedelta(minutes=10)), day(1)]
    site = published(world)
    assert len(Client(world.root).entries()) == 2
    assert runs.next_due(site) == NOW + timedelta(minutes=10)
    world.now = NOW + timedelta(minutes=10)
    report = runs.run(site, due=True)
    assert [outcome.status.value for outcome in report.sources] == ["skipped"]
    assert list(Client(world.root).entries().values()) == ["001.md"]
    assert stones(world) == {"tag:example.org,2026-11-01:s/000.md": "2026-11-22T12:10:00Z"}


# --- sources that come and go -------------------------------------------------------------------------


def test_a_renamed_source_does_not_stop_the_feed(world: World) -> None:
    """The ids are the guids of the upstream, so that the new source has the same as the old one."""
    spec = replace(SMALL, limit=6)
    world.drafts["kernel"] = world.drafts["linux"] = [day(0), day(1)]
    runs.run(world.pipeline("kernel", feeds=(spec,)))
    for number in range(2, 9):
        world.drafts["linux"] = [*world.drafts["linux"], day(number)]
        report = runs.run(world.pipeline("linux", feeds=(spec,)))
        assert report.feeds[0].error is None, report
        assert report.feeds[0].problems == ()
    assert len(Client(world.root).entries()) == 9


def test_what_left_the_feed_with_its_source_is_not_archived(world: World) -> None:
    world.drafts["s"] = [day(number) for number in range(8)]
    world.drafts["other"] = [day(number, id=f"urn:x:{number}", url=f"https://e.org/{number}") for number in range(8)]
    runs.run(world.pipeline("s", "other", feeds=(replace(SMALL, limit=16),)))
    runs.run(world.pipeline("s", "other", feeds=(replace(SMALL, sources=("s",)),)))
    assert len(archives(world)) == 4
    assert not any(id_.startswith("urn:x:") for id_ in Client(world.root).entries())


def test_ids_that_two_sources_share_stand_in_an_archive_document_once(world: World) -> None:
    """Each carried one of them at a time: both are unarchived when they leave."""
    world.drafts["a"] = [day(number) for number in range(4)]
    runs.run(world.pipeline("a", feeds=(SMALL,)))
    world.drafts["b"] = [day(number) for number in range(4)]
    runs.run(world.pipeline("b", feeds=(replace(SMALL, history=History.NONE),)))
    world.drafts["a"] = [day(number) for number in range(12)]
    report = runs.run(world.pipeline("a", "b", feeds=(SMALL,)))
    assert report.feeds[0].error is None, report
    assert report.feeds[0].problems == ()
    for name in Client(world.root).chain():
        ids = [entry.findtext(ATOM + "id") for entry in Client(world.root).document(name).iter(ATOM + "entry")]
        assert len(ids) == len(set(ids))


# --- archive documents that cannot be made ------------------------------------------------------------


def failing(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let every archive document from this number on fail its check."""
    render = archiving.Archiving._rendered

    def fail(self: archiving.Archiving, form: Renderer, archive: Archive, entries: tuple[Entry, ...]) -> bytes:
        if archive.number >= number:
            raise CheckFailed("it is damaged")
        return render(self, form, archive, entries)

    monkeypatch.setattr(archiving.Archiving, "_rendered", fail)


def test_the_live_document_does_not_wait_for_an_archive_document(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.drafts["s"] = [day(number) for number in range(4)]
    published(world)
    world.drafts["s"] += [day(number) for number in range(4, 8)]
    with monkeypatch.context() as patched:
        failing(patched, 1)
        report = runs.run(world.pipeline("s", feeds=(SMALL,)))
    assert report.feeds[0].status.value == "written"
    assert "it is damaged" in str(report.feeds[0].problems[0])
    assert Client(world.root).chain() == ["atom.xml"]
    published(world)
    assert len(Client(world.root).entries()) == 8


def test_a_retraction_that_failed_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.drafts["s"] = [day(number) for number in range(4)]
    published(world)
    world.drafts["s"] += [day(number) for number in range(4, 8)]
    published(world)
    monkeypatch.setattr(world, "present", {f"{number:03d}.md" for number in range(8) if number != 1})
    del world.drafts["s"][1]
    with monkeypatch.context() as patched:
        failing(patched, 1)
        report = runs.run(world.pipeline("s", feeds=(SMALL,)))
    assert "document 1" in str(report.feeds[0].problems[0])
    assert "001.md" in Client(world.root).entries().values()
    published(world)
    assert "001.md" not in Client(world.root).entries().values()


def test_archive_documents_are_made_one_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is in place before the next one is made, and the live documents come last."""
    world.drafts["s"] = [day(number) for number in range(12)]
    published(world, replace(SMALL, limit=12))
    site = world.pipeline("s", feeds=(SMALL,))
    steps: list[str] = []
    render, swap = archiving.Archiving._rendered, site.destination.swap

    def rendered(self: archiving.Archiving, form: Renderer, archive: Archive, entries: tuple[Entry, ...]) -> bytes:
        steps.append("made")
        return render(self, form, archive, entries)

    def swapped(path: str, body: bytes) -> bool:
        steps.append(path)
        return swap(path, body)

    monkeypatch.setattr(archiving.Archiving, "_rendered", rendered)
    monkeypatch.setattr(site.destination, "swap", swapped)
    runs.run(site)
    written = steps[steps.index("all/archive/rss-0001.xml") - 1 :]
    assert written[:16:2] == ["made"] * 8
    assert written[16:18] == ["all/rss.xml", "all/atom.xml"]


def test_a_crash_leaves_no_archive_document_that_cannot_be_pruned(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.drafts["s"] = [day(number) for number in range(8)]
    published(world, replace(SMALL, limit=8))
    site = world.pipeline("s", feeds=(SMALL,))

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(world.store, "record_feed", die)
        with suppress(Killed):
            runs.run(site)
    assert archives(world)
    runs.prune(world.pipeline("s", feeds=(replace(SMALL, history=History.NONE),)))
    assert archives(world) == {}
