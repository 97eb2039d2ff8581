"""The rules of config.toml that concern several keys at once.

They read what TOML gave, before it is known to be right, so that these errors come out together with all others:
what is missing or wrong in itself is passed over here. This module must not know how a flaw is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from importlib.util import find_spec
from pathlib import Path

from feedmill.config import access, addresses, kinds, operating_rules, schema, treatments, values
from feedmill.config.findings import Flaw, ordinal
from feedmill.config.tables import Table, good, names, table, tables

__all__ = ["check"]

_EXAMPLES = {
    "path": "sources/newsroom",
    "url": "https://example.org/feed.xml",
    "files_url": "https://example.org/media/",
}
_PATHS = {"opml": "subscriptions.opml", "mail": "mail/newsletters"}


def check(data: Table, root: Path, environ: Mapping[str, str]) -> Iterator[Flaw]:
    """Yield every flaw between the keys of `data`, and between them and `environ`.

    `root` is the folder that relative paths start at.
    """
    yield from _authority(table(data, "site"))
    yield from _schedule(table(data, "schedule"))
    yield from _unique(data, "sources")
    yield from _unique(data, "feeds")
    for index, source in tables(data, "sources"):
        yield from _source(("sources", index), source)
        yield from _replacements(("sources", index), source)
        yield from _full_text(("sources", index), source)
        yield from access.check(("sources", index), source, environ)
    yield from _selections(data)
    yield from _formats(("publish", "formats"), table(data, "publish"))
    for index, feed in tables(data, "feeds"):
        yield from _formats(("feeds", index, "formats"), feed)
        yield from _podcast(("feeds", index), feed, data)
    yield from _folders(data, root)
    yield from operating_rules.check(data, root, environ)


def _authority(site: Table) -> Iterator[Flaw]:
    if "id_authority" in site:
        return
    if good(addresses.base_url, site.get("url")) and not good(addresses.default_authority, site["url"]):
        message = 'is missing; the host of "url" is not fit for it: add the domain name or e-mail address that is yours'
        yield Flaw(("site", "id_authority"), message)


def _schedule(schedule: Table) -> Iterator[Flaw]:
    written = {key: schedule.get(key, field.default) for key, field in schema.Schedule.model_fields.items()}
    spans = {key: good(values.duration("1s", "366d"), value) for key, value in written.items()}
    for short, long in (("min", "every"), ("every", "max")):
        low, high = spans[short], spans[long]
        if low is None or high is None or low <= high:
            continue
        key, other = (short, long) if short in schedule else (long, short)
        default = "" if other in schedule else f" by default; write {other} too"
        than = "longer" if key == short else "shorter"
        yield Flaw(("schedule", key), f'must not be {than} than "{other}", which is "{written[other]}"{default}')


def _unique(data: Table, array: str) -> Iterator[Flaw]:
    first: dict[str, int] = {}
    for index, name in names(data, array):
        if first.setdefault(name, index) != index:
            message = f"is the name of the {ordinal(first[name])} of [[{array}]] too; names must differ"
            yield Flaw((array, index, "name"), message)


def _source(path: tuple[str, int], source: Table) -> Iterator[Flaw]:
    kind = source.get("kind")
    if "every" in source and "cron" in source:
        yield Flaw((*path, "cron"), 'cannot stand beside "every"; keep one of them')
    rule = kinds.KEYS.get(kind) if isinstance(kind, str) else None
    if rule is None:
        return
    for key in rule.needs:
        if key not in source:
            yield Flaw((*path, key), f'is missing, and kind = "{kind}" needs it; add {key} = "{_EXAMPLES[key]}"')
    given = [key for key in rule.either if key in source]
    if rule.either and not given:
        wanted, example = values.one_of(rule.either), _PATHS.get(str(kind), _EXAMPLES[rule.either[0]])
        yield Flaw(
            (*path, rule.either[0]),
            f'is missing, and kind = "{kind}" needs {wanted}; add {rule.either[0]} = "{example}"',
        )
    for key in given[1:]:
        yield Flaw((*path, key), f'cannot stand beside "{given[0]}"; keep one of them')
    for key in rule.excludes:
        if key in source:
            yield Flaw((*path, key), f'does nothing for kind = "{kind}"; remove it')
    yield from _idle(path, source)
    yield from _address(path, source)
    yield from _attachments(path, source)


def _idle(path: tuple[str, int], source: Table) -> Iterator[Flaw]:
    """Yield the keys that do nothing beside others, or without them."""
    kind = source["kind"]
    if kind in ("feed", "mail", "opml") and "timezone" in source and "cron" not in source:
        dated = "mails" if kind == "mail" else "feeds"
        message = (
            f'does nothing for kind = "{kind}" without "cron", since the dates of {dated} name their zone; remove it'
        )
        yield Flaw((*path, "timezone"), message)
    if kind == "opml" and ("url" in source) != ("path" in source):
        beside, idle = ("url", ("max_file",)) if "url" in source else ("path", ("auth", "headers"))
        for key in idle:
            if key in source:
                yield Flaw((*path, key), f'does nothing beside "{beside}"; remove it')


def _attachments(path: tuple[str, int], source: Table) -> Iterator[Flaw]:
    """A folder for attached files, and the address that it has, are nothing without each other."""
    if source.get("kind") != "mail":
        return
    for key, other, example in (
        ("attachments", "files_url", "https://example.org/attachments/"),
        ("files_url", "attachments", "attachments"),
    ):
        if key in source and other not in source:
            yield Flaw((*path, other), f'is missing, and "{key}" needs it; add {other} = "{example}"')


def _address(path: tuple[str, int], source: Table) -> Iterator[Flaw]:
    """An IMAP folder is for mail alone, and for mail alone there is a password."""
    address = good(addresses.source_url, source.get("url"))
    if address is None:
        if "password_env" in source and "url" not in source and source["kind"] == "mail":
            yield Flaw((*path, "password_env"), 'does nothing without "url"; remove it')
        return
    is_imap = address.startswith(("imap:", "imaps:"))
    if source["kind"] == "mail" and not is_imap:
        example = 'must be the address of an IMAP folder, such as "imaps://user@imap.example.org/INBOX"'
        yield Flaw((*path, "url"), f"{example}, not {values.shown(address)}")
    elif source["kind"] == "mail" and "password_env" not in source:
        message = 'is missing; write the name of the environment variable that holds the password: "MAIL_PASSWORD"'
        yield Flaw((*path, "password_env"), message)
    elif source["kind"] != "mail" and is_imap:
        yield Flaw((*path, "url"), 'must be an http or https address; IMAP is for kind = "mail"')


def _replacements(path: tuple[str, int], source: Table) -> Iterator[Flaw]:
    given = source.get("replace")
    for item, one in enumerate(given if isinstance(given, list) else ()):
        if not isinstance(one, dict):
            continue
        pattern, template = (
            good(treatments.pattern, one.get("pattern")),
            good(treatments.template, one.get("with")),
        )
        if pattern is not None and template is not None and (wrong := treatments.unfit(pattern, template)):
            yield Flaw((*path, "replace", item, "with"), f"does not fit its pattern: {wrong}")


def _full_text(path: tuple[str, int], source: Table) -> Iterator[Flaw]:
    if source.get("fulltext") is not True or "fulltext" in kinds.KEYS.get(str(source.get("kind")), kinds.NONE).excludes:
        return
    if not _is_installed("trafilatura"):
        message = 'needs the library trafilatura, which is not installed; install it: pip install "feedmill[fulltext]"'
        yield Flaw((*path, "fulltext"), message)
    if source.get("content") in ("summary", "link"):
        message = f'cannot stand beside content = "{source["content"]}", which keeps no text; keep one of them'
        yield Flaw((*path, "fulltext"), message)


def _is_installed(library: str) -> bool:
    try:
        return find_spec(library) is not None
    except ValueError:  # it is there, and is not what it says
        return False


def _selections(data: Table) -> Iterator[Flaw]:
    known = [name for _, name in names(data, "sources")]
    if not known:
        return
    lists = [source["name"] for _, source in tables(data, "sources") if _is_list(source)]
    for index, feed in tables(data, "feeds"):
        wanted = feed.get("sources")
        for item, pattern in enumerate(wanted if isinstance(wanted, list) else ()):
            glob = good(values.line, pattern)
            if glob is None or any(fnmatchcase(name, glob) for name in known):
                continue
            # Which feeds a list names is not known here: what follows the slash may be any of them.
            if any(fnmatchcase(name, glob.partition("/")[0]) for name in lists):
                continue
            meant = values.did_you_mean(glob, known)
            hint = (
                f'did you mean "{meant}"?' if meant else f"there {'are' if known[1:] else 'is'} {', '.join(known[:20])}"
            )
            yield Flaw(("feeds", index, "sources", item), f"names no source: {values.shown(glob)}; {hint}")


def _is_list(source: Table) -> bool:
    return source.get("kind") == "opml" and isinstance(source.get("name"), str)


def _formats(path: tuple[str | int, ...], table: Table) -> Iterator[Flaw]:
    formats = table.get("formats")
    if not isinstance(formats, list):
        return
    for item, name in enumerate(formats):
        if isinstance(name, str) and name in formats[:item]:
            yield Flaw((*path, item), f"is there already: {values.shown(name)}; remove it")


def _podcast(path: tuple[str, int], feed: Table, data: Table) -> Iterator[Flaw]:
    """A show without a description is in no directory, and directories read RSS alone."""
    if not isinstance(feed.get("podcast"), dict):
        return
    if "description" not in feed and "description" not in table(data, "site"):
        message = "is missing, and directories of podcasts want one; write here or under [site] what the show is about"
        yield Flaw((*path, "description"), message)
    publish = table(data, "publish")
    formats = feed.get("formats", publish.get("formats", schema.Publish.model_fields["formats"].default))
    if isinstance(formats, list) and "rss" not in formats:
        yield Flaw(
            (*path, "podcast"), 'needs the format "rss", which is all that directories read; add it to "formats"'
        )


def _folders(data: Table, root: Path) -> Iterator[Flaw]:
    """The published folder is shown to everybody and, with --prune, cleaned: it holds nothing else."""
    written = table(data, "publish").get("directory", schema.Publish.model_fields["directory"].default)
    directory = good(addresses.publish_directory, written)
    if directory is None:
        return
    published = addresses.local(directory, root)
    address = good(addresses.state_url, table(data, "state").get("url", schema.State.model_fields["url"].default))
    state = addresses.state_file(address, root) if address else None
    if state and "?" in str(state):
        yield Flaw(("state", "url"), f'must not hold "?", nor may the folder {values.shown(str(root))}')
    if published in (root, *root.parents) or (state and state.is_relative_to(published)):
        message = "must be a folder of its own, since everything in it is public"
        yield Flaw(("publish", "directory"), f'{message}; choose another, such as "feeds"')
        return
    for index, source in tables(data, "sources"):
        path = good(addresses.folder, source.get("path"))
        if path is None:
            continue
        articles = addresses.local(path, root)
        if articles.is_relative_to(published) or published.is_relative_to(articles):
            message = f"and the folder to publish into, {values.shown(str(directory))}, must not hold one another"
            yield Flaw(("sources", index, "path"), message)
