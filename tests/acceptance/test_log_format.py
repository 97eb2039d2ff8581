"""`--log-format json`: every line of the log is one object."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from feedmill.cli.log import LogFormat, set_up
from sites import Ran, Site

ARTICLE = "---\ntitle: First\ndate: 2026-10-01T07:00:00Z\n---\nWords.\n"


def objects(ran: Ran) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.err.splitlines()]


@pytest.fixture
def news(site: Site) -> Site:
    (site.articles() / "first.md").write_text(ARTICLE)
    site.feed()
    return site


def test_each_line_is_an_object_that_names_what_it_is_about(news: Site) -> None:
    news.upstream("up", "http://127.0.0.1:1/feed")
    told = objects(news.run("publish", "--log-format", "json"))
    looked, failed = (next(one for one in told if one.get("source") == name) for name in ("news", "up"))
    published = next(one for one in told if one.get("feed") == "all")
    assert {"time", "level", "logger", "message"} <= looked.keys()
    assert (looked["level"], failed["level"], published["level"]) == ("INFO", "ERROR", "INFO")
    assert published["message"] == "feed all: written, 1 entries"
    assert datetime.fromisoformat(looked["time"]).tzinfo is not None


def test_the_environment_can_ask_for_it(news: Site) -> None:
    news.secrets["FEEDMILL_LOG_FORMAT"] = "json"
    assert objects(news.publish())
    assert "INFO news: updated" in news.run("publish", "--log-format", "text").err.replace("unchanged", "updated")


def test_why_a_command_ends_is_an_object_too(news: Site) -> None:
    news.config += "nonsense = true\n"
    ran = news.run("publish", "--log-format", "json")
    (only,) = objects(ran)
    assert ran.code == 2
    assert 'unknown key "nonsense"' in only["message"]


def test_text_from_outside_cannot_forge_a_line(news: Site) -> None:
    (news.root / "news" / "evil\n2026-01-01 ERROR x.md").write_bytes(b"---\ntitle: [\n---\n")
    ran = news.run("publish", "--log-format", "json")
    assert all(line.startswith("{") for line in ran.err.splitlines())
    assert ran.err.isascii()


def test_a_traceback_stays_inside(capsys: pytest.CaptureFixture[str]) -> None:
    import logging

    logger = logging.getLogger("feedmill")
    before = logger.handlers[:], logger.propagate, logger.level
    try:
        set_up(quiet=False, verbose=False, form=LogFormat.JSON)
        logger.error("failed", exc_info=ValueError("a\nb"), extra={"source": "s"})
    finally:
        logger.handlers[:], logger.propagate = before[0], before[1]
        logger.setLevel(before[2])
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["message"], told["source"], told["level"]) == ("failed", "s", "ERROR")
    assert "ValueError: a\nb" in told["exception"]


def test_another_form_is_a_wrong_command(news: Site) -> None:
    assert news.run("publish", "--log-format", "xml").code == 2
