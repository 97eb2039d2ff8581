"""What a look brought, read here and in other processes at once: the same as read at once, in its order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

import factories
from feedmill import normalize
from feedmill.errors import NormalizeError
from feedmill.jobs.processes import Processes
from feedmill.model import Document, Fetched
from feedmill.normalize.article import groups
from feedmill.pipeline.reading import Readings

FURNITURE = "Example News\nSubscribe to our newsletter\n"


@pytest.fixture(params=[0, 1])
def readings(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Readings]:
    """A reader with another process, and one without."""
    monkeypatch.setattr(normalize, "_TOGETHER", 10)
    started = Readings(factories.SITE, ["files"], Processes(patience=1, processes=request.param))
    yield started
    started.close()


def article(number: int) -> Document:
    match number % 7:
        case 3:
            body = "---\ndraft: true\n---\nNot yet."
        case 5:
            body = "---\ntitle: [\n---\nBroken."
        case 6:
            text = f"{FURNITURE}A headline {number}\n\nWords of article {number}, which are many.\n"
            return Document(name=f"letters/{number:03}.txt", body=text.encode())
        case _:
            body = f"---\ntitle: Article {number}\ndate: 2026-11-0{number % 9 + 1}\n---\n" + "Words. " * 50
    return Document(name=f"{number:03}.md", body=body.encode())


def test_articles_that_are_read_apart_come_to_the_same(readings: Readings) -> None:
    documents = tuple(article(number) for number in range(60))
    fetched = Fetched(source="s", documents=documents)
    came, revisions = readings.read(factories.folder(), fetched, factories.NOW)
    whole = normalize.normalizer("files")(factories.folder(), factories.SITE, fetched, factories.NOW)
    assert came == whole
    assert len(revisions) == len(set(revisions)) == len(came.drafts)
    assert came.failed
    assert came.unpublished
    assert len(normalize.apart("files", documents)) > 1


def test_a_document_that_cannot_be_read_is_refused_wherever_it_is_read(readings: Readings) -> None:
    broken = Document(name="d", url="https://up.example/", body=b"<html><body>" + b"no feed " * 2000)
    for _ in range(2):
        with pytest.raises(NormalizeError, match="HTML page") as caught:
            readings.read(factories.upstream(), Fetched(source="s", documents=(broken,)), factories.NOW)
        assert caught.value.where == "https://up.example/"


NAMES = st.lists(
    st.sampled_from(["a.md", "b/c.md", "b/d.txt", "b/e.TXT", "f.txt", "g/h.text", "g/i.html"]), max_size=30
)


@given(NAMES, st.integers(1, 6))
def test_texts_of_a_folder_are_read_together(names: list[str], size: int) -> None:
    documents = [Document(name=name, body=b"") for name in names]
    found = groups(documents, size)
    assert [document for group in found for document in group] == documents
    for folder in ("", "b", "g"):
        texts = [
            place
            for place, group in enumerate(found)
            for one in group
            if one.name.rpartition("/")[0] == folder and one.name.lower().endswith((".txt", ".text"))
        ]
        assert len(set(texts)) <= 1
