"""Visits of feed readers, for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from feedmill.model import Visit

__all__ = ["visit"]

_VISIT = Visit(
    feed="all",
    address="192.0.2.1",
    user_agent="newsboat/2.36",
    status=200,
    conditional=True,
    sent=100,
    saved=0,
    path="/feeds/all/rss.xml",
)


def visit(user_agent: str = "newsboat/2.36", **fields: Any) -> Visit:
    """A visit of newsboat's that got the whole document, but for `fields`."""
    return replace(_VISIT, user_agent=user_agent, **fields)
