"""refresh(source) and publish(feed): the only part that knows all the stages.

It composes them and holds no rule of its own about feeds: what a look means is decided in `normalize` and
`changes`, when the next is due in `polling`, what a feed holds in `select`.
"""

from __future__ import annotations

from feedmill.pipeline.addressing import Addresses
from feedmill.pipeline.agenda import Agenda, address_of, host_of
from feedmill.pipeline.alerting import Channel
from feedmill.pipeline.explaining import Explanation, Place
from feedmill.pipeline.front import site_paths
from feedmill.pipeline.looks import Trial
from feedmill.pipeline.moving import Move, moves
from feedmill.pipeline.publishing import Destination, is_archive, paths
from feedmill.pipeline.roster import Roster
from feedmill.pipeline.site import Pipeline

__all__ = [
    "Addresses",
    "Agenda",
    "Channel",
    "Destination",
    "Explanation",
    "Move",
    "Pipeline",
    "Place",
    "Roster",
    "Trial",
    "address_of",
    "host_of",
    "is_archive",
    "moves",
    "paths",
    "site_paths",
]
