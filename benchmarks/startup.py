"""What a command costs that has next to nothing to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.inputs import articles
from benchmarks.measure import OURS, Case, Contender, Figure, Sample, run
from benchmarks.ours import publish, write_config
from benchmarks.setting import Setting, ours, program

__all__ = ["case"]

VERSION, PUBLISH, STATUS = "tell the version", "publish a small site, unchanged", "tell the status of a small site"
ARTICLES = 5


@contextmanager
def case(setting: Setting) -> Iterator[Case]:
    """Yield the case."""
    site = setting.folder / "site"
    (site / "articles").mkdir(parents=True)
    for file, text in articles(ARTICLES):
        (site / "articles" / file).write_text(text, "utf-8")
    write_config(site, ['name = "articles"\nkind = "files"\npath = "articles"'])
    publish(setting, site)

    def feedmill(empty: Path) -> Mapping[str, Sample]:
        return {
            VERSION: run([*setting.feedmill, "--version"], empty)[0],
            PUBLISH: publish(setting, site),
            STATUS: run([*setting.feedmill, "status"], site)[0],
        }

    def other(name: str, command: Sequence[str | Path], version: str | None, note: str = "") -> Contender:
        return Contender(name, lambda empty: {VERSION: run(command, empty)[0]}, version, note)

    newsboat, hugo = program("newsboat", "-v"), program("hugo", "version")
    python = "" if setting.python.exists() else None
    yield Case(
        title="Start-up",
        input=f"a site of {ARTICLES} generated articles",
        works=(VERSION, PUBLISH, STATUS),
        contenders=[
            Contender(OURS, feedmill, ours()),
            other("Pelican", [setting.python, "-m", "pelican", "--version"], setting.packages.get("pelican")),
            other("Hugo", [hugo.path, "version"], hugo.version),
            other("newsboat", [newsboat.path, "-v"], newsboat.version),
            other("python", [setting.python, "-c", "pass"], python, "nothing at all: the floor"),
        ],
        repeat=3,
        figures=[
            Figure(f"{VERSION}, CPU", lambda found: found[VERSION, OURS].cpu * 1000, " ms", at_most=80),
            Figure(f"{PUBLISH}, time", lambda found: found[PUBLISH, OURS].wall, " s", at_most=0.55),
            Figure(f"{PUBLISH}, CPU", lambda found: found[PUBLISH, OURS].cpu, " s"),
        ],
    )
