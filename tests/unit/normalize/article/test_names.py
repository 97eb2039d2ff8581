from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.normalize.article.names import stem_and_suffix


@pytest.mark.parametrize(
    "name", ["a.md", "a/b.c/d", "a.b/c.tar.gz", ".md", "...md", "a.", "a..md", "x/.md", "x", "a.MD"]
)
def test_names_are_taken_apart_as_pathlib_does(name: str) -> None:
    path = PurePosixPath(name)
    assert stem_and_suffix(name) == (path.with_suffix("").as_posix() if path.suffix else name, path.suffix)


@given(st.lists(st.text(alphabet="ab.-_", min_size=1, max_size=6).filter(lambda part: part.strip(".")), min_size=1))
def test_any_name_is_taken_apart_as_pathlib_does(parts: list[str]) -> None:
    path = PurePosixPath("/".join(parts))
    stem, suffix = stem_and_suffix(path.as_posix())
    assert (stem + suffix, suffix) == (path.as_posix(), path.suffix)
