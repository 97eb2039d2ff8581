"""A wrong config.toml: every error at once, each with its table, key and line, in plain English."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel

from feedmill.config import Config, _judge, load
from feedmill.config.findings import Flaw, ordinal, report
from feedmill.config.schema import Document, Feed, Fetch, Publish, Schedule, Site, Source, State
from feedmill.errors import ConfigError

WRONG = """\
    titel = "x"
    [site]
    title = 3
    url = "example.org"
    langage = "id"
    author = { name = "X", emial = "q" }
    [publish]
    formats = [
      "rss",
      # a comment
      "atmo", "html",
      "rss",
    ]
    [fetch]
    timeout = 30
    [schedule]
    min = "3h"
    [[sources]]
    name = "newsroom"
    kind = "files"
    path = "sources/newsroom"

    [[sources]]
    name = "newsroom"
    pth = "a"
    kind = "files"
    every = "5"
    cron = "0 6 * * mon-fry"
    [[sources]]
    kind = "feed"
    max_file = "1MiB"
    timeout = "3s"
    [[feeds]]
    name = "b"
    sources = ["newsrom"]
    include = ['''foo(
    bar''']
    split_by = "colour"
    [fedds]
"""

FOUND = """\
1: unknown key "titel"; every key belongs under a table: [site], [state], [publish], [fetch], [schedule], [serve], [alerts], [[sources]], [[feeds]]
3: [site]: "title" must be text in quotes, not a number
4: [site]: "url" must be an address such as "https://example.org/", not "example.org"; did you mean "https://example.org"?
5: [site]: unknown key "langage"; did you mean "language"?
6: [site]: unknown key "author.emial"; did you mean "author.email"?
11: [publish]: "formats" (2nd item) must be "rss", "atom", "json", "html" or "opml", not "atmo"; did you mean "atom"?
12: [publish]: "formats" (4th item) is there already: "rss"; remove it
15: [fetch]: "timeout" must say its unit, as in "30s", "30m" or "30h"
17: [schedule]: "min" must not be longer than "every", which is "60m" by default; write every too
23: [[sources]] "newsroom" (2nd): "path" is missing, and kind = "files" needs it; add path = "sources/newsroom"
24: [[sources]] "newsroom" (2nd): "name" is the name of the 1st of [[sources]] too; names must differ
25: [[sources]] "newsroom" (2nd): unknown key "pth"; did you mean "path"?
27: [[sources]] "newsroom" (2nd): "every" must be a duration such as "90s", "5m" or "1h30m" (weeks w, days d, hours h, minutes m and seconds s, in this order), not "5"
28: [[sources]] "newsroom" (2nd): "cron" must be five crontab fields: the day of the week "fry" is not 0 to 7 or sun to sat
28: [[sources]] "newsroom" (2nd): "cron" cannot stand beside "every"; keep one of them
29: [[sources]] (3rd): "name" is missing; add name = "newsroom"
29: [[sources]] (3rd): "url" is missing, and kind = "feed" needs it; add url = "https://example.org/feed.xml"
31: [[sources]] (3rd): "max_file" does nothing for kind = "feed"; remove it
32: [[sources]] (3rd): unknown key "timeout"; it belongs under [fetch]
33: [[feeds]] "b" (1st): "title" is missing; add title = "Everything"
35: [[feeds]] "b" (1st): "sources" (1st item) names no source: "newsrom"; did you mean "newsroom"?
36: [[feeds]] "b" (1st): "include" (1st item) must be a regular expression: missing ), unterminated subpattern at character 4 of "foo(\\nbar"
38: [[feeds]] "b" (1st): "split_by" must be "category", "author", "source" or "language", not "colour"
39: unknown table "fedds"; did you mean [[feeds]]?
"""  # noqa: E501

GOOD: dict[str, Any] = {
    "site": {"title": "Kabar", "url": "https://example.org/"},
    "sources": [{"name": "newsroom", "kind": "files", "path": "articles"}],
    "feeds": [{"name": "all", "title": "Everything"}],
}
SOURCE = '[[sources]]\nname = "n"\nkind = "files"\npath = "p"\n'
FEED = '[[feeds]]\nname = "all"\ntitle = "E"\n'
SITE = '[site]\ntitle = "K"\nurl = "https://example.org/"\n'


def findings(folder: Path, text: str) -> list[str]:
    """What is said about a file, without the file's name."""
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert str(caught.value) == "\n".join(caught.value.findings)
    assert all(finding.startswith(f"{path}:") for finding in caught.value.findings)
    return [finding.removeprefix(f"{path}:").strip() for finding in caught.value.findings]


def test_every_error_at_once(tmp_path: Path) -> None:
    assert findings(tmp_path, dedent(WRONG)) == FOUND.splitlines()


ONE: list[tuple[str, str]] = [
    (SOURCE + FEED, "[site] is missing; add it, with title and url"),
    (SITE + FEED, "[[sources]] is missing; add one for each folder of articles or upstream feed"),
    (SITE + SOURCE, "[[feeds]] is missing; add one for each feed to publish"),
    ("feeds = []\n" + SITE + SOURCE, "1: [[feeds]] is missing; add one for each feed to publish"),
    ("site = 3\n" + SOURCE + FEED, "1: [site] must be written once, in single brackets, not as a number"),
    (SOURCE + FEED + "[[site]]", "8: [site] must be written once, in single brackets, not as a list"),
    (SITE + FEED + "[sources]\nname = 1",
     "7: [[sources]] must be written with double brackets, [[sources]], not as a table"),
    ('feeds = "x"\n' + SITE + SOURCE, "1: [[feeds]] must be written with double brackets, [[feeds]], not as text"),
    ('feeds = [\n"x"]\n' + SITE + SOURCE,
     "2: [[feeds]] (1st) must be written with double brackets, [[feeds]], not as text"),
    (SITE + 'author = "Me"\n' + SOURCE + FEED,
     '4: [site]: "author" must be a table such as { name = "The Editors" }, not text'),
    (SITE + "author = { email = 'a@b.c' }\n" + SOURCE + FEED,
     '4: [site]: "author.name" is missing; add name = "The Editors"'),
    (SITE + "[site.author]\nname = ''\n" + SOURCE + FEED,
     '5: [site]: "author.name" must not be empty; write something or remove the key'),
    (SITE + SOURCE + FEED + "sources = []", '11: [[feeds]] "all" (1st): "sources" must not be an empty list'),
    (SITE + SOURCE + FEED + 'include = "x"',
     '11: [[feeds]] "all" (1st): "include" must be a list in square brackets, not text'),
    (SITE + SOURCE + FEED + 'sources = ["x*"]',
     '11: [[feeds]] "all" (1st): "sources" (1st item) names no source: "x*"; there is n'),
    (SITE + SOURCE + FEED + "[sources]", "11:9: this is not TOML"),
    (SITE + SOURCE + FEED + "[x]", "11: unknown table \"x\"; known are [site], [state], "),
    (SITE + SOURCE + FEED + "[state]\nq = 1", '12: [state]: unknown key "q"; known are url'),
    (SITE + SOURCE + FEED + '[schedule]\nevery = "5m"',
     '12: [schedule]: "every" must not be shorter than "min", which is "15m" by default; write min too'),
    (SITE + SOURCE + FEED + '[schedule]\nmin = "2h"\nevery = "3h"\nmax = "1h"',
     '13: [schedule]: "every" must not be longer than "max", which is "1h"'),
    (SITE + SOURCE + FEED + '[schedule]\nmax = "10m"\nmin = "5m"',
     '12: [schedule]: "max" must not be shorter than "every", which is "60m" by default; write every too'),
    (SITE + SOURCE + FEED + FEED,
     '12: [[feeds]] "all" (2nd): "name" is the name of the 1st of [[feeds]] too; names must differ'),
    (SITE + SOURCE + 'url = "https://a.b/"\n' + FEED,
     '8: [[sources]] "n" (1st): "url" does nothing for kind = "files"; remove it'),
    (SITE + '[[sources]]\nname = "n"\nkind = "feed"\nurl = "https://a.b/"\ntimezone = "UTC"\n' + FEED,
     '8: [[sources]] "n" (1st): "timezone" does nothing for kind = "feed" without "cron"'),
    (SITE.replace("example.org", "[::1]") + SOURCE + FEED,
     '1: [site]: "id_authority" is missing; the host of "url" is not fit for it: add the domain name'),
    (SITE + SOURCE + FEED + '[publish]\ndirectory = "."', '12: [publish]: "directory" must be a folder of its own'),
    (SITE + SOURCE + FEED + '[publish]\ndirectory = "../.."', '12: [publish]: "directory" must be a folder of its own'),
    (SITE + SOURCE + FEED + '[publish]\ndirectory = "x"\n[state]\nurl = "sqlite:///x/s.db"',
     '12: [publish]: "directory" must be a folder of its own'),
    (SITE + SOURCE + FEED + '[publish]\ndirectory = "p/out"',
     '7: [[sources]] "n" (1st): "path" and the folder to publish into, "p/out", must not hold one another'),
    (SITE + SOURCE.replace('"p"', '"feeds/in"') + FEED,
     '7: [[sources]] "n" (1st): "path" and the folder to publish into, "feeds", must not hold one another'),
    (SITE + SOURCE + FEED + '"\\u001b[31m" = 1', '11: [[feeds]] "all" (1st): unknown key "\\u001b[31m"'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), ONE, ids=[said[:50] for _, said in ONE])
def test_one_error(tmp_path: Path, text: str, said: str) -> None:
    (finding,) = findings(tmp_path, text)
    assert finding.startswith(said)


def test_a_folder_that_would_cut_the_address_of_the_state_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "what?"
    folder.mkdir()
    (finding,) = findings(folder, SITE + SOURCE + FEED)
    assert finding.startswith('[state]: "url" must not hold "?"')


def test_overlaps_are_found_by_whole_names(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(SITE + SOURCE + FEED + '[publish]\ndirectory = "pp"', encoding="utf-8")
    assert load(path, {}).directory == str(tmp_path / "pp")


def test_an_interval_that_does_not_adapt(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(SITE + SOURCE + FEED + '[schedule]\nevery = "1h"\nmin = "60m"\nmax = "3600s"', encoding="utf-8")
    schedule = load(path, {}).schedule
    assert schedule.min == schedule.every == schedule.max


def test_feeds_with_cron_have_a_zone(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    source = (
        '[[sources]]\nname = "n"\nkind = "feed"\nurl = "https://a.b/"\ntimezone = "Asia/Jakarta"\ncron = "0 6 * * *"\n'
    )
    path.write_text(SITE + source + FEED, encoding="utf-8")
    assert load(path, {}).sources[0].timezone == "Asia/Jakarta"


@pytest.mark.parametrize(
    ("index", "said"),
    [(0, "1st"), (1, "2nd"), (2, "3rd"), (3, "4th"), (10, "11th"), (11, "12th"), (20, "21st"), (111, "112th")],
)
def test_ordinals(index: int, said: str) -> None:
    assert ordinal(index) == said


# --- whatever stands in the file, nothing but findings ----------------------------------------------

KEYS = sorted(
    {key for model in (Site, State, Publish, Fetch, Schedule, Source, Feed, Document) for key in model.model_fields}
)
words = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["files", "feed", "opml", "rss", "json", "all", "*", "n", "1h", "9d", "5MiB", "UTC", "en", "p", "..", "feeds"]
    ),
    st.sampled_from(
        ["https://example.org/", "https://[::1]/", "https://a.b/{path}", "sqlite:///x", "* * * * *", "a@b.c"]
    ),
)
leaves = words | st.integers() | st.floats() | st.booleans() | st.datetimes() | st.dates() | st.times()
keys = st.sampled_from(KEYS) | st.text(max_size=4)
anything = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)
likely = st.dictionaries(keys, leaves | st.lists(words, max_size=3) | anything, max_size=8)
documents = st.fixed_dictionaries(
    {},
    optional={
        "site": likely | anything,
        "state": likely | anything,
        "publish": likely | anything,
        "fetch": likely | anything,
        "schedule": likely | anything,
        "sources": st.lists(likely | anything, max_size=3) | anything,
        "feeds": st.lists(likely | anything, max_size=3) | anything,
        "other": anything,
    },
)


@given(documents)
@example(GOOD)
def test_anything_gives_a_configuration_or_findings(data: dict[str, Any]) -> None:
    said = judge(data)
    if said is None:
        return
    assert said
    for finding in said:
        assert re.match(r'config\.toml: (\[.*?\]|unknown (key|table) ")', finding), finding
        assert "Input should" not in finding
        assert "is wrong: " not in finding, "pydantic's own words"
        assert finding.isprintable()


@given(st.data())
def test_one_wrong_value_in_a_right_file_is_the_only_finding(data: st.DataObject) -> None:
    """A wrong type in one place never hides, or makes up, an error elsewhere."""
    table = data.draw(st.sampled_from(["publish", "fetch", "schedule", "state"]))
    models: dict[str, type[BaseModel]] = {"publish": Publish, "fetch": Fetch, "schedule": Schedule, "state": State}
    key = data.draw(st.sampled_from(sorted(models[table].model_fields)))
    said = judge(GOOD | {table: {key: data.draw(st.dates() | st.just({}))}})
    assert said is not None
    assert len(said) == 1
    assert said[0].startswith(f'config.toml: [{table}]: "{key}" must be ')


def judge(data: dict[str, Any]) -> list[str] | None:
    judged = _judge(data, Path("/srv/site/config.toml"), {})
    if isinstance(judged, Config):
        return None
    flaws, others = judged
    assert not others
    return report(flaws, document="", data=data, file="config.toml")


def test_flaws_are_reported_once() -> None:
    flaw = Flaw(("site", "url"), "is odd")
    document = "[site]\nurl = 1"
    said = report([flaw, flaw], document=document, data=tomllib.loads(document), file="f")
    assert said == ['f:2: [site]: "url" is odd']
