"""The command line: parse, wire, report, exit code.

Thin: each command is a module of this package, imported when it is called, so that no command waits for the imports of
another. Nothing here decides anything about feeds.
"""

from __future__ import annotations

import gc
import sys
from importlib import import_module

import click

from feedmill import __version__
from feedmill.cli.exits import Exit
from feedmill.cli.log import say
from feedmill.cli.output import guard
from feedmill.errors import ConfigError, FeedmillError

__all__ = ["command_line", "main"]

_COMMANDS = {
    "publish": "Collect sources and publish feeds, once.",
    "run": "Collect and publish on schedule until stopped.",
    "serve": "Serve the published files until stopped.",
    "rollback": "Bring back an earlier version of a feed.",
    "validate": "Hold any feed against the rules of its format.",
    "status": "Show how every source and feed is doing.",
    "subscribers": "Show how many read each feed, and with what.",
    "why": "Tell why an entry is in a feed, or is not.",
    "token": "Say who may read private feeds.",
    "backup": "Write a copy of the state, also while the service runs.",
    "restore": "Put a copy of the state back, also while the service runs.",
    "check": "Check configuration, folders, sources and published files.",
}


class _Commands(click.Group):
    """Commands by name, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"feedmill.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="feedmill")
def command_line() -> None:
    """Publish RSS, Atom and JSON feeds from article files and upstream feeds."""


def main() -> None:
    """Run the command line and exit with 0, 1, 2 or 3 (see `exits`)."""
    # Values are made by the ten thousand, and have no cycles that would have to be looked for after every 700.
    gc.set_threshold(50_000, 10, 10)
    output = guard()
    code = _run()
    sys.stdout.flush()
    if output.failure is not None:
        click.echo(f"feedmill: standard output cannot be written ({output.failure.strerror})", err=True)
        code = code or Exit.PARTLY
    sys.exit(code)


def _run() -> int:
    try:
        return int(command_line.main(standalone_mode=False) or 0)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.Abort:
        click.echo("Stopped.", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except ConfigError as error:
        for finding in error.findings:
            say(finding)
        return Exit.USAGE
    except FeedmillError as error:
        say(f"feedmill: {error}")
        return Exit.NOTHING
