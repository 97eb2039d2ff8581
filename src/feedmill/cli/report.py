"""What a run did, for programs: JSON. `tables` tells people."""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from feedmill.model import Report
from feedmill.times import iso

__all__ = ["print_json", "print_json_line", "report_data"]


def report_data(report: Report) -> dict[str, Any]:
    """Return the report in the form that `publish --json` promises."""
    return {
        "sources": [
            {
                "name": source.source,
                "status": source.status.value,
                "new": source.new,
                "changed": source.changed,
                "withdrawn": source.withdrawn,
                "error": source.error,
                "next": iso(source.next) if source.next else None,
                "problems": [str(problem) for problem in source.problems],
            }
            for source in report.sources
        ],
        "feeds": [
            {
                "name": feed.name,
                "status": feed.status.value,
                "entries": feed.entries,
                "files": list(feed.files),
                "error": feed.error,
                "problems": [str(problem) for problem in feed.problems],
            }
            for feed in report.feeds
        ],
        "site": list(report.site.written),
        "site_errors": list(report.site.errors),
        "seconds": round(report.seconds, 3),
    }


def print_json(data: Any) -> None:
    """Print `data` as one JSON document on standard output."""
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(data)) + b"\n")
    sys.stdout.flush()


def print_json_line(data: Any) -> None:
    """Print `data` as one line of JSON on standard output, at once."""
    sys.stdout.buffer.write(msgspec.json.encode(data) + b"\n")
    sys.stdout.flush()
