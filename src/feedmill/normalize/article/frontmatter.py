"""Front matter: the YAML (`---`) or TOML (`+++`) block at the top of an article -> facts.

docs/articles.md lists the keys. This module must not know what the rest of the file is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from mimetypes import MimeTypes
from typing import TypeAlias

import yaml

from feedmill.errors import NormalizeError
from feedmill.model import Enclosure, Person
from feedmill.normalize.article.facts import Facts
from feedmill.normalize.plaintext import plain

__all__ = ["Report", "person", "split", "terms"]

Report: TypeAlias = Callable[[str], None]
"""Takes what is wrong with a part of the article, whose rest is used."""

_LARGEST = 16 * 1024  # characters; libyaml takes quadratic time over nested brackets
_NOTHING = frozenset({"", "~", "null", "none"})
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})
_TOML_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_LOOKS_LIKE_A_KEY = re.compile(r"""["']?[A-Za-z][\w -]*["']?\s*[:=]""")
_EMAIL = re.compile(r"[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+")
_NAME_AND_EMAIL = re.compile(rf"(.*?)\s*[<(]({_EMAIL.pattern})[>)]")


def split(text: str, where: str, report: Report) -> tuple[Facts, str]:
    """Return the facts of the front matter of `text`, and what comes after it.

    Without front matter there are no facts, and all of the text. A value of the wrong kind goes to `report`, and
    its key counts as not written.

    Raises:
        NormalizeError: the block is not closed, or is not YAML or TOML; with the file's line.
    """
    first, _, rest = text.partition("\n")
    fence = first.rstrip()
    if fence not in ("---", "+++"):
        return Facts(), text
    end = re.search(r"^(?:---|\.\.\.)[ \t]*$" if fence == "---" else r"^\+\+\+[ \t]*$", rest, re.MULTILINE)
    if end is None:
        if _LOOKS_LIKE_A_KEY.match(rest.lstrip()):
            raise NormalizeError(
                "the front matter is not closed", where=f"{where}:1", hint=f"End it with a line {fence}"
            )
        return Facts(), text
    block = rest[: end.start()]
    if len(block) > _LARGEST or block.count("[") + block.count("{") > 500:
        raise NormalizeError("the front matter is too large", where=f"{where}:1", hint="Keep it below 16 KiB.")
    values = _yaml(block, where) if fence == "---" else _toml(block, where)
    if values is None:  # a horizontal rule, and prose up to the next
        return Facts(), text
    return _facts(_Values(values, report)), rest[end.end() :].removeprefix("\n")


def _yaml(block: str, where: str) -> Mapping[str, object] | None:
    try:
        # The base loader reads every scalar as the text that was written: no surprise from `no`, `1.10` or `2026`.
        if "*" in block:  # a node may be in several places, or within itself
            values = yaml.load(block, Loader=yaml.CBaseLoader)  # noqa: S506 - it makes nothing but str, list and dict
        else:
            values = _value(yaml.compose(block, Loader=yaml.CBaseLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        problem = error.problem or error.context or "it cannot be read"
        raise NormalizeError(
            f"the front matter is not YAML: {problem}", where=f"{where}:{line}", hint=_yaml_hint(problem)
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise NormalizeError(
            f"the front matter is not YAML: {reason}", where=f"{where}:1", hint="Correct it."
        ) from error
    if isinstance(values, Mapping):
        return values
    if not values:
        return {}
    if isinstance(values, str):
        return None
    raise NormalizeError("the front matter is a list", where=f"{where}:1", hint="Write `key: value` lines.")


def _value(node: yaml.Node | None) -> object:
    """Return what the base loader makes of a tree without aliases; its own way there takes three times as long."""
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_value(one) for one in node.value]
    if not isinstance(node, yaml.MappingNode):
        return None
    made = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(
                "while constructing a mapping", node.start_mark, "found unhashable key", key.start_mark
            )
        made[key.value] = _value(value)
    return made


def _yaml_hint(problem: str) -> str:
    if "tab" in problem or "cannot start any token" in problem:
        return "Indent with spaces, not with tabs, and quote values that begin with a sign."
    if "mapping values are not allowed" in problem:
        return "Quote values that hold a colon."
    return "See that brackets and quotes are closed, and quote values that hold signs."


def _toml(block: str, where: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(block)
    except (ValueError, RecursionError) as error:
        found = _TOML_LINE.search(str(error))
        line = int(found[1]) + 1 if found else block.count("\n") + 1
        reason = _TOML_LINE.sub("", str(error)).strip() or type(error).__name__
        raise NormalizeError(
            f"the front matter is not TOML: {reason}", where=f"{where}:{line}", hint="Correct it."
        ) from error


class _Values:
    """Front matter by key, whatever its case, with typed access."""

    def __init__(self, values: Mapping[str, object], report: Report) -> None:
        self._values = {str(key).strip().lower(): value for key, value in values.items()}
        self.report = report

    def items(self, *keys: str) -> Iterator[tuple[str, object]]:
        """Yield the keys that are there and say something, in the order asked for."""
        for key in keys:
            value = self._values.get(key)
            if value is None or (isinstance(value, str) and value.strip().lower() in _NOTHING):
                continue
            if value not in ([], {}):
                yield key, value

    def names(self) -> Collection[str]:
        """Return the keys that are there."""
        return self._values.keys()

    def text(self, *keys: str) -> str:
        for key, value in self.items(*keys):
            found = _scalar(value)
            if found is not None:
                return found
            self.report(f"`{key}` should be text; ignored")
        return ""

    def date(self, *keys: str) -> object:
        for key, value in self.items(*keys):
            if (_scalar(value) or "").lower() in _TRUE | _FALSE:  # `published: false` is no date
                continue
            if not isinstance(value, (list, Mapping)):
                return value
            self.report(f"`{key}` should be a date; ignored")
        return None

    def flag(self, key: str) -> bool | None:
        for _, value in self.items(key):
            word = (_scalar(value) or "").lower()
            if word in _TRUE | _FALSE:
                return word in _TRUE
            self.report(f"`{key}` should be true or false; taken as true")
            return True
        return None


def _scalar(value: object) -> str | None:
    """A single value as text: a word, a number, a TOML date; None for a list or a table."""
    return None if isinstance(value, (list, Mapping)) else plain(str(value))


def _is_draft(values: _Values, *_: str) -> bool:
    if values.flag("draft"):
        return True
    if values.text("status").lower() in {"draft", "private", "hidden", "pending"}:
        return True
    return any((_scalar(value) or "").lower() in _FALSE for _, value in values.items("published"))


def terms(text: str) -> list[str]:
    """Return the categories in a list that was written on one line: `Politik, #hukum; Ekonomi`."""
    return [term for part in re.split(r"[,;]", text) if (term := plain(part).lstrip("#").strip())]


def person(text: str) -> Person | None:
    """Return who `Name`, `Name <e-mail>`, `e-mail (Name)` or `e-mail` is; None for nobody."""
    text = plain(text)
    if "@" not in text:
        return Person(name=text) if text else None
    match = _NAME_AND_EMAIL.fullmatch(text)
    if match:
        return Person(name=match[1].strip("\"' ") or match[2], email=match[2])
    match = re.fullmatch(rf"({_EMAIL.pattern})(?:\s*\(([^()]+)\))?", text)
    if match:
        return Person(name=match[2] or match[1], email=match[1])
    return Person(name=text)


def _each(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]


def _people(values: _Values, *keys: str) -> Iterable[Person]:
    seen = set()
    for key, value in values.items(*keys):
        for one in _each(value):
            found = _person_of_table(one) if isinstance(one, Mapping) else person(_scalar(one) or "")
            if found is None:
                values.report(f"`{key}` should be a name, or a table with `name`, `email` and `uri`; ignored")
            elif found not in seen:
                seen.add(found)
                yield found


def _person_of_table(table: Mapping[str, object]) -> Person | None:
    said = {str(key).lower(): _scalar(value) or "" for key, value in table.items()}
    email = said.get("email") or said.get("e-mail") or ""
    uri = said.get("uri") or said.get("url") or ""
    name = said.get("name") or email or uri
    if not name:
        return None
    return Person(name=name, email=email if _EMAIL.fullmatch(email) else None, uri=uri or None)


def _categories(values: _Values, *keys: str) -> Iterable[str]:
    seen = set()
    for key, value in values.items(*keys):
        for one in _each(value):
            text = _scalar(one)
            if text is None:
                values.report(f"`{key}` should be text, or a list of texts; ignored")
                continue
            for term in [text.lstrip("#").strip()] if isinstance(value, list) else terms(text):
                if term and term.casefold() not in seen:
                    seen.add(term.casefold())
                    yield term


def _image(values: _Values, *keys: str) -> str:
    for key, value in values.items(*keys):
        one = _each(value)[0]
        if isinstance(one, Mapping):
            one = one.get("url") or one.get("src") or one.get("image") or []
        text = _scalar(one)
        if text:
            return text
        values.report(f"`{key}` should be an address; ignored")
    return ""


def _transcripts(values: _Values, *keys: str) -> Iterable[str]:
    for key, value in values.items(*keys):
        for one in _each(value):
            address = _scalar(one)
            if address:
                yield address
            else:
                values.report(f"`{key}` should be an address, or a list of addresses; ignored")


@cache
def _types() -> MimeTypes:
    return MimeTypes()  # the built-in table alone: the same answer on every machine


def _enclosures(values: _Values, *keys: str) -> Iterable[Enclosure]:
    for key, value in values.items(*keys):
        for one in _each(value):
            table = one if isinstance(one, Mapping) else {"url": one}
            url = _scalar(table.get("url") or table.get("href") or []) or ""
            length = _scalar(table.get("length") or table.get("size") or "") or ""
            if not url:
                values.report(f"`{key}` should be an address, or a table with `url`, `type` and `length`; ignored")
                continue
            if length and not re.fullmatch(r"\d{1,15}", length, re.ASCII):
                values.report(f"the length of `{key}` should be a number of bytes; ignored")
                length = ""
            kind = _scalar(table.get("type") or "") or _types().guess_type(url)[0]
            yield Enclosure(url=url, type=kind, length=int(length) if length else None)


def _all(read: Callable[..., Iterable[object]]) -> Callable[..., tuple[object, ...]]:
    return lambda values, *keys: tuple(read(values, *keys))


_READ: dict[str, tuple[Callable[..., object], tuple[str, ...]]] = {
    "title": (_Values.text, ("title",)),
    "summary": (_Values.text, ("summary", "description", "excerpt")),
    "authors": (_all(_people), ("author", "authors")),
    "categories": (_all(_categories), ("category", "categories", "tags", "tag", "keywords")),
    "published": (_Values.date, ("date", "published", "pubdate")),
    "updated": (_Values.date, ("updated", "modified", "lastmod")),
    "expires": (_Values.date, ("expires", "expiry", "expirydate")),
    "url": (_Values.text, ("url", "link", "canonical", "canonical_url", "permalink")),
    "guid": (_Values.text, ("id", "guid")),
    "language": (_Values.text, ("lang", "language")),
    "draft": (_is_draft, ("draft", "status", "published")),
    "image": (_image, ("image", "cover", "thumbnail")),
    "enclosures": (_all(_enclosures), ("enclosure", "enclosures")),
    "rights": (_Values.text, ("rights", "copyright")),
    "comments": (_Values.text, ("comments",)),
    "duration": (_Values.text, ("duration",)),
    "season": (_Values.text, ("season",)),
    "episode": (_Values.text, ("episode",)),
    "episode_type": (_Values.text, ("episode_type",)),
    "explicit": (_Values.text, ("explicit",)),
    "transcripts": (_all(_transcripts), ("transcript", "transcripts")),
}
"""How each fact is read, and the keys that it may be under, the first that says something first."""

_FACTS_UNDER = {
    key: tuple(fact for fact, (_, keys) in _READ.items() if key in keys) for _, keys in _READ.values() for key in keys
}


def _facts(values: _Values) -> Facts:
    # Most articles have five keys: what is under none of them is not looked for.
    there = {fact for key in values.names() for fact in _FACTS_UNDER.get(key, ())}
    said = {fact: read(values, *keys) for fact, (read, keys) in _READ.items() if fact in there}
    return Facts(**said)  # type: ignore[arg-type]  # the fields of Facts, by name
