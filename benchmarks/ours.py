"""Feedmill as a contender: its configuration, its command, and what its report says that it did."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from benchmarks.measure import Sample, run
from benchmarks.setting import Setting

__all__ = ["publish", "write_config"]

_HEAD = """\
[site]
title = "Benchmark"
url = "https://benchmark.example/"
language = "en"
"""
_FEED = """
[[feeds]]
name = "all"
title = "All"
"""


def write_config(folder: Path, sources: Iterable[str], *, tables: str = "") -> None:
    """Write the configuration of a site with one feed of all `sources`, each the lines of its table."""
    parts = [_HEAD, tables, *(f"\n[[sources]]\n{source}\n" for source in sources), _FEED]
    (folder / "config.toml").write_text("".join(parts), "utf-8")


def publish(setting: Setting, folder: Path) -> Sample:
    """Collect everything and publish. Sources that fail are told of, not hidden: real feeds may be beyond repair."""
    sample, said = run([*setting.feedmill, "publish", "--json"], folder, codes=(0, 1))
    report = json.loads(said)
    statuses = Counter(source["status"] for source in report["sources"])
    written = sum(len(feed["files"]) for feed in report["feeds"] if feed["status"] == "written")
    parts = [
        f"{sum(source['new'] for source in report['sources']):,} new entries",
        *(f"{count:,} {status}" for status, count in sorted(statuses.items()) if status in {"unchanged", "failed"}),
        f"{written} documents written" if written else "nothing written",
    ]
    return replace(sample, did=", ".join(parts))
