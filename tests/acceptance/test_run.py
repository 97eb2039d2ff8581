"""`feedmill run`: the service, started and stopped as systemd does."""

from __future__ import annotations

import signal
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sites import Site, Watched, document, rss
from upstream import Handler, Upstream

ARTICLE = "---\ntitle: {title}\ndate: {date}\n---\nWords.\n"
OLD = "2026-10-01T07:00:00Z"


@pytest.fixture
def news(site: Site) -> Path:
    folder = site.articles()
    (folder / "first.md").write_text(ARTICLE.format(title="First", date=OLD))
    site.feed()
    site.config = site.config.replace('every = "1h"', 'every = "1s"')
    return folder


def test_it_publishes_at_once_and_again_when_an_article_comes(site: Site, news: Path) -> None:
    service = Watched(site.start())
    service.until("feed all: written, 1 entries")
    assert site.titles() == ["First"]
    (news / "second.md").write_text(ARTICLE.format(title="Second", date="2026-10-02T07:00:00Z"))
    service.until("feed all: written, 2 entries")
    assert site.titles() == ["Second", "First"]
    (news / "second.md").unlink()
    service.until("feed all: written, 1 entries")


def test_an_embargoed_article_is_published_on_time_by_itself(site: Site, news: Path) -> None:
    site.config = site.config.replace('every = "1s"', 'every = "24h"')
    soon = datetime.now(UTC) + timedelta(seconds=6)
    (news / "second.md").write_text(ARTICLE.format(title="Second", date=f"{soon:%Y-%m-%dT%H:%M:%SZ}"))
    service = Watched(site.start())
    service.until("feed all: written, 1 entries")
    service.until("feed all: written, 2 entries")
    assert site.titles() == ["Second", "First"]


def test_a_cron_source_waits_for_its_time(site: Site, news: Path) -> None:
    site.config = site.config.replace('every = "1s"', 'cron = "0 0 1 1 *"')
    service = Watched(site.start())
    service.until("feed all: written, 1 entries")
    service.process.send_signal(signal.SIGTERM)
    assert service.end() == 0
    status = site.run("status", "--json").report["sources"][0]
    assert status["next"].endswith("-01-01T00:00:00Z")


def test_sigterm_finishes_what_is_under_way_and_stops(site: Site, upstream: Upstream) -> None:
    asked, go = threading.Event(), threading.Event()

    def slowly(handler: Handler) -> None:
        asked.set()
        go.wait(30)
        handler.reply(200, rss(("1", "Under way")), Content_Type="application/rss+xml")

    upstream.routes["/feed"] = slowly
    site.upstream("up", upstream.url("/feed"))
    site.feed()
    site.config = site.config.replace('timeout = "5s"', 'timeout = "60s"')
    service = Watched(site.start())
    assert asked.wait(60)
    service.process.send_signal(signal.SIGTERM)
    service.until("stopping")
    go.set()
    assert service.end() == 0
    assert site.titles() == ["Under way"]
    assert "service: stopped" in service.lines[-1]


def test_sighup_reads_the_configuration_again(site: Site, news: Path) -> None:
    service = Watched(site.start())
    service.until("feed all: written")
    site.feed("second")
    site.save()
    service.process.send_signal(signal.SIGHUP)
    service.until("configuration reloaded, 1 sources, 2 feeds")
    service.until("feed second: written, 1 entries")
    assert site.titles("second/rss.xml") == ["First"]


def test_sighup_with_a_wrong_configuration_keeps_the_old_one(site: Site, news: Path) -> None:
    service = Watched(site.start())
    service.until("feed all: written")
    good, site.config = site.config, site.config + "nonsense = true\n"
    site.save()
    service.process.send_signal(signal.SIGHUP)
    service.until('unknown key "nonsense"')
    service.until("the old one stays")
    (news / "second.md").write_text(ARTICLE.format(title="Second", date="2026-10-02T07:00:00Z"))
    service.until("feed all: written, 2 entries")
    site.config = good
    site.save()
    service.process.send_signal(signal.SIGHUP)
    service.until("configuration reloaded")


def test_a_wrong_configuration_at_the_start_ends_it(site: Site, news: Path) -> None:
    site.config += "nonsense = true\n"
    ran = site.run("run")
    assert ran.code == 2
    assert 'unknown key "nonsense"' in ran.err


def test_a_one_shot_beside_the_service_loses_nothing(site: Site, news: Path, upstream: Upstream) -> None:
    """Promise 4, over two runs at once."""
    site.upstream("up", document(upstream, "/feed", rss(("1", "One"))))
    site.config = site.config.replace('every = "1h"', 'every = "1s"')
    service = Watched(site.start())
    service.until("feed all: written")
    for number in range(5):
        (news / f"{number}.md").write_text(ARTICLE.format(title=f"Number {number}", date=OLD))
        ran = site.publish()
        assert ran.code == 0
        assert f"Number {number}" in site.titles()
    ids = site.ids()
    assert len(ids) == len(set(ids.values())) == 7
    service.process.send_signal(signal.SIGTERM)
    assert service.end() == 0


def test_a_source_that_hangs_does_not_stop_the_service(site: Site, news: Path, upstream: Upstream) -> None:
    upstream.routes["/feed"] = Handler.stall
    site.upstream("up", upstream.url("/feed"))
    site.config = site.config.replace('timeout = "5s"', 'timeout = "1s"\nconnect_timeout = "1s"')
    service = Watched(site.start())
    service.until("up: failed")
    service.until("feed all: written, 1 entries")
    (news / "second.md").write_text(ARTICLE.format(title="Second", date="2026-10-02T07:00:00Z"))
    service.until("feed all: written, 2 entries")
    assert site.titles() == ["Second", "First"]
