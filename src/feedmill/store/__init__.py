"""The memory of a site: entries, the identity ledger, sources' states, what was published.

`Store` is the port that the pipeline uses: every method is one transaction. It must not know the stages around it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from sqlalchemy import make_url

from feedmill.errors import EntryRefused
from feedmill.model import (
    Alias,
    AliasKind,
    Archive,
    Changes,
    Draft,
    Entry,
    FeedState,
    FullText,
    HostState,
    Known,
    Ledger,
    Made,
    Order,
    Origin,
    Ping,
    Push,
    SourceState,
    Split,
    Subscription,
    Tombstone,
    Trace,
    Version,
)
from feedmill.store import (
    archives,
    carried,
    choice,
    entries,
    feeds,
    fulltexts,
    hosts,
    lists,
    looks,
    pings,
    sources,
    splits,
    versions,
)  # fmt: skip
from feedmill.store.activity import Activity
from feedmill.store.audience import Audience
from feedmill.store.candidates import Candidates
from feedmill.store.carried import Carried
from feedmill.store.choice import Key
from feedmill.store.copies import Copied, back_up, restore
from feedmill.store.database import Database
from feedmill.store.found import Found, find
from feedmill.store.hubs import Hubs, Receipt
from feedmill.store.incidents import Incidents
from feedmill.store.looks import Look
from feedmill.store.recorder import Recorder
from feedmill.store.tokens import Tokens

__all__ = [
    "Activity", "Audience", "Candidates", "Copied", "Found", "Hubs", "Look", "Receipt", "Store", "Tokens", "restore",
]  # fmt: skip


class Store:
    """The state of one site, in the database at `url` (SQLAlchemy notation).

    Every method raises StateError if the database cannot be used. `activity` is what was done, in numbers.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url)
        self._recorder = Recorder(self.record_looks)
        self.audience = Audience(self._database)
        self.incidents = Incidents(self._database)
        self.tokens = Tokens(self._database)
        self.hubs = Hubs(self._database)
        """What is subscribed to at upstream hubs, and what they pushed."""
        self.activity = Activity(self._database)

    @classmethod
    @contextmanager
    def throwaway(cls, url: str) -> Iterator[Store]:
        """Open a copy of the state at `url`, or an empty one if there is none; it is gone afterwards."""
        with TemporaryDirectory(prefix="feedmill-") as folder:
            copy = Path(folder, "state.sqlite3")
            if Path(make_url(url).database or "").is_file():
                original = cls(url)
                try:
                    original._database.copy_to(copy)  # of its own class
                finally:
                    original.close()
            store = cls(f"sqlite:///{copy}")
            try:
                yield store
            finally:
                store.close()

    def close(self) -> None:
        """Give the database back."""
        self._database.close()

    def back_up(self, file: Path, *, force: bool = False) -> Copied:
        """Write a copy of the state to `file`: `copies.back_up` explains it."""
        return back_up(self._database, file, force=force)

    def turn(
        self, on_wait: Callable[[], None] | None = None, stop: Event | None = None
    ) -> AbstractContextManager[bool]:
        """Keep other processes on this state waiting; `on_wait` is called if one of them has the turn now.

        Yields whether the turn was got: it was not if `stop` was set while waiting.
        """
        return self._database.turn(on_wait, stop)

    # --- hubs

    def pings(self) -> list[Ping]:
        """Return everything that hubs are still to be told."""
        with self._database.reading() as connection:
            return pings.waiting(connection)

    def next_ping(self) -> datetime | None:
        """Return when the next hub is to be told."""
        with self._database.reading() as connection:
            return pings.next_due(connection)

    def postpone_pings(self, hub: str, topics: Collection[str], due: datetime, failures: int, error: str) -> None:
        """Record that a hub could not be told of these documents."""
        with self._database.writing() as connection:
            pings.postpone(connection, hub, topics, due, failures, error)

    def forget_pings(self, hub: str, topics: Collection[str]) -> None:
        """Record that a hub was told of these documents, or never will be."""
        with self._database.writing() as connection:
            pings.remove(connection, hub, topics)

    # --- sources

    def source_state(self, name: str) -> SourceState:
        """Return what is remembered of one source."""
        with self._database.reading() as connection:
            return sources.state(connection, name)

    def source_states(self) -> dict[str, SourceState]:
        """Return what is remembered of every source, by name."""
        with self._database.reading() as connection:
            return sources.all_states(connection)

    def generations(self) -> dict[str, int]:
        """Return a number for each source that is another one once any of its entries changed."""
        with self._database.reading() as connection:
            return sources.generations(connection)

    def host_states(self) -> dict[str, HostState]:
        """Return what is remembered of hosts that asked to be left alone, by name."""
        with self._database.reading() as connection:
            return hosts.all_states(connection)

    def recent_dates(self, source: str) -> list[datetime]:
        """Return when the newest entries of a source were published, the newest first."""
        with self._database.reading() as connection:
            return entries.recent_dates(connection, source)

    def stamps(self, source: str) -> dict[str, str]:
        """Return the change mark of each document of a source."""
        with self._database.reading() as connection:
            return sources.stamps(connection, source)

    def ledger(self, source: str, drafts: Collection[Draft], *, whole: bool, unread: Collection[str] = ()) -> Ledger:
        """Return what is stored about these drafts, and with `whole` about every live entry of the source without
        those of `unread` documents: these are as they were, and nothing is decided about them."""
        with self._database.reading() as connection:
            if not entries.has_any(connection, source):
                return Ledger()
            found = entries.of_aliases(connection, source, {alias for draft in drafts for alias in draft.aliases})
            known = entries.live(connection, source, unread) if whole else {}
            known |= entries.known(connection, source, set(found.values()) - known.keys())
            taken = entries.taken(connection, source, {draft.id for draft in drafts})
            shared = entries.shared_stories(connection, source, _addresses_under_new_guids(drafts, found))
        shared_addresses = {Alias(kind=AliasKind.URL, value=address) for address in shared}
        return Ledger(aliases=found, known=known, taken=taken, shared=shared_addresses)

    def traces(self, source: str) -> list[Trace]:
        """Return what the newest entries of a source are recognized by where no alias leads to them."""
        with self._database.reading() as connection:
            return entries.traces(connection, source)

    def known(self, source: str, ids: Collection[str]) -> dict[str, Known]:
        """Return the stored entries of a source with these ids."""
        with self._database.reading() as connection:
            return entries.known(connection, source, ids)

    def release(self, source: str) -> int:
        """Let the feeds have the entries of a source that were kept back; return how many those are."""
        with self._database.writing() as connection:
            released = entries.release(connection, source)
            if released:
                sources.changed(connection, [source])
            return released

    def record_look(
        self,
        state: SourceState,
        now: datetime,
        *,
        changes: Changes | None = None,
        stamps: tuple[Mapping[str, str], Mapping[str, str]] | None = None,
        of_hosts: Collection[HostState] = (),
        pages: Collection[FullText] = (),
        subscriptions: Collection[Subscription] = (),
        push: Push | None = None,
        received: int = 0,
        not_modified: bool = False,
    ) -> None:
        """Record a look at a source: its state and those of hosts, what it changed, its documents' marks (old, new),
        what became of its articles' own pages, what is new of the feeds that it lists, the push that was read, how many
        bytes came, and whether it was answered by a 304. All of it is one transaction, which may record looks of other
        threads too."""
        look = Look(
            state=state,
            now=now,
            changes=changes,
            stamps=stamps,
            of_hosts=of_hosts,
            pages=pages,
            subscriptions=subscriptions,
            push=push,
            received=received,
            not_modified=not_modified,
        )
        self._recorder.record(look)

    def record_looks(self, of_sources: Sequence[Look]) -> dict[str, EntryRefused]:
        """Record looks at different sources in one transaction.

        If what a look brought is refused, its source and the reason are returned, and nothing of that look is recorded.
        """
        try:
            with self._database.writing() as connection:
                looks.write(connection, of_sources)
        except EntryRefused as error:
            if len(of_sources) == 1:
                return {of_sources[0].state.name: error}
            refused: dict[str, EntryRefused] = {}
            for look in of_sources:
                refused |= self.record_looks([look])
            return refused
        return {}

    def full_texts(self, source: str, urls: Collection[str]) -> dict[str, FullText]:
        """Return what is known of the pages of a source's articles at these canonical addresses, by address."""
        with self._database.reading() as connection:
            return fulltexts.of_urls(connection, source, urls)

    def due_full_texts(self, source: str, now: datetime, most: int) -> list[FullText]:
        """Return the pages of a source's articles that are to be asked for by `now`, newest article first."""
        with self._database.reading() as connection:
            return fulltexts.due(connection, source, now, most)

    def subscriptions(self, source: str) -> list[Subscription]:
        """Return every feed that a list ever named, in the order in which they were recorded."""
        with self._database.reading() as connection:
            return lists.of(connection, source)

    def find(self, words: str, addresses: Collection[str], *, most: int = 20) -> list[Found]:
        """Return the entries that `words` mean, the newest first: an id or a guid, one of the canonical `addresses`,
        else a part of a title."""
        with self._database.reading() as connection:
            return find(connection, words, addresses, most)

    def entry_counts(self) -> Mapping[str, int]:
        """Return the number of live entries of each source that feeds may have."""
        with self._database.reading() as connection:
            return choice.count(connection)

    def held_counts(self) -> Mapping[str, int]:
        """Return the number of entries of each source that are kept back from the feeds."""
        with self._database.reading() as connection:
            return choice.count_held(connection)

    def next_embargo(self, now: datetime) -> datetime | None:
        """Return when the next entry with a future date falls due."""
        with self._database.reading() as connection:
            return choice.next_embargo(connection, now)

    def expire(self, now: datetime) -> None:
        """Withdraw every entry whose time is over."""
        with self._database.reading() as connection:
            if not choice.expired(connection, now):
                return
        with self._database.writing() as connection:
            gone = choice.expired(connection, now)
            choice.withdraw_expired(connection, now)
            archives.retract(connection, gone)
            sources.changed(connection, [source for source, _ in gone])

    def next_expiry(self, now: datetime) -> datetime | None:
        """Return when the next entry withdraws by itself."""
        with self._database.reading() as connection:
            return choice.next_expiry(connection, now)

    # --- feeds

    @contextmanager
    def candidates(self, feed: str, of: Collection[str], order: Order) -> Iterator[Candidates]:
        """Open what the feed can be selected from: the live entries of the sources `of`."""
        with self._database.reading() as connection, closing(choice.pages(connection, feed, of, order)) as pages:
            yield Candidates(pages, self.published(feed), partial(choice.beside, connection, feed, of))

    def published(self, feed: str, asked: Collection[Entry] = ()) -> Carried:
        """Return source and id of every entry that a feed ever carried, those of `asked` looked up already."""

        def look_up(keys: Collection[Key]) -> set[Key]:
            with self._database.reading() as connection:
                return carried.among(connection, feed, keys)

        def all_of() -> set[Key]:
            with self._database.reading() as connection:
                return carried.every(connection, feed)

        found = Carried(look_up, all_of)
        if asked:
            keys = {(entry.source, entry.id) for entry in asked}
            found.learn(keys, look_up(keys))
        return found

    def feed_state(self, name: str) -> FeedState | None:
        """Return what is remembered of one feed."""
        with self._database.reading() as connection:
            return feeds.state(connection, name)

    def feed_states(self) -> dict[str, FeedState]:
        """Return what is remembered of every feed, by name."""
        with self._database.reading() as connection:
            return feeds.all_states(connection)

    def carried(self, feed: str, order: Order) -> list[Entry]:
        """Return the entries that a feed carries as it is published now, in its order."""
        with self._database.reading() as connection:
            return feeds.carried(connection, feed, order)

    def newest(self, feed: str, order: Order) -> Entry | None:
        """Return the first entry that a feed carries as it is published now, None if it carries none."""
        with self._database.reading() as connection:
            return feeds.newest(connection, feed, order)

    @contextmanager
    def news(self, of: Collection[str]) -> Iterator[Iterator[Entry]]:
        """Open every entry that the feeds `of` carry as they are published now, each once, the newest first."""
        with self._database.reading() as connection, closing(feeds.news(connection, of)) as stream:
            yield stream

    def origins(self, of: Collection[str]) -> dict[str, Origin]:
        """Return the feed that the newest entry of each of these sources was taken from, for those that say it."""
        with self._database.reading() as connection:
            return choice.origins(connection, of)

    def splits(self, feed: str) -> list[Split]:
        """Return what a feed was split into so far, by whatever, in the order of slugs."""
        with self._database.reading() as connection:
            return splits.of(connection, feed)

    def add_splits(self, feed: str, new: Collection[Split]) -> None:
        """Record further splits of a feed, for ever."""
        with self._database.writing() as connection:
            splits.add(connection, feed, new)

    def archives(self, feed: str, numbers: Collection[int] | None = None) -> list[Archive]:
        """Return the archive documents of a feed, or those of these numbers, the oldest first."""
        with self._database.reading() as connection:
            return archives.all_of(connection, feed, numbers)

    def last_archive(self, feed: str) -> int | None:
        """Return the number of the newest archive document of a feed, None if it has none."""
        with self._database.reading() as connection:
            return archives.last(connection, feed)

    def made(self, feed: str) -> Made | None:
        """Return what the documents of a feed were made from the last time, None if that is not known."""
        with self._database.reading() as connection:
            return feeds.made(connection, feed)

    def record_made(self, feed: str, new: Made) -> None:
        """Record what the documents of a feed were made from."""
        with self._database.writing() as connection:
            feeds.record_made(connection, feed, new)

    def archive_mark(self, feed: str) -> str | None:
        """Return the mark of the folder of archive documents as it was when all of them were seen there."""
        with self._database.reading() as connection:
            return feeds.archive_mark(connection, feed)

    def record_archive_mark(self, feed: str, mark: str) -> None:
        """Record that mark."""
        with self._database.writing() as connection:
            feeds.record_archive_mark(connection, feed, mark)

    def archived(self, feed: str, number: int) -> tuple[Entry, ...]:
        """Return the entries of an archive document, but for those that were withdrawn since."""
        with self._database.reading() as connection:
            return archives.members(connection, feed, number)

    def unarchived(self, feed: str) -> list[Entry]:
        """Return the live entries that the feed ever carried, and that are in no archive document as they read now."""
        with self._database.reading() as connection:
            return archives.unarchived(connection, feed)

    def retracted(self, feed: str) -> set[int]:
        """Return the numbers of archive documents that still show entries which were withdrawn."""
        with self._database.reading() as connection:
            return archives.retracted(connection, feed)

    def tombstones(self, feed: str, since: datetime) -> tuple[Tombstone, ...]:
        """Return what is left of entries that the feed once carried and that were withdrawn after `since`."""
        with self._database.reading() as connection:
            return archives.tombstones(connection, feed, since)

    def announce(
        self,
        state: FeedState,
        chosen: Collection[Entry],
        now: datetime,
        new_archives: Collection[tuple[Archive, Collection[Entry]]] = (),
        *,
        to_tell: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        """Record, before any document is replaced, which entries readers are about to see; survives a power cut.

        Without it, a crash between the two would forget by which id a story was told, what an archive document holds
        that readers may have been led to, or whom to tell. `to_tell` holds the addresses of documents that are about
        to change, by the hub that is to be told.
        """
        with self._database.writing() as connection:
            feeds.announce(connection, state, chosen, now)
            for archive, members in new_archives:
                archives.add(connection, state.name, archive, members)
            for hub, topics in (to_tell or {}).items():
                pings.add(connection, hub, topics, now)
        self._database.settle()

    def record_feed(
        self,
        state: FeedState,
        carried: Collection[Entry],
        digests: Mapping[str, str],
        now: datetime,
        *,
        version: Mapping[str, bytes] | None = None,
        cleared: Collection[int] = (),
    ) -> None:
        """Record what a feed carries and the digests of its files, by path within the publishing directory.

        `version` holds its live documents, if they are to be kept as a version; `cleared` are the numbers of the
        archive documents that were written anew without what was withdrawn.
        """
        with self._database.writing() as connection:
            feeds.record(connection, state, carried, digests, now)
            if version is not None:
                versions.add(connection, state.name, version, carried, now)
            archives.forget_withdrawn(connection, state.name, cleared)

    def standing(self, feed: str, order: Order) -> list[tuple[Entry, bool]]:
        """Return the entries that a feed carries as it is published, in its order, and whether each was withdrawn
        since."""
        with self._database.reading() as connection:
            return feeds.standing(connection, feed, order)

    def versions(self, feed: str) -> list[Version]:
        """Return the last published versions of a feed, the newest first."""
        with self._database.reading() as connection:
            return versions.all_of(connection, feed)

    def version(self, feed: str, number: int) -> dict[str, bytes]:
        """Return the documents of a version, by path within the publishing directory."""
        with self._database.reading() as connection:
            return versions.bodies(connection, feed, number)

    def pin(self, feed: str, number: int, why: str, now: datetime, *, to_tell: Mapping[str, Collection[str]]) -> None:
        """Record that a version of a feed is published again, and kept; `to_tell` is that of `announce`."""
        with self._database.writing() as connection:
            feeds.pin(connection, feed, number, why, versions.keys(connection, feed, number), now)
            for hub, topics in to_tell.items():
                pings.add(connection, hub, topics, now)
        self._database.settle()

    def record_files(self, feed: str, digests: Mapping[str, str]) -> None:
        """Record the digests of files of a feed that were put in place."""
        with self._database.writing() as connection:
            feeds.record_files(connection, feed, digests)

    def record_feed_failure(self, state: FeedState) -> None:
        """Record why a feed could not be published, or is held."""
        with self._database.writing() as connection:
            feeds.record_failure(connection, state)

    def site_made_from(self, paths: Collection[str]) -> set[str | None]:
        """Return digests of what the site's own documents at `paths` were made from; None is for what is not known."""
        with self._database.reading() as connection:
            return feeds.site_made_from(connection, paths)

    def record_site(self, digests: Mapping[str, str], made_from: str | None = None) -> None:
        """Record the digests of documents of no feed, by path within the publishing directory."""
        with self._database.writing() as connection:
            feeds.record_site(connection, digests, made_from)

    def file_digests(self, paths: Collection[str] | None = None) -> dict[str, str]:
        """Return the digest of every published file, or of those at `paths`, by its path within the publishing
        directory."""
        with self._database.reading() as connection:
            return feeds.file_digests(connection, paths)

    def forget_files(self, paths: Collection[str]) -> None:
        """Forget published files that were removed."""
        with self._database.writing() as connection:
            feeds.forget_files(connection, paths)


def _addresses_under_new_guids(drafts: Collection[Draft], found: Mapping[Alias, str]) -> set[str]:
    """The addresses of drafts whose guid is not on record: of these it matters whether others had them."""
    return {
        alias.value
        for draft in drafts
        if not any(alias.kind is AliasKind.GUID and alias in found for alias in draft.aliases)
        for alias in draft.aliases
        if alias.kind is AliasKind.URL and alias in found
    }
