"""The options that every command takes, and what they set up."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feedmill.cli import log
from feedmill.cli.log import LogFormat

if TYPE_CHECKING:
    from feedmill.config import Config

__all__ = ["Common", "common_options"]


@dataclass(frozen=True, slots=True)
class Common:
    """What the common options say. `as_json` asks for a machine-readable report on standard output."""

    file: Path
    quiet: bool
    verbose: bool
    as_json: bool

    def config(self) -> Config:
        """Read the configuration.

        Raises:
            ConfigError: it is wrong.
        """
        from feedmill.config import load

        return load(self.file, os.environ)


def common_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command -c, -q, -v, --log-format and --json, and call it with a `Common` first."""

    @click.option(
        "-c",
        "--config",
        "file",
        type=click.Path(path_type=Path),
        envvar="FEEDMILL_CONFIG",
        default="config.toml",
        show_default=True,
        help="The configuration file.",
    )
    @click.option("-q", "--quiet", is_flag=True, help="Say only what is wrong.")
    @click.option("-v", "--verbose", is_flag=True, help="Say everything.")
    @click.option(
        "--log-format",
        type=click.Choice([form.value for form in LogFormat]),
        envvar="FEEDMILL_LOG_FORMAT",
        default=LogFormat.TEXT.value,
        show_default=True,
        help="How the log on standard error is written.",
    )
    @click.option("--json", "as_json", is_flag=True, help="Print a machine-readable report on standard output.")
    @wraps(command)
    def with_options(*, file: Path, quiet: bool, verbose: bool, log_format: str, as_json: bool, **others: Any) -> Any:
        if quiet and verbose:
            raise click.UsageError("-q and -v exclude each other; give one of them.")
        log.set_up(quiet=quiet, verbose=verbose, form=LogFormat(log_format))
        return command(Common(file=file, quiet=quiet, verbose=verbose, as_json=as_json), **others)

    return with_options
