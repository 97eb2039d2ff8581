"""WebSub both ways, through the commands and a real hub: upstream changes, its hub pushes, ours is told."""

from __future__ import annotations

import hmac
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
import requests
from filelock import FileLock

from hub import Hub, hub
from sites import Site, Watched, document, rss
from upstream import Upstream
from websub_hub import RealHub, real_hub

BOTH = ["https://example.org/feeds/all/atom.xml", "https://example.org/feeds/all/rss.xml"]


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHub]:
    """The hub of an upstream."""
    with real_hub(tmp_path_factory.mktemp("hub")) as started:
        yield started


@pytest.fixture
def ours() -> Iterator[Hub]:
    """The hub that we tell of our own feeds."""
    with hub() as started:
        yield started


class Pushed:
    """A site with an upstream that has a hub, at an address that the hub can call back."""

    def __init__(self, site: Site, upstream: Upstream, theirs: RealHub, ours: Hub) -> None:
        self.site, self.upstream, self.theirs = site, upstream, theirs
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.topic = upstream.url("/feed")
        self.says(("1", "One"))
        site.upstream("up", self.topic)
        site.feed()
        site.config += f'\n[publish]\nhubs = ["{ours.url}"]\n'
        site.config += f'\n[serve]\nadmin = "127.0.0.1:0"\nurl = "http://{self.address}/"\n'

    def says(self, *items: tuple[str, str]) -> None:
        """Change the upstream's feed."""
        links = f'<{self.topic}>; rel="self", <{self.theirs.url}>; rel="hub"'
        document(self.upstream, "/feed", rss(*items), Link=links)

    def asked(self) -> int:
        """How often we asked the upstream; its hub asks, too."""
        return sum(one.headers.get("User-Agent", "").startswith("Feedmill") for one in self.upstream.asked)

    def status(self) -> dict[str, object]:
        return self.site.run("status", "--json").source("up")

    def subscriptions(self) -> list[tuple[str, str]]:
        """Id and secret of each subscription, as they are remembered."""
        with closing(sqlite3.connect(self.site.root / ".feedmill/state.sqlite3")) as state:
            return state.execute("SELECT id, secret FROM hub_subscriptions").fetchall()

    def push(self, body: bytes) -> int:
        """Push a document as the hub does; return the status of the answer."""
        ((id_, secret),) = self.subscriptions()
        headers = {"X-Hub-Signature": f"sha256={hmac.new(secret.encode(), body, 'sha256').hexdigest()}"}
        return requests.post(f"http://{self.address}/websub/{id_}", body, headers=headers, timeout=30).status_code

    def serve(self) -> Watched:
        """Start the web server alone."""
        process = self.site.popen("serve", self.address)
        self.site.services.append(process)
        served = Watched(process)
        served.until(f"listening on http://{self.address}/")
        return served


@pytest.fixture
def pushed(site: Site, upstream: Upstream, theirs: RealHub, ours: Hub) -> Pushed:
    return Pushed(site, upstream, theirs, ours)


def test_what_a_hub_pushes_is_published_and_told_at_once(
    pushed: Pushed, ours: Hub, record_testsuite_property: Callable[[str, object], None]
) -> None:
    site = pushed.site
    service = Watched(site.start("--serve", pushed.address))
    service.until("feed all: written, 1 entries")
    service.until("it pushes from now on")
    asked, told = pushed.asked(), len(ours.told)

    pushed.says(("2", "Two"), ("1", "One"))
    began = monotonic()
    pushed.theirs.publish(pushed.topic)
    service.until("feed all: written, 2 entries")
    service.until(f"hub {ours.url}: told of 2 documents")
    record_testsuite_property("seconds from the change to the ping", round(monotonic() - began, 3))

    assert site.titles() == ["Two", "One"]
    assert ours.topics[told:] == [BOTH]
    assert pushed.asked() == asked, "its server was left alone"
    status = pushed.status()
    assert datetime.fromisoformat(str(status["pushed_until"])) > datetime.now(UTC) + timedelta(days=9)
    assert datetime.fromisoformat(str(status["next"])) > datetime.now(UTC) + timedelta(hours=23)
    assert "well, pushed" in site.run("status").out
    (subscription,) = site.run("status", "--json").report["subscriptions"]
    assert (subscription["hub"], subscription["refused"]) == (pushed.theirs.url, 0)
    assert not {"id", "secret", "callback"} & subscription.keys()


def test_the_server_alone_reads_what_is_pushed(pushed: Pushed, ours: Hub) -> None:
    site = pushed.site
    served = pushed.serve()
    assert site.publish().code == 0
    served.until("it pushes from now on")
    pushed.says(("2", "Two"), ("1", "One"))
    pushed.theirs.publish(pushed.topic)
    served.until("feed all: written, 2 entries")
    served.until(f"hub {ours.url}: told of 2 documents")
    assert site.titles() == ["Two", "One"]
    assert site.publish("--due").source("up")["status"] == "skipped", "it is polled daily now"


def test_what_was_acknowledged_survives_a_kill(pushed: Pushed) -> None:
    site = pushed.site
    served = pushed.serve()
    site.publish()
    served.until("it pushes from now on")
    with FileLock(site.root / ".feedmill/state.sqlite3.lock"):  # somebody is at work, so that nobody reads it yet
        assert pushed.push(rss(("2", "Two"), ("1", "One"))) == 202
        served.process.kill()
        served.end()
    pushed.serve().until("feed all: written, 2 entries")
    assert site.titles() == ["Two", "One"]


def test_nobody_else_can_push(pushed: Pushed) -> None:
    site = pushed.site
    served = pushed.serve()
    site.publish()
    served.until("it pushes from now on")
    ((id_, secret),) = pushed.subscriptions()
    forged = rss(("2", "Forged"), ("1", "One"))
    for signature in ("", "sha256=00", f"sha256={hmac.new(b'guessed', forged, 'sha256').hexdigest()}"):
        headers = {"X-Hub-Signature": signature}
        assert (
            requests.post(f"http://{pushed.address}/websub/{id_}", forged, headers=headers, timeout=30).status_code
            == 202
        )
        served.until("a push without the right signature is ignored")
    assert requests.post(f"http://{pushed.address}/websub/guessed", forged, timeout=30).status_code == 404
    assert site.publish("--due").source("up")["status"] == "skipped"
    assert site.titles() == ["One"]
    lines = "".join(served.lines)
    assert id_ not in lines
    assert secret not in lines


def test_what_cannot_be_read_is_reported_and_the_server_asked_soon(pushed: Pushed) -> None:
    site = pushed.site
    served = pushed.serve()
    site.publish()
    served.until("it pushes from now on")
    assert pushed.push(b"<html><title>Error</title></html>") == 202
    served.until("what its hub pushed cannot be used")
    served.until("up: unchanged")
    assert site.titles() == ["One"]
    following = datetime.fromisoformat(str(pushed.status()["next"]))
    assert following < datetime.now(UTC) + timedelta(minutes=17), "min under [schedule] is 15 minutes"


def test_a_source_that_goes_is_unsubscribed(pushed: Pushed) -> None:
    site = pushed.site
    served = pushed.serve()
    site.publish()
    served.until("it pushes from now on")
    site.config = site.config.replace('name = "up"', 'name = "other"').replace(
        pushed.topic, pushed.upstream.url("/else")
    )
    document(pushed.upstream, "/else", rss(("1", "Else")))
    site.publish()
    served.until("subscription ended")
    assert pushed.subscriptions() == []


def test_without_an_address_of_this_server_no_hub_is_asked(pushed: Pushed) -> None:
    site = pushed.site
    site.config = site.config.replace(f'url = "http://{pushed.address}/"\n', "")
    assert site.publish().code == 0
    assert pushed.subscriptions() == []
    assert pushed.status()["pushed_until"] is None


def test_a_hub_behind_the_network_guard_is_not_asked(pushed: Pushed, upstream: Upstream) -> None:
    site = pushed.site
    topic = upstream.url("/feed", host="localhost")
    site.config = site.config.replace(pushed.topic, topic).replace(
        'allow_hosts = ["127.0.0.1"]', 'allow_hosts = ["localhost"]'
    )
    ran = site.publish()
    assert (ran.code, ran.source("up")["status"]) == (0, "updated"), "the feed is not to blame"
    assert "127.0.0.1 is a loopback address" in ran.err
    assert "does not subscribe" in site.run("status").out


def test_a_hub_that_is_down_costs_nothing_but_a_later_try(pushed: Pushed) -> None:
    site = pushed.site
    pushed.theirs = RealHub("http://127.0.0.1:1/hub")
    pushed.says(("1", "One"))
    ran = site.publish()
    assert ran.code == 0
    assert "subscribe failed" in ran.err
    assert "subscribe failed" not in site.publish().err, "its time has not come"
