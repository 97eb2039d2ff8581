"""nginx in front of our server, with the configuration of deploy/: what only matters between the two."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from listening import raw
from webservers import fill, nginx_proxy

pytestmark = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")

LARGE = b"x" * (2 * 1024 * 1024)


def test_secret_addresses_get_into_no_log_and_pushes_may_be_large(tmp_path: Path) -> None:
    folder, home = tmp_path / "feeds", tmp_path / "nginx"
    folder.mkdir()
    home.mkdir()
    fill(folder)
    secrets = ["/private/Secret1/all/rss.xml", "/feeds/private/Secret2/all/rss.xml", "/websub/Secret3"]
    with nginx_proxy(folder, home) as address:
        for path in secrets:
            assert raw(address, "GET", path).status == 404
        assert raw(address, "POST", "/websub/Secret4", body=LARGE).status == 404, "nothing was asked for there"
        assert raw(address, "GET", "/all/rss.xml").status == 200
    log = (home / "access.log").read_text()
    assert "/all/rss.xml" in log
    assert "Secret" not in log
