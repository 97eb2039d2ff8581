"""The pages in a real browser: people find the address of a feed, copy and follow it, and nobody is shut out."""

from __future__ import annotations

from typing import Any

import feedparser
import pytest
from axe_playwright_python.sync_playwright import Axe

from browser_site import ARABIC, ENGLISH, HOSTILE

pytestmark = pytest.mark.needs("chromium")

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
SITES = {
    "en": {"articles": ENGLISH, "language": "en"},
    "ar": {"articles": ARABIC, "language": "ar", "title": "أخبار الميناء", "description": "ما يحدث عند الماء"},
}


def test_the_address_is_found_copied_and_followed(served: Any, visit: Any) -> None:
    site = served(ENGLISH)
    with visit() as seen:
        seen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        seen.page.goto(site.feeds)
        seen.page.get_by_role("link", name="Feed all", exact=True).click()
        seen.page.get_by_role("button", name="Copy the address: Atom").click()
        seen.page.get_by_role("status").get_by_text("Copied").wait_for(state="attached")
        copied = seen.page.evaluate("navigator.clipboard.readText()")
        assert copied == f"{site.feeds}all/atom.xml"
        shown = [text for text in seen.page.locator("article h2").all_inner_texts() if text]
        with seen.page.expect_response(copied) as caught:
            seen.page.get_by_role("link", name="Atom", exact=True).click()
        assert caught.value.ok
        answer = seen.page.context.request.get(copied)
        parsed = feedparser.parse(answer.body())
        assert [entry.title for entry in parsed.entries] == shown
        assert len(shown) == len(ENGLISH)


def test_a_browser_and_a_reader_find_the_feeds_by_themselves(served: Any, visit: Any) -> None:
    site = served(ENGLISH)
    with visit() as seen:
        seen.page.goto(f"{site.feeds}all/")
        found = seen.page.eval_on_selector_all("link[rel=alternate]", "all => all.map(link => [link.type, link.href])")
        assert found == [
            ["application/rss+xml", f"{site.feeds}all/rss.xml"],
            ["application/atom+xml", f"{site.feeds}all/atom.xml"],
        ]
        seen.page.goto(site.feeds)
        found = seen.page.eval_on_selector_all("link[rel=alternate]", "all => all.map(link => link.href)")
        assert found == [f"{site.feeds}all/rss.xml", f"{site.feeds}few/rss.xml"]


def test_without_javascript_all_but_the_button_is_there(served: Any, visit: Any) -> None:
    site = served(ENGLISH)
    with visit(java_script_enabled=False) as seen:
        seen.page.goto(f"{site.feeds}all/index.html")
        assert not seen.page.locator("button").first.is_visible()
        assert seen.page.get_by_text(f"{site.feeds}all/rss.xml").is_visible()
        assert seen.page.locator("article").count() == len(ENGLISH)
        with seen.page.expect_response(f"{site.feeds}all/rss.xml") as caught:
            seen.page.get_by_role("link", name="RSS", exact=True).click()
        assert caught.value.ok


def test_a_page_asks_its_own_server_alone_and_complains_of_nothing(served: Any, visit: Any) -> None:
    site = served(ENGLISH)
    with visit() as seen:
        for path in ("", "all/", "few/"):
            seen.page.goto(site.feeds + path)
            seen.page.mouse.wheel(0, 20_000)  # what is loaded late is loaded
            seen.page.wait_for_load_state("networkidle")
        assert seen.complaints == []
        assert seen.asked
        assert [url for url in seen.asked if not url.startswith(site.address)] == []
        assert f"{site.address}harbour.png" in seen.asked


def test_what_an_article_smuggles_in_is_text_or_nothing(served: Any, visit: Any) -> None:
    site = served(HOSTILE)
    with visit() as seen:
        for path in ("", "all/", "few/"):
            seen.page.goto(site.feeds + path)
            assert seen.page.evaluate("window.smuggled") is None
        seen.page.goto(f"{site.feeds}all/")
        assert "<script>smuggled=1</script>" in seen.page.locator("article h2").first.inner_text()
        assert seen.complaints == []


def test_even_markup_that_got_into_the_page_cannot_run(served: Any, visit: Any) -> None:
    """The second wall: whatever sanitizing let through, the browser runs only the script of the policy."""
    site = served(ENGLISH)
    page = site.site.root / "feeds/all/index.html"
    smuggled = (
        '<script>smuggled=1</script><img src="x:" onerror="smuggled=1"><a id=x href="javascript:smuggled=1">x</a>'
    )
    page.write_text(page.read_text(encoding="utf-8").replace("</h1>", f"</h1>{smuggled}"), encoding="utf-8")
    with visit() as seen:
        seen.page.goto(f"{site.feeds}all/")
        seen.page.locator("#x").click()
        assert seen.page.evaluate("window.smuggled") is None
        assert any("Content Security Policy" in complaint for complaint in seen.complaints)


@pytest.mark.parametrize("language", SITES)
def test_nobody_is_shut_out(served: Any, visit: Any, language: str) -> None:
    """axe-core finds nothing: in light and dark, wide and on a phone, in both directions, on every page."""
    site = served(**SITES[language])
    found = []
    for scheme in ("light", "dark"):
        for size in (WIDE, PHONE):
            with visit(color_scheme=scheme, viewport=size) as seen:
                for path in ("", "all/", "few/"):
                    seen.page.goto(site.feeds + path)
                    result = Axe().run(seen.page)
                    assert len(result.response["passes"]) > 20
                    where = f"{path or 'front'} {scheme} {size['width']}"
                    found += [
                        f"{where}: {flaw['id']}: {node['html']}"
                        for flaw in result.response["violations"]
                        for node in flaw["nodes"]
                    ]
    assert found == []


@pytest.mark.parametrize("language", SITES)
@pytest.mark.parametrize("path", ["", "all/"])
def test_a_phone_need_not_be_scrolled_sideways(served: Any, visit: Any, language: str, path: str) -> None:
    site = served(**SITES[language])
    with visit(viewport={"width": 320, "height": 600}) as seen:
        seen.page.goto(site.feeds + path)
        widths = seen.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert widths[0] == widths[1]


def test_a_page_is_written_in_the_direction_of_its_language(served: Any, visit: Any) -> None:
    site = served(**SITES["ar"])
    with visit(viewport=WIDE) as seen:
        seen.page.goto(f"{site.feeds}all/")
        assert seen.page.evaluate("getComputedStyle(document.body).direction") == "rtl"
        articles = seen.page.eval_on_selector_all("article", "all => all.map(one => [one.lang, one.dir])")
        assert ["ar", "rtl"] in articles
        assert ["en", "ltr"] in articles
        aside, main = seen.page.locator("aside").bounding_box(), seen.page.locator("main").bounding_box()
        assert aside["x"] < main["x"]
