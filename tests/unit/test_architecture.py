"""The imports keep to the table of the design: data flows from collect to publish, and only the pipeline composes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import feedmill

SOURCE = Path(feedmill.__file__).parent

BASE = frozenset({"model", "errors", "times", "config"})
"""What every part may know."""

PURE = frozenset({"model", "errors", "times"})

ALLOWED: dict[str, frozenset[str]] = {
    "model": frozenset(),
    "errors": frozenset(),
    "times": frozenset(),
    "config": PURE,
    "channels": BASE,
    "collect": BASE,
    "normalize": BASE,
    "alerts": PURE,
    "audience": PURE,
    "changes": BASE,
    "difference": BASE | {"changes"},
    "history": PURE,
    "strangers": BASE | {"changes"},
    "polling": BASE,
    "redirects": PURE,
    "websub": PURE,
    "store": BASE,
    "select": BASE,
    "split": BASE,
    "guards": PURE,
    "render": BASE,
    "notify": BASE,
    "publish": BASE,
    "jobs": BASE,
    "pipeline": BASE
    | {
        "alerts",
        "collect",
        "normalize",
        "changes",
        "guards",
        "history",
        "jobs",
        "polling",
        "redirects",
        "split",
        "strangers",
        "store",
        "select",
        "render",
        "publish",
        "websub",
    },
    "runs": BASE | {"pipeline", "jobs", "select"},
    "scheduler": BASE | {"pipeline", "runs"},
    "serve": BASE | {"difference", "pipeline", "redirects", "runs", "scheduler", "store", "render", "websub"},
    "cli": BASE
    | {
        "alerts",
        "audience",
        "channels",
        "pipeline",
        "difference",
        "runs",
        "scheduler",
        "jobs",
        "notify",
        "store",
        "publish",
        "redirects",
        "render",
        "serve",
    },
    "__main__": frozenset({"cli"}),
    "__init__": frozenset(),
}
"""For each part, the other parts that it may import."""

NO_IO = {
    "normalize": {"requests", "urllib3", "socket", "sqlalchemy", "subprocess"},
    "changes": {"os", "pathlib", "requests", "socket", "sqlalchemy", "logging"},
    "strangers": {"os", "pathlib", "requests", "socket", "sqlalchemy", "logging"},
    "polling": {"os", "pathlib", "requests", "socket", "sqlalchemy", "logging", "random", "time"},
    "difference": {"os", "pathlib", "requests", "socket", "sqlalchemy", "logging", "random", "time"},
    "history": {"os", "pathlib", "requests", "socket", "sqlalchemy", "logging", "random", "time"},
    "websub": {"os", "pathlib", "requests", "socket", "sqlalchemy", "logging", "random", "secrets", "time"},
    "redirects": {"os", "pathlib", "requests", "socket", "sqlalchemy", "logging", "random", "time"},
    "alerts": {"os", "pathlib", "requests", "socket", "sqlalchemy", "logging", "random", "time"},
    "audience": {"os", "pathlib", "requests", "socket", "sqlalchemy", "random", "time"},
    "split": {"os", "pathlib", "requests", "socket", "sqlalchemy", "logging", "random", "time"},
    "guards": {"os", "pathlib", "requests", "socket", "sqlalchemy", "logging", "random", "time"},
    "select": {"os", "pathlib", "requests", "socket", "sqlalchemy", "logging"},
    "render": {"os", "pathlib", "requests", "socket", "sqlalchemy", "subprocess", "time"},
}
"""Modules that would let a pure part reach outside."""

ONLY_IN = {
    "pydantic": {"config"},
    "sqlalchemy": {"store"},
    "requests": {"channels", "collect", "notify"},
    "click": {"cli"},
    "feedgen": {"render"},
    "tomlkit": {"config"},
    "mutagen": {"collect"},
    "trafilatura": {"normalize"},
    "crawleruseragents": {"audience"},
}
"""Libraries that one part alone knows."""


def parts() -> Iterator[tuple[str, Path]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield path.relative_to(SOURCE).parts[0].removesuffix(".py"), path


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_part_is_in_the_table() -> None:
    assert {part for part, _ in parts()} == ALLOWED.keys()


@pytest.mark.parametrize(("part", "path"), list(parts()), ids=lambda value: str(value).rpartition("feedmill/")[2])
def test_imports_keep_to_the_table(part: str, path: Path) -> None:
    roots = {
        name.split(".")[1] for name in imported(path) if name.startswith("feedmill.") and name != "feedmill.__version__"
    }
    assert roots - {part} <= ALLOWED[part]


@pytest.mark.parametrize("part", NO_IO)
def test_pure_parts_cannot_reach_outside(part: str) -> None:
    found = {name.split(".")[0] for other, path in parts() if other == part for name in imported(path)}
    assert found & NO_IO[part] == set()


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_has_one_home(library: str) -> None:
    homes = {part for part, path in parts() for name in imported(path) if name.split(".")[0] == library}
    assert homes == ONLY_IN[library]


def test_every_module_opens_with_what_it_is_for() -> None:
    without = [str(path) for _, path in parts() if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert without == []
