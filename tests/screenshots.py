"""Takes the pictures that docs/screenshots holds, of the shipped site's pages and of the dashboard of another site:
`make screenshots`.

Text is drawn with the fonts of the machine: for pictures like those that are kept, install Debian's fonts-noto-core.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from admin_site import TOKEN, built, listening, opened
from upstream import serving

ROOT = Path(__file__).parents[1]
SHOTS = ROOT / "docs" / "screenshots"
SIZES = {"wide": {"width": 1120, "height": 760}, "phone": {"width": 390, "height": 760}}
PAGES = {"front": "index.html", "feed": "all/index.html"}


DASHBOARD = {
    "overview": "",
    "sources": "sources",
    "source": "source/lighthouse",
    "feed-versions": "feed/all",
    "held": "held",
}
NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)

# The address of the server on loopback is another one each time.
RENAME = """port => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    text.data = text.data.replaceAll(`127.0.0.1:${port}`, "up.example").replaceAll(`127-0-0-1-${port}`, "up-example");
  }
}"""


DECODE = "Promise.all([...document.images].map(image => (image.loading = 'eager', image.decode())))"


def publish(folder: Path) -> Path:
    """Publish the shipped site in `folder`; return where."""
    shutil.copy(ROOT / "config.toml", folder)
    shutil.copytree(ROOT / "sources", folder / "sources")
    subprocess.run([sys.executable, "-m", "feedmill", "publish", "--quiet"], cwd=folder, check=True)
    return folder / "feeds"


def small(picture: bytes) -> bytes:
    """The picture in as many colours as a page needs: a quarter of its size."""
    with Image.open(io.BytesIO(picture)) as image, io.BytesIO() as out:
        image.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        return out.getvalue()


def looks(browser: Browser) -> Iterator[tuple[str, Page]]:
    """An empty page for each way in which pages may look, and what that is called."""
    for scheme in ("light", "dark"):
        for width, size in SIZES.items():
            page = browser.new_page(viewport=size, color_scheme=scheme, device_scale_factor=1)  # type: ignore[arg-type]
            yield f"{scheme}-{width}", page
            page.close()


def take_pages(browser: Browser) -> None:
    with TemporaryDirectory() as folder:
        feeds = publish(Path(folder))
        for look, page in looks(browser):
            for name, path in PAGES.items():
                page.goto((feeds / path).as_uri())
                (SHOTS / f"{name}-{look}.png").write_bytes(small(page.screenshot()))


def take_dashboard(browser: Browser) -> None:
    with TemporaryDirectory() as folder, serving() as upstream:
        built(Path(folder), upstream, NOW, days=30, listed="Friends of the harbour")
        clock = lambda: NOW  # noqa: E731
        with opened(Path(folder), clock) as site, listening(site, token=TOKEN, clock=clock) as running:
            for look, page in looks(browser):
                page.goto(f"{running.status}login")
                page.get_by_label("The operator’s token").fill(TOKEN)
                page.get_by_role("button", name="Log in").click()
                for name, path in DASHBOARD.items():
                    page.goto(running.status + path)
                    page.get_by_text("· live").wait_for()
                    page.evaluate(RENAME, upstream.port)
                    page.evaluate(
                        "Promise.all([...document.images].map(image => (image.loading = 'eager', image.decode())))"
                    )
                    (SHOTS / f"{name}-{look}.png").write_bytes(small(page.screenshot()))


def main() -> None:
    SHOTS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        take_pages(browser)
        take_dashboard(browser)
        browser.close()


if __name__ == "__main__":
    main()
