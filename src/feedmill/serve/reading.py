"""Reading what hubs pushed where no service does it: in a thread, whenever something came, and publishing it.

This module must not know how a push came, nor how a run goes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread

from feedmill import runs
from feedmill.errors import ConfigError, FeedmillError
from feedmill.model import Report
from feedmill.pipeline import Pipeline

__all__ = ["PushReader"]

_log = logging.getLogger(__name__)

_AGAIN_SECONDS = 60.0


class PushReader:
    """Runs the sources that were pushed, under the state's turn, so that a `publish` beside it is waited for.

    `build` reads the configuration and puts the site together for one run; it raises FeedmillError if it cannot.
    `on_report` is given the report of each run.
    """

    def __init__(self, build: Callable[[], Pipeline], on_report: Callable[[Report], None] = lambda _: None) -> None:
        self._build = build
        self._on_report = on_report
        self._woken, self._stop = Event(), Event()
        self._thread = Thread(target=self._read, name="feedmill-pushes", daemon=True)

    def start(self) -> None:
        """Begin with what came while nobody read it."""
        self._woken.set()
        self._thread.start()

    def wake(self) -> None:
        """Read what has come; returns at once."""
        self._woken.set()

    def stop(self) -> None:
        """Finish what is under way, publish it, and end; returns when that is done."""
        self._stop.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join()

    def _read(self) -> None:
        wait: float | None = None
        while True:
            self._woken.wait(wait)
            if self._stop.is_set():
                return
            self._woken.clear()
            wait = None if self._run() else _AGAIN_SECONDS

    def _run(self) -> bool:
        """Run what was pushed; return whether that could be done."""
        try:
            site = self._build()
            try:
                report = self._run_at(site)
            finally:
                site.close()
                site.store.close()
        except ConfigError as error:
            for finding in error.findings:
                _log.error("%s", finding)
            _log.error("serve: what was pushed waits until the configuration is right")
            return False
        except FeedmillError as error:
            _log.error("serve: what was pushed waits: %s", error)
            return False
        if report is not None:
            self._on_report(report)
        return True

    def _run_at(self, site: Pipeline) -> Report | None:
        if not runs.pushed(site):
            return None

        def waiting() -> None:
            _log.info("serve: another feedmill is at work on this state; waiting for its end")

        with site.store.turn(waiting, self._stop) as mine:
            pushed = runs.pushed(site) if mine else []  # the other one may have read it
            return runs.run(site, sources=pushed, due=True, stop=self._stop) if pushed else None
