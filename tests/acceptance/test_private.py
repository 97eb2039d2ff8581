"""Private feeds on the command line: kept apart, named nowhere, and each reader with a token of their own."""

from __future__ import annotations

import json
import signal
import sqlite3
from pathlib import Path

import pytest

from listening import ask
from sites import Site


@pytest.fixture
def members(site: Site) -> Site:
    """A published site with a public feed and a private one."""
    folder = site.articles()
    (folder / "one.md").write_text("---\ntitle: One\ndate: 2026-10-01T07:00:00Z\n---\nWords.\n", encoding="utf-8")
    site.config += (
        '\n[publish]\nformats = ["rss", "atom", "html"]\nhubs = ["http://127.0.0.1:9/"]\n[serve]\nadmin = "none"\n'
    )
    site.feed()
    site.feed("members", 'access = "token"')
    assert site.publish().code == 0
    return site


def below(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_private_feed_is_kept_apart_and_named_nowhere(members: Site) -> None:
    private = members.root / ".feedmill" / "private"
    assert below(private) == ["members/atom.xml", "members/index.html", "members/rss.xml"]
    for path in (members.root / "feeds").rglob("*"):
        assert path.is_dir() or "members" not in path.read_text(encoding="utf-8")
    assert "hub" not in (private / "members/atom.xml").read_text(encoding="utf-8")
    assert 'rel="hub"' in (members.root / "feeds/all/atom.xml").read_text(encoding="utf-8")
    assert members.run("check").code == 0
    assert members.publish().feed("members")["status"] == "unchanged"
    assert ".feedmill/private/members/rss.xml" in members.run("publish").out


def test_a_feed_that_becomes_private_leaves_the_public_folder(members: Site) -> None:
    assert (members.root / "feeds/all/rss.xml").is_file()
    members.config = members.config.replace('name = "all"', 'name = "all"\naccess = "token"')
    assert members.publish().code == 0
    assert not (members.root / "feeds/all").exists()
    assert (members.root / ".feedmill/private/all/rss.xml").is_file()
    members.config = members.config.replace('access = "token"', "")
    assert members.publish().code == 0
    assert below(members.root / ".feedmill/private") == []
    assert (members.root / "feeds/members/rss.xml").is_file()


def test_a_feed_that_becomes_private_leaves_nothing_public_whatever_else_changed(members: Site) -> None:
    """Nor a document of a format that it has no more, nor one of its history."""
    members.config = members.config.replace('name = "all"', 'name = "all"\nsplit_by = "source"\nlimit = 1')
    folder = members.root / "news"
    for day in range(1, 4):
        text = f"---\ntitle: Day {day}\ndate: 2026-09-0{day}T07:00:00Z\n---\nWords.\n"
        (folder / f"{day}.md").write_text(text, encoding="utf-8")
        assert members.publish().code == 0
    public = members.root / "feeds/all"
    (public / "archive").mkdir(exist_ok=True)
    (public / "archive/atom-0001.xml.gz").write_bytes(b"from before")
    assert (public / "atom.xml").is_file()
    members.config = members.config.replace('name = "all"', 'name = "all"\naccess = "token"\nformats = ["rss"]')
    assert members.publish("--dry-run").code == 0
    assert (public / "atom.xml").is_file()
    assert members.publish().code == 0
    assert not public.exists()
    for path in (members.root / "feeds").rglob("*"):
        assert path.is_dir() or "feeds/all/" not in path.read_text(encoding="utf-8"), path


def test_a_feed_that_becomes_private_leaves_the_public_folder_though_it_is_not_published(members: Site) -> None:
    """It is rolled back, so that nothing of it is written anew."""
    (members.root / "news/two.md").write_text("---\ntitle: Two\ndate: 2026-10-02\n---\nWords.\n", encoding="utf-8")
    assert members.publish().code == 0
    assert members.run("rollback", "all").code == 0
    rolled_back = (members.root / "feeds/all/rss.xml").read_bytes()
    members.config = members.config.replace('name = "all"', 'name = "all"\naccess = "token"')
    members.publish()
    assert not (members.root / "feeds/all").exists()
    assert (members.root / ".feedmill/private/all/rss.xml").read_bytes() == rolled_back


def test_what_is_private_is_served_to_nobody_else_before_the_next_publish(members: Site) -> None:
    members.config = members.config.replace('name = "all"', 'name = "all"\naccess = "token"')
    members.save()
    process = members.popen("serve", "127.0.0.1:0", "--json")
    members.services.append(process)
    assert process.stdout is not None
    address = json.loads(process.stdout.readline())["addresses"][0]
    assert ask(address, "/index.html").status == 200
    for path in ("/all/rss.xml", "/feeds/all/rss.xml", "/all", "/all/", "/%61ll/rss.xml", "/ALL/rss.xml"):
        assert ask(address, path).status == 404


def test_tokens_are_added_listed_and_revoked(members: Site) -> None:
    added = members.run("token", "add", "members", "Ana  Lim", "--json")
    urls = added.report["urls"]
    token = urls[0].split("/")[5]
    assert urls == [
        f"https://example.org/feeds/private/{token}/members/{name}" for name in ("rss.xml", "atom.xml", "index.html")
    ]
    assert len(token) >= 32
    assert members.run("token", "add", "members", "Ana Lim").out.split() != urls, "another token each time"
    members.run("token", "add", "members", "Budi")
    listed = members.run("token", "list", "--json").report["tokens"]
    assert [(one["reader"], one["revoked"]) for one in listed] == [("Ana Lim", None), ("Ana Lim", None), ("Budi", None)]
    assert token not in members.run("token", "list").out
    assert members.run("token", "revoke", "members", "Ana Lim", "--json").report["revoked"] == 2
    listed = members.run("token", "list", "members", "--json").report["tokens"]
    assert [bool(one["revoked"]) for one in listed] == [True, True, False]
    again = members.run("token", "revoke", "members", "Ana Lim")
    assert (again.code, "there are: Budi" in again.err) == (2, True)


def test_the_token_itself_is_kept_nowhere(members: Site) -> None:
    token = members.run("token", "add", "members", "Ana", "-v").out.split("/")[5]
    for path in members.root.rglob("*"):
        assert path.is_dir() or token.encode() not in path.read_bytes(), path
    (kept,) = sqlite3.connect(members.root / ".feedmill/state.sqlite3").execute("SELECT digest FROM tokens").fetchone()
    assert len(kept) == 64


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "all", "Ana"), "'all' is public; with access = \"token\" under its [[feeds]] it is private"),
        (("add", "membres", "Ana"), "there is no private feed 'membres'; there are: members."),
        (("add", "members", " "), "READER must be a name"),
        (("add", "members", "\x1b[31mAna"), "READER must be a name"),
        (("list", "all"), "'all' is public"),
        (("revoke", "members", "Ana"), "'Ana' has no token for 'members'; nobody has one."),
    ],
)
def test_what_cannot_be_is_told(members: Site, arguments: tuple[str, ...], said: str) -> None:
    ran = members.run("token", *arguments)
    assert ran.code == 2
    assert said in ran.err


def test_compressed_forms_come_with_the_next_run_and_go_again(site: Site) -> None:
    (site.articles() / "one.md").write_text("# One\n\nWords.\n", encoding="utf-8")
    site.feed()
    assert site.publish().code == 0
    plain = site.marks()
    site.config += "\n[publish]\nprecompress = true\n"
    assert site.publish().code == 0
    documents = set(below(site.root / "feeds"))
    assert {f"all/{name}{ending}" for name in ("rss.xml", "atom.xml") for ending in ("", ".gz", ".br")} <= documents
    assert "feeds.opml.gz" in documents
    assert site.marks() == plain, "the documents themselves are not touched"
    site.config = site.config.replace("precompress = true", "precompress = false")
    assert site.publish("--dry-run").code == 0
    assert set(below(site.root / "feeds")) == documents
    assert site.publish().code == 0
    assert [path for path in below(site.root / "feeds") if path.endswith((".gz", ".br"))] == []
    assert site.marks() == plain


def test_a_reader_reads_by_the_address_until_it_is_revoked(members: Site) -> None:
    (url,) = members.run("token", "add", "members", "Ana").out.split()[:1]
    path = url.removeprefix("https://example.org")
    process = members.popen("serve", "127.0.0.1:0", "--json", "-v")
    members.services.append(process)
    assert process.stdout is not None
    address = json.loads(process.stdout.readline())["addresses"][0]
    got = ask(address, path)
    assert got.status == 200
    assert url.encode() in got.body, "the document names the address that it was read at"
    assert ask(address, "/members/rss.xml").status == 404
    assert members.run("token", "revoke", "members", "Ana").code == 0
    assert ask(address, path).status == 404
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert "/private/…/members/rss.xml: 200" in err
    assert path.split("/")[3] not in err
