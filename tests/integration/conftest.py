"""Fixtures of the tests that use real servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from upstream import Upstream, serving


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """A server on loopback that answers as the test tells it to, without any routes yet."""
    with serving() as upstream:
        yield upstream
