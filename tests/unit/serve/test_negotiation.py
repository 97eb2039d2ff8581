"""Which content coding a client gets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.serve.negotiation import CODINGS, IDENTITY, accepted, qualities


@pytest.mark.parametrize(
    ("field", "best"),
    [
        (None, IDENTITY),
        ("", IDENTITY),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("gzip, deflate", "gzip"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, zstd", "zstd"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("br ; q=0.5 , gzip ;q=0.8", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.000, gzip", "gzip"),
        ("*", "br"),
        ("br;q=0, *", "zstd"),
        ("identity", IDENTITY),
        ("identity;q=0.5, gzip;q=0.2", IDENTITY),
        ("gzip;q=0.2, identity;q=0", "gzip"),
        ("deflate", IDENTITY),
        ("deflate, compress;q=0.1", IDENTITY),
        ("*;q=0, gzip", "gzip"),
        ("*;q=0, identity", IDENTITY),
        ("gzip;q=2", "gzip"),
        ("gzip;q=nonsense", "gzip"),
        ("g zip", IDENTITY),
        (";;;,,,", IDENTITY),
    ],
)
def test_the_best_coding(field: str | None, best: str) -> None:
    assert accepted(field)[0] == best


@pytest.mark.parametrize("field", ["identity;q=0", "*;q=0", "identity;q=0, deflate", "gzip;q=0, *;q=0"])
def test_who_takes_nothing_is_told_so(field: str) -> None:
    assert accepted(field) == ()


@given(st.text(max_size=60))
def test_anything_may_stand_in_the_field(field: str) -> None:
    assert set(accepted(field)) <= set(CODINGS)
    assert all(0 <= weight <= 1 for weight in qualities(field).values())


@given(st.lists(st.sampled_from([*CODINGS, "deflate", "*"]), unique=True), st.data())
def test_no_coding_is_chosen_that_is_refused(names: list[str], data: st.DataObject) -> None:
    weights = {name: data.draw(st.sampled_from(["0", "0.001", "0.5", "1"]), name) for name in names}
    field = ", ".join(f"{name};q={weight}" for name, weight in weights.items())
    found = accepted(field)
    assert not [coding for coding in found if weights.get(coding) == "0"]
    named = [float(weights[coding]) for coding in found if coding in weights]
    assert named == sorted(named, reverse=True)
