"""`feedmill validate`: any feed, held against the rules of its format; for people who publish with other tools, too."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.text import Text

from feedmill import __version__, times
from feedmill.cli.exits import Exit
from feedmill.cli.log import printable
from feedmill.cli.options import Common, common_options
from feedmill.cli.report import print_json
from feedmill.errors import CollectError
from feedmill.model import FetchSettings
from feedmill.render.rules import Severity, Verdict, examine

if TYPE_CHECKING:
    from feedmill.render.rules import Finding

__all__ = ["command"]

_SHOWN = 5
"""Findings of one rule that people are shown; programs get all."""


@click.command(name="validate")
@click.argument("targets", nargs=-1, required=True, metavar="FILE-or-URL...")
@common_options
def command(common: Common, *, targets: tuple[str, ...]) -> int:
    """Hold feeds against the rules of their formats: RSS, Atom, JSON Feed. `-` is standard input.

    Each finding has its line, and says what to do. Exit code 0: all are valid; 1: one is not; 2: one could not be had.
    """
    data: list[dict[str, Any]] = []
    console = Console(highlight=False, soft_wrap=True)
    settings: FetchSettings | None = None
    for target in targets:
        verdict, error = None, None
        try:
            if _is_address(target):
                settings = settings or _settings(common)
            verdict = _verdict(target, settings)
        except (OSError, CollectError) as failure:
            error = _reason(failure)
        data.append(_data(target, verdict, error))
        if not common.as_json:
            for line in _told(target, verdict, error, quiet=common.quiet):
                console.print(line)
    if common.as_json:
        print_json(data)
    if any(one["error"] for one in data):
        return Exit.USAGE
    return Exit.WELL if all(one["valid"] for one in data) else Exit.PARTLY


def _verdict(target: str, settings: FetchSettings | None) -> Verdict:
    now = times.now()
    if settings is not None and _is_address(target):
        from feedmill.pipeline.foreign import fetch_document  # a file never waits for what this imports

        body, served = fetch_document(target, settings, now)
        return examine(body, now, served)
    return examine(sys.stdin.buffer.read() if target == "-" else Path(target).read_bytes(), now)


def _is_address(target: str) -> bool:
    return target.lower().startswith(("http://", "https://"))


def _settings(common: Common) -> FetchSettings:
    """Return how the configuration asks upstreams; without a configuration, the way it would by itself."""
    if common.file == Path("config.toml") and not os.path.lexists(common.file):
        return FetchSettings(user_agent=f"Feedmill/{__version__}")
    return common.config().fetch


def _reason(failure: OSError | CollectError) -> str:
    return str(failure) if isinstance(failure, CollectError) else f"it cannot be read ({failure.strerror or failure})"


def _data(target: str, verdict: Verdict | None, error: str | None) -> dict[str, Any]:
    return {
        "name": target,
        "format": verdict.format if verdict else None,
        "entries": verdict.entries if verdict else 0,
        "valid": bool(verdict and verdict.valid),
        "error": error,
        "findings": [
            {"rule": f.rule, "severity": f.severity.value, "line": f.line, "what": f.what, "hint": f.hint}
            for f in (verdict.findings if verdict else ())
        ],
    }


def _told(target: str, verdict: Verdict | None, error: str | None, *, quiet: bool) -> Iterator[Text]:
    if verdict is None:
        yield Text.assemble((printable(target), "bold"), ": ", (printable(error or ""), "bold red"))
        return
    found = [f for f in verdict.findings if not quiet or f.severity is Severity.ERROR]
    if quiet and not found:
        return
    yield Text.assemble((printable(target), "bold"), ": ", _summary(verdict))
    told: Counter[str] = Counter()
    for finding in found:
        told[finding.rule] += 1
        if told[finding.rule] <= _SHOWN:
            yield from _lines(finding, hint=told[finding.rule] == 1)
    for rule, number in told.items():
        if number > _SHOWN:
            yield Text(f"  and {number - _SHOWN} more of {rule}")


def _lines(finding: Finding, *, hint: bool) -> Iterator[Text]:
    style = "bold red" if finding.severity is Severity.ERROR else "yellow"
    where = f"  line {finding.line}: "
    yield Text.assemble(
        where, (finding.severity.value, style), f": {printable(finding.what)} ", (f"({finding.rule})", "dim")
    )
    if hint:
        yield Text(f"    {finding.hint}")


def _summary(verdict: Verdict) -> Text:
    counts = Counter(finding.severity for finding in verdict.findings)
    parts = [
        f"{counts[severity]} {severity.value}{'' if counts[severity] == 1 else 's'}"
        for severity in Severity
        if counts[severity]
    ]
    word = ("valid", "green") if verdict.valid else ("not valid", "bold red")
    what = f"{verdict.format}, {verdict.entries} entries" if verdict.format else "no feed"
    return Text.assemble(f"{what}, ", word, f": {', '.join(parts)}" if parts else "")
