"""What the commands say, and that the work is done whoever listens."""

from __future__ import annotations

import fcntl
import json
import os
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from sites import Site
from upstream import Upstream

ARTICLE = "---\ntitle: First\ndate: 2026-10-01T07:00:00Z\n---\nWords.\n"


@pytest.fixture
def news(site: Site) -> Path:
    folder = site.articles()
    (folder / "first.md").write_text(ARTICLE)
    site.feed()
    return folder


def redirected(site: Site, redirection: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose output the shell sends elsewhere."""
    site.save()
    command = ["sh", "-c", f'exec "$@" {redirection}', "sh", sys.executable, "-m", "feedmill", *arguments]
    ran = subprocess.run(
        command, cwd=site.root, env=site.environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert "Traceback" not in ran.stderr
    return ran


def unheard(site: Site, *arguments: str) -> int:
    """Run a command into a pipe that nobody reads."""
    site.save()
    reader, writer = os.pipe()
    os.close(reader)
    try:
        command = [sys.executable, "-m", "feedmill", *arguments]
        ran = subprocess.run(
            command, cwd=site.root, env=site.environment, stdout=writer, stderr=writer, timeout=120, check=False
        )
    finally:
        os.close(writer)
    return ran.returncode


def on_terminal(site: Site, *arguments: str) -> str:
    """Run a command on a terminal of 80 columns; return all that it showed."""
    site.save()
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {name: value for name, value in site.environment.items() if name not in {"COLUMNS", "LINES"}}
    process = subprocess.Popen(
        [sys.executable, "-m", "feedmill", *arguments],
        cwd=site.root,
        env=environment | {"TERM": "xterm"},
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    shown = b""
    try:
        while some := os.read(master, 65536):
            shown += some
    except OSError:  # how a terminal says that nobody writes to it any more
        pass
    finally:
        os.close(master)
    process.wait(timeout=120)
    return shown.decode()


# --- nobody listens


@pytest.mark.parametrize("arguments", [["publish"], ["publish", "--json"], ["status"], ["check"], ["--help"]])
def test_a_reader_who_has_enough_changes_no_exit_code(site: Site, news: Path, arguments: list[str]) -> None:
    assert unheard(site, *arguments) == 0
    assert (site.root / "feeds" / "all" / "rss.xml").exists() == (arguments[0] == "publish")


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_reader_who_has_enough_hides_no_failure(site: Site, news: Path, upstream: Upstream, form: list[str]) -> None:
    site.upstream("up", upstream.serve("/feed", 500))
    assert unheard(site, "publish", *form) == 1
    assert unheard(site, "publish", *form, "--source", "nowhere") == 2


@pytest.mark.parametrize("redirection", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_closed_descriptors_stop_nothing(site: Site, news: Path, redirection: str, form: list[str]) -> None:
    ran = redirected(site, redirection, "publish", *form)
    assert (ran.returncode, site.titles()) == (0, ["First"])


@pytest.mark.parametrize("arguments", [["publish"], ["publish", "--json"], ["status"], ["check"], ["--help"]])
def test_a_report_that_cannot_be_written_is_one_line_and_the_work_is_done(
    site: Site, news: Path, arguments: list[str]
) -> None:
    ran = redirected(site, ">/dev/full", *arguments)
    assert ran.returncode == 1
    complaints = [line for line in ran.stderr.splitlines() if " INFO " not in line]
    assert complaints == ["feedmill: standard output cannot be written (No space left on device)"]
    assert (site.root / "feeds" / "all" / "rss.xml").exists() == (arguments[0] == "publish")


def test_a_lost_report_does_not_hide_a_worse_failure(site: Site, upstream: Upstream) -> None:
    site.upstream("up", upstream.serve("/feed", 500))
    site.feed()
    assert redirected(site, ">/dev/full", "publish").returncode == 3


def test_a_log_that_cannot_be_written_stops_nothing(site: Site, news: Path) -> None:
    ran = redirected(site, "2>/dev/full", "publish", "--json")
    assert ran.returncode == 0
    assert json.loads(ran.stdout)["feeds"][0]["status"] == "written"


# --- asking leaves no trace


@pytest.mark.parametrize("question", ["status", "check"])
def test_asking_leaves_no_trace(site: Site, news: Path, question: str) -> None:
    site.save()
    before = sorted(site.root.rglob("*"))
    assert site.run(question).code == 0
    assert sorted(site.root.rglob("*")) == before


def test_a_feed_that_failed_before_it_was_ever_published_is_told_by_its_error(site: Site, upstream: Upstream) -> None:
    site.upstream("up", upstream.serve("/feed", 500))
    site.feed()
    site.publish()
    assert "feed all: not published yet: none of its sources was ever collected" in site.run("check").out


# --- the service


def test_the_service_prints_a_report_of_each_run_on_a_line(site: Site, news: Path) -> None:
    site.config = site.config.replace('every = "1h"', 'every = "1s"')
    service = site.start("--json")
    assert service.stdout is not None
    first = json.loads(service.stdout.readline())
    assert first.keys() == {"sources", "feeds", "site", "site_errors", "seconds"}
    assert (first["sources"][0]["new"], first["feeds"][0]["status"]) == (1, "written")
    (news / "second.md").write_text(ARTICLE.replace("First", "Second"))
    for line in service.stdout:
        if json.loads(line)["feeds"][0]["status"] == "written":
            break
    assert len(site.titles()) == 2


def test_the_service_says_nothing_on_standard_output_unless_asked(site: Site, news: Path) -> None:
    service = site.start()
    assert service.stderr is not None
    for line in service.stderr:
        if "feed all: written" in line:
            break
    service.terminate()
    out, _ = service.communicate(timeout=60)
    assert (out, service.returncode) == ("", 0)


# --- on a terminal


def test_on_a_narrow_terminal_names_are_folded_and_nothing_is_cut(site: Site, upstream: Upstream) -> None:
    name = "the-diary-of-a-planet-member-with-a-long-name"
    site.upstream(name, upstream.serve("/feed", 500))
    site.feed("a-feed-with-a-name-that-leaves-little-room")
    for command in ("publish", "status"):
        table = re.sub(r"\x1b\[[\d;?]*[A-Za-z]|\r", "", on_terminal(site, command)).split("\n\n")[0]
        assert re.search(r"\b2\d{3}-\d\d-\d\d \d\d:\d\d\b", table), table
        assert re.search(r"\bfail(ed|ing)\b", table), table


def test_the_progress_bar_counts_what_was_asked_for(site: Site, news: Path) -> None:
    site.articles("other")
    site.feed("other", 'sources = ["other"]')
    shown = on_terminal(site, "publish", "--source", "news", "--feed", "all")
    assert "1/1" in shown
    assert "/2" not in shown


def test_a_line_of_the_log_and_the_progress_bar_keep_apart(site: Site, news: Path) -> None:
    (news / "broken.md").write_text("---\ntitle: [\n---\n")
    shown = on_terminal(site, "publish")
    line = next(line for line in re.split(r"[\r\n]+|\x1b\[\d*[A-Z]", shown) if "WARNING" in line)
    assert re.match(r"\d{4}-\d\d-\d\dT", line), line
