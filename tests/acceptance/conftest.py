"""Fixtures of the tests that run the command as a user does."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from sites import Site
from upstream import Upstream, serving


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site with no source and no feed yet."""
    made = Site(tmp_path)
    yield made
    for service in made.services:
        if service.poll() is None:
            service.send_signal(signal.SIGKILL)
        service.communicate(timeout=30)


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """A server on loopback without any routes yet."""
    with serving() as server:
        yield server
