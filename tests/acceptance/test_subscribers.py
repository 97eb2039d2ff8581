"""`feedmill subscribers`: from what our server counted, and from the logs of real servers."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import access_logs
from audience_visits import visit
from feedmill.audience.recorder import Recorder
from feedmill.store import Store
from listening import ask
from sites import Ran, Site

ARTICLE = "---\ntitle: First\ndate: 2026-10-01T07:00:00Z\n---\nWords.\n"
FEEDLY = "Feedly/1.0 (+http://www.feedly.com/fetcher.html; {number} subscribers; like FeedFetcher-Google)"
LINE = '192.0.2.{last} - - [22/Nov/2026:12:00:00 +0000] "GET /feeds/all/rss.xml HTTP/1.1" 200 1000 "-" "{agent}"\n'


@pytest.fixture
def published(site: Site) -> Site:
    (site.articles() / "first.md").write_text(ARTICLE)
    site.feed("all", 'aliases = ["/old/rss.xml"]\nformats = ["rss", "atom", "json", "html"]')
    site.feed("other")
    assert site.publish().code == 0
    return site


def readers(ran: Ran) -> dict[str, dict[str, Any]]:
    return {reader["reader"]: reader for reader in ran.report["readers"]}


@pytest.mark.parametrize(
    "server",
    [
        pytest.param(access_logs.nginx, marks=pytest.mark.needs("nginx")),
        pytest.param(access_logs.caddy, marks=pytest.mark.needs("caddy")),
    ],
    ids=["nginx", "caddy"],
)
def test_the_log_of_a_real_server(published: Site, server: Callable[[Path, Path], Iterator[Any]]) -> None:
    home = published.root / "server"
    home.mkdir()
    with contextmanager(server)(published.root, home) as running:
        first = running.get("/feeds/all/rss.xml", user_agent=FEEDLY.format(number=100))
        assert first.status == 200, first.headers.items()
        tag = first.headers["ETag"]
        again = running.get("/feeds/all/rss.xml", user_agent=FEEDLY.format(number=101), if_none_match=tag)
        assert (first.status, again.status) == (200, 304)
        running.get("/feeds/all/atom.xml", user_agent=FEEDLY.format(number=20))
        running.get("/feeds/all/feed.json", user_agent="newsboat/2.36 (Linux)")
        running.get("/feeds/other/atom.xml", user_agent="newsboat/2.36 (Linux)")
        running.get("/feeds/all/index.html", user_agent="Mozilla/5.0 (X11) Gecko/20100101 Firefox/128.0")
        running.get("/feeds/all/rss.xml", user_agent='evil" "quote \\ é ] [')
        running.get("/feeds/none/rss.xml", user_agent="newsboat/2.36 (Linux)")
        size = (published.root / "feeds" / "all" / "rss.xml").stat().st_size
    ran = published.run("subscribers", "--json", str(running.log))
    assert ran.code == 0, ran.err
    assert ran.report["malformed"] == 0
    counts = {day["feed"]: day["subscribers"] for day in ran.report["days"]}
    assert counts == {"all": 101 + 20 + 1 + 1, "other": 1}
    found = readers(ran)
    assert (found["Feedly"]["requests"], found["Feedly"]["not_modified"], found["Feedly"]["saved"]) == (3, 1, size)
    assert found["newsboat"]["subscribers"] == 2
    assert found["Feedly"]["unconditional"] == (None if running.log.name == "access.log" else 2)
    assert "browsers" not in found


def test_compressed_logs_and_standard_input_are_read_as_well(published: Site) -> None:
    first, second = (published.root / name for name in ("access.log.2.gz", "access.log.1"))
    first.write_bytes(gzip.compress(LINE.format(last=1, agent="newsboat/2").encode()))
    second.write_text(LINE.format(last=2, agent="newsboat/2"))
    command = [sys.executable, "-m", "feedmill", "subscribers", "--json", str(first), str(second), "-"]
    third = LINE.format(last=3, agent="newsboat/2") + LINE.format(last=1, agent="newsboat/2")
    done = subprocess.run(
        command, cwd=published.root, env=published.environment, input=third, capture_output=True, text=True, check=False
    )
    ran = Ran(done.returncode, done.stdout, done.stderr)
    assert ran.code == 0, ran.err
    assert (readers(ran)["newsboat"]["subscribers"], readers(ran)["newsboat"]["requests"]) == (3, 4)


def test_malformed_lines_are_told_in_one(published: Site) -> None:
    log = published.root / "access.log"
    log.write_text("nonsense\n" * 3 + LINE.format(last=1, agent="newsboat/2"))
    ran = published.run("subscribers", str(log))
    assert ran.code == 0
    assert ran.err.splitlines()[-1] == "3 of 4 lines are in no known format, and were passed over"
    assert "newsboat" in ran.out


def test_a_damaged_log_is_told_and_the_rest_counts(published: Site) -> None:
    log = published.root / "access.log.gz"
    log.write_bytes(gzip.compress(LINE.format(last=1, agent="newsboat/2").encode() * 1000)[:-20])
    good = published.root / "good.log"
    good.write_text(LINE.format(last=2, agent="Liferea/1"))
    ran = published.run("subscribers", "--json", str(log), str(good))
    assert ran.code == 1
    assert "access.log.gz: cannot be read to its end" in ran.err
    assert readers(ran)["Liferea"]["subscribers"] == 1


def test_a_missing_log_is_a_wrong_command(published: Site) -> None:
    assert published.run("subscribers", "nowhere.log").code == 2


def test_what_our_own_server_counted(published: Site) -> None:
    now = datetime.now(UTC)
    store = Store(f"sqlite:///{published.root / '.feedmill' / 'state.sqlite3'}")
    for age in (0, 1, 30):
        with Recorder(store.audience, lambda age=age: now - timedelta(days=age)) as recorder:  # type: ignore[misc]
            recorder.seen(visit(FEEDLY.format(number=7 + age)))
            recorder.seen(visit(conditional=False))
    store.close()
    ran = published.run("subscribers", "--json")
    today = now.date().isoformat()
    assert [day["subscribers"] for day in ran.report["days"]] == [9, 8]
    assert ran.report["days"][1]["day"] == today
    assert readers(ran)["newsboat"] | {"sent": 0} == {
        "reader": "newsboat",
        "kind": "reader",
        "subscribers": 1,
        "requests": 2,
        "unconditional": 2,
        "not_modified": 0,
        "deltas": 0,
        "sent": 0,
        "saved": 0,
    }
    assert len(published.run("subscribers", "--json", "--days", "31").report["days"]) == 3
    shown = published.run("subscribers").out
    assert "Feedly" in shown
    assert "newsboat" in shown


def test_before_anybody_came(published: Site, site: Site) -> None:
    ran = published.run("subscribers")
    assert (ran.code, ran.out) == (0, "No reader was counted in this time.\n")


def test_whoever_asks_our_own_server_is_counted(published: Site) -> None:
    published.config += '\n[serve]\nadmin = "none"\n'
    process = published.popen("serve", "127.0.0.1:0", "--json")
    published.services.append(process)
    assert process.stdout is not None
    address = json.loads(process.stdout.readline())["addresses"][0]
    got = ask(address, "/all/rss.xml", User_Agent=FEEDLY.format(number=12))
    ask(address, "/all/atom.xml", User_Agent=FEEDLY.format(number=3))
    ask(address, "/all/rss.xml", User_Agent="newsboat/2.36", If_None_Match=got.fields["etag"])
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    ran = published.run("subscribers", "--json")
    assert [(day["feed"], day["subscribers"]) for day in ran.report["days"]] == [("all", 16)]
    newsboat = readers(ran)["newsboat"]
    assert (newsboat["not_modified"], newsboat["unconditional"], newsboat["saved"] > 0) == (1, 0, True)
