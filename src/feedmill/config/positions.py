"""The line on which each key, table and list item of a TOML document begins.

Neither tomllib nor tomlkit tells that, so this reads the document a second time, and only when there is an error
to report. It must not know what the keys mean, and it does not judge: the document has been parsed by tomllib.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from typing import NamedTuple

__all__ = ["Path", "line_numbers"]

Path = tuple[str | int, ...]

# TOML 1.0: strings before anything else, since they may hold every other sign.
_TOKEN = re.compile(
    r"""(?P<string>\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\])*"|'[^']*')
      |(?P<skip>[ \t\r]+|\#[^\n]*)
      |(?P<newline>\n)
      |(?P<mark>[\[\]{}=,.])
      |(?P<bare>[^\s\[\]{}=,.\#"']+)""",
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


def line_numbers(document: str) -> dict[Path, int]:
    """Return the line, from 1, of everything in a valid TOML document.

    A path names keys, and items of lists by their index: `("sources", 0, "name")`. A table that is only implied by
    another's header or by a dotted key has the line where it is first mentioned.
    """
    reader = _Reader(document)
    reader.read()
    return reader.lines


class _Reader:
    def __init__(self, document: str) -> None:
        self.tokens = _tokens(document)
        self.at = 0
        self.lines: dict[Path, int] = {}
        self.tables: Counter[Path] = Counter()

    def read(self) -> None:
        base: Path = ()
        while self.peek().kind != "end":
            if self.skipped("\n"):
                continue
            if self.peek().text == "[":
                base = self.header()
            else:
                self.pair(base)

    def header(self) -> Path:
        start = self.take()
        is_item = self.skipped("[")
        path = self.key((), start.line)
        while self.skipped("]"):
            pass
        if is_item:
            self.tables[path] += 1
            path = (*path, self.tables[path] - 1)
        self.lines[path] = start.line
        return path

    def pair(self, base: Path) -> None:
        path = self.key(base, self.peek().line)
        self.skipped("=")
        self.value(path)

    def key(self, base: Path, line: int) -> Path:
        """Read a key, dotted or not. A name of an array of tables stands for its last table, unless it comes last."""
        path = base
        while (token := self.peek()).text not in ("=", "]"):
            self.at += 1
            if token.text != ".":
                if self.tables[path]:
                    path = (*path, self.tables[path] - 1)
                path = (*path, tomllib.loads(f"k = {token.text}")["k"] if token.kind == "string" else token.text)
                self.lines.setdefault(path, line)
        return path

    def value(self, path: Path) -> None:
        opening = self.peek()
        if opening.kind == "string" or opening.text not in ("[", "{"):
            while self.peek().text not in (",", "]", "}", "\n", ""):
                self.at += 1
            return
        self.at += 1
        index = 0
        while not self.skipped("]") and not self.skipped("}"):
            if self.skipped(",") or self.skipped("\n"):
                continue
            if opening.text == "{":
                self.pair(path)
            else:
                item = (*path, index)
                self.lines[item] = self.peek().line
                self.value(item)
                index += 1

    def peek(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def skipped(self, text: str) -> bool:
        """Step over `text` if it is next."""
        found = self.peek().text == text
        self.at += found
        return found


def _tokens(document: str) -> list[_Token]:
    tokens: list[_Token] = []
    line = 1
    for found in _TOKEN.finditer(document):
        kind = found.lastgroup or ""
        if kind != "skip":
            tokens.append(_Token(kind, found[0], line))
        line += found[0].count("\n")
    tokens.append(_Token("end", "", line))
    return tokens
