"""Per-source treatment through the command line: the example of docs/sources.md, against a server with a login."""

from __future__ import annotations

import re
from base64 import b64encode
from pathlib import Path

from sites import Site, rss
from upstream import Handler, Upstream

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"
LOGIN = f"Basic {b64encode(b'kabar:s3cret-pass').decode()}"
WORDS = (
    '<p class="newsletter">Subscribe!</p><p>Harga beras (WIRE) naik 5 < 10. Read more at Wire.</p>'
    '<p><a href="https://x.example/?utm_campaign=promo">Buy</a></p>'
)


def item(number: int, title: str, words: str = WORDS) -> str:
    escaped = words.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f"<item><guid isPermaLink='false'>tag:wire.example,2026:{number}</guid><title>{title}</title>"
        f"<link>https://wire.example/{number}</link><pubDate>{number:02d} Oct 2026 07:00:00 GMT</pubDate>"
        f"<description>{escaped}</description></item>"
    )


def feed(*items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>Wire</title>{''.join(items)}</channel></rss>".encode()


ITEMS = [
    item(9, "Harga beras (WIRE) naik"), item(8, "Banjir: an advertorial"), item(7, "Sepak bola", "<p>Gol.</p>"),
    item(6, "Banjir (WIRE)"),
]  # fmt: skip


def example(site: Site, url: str) -> None:
    """The example of the docs, asking a server of ours."""
    section = PAGE.read_text(encoding="utf-8").partition("## Per-source treatment")[2]
    text = re.findall(r"```toml\n(.*?)```", section, re.DOTALL)[0]
    local = '[fetch]\nallow_hosts = ["127.0.0.1"]\nhost_delay = "0s"\n\n'
    site.config = local + text.replace("https://wire.example/feed.xml", url)
    site.secrets = {"WIRE_PASSWORD": "s3cret-pass", "WIRE_KEY": "s3cret-key"}


def guarded(handler: Handler) -> None:
    sent = handler.headers
    if (sent["Authorization"], sent["X-Api-Key"], sent["X-Edition"]) != (LOGIN, "s3cret-key", "asia"):
        handler.reply(401, b"who are you?")
    else:
        handler.reply(200, feed(*ITEMS), Content_Type="application/rss+xml")


def test_the_example_of_the_docs(site: Site, upstream: Upstream) -> None:
    upstream.routes["/feed.xml"] = guarded
    example(site, upstream.url("/feed.xml"))
    ran = site.publish("-v")
    assert ran.code == 0, ran.err
    entries = site.read().entries
    assert [entry.title for entry in entries] == ["[Wire] Harga beras naik", "[Wire] Banjir"]
    assert [entry.id for entry in entries] == ["tag:wire.example,2026:9", "tag:wire.example,2026:6"]
    assert [tag.term for tag in entries[0].tags] == ["Agency"]
    published = (site.root / "feeds/all/atom.xml").read_text(encoding="utf-8")
    assert "Harga beras naik 5 &lt; 10. more: Wire." in published
    for word in ("Subscribe", "Buy", "WIRE", "advertorial", "&lt;p"):
        assert word not in published
    written = b"".join(path.read_bytes() for path in site.root.rglob("*") if path.is_file())
    assert "s3cret" not in ran.out + ran.err
    assert b"s3cret" not in written
    assert LOGIN.encode() not in written


def test_a_wrong_password_fails_that_source_and_is_not_shown(site: Site, upstream: Upstream) -> None:
    upstream.routes["/feed.xml"] = guarded
    example(site, upstream.url("/feed.xml"))
    site.secrets["WIRE_PASSWORD"] = "s3cret-but-wrong"
    ran = site.publish("-v")
    assert "401" in ran.source("wire")["error"]
    assert "auth" in ran.source("wire")["error"]
    assert "s3cret" not in ran.out + ran.err


def test_a_missing_secret_is_an_error_of_the_configuration(site: Site, upstream: Upstream) -> None:
    example(site, upstream.url("/feed.xml"))
    del site.secrets["WIRE_KEY"]
    ran = site.publish()
    assert ran.code == 2
    assert "the environment variable WIRE_KEY is not set" in ran.err
    assert upstream.asked == []


def test_a_pattern_that_hangs_is_reported_and_everything_is_published(site: Site, upstream: Upstream) -> None:
    upstream.serve("/slow", body=feed(item(2, "a" * 100 + "b"), item(1, "Two")), Content_Type="application/rss+xml")
    site.upstream("slow", upstream.url("/slow"))
    site.config += "replace = [{ pattern = '(a|aa)+$', with = '' }]\n"
    site.articles()
    (site.root / "news" / "one.md").write_text("# Own\n\nWords.\n")
    site.feed()
    ran = site.publish()
    assert "takes too long" in str(ran.source("slow")["problems"])
    assert set(site.titles()) == {"a" * 100 + "b", "Two", "Own"}


def test_articles_that_no_longer_pass_are_withdrawn(site: Site) -> None:
    folder = site.articles()
    site.config += "exclude = ['rahasia']\n"
    site.feed()
    (folder / "a.md").write_text("# A\n\nTerbuka.\n")
    (folder / "b.md").write_text("# B\n\nTerbuka.\n")
    site.publish()
    assert sorted(site.titles()) == ["A", "B"]
    (folder / "b.md").write_text("# B\n\nIni rahasia.\n")
    assert site.publish().source("news")["withdrawn"] == 1
    assert site.titles() == ["A"]


def test_treatment_changed_later_keeps_ids(site: Site, upstream: Upstream) -> None:
    upstream.serve("/feed", body=rss(("1", "One"), ("2", "Two")), ETag='"1"', Content_Type="application/rss+xml")
    site.upstream("up", upstream.url("/feed"))
    plain = site.config
    site.feed()
    site.publish()
    before = site.ids()
    site.config = f"{plain}title_prefix = 'Up:'\ncontent = 'link'\n"
    site.feed()
    ran = site.publish()
    assert (ran.source("up")["new"], ran.source("up")["changed"]) == (0, 2)
    assert site.ids() == {f"Up: {title}": id_ for title, id_ in before.items()}
    assert "Words of" not in (site.root / "feeds/all/atom.xml").read_text(encoding="utf-8")
