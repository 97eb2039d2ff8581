"""Every command that the README shows, run as it is written; every configuration that the docs show, loaded."""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from feedmill.config import load
from sites import Site

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str, *pages: Path) -> list[str]:
    return [
        body for page in pages for tongue, body in BLOCK.findall(page.read_text(encoding="utf-8")) if tongue == language
    ]


def commands(first: str) -> list[str]:
    """The README's commands that begin with a word, comments off."""
    lines = [
        line.partition("#")[0].strip() for block in blocks("sh", ROOT / "README.md") for line in block.splitlines()
    ]
    return [line for line in lines if line.split()[:1] == [first]]


def test_every_command_of_the_readme_is_one_that_is_tested() -> None:
    lines = [line.strip() for block in blocks("sh", ROOT / "README.md") for line in block.splitlines() if line.strip()]
    assert {line.split()[0] for line in lines} == {"make", "feedmill"}


@pytest.fixture
def shipped(site: Site) -> Site:
    """A copy of the shipped site."""
    site.config = (ROOT / "config.toml").read_text(encoding="utf-8")
    shutil.copytree(ROOT / "sources", site.root / "sources")
    return site


@pytest.mark.parametrize("command", [c for c in commands("feedmill") if c != "feedmill run"])
def test_a_command_of_the_readme_works(shipped: Site, command: str) -> None:
    if command.startswith("feedmill why"):  # it tells of what was collected
        shipped.publish()
    ran = shipped.run(*shlex.split(command)[1:])
    assert ran.code == 0, ran.err
    assert ran.out


def test_the_service_of_the_readme_works(shipped: Site) -> None:
    assert "feedmill run" in commands("feedmill")
    service = shipped.start()
    assert service.stderr is not None
    for line in service.stderr:
        if "feed all: written" in line:
            break
    service.send_signal(signal.SIGTERM)
    assert service.wait(timeout=60) == 0


@pytest.mark.needs("make")
@pytest.mark.parametrize("command", commands("make"))
def test_a_make_command_of_the_readme_leads_to_what_it_says(command: str) -> None:
    """`make test` cannot run itself; what it and `make publish` would run is looked at."""
    done = subprocess.run(
        [*shlex.split(command), "--dry-run", "--always-make", "--no-print-directory"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    last = done.stdout.strip().splitlines()[-1]
    assert {"publish": "feedmill publish", "test": "pytest"}[command.split()[1]] in last


def test_the_shipped_site_publishes_all_its_articles_and_nothing_is_wrong_with_them(shipped: Site) -> None:
    """`make publish` ends with 0, and the two files that it promises are there."""
    ran = shipped.publish()
    assert ran.code == 0
    assert {"all/rss.xml", "all/atom.xml"} <= shipped.files().keys()
    assert [source["problems"] for source in ran.report["sources"]] == [[]]
    assert shipped.run("check").code == 0
    assert ran.feed("all")["entries"] >= 6
    assert 0 < ran.feed("english")["entries"] < ran.feed("all")["entries"]


def test_the_shipped_site_gives_the_same_bytes_everywhere(shipped: Site, tmp_path: Path) -> None:
    """Promise 3: same entries, same bytes, whenever and wherever, whatever the files' times are."""
    shipped.publish()
    other = Site(tmp_path / "other", shipped.config)
    other.root.mkdir()
    shutil.copytree(ROOT / "sources", other.root / "sources", copy_function=shutil.copyfile)
    other.publish()
    assert other.digests() == shipped.digests()


@pytest.mark.parametrize("text", blocks("toml", *PAGES), ids=lambda text: text.splitlines()[0])
def test_a_configuration_in_the_docs_is_right(text: str, tmp_path: Path) -> None:
    """Pieces are completed with what they leave out."""
    shown = tomllib.loads(text)
    if "project" in shown:  # a plug-in's own pyproject.toml
        assert "entry-points" in shown["project"]
        return
    site = "" if "site" in shown else '[site]\ntitle = "T"\nurl = "https://example.org/"\n'
    sources = "" if "sources" in shown else '[[sources]]\nname = "newsroom"\nkind = "files"\npath = "sources"\n'
    feeds = "" if "feeds" in shown else '[[feeds]]\nname = "all"\ntitle = "All"\n'
    (tmp_path / "config.toml").write_text("\n".join([text, site, sources, feeds]), encoding="utf-8")
    secrets = re.findall(r'(?:_env = "|\$\{)(\w+)', text)
    assert load(tmp_path / "config.toml", dict.fromkeys(secrets, "a secret of some length")).feeds


def test_every_link_between_the_pages_leads_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not target.startswith("mailto:"):
                assert (page.parent / target).exists(), f"{page}: {target}"


def test_help_shows_every_command(site: Site) -> None:
    for command in ("publish", "run", "serve", "status", "check", "validate", "rollback"):
        assert command in site.run("--help").out
        ran = site.run(command, "--help")
        assert ran.code == 0
        for option in ("--config", "--quiet", "--verbose", "--json"):
            assert option in ran.out


def test_the_version_is_that_of_the_package(site: Site) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert site.run("--version").out == f"feedmill, version {version}\n"
    script = Path(sys.executable).with_name("feedmill")
    assert script.exists()
