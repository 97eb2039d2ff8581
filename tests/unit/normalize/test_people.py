from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.model import Person
from feedmill.normalize.people import merged, person


@pytest.mark.parametrize(
    ("text", "name", "email"),
    [
        ("Ann", "Ann", None),
        ("ann@up.test (Ann A.)", "Ann A.", "ann@up.test"),
        ("Ann A. <ann@up.test>", "Ann A.", "ann@up.test"),
        ("Ann A. &lt;ann@up.test&gt;", "Ann A.", "ann@up.test"),
        ("ann@up.test", "", "ann@up.test"),
        ("mailto:ann@up.test", "", "ann@up.test"),
        ("ann@up.test ()", "", "ann@up.test"),
        ("noreply@blogger.com (Ann)", "Ann", None),
        ("<a href='/ann'>Ann</a>", "Ann", None),
        ("Ann &amp; Bob", "Ann & Bob", None),
        ('"Ann"', "Ann", None),
        ("Ann @ Home", "Ann @ Home", None),
        (" Ann\n A. ", "Ann A.", None),
    ],
)
def test_one_string(text: str, name: str, email: str | None) -> None:
    assert person(text) == Person(name=name, email=email)


@pytest.mark.parametrize("text", ["", "  ", "unknown", "()", "noreply@blogger.com", None, 5, "None"])
def test_nobody(text: object) -> None:
    assert person(text) is None


def test_apart() -> None:
    found = person("Ann", email="ann@up.test", uri="ann", base="https://up.test/x")
    assert found == Person(name="Ann", email="ann@up.test", uri="https://up.test/ann")
    assert person("Ann", email="no address", uri="javascript:alert(1)") == Person(name="Ann")
    assert person("", uri="https://up.test/") == Person(uri="https://up.test/")


def test_one_person_in_several_ways_is_one() -> None:
    ann = Person(name="Ann", email="ann@up.test")
    assert merged(
        [ann, Person(name="ANN", uri="https://a.test/"), None, Person(email="ann@up.test"), Person(name="B")]
    ) == (
        Person(name="Ann", email="ann@up.test", uri="https://a.test/"),
        Person(name="B"),
    )
    assert merged([Person(email="b@up.test"), Person(name="B", email="b@up.test")]) == (
        Person(name="B", email="b@up.test"),
    )


@given(st.text(max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_any_text_is_a_person_or_nobody(name: str, email: str, uri: str) -> None:
    found = person(name, email=email, uri=uri, base="https://up.test/")
    assert found is None or found.name or found.email or found.uri
