"""Promise 2 and promise 4 under kill -9: every published file is whole at every instant, and nothing is lost.

FEEDMILL_KILLS sets how many times the command is killed (a hundred by hand, fewer in a usual run).
"""

from __future__ import annotations

import os
import random
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from lxml import etree

from sites import Site, document, rss
from upstream import Upstream

KILLS = int(os.environ.get("FEEDMILL_KILLS", "10"))
ARTICLE = "---\ntitle: Article {number}\ndate: 2026-09-{day:02d}T07:00:00Z\n---\n{words}\n"


def furnish(site: Site, upstream: Upstream) -> None:
    """Sources whose entries are all dated: three folders of articles and six upstreams, in ten feeds."""
    for name in ("one", "two", "three"):
        folder = site.articles(name)
        for number in range(40):
            words = f"Words of {name} {number}. " * 50
            text = ARTICLE.format(number=f"{name} {number}", day=number % 28 + 1, words=words)
            (folder / f"{number}.md").write_text(text)
    for number in range(6):
        items = [(f"{number}-{item}", f"Upstream {number} item {item}") for item in range(20)]
        site.upstream(f"up{number}", document(upstream, f"/{number}", rss(*items)))
    site.feed()
    for number in range(6):
        site.feed(f"f{number}", f'sources = ["up{number}", "one"]')
    site.config = site.config.replace('every = "1h"', 'every = "1s"')


@contextmanager
def watched(root: Path) -> Iterator[list[str]]:
    """Read every published file over and over from outside; yield what was found torn, and fail to find none read."""
    torn: list[str] = []
    over = threading.Event()
    reads = 0

    def watch() -> None:
        nonlocal reads
        while not over.is_set():
            for path in root.rglob("*.xml"):
                try:
                    etree.fromstring(path.read_bytes())
                    reads += 1
                except FileNotFoundError:  # the test itself removes files now and then
                    continue
                except etree.XMLSyntaxError as error:
                    torn.append(f"{path}: {error}")
            over.wait(0.002)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield torn
    over.set()
    thread.join()
    assert reads


@pytest.fixture
def undisturbed(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> dict[str, str]:
    """The digests of the feeds of a run that nobody disturbed."""
    calm = Site(tmp_path_factory.mktemp("calm"))
    furnish(calm, upstream)
    assert calm.publish().code == 0
    return calm.digests()


@pytest.mark.parametrize("command", ["publish", "run"])
def test_killed_at_any_moment(site: Site, upstream: Upstream, undisturbed: dict[str, str], command: str) -> None:
    furnish(site, upstream)
    moments = random.Random(f"{command} {KILLS}")  # the same moments every time, as far as a machine repeats itself
    with watched(site.root / "feeds") as torn:
        for number in range(KILLS):
            process = site.popen(command)
            # Start-up takes the first part of this; later kills fall on a state that is ever further on.
            try:
                process.communicate(timeout=moments.uniform(0.2, 2.0))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
            if number % 3 == 2:  # let what is there be older than what comes, so that files are written anew
                for path in site.files().values():
                    path.unlink()
        assert site.publish().code == 0
    assert torn == []
    assert site.digests() == undisturbed
    assert [path for path in (site.root / "feeds").rglob("*") if path.name.startswith(".")] == []
