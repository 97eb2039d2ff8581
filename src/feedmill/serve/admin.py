"""What an operator's programs and browsers are shown of a site that runs: health, metrics and the dashboard, together.

The applications are for the paths `/healthz`, `/metrics` and `/status`, by which they are asked as they came. This
module must not know how any of them works, nor who listens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from starlette.types import ASGIApp

from feedmill import times
from feedmill.pipeline import Pipeline
from feedmill.serve.bearer import Bearer
from feedmill.serve.dashboard import Dashboard, Perform
from feedmill.serve.health import health_app
from feedmill.serve.hosts import HostGuard, hosts_of
from feedmill.serve.metrics import metrics_app
from feedmill.serve.survey import Surveyor

__all__ = ["Admin", "in_turn"]

T = TypeVar("T")


class Admin:
    """The applications of a site. `pipeline` returns the site as it is configured now.

    Args:
        pipeline: it is read from many threads.
        perform: does something with the site while nobody else changes it: `in_turn`, or the service's own.
        token: the operator's, None for a dashboard that is for reading alone.
        running: returns whether the service lives that keeps the site current; None if there is none beside.
        answered: returns how many requests for feeds the server answered, by status.
        clock: returns the present, aware UTC.
    """

    def __init__(
        self,
        pipeline: Callable[[], Pipeline],
        perform: Perform,
        *,
        token: str | None = None,
        running: Callable[[], bool] | None = None,
        answered: Callable[[], Mapping[int, int]] | None = None,
        clock: Callable[[], datetime] = times.now,
    ) -> None:
        self._surveyor = Surveyor(pipeline)
        survey = self._surveyor.survey
        self._dashboard = Dashboard(pipeline, survey, perform, token=token, running=running, clock=clock)
        apps: dict[str, ASGIApp] = {
            "healthz": health_app(survey, clock, running),
            "metrics": metrics_app(survey, answered),
            "status": self._dashboard,
        }
        hosts = hosts_of(pipeline().config)
        self.apps: Mapping[str, ASGIApp] = {name: HostGuard(app, hosts) for name, app in apps.items()}
        """By the first segment of the path, as they are for the operator's own address."""
        shared = apps | ({"metrics": Bearer(apps["metrics"], token)} if token else {})
        self.exposed: Mapping[str, ASGIApp] = {name: HostGuard(app, hosts) for name, app in shared.items()}
        """The same for an address that others reach: what has no login of its own asks for the token."""
        self.public: Mapping[str, ASGIApp] = {"healthz": health_app(survey, clock, running, named=False)}
        """What of it everybody may ask, in the form for everybody."""

    def close(self) -> None:
        """End what goes on, streams of events above all, so that a server can stop; any thread may ask for it."""
        self._dashboard.close()
        self._surveyor.close()


def in_turn(pipeline: Callable[[], Pipeline]) -> Perform:
    """Return how something is done with a site that no service of this process runs: in the state's turn."""

    def perform(errand: Callable[[Pipeline], T]) -> T:
        site = pipeline()
        with site.store.turn():
            return errand(site)

    return perform
