"""A feed and an entry in which every field is filled, as a newsroom's would be."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feedmill.model import (
    Category,
    Enclosure,
    Entry,
    FeedSpec,
    Link,
    Media,
    Origin,
    Person,
    Point,
    Site,
    Thumbnail,
)


@pytest.fixture
def spec() -> FeedSpec:
    return FeedSpec(
        name="all",
        title="Kabar Harian: semua",
        id="tag:example.org,2026:feed/all",
        base_url="https://example.org/feeds/all/",
        description="Berita & laporan",
        language="id",
        site=Site(
            title="Kabar Harian",
            url="https://example.org/",
            feeds_url="https://example.org/feeds/",
            id_authority="example.org",
            language="id",
            author=Person(name="Redaksi", email="redaksi@example.org", uri="https://example.org/redaksi"),
            rights="© 2026 Kabar Harian",
            icon="https://example.org/icon.svg",
            logo="https://example.org/logo.png",
        ),
    )


@pytest.fixture
def entry() -> Entry:
    return Entry(
        id="tag:example.org,2026-11-02:newsroom/banjir",
        source="newsroom",
        published=datetime(2026, 11, 2, 7, 0, tzinfo=UTC),
        updated=datetime(2026, 11, 3, 8, 30, tzinfo=UTC),
        first_seen=datetime(2026, 11, 2, 7, 5, tzinfo=UTC),
        title="Tinggi air < 2 m & turun",
        url="https://example.org/2026/banjir?a=1&b=2",
        summary="Air surut: tinggi < 2 m & turun.",
        content='<p>Air <em>surut</em> &amp; turun.</p><p><img src="https://example.org/air.jpg" alt=""></p>',
        authors=(Person(name="Sari", email="sari@example.org", uri="https://example.org/sari"), Person(name="Budi")),
        contributors=(Person(name="Wati", email="wati@example.org", uri="https://example.org/wati"),),
        categories=(
            Category(term="banjir", scheme="https://example.org/topik", label="Banjir & cuaca"),
            Category(term="kota"),
        ),
        enclosures=(
            Enclosure(url="https://example.org/a.mp3", type="audio/mpeg", length=1234, title="Wawancara"),
            Enclosure(url="https://example.org/b.ogg?dl=1"),
        ),
        media=(
            Media(
                url="https://example.org/air.jpg",
                type="image/jpeg",
                medium="image",
                width=800,
                height=600,
                length=4321,
            ),
            Media(url="https://example.org/air.mp4", type="video/mp4", medium="video", duration=61),
        ),
        thumbnails=(Thumbnail(url="https://example.org/air-kecil.jpg", width=80, height=60),),
        links=(
            Link(href="https://example.org/peta", rel="related", type="text/html", hreflang="en", title="Peta"),
            Link(href="https://example.com/asal", rel="via"),
            Link(href="https://example.org/komentar.atom", rel="replies", type="application/atom+xml"),
        ),
        language="jv",
        rights="CC BY 4.0",
        comments="https://example.org/2026/banjir#komentar",
        origin=Origin(
            title="Warta Kota",
            id="tag:example.com,2020:warta",
            url="https://example.com/feed.xml",
            link="https://example.com/",
        ),
        point=Point(latitude=-6.2, longitude=106.816666),
    )
