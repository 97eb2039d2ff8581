"""Changes to config.toml that a person agreed to."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedmill.config.edit import set_source_url
from feedmill.errors import ConfigError

CONFIG = """\
[site]
title = "Site"
url = "https://example.org/"

[[sources]]
name = "up"
kind = "feed"
url = "{url}"  # by hand
auth = {{ type = "bearer", token_env = "TOKEN" }}

[[feeds]]
name = "all"
title = "All"
"""
OLD, NEW = "https://up.example/old", "https://up.example/new"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(CONFIG.format(url=OLD))
    return tmp_path / "config.toml"


def test_only_the_address_is_changed(file: Path) -> None:
    set_source_url(file, {"up": NEW}, {"TOKEN": "t"})
    assert file.read_text() == CONFIG.format(url=NEW)


@pytest.mark.parametrize("url", ["https://me:secret@up.example/new", "https://up..example/new"])
def test_an_address_that_the_configuration_cannot_have_is_not_written(file: Path, url: str) -> None:
    with pytest.raises(ConfigError, match="left as it was"):
        set_source_url(file, {"up": url}, {"TOKEN": "t"})
    assert file.read_text() == CONFIG.format(url=OLD)
