"""What every page works with: the site, a survey of it, the door, and whoever does what an operator asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from feedmill.pipeline import Pipeline
from feedmill.serve.dashboard.access import Access
from feedmill.serve.dashboard.errands import Errands
from feedmill.serve.dashboard.pages import Pages
from feedmill.serve.survey import Survey

__all__ = ["Desk"]


@dataclass(frozen=True, slots=True)
class Desk:
    """The dashboard's tools. `running` says whether a service lives beside it, None if none is meant to."""

    pipeline: Callable[[], Pipeline]
    survey: Callable[[], Survey]
    clock: Callable[[], datetime]
    running: Callable[[], bool] | None
    access: Access
    errands: Errands
    pages: Pages
