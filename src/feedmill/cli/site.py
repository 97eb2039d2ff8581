"""Putting a site together from its configuration."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from feedmill.cli.operator import channels
from feedmill.config import Config
from feedmill.config.addresses import state_file
from feedmill.pipeline import Pipeline
from feedmill.publish import place_of
from feedmill.store import Store

__all__ = ["assemble", "is_new", "opened", "say_waiting"]

_log = logging.getLogger(__name__)


def assemble(config: Config) -> Pipeline:
    """Open the state and the publishing folder of a site.

    Raises:
        StateError: the state cannot be used.
    """
    return Pipeline(
        config, Store(config.state_url), place_of(config), tell=_tell, channels=channels(config, os.environ)
    )


def _tell(hub: str, topics: Sequence[str], user_agent: str) -> None:
    from feedmill.notify import tell_hub  # a site without hubs never loads what this needs

    tell_hub(hub, topics, user_agent)


@contextmanager
def opened(config: Config, *, rehearsal: bool = False) -> Iterator[Pipeline]:
    """A site for the time of one command; with `rehearsal` nothing that it does is kept.

    Raises:
        StateError: the state cannot be used.
    """
    if rehearsal:
        with Store.throwaway(config.state_url) as store:
            pipeline = Pipeline(config, store, place_of(config, rehearsal=True))
            try:
                yield pipeline
            finally:
                pipeline.close()
        return
    pipeline = assemble(config)
    try:
        yield pipeline
    finally:
        pipeline.close()
        pipeline.store.close()


def is_new(config: Config) -> bool:
    """Return whether nothing was ever stored for this site."""
    try:
        state_file(config.state_url, config.root).lstat()
    except FileNotFoundError:
        return True
    except OSError:  # opening it says what is wrong
        return False
    return False


def say_waiting() -> None:
    """Tell why nothing happens for the moment."""
    _log.warning("another feedmill is at work on this state; waiting for its end")
