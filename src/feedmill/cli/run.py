"""`feedmill run`: the service in the foreground, for systemd, a container or a terminal."""

from __future__ import annotations

import logging
import signal
from typing import TYPE_CHECKING

import click

from feedmill.cli import log
from feedmill.cli.exits import Exit
from feedmill.cli.options import Common, common_options
from feedmill.cli.report import print_json_line, report_data
from feedmill.cli.serve import ADDRESS
from feedmill.cli.site import assemble
from feedmill.model import Report
from feedmill.pipeline import Pipeline
from feedmill.scheduler import Service

if TYPE_CHECKING:
    from feedmill.cli.serving import Serving

__all__ = ["command"]

_log = logging.getLogger(__name__)
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@click.command(name="run")
@click.option("--serve", "address", type=ADDRESS, metavar="HOST:PORT", help="Serve the published files there, too.")
@common_options
def command(common: Common, address: str | None) -> int:
    """Collect and publish on schedule until stopped.

    SIGTERM (or Ctrl-C) finishes what is under way and stops; a second one stops at once. SIGHUP reads the
    configuration again, and keeps the old one if the new one is wrong. With --json each run's report is one line.
    With --serve the web server runs beside it.
    """
    log.show_progress_of_service(quiet=common.quiet)
    on_report = _print if common.as_json else _say_nothing
    serving = _serving(common, address) if address else None

    def build() -> Pipeline:
        config = common.config()
        site = assemble(config)
        if serving is not None:
            serving.reconfigure(config)
        return site

    service = Service(build, on_report=on_report)
    if serving is not None:
        serving.on_push = service.wake
        serving.attend(service.perform, service.running)
    # Signals are waited for, not handled: a handler could interrupt any line of this thread. Threads started after this
    # line inherit the mask, so that this thread alone receives them.
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    service.start()
    if serving is not None:
        serving.server.start()
    _log.info("service: started with %s", common.file)
    while signal.sigwait(_SIGNALS) == signal.SIGHUP:
        service.reload()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGINT))
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    service.stop()
    if serving is not None:
        serving.server.stop()
        serving.close()
    return Exit.WELL


def _serving(common: Common, address: str) -> Serving:
    """Return a web server that has its addresses, so that a taken one ends the command before anything is done."""
    from feedmill.cli.serving import Serving  # a service that serves nothing never loads what this needs

    serving = Serving(common.config(), address)
    serving.server.bind()
    return serving


def _print(report: Report) -> None:
    print_json_line(report_data(report))


def _say_nothing(_: Report) -> None:
    """The log says it all."""
