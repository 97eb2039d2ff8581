"""The service: APScheduler wakes it at the next due time, and it runs the pipeline.

Due times live in the state, not in the scheduler, so that nothing is lost or run twice over a restart. Runs never
overlap. This module must not know how a run goes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

from feedmill import runs
from feedmill.errors import ConfigError, FeedmillError
from feedmill.pipeline import Pipeline
from feedmill.times import iso

__all__ = ["Service"]

_log = logging.getLogger(__name__)

_SOON = timedelta(seconds=1)
_AT_LATEST = timedelta(minutes=1)
"""Due times can move without our doing: by another process on the same state, or a clock that is set."""


class Service:
    """Runs a site until it is told to stop.

    `build` reads the configuration and puts a site together; it is called at the start and at each reload, and raises
    FeedmillError if it cannot.
    """

    def __init__(self, build: Callable[[], Pipeline]) -> None:
        self._build = build
        self._pipeline = build()
        self._stop = Event()
        # Embargoes may have ended while no service ran, so that there is something to do at once.
        self._due: datetime | None = self._pipeline.clock()
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            # One thread: runs and reloads take turns.
            executors={"default": ThreadPoolExecutor(1)},
            # The library's own default drops a run that is over a second late.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def start(self) -> None:
        """Begin: what is due now is done at once, in the background."""
        self._scheduler.start()
        self._wake_in(timedelta())

    def reload(self) -> None:
        """Read the configuration again once the present run is over; if it is wrong, go on with the old one."""
        self._scheduler.add_job(self._read_again, id="reload", replace_existing=True)

    def stop(self) -> None:
        """Finish what is under way, publish it, and end; returns when that is done."""
        _log.info("service: stopping; what is under way is finished first")
        self._stop.set()
        self._scheduler.shutdown(wait=True)
        self._close()
        _log.info("service: stopped")

    def _wake_in(self, delay: timedelta) -> None:
        due = self._pipeline.clock() + delay
        self._scheduler.add_job(self._wake, DateTrigger(run_date=due), id="wake", replace_existing=True)

    def _wake(self) -> None:
        delay = _AT_LATEST
        try:
            # An embargo that has ended is no longer ahead, so what was due is remembered from before.
            due = _earliest(self._due, runs.next_due(self._pipeline))
            if due is not None and due <= self._pipeline.clock():
                self._run()
                due = runs.next_due(self._pipeline)
            self._due = due
            if due is not None:
                _log.debug("service: next due at %s", iso(due))
                delay = min(max(due - self._pipeline.clock(), _SOON), _AT_LATEST)
        except FeedmillError as error:
            _log.error("service: %s", error)
        finally:
            if not self._stop.is_set():
                self._wake_in(delay)

    def _run(self) -> None:
        def waiting() -> None:
            _log.info("service: another feedmill is at work on this state; waiting for its end")

        with self._pipeline.store.turn(waiting):
            runs.run(self._pipeline, due=True, stop=self._stop)

    def _read_again(self) -> None:
        try:
            fresh = self._build()
        except ConfigError as error:
            for finding in error.findings:
                _log.error("%s", finding)
            _log.error("service: the configuration was not reloaded; the old one stays")
            return
        except FeedmillError as error:
            _log.error("service: not reloaded, the old configuration stays: %s", error)
            return
        self._close()
        self._pipeline = fresh
        self._due = fresh.clock()
        _log.info("service: configuration reloaded, %d sources, %d feeds", *_sizes(fresh))
        self._wake_in(timedelta())

    def _close(self) -> None:
        self._pipeline.close()
        self._pipeline.store.close()


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _sizes(pipeline: Pipeline) -> tuple[int, int]:
    return len(pipeline.config.sources), len(pipeline.config.feeds)
