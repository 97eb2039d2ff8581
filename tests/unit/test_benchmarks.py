"""What `make bench` does with what it measures, and that it runs at all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import requests

from benchmarks.__main__ import CASES
from benchmarks.inputs import article, articles, copies, feeds, generated_feeds
from benchmarks.measure import OURS, Case, Contender, Failed, Figure, Sample, in_turn, medians, run
from benchmarks.report import figure_row, section, table, with_section
from benchmarks.serving import serving

ROOT = Path(__file__).parents[2]


def contender(name: str, *walls: float, version: str | None = "1.0", note: str = "") -> Contender:
    """Somebody who takes these times, one a round."""
    times = iter(walls)

    def go(folder: Path) -> Mapping[str, Sample]:
        assert not list(folder.iterdir()), "everybody starts in an empty folder"
        wall = next(times)
        return {"cold": Sample(wall, wall * 2, round(wall * 1e6), f"{wall} done")}

    return Contender(name, go, version, note)


def case(*contenders: Contender, figures: tuple[Figure, ...] = (), repeat: int = 1) -> Case:
    return Case(title="T", input="x", works=("cold",), contenders=contenders, figures=figures, repeat=repeat)


def ratio(name: str, *, at_most: float | None = None, at_least: float | None = None) -> Figure:
    return Figure(
        f"of {name}",
        lambda found: found["cold", OURS].wall / found["cold", name].wall,
        at_most=at_most,
        at_least=at_least,
    )


def test_everybody_takes_turns_and_the_absent_are_left_out() -> None:
    told: list[str] = []
    taken = in_turn(case(contender("A", 1, 2), contender("B", 3, 4), contender("C", version=None)), 2, told.append)
    assert [line.rpartition(" ")[2] for line in told] == ["A", "B", "A", "B"]
    assert {key: [sample.wall for sample in samples] for key, samples in taken.items()} == {
        ("cold", "A"): [1, 2],
        ("cold", "B"): [3, 4],
    }


def test_a_peer_that_fails_is_told_of_and_left_out() -> None:
    def fail(_: Path) -> Mapping[str, Sample]:
        raise Failed("B ended with 1: no")

    told: list[str] = []
    measured = case(contender(OURS, 1, 2), Contender("B", fail))
    found = medians(in_turn(measured, 2, told.append))
    assert told.count("B ended with 1: no") == 1
    assert "Compared: Feedmill 1.0. Failed, so left out: B." in section(measured, found, "a machine", "2026-11-25", 2)
    with pytest.raises(Failed):
        in_turn(case(Contender(OURS, fail)), 1, told.append)


def test_what_is_short_is_repeated_in_each_round() -> None:
    taken = in_turn(case(contender("A", 1, 2, 3, 4), repeat=2), 2, lambda _: None)
    assert len(taken["cold", "A"]) == 4


def test_each_measure_has_its_own_median() -> None:
    samples = [Sample(1, 9, 50, "first"), Sample(3, 1, 20), Sample(2, 5, 70, "last")]
    assert medians({("cold", "A"): samples}) == {("cold", "A"): Sample(2, 5, 50, "last")}


def test_a_table_tells_how_many_times_feedmills() -> None:
    measured = case(contender(OURS, 0.05), contender("B", 12.5))
    found = medians(in_turn(measured, 1, lambda _: None))
    assert table(measured, found, "cold").splitlines()[-2:] == [
        "| Feedmill | 50 ms | 1.00 | 0.10 s | 1.00 | 0 MB | 0.05 done |",
        "| B | 12.5 s | 250 | 25.0 s | 250 | 12 MB | 12.5 done |",
    ]


@pytest.mark.parametrize(
    ("figure", "row"),
    [
        (ratio("B", at_most=0.5), ("of B", "0.50", "at most 0.50", "yes")),
        (ratio("B", at_most=0.49), ("of B", "0.50", "at most 0.49", "**no**")),
        (ratio("B", at_least=0.75), ("of B", "0.50", "at least 0.75", "**no**")),
        (ratio("B"), ("of B", "0.50", "", "")),
        (ratio("D", at_most=1), ("of D", "not measured: D is absent", "", "")),
    ],
)
def test_a_figure_is_held_against_its_goal(figure: Figure, row: tuple[str, ...]) -> None:
    found = {("cold", OURS): Sample(1, 1, 1), ("cold", "B"): Sample(2, 2, 2)}
    assert figure_row(figure, found) == row


def test_a_section_tells_where_when_and_who_was_absent() -> None:
    measured = case(
        contender(OURS, 1, note="all of it"), contender("C", version=None), figures=(ratio("C", at_most=1),)
    )
    found = medians(in_turn(measured, 1, lambda _: None))
    text = section(measured, found, "a machine", "2026-11-25", 1)
    assert text.startswith(
        "2026-11-25; a machine; 1 round. Input: x.\n\nCompared: Feedmill 1.0. Not installed, so left out: C."
    )
    assert "| of C | not measured: C is absent |  |  |" in text
    assert text.endswith("- Feedmill: all of it.")


def test_a_section_is_replaced_and_the_rest_of_the_document_kept() -> None:
    document = "# A\n\n<!-- one -->\nold\n<!-- end of one -->\n\n<!-- two -->\n<!-- end of two -->\n"
    once = with_section(document, "one", "new")
    assert once == "# A\n\n<!-- one -->\n\nnew\n\n<!-- end of one -->\n\n<!-- two -->\n<!-- end of two -->\n"
    assert with_section(once, "one", "new") == once
    with pytest.raises(ValueError, match="no section three"):
        with_section(document, "three", "new")


def test_the_document_has_a_section_for_every_case() -> None:
    document = (ROOT / "docs/benchmarks.md").read_text("utf-8")
    for name in CASES:
        assert with_section(document, name, "new") != document


def test_generated_input_is_the_same_each_time() -> None:
    assert list(generated_feeds(4)) == list(generated_feeds(4)) != list(generated_feeds(4, seed=2))
    assert list(articles(2)) == [("article-00000.md", article(0)), ("article-00001.md", article(1))]
    for document in generated_feeds(8):
        assert ET.fromstring(document).tag in {"rss", "{http://www.w3.org/2005/Atom}feed"}


def test_copies_are_plain_or_have_ids_of_their_own() -> None:
    rdf = b'<item rdf:about="x"><link>y</link></item>'
    documents = [*generated_feeds(4), rdf]
    assert list(copies(documents, 12)) == [*documents, *documents, *documents[:2]]
    ids = [found for copy in copies(documents, 10, distinct=True) for found in ids_of(copy)]
    assert len(ids) == 2 * sum(len(ids_of(document)) for document in documents)
    assert len(set(ids)) == len(ids)


def ids_of(document: bytes) -> list[bytes]:
    return re.findall(rb"<guid[^>]*>([^<]+)<|<entry>.*?<id>([^<]+)<|rdf:about=(\S+)", document, re.DOTALL)


def test_the_corpus_is_taken_where_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FEEDMILL_CORPUS", raising=False)
    assert "generated" in feeds(0.01).origin
    (tmp_path / "a.xml").write_bytes(b"<rss/>")
    (tmp_path / "b.xml").write_bytes(b"<rss></rss>")
    monkeypatch.setenv("FEEDMILL_CORPUS", str(tmp_path))
    given = feeds()
    assert given.origin.startswith("2 real feeds")
    assert given.smaller(8) == (b"<rss/>",)


def test_a_command_is_measured_with_its_children(tmp_path: Path) -> None:
    script = "import subprocess, sys; x = b'x' * 40_000_000; subprocess.run([sys.executable, '-c', 'print(1)'])"
    sample, said = run([sys.executable, "-I", "-c", script], tmp_path)
    assert said == "1\n"
    assert sample.memory > 40_000_000
    assert sample.cpu > 0
    with pytest.raises(Failed, match="ended with 3: no"):
        run([sys.executable, "-I", "-c", "import sys; print('no', file=sys.stderr); sys.exit(3)"], tmp_path)


def test_feeds_are_served_with_validators(tmp_path: Path) -> None:
    root, home = tmp_path / "root", tmp_path / "home"
    root.mkdir()
    home.mkdir()
    (root / "0.xml").write_bytes(b"<rss/>")
    with serving(root, home) as (address, _):
        answer = requests.get(f"{address}/0.xml", timeout=10)
        modified = answer.headers["Last-Modified"]
        again = requests.get(f"{address}/0.xml", headers={"If-Modified-Since": modified}, timeout=10)
    assert (answer.content, again.status_code) == (b"<rss/>", 304)


def test_the_command_runs_without_any_peer(tmp_path: Path) -> None:
    options = ["--rounds=1", "--scale=0.001", f"--peers={tmp_path}/none"]
    command = [sys.executable, "-m", "benchmarks", "parse", "articles", *options]
    environment = {**os.environ, "PATH": ""}
    environment.pop("FEEDMILL_CORPUS", None)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert "left out: feedparser" in done.stdout
    assert "left out: Hugo" in done.stdout
    assert "| 10 new entries, 2 documents written |" in done.stdout
    assert "| 0 new entries, 1 unchanged, nothing written |" in done.stdout
