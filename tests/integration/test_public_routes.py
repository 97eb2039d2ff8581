"""Everybody's routes are asked for whatever a tool can think of: documents, private ones, and the callbacks of hubs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from feedmill import runs, times
from feedmill.cli.serving import Serving
from feedmill.cli.site import opened
from feedmill.config import load
from feedmill.model import HubSubscription
from listening import ask
from routes import openapi, public
from sites import Site

TOKEN, CALLBACK = "t" * 32, "c" * 32
CHECKED = [not_a_server_error, status_code_conformance, content_type_conformance]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    site = Site(made := tmp_path_factory.mktemp("site"))
    (site.articles() / "one.md").write_text(
        "---\ntitle: One\ndate: 2026-10-01T07:00:00Z\n---\nWords.\n", encoding="utf-8"
    )
    site.config += '\n[publish]\nformats = ["rss", "atom", "json", "html", "opml"]\n'
    site.config += '\n[serve]\nadmin = "none"\nmax_polls = 0\ntrusted_proxies = ["127.0.0.1"]\n'
    site.feed("all", 'aliases = ["/feed/"]')
    site.feed("members", 'access = "token"')
    site.save()
    config, now = load(made / "config.toml", {}), times.now()
    with opened(config) as pipeline:
        runs.run(pipeline)
        pipeline.store.tokens.add("members", "Ana", TOKEN, now)
        known = HubSubscription(
            id=CALLBACK,
            source="news",
            hub="https://hub.example/",
            topic="https://up.example/feed.xml",
            callback=f"https://example.org/websub/{CALLBACK}",
            secret="s" * 32,
            due=now,
            asked=now,
            verified=now,
            lease_until=now + timedelta(days=1),
        )
        pipeline.store.hubs.add(known)
    serving = Serving(config, "127.0.0.1:0")
    serving.server.start()
    yield serving.server.addresses[0]
    serving.server.stop()
    serving.close()


schema = schemathesis.openapi.from_dict(openapi(public(TOKEN, CALLBACK)))


@schema.parametrize()
@settings(max_examples=30, suppress_health_check=list(HealthCheck))
def test_no_route_fails_whatever_it_is_asked(address: str, case: Any) -> None:
    case.call_and_validate(base_url=f"http://{address}", checks=CHECKED, timeout=30)


def test_the_samples_lead_somewhere(address: str) -> None:
    """Else the tool would look at refusals alone."""
    for path in ("/", "/all/rss.xml", f"/private/{TOKEN}/members/atom.xml"):
        assert ask(address, path).status == 200
