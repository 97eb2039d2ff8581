"""The parts of split feeds as runs publish them: what each carries, and what they cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from factories import NOW, SPEC, article
from feedmill import runs
from feedmill.model import Category, Draft, SplitBy
from feedmill.pipeline import Pipeline, intake, site
from feedmill.pipeline.roster import roster_of
from world import World

SPLIT = replace(SPEC, split_by=SplitBy.CATEGORY)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(tmp_path, monkeypatch)
    yield made
    made.store.close()


def filed(number: int, category: str) -> Draft:
    published = NOW - timedelta(days=100 - number)
    return article(f"{number}.md", f"Words of {number}.", published=published, categories=(Category(term=category),))


def text(world: World, part: str) -> str:
    return (world.root / "feeds" / "all" / part / "atom.xml").read_text()


def published(world: World) -> Pipeline:
    made = world.pipeline("s", feeds=(SPLIT,))
    report = runs.run(made)
    assert all(feed.error is None for feed in report.feeds), report
    return made


def test_what_is_withdrawn_leaves_a_part_of_old_entries_and_the_others_stay(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.drafts["s"] = [filed(1, "old"), filed(2, "old"), filed(3, "new"), filed(4, "new")]
    published(world)
    monkeypatch.setattr(site, "READ_FOR_SPLITS", 2)
    before = text(world, "old")
    published(world)
    assert text(world, "old") == before
    monkeypatch.setattr(world, "present", {"2.md", "3.md", "4.md"})
    del world.drafts["s"][0]
    published(world)
    assert "Words of 1." not in text(world, "old")
    assert "Words of 2." in text(world, "old")
    assert "Words of 4." in text(world, "new")


def test_sources_are_looked_up_once_for_all_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: Counter[str] = Counter()
    source_states = world.store.source_states

    def counting(*arguments: object) -> object:
        counted["roster"] += 1
        return roster_of(*arguments)  # type: ignore[arg-type]

    def states() -> object:
        counted["states"] += 1
        return source_states()

    world.drafts["s"] = [filed(number, f"c{number}") for number in range(12)]
    made = published(world)
    monkeypatch.setattr(intake, "roster_of", counting)
    monkeypatch.setattr(world.store, "source_states", states)
    assert len(list(made.publish(SPLIT))) == 13
    assert counted == {"roster": 1, "states": 1}


def test_what_is_filed_elsewhere_is_not_archived_in_its_old_part(world: World) -> None:
    world.drafts["s"] = [filed(number, "a") for number in range(4)]
    runs.run(world.pipeline("s", feeds=(replace(SPLIT, limit=8),)))
    world.drafts["s"] = [filed(number, "b" if number < 2 else "a") for number in range(4)]
    runs.run(world.pipeline("s", feeds=(replace(SPLIT, limit=8),)))
    assert not list((world.root / "feeds" / "all" / "a").glob("archive/*"))
