"""What is wrong with config.toml, said in plain English: where, what, and what to do.

This module must not know what the right values are: others judge, and hand over flaws.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from feedmill.config import operating, schema
from feedmill.config.positions import Path, line_numbers
from feedmill.config.values import did_you_mean, shown, type_name

__all__ = ["Flaw", "from_pydantic", "ordinal", "report", "syntax_finding"]

_ARRAYS = ("sources", "feeds")
_MODELS: dict[tuple[str, ...], type[BaseModel]] = {
    (): schema.Document,
    ("site",): schema.Site,
    ("site", "author"): schema.Author,
    ("state",): schema.State,
    ("publish",): schema.Publish,
    ("fetch",): schema.Fetch,
    ("schedule",): schema.Schedule,
    ("serve",): operating.Serve,
    ("alerts",): operating.Alerts,
    ("alerts", "email"): operating.Mail,
    ("sources",): schema.Source,
    ("sources", "select"): schema.Select,
    ("sources", "auth"): schema.Auth,
    ("sources", "replace"): schema.Replacement,
    ("feeds",): schema.Feed,
    ("feeds", "podcast"): schema.Podcast,
    ("feeds", "podcast", "owner"): schema.Owner,
    ("feeds", "podcast", "funding"): schema.Funding,
}
_MISSING_TABLES = {
    "site": "add it, with title and url",
    "sources": "add one for each folder of articles or upstream feed",
    "feeds": "add one for each feed to publish",
}
_SYNTAX = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL)
_SYNTAX_HINTS = {
    "Invalid value": 'text needs quotes, as in title = "News"; true and false are written in small letters',
    "Unescaped '\\' in a string": "write what holds a backslash in single quotes, as in include = ['\\bpython\\b']",
    "Cannot overwrite a value": "a key is written twice in one table; keep one of them",
    "Cannot declare": "a table is written twice; put its keys together, or use [[...]] for a list of tables",
    "Cannot mutate immutable": "a table is written in two ways; put its keys together",
    "Illegal character '\\n'": "a text in simple quotes must end on its line",
    "Unterminated string": "close the quotes",
    "Unclosed array": 'close the list with "]"',
    "Unclosed inline table": 'close the table with "}"',
}
_WIDEST = 100


class Flaw(NamedTuple):
    """One thing that is wrong: the path of the key, and a message that follows the key's name.

    Where the message names the key itself (`names_key`), only the table goes before it.
    """

    path: Path
    message: str
    names_key: bool = False


def from_pydantic(error: ValidationError) -> Iterator[Flaw]:
    """Yield a flaw for each of pydantic's complaints, in our own words."""
    for detail in error.errors(include_url=False):
        path: Path = detail["loc"]
        match detail["type"]:
            case "value_error":
                yield Flaw(path, str(detail["ctx"]["error"]))
            case "extra_forbidden":
                yield Flaw(path, _unknown(path, detail["input"]), names_key=True)
            case "missing" | "too_short" if len(path) == 1:
                yield Flaw(path, f"is missing; {_MISSING_TABLES[str(path[0])]}")
            case "missing":
                example = (_keys(_model(path[:-1]))[str(path[-1])].examples or [""])[0]
                yield Flaw(path, f"is missing; add {path[-1]} = {_written(example)}")
            case "too_short":
                yield Flaw(path, "must not be an empty list")
            case "list_type" | "model_type":
                yield _wrong_shape(path, detail["input"])
            case _:  # pragma: no cover - no rule of ours leads here, and a word of pydantic's is better than none
                yield Flaw(path, f"is wrong: {detail['msg']}")


def report(flaws: Iterable[Flaw], *, document: str, data: Mapping[str, Any], file: str) -> list[str]:
    """Return the flaws as findings, each with file, line, table and key, in the order of the file."""
    lines = line_numbers(document)
    placed = sorted(((_line(flaw.path, lines), flaw) for flaw in dict.fromkeys(flaws)), key=lambda pair: pair[0])
    findings: list[str] = []
    for number, flaw in placed:
        place = f"{file}:{number}" if number else file
        table, key = _names(flaw.path, data)
        names = [part for part in (place, table, "" if flaw.names_key else key) if part]
        findings.append(f"{': '.join(names)}{': ' if flaw.names_key else ' '}{flaw.message}")
    return findings


def syntax_finding(message: str, *, document: str, file: str) -> str:
    """Return the finding for a message of tomllib, with the line of the file that it is about."""
    found = _SYNTAX.fullmatch(message)
    what = found["what"] if found else message
    hint = next((hint for start, hint in _SYNTAX_HINTS.items() if what.startswith(start)), "")
    said = f"this is not TOML: {what}" + (f"; {hint}" if hint else "")
    if found is None:
        return f"{file}: {said}"
    rows = document.split("\n")
    number = int(found["line"] or len(rows))
    row = rows[number - 1].rstrip("\r").replace("\t", " ")
    column = int(found["column"] or len(row) + 1)
    start = max(0, column - _WIDEST)
    return f"{file}:{number}:{column}: {said}\n    {row[start : start + _WIDEST]}\n    {' ' * (column - 1 - start)}^"


def ordinal(index: int) -> str:
    """Return `1st` for 0, `2nd` for 1."""
    number = index + 1
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _unknown(path: Path, value: object) -> str:
    """Say what an unknown key was probably meant to be: a key of its table, or one that belongs elsewhere."""
    *parents, last = path
    table, key = _keys_only(parents), str(last)
    known = list(_keys(_MODELS[table]))
    if not table and isinstance(value, dict | list):
        meant = did_you_mean(key, known)
        hint = f"did you mean {_header(meant)}?" if meant else f"known are {', '.join(map(_header, known))}"
        return f"unknown table {shown(key)}; {hint}"
    prefix = "".join(f"{part}." for part in table[1:])
    said = f"unknown key {shown(prefix + key)}"
    homes = [home[0] for home, model in _MODELS.items() if len(home) == 1 and key in model.model_fields]
    if len(homes) == 1:
        return f"{said}; it belongs under {_header(homes[0])}"
    if not table:
        return f"{said}; every key belongs under a table: {', '.join(map(_header, known))}"
    meant = did_you_mean(key, known)
    return f"{said}; did you mean {shown(prefix + meant)}?" if meant else f"{said}; known are {', '.join(known)}"


def _wrong_shape(path: Path, value: object) -> Flaw:
    if path[0] in _ARRAYS and len(path) <= 2:
        return Flaw(path, f"must be written with double brackets, [[{path[0]}]], not as {type_name(value)}")
    if len(path) == 1:
        return Flaw(path, f"must be written once, in single brackets, not as {type_name(value)}")
    if path[-1] in ("replace", "funding"):
        return Flaw(path, f"must be a list of tables in square brackets, not {type_name(value)}")
    if _keys_only(path) in _MODELS:
        (key, example), *_ = ((k, f.examples[0]) for k, f in _model(path).model_fields.items() if f.examples)
        return Flaw(path, f"must be a table such as {{ {key} = {_written(example)} }}, not {type_name(value)}")
    return Flaw(path, f"must be a list in square brackets, not {type_name(value)}")


def _keys_only(path: Sequence[str | int]) -> tuple[str, ...]:
    return tuple(part for part in path if isinstance(part, str))


def _model(path: Path) -> type[BaseModel]:
    return _MODELS[_keys_only(path)]


def _keys(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the keys of a table as they are written in the file."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _line(path: Path, lines: Mapping[Path, int]) -> int:
    """Return the line of the nearest thing that is written; 0 where nothing is."""
    return next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), 0)


def _names(path: Path, data: Mapping[str, Any]) -> tuple[str, str]:
    """Return what to call the table and the key at `path`."""
    if len(path) == 1 and path[0] not in schema.Document.model_fields:
        return "", ""
    table, rest = _header(str(path[0])), path[1:]
    if path[0] in _ARRAYS and rest:
        item = data[str(path[0])][rest[0]]
        name = item.get("name") if isinstance(item, dict) else None
        called = f" {shown(name)}" if isinstance(name, str) else ""
        table, rest = f"{table}{called} ({ordinal(int(rest[0]))})", rest[1:]
    if not rest:
        return table, ""
    key = shown(".".join(_keys_only(rest)))
    place = next((part for part in reversed(rest) if isinstance(part, int)), None)
    return table, key if place is None else f"{key} ({ordinal(place)} item)"


def _written(example: object) -> str:
    """Return an example as TOML has it; lists, numbers and flags look there as they do in JSON."""
    return shown(example) if isinstance(example, str) else json.dumps(example, ensure_ascii=False)


def _header(table: str) -> str:
    return f"[[{table}]]" if table in _ARRAYS else f"[{table}]"
