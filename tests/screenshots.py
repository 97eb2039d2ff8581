"""Takes the pictures of the shipped site's pages that docs/screenshots holds: `make screenshots`.

Text is drawn with the fonts of the machine: for pictures like those that are kept, install Debian's fonts-noto-core.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
SHOTS = ROOT / "docs" / "screenshots"
SIZES = {"wide": {"width": 1120, "height": 760}, "phone": {"width": 390, "height": 760}}
PAGES = {"front": "index.html", "feed": "all/index.html"}


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


def main() -> None:
    SHOTS.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        feeds = publish(Path(folder))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            for width, size in SIZES.items():
                page = browser.new_page(viewport=size, color_scheme=scheme, device_scale_factor=1)  # type: ignore[arg-type]
                for name, path in PAGES.items():
                    page.goto((feeds / path).as_uri())
                    (SHOTS / f"{name}-{scheme}-{width}.png").write_bytes(small(page.screenshot()))
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
