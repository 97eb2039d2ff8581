from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import EntryPoint, EntryPoints
from types import ModuleType

import pytest

import feedmill.render
from feedmill.errors import RenderError
from feedmill.render import RENDERERS, Renderer, renderer, renderer_names

GOPHER = Renderer(
    name="gopher",
    file_name="gophermap",
    media_type="text/plain",
    render=lambda edition: b"",
    check=lambda body, entries: None,
)
THIS = ModuleType(__name__)
THIS.__dict__.update(GOPHER=GOPHER, NOT_A_RENDERER="nothing")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three packages that add formats: a good one, one that is something else, one that is broken."""
    points = [
        EntryPoint("gopher", f"{__name__}:GOPHER", "feedmill.renderers"),
        EntryPoint("odd", f"{__name__}:NOT_A_RENDERER", "feedmill.renderers"),
        EntryPoint("broken", f"{__name__}:MISSING", "feedmill.renderers"),
        EntryPoint("rss", f"{__name__}:GOPHER", "feedmill.renderers"),
    ]
    monkeypatch.setitem(sys.modules, __name__, THIS)  # however pytest imported it
    monkeypatch.setattr(feedmill.render, "entry_points", lambda **wanted: EntryPoints(points).select(**wanted))


@pytest.mark.parametrize(
    ("name", "file_name", "media_type"),
    [
        ("rss", "rss.xml", "application/rss+xml"),
        ("atom", "atom.xml", "application/atom+xml"),
        ("json", "feed.json", "application/feed+json"),
    ],
)
def test_the_formats_that_come_with_feedmill(name: str, file_name: str, media_type: str) -> None:
    found = renderer(name)
    assert (found.name, found.file_name, found.media_type) == (name, file_name, media_type)
    assert RENDERERS[name] is found


@pytest.mark.parametrize("form", RENDERERS.values(), ids=RENDERERS)
def test_what_is_known_of_a_format_before_it_is_loaded_is_what_its_module_says(form: Renderer) -> None:
    module = import_module(f"feedmill.render.{ {'json': 'jsonfeed'}.get(form.name, form.name) }")
    assert (form.file_name, form.media_type) == (module.FILE_NAME, module.MEDIA_TYPE)


@pytest.mark.usefixtures("installed")
def test_an_installed_package_adds_a_format_but_replaces_none() -> None:
    assert renderer("gopher") == GOPHER
    assert renderer("rss") is RENDERERS["rss"]
    assert renderer_names() == ("rss", "atom", "json", "html", "opml", "broken", "gopher", "odd")


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("odd", "it is a str, not a feedmill.render.Renderer"),
        ("broken", "it cannot be loaded"),
        ("gofer", "there is no format 'gofer'. Did you mean 'gopher'?"),
        ("xyz", "The formats are: rss, atom, json, html, opml, broken, gopher, odd."),
    ],
)
def test_a_format_that_cannot_be_used_is_explained(name: str, message: str) -> None:
    with pytest.raises(RenderError) as caught:
        renderer(name)
    assert message in str(caught.value)
