"""All that tests/hostile.py can do to a collector, in one run of the command, with good sources among it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hostile import CASES, SECRET, Case, table
from sites import FEED, Site, document, rss
from upstream import serving

TIMEOUT = 5  # seconds, of `timeout` under [fetch]
LONGEST = TIMEOUT + 15
MOST_MEMORY = 200_000_000 // 1024  # KiB
GOOD = [f"good-{number}" for number in range(6)]
MANY = ["ten-thousand", "same-guid"]
FEEDS = {"good": GOOD, "many": MANY, "hostile": [case.name for case in CASES if case.name not in MANY]}

CONFIG = f"""\
[site]
title = "Test Site"
url = "https://example.org/"

[fetch]
allow_hosts = ["127.0.0.1"]
host_delay = "0s"
per_host = 64
timeout = "{TIMEOUT}s"
"""

SOURCE = """
[[sources]]
name = "{name}"
kind = "{kind}"
url = "{url}"
"""

# The biggest process that this one has waited for: Linux counts what a process was before it became another program.
MEASURED = """\
import json, resource, subprocess, sys, time
began = time.monotonic()
ran = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
seconds = time.monotonic() - began
memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([ran.returncode, ran.stdout.decode(), ran.stderr.decode(), seconds, memory]))
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One run with all sources. `memory` is the peak of the process, in KiB."""

    site: Site
    report: dict[str, Any]
    log: str
    seconds: float
    memory: int
    asked: list[str]

    def source(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(source for source in self.report["sources"] if source["name"] == name)
        return found


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    site = Site(tmp_path_factory.mktemp("hostile"), CONFIG)
    with serving() as upstream:
        for case in CASES:
            upstream.routes[f"/{case.name}"] = case.answer
            site.config += SOURCE.format(name=case.name, kind=case.kind, url=upstream.url(f"/{case.name}"))
        for number in range(1, 7):
            upstream.routes["/onward" + "x" * number] = upstream.routes["/onward"]
        for name in GOOD:
            url = document(upstream, f"/{name}", rss((name, f"News of {name}")))
            site.config += SOURCE.format(name=name, kind="feed", url=url)
        for feed, names in FEEDS.items():
            site.config += FEED.format(name=feed, rules=f'limit = 1000\nmax_size = "64MiB"\nsources = {names}')
        site.save()
        command = [sys.executable, "-c", MEASURED, sys.executable, "-m", "feedmill", "publish", "--json"]
        ran = subprocess.run(command, cwd=site.root, env=site.environment, capture_output=True, check=True, timeout=200)
        code, out, log, seconds, memory = json.loads(ran.stdout)
        assert code == 1, log
        asked = [asked.path for asked in upstream.asked]
    return Run(site, json.loads(out), log, seconds, memory, asked)


def test_no_source_holds_up_another(run: Run) -> None:
    # A machine that is busy with other work gets more time; an idle one gets none.
    assert run.seconds < LONGEST * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert run.memory < MOST_MEMORY
    assert {name: run.source(name)["new"] for name in GOOD} == dict.fromkeys(GOOD, 1)
    assert sorted(run.site.titles("good/atom.xml")) == [f"News of {name}" for name in GOOD]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_ends_as_the_table_says(run: Run, case: Case) -> None:
    source = run.source(case.name)
    told = " ".join([source["error"] or "", *map(str, source["problems"])])
    assert (source["status"], source["new"]) == (case.status, case.new), told
    assert case.says in told
    assert (source["error"] is not None) is (case.status == "failed")


def test_nothing_is_a_defect_and_no_message_is_long(run: Run) -> None:
    assert "Traceback" not in run.log
    assert "unexpected" not in run.log
    assert max(len(source["error"] or "") for source in run.report["sources"]) < 600


def test_what_is_published_is_whole_and_harmless(run: Run) -> None:
    assert {feed["status"] for feed in run.report["feeds"]} == {"written"}
    assert len(run.site.read("many/atom.xml").entries) == 1000
    assert len(run.site.files()) == 2 * len(FEEDS)
    for path in run.site.files().values():
        text = path.read_text(encoding="utf-8")
        assert not any(word in text for word in ("root:x:", "<script", "javascript:", "onclick"))


def test_nothing_inside_was_asked_for(run: Run) -> None:
    assert SECRET not in run.asked
    twice = {path for path in run.asked if run.asked.count(path) > 1}
    assert twice == {"/sitemap-circle"}  # as the source, and as the sitemap that it lists


def test_the_page_says_what_is_done() -> None:
    page = (Path(__file__).parents[2] / "docs" / "hostile.md").read_text(encoding="utf-8")
    assert page[page.index("## ") :] == table()
