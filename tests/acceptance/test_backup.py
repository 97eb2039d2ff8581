"""`feedmill backup` and `restore`: while a service runs, killed at any moment, with what is damaged or too large."""

from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from audience_visits import visit
from factories import NOW
from feedmill.audience.recorder import Recorder
from feedmill.store import Store
from sites import Site, Watched

ARTICLE = "---\ntitle: {title}\ndate: {date}\n---\nWords.\n"
KILLS = 8


@pytest.fixture
def news(site: Site) -> Path:
    folder = site.articles()
    write(folder, "First")
    site.feed()
    site.config = site.config.replace('every = "1h"', 'every = "1s"')
    return folder


def write(folder: Path, title: str) -> None:
    (folder / f"{title.lower()}.md").write_text(ARTICLE.format(title=title, date="2026-10-01T07:00:00Z"))


def state(site: Site) -> Path:
    return site.root / ".feedmill" / "state.sqlite3"


def ask(file: Path, question: str) -> list[Any]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(question).fetchall()


def titles(file: Path) -> set[str]:
    assert ask(file, "PRAGMA integrity_check") == [("ok",)]
    return {title for (title,) in ask(file, "SELECT title FROM entries WHERE withdrawn IS NULL")}


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if ".part" in path.name]


def test_there_and_back_while_the_service_runs(site: Site, news: Path) -> None:
    service = Watched(site.start())
    service.until("feed all: written, 1 entries")
    copy = site.root / "copy.sqlite3"
    made = site.run("backup", "--json", str(copy))
    assert (made.code, made.report["entries"], made.report["bytes"]) == (0, 1, copy.stat().st_size)
    assert copy.stat().st_mode & 0o777 == 0o600
    write(news, "Second")
    service.until("feed all: written, 2 entries")
    ids = site.ids()
    (news / "second.md").rename(site.root / "second.md")
    service.until("feed all: written, 1 entries")
    back = site.run("restore", "--json", str(copy))
    assert back.code == 0, back.err
    assert titles(Path(back.report["kept"])) == {"First"}  # what was withdrawn is in there, too
    assert ask(Path(back.report["kept"]), "SELECT count(*) FROM entries") == [(2,)]
    (site.root / "second.md").rename(news / "second.md")
    service.until("feed all: written, 2 entries")  # the same process, without a restart
    assert site.ids() == ids
    service.process.send_signal(signal.SIGTERM)
    assert service.end() == 0
    assert leftovers(state(site).parent) == leftovers(site.root) == []


def test_a_run_that_is_under_way_is_waited_for(site: Site, news: Path) -> None:
    site.publish()
    site.run("backup", "copy.sqlite3")
    write(news, "Second")
    site.publish()
    store = Store(f"sqlite:///{state(site)}")
    with store.turn():
        process = site.popen("restore", "copy.sqlite3")
        site.services.append(process)
        assert process.stderr is not None
        assert "another feedmill is at work" in process.stderr.readline()
        assert titles(state(site)) == {"First", "Second"}
    assert process.wait(timeout=60) == 0
    store.close()
    assert titles(state(site)) == {"First"}


def test_feeds_are_as_the_restored_state_has_them_after_the_next_run(site: Site, news: Path) -> None:
    site.publish()
    before = site.digests()
    site.run("backup", "copy.sqlite3")
    write(news, "Second")
    site.publish()
    (news / "second.md").unlink()
    site.run("restore", "copy.sqlite3")
    assert site.publish().code == 0
    assert site.digests() == before


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_killed_at_any_moment(site: Site, news: Path, command: str) -> None:
    site.publish()
    copy = site.root / "copy.sqlite3"
    site.run("backup", str(copy))
    write(news, "Second")
    site.publish()
    moments = Random(command)
    for number in range(KILLS):
        arguments = ("backup", "--force", "again.sqlite3") if command == "backup" else ("restore", "copy.sqlite3")
        process = site.popen(*arguments)
        try:
            process.communicate(timeout=moments.uniform(0.2, 0.8))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        assert titles(state(site)) in ({"First", "Second"}, {"First"}), number
        if (site.root / "again.sqlite3").exists():
            assert titles(site.root / "again.sqlite3") == {"First", "Second"}
    site.run("restore", "copy.sqlite3")
    assert titles(state(site)) == {"First"}
    assert site.publish().code == 0
    assert set(site.titles()) == {"First", "Second"}


def test_a_copy_is_not_replaced_unless_it_is_meant(site: Site, news: Path) -> None:
    site.publish()
    copy = site.root / "copy.sqlite3"
    copy.write_text("precious")
    ran = site.run("backup", str(copy))
    assert (ran.code, copy.read_text()) == (3, "precious")
    assert "there is such a file already" in ran.err
    assert site.run("backup", "--force", str(copy)).code == 0
    assert titles(copy) == {"First"}
    assert leftovers(site.root) == []


@pytest.mark.parametrize("name", ["state.sqlite3", "state.sqlite3-wal", "state.sqlite3.lock"])
def test_a_copy_never_takes_the_place_of_the_state(site: Site, news: Path, name: str) -> None:
    site.publish()
    (site.root / "here").symlink_to(state(site).parent)
    with closing(sqlite3.connect(state(site))) as connection:  # somebody is at work on it
        connection.execute("SELECT count(*) FROM entries").fetchone()
        before = state(site).stat().st_ino
        ran = site.run("backup", "--force", f"here/{name}")
    assert (ran.code, state(site).stat().st_ino) == (3, before)
    assert "this is the state itself. Name another file for the copy." in ran.err
    assert titles(state(site)) == {"First"}


def test_standard_output_is_no_place_for_it(site: Site, news: Path) -> None:
    site.publish()
    assert site.run("backup", "-").code == 2


def test_without_a_state_there_is_nothing_to_copy(site: Site, news: Path) -> None:
    ran = site.run("backup", "copy.sqlite3")
    assert (ran.code, (site.root / "copy.sqlite3").exists(), state(site).exists()) == (2, False, False)


def test_a_state_that_was_lost_is_brought_back(site: Site, news: Path) -> None:
    site.publish()
    site.run("backup", "copy.sqlite3")
    for path in state(site).parent.iterdir():
        path.unlink()
    ran = site.run("restore", "--json", "copy.sqlite3")
    assert (ran.code, ran.report["kept"]) == (0, None)
    assert titles(state(site)) == {"First"}


@pytest.mark.parametrize("what", ["a text", "nothing", "the first half", "another database", "a page of zeros"])
def test_what_is_no_whole_copy_leaves_the_state_alone(site: Site, news: Path, what: str) -> None:
    site.publish()
    copy = site.root / "copy.sqlite3"
    site.run("backup", str(copy))
    body = copy.read_bytes()
    match what:
        case "a text":
            copy.write_text("no database\n" * 100)
        case "nothing":
            copy.write_bytes(b"")
        case "the first half":
            copy.write_bytes(body[: len(body) // 2])
        case "another database":
            copy.unlink()
            with closing(sqlite3.connect(copy)) as connection:
                connection.execute("CREATE TABLE of_another (x)")
        case _:
            copy.write_bytes(body[:4096] + bytes(4096) + body[8192:])
    ran = site.run("restore", str(copy))
    assert ran.code == 3
    assert str(copy) in ran.err
    assert titles(state(site)) == {"First"}
    assert leftovers(state(site).parent) == []


def test_a_copy_of_a_newer_feedmill_is_refused(site: Site, news: Path) -> None:
    site.publish()
    copy = site.root / "copy.sqlite3"
    site.run("backup", str(copy))
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    ran = site.run("restore", str(copy))
    assert ran.code == 3
    assert "a newer Feedmill wrote this state" in ran.err


def test_a_state_that_is_damaged_deep_inside_is_moved_aside(site: Site, news: Path) -> None:
    """It can be opened, so that only reading all of it shows the damage."""
    site.publish()
    site.run("backup", "copy.sqlite3")
    (root,) = ask(state(site), "SELECT rootpage FROM sqlite_master WHERE name = 'entries'")[0]
    (size,) = ask(state(site), "PRAGMA page_size")[0]
    with state(site).open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    before = state(site).read_bytes()
    assert "is damaged" in site.run("backup", "more.sqlite3").err
    ran = site.run("restore", "--json", "copy.sqlite3")
    assert ran.code == 0, ran.err
    assert Path(ran.report["kept"]).read_bytes() == before
    assert titles(state(site)) == {"First"}
    assert site.publish().code == 0


@pytest.mark.parametrize("damage", ["damaged", "too new"])
def test_a_state_that_cannot_be_opened_is_moved_aside(site: Site, news: Path, damage: str) -> None:
    site.publish()
    site.run("backup", "copy.sqlite3")
    if damage == "damaged":
        state(site).write_text("nothing that anybody could read")
    else:
        with closing(sqlite3.connect(state(site))) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = state(site).read_bytes()
    assert site.publish().code == 3
    ran = site.run("restore", "--json", "copy.sqlite3")
    assert ran.code == 0, ran.err
    assert Path(ran.report["kept"]).read_bytes() == before
    assert site.publish().code == 0


def test_a_full_disk_leaves_everything_as_it_was(site: Site, news: Path) -> None:
    site.publish()
    site.run("backup", "copy.sqlite3")
    write(news, "Second")
    site.publish()
    size = (site.root / "copy.sqlite3").stat().st_size
    for arguments in (("backup", "more.sqlite3"), ("restore", "copy.sqlite3")):
        done = subprocess.run(
            [sys.executable, "-m", "feedmill", *arguments],
            cwd=site.root,
            env=site.environment,
            capture_output=True,
            text=True,
            check=False,
            # As full as it gets without a disk of one's own: no file may become that large.
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, size // 2)),
        )
        assert done.returncode == 3, done.stderr
        assert "Traceback" not in done.stderr
        if arguments[0] == "backup":
            assert done.stderr.startswith("feedmill: more.sqlite3: cannot be written (")
            assert done.stderr.endswith("Choose another place, or make room.\n")
        assert not (site.root / "more.sqlite3").exists()
        assert titles(state(site)) == {"First", "Second"}
        assert leftovers(site.root) == leftovers(state(site).parent) == []


def test_what_tells_readers_apart_is_not_in_a_copy(site: Site, news: Path) -> None:
    site.publish()
    store = Store(f"sqlite:///{state(site)}")
    with Recorder(store.audience, lambda: NOW) as recorder:
        recorder.seen(visit())
    store.close()
    site.run("backup", "copy.sqlite3")
    copy = site.root / "copy.sqlite3"
    assert ask(copy, "SELECT * FROM audience_salts") == []
    assert ask(copy, "SELECT said, seen, subscribers FROM audience") == [(None, None, 1)]
    assert ask(state(site), "SELECT count(*) FROM audience_salts") == [(1,)]
