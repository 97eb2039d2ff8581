"""`feedmill validate`: any feed, wherever it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from documents import ATOM, JSON, RDF, RSS
from sites import Site
from upstream import Upstream


@pytest.fixture
def anywhere(site: Site) -> Site:
    """A folder with four feeds and no configuration."""
    for name, body in {"a.xml": ATOM, "r.xml": RSS, "j.json": JSON, "d.rdf": RDF}.items():
        (site.root / name).write_text(body, encoding="utf-8")
    return site


def validate(site: Site, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the command where there is no configuration."""
    done = subprocess.run(
        [sys.executable, "-m", "feedmill", "validate", *arguments],
        cwd=site.root,
        env=site.environment,
        input=given,
        capture_output=True,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    return done


def test_valid_feeds_of_every_format(anywhere: Site) -> None:
    done = validate(anywhere, "a.xml", "r.xml", "j.json", "d.rdf")
    assert done.returncode == 0
    assert done.stdout.decode().splitlines() == [
        "a.xml: Atom 1.0, 2 entries, valid",
        "r.xml: RSS 2.0, 2 entries, valid",
        "j.json: JSON Feed 1.1, 2 entries, valid",
        "d.rdf: RSS 1.0, 1 entries, valid",
    ]


def test_what_is_wrong_is_told_with_its_line_and_what_to_do(anywhere: Site) -> None:
    """It is what docs/validate.md shows."""
    body = RSS.replace("Tue, 03 Nov", "Wed, 03 Nov").replace("<title>Satu", "<title>").encode()
    (anywhere.root / "feed.xml").write_bytes(body)
    page = (Path(__file__).parents[2] / "docs" / "validate.md").read_text(encoding="utf-8")
    assert f"$ feedmill validate feed.xml\n{validate(anywhere, 'feed.xml').stdout.decode()}```" in page
    done = validate(anywhere, "-", given=body)
    assert done.returncode == 1
    assert done.stdout.decode().splitlines() == [
        "-: RSS 2.0, 2 entries, not valid: 1 error, 1 warning",
        "  line 9: error: <lastBuildDate>: `Wed, 03 Nov 2026 08:30:00 GMT` was a Tue, not a Wed (dates)",
        "    Write dates as in `Tue, 03 Nov 2026 08:30:00 GMT`.",
        "  line 18: warning: <title> is blank (blank)",
        "    Fill it, or leave it out.",
    ]
    assert b"warning:" not in validate(anywhere, "-q", "-", given=body).stdout


def test_warnings_alone_leave_a_feed_valid(anywhere: Site) -> None:
    done = validate(anywhere, "-", given=RSS.replace('rel="self"', 'rel="hub"').encode())
    assert (done.returncode, b"valid: 1 warning" in done.stdout) == (0, True)


def test_many_findings_of_one_rule_are_counted(anywhere: Site) -> None:
    item = "<item><title>x</title><guid>no</guid><pubDate>Sun, 01 Nov 2026 07:00:00 GMT</pubDate></item>\n"
    done = validate(anywhere, "-", given=RSS.replace("</channel>", item * 9 + "</channel>").encode())
    assert b"and 4 more of permalink" in done.stdout


def test_the_report_for_programs(anywhere: Site) -> None:
    (anywhere.root / "a.xml").write_text(ATOM.replace("tag:example.org,2026:2", "2"), encoding="utf-8")
    ran = anywhere.run("validate", "--json", "a.xml", "missing.xml")
    assert ran.code == 2
    reports: Any = ran.report
    broken, missing = reports
    assert (broken["format"], broken["entries"], broken["valid"], broken["error"]) == ("Atom 1.0", 2, False, None)
    assert broken["findings"][0] | {"hint": ""} == {
        "rule": "ids",
        "severity": "error",
        "line": 25,
        "what": "the <id> is not an absolute IRI: `2`",
        "hint": "",
    }
    assert (missing["valid"], missing["error"]) == (False, "it cannot be read (No such file or directory)")


def test_an_address_is_fetched_as_the_configuration_says(anywhere: Site, upstream: Upstream) -> None:
    address = upstream.serve("/rss.xml", 200, RSS.encode(), Content_Type="text/html")
    anywhere.articles()
    anywhere.feed()
    ran = anywhere.run("validate", address)
    assert ran.code == 0
    assert "the server calls it text/html, not application/rss+xml" in ran.out
    assert "and it was had from" in ran.out


def test_without_a_configuration_private_networks_are_closed(anywhere: Site, upstream: Upstream) -> None:
    done = validate(anywhere, upstream.serve("/rss.xml", 200, RSS.encode()))
    assert done.returncode == 2
    assert b"127.0.0.1" in done.stdout
    assert upstream.asked == []


def test_usage(anywhere: Site, tmp_path: Path) -> None:
    assert validate(anywhere).returncode == 2
    assert validate(anywhere, "-c", "none.toml", "https://example.org/").returncode == 2
