"""The values that flow from stage to stage: Source -> Fetched -> Draft -> Entry -> feed.

Frozen, slotted dataclasses over the standard library alone. This package must not know
how any of them is collected, stored, rendered or configured.
"""

from __future__ import annotations

from feedmill.model.entry import (
    Alias,
    AliasKind,
    Category,
    Draft,
    Enclosure,
    Entry,
    Item,
    Link,
    Media,
    Origin,
    Person,
    Point,
    Thumbnail,
)
from feedmill.model.look import (
    Changes,
    Document,
    Fetched,
    Hints,
    Known,
    Ledger,
    Normalized,
    Problem,
    Subscription,
    Validators,
)
from feedmill.model.outcome import FeedOutcome, FeedState, HostState, Outcome, Report, SourceState, Status
from feedmill.model.recording import Chapter, MediaFile, MediaTags, Recording
from feedmill.model.settings import (
    Auth,
    Content,
    FeedSpec,
    FetchSettings,
    Order,
    Replacement,
    Schedule,
    Selectors,
    Site,
    Source,
    Treatment,
)

__all__ = [
    "Alias",
    "AliasKind",
    "Auth",
    "Category",
    "Changes",
    "Chapter",
    "Content",
    "Document",
    "Draft",
    "Enclosure",
    "Entry",
    "FeedOutcome",
    "FeedSpec",
    "FeedState",
    "FetchSettings",
    "Fetched",
    "Hints",
    "HostState",
    "Item",
    "Known",
    "Ledger",
    "Link",
    "Media",
    "MediaFile",
    "MediaTags",
    "Normalized",
    "Order",
    "Origin",
    "Outcome",
    "Person",
    "Point",
    "Problem",
    "Recording",
    "Replacement",
    "Report",
    "Schedule",
    "Selectors",
    "Site",
    "Source",
    "SourceState",
    "Status",
    "Subscription",
    "Thumbnail",
    "Treatment",
    "Validators",
]
