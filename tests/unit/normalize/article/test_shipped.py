"""The articles that the shipped site publishes come out whole, and always the same."""

from datetime import UTC, datetime
from pathlib import Path

from feedmill.model import Document, Fetched, Site, Source
from feedmill.normalize.article import normalize

NEWSROOM = Path(__file__).parents[4] / "sources" / "newsroom"
SITE = Site(
    title="Kabar Harian",
    url="https://example.org/",
    feeds_url="https://example.org/feeds/",
    id_authority="example.org",
    language="id",
    timezone="Asia/Jakarta",
)
SOURCE = Source(name="newsroom", kind="files", link="https://example.org/{path}")


def test_the_shipped_articles() -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    documents = tuple(
        Document(name=path.name, body=path.read_bytes(), modified=now) for path in sorted(NEWSROOM.iterdir())
    )
    result = normalize(SOURCE, SITE, Fetched(source="newsroom", documents=documents), now)
    assert result.problems == ()
    assert len(result.drafts) == 8
    assert result.unpublished == {"rencana-liputan-desember.md"}
    assert {draft.language for draft in result.drafts} == {"id", "en"}
    for draft in result.drafts:
        assert draft.published is not None, "a date in the file, or the first run dates it"
        assert datetime(2026, 9, 1, tzinfo=UTC) <= draft.published <= datetime(2026, 11, 16, tzinfo=UTC)
        assert draft.title
        assert draft.summary
        assert draft.url
        assert draft.content.count("<p>") >= 3
        assert "Scroll to Top" not in draft.content
