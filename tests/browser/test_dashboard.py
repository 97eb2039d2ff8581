"""The dashboard in a real browser: nobody is shut out, nothing from outside runs, and it is shown as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from admin_site import HOSTILE, TOKEN, Running, built, listening, opened
from upstream import serving

pytestmark = pytest.mark.needs("chromium")

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 800}
PAGES = (
    "", "sources", "sources?only=failing", "source/ferry", "source/newsroom", "feeds", "feed/all", "held", "runs",
    "search",
    "search?q=Notice", "do/refresh?name=ferry", "do/release?name=notices", "nothing",
)  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Running]:
    with serving() as upstream:
        built(tmp_path, upstream, datetime.now(UTC).replace(microsecond=0))
        with opened(tmp_path) as pipeline, listening(pipeline, token=TOKEN) as running:
            yield running


def log_in(page: Any, site: Running, path: str = "") -> None:
    page.goto(site.status + path)
    page.get_by_label("The operator’s token").fill(TOKEN)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", level=1).wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_nobody_is_shut_out(site: Running, visit: Any, scheme: str, size: Any) -> None:
    """axe-core finds nothing, and a phone need not be scrolled sideways."""
    found = []
    with visit(color_scheme=scheme, viewport=size) as seen:
        seen.page.goto(site.status + "login")
        for path in ("login", *PAGES):
            if path != "login":
                seen.page.goto(site.status + path)
            result = Axe().run(seen.page)
            assert len(result.response["passes"]) > 15
            found += [
                f"{path}: {flaw['id']}: {node['html']}"
                for flaw in result.response["violations"]
                for node in flaw["nodes"]
            ]
            if seen.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found.append(f"{path}: wider than the window")
            if path == "login":
                log_in(seen.page, site)
            elif path == "search?q=Notice":
                seen.page.locator(".entries a").first.click()
                seen.page.get_by_text("Known as").wait_for()
                flaws = Axe().run(seen.page).response["violations"]
                found += [f"entry: {flaw['id']}" for flaw in flaws]
    assert found == []


def test_a_page_asks_its_own_server_alone_and_complains_of_nothing(site: Running, visit: Any) -> None:
    with visit() as seen:
        log_in(seen.page, site)
        for path in PAGES[:-1]:
            seen.page.goto(site.status + path)
            if seen.page.locator("[data-live]").count():
                seen.page.get_by_text("· live").wait_for()
        assert seen.complaints == []
        assert [url for url in seen.asked if not url.startswith(site.status)] == []


def test_pictures_are_drawn(site: Running, visit: Any) -> None:
    with visit() as seen:
        log_in(seen.page, site, "source/lighthouse")
        for picture in seen.page.locator("figure img").all():
            picture.scroll_into_view_if_needed()
            assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
            assert picture.get_attribute("alt")


def test_without_javascript_all_works(site: Running, visit: Any) -> None:
    with visit(java_script_enabled=False) as seen:
        page = seen.page
        log_in(page, site, "feeds")
        assert page.get_by_role("heading", level=1).inner_text() == "Feeds"
        page.get_by_role("link", name="Held", exact=True).click()
        assert page.get_by_text("6 entries would disappear").is_visible()
        page.get_by_role("link", name="Publish it").click()
        page.get_by_role("button", name="Publish it").click()
        page.get_by_text("release notices").wait_for()
        assert page.locator(".news").get_by_text("1 feed written.").is_visible()
        page.get_by_role("link", name="Sources", exact=True).click()
        page.get_by_label("Name, title or address").fill("light")
        page.get_by_role("button", name="Show").click()
        page.get_by_role("link", name="lighthouse").click()
        page.get_by_role("link", name="Look at it now").click()
        page.get_by_role("button", name="Look at it now").click()
        assert page.locator(".news").get_by_text("look at lighthouse").is_visible()
        page.get_by_role("link", name="Search", exact=True).click()
        page.get_by_label("A part of its title").fill("Notice 2")
        page.get_by_role("button", name="Search").click()
        page.get_by_role("link", name="Notice 2").click()
        assert page.get_by_text("the entry was withdrawn at").first.is_visible()
        page.get_by_role("button", name="Log out").click()
        page.get_by_role("heading", name="Log in").wait_for()
        page.goto(site.status)
        assert page.url.startswith(site.status + "login")


def test_a_page_is_shown_as_it_is_now(site: Running, visit: Any) -> None:
    """Somebody else's run shows without a reload; focus, what is open and what is written stay."""
    with visit(viewport=PHONE) as seen:
        page = seen.page
        log_in(page, site, "source/lighthouse")
        page.get_by_text("· live").wait_for()
        page.evaluate("window.loaded = 'once'")
        page.get_by_text("The looks in numbers").click()
        page.get_by_role("link", name="Look at it now").focus()
        page.evaluate("scrollTo(0, 200)")
        looks = page.locator("dt", has_text="Looks").locator("+ dd")
        before = looks.inner_text()
        assert "in all" in before
        site.run(sources=["lighthouse"])
        page.wait_for_function("before => !document.body.innerText.includes(before)", arg=before)
        assert "in all" in looks.inner_text()
        assert page.evaluate("window.loaded") == "once"
        assert page.evaluate("document.activeElement.textContent") == "Look at it now"
        assert page.evaluate("document.querySelector('details').open") is True
        assert page.evaluate("scrollY") == 200
        page.goto(site.status + "sources")
        page.get_by_text("· live").wait_for()
        page.get_by_label("Name, title or address").fill("half written")
        with page.expect_response(lambda answer: answer.url == site.status + "sources"):
            site.run(sources=["lighthouse"])
        assert page.get_by_label("Name, title or address").input_value() == "half written"
        assert seen.complaints == []


def test_a_session_that_ended_leads_to_the_login(site: Running, visit: Any) -> None:
    with visit() as seen:
        log_in(seen.page, site)
        seen.page.get_by_text("· live").wait_for()
        seen.page.context.clear_cookies()
        site.run(sources=["lighthouse"])
        seen.page.get_by_role("heading", name="Log in").wait_for()


def test_what_a_hostile_upstream_smuggles_in_is_text(site: Running, visit: Any) -> None:
    """Every field that is kept, in titles of sources and entries, names, ids, addresses, errors and runs."""
    upstream = site.pipeline.store
    hostile = next(name for name in upstream.source_states() if name.startswith("friends/"))
    titles = ["Second", "script"]
    with visit() as seen:
        page = seen.page
        log_in(page, site)
        paths = ["", "sources", f"source/{hostile}", "feeds", "feed/all", "held", "runs", "search?q=<script>"]
        paths += [f"search?q={title}" for title in titles]
        shown = 0
        for path in paths:
            page.goto(site.status + path)
            shown += page.get_by_text("<script>window.smuggled=1</script>").count()
            shown += "<script>" in page.locator("body").inner_text()
            links = page.eval_on_selector_all("a[href]", "all => all.map(link => link.protocol)")
            assert set(links) <= {"http:", "https:"}
            assert page.locator("main script, main img[onerror], main [onload]").count() == 0
        assert shown >= 4
        page.goto(f"{site.status}feed/all")
        page.get_by_text("Read with what").click()
        assert page.locator("bdi", has_text="<script>").is_visible()
        page.goto(f"{site.status}search?q=Second")
        page.locator(".entries a").first.click()
        page.get_by_text("Known as").wait_for()
        assert "<script>" in page.locator("main").inner_text()
        assert HOSTILE[:30] in page.locator("main").inner_text()
        assert page.evaluate("window.smuggled") is None
        assert [told for told in seen.complaints if "404" not in told] == []


def test_even_markup_that_got_into_a_page_cannot_run(
    site: Running, visit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second wall: whatever was not escaped, the policy lets no inline script run and no other host be asked."""
    from markupsafe import Markup

    from feedmill.serve.dashboard import home, troubles

    smuggled = (
        '<script>smuggled=1</script><img id=i src="x:" onerror="smuggled=1"><a id=x href="javascript:smuggled=1">x</a>'
        '<img src="http://127.0.0.2/x.png"><style>body{color:red}</style>'
    )
    trouble = troubles.troubles

    def with_markup(*told: Any, **how: Any) -> Any:
        found = trouble(*told, **how)
        object.__setattr__(found[0], "what", Markup(smuggled))
        return found

    monkeypatch.setattr(home, "troubles", with_markup)
    with visit() as seen:
        log_in(seen.page, site)
        seen.page.locator("#x").click()
        assert seen.page.evaluate("window.smuggled") is None
        assert seen.page.evaluate("getComputedStyle(document.body).color") != "rgb(255, 0, 0)"
        refused = [told for told in seen.complaints if "Content Security Policy" in told]
        assert len(refused) >= 4


def test_the_browser_itself_keeps_other_sites_out(site: Running, visit: Any) -> None:
    """A page elsewhere that posts a form here is not logged in, and is refused; nor can it show us in a frame."""
    with visit() as seen:
        log_in(seen.page, site)
        before = site.pipeline.store.feed_state("notices")
        elsewhere = site.status.replace("127.0.0.1", "localhost")
        action = f"{site.status}do/release?name=notices"
        seen.page.goto(elsewhere + "login")
        # The policy of our own page would not let the form go: a page without one does.
        seen.page.goto("about:blank")
        form = f"<form method=post action='{action}'><input name=name value=notices><button>go</button></form>"
        seen.page.set_content(form)
        with seen.page.expect_response(action) as caught:
            seen.page.get_by_role("button").click()
        assert caught.value.status in (401, 403)
        assert site.pipeline.store.feed_state("notices") == before
