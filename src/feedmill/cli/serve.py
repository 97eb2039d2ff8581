"""`feedmill serve`: the web server alone, in the foreground."""

from __future__ import annotations

import logging
from threading import Lock

import click

from feedmill.cli import log
from feedmill.cli.exits import Exit
from feedmill.cli.options import Common, common_options
from feedmill.cli.report import print_json_line
from feedmill.cli.site import assemble
from feedmill.config import listening
from feedmill.errors import ConfigError, FeedmillError

__all__ = ["ADDRESS", "command"]

_log = logging.getLogger(__name__)


class _Address(click.ParamType[str]):
    """`host:port`, as the configuration takes it."""

    name = "address"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return listening.address(value)
        except ValueError as error:
            self.fail(f"it {error}", param, ctx)


ADDRESS = _Address()


@click.command(name="serve")
@click.argument("address", required=False, type=ADDRESS, metavar="[HOST:PORT]")
@common_options
def command(common: Common, address: str | None) -> int:
    """Serve the published files until stopped.

    HOST:PORT is where, instead of the address under [serve]; a port of 0 is any that is free. SIGTERM (or Ctrl-C)
    finishes what is being answered and stops. SIGHUP reads the configuration again, and keeps the old one if the new
    one is wrong. With --json the addresses are printed as one line of JSON.
    What hubs of upstreams push is collected and published at once; all else is left to `publish`.
    """
    from feedmill.cli.serving import Serving
    from feedmill.serve.reading import PushReader

    log.show_progress_of_service(quiet=common.quiet)
    serving = Serving(common.config(), address)
    reader = PushReader(lambda: assemble(common.config()))
    serving.on_push = reader.wake

    turn = Lock()  # of two reloads the one that reads last is the one that counts

    def reload() -> None:
        with turn:
            read_again()

    def read_again() -> None:
        try:
            serving.reconfigure(common.config())
        except ConfigError as error:
            for finding in error.findings:
                _log.error("%s", finding)
            _log.error("serve: the configuration was not reloaded; the old one stays")
        except FeedmillError as error:
            _log.error("serve: not reloaded, the old configuration stays: %s", error)
        else:
            _log.info("serve: configuration reloaded")

    def ready() -> None:
        reader.start()
        if common.as_json:
            print_json_line({"addresses": list(serving.server.addresses)})

    try:
        serving.server.run(ready, reload)
    finally:
        reader.stop()
        serving.close()
    return Exit.WELL
