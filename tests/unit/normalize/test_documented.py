"""docs/articles.md says what the code does: every element that passes, every furniture line, every key."""

import re
from pathlib import Path

import pytest

from feedmill.normalize.allowed import ALLOWED
from feedmill.normalize.article import frontmatter, furniture
from feedmill.normalize.links import LINK_SCHEMES

PAGE = (Path(__file__).parents[3] / "docs" / "articles.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    return re.split(r"^##+ ", PAGE.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def test_the_allow_list() -> None:
    table = "".join(line for line in section("What passes the sanitizer").splitlines() if line.startswith("|"))
    assert set(re.findall(r"`([a-z0-9]+)`", table)) == set(ALLOWED)


def test_the_schemes() -> None:
    said = re.search(r"Links may be (.*?);", section("What passes the sanitizer"), re.DOTALL)
    assert said is not None
    assert set(re.findall(r"[a-z]+", said[1])) - {"or"} == LINK_SCHEMES


def test_the_furniture() -> None:
    quoted = " ".join(line[2:] for line in section("Page furniture").splitlines() if line.startswith("> "))
    lines = {line.strip() for part in quoted.split(", ") for line in [part]}
    missing = furniture._WORDS - lines
    # The last line of one list and the first of the next stand without a comma between them.
    assert all(f" {line}" in f" {quoted}" for line in missing)
    assert len(missing) <= 2


@pytest.mark.parametrize("key", sorted({key for _, keys in frontmatter._READ.values() for key in keys} - {"status"}))
def test_the_keys_of_the_front_matter(key: str) -> None:
    assert f"`{key}`" in section("Front matter")
