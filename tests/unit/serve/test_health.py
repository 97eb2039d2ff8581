"""Health is judged by what is known, in words; what cannot be served is told by the status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from asgi import ask
from factories import NOW, SPEC, upstream
from feedmill.errors import StateError
from feedmill.model import FeedState, Ping, SourceState
from feedmill.serve.health import Health, health_app, judge
from feedmill.serve.survey import Survey

WELL = SourceState(name="s", last_success=NOW, last_look=NOW, next_look=NOW + timedelta(hours=1))
FEED = FeedState(name="all", updated=NOW, last_change=NOW)
PING = Ping(hub="https://hub.example/", topic="t", due=NOW, failures=3)


def survey(**fields: Any) -> Survey:
    """A site of one source and one feed, both well but for `fields`."""
    told: dict[str, Any] = {
        "sources": (upstream("s"),), "states": {"s": WELL}, "entries": {}, "held": {}, "tallies": {}, "specs": (SPEC,),
        "feeds": {"all": FEED}, "pings": (), "last_run": None,
    }  # fmt: skip
    return Survey(**(told | fields))


def of(**fields: Any) -> Survey:
    return survey(states={"s": replace(WELL, **fields)})


@pytest.mark.parametrize(
    ("site", "reason"),
    [
        (of(failures=3, error="x"), "1 source (s) failed 3 times or more in a row"),
        (of(gone=True, failures=1), "1 source (s) is gone for good"),
        (of(next_look=NOW - timedelta(hours=2)), "1 source (s) should have been looked at more than an hour ago"),
        (survey(feeds={"all": replace(FEED, error="x")}), "1 feed (all) could not be published"),
        (survey(feeds={"all": replace(FEED, held="x")}), "1 feed (all) is held back, and somebody has to decide"),
        (survey(pings=(PING,)), "1 hub (https://hub.example/) cannot be told of changes"),
    ],
)
def test_what_needs_somebody_is_degraded(site: Survey, reason: str) -> None:
    judgement = judge(site, NOW, running=True)
    assert (judgement.health, judgement.reasons) == (Health.DEGRADED, (reason,))


@pytest.mark.parametrize(
    "site",
    [
        survey(),
        of(failures=2, error="x"),
        of(next_look=NOW - timedelta(minutes=59)),
        survey(states={}, feeds={}),
        survey(pings=(replace(PING, failures=2),)),
    ],
)
def test_what_may_pass_by_itself_is_well(site: Survey) -> None:
    assert judge(site, NOW, running=None).health is Health.OK


def test_many_names_are_cut_short() -> None:
    names = [f"s{number}" for number in range(7)]
    ill = {name: SourceState(name=name, failures=9) for name in names}
    judgement = judge(survey(sources=tuple(map(upstream, names)), states=ill), NOW, running=None)
    assert judgement.reasons == ("7 sources (s0, s1, s2, s3, s4, …) failed 3 times or more in a row",)


def test_to_everybody_no_name_is_told() -> None:
    site = survey(states={"s": replace(WELL, failures=3)}, feeds={"all": replace(FEED, held="x")}, pings=(PING,))
    judgement = judge(site, NOW, running=None, named=False)
    assert [reason.partition(" ")[2].partition(" ")[0] for reason in judgement.reasons] == ["feed", "source", "hub"]
    assert not any("(" in reason for reason in judgement.reasons)


def damaged() -> Survey:
    raise StateError("secret place")


@pytest.mark.parametrize(
    ("read", "running", "whole", "live", "ready"),
    [
        (survey, lambda: True, (200, "ok"), 200, 200),
        (survey, None, (200, "ok"), 200, 200),
        (lambda: of(failures=3), None, (200, "degraded"), 200, 200),
        (survey, lambda: False, (503, "failing"), 503, 503),
        (damaged, lambda: True, (503, "failing"), 200, 503),
    ],
)
def test_the_status_says_whether_it_can_be_served(
    read: Callable[[], Survey], running: Any, whole: tuple[int, str], live: int, ready: int
) -> None:
    app = health_app(read, lambda: NOW, running)
    answer = ask(app, "/healthz")
    assert (answer.status, answer.json["status"]) == whole
    assert answer.headers["cache-control"] == "no-store"
    assert "secret" not in answer.text
    assert ask(app, "/healthz/live").status == live
    assert ask(app, "/healthz/ready").status == ready
    assert ask(app, "/healthz", "POST").status == 405
    assert ask(app, "/healthz/other").status == 404
