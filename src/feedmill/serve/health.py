"""`/healthz`: whether the site can be served, and is as it should be, for load balancers and monitors.

What is judged is a survey; this module must not know how it was made.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from feedmill import __version__
from feedmill.errors import FeedmillError
from feedmill.model import Condition
from feedmill.serve.survey import Survey

__all__ = ["FAILURES_IN_A_ROW", "Health", "Judgement", "health_app", "judge", "overdue"]

_log = logging.getLogger(__name__)

FAILURES_IN_A_ROW = 3
"""A source that failed fewer times may just have had a bad day."""

LATE = timedelta(hours=1)
"""How long after its time a source may be looked at before somebody should ask why."""

_PATIENCE = 5.0  # seconds
_NAMED = 5  # names in a sentence


class Health(StrEnum):
    """All is well; something needs somebody; it cannot be served."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a site is, and why it is not well, each reason a sentence without its full stop."""

    health: Health
    reasons: tuple[str, ...] = ()


def judge(survey: Survey, now: datetime, *, running: bool | None, named: bool = True) -> Judgement:
    """Judge a site by a survey of it. `running` says whether the service that keeps it current lives, None if there is
    none beside the server. Unless `named`, the reasons count sources, feeds and hubs, and name none."""
    if running is False:
        return Judgement(Health.FAILING, ("the service has stopped: nothing is collected or published",))
    reasons: list[str] = []
    failed = [spec.name for spec in survey.specs if (state := survey.feeds.get(spec.name)) and state.error]
    if failed:
        reasons.append(f"{_counted(failed, 'feed', named=named)} could not be published")
    held = [spec.name for spec in survey.specs if (state := survey.feeds.get(spec.name)) and state.held]
    if held:
        reasons.append(f"{_counted(held, 'feed', named=named)} {_is(held)} held back, and somebody has to decide")
    ill = [one.name for one in survey.sources if survey.state(one.name).failures >= FAILURES_IN_A_ROW]
    if ill:
        reasons.append(f"{_counted(ill, 'source', named=named)} failed {FAILURES_IN_A_ROW} times or more in a row")
    if survey.conditions[Condition.GONE]:
        gone = [source.name for source in survey.sources if survey.state(source.name).gone]
        reasons.append(f"{_counted(gone, 'source', named=named)} {_is(gone)} gone for good")
    late = overdue(survey, now)
    if late:
        reasons.append(f"{_counted(late, 'source', named=named)} should have been looked at more than an hour ago")
    hubs = sorted({ping.hub for ping in survey.pings if ping.failures >= FAILURES_IN_A_ROW})
    if hubs:
        reasons.append(f"{_counted(hubs, 'hub', named=named)} cannot be told of changes")
    return Judgement(Health.DEGRADED if reasons else Health.OK, tuple(reasons))


def overdue(survey: Survey, now: datetime) -> list[str]:
    """Return the names of the sources whose time came long ago: nobody runs, or runs take too long."""
    states = (survey.state(source.name) for source in survey.sources)
    return [state.name for state in states if state.next_look and not state.gone and state.next_look < now - LATE]


def health_app(
    survey: Callable[[], Survey],
    clock: Callable[[], datetime],
    running: Callable[[], bool] | None = None,
    *,
    named: bool = True,
) -> Starlette:
    """Return the application at `/healthz`, `/healthz/live` (the process does its work) and `/healthz/ready` (it can
    serve).

    The answers are JSON, with status 200, or 503 where the site cannot be served. Where everybody may ask, the reasons
    should not be `named`.
    """

    async def judged() -> Judgement:
        alive = running() if running is not None else None
        try:
            with anyio.fail_after(_PATIENCE):
                found = await anyio.to_thread.run_sync(survey, abandon_on_cancel=True)
        except TimeoutError:
            return Judgement(Health.FAILING, (f"the state did not answer within {_PATIENCE:g} s",))
        except FeedmillError as error:
            _log.error("healthz: %s", error)
            return Judgement(Health.FAILING, ("the state cannot be used; the log says why",))
        return judge(found, clock(), running=alive, named=named)

    async def whole(_: Request) -> Response:
        return _answer(await judged())

    async def live(_: Request) -> Response:
        dead = running is not None and not running()
        reasons = ("the service has stopped: nothing is collected or published",) if dead else ()
        return _answer(Judgement(Health.FAILING if dead else Health.OK, reasons))

    async def ready(_: Request) -> Response:
        judgement = await judged()
        return _answer(judgement if judgement.health is Health.FAILING else Judgement(Health.OK))

    routes = (("/healthz", whole), ("/healthz/live", live), ("/healthz/ready", ready))
    return Starlette(routes=[Route(path, endpoint, methods=["GET"]) for path, endpoint in routes])


def _answer(judgement: Judgement) -> Response:
    told = {"status": judgement.health.value, "reasons": list(judgement.reasons), "version": __version__}
    status = 503 if judgement.health is Health.FAILING else 200
    return JSONResponse(told, status, headers={"Cache-Control": "no-store"})


def _counted(names: Sequence[str], what: str, *, named: bool) -> str:
    number = f"1 {what}" if len(names) == 1 else f"{len(names)} {what}s"
    if not named:
        return number
    shown = ", ".join(names[:_NAMED])
    return f"{number} ({shown}{', …' if len(names) > _NAMED else ''})"


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
