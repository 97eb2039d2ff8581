"""A folder of article files -> Fetched: which files exist, and the bytes of those that changed.

It must not know what an article means; only that plain text is read a folder at a time, since what
is furniture there shows only in company.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from feedmill.collect.folder import NOT_SEEN, Found, Look, walk
from feedmill.model import Document, Fetched, Problem, Source

__all__ = ["SUFFIXES", "collect"]

SUFFIXES = frozenset({".md", ".markdown", ".html", ".htm", ".xhtml", ".txt", ".text"})
"""What counts as an article; every other file of the folder is somebody else's business."""

_READ_TOGETHER = (".txt", ".text")


def collect(source: Source, stamps: Mapping[str, str]) -> Fetched:
    """Look at the folder of `source`.

    Hidden files and folders, editors' leftovers and files that are no articles are passed over. A file that is too
    large, or a link that leads out of the folder, is a problem; the rest is collected. A file that is being written
    is left for the next look, without a word.

    Args:
        source: a source with a `path`: a folder, or a single file.
        stamps: the change mark of each file at the last look, empty to read everything.

    Raises:
        FolderError: the folder does not exist or cannot be read. Its articles are not taken for deleted.
    """
    look = walk(source, SUFFIXES, source.max_file)
    present = frozenset(look.found)
    changed = {name for name, found in look.found.items() if stamps.get(name) != found.stamp}
    missing = stamps.keys() - present
    names = changed | _companions(look.found, [*changed, *missing])
    # Without a stamp nothing is known of the last look, not even that there was nothing.
    if stamps and not names and not missing and not look.problems:
        return Fetched(source=source.name, unchanged=True, present=present, stamps=dict(stamps))
    documents = tuple(_read(source, look, sorted(names)))
    kept = {name: stamp for name, stamp in stamps.items() if name in present and name not in names}
    read = {document.name: look.found[document.name].stamp for document in documents}
    return Fetched(
        source=source.name,
        documents=documents,
        present=present,
        unreadable=frozenset(look.unreadable),
        stamps=kept | read | dict.fromkeys(sorted(look.unreadable), NOT_SEEN),
        problems=tuple(look.problems),
    )


def _companions(found: Mapping[str, Found], touched: Iterable[str]) -> set[str]:
    """The plain texts that share a folder with a touched one."""
    folders = {_folder(name) for name in touched if _is_text(name)}
    return {name for name in found if _is_text(name) and _folder(name) in folders} if folders else set()


def _is_text(name: str) -> bool:
    return name.lower().endswith(_READ_TOGETHER)


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _read(source: Source, look: Look, names: Iterable[str]) -> Iterator[Document]:
    for name in names:
        found = look.found[name]
        path = found.path
        try:
            with path.open("rb") as stream:
                # No more than it had: room is made for all that is asked for.
                body = stream.read(found.size)
            whole = Found(found.place, path.stat()).stamp == found.stamp
        except OSError as error:
            message = f"cannot be read ({error.strerror or error}); skipped"
            look.problems.append(Problem(where=f"{source.name}: {name}", message=message))
            whole = False
        if not whole:
            look.unreadable.add(name)
            continue
        modified = datetime.fromtimestamp(max(found.modified_ns, 0) // 1_000_000_000, UTC)
        yield Document(name=name, body=body, modified=modified)
