"""Every real feed of a folder, served again after what upstreams do to their ids and addresses: nothing is new.

The folder is named by FEEDMILL_CORPUS; the feeds are no part of the project.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

import moves
from feedmill.config import load
from feedmill.model import Trace
from feedmill.pipeline import Pipeline
from feedmill.publish import Folder
from feedmill.store import Store
from feedmill.times import iso
from moves import Move
from upstream import serving

CORPUS = os.environ.get("FEEDMILL_CORPUS")
FEEDS = sorted(path for path in Path(CORPUS).rglob("*") if path.is_file()) if CORPUS else []

TALES: dict[str, Sequence[Move]] = {
    "one after the other": (
        moves.guid_https, moves.guid_domain, moves.guid_tracking, moves.guid_scheme, moves.link_domain, moves.domain,
        moves.scheme,
    ),
    "guids, domain, scheme": (moves.guid_scheme, moves.domain, moves.scheme),
    "domain": (moves.domain,),
    "guids and domain at once": (moves.then(moves.guid_scheme, moves.domain),),
    "all at once": (moves.then(moves.guid_scheme, moves.domain, moves.scheme),),
}  # fmt: skip

CONFIG = """\
[site]
title = "Corpus"
url = "https://example.org/"

[fetch]
allow_hosts = ["127.0.0.1"]
host_delay = "0s"
max_body = "100MiB"

[[sources]]
name = "up"
kind = "feed"
url = "{url}"

[[feeds]]
name = "all"
title = "All"
"""

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FEEDS, reason="FEEDMILL_CORPUS names no folder of feeds"),
]


@pytest.mark.parametrize("tale", TALES)
@pytest.mark.parametrize("path", FEEDS or [Path("none")], ids=lambda path: path.name)
def test_nothing_reappears_as_new(path: Path, tale: str, tmp_path: Path) -> None:
    body = path.read_bytes()
    with serving() as upstream:
        (tmp_path / "config.toml").write_text(CONFIG.format(url=upstream.serve("/feed", 200, body)), encoding="utf-8")
        config = load(tmp_path / "config.toml", {})
        store = Store(config.state_url)
        pipeline = Pipeline(config, store, Folder(str(tmp_path / "feeds")))
        first = pipeline.refresh(config.sources[0])
        assert first.error is None
        assert first.new > 0
        told = {trace.id: _told(trace) for trace in store.traces("up")}
        for move in TALES[tale]:
            body = move(body)
            upstream.serve("/feed", 200, body)
            again = pipeline.refresh(config.sources[0])
            assert again.error is None
            assert (again.new, dict(store.held_counts())) == (0, {})
        assert {trace.id: _told(trace) for trace in store.traces("up")} == told
        pipeline.close()
        store.close()


def _told(trace: Trace) -> tuple[str, str]:
    """What an entry goes on saying wherever it is; titles that are made of words may name addresses."""
    return re.sub(r"https?|\.moved\.example|\W", "", trace.title)[:40], iso(trace.published)
