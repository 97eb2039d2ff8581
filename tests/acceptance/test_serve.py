"""`feedmill serve` and `feedmill run --serve`, as a user runs them."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from listening import ask, connected, raw
from sites import Site

ARTICLE = "---\ntitle: {title}\ndate: 2026-10-01T07:00:00Z\n---\nWords.\n"


@pytest.fixture
def published(site: Site) -> Site:
    """A site with one published article, whose operator's server has a free port."""
    (site.articles() / "first.md").write_text(ARTICLE.format(title="First"))
    site.feed()
    site.config += '\n[serve]\nadmin = "127.0.0.1:0"\n'
    assert site.publish().code == 0
    return site


def served(site: Site, *arguments: str) -> tuple[subprocess.Popen[str], str]:
    """Start the server on a free port; return it and its address."""
    process = site.popen("serve", "127.0.0.1:0", "--json", *arguments)
    site.services.append(process)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())["addresses"][0]


def test_what_is_published_is_served_until_sigterm(published: Site) -> None:
    process, address = served(published)
    got = ask(address, "/all/rss.xml")
    assert (got.status, got.fields["content-type"]) == (200, "application/rss+xml; charset=utf-8")
    assert got.body == (published.root / "feeds/all/rss.xml").read_bytes()
    assert ask(address, "/all/rss.xml", If_None_Match=got.fields["etag"]).status == 304
    assert ask(address, "/feeds/all/rss.xml").body == got.body, "no proxy needs to take the path of feeds_url off"
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0


def test_the_path_of_feeds_url_may_be_in_any_script(published: Site) -> None:
    published.config = published.config.replace("[site]\n", '[site]\nfeeds_url = "https://example.org/पत्र/"\n', 1)
    _, address = served(published)
    for path in ("/%E0%A4%AA%E0%A4%A4%E0%A5%8D%E0%A4%B0/all/rss.xml", "/%e0%a4%aa%E0%A4%A4%E0%A5%8D%E0%A4%B0/healthz"):
        assert ask(address, path).status == 200


def test_a_push_may_be_as_large_as_a_document_of_an_upstream(published: Site) -> None:
    published.config = published.config.replace("[fetch]\n", '[fetch]\nmax_body = "20MiB"\n', 1)
    _, address = served(published)
    for size, status in ((19 << 20, 404), (21 << 20, 413)):
        with connected(address) as hub:
            hub.sendall(b"POST /websub/none HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size)
            assert hub.recv(1000).startswith(b"HTTP/1.1 %d " % status)


def test_a_publishing_is_seen_at_once(published: Site) -> None:
    _, address = served(published)
    assert b"First" in ask(address, "/all/rss.xml").body
    (published.root / "news/second.md").write_text(ARTICLE.format(title="Second"))
    published.publish()
    assert b"Second" in ask(address, "/all/rss.xml").body


def test_what_is_new_is_told_over_a_restart_and_old_addresses_lead_on(published: Site) -> None:
    """The versions that are kept of a feed are those that a reader may have."""
    for number in range(5):
        (published.root / f"news/more{number}.md").write_text(ARTICLE.format(title=f"More {number}"))
    published.config = published.config.replace('name = "all"', 'name = "all"\naliases = ["/rss.xml"]')
    published.publish()
    process, address = served(published)
    tag = ask(address, "/all/rss.xml").fields["etag"]
    moved = ask(address, "/rss.xml")
    assert (moved.status, moved.fields["location"]) == (301, "https://example.org/feeds/all/rss.xml")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    (published.root / "news/second.md").write_text(ARTICLE.format(title="Second"))
    published.publish()
    _, address = served(published)
    new = ask(address, "/all/rss.xml", A_IM="feed", If_None_Match=tag)
    assert new.status == 226
    assert b"Second" in new.body
    assert b"First" not in new.body
    assert new.fields["etag"] == ask(address, "/all/rss.xml").fields["etag"]


def test_a_document_is_fresh_until_its_source_is_looked_at(published: Site) -> None:
    _, address = served(published)
    ages = {60}
    while ages == {60}:  # when that is, is looked up once somebody asks
        ages.add(int(ask(address, "/all/rss.xml").fields["cache-control"].removeprefix("max-age=")))
    assert 3000 < max(ages) <= 3961, "every hour, and up to a tenth later"


def test_a_taken_port_is_one_clear_error(published: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        ran = published.run("serve", address)
        beside = published.run("run", "--serve", address)
    assert ran.code == beside.code == 3
    assert ran.err.strip() == (
        f"feedmill: {address}: another program listens there already. "
        "Name another address: of the command, or address and admin under [serve]."
    )


def test_an_address_of_another_machine_is_one_clear_error(published: Site) -> None:
    ran = published.run("serve", "192.0.2.1:8000")
    assert ran.code == 3
    assert ran.err.strip() == (
        "feedmill: 192.0.2.1:8000: cannot listen there (Cannot assign requested address). "
        "Name another address: of the command, or address and admin under [serve]."
    )


@pytest.mark.parametrize("address", ["8000", "localhost", "127.0.0.1:70000", "http://127.0.0.1:8000/"])
def test_an_address_that_is_none_is_a_wrong_command(published: Site, address: str) -> None:
    ran = published.run("serve", address)
    assert ran.code == 2
    assert "must be an address to listen at" in ran.err


def test_without_what_serving_needs_it_says_how_to_install_it(published: Site) -> None:
    published.save()
    program = "import sys; sys.modules['uvicorn'] = None; from feedmill.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "serve"],
        cwd=published.root,
        env=published.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr.strip() == (
        "feedmill: the web server needs the package 'uvicorn', which is not installed. "
        "Install Feedmill with what serving needs: pip install 'feedmill[serve]'"
    )


def test_requests_are_logged_for_those_who_want_to_know_and_secrets_never(published: Site) -> None:
    process, address = served(published, "-v")
    ask(address, "/all/rss.xml?token=s3cret")
    ask(address, "/private/s3cret/all/rss.xml")
    ask(address, "/feeds/private/s3cret/all/rss.xml")
    raw(address, "GET", "/%0d%0aforged")
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert "127.0.0.1 GET /all/rss.xml: 200, " in said
    assert "127.0.0.1 GET /private/…/all/rss.xml: 404, " in said
    assert "\nforged" not in said
    assert "s3cret" not in said
    assert "Traceback" not in said


def test_sighup_reads_the_configuration_again(published: Site) -> None:
    process, address = served(published)
    published.feed("second")
    published.publish()
    assert ask(address, "/second/rss.xml").fields["cache-control"] == "max-age=3600", "nobody knows that feed"
    process.send_signal(signal.SIGHUP)
    assert process.stderr is not None
    assert any("configuration reloaded" in line for line in process.stderr)
    assert "link" in ask(address, "/second/rss.xml").fields


def test_sighup_with_a_wrong_configuration_keeps_the_old_one(published: Site) -> None:
    process, address = served(published)
    published.config += "nonsense = true\n"
    published.save()
    process.send_signal(signal.SIGHUP)
    assert process.stderr is not None
    assert any("the old one stays" in line for line in process.stderr)
    assert ask(address, "/all/rss.xml").status == 200


def test_the_service_serves_what_it_publishes(site: Site) -> None:
    news = site.articles()
    (news / "first.md").write_text(ARTICLE.format(title="First"))
    site.feed()
    site.config = site.config.replace('every = "1h"', 'every = "1s"')
    site.config += '\n[serve]\nadmin = "none"\n'
    process = site.start("--serve", "127.0.0.1:0")
    assert process.stderr is not None
    address = ""
    for line in process.stderr:
        if "listening on http://" in line:
            address = line.partition("http://")[2].strip().rstrip("/")
        if "feed all: written, 1 entries" in line:
            break
    assert b"First" in ask(address, "/all/rss.xml").body
    (news / "second.md").write_text(ARTICLE.format(title="Second"))
    assert any("feed all: written, 2 entries" in line for line in process.stderr)
    assert b"Second" in ask(address, "/all/rss.xml").body
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0


def test_a_server_of_a_site_that_never_published_has_nothing_to_show(site: Site, tmp_path: Path) -> None:
    (site.articles() / "first.md").write_text(ARTICLE.format(title="First"))
    site.feed()
    site.config += '\n[serve]\nadmin = "none"\n'
    process, address = served(site)
    assert ask(address, "/").status == 404
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0
