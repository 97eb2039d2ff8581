"""What the exit code of every command says."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedmill.model import Report, Status

__all__ = ["Exit", "of_report"]


class Exit(IntEnum):
    """The exit codes, fixed for scripts."""

    WELL = 0
    PARTLY = 1
    USAGE = 2
    NOTHING = 3


def of_report(report: Report) -> Exit:
    """0 all well; 1 published, but a source, a feed or the front page failed; 3 nothing could be published.

    A feed that is held could be: it waits for somebody's word.
    """
    from feedmill.model import Status  # the command line itself, and its help, do without the model

    feeds: Sequence[Status] = [feed.status for feed in report.feeds]
    if feeds and all(feed.status is Status.FAILED and not feed.held for feed in report.feeds):
        return Exit.NOTHING
    failed = Status.FAILED in feeds or any(source.status is Status.FAILED for source in report.sources)
    failed = failed or bool(report.site.errors)
    return Exit.PARTLY if failed else Exit.WELL
