"""`feedmill run`: the service in the foreground, for systemd, a container or a terminal."""

from __future__ import annotations

import logging
import signal

import click

from feedmill.cli import log
from feedmill.cli.exits import Exit
from feedmill.cli.options import Common, common_options
from feedmill.cli.report import print_json_line, report_data
from feedmill.cli.site import assemble
from feedmill.model import Report
from feedmill.scheduler import Service

__all__ = ["command"]

_log = logging.getLogger(__name__)
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@click.command(name="run")
@common_options
def command(common: Common) -> int:
    """Collect and publish on schedule until stopped.

    SIGTERM (or Ctrl-C) finishes what is under way and stops; a second one stops at once. SIGHUP reads the
    configuration again, and keeps the old one if the new one is wrong. With --json each run's report is one line.
    """
    log.show_progress_of_service(quiet=common.quiet)
    on_report = _print if common.as_json else _say_nothing
    service = Service(lambda: assemble(common.config()), on_report=on_report)
    # Signals are waited for, not handled: a handler could interrupt any line of this thread. Threads started after this
    # line inherit the mask, so that this thread alone receives them.
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    service.start()
    _log.info("service: started with %s", common.file)
    while signal.sigwait(_SIGNALS) == signal.SIGHUP:
        service.reload()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGINT))
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    service.stop()
    return Exit.WELL


def _print(report: Report) -> None:
    print_json_line(report_data(report))


def _say_nothing(_: Report) -> None:
    """The log says it all."""
