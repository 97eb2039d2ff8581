"""What a command loads: everything that it has nothing to do for costs the user time at every start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sites import Site

ARTICLE = "---\ntitle: First\ndate: 2026-10-01T07:00:00Z\n---\nWords.\n"

FOR_ARTICLES = {
    "nh3",
    "pycld2",
    "pyromark",
    "slugify",
    "yaml",
    "feedmill.normalize.article",
    "feedmill.normalize.identity",
}
FOR_UPSTREAMS = {
    "feedparser",
    "idna",
    "protego",
    "requests",
    "trafilatura",
    "urllib3",
    "w3lib",
    "feedmill.collect.http",
}
FOR_DOCUMENTS = {"feedgen", "jinja2", "lxml", "feedmill.render.rss", "feedmill.render.site"}
FOR_OTHER_COMMANDS = {"alembic", "apscheduler", "rich", "starlette", "uvicorn", "feedmill.scheduler", "feedmill.serve"}
FOR_KEYS_NOT_SET = {"cssselect", "mutagen", "regex"}
FOR_A_SITE = {
    "jinja2",
    "lxml",
    "msgspec",
    "pydantic",
    "sqlalchemy",
    "feedmill.config",
    "feedmill.model",
    "feedmill.pipeline",
}


def loaded(root: Path, *arguments: str) -> set[str]:
    """Return the modules, and their packages, that the command imports."""
    command = [sys.executable, "-X", "importtime", "-m", "feedmill", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    lines = (line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if line.startswith("import time:"))
    return {".".join(name.split(".")[:end]) for name in lines for end in range(1, name.count(".") + 2)}


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_the_command_line_alone_knows_no_site(tmp_path: Path, argument: str) -> None:
    unneeded = (
        FOR_A_SITE | FOR_ARTICLES | FOR_UPSTREAMS | FOR_OTHER_COMMANDS | FOR_KEYS_NOT_SET | {"importlib.metadata"}
    )
    assert loaded(tmp_path, argument) & unneeded == set()


def test_a_site_in_which_nothing_changed_loads_nothing_to_read_or_write_or_ask(site: Site) -> None:
    (site.articles() / "first.md").write_text(ARTICLE)
    site.feed(rules='formats = ["rss"]')
    first = site.publish()
    assert (first.source("news")["status"], first.feed("all")["status"]) == ("updated", "written")
    unneeded = FOR_ARTICLES | FOR_UPSTREAMS | FOR_DOCUMENTS | FOR_OTHER_COMMANDS | FOR_KEYS_NOT_SET
    assert loaded(site.root, "publish", "--quiet") & unneeded == set()
