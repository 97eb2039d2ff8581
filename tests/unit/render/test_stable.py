"""The same entries give the same bytes: for every reader of the code, machine, locale, zone and run."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import feedgen.entry
import feedgen.feed
import pytest

from factories import CARRIERS, edition
from feedmill.model import Entry, FeedSpec
from feedmill.render import RENDERERS, _feedgen

UPDATED = datetime(2026, 11, 3, 8, 30, tzinfo=UTC)
GOLDEN = Path(__file__).parent / "golden"

_RENDER = """
import locale, pickle, sys
locale.setlocale(locale.LC_ALL, "")
from feedmill.render import RENDERERS, _feedgen
edition = pickle.loads(sys.stdin.buffer.read())
for renderer in RENDERERS.values():
    sys.stdout.buffer.write(renderer.render(edition))
"""


@pytest.mark.parametrize("name", CARRIERS)
def test_the_bytes_are_those_that_were_written_down(name: str, spec: FeedSpec, entry: Entry) -> None:
    renderer = RENDERERS[name]
    assert renderer.render(edition(spec, [entry], UPDATED)) == (GOLDEN / renderer.file_name).read_bytes()


@pytest.mark.parametrize(
    "environment",
    [
        {"TZ": "Asia/Jakarta", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
        {"TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"},
    ],
)
def test_another_process_writes_the_same_bytes(environment: dict[str, str], spec: FeedSpec, entry: Entry) -> None:
    entries = [entry, replace(entry, id="tag:example.org,2026:2", url=None, enclosures=entry.enclosures[1:])]
    done = subprocess.run(
        [sys.executable, "-c", _RENDER],
        input=pickle.dumps(edition(spec, entries, UPDATED)),
        env=environment,
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"".join(one.render(edition(spec, entries, UPDATED)) for one in RENDERERS.values())


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_no_clock_and_no_version_reach_the_document(name: str, spec: FeedSpec) -> None:
    past = datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)
    body = RENDERERS[name].render(edition(spec, [], past)).decode()
    dates = re.findall(r">([^<]*\d\d:\d\d:\d\d[^<]*)<", body)
    assert dates == ["Fri, 31 Dec 1999 23:59:59 +0000" if name == "rss" else "1999-12-31T23:59:59+00:00"]
    assert "<generator>Feedmill</generator>" in body


def test_feedgen_changes_the_locale_of_the_process_under_a_lock(
    monkeypatch: pytest.MonkeyPatch, spec: FeedSpec, entry: Entry
) -> None:
    held = []

    def watched(moment: datetime) -> str:
        held.append(_feedgen._ONE_AT_A_TIME.locked())
        return format_datetime(moment)

    monkeypatch.setattr(feedgen.feed, "formatRFC2822", watched)
    monkeypatch.setattr(feedgen.entry, "formatRFC2822", watched)
    assert RENDERERS["rss"].render(edition(spec, [entry], UPDATED)) == (GOLDEN / "rss.xml").read_bytes()
    assert held == [True, True]
    assert not _feedgen._ONE_AT_A_TIME.locked()
