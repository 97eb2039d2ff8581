"""What a look brought, read here and in another process: the same drafts, and the same refusals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import factories
from feedmill.changes import revision
from feedmill.errors import NormalizeError
from feedmill.jobs.processes import Processes
from feedmill.model import Document, Fetched
from feedmill.normalize import normalizer
from feedmill.pipeline.reading import Readings

ITEM = "<item><guid>urn:x:{0}</guid><title>News {0}</title><description>{1}</description></item>"
FEED = "<rss version='2.0'><channel><title>Up</title>{}</channel></rss>"


@pytest.fixture(params=[0, 1])
def readings(request: pytest.FixtureRequest) -> Iterator[Readings]:
    """A reader with another process, and one without."""
    started = Readings(factories.SITE, Processes(patience=1, processes=request.param))
    yield started
    started.close()


def fetched(body: str) -> Fetched:
    url = "https://up.example/feed"
    return Fetched(source="s", documents=(Document(name=url, url=url, body=body.encode()),))


@pytest.mark.parametrize("number", [1, 100])
def test_what_is_read_elsewhere_is_what_would_be_read_here(readings: Readings, number: int) -> None:
    came = fetched(FEED.format("".join(ITEM.format(one, "Words. " * 30) for one in range(number))))
    reading = readings.read(factories.upstream(), came, factories.NOW)
    assert reading.came == normalizer("feed")(factories.upstream(), factories.SITE, came, factories.NOW)
    assert list(reading.revisions) == [revision(draft) for draft in reading.came.drafts]
    assert len(reading.came.drafts) == number


def test_a_document_that_cannot_be_read_is_refused_wherever_it_is_read(readings: Readings) -> None:
    with pytest.raises(NormalizeError, match="HTML page") as caught:
        readings.read(factories.upstream(), fetched("<html><body>" + "no feed " * 2000), factories.NOW)
    assert caught.value.where == "https://up.example/feed"
