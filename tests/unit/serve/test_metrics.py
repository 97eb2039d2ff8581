"""Metrics say what the state says, by Prometheus's rules, and the Grafana dashboard asks for just these."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from asgi import ask
from factories import NOW, SPEC, upstream
from feedmill.errors import StateError
from feedmill.model import FeedState, Ping, Run, SourceState, Tally
from feedmill.serve.metrics import metrics_app
from feedmill.serve.survey import Survey

PAGE = Path(__file__).parents[3] / "docs" / "monitoring.md"
DASHBOARD = Path(__file__).parents[3] / "deploy" / "grafana.json"
HOSTILE = 'name"} 1\nfeedmill_source_failures{source="forged"} 9\n\\'

WELL = SourceState(name="well", last_success=NOW, last_look=NOW, next_look=NOW + timedelta(hours=1))


def site(name: str = "well") -> Survey:
    return Survey(
        sources=(upstream(name), upstream("ill"), upstream("gone"), upstream("new")),
        states={
            name: replace(WELL, name=name),
            "ill": SourceState(name="ill", failures=4, last_look=NOW),
            "gone": SourceState(name="gone", gone=True, failures=1, last_look=NOW, next_look=NOW),
        },
        entries={name: 12},
        held={"ill": 3},
        tallies={name: Tally(10, 4, 1, 5000, 12), "left": Tally(99)},
        specs=(SPEC, replace(SPEC, name="unpublished")),
        feeds={"all": FeedState(name="all", updated=NOW, last_change=NOW, entries=12, held="x")},
        pings=(Ping(hub="https://hub.example/", topic="t", due=NOW),),
        last_run=Run(began=NOW, seconds=1.5, number=7),
        subscribers={"all": 473},
    )


def scraped(found: Survey | None = None, accept: str = "") -> str:
    answer = ask(metrics_app(lambda: found or site(), lambda: {200: 5, 304: 2}), "/metrics", accept=accept)
    assert answer.status == 200
    return answer.text


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(text)
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("feedmill_sources", {"condition": "well"}, 1),
        ("feedmill_sources", {"condition": "failing"}, 1),
        ("feedmill_sources", {"condition": "gone"}, 1),
        ("feedmill_sources", {"condition": "new"}, 1),
        ("feedmill_source_last_success_timestamp_seconds", {"source": "well"}, NOW.timestamp()),
        ("feedmill_source_next_look_timestamp_seconds", {"source": "well"}, NOW.timestamp() + 3600),
        ("feedmill_source_failures", {"source": "ill"}, 4),
        ("feedmill_source_up", {"source": "well"}, 1),
        ("feedmill_source_up", {"source": "ill"}, 0),
        ("feedmill_source_entries", {"source": "well"}, 12),
        ("feedmill_source_held_entries", {"source": "ill"}, 3),
        ("feedmill_source_looks_total", {"source": "well"}, 10),
        ("feedmill_source_not_modified_total", {"source": "well"}, 4),
        ("feedmill_source_failed_looks_total", {"source": "well"}, 1),
        ("feedmill_source_received_bytes_total", {"source": "well"}, 5000),
        ("feedmill_source_new_entries_total", {"source": "well"}, 12),
        ("feedmill_feed_entries", {"feed": "all"}, 12),
        ("feedmill_feed_held", {"feed": "all"}, 1),
        ("feedmill_feed_subscribers", {"feed": "all"}, 473),
        ("feedmill_feed_failed", {"feed": "all"}, 0),
        ("feedmill_feed_last_change_timestamp_seconds", {"feed": "all"}, NOW.timestamp()),
        ("feedmill_hub_pings_waiting", {"hub": "https://hub.example/"}, 1),
        ("feedmill_runs_total", {}, 7),
        ("feedmill_last_run_duration_seconds", {}, 1.5),
        ("feedmill_http_requests_total", {"code": "304"}, 2),
    ],
)
def test_each_metric_says_what_the_state_says(name: str, labels: dict[str, str], value: float) -> None:
    assert samples(scraped())[name, tuple(labels.items())] == value


def test_what_is_not_known_is_left_out() -> None:
    found = samples(scraped())
    names = {(name, dict(labels).get("source") or dict(labels).get("feed")) for name, labels in found}
    assert ("feedmill_source_next_look_timestamp_seconds", "gone") not in names
    assert ("feedmill_source_up", "new") not in names
    assert ("feedmill_source_looks_total", "left") not in names
    assert ("feedmill_feed_entries", "unpublished") not in names


def test_no_name_can_forge_a_metric() -> None:
    found = samples(scraped(site(HOSTILE)))
    assert found["feedmill_source_entries", (("source", HOSTILE),)] == 12
    assert ("feedmill_source_failures", (("source", "forged"),)) not in found


def test_it_is_openmetrics_to_who_asks_for_it() -> None:
    text = scraped(accept="application/openmetrics-text; version=1.0.0")
    families = openmetrics.text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
    assert any(family.name == "feedmill_runs" for family in families)


def test_a_state_that_cannot_be_used_is_a_failed_scrape() -> None:
    def damaged() -> Survey:
        raise StateError("it is damaged")

    assert ask(metrics_app(damaged), "/metrics").status == 503


@pytest.mark.needs("promtool")
def test_prometheus_itself_finds_nothing_amiss() -> None:
    command = ["promtool", "check", "metrics"]
    done = subprocess.run(command, input=scraped(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.needs("promtool")
def test_the_alerts_of_the_documentation_are_rules_that_prometheus_takes(tmp_path: Path) -> None:
    rules = re.search(r"^```yaml\n(groups:.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert rules
    (tmp_path / "rules.yml").write_text(rules[1], encoding="utf-8")
    command = ["promtool", "check", "rules", str(tmp_path / "rules.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 rules found" in done.stdout
    told = set(re.findall(r"feedmill_\w+", rules[1]))
    assert told <= {name for name, _ in samples(scraped())}


def test_every_metric_is_documented() -> None:
    documented = set(re.findall(r"^\| `(feedmill_\w+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert documented == {name for name, _ in samples(scraped()) if name.startswith("feedmill_")}


def queries(panel: Any) -> list[str]:
    if isinstance(panel, dict):
        own = [panel["expr"]] if isinstance(panel.get("expr"), str) else []
        return own + [query for value in panel.values() for query in queries(value)]
    return [query for value in panel for query in queries(value)] if isinstance(panel, list) else []


def test_the_grafana_dashboard_asks_for_metrics_that_there_are() -> None:
    exported = {name for name, _ in samples(scraped())}
    told = " ".join(queries(json.loads(DASHBOARD.read_text(encoding="utf-8"))))
    asked = set(re.findall(r"\b(?:feedmill|process)_\w+", told))
    assert asked - exported == set()
    # Each of ours is shown somewhere, so that the dashboard grows with them.
    assert {name for name in exported if name.startswith("feedmill_")} - asked == {"feedmill_info"}
