"""One published folder, served by each of the servers in turn."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from webservers import SERVERS, Served, fill


@pytest.fixture(scope="module", params=SERVERS)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The folder, served by one of them."""
    start, program = SERVERS[request.param]
    if program and shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    folder, home = tmp_path_factory.mktemp("feeds"), tmp_path_factory.mktemp("server")
    fill(folder)
    with start(folder, home) as address:
        yield Served(request.param, address, folder)
