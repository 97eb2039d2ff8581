"""Measure Feedmill beside its peers, and print the tables: `python -m benchmarks [CASE]...`, or `make bench`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks import articles, collect, grown, parse, serve, startup
from benchmarks.chart import chart
from benchmarks.measure import Case, in_turn, medians
from benchmarks.report import section, with_section
from benchmarks.setting import PEERS, Setting, machine, setting

CASES: dict[str, Callable[[Setting], AbstractContextManager[Case]]] = {
    "parse": parse.case,
    "collect": collect.case,
    "collect-distinct": partial(collect.case, distinct=True),
    "articles": articles.case,
    "startup": startup.case,
    "growth": grown.case,
    "serve": serve.case,
}


@click.command(help=__doc__)
@click.argument("cases", nargs=-1, type=click.Choice(list(CASES)))
@click.option("--rounds", default=5, type=click.IntRange(1), help="How often everybody does everything.")
@click.option(
    "--scale", default=1.0, type=click.FloatRange(0, 1, min_open=True), help="A part, to try: nothing is written."
)
@click.option("--peers", default=PEERS, type=click.Path(path_type=Path), help="The Python that has the peers.")
@click.option("--write", type=click.Path(exists=True, path_type=Path), help="The document to put the tables into.")
def main(cases: tuple[str, ...], rounds: int, scale: float, peers: Path, write: Path | None) -> None:
    """Measure, print and write."""
    for name in cases or CASES:
        with (
            TemporaryDirectory(prefix="feedmill-bench-") as folder,
            CASES[name](setting(Path(folder), scale=scale, python=peers)) as case,
        ):
            click.echo(f"\n## {case.title}\n")
            found = medians(in_turn(case, rounds, lambda line: click.echo(line, err=True)))
        text = section(case, found, machine(), f"{datetime.now(UTC):%Y-%m-%d}", rounds)
        click.echo(text)
        if write and scale == 1:
            picture = write.with_suffix("") / f"{name}.svg"
            picture.parent.mkdir(exist_ok=True)
            picture.write_bytes(chart(case, found))
            text = f"![{case.title}: seconds, by contender and work]({picture.relative_to(write.parent)})\n\n{text}"
            write.write_text(with_section(write.read_text("utf-8"), name, text), "utf-8")


if __name__ == "__main__":
    main()
