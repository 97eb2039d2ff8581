"""`[alerts]` as a user has it: a mail, a posted notice and a feed of problems, from the command and the service."""

from __future__ import annotations

import json
import signal
from email.header import decode_header, make_header
from typing import Any

import feedparser

from integration.test_channels import Mailbox, hook, mail_server
from sites import Site, Watched

ARTICLE = "---\ntitle: First\ndate: 2026-10-01T07:00:00Z\n---\nWords.\n"
ALERTS = """
[alerts]
after_failures = 1
webhook = "{url}"
feed = ".feedmill/problems.xml"

[alerts.email]
to = ["ops@example.org"]
server = "smtp://127.0.0.1:{port}"
"""


def test_a_problem_is_told_once_by_every_channel_and_when_it_is_over(site: Site) -> None:
    folder = site.articles()
    (folder / "first.md").write_text(ARTICLE)
    site.feed()
    box = Mailbox()
    with mail_server(box) as port, hook() as posted:
        site.config += ALERTS.format(url=posted.url, port=port)
        assert site.publish().code == 0
        folder.rename(site.root / "away")
        assert [site.publish().code for _ in range(3)] == [1, 1, 1]
        (site.root / "away").rename(folder)
        assert site.publish().code == 0
    subjects = [str(make_header(decode_header(message["Subject"]))) for message in box.messages]
    assert subjects == ["[Test Site] 1 problem", "[Test Site] 1 well again"]
    told = [(body["subject"], body["kind"], body["over"]) for body in posted.bodies]
    assert told == [("source news", "failing", False), ("source news", "failing", True)]
    assert posted.bodies[0]["text"].startswith("Test Site: source news: ")
    feed = feedparser.parse((site.root / ".feedmill" / "problems.xml").read_bytes())
    assert [entry.title for entry in feed.entries] == ["source news: well again", "source news: failing"]


def test_the_service_tells_too_and_goes_on_where_a_channel_is_down(site: Site) -> None:
    folder = site.articles()
    (folder / "first.md").write_text(ARTICLE)
    site.feed()
    site.config = site.config.replace('every = "1h"', 'every = "1s"')
    with hook(500) as posted:
        site.config += f'\n[alerts]\nafter_failures = 1\nwebhook = "{posted.url}"\n'
        service = Watched(site.start())
        service.until("feed all: written, 1 entries")
        folder.rename(site.root / "away")
        service.until("alerts: webhook: http://127.0.0.1: it answered 500")
        (site.root / "away").rename(folder)
        (folder / "second.md").write_text(ARTICLE.replace("First", "Second"))
        service.until("feed all: written, 2 entries")
        service.process.send_signal(signal.SIGTERM)
        assert service.end() == 0


def test_a_rehearsal_tells_nobody(site: Site) -> None:
    site.articles().rmdir()
    site.feed()
    with hook() as posted:
        site.config += f'\n[alerts]\nafter_failures = 1\nwebhook = "{posted.url}"\n'
        site.publish("--dry-run")
        assert posted.bodies == []
        site.publish()
    assert [body["subject"] for body in posted.bodies] == ["source news", "feed all"]


def test_check_sends_a_test(site: Site) -> None:
    (site.articles() / "first.md").write_text(ARTICLE)
    site.feed()
    assert "nobody is told of problems" in site.run("check", "--alerts").out
    box = Mailbox()
    with mail_server(box) as port, hook(404) as posted:
        site.config += ALERTS.format(url=posted.url, port=port)
        assert site.run("check").code == 0
        assert not box.messages
        assert not posted.bodies
        ran = site.run("check", "--alerts", "--json")
    findings: list[dict[str, Any]] = json.loads(ran.out)
    found = {finding["what"]: finding["well"] for finding in findings if "alerts" in finding["what"]}
    assert (ran.code, len(box.messages), len(posted.bodies)) == (1, 1, 1)
    assert found == {"alerts by email": True, "alerts by webhook": False, "alerts by feed": True}
    assert "tried again" not in ran.out
