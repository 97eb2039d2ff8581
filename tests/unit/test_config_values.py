"""How single values are written: what is taken, what is refused, and why it says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.config import addresses, kinds, values
from feedmill.config.cron import cron
from feedmill.polling import cron_trigger

year = values.duration("1s", "366d")
bytes_ = values.size("1KiB", "1GiB")

GOOD: list[tuple[Callable[[object], Any], object, object]] = [
    (values.line, "  a \n b ", "a b"),
    (values.text, " a\n\nb ", "a\n\nb"),
    (values.flag, True, True),
    (values.whole(1, 5), 5, 5),
    (values.choice("a", "b"), "b", "b"),
    (year, "90s", timedelta(seconds=90)),
    (year, "5m", timedelta(minutes=5)),
    (year, "1h30m", timedelta(minutes=90)),
    (year, "24h", timedelta(days=1)),
    (year, "7d", timedelta(days=7)),
    (year, "1w2d3h4m5s", timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5)),
    (values.duration("0s", "1h"), "0s", timedelta(0)),
    (bytes_, "10MiB", 10 * 2**20),
    (bytes_, "512KiB", 512 * 2**10),
    (bytes_, "5MB", 5_000_000),
    (bytes_, "2000B", 2000),
    (bytes_, "1GiB", 2**30),
    (bytes_, "1024B", 1024),
    (values.name, "a-1", "a-1"),
    (values.feed_name, "all", "all"),
    *(
        (values.language, tag, tag)
        for tag in (
            "en",
            "id",
            "pt-BR",
            "zh-Hant-TW",
            "es-419",
            "sl-rozaj",
            "x-klingon",
            "i-klingon",
            "de-CH-1996",
            "en-a-bbb-x-c",
        )
    ),
    (values.timezone, "Asia/Jakarta", "Asia/Jakarta"),
    (values.timezone, "UTC", "UTC"),
    (values.email, "a.b+c@example.org", "a.b+c@example.org"),
    (values.expression, r"\bfoo ", r"\bfoo "),
    (values.furniture, "Read more*", "Read more*"),
    (kinds.kind, "files", "files"),
    (kinds.format_name, "atom", "atom"),
    (addresses.url, "https://example.org", "https://example.org"),
    (addresses.url, "http://[::1]:8080/a?b=c&d#e", "http://[::1]:8080/a?b=c&d#e"),
    (addresses.url, "HTTP://Example.org/%7Ea/100%", "http://Example.org/%7Ea/100%25"),
    (
        addresses.url,
        "https://ü:ß@bücher.example:8443/ä?ö=é#ñ",
        "https://%C3%BC:%C3%9F@xn--bcher-kva.example:8443/%C3%A4?%C3%B6=%C3%A9#%C3%B1",
    ),
    (addresses.url, 'https://example.org/a[1]<b>"c"', "https://example.org/a%5B1%5D%3Cb%3E%22c%22"),
    (addresses.base_url, "https://example.org", "https://example.org/"),
    (addresses.feeds_url, "https://example.org/x", "https://example.org/x/"),
    (addresses.reference, "img/a.png", "img/a.png"),
    (addresses.authority, "Example.ORG", "example.org"),
    (addresses.authority, "me@example.org", "me@example.org"),
    (addresses.authority, "bücher.example", "xn--bcher-kva.example"),
    (addresses.contact, "mailto:a@example.org", "mailto:a@example.org"),
    (addresses.contact, "https://example.org/(x)", "https://example.org/%28x%29"),
    (addresses.host_or_network, "Feeds.LAN.", "feeds.lan"),
    (addresses.host_or_network, "192.168.1.7", "192.168.1.7"),
    (addresses.host_or_network, "fd00::/8", "fd00::/8"),
    (addresses.link_pattern, "https://example.org/{path}", "https://example.org/{path}"),
    (addresses.link_pattern, "https://example.org/?p={stem}&q={path}", "https://example.org/?p={stem}&q={path}"),
    (addresses.folder, "../x y", "../x y"),
    (addresses.state_url, "sqlite:///x.db", "sqlite:///x.db"),
    (cron, "0 6 * * mon-fri", "0 6 * * mon-fri"),
    (cron, "*/5\t0-23/2  1,15 Jan,JUL 0-7", "*/5 0-23/2 1,15 1,7 0-7"),
    (cron, "0 0 29 2 *", "0 0 29 2 *"),
    (cron, "0 0 30 2 mon", "0 0 30 2 mon"),
    (cron, "0 0 * * fri-sun", "0 0 * * fri-sun"),
    (cron, "0 0 * * fri-mon", "0 0 * * fri-mon"),
]

BAD: list[tuple[Callable[[object], Any], object, str]] = [
    (values.line, 3, "must be text in quotes, not a number"),
    (values.line, True, "must be text in quotes, not true"),
    (values.line, 1.5, "not a number"),
    (values.line, date(2026, 1, 1), "not a date"),
    (values.line, time(1), "not a time of day"),
    (values.line, [], "not a list"),
    (values.line, {}, "not a table"),
    (values.line, " \n", "must not be empty"),
    (values.line, "a\x00b", "U+0000"),
    (values.text, "a\ufffeb", "U+FFFE"),
    (values.flag, "true", 'must be true or false without quotes, not "true"'),
    (values.flag, 1, "not a number"),
    (values.whole(1, 5), 6, "must be from 1 to 5, not 6"),
    (values.whole(1, 5), 0, "must be from 1 to 5, not 0"),
    (values.whole(1, 5), 10**5000, "must be from 1 to 5"),
    (values.whole(1, 5), True, "whole number"),
    (values.whole(1, 5), "3", 'must be a whole number without quotes, from 1 to 5, not "3"'),
    (values.choice("full", "link"), "ful", 'must be "full" or "link", not "ful"; did you mean "full"?'),
    (year, 30, 'must say its unit, as in "30s", "30m" or "30h"'),
    (year, -(10**5000), "must say its unit"),
    (year, "30", "must be a duration"),
    (year, "1m1h", "in this order"),
    (year, "5 m", "must be a duration"),
    (year, "", "must not be empty"),
    (year, "0s", 'must be from "1s" to "366d", not "0s"'),
    (year, "367d", 'must be from "1s" to "366d", not "367d"'),
    (year, "9" * 30 + "w", "must be from"),
    (year, "999999999999w", "must be from"),
    (bytes_, 5, 'must say its unit, as in "5MiB"'),
    (bytes_, "5M", "must be a size"),
    (bytes_, "5mib", "must be a size"),
    (bytes_, "1B", 'must be from "1KiB" to "1GiB", not "1B"'),
    (bytes_, "2GiB", "must be from"),
    (bytes_, "9" * 5000 + "GiB", "must be from"),
    (values.name, "Kernel News", 'such as "kernel-news", not "Kernel News"'),
    (values.name, "ü", "small letters"),
    (values.name, "a" * 65, "1 to 64"),
    (values.feed_name, "status", "must be another name"),
    (values.language, "en_US.UTF-8", 'did you mean "en-US"?'),
    (values.language, "english", "must be a language tag"),
    (values.timezone, "asia/jakarta", 'did you mean "Asia/Jakarta"?'),
    (values.timezone, "../etc/passwd", "must be a time zone"),
    (values.timezone, "Asia", "must be a time zone"),
    (values.timezone, "/etc/passwd", "must be a time zone"),
    (values.email, "redaksi", "must be an e-mail address"),
    (values.expression, "foo(bar", 'missing ), unterminated subpattern at character 4 of "foo(bar"'),
    (values.expression, "*x", "nothing to repeat at character 1"),
    (values.expression, "[[a]", "Possible nested set"),
    (values.expression, "a{99999999999999999999}", "must be a regular expression"),
    (values.expression, "(" * 5000 + ")" * 5000, "must be a regular expression"),
    (values.expression, "", "must not be empty"),
    (values.expression, 3, "must be a regular expression in quotes, not a number"),
    (values.furniture, "* *", "would remove every line"),
    (values.furniture, " ** ", "would remove every line"),
    (kinds.kind, "file", 'did you mean "files"?'),
    (kinds.format_name, "atmo", 'must be "rss", "atom", "json", "html" or "opml", not "atmo"; did you mean "atom"?'),
    (addresses.url, "example.org/x", 'did you mean "https://example.org/x"?'),
    (addresses.url, "ftp://example.org/", "must be an address"),
    (addresses.url, "file:///etc/passwd", "must be an address"),
    (addresses.url, "https:///x", "must be an address"),
    (addresses.url, "https://a b/", "must not hold a space"),
    (addresses.url, "https://example.org:port/", "can be understood"),
    (addresses.url, "https://example.org:99999/", "can be understood"),
    (addresses.url, "https://[::1/", "can be understood"),
    (addresses.url, "https://a..b/", "host that can exist"),
    (addresses.url, "https://-x-.org/", "host that can exist"),
    (addresses.url, "https://\u2603\u200d.example/", "host that can exist"),
    (addresses.base_url, "https://u:p@example.org/", "user name or password"),
    (addresses.feeds_url, "https://example.org/?x", 'without "?" and "#"'),
    (addresses.reference, "javascript:alert(1)", "must be an address"),
    (addresses.reference, "https://[x", "can be understood"),
    (addresses.authority, "https://example.org", "must be a domain name or e-mail address that is yours"),
    (addresses.authority, "a b", "must be a domain name"),
    (addresses.authority, "::1", "must be a domain name"),
    (addresses.contact, "ops@example.org", '"mailto:ops@example.org"'),
    (addresses.contact, "mailto:x", "must be an e-mail address"),
    (addresses.contact, "tel:1", "must be an e-mail or web address"),
    (addresses.host_or_network, "http://x", "without scheme and port"),
    (addresses.host_or_network, "x:80", "without scheme and port"),
    (addresses.host_or_network, "10.0.0.0/99", "without scheme and port"),
    (addresses.link_pattern, "https://example.org/", "{path}"),
    (addresses.link_pattern, "https://example.org/{slug}", "{path}"),
    (addresses.link_pattern, "https://example.org/{path", "{path}"),
    (addresses.link_pattern, "https://example.org/{{a}}/{path}", "{path}"),
    (addresses.link_pattern, "https://example.org/{path!r}", "{path}"),
    (addresses.link_pattern, "https://example.org/{path:>9}", "{path}"),
    (addresses.link_pattern, "https://{stem}/{path}", "after the host name"),
    (addresses.link_pattern, "/{path}", "after the host name"),
    (addresses.link_pattern, "javascript://x/{path}", "must be an address"),
    (addresses.folder, "~/articles", "must be written in full"),
    (addresses.folder, "s3://x/y", "must be a folder on this machine"),
    (addresses.publish_directory, "s3://x/y", "not available in this version"),
    (addresses.publish_directory, "ftp://x/y", "must be a folder on this machine"),
    (addresses.state_url, "sqlite:///:memory:", "must name a file"),
    (addresses.state_url, "sqlite:///", "must name a file"),
    (addresses.state_url, "sqlite:///file:x", "must name a file"),
    (addresses.state_url, "sqlite:///x/", "must name a file"),
    (addresses.state_url, "sqlite://x.db", 'must begin with "sqlite:///"'),
    (addresses.state_url, "x.db", 'must begin with "sqlite:///"'),
    (addresses.state_url, "sqlite:///x?mode=ro", 'must not hold "?"'),
    (addresses.state_url, "postgresql+psycopg://u:p@h/d", "PostgreSQL, which is not available in this version"),
    (cron, "* * * *", "must have five fields"),
    (cron, "@Daily", 'must be written out: "@Daily" is "0 0 * * *"'),
    (cron, "60 * * * *", 'the minute "60" is not 0 to 59'),
    (cron, "* 24 * * *", 'the hour "24" is not 0 to 23'),
    (cron, "* * 0 * *", 'the day of the month "0" is not 1 to 31'),
    (cron, "* * * 13 *", 'the month "13" is not 1 to 12 or jan to dec'),
    (cron, "* * * * 8", 'the day of the week "8" is not 0 to 7 or sun to sat'),
    (cron, "* * * * fry", 'the day of the week "fry" is not'),
    (cron, "5-1 * * * *", "does not fit the minute"),
    (cron, "*/0 * * * *", "does not fit the minute"),
    (cron, "*/60 * * * *", "does not fit the minute"),
    (cron, "0 0 30 2 */2", "never comes"),
    (cron, "5/10 * * * *", 'write "5/10" as "5-59/10"'),
    (cron, "1,,2 * * * *", '"" is not a minute'),
    (cron, "x! * * * *", '"x!" is not a minute'),
    (cron, "0 0 30 2 *", "never comes"),
    (cron, "0 0 31 4,jun *", "never comes"),
]


def _id(value: object) -> str | None:
    """Name the rule; a value only where it is short."""
    if callable(value):
        return str(getattr(value, "__qualname__", "")).partition(".")[0]
    return value[:30] if isinstance(value, str) else "value"


@pytest.mark.parametrize(("rule", "written", "value"), GOOD, ids=_id)
def test_taken(rule: Callable[[object], Any], written: object, value: object) -> None:
    assert rule(written) == value


@pytest.mark.parametrize(("rule", "written", "said"), BAD, ids=_id)
def test_refused(rule: Callable[[object], Any], written: object, said: str) -> None:
    with pytest.raises(ValueError, match=r"^(must|is|names|never) ") as caught:
        rule(written)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


RULES = sorted({rule for rule, *_ in [*GOOD, *BAD]}, key=id)
toml_values = st.recursive(
    st.text(max_size=20) | st.integers() | st.floats() | st.booleans() | st.dates() | st.datetimes() | st.times(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
written_alike = st.one_of(
    st.from_regex(r"\A[0-9]{1,20}(w|d|h|m|s|B|KiB|GB)\Z"),
    st.from_regex(r"\Ahttps?://[^/]{0,12}(/.{0,6})?\Z"),
    st.from_regex(r"\A([0-9*/,a-z-]{1,5} ){4}[0-9*/,a-z-]{1,5}\Z"),
    st.from_regex(r"\Asqlite:///.{0,8}\Z"),
)


@given(st.sampled_from(RULES), toml_values | written_alike)
def test_a_rule_takes_a_value_or_says_what_is_wrong(rule: Callable[[object], Any], value: object) -> None:
    try:
        rule(value)
    except ValueError as error:
        assert type(error) is ValueError  # noqa: PT017 - either way is right
        assert str(error).isprintable()  # noqa: PT017


def crontab_field(low: int, high: int, *words: str) -> st.SearchStrategy[str]:
    number = st.integers(low, high).map(str) | st.sampled_from(words or ["*"])
    item = st.tuples(
        st.just("*") | number | st.tuples(number, number).map("-".join), st.sampled_from(["", "", "/2", "/30"])
    )
    return st.lists(item.map("".join), min_size=1, max_size=2).map(",".join)


@given(
    st.tuples(
        crontab_field(0, 59),
        crontab_field(0, 23),
        crontab_field(1, 31),
        crontab_field(1, 12, "jan", "DEC"),
        crontab_field(0, 7, "sun", "Mon", "sat"),
    ).map(" ".join)
)
def test_what_is_taken_for_cron_is_understood_by_the_scheduler_and_comes(expression: str) -> None:
    try:
        taken = cron(expression)
    except ValueError:
        return
    assert cron_trigger(taken, "UTC").get_next_fire_time(None, datetime(2026, 11, 2, tzinfo=UTC))


def test_passwords_are_not_shown() -> None:
    with pytest.raises(ValueError, match=r"//\*\*\*@example"):
        addresses.url("http://me:secret@example..org/")


@pytest.mark.parametrize(
    ("group", "rule"), [("feedmill.collectors", kinds.kind), ("feedmill.renderers", kinds.format_name)]
)
def test_installed_packages_bring_kinds_and_formats(
    group: str, rule: Callable[[object], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "gopher-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: gopher\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(f"[{group}]\ngopher = gopher:thing\n")
    with pytest.raises(ValueError, match='not "gopher"'):
        rule("gopher")
    monkeypatch.syspath_prepend(tmp_path)
    assert rule("gopher") == "gopher"
    with pytest.raises(ValueError, match='did you mean "gopher"'):
        rule("gophr")


def test_local_paths_start_at_the_root() -> None:
    root = Path("/srv/site")
    assert addresses.local("../x/./y", root) == Path("/srv/x/y")
    assert addresses.absolute_state_url("sqlite:///a/../s.db", root) == "sqlite:////srv/site/s.db"
    assert addresses.absolute_state_url("sqlite:////var/s.db", root) == "sqlite:////var/s.db"
