"""What an operator can do here: look at a source now, release a held feed, go back to a version. Each is confirmed on a
page of its own, and only done for who is logged in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from feedmill import runs
from feedmill.model import FeedOutcome, FeedSpec, Outcome, Report, Status, Version
from feedmill.pipeline import Pipeline
from feedmill.serve.dashboard.desk import Desk
from feedmill.serve.dashboard.errands import TooManyErrands
from feedmill.serve.dashboard.pages import base_of, link
from feedmill.serve.dashboard.requests import fields, from_elsewhere, session_of
from feedmill.serve.dashboard.words import many, size

__all__ = ["Acting"]

_PATIENCE = 10.0
"""Seconds that a browser waits for what was asked for; what takes longer is told of on the pages."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something to do: what it is called, what it means, in sentences, where to go afterwards, and how it is done."""

    name: str
    button: str
    meaning: tuple[str, ...]
    after: str
    do: Callable[[Pipeline], tuple[bool, str]]


class Acting:
    """Answers requests to do something."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._acts = {"refresh": self._refresh, "release": self._release, "rollback": self._roll_back}

    def confirm(self, request: Request) -> Response:
        """Ask whether it is meant."""
        self._allowed(request)
        asked = {name: request.query_params.get(name, "") for name in ("name", "version")}
        act = self._act(request, asked)
        return self._desk.pages.render(
            request, "confirm.html", act=act, asked=asked, after=base_of(request) + act.after
        )

    async def do(self, request: Request) -> Response:
        """Do it, and go back to where it shows."""
        session = self._allowed(request)
        if from_elsewhere(request):
            raise HTTPException(403, "This form was sent by another site.")
        form = await fields(request)
        if not self._desk.access.proves(session, form.get("proof", "")):
            raise HTTPException(403, "This form is not one of yours any more. Load the page again.")
        act = await anyio.to_thread.run_sync(self._act, request, form)
        try:
            errand = self._desk.errands.ask(act.name, act.do)
        except TooManyErrands:
            raise HTTPException(503, "Too much waits to be done already. Try again later.") from None
        await anyio.to_thread.run_sync(errand.wait, _PATIENCE)
        return RedirectResponse(base_of(request) + act.after, 303)

    def _allowed(self, request: Request) -> str:
        session = session_of(request, self._desk.access)
        if session is None:
            raise HTTPException(403, "Only who is logged in with the operator's token may do that.")
        return session

    def _act(self, request: Request, asked: dict[str, str]) -> Act:
        make = self._acts.get(request.path_params["act"])
        if make is None:
            raise HTTPException(404, "There is no such thing to do.")
        return make(asked)

    def _refresh(self, asked: dict[str, str]) -> Act:
        name = asked.get("name", "")
        if name not in self._desk.survey().source_of:
            raise HTTPException(404, "There is no such source.")
        return Act(
            name=f"look at {name}",
            button="Look at it now",
            meaning=(
                f"{name} is looked at now, whether it is due or not, and the feeds that take from it are published.",
                "A server that asked to be left alone is left alone.",
            ),
            after=link(f"/source/{name}"),
            do=lambda site: _refreshed(name, runs.run(site, sources=[name])),
        )

    def _release(self, asked: dict[str, str]) -> Act:
        spec = self._spec(asked)
        head = spec.name.partition("/")[0]
        others = " and the feeds that it is split into" if head != spec.name or spec.split_by else ""
        return Act(
            name=f"release {head}",
            button="Publish it",
            meaning=(
                f"{head}{others} are published as they would be now, whatever holds them."
                if others
                else f"{head} is published as it would be now, whatever holds it.",
                "Nothing is collected before. The version that is published now is kept, and can be brought back.",
            ),
            after=link(f"/feed/{spec.name}"),
            do=lambda site: _released(runs.run(site, sources=(), feeds=[head], force=True)),
        )

    def _roll_back(self, asked: dict[str, str]) -> Act:
        spec, number = self._spec(asked), asked.get("version", "")
        version = _version(self._desk.pipeline(), spec, number)
        held = f"{many(version.entries, 'entry', 'entries')}, {size(version.size)}"
        return Act(
            name=f"roll {spec.name} back to version {version.number}",
            button="Bring it back",
            meaning=(
                f"{spec.name} is again what it was in version {version.number}: {held}.",
                "It stays at that version, and no run replaces it, until it is released.",
            ),
            after=link(f"/feed/{spec.name}"),
            do=lambda site: _rolled_back(site, spec, number),
        )

    def _spec(self, asked: dict[str, str]) -> FeedSpec:
        spec = self._desk.survey().spec_of.get(asked.get("name", ""))
        if spec is None:
            raise HTTPException(404, "There is no such feed.")
        return spec


def _version(site: Pipeline, spec: FeedSpec, number: str) -> Version:
    versions = site.store.versions(spec.name)
    found = next((one for one in versions if str(one.number) == number and one.paths), None)
    if found is None:
        raise HTTPException(404, "No such version is kept.")
    return found


def _refreshed(name: str, report: Report) -> tuple[bool, str]:
    outcome = next((one for one in report.sources if one.source == name), Outcome(source=name, status=Status.SKIPPED))
    if outcome.status in (Status.FAILED, Status.SKIPPED):
        return False, outcome.error or "It was not looked at."
    numbers = f"{outcome.new:,} new, {outcome.changed:,} changed, {outcome.withdrawn:,} withdrawn"
    return True, f"{numbers}. {_feeds(report.feeds)}"


def _released(report: Report) -> tuple[bool, str]:
    errors = [f"{feed.name}: {feed.error}" for feed in report.feeds if feed.error]
    return (False, " ".join(errors)) if errors else (True, _feeds(report.feeds))


def _rolled_back(site: Pipeline, spec: FeedSpec, number: str) -> tuple[bool, str]:
    version = next((one for one in site.store.versions(spec.name) if str(one.number) == number and one.paths), None)
    if version is None:
        return False, "No such version is kept any more."
    site.roll_back(spec, version)
    site.notify()
    return True, f"Version {version.number} is published again."


def _feeds(feeds: tuple[FeedOutcome, ...]) -> str:
    written = sum(feed.status is Status.WRITTEN for feed in feeds)
    failed = [feed.name for feed in feeds if feed.status is Status.FAILED]
    told = f"{many(written, 'feed')} written"
    return f"{told}; not published: {', '.join(failed[:5])}." if failed else f"{told}."
