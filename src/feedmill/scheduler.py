"""The service: APScheduler wakes it at the next due time, and it runs the pipeline.

Due times live in the state, not in the scheduler, so that nothing is lost or run twice over a restart. Runs never
overlap. This module must not know how a run goes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from concurrent.futures import CancelledError, Future
from datetime import datetime, timedelta
from threading import Event, Lock, Thread
from typing import Any, TypeVar

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

from feedmill import runs
from feedmill.errors import ConfigError, FeedmillError, StateError
from feedmill.model import Report
from feedmill.pipeline import Pipeline
from feedmill.times import iso

__all__ = ["Service"]

_log = logging.getLogger(__name__)

T = TypeVar("T")

_STOPPING = "the service is stopping"
_SOON = timedelta(seconds=1)
_AT_LATEST = timedelta(minutes=1)


class Service:
    """Runs a site until it is told to stop.

    `build` reads the configuration and puts a site together; it is called at the start and at each reload, and raises
    FeedmillError if it cannot. `on_report` is given the report of each run.
    """

    def __init__(self, build: Callable[[], Pipeline], on_report: Callable[[Report], None] = lambda _: None) -> None:
        self._build = build
        self._on_report = on_report
        self._pipeline = build()
        self._stop = Event()
        self._errands: set[Future[Any]] = set()
        self._reload = Event()
        # Embargoes may have ended while no service ran, so that there is something to do at once.
        self._due: datetime | None = self._pipeline.clock()
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            # One thread: wakings take turns, and one that finds nothing to do is over at once. None may be dropped,
            # which is what the library does by default to one that is a second late, or comes while another runs.
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1_000_000},
        )
        # Shutting the scheduler down holds its locks until the job that runs has ended; a job that books its successor
        # in that moment would wait for these locks, and they for it.
        self._booking = Lock()
        self._nudge = Thread(target=self._nudge_now_and_then, name="feedmill-nudge", daemon=True)

    def start(self) -> None:
        """Begin: what is due now is done at once, in the background."""
        self._scheduler.start()
        self._book()
        self._nudge.start()

    def reload(self) -> None:
        """Read the configuration again once the present run is over; if it is wrong, go on with the old one."""
        self._reload.set()
        self._book()

    def wake(self) -> None:
        """See whether there is something to do now, such as to read what a hub pushed."""
        self._book()

    def running(self) -> bool:
        """Return whether it was started, lives, and was not told to stop."""
        return self._nudge.is_alive() and self._scheduler.running and not self._stop.is_set()

    def perform(self, errand: Callable[[Pipeline], T]) -> T:
        """Do something between two runs, in the state's turn; return what it returns, or raise what it raises.

        Raises:
            StateError: the service stops before it comes to that.
        """
        done: Future[T] = Future()
        with self._booking:
            if self._stop.is_set():
                raise StateError(_STOPPING)
            self._errands.add(done)
            self._scheduler.add_job(self._do, _now(), args=(errand, done))
        try:
            return done.result()
        except CancelledError:
            raise StateError(_STOPPING) from None
        finally:
            self._errands.discard(done)
            self._book()

    def _do(self, errand: Callable[[Pipeline], T], done: Future[T]) -> None:
        if not done.set_running_or_notify_cancel():
            return
        try:
            with self._pipeline.store.turn(stop=self._stop) as mine:
                if mine:
                    done.set_result(errand(self._pipeline))
                else:
                    done.set_exception(StateError(_STOPPING))
        except BaseException as error:  # noqa: BLE001  # whatever it is, who asked for it is told
            done.set_exception(error)

    def stop(self) -> None:
        """Finish what is under way, publish it, and end; returns when that is done."""
        _log.info("service: stopping; what is under way is finished first")
        with self._booking:
            self._stop.set()
        # The library's thread must not be at its list of jobs while that is taken away, or it ends by an error. Asking
        # for the list waits for it.
        self._scheduler.pause()
        self._scheduler.get_jobs()
        self._scheduler.shutdown(wait=True)
        for errand in list(self._errands):  # those that it did not come to
            errand.cancel()
        self._nudge.join()
        self._close()
        _log.info("service: stopped")

    def _nudge_now_and_then(self) -> None:
        """Wake by a clock that nobody can set: due times can move by another process, and a time of day by anybody."""
        while not self._stop.wait(_AT_LATEST.total_seconds()):
            self._book()

    def _book(self, moment: datetime | None = None) -> None:
        """Wake at `moment`, instead of the moment that was booked last; without one, now."""
        with self._booking:
            if self._stop.is_set():
                return
            if moment is None:
                self._scheduler.add_job(self._wake, _now())
            else:
                self._scheduler.add_job(self._wake, DateTrigger(run_date=moment), id="due", replace_existing=True)

    def _wake(self) -> None:
        try:
            while self._reload.is_set() and not self._stop.is_set():
                self._reload.clear()
                self._read_again()
            pushed = runs.pushed(self._pipeline)
            if pushed and not self._stop.is_set():  # these alone, so that it takes no longer than it must
                self._run(pushed)
            # An embargo that has ended is no longer ahead, so what was due is remembered from before.
            due = _earliest(self._due, runs.next_due(self._pipeline))
            if due is not None and due <= self._pipeline.clock() and not self._stop.is_set():
                self._run()
                due = runs.next_due(self._pipeline)
            self._due = due
            if due is not None:
                _log.debug("service: next due at %s", iso(due))
                self._book(max(due, self._pipeline.clock() + _SOON))
        except FeedmillError as error:
            _log.error("service: %s", error)

    def _run(self, sources: Collection[str] | None = None) -> None:
        def waiting() -> None:
            _log.info("service: another feedmill is at work on this state; waiting for its end")

        report = None
        with self._pipeline.store.turn(waiting, self._stop) as mine:
            if mine:
                report = runs.run(self._pipeline, sources=sources, due=True, stop=self._stop)
        if report is not None:  # told without the turn: whoever listens may be slow
            self._on_report(report)

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

    def _close(self) -> None:
        self._pipeline.close()
        self._pipeline.store.close()


def _now() -> DateTrigger:
    """Return what the library takes for the present, without its search for plug-ins that are called `date`."""
    return DateTrigger(timezone="UTC")


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _sizes(pipeline: Pipeline) -> tuple[int, int]:
    return len(pipeline.config.sources), len(pipeline.config.feeds)
