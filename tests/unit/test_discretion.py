"""Secrets in the addresses of upstreams stay out of what is published."""

from __future__ import annotations

import pytest

from factories import NOW, SPEC, edition, entry
from feedmill.model import Origin
from feedmill.pipeline.discretion import discreet
from feedmill.render import RENDERERS

SECRET = "https://up.example/feed?token=hush"
PUBLIC = "https://up.example/feed?page=1"


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        (Origin(title="T", id=SECRET, url=SECRET, link=SECRET), Origin(title="T")),
        (Origin(title="T", id="tag:x,2026:token", url=PUBLIC, link="https://u:hush@up.example/"),
         Origin(title="T", id="tag:x,2026:token", url=PUBLIC)),
        (Origin(title="T", id=PUBLIC, url=PUBLIC, link=PUBLIC), Origin(title="T", id=PUBLIC, url=PUBLIC, link=PUBLIC)),
        (None, None),
    ],
)  # fmt: skip
def test_where_an_entry_was_read_is_told_unless_it_is_secret(origin: Origin | None, told: Origin | None) -> None:
    made = discreet(edition(SPEC, [entry(origin=origin)], NOW))
    assert [one.origin for one in made.entries] == [told]
    for form in RENDERERS.values():
        body = form.render(made)
        form.check(body, made.entries)
        assert b"hush" not in body
