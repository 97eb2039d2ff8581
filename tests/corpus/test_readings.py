"""Every real feed of a folder: what is read of it in order is what feedparser reads, entry by entry and field by field.

The folder is named by FEEDMILL_CORPUS; the feeds are no part of the project.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from readings import by_feedparser, differences, in_order

CORPUS = os.environ.get("FEEDMILL_CORPUS")
FEEDS = sorted(path for path in Path(CORPUS).rglob("*") if path.is_file()) if CORPUS else []

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FEEDS, reason="FEEDMILL_CORPUS names no folder of real feeds"),
]


def test_every_feed_is_read_alike() -> None:
    wrong, read = [], 0
    for path in FEEDS:
        body = path.read_bytes()
        ours = in_order(body)
        if ours is not None:
            read += 1
            wrong += [f"{path.name}: {what}" for what in differences(ours, by_feedparser(body))]
    assert wrong == []
    assert read > len(FEEDS) / 2, "of real feeds, most are in order"
