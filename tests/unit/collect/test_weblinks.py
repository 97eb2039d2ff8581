"""Link headers, by the grammar of RFC 8288 and by what servers really send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.collect.weblinks import related

URL = "https://up.example/blog/feed"
HUB = "https://hub.example/"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], []),
        ([f'<{HUB}>; rel="hub"'], [HUB]),
        ([f"<{HUB}>;rel=hub"], [HUB]),
        ([f'<{HUB}> ; REL = "HUB"'], [HUB]),
        ([f'<https://x.example/>; rel="self", <{HUB}>; rel="hub"'], [HUB]),
        (['<https://x.example/>; rel="self"', f'<{HUB}>; rel="hub"'], [HUB]),
        (['<https://x.example/a,b>; rel="next"; title="a, <b>; rel=hub"', f"<{HUB}>; rel=hub"], [HUB]),
        ([f'<{HUB}>; title="a \\"quoted\\" word"; rel="self hub"'], [HUB]),
        ([f"<{HUB}>; rel=hub", "<https://b.example/>; rel=hub", f"<{HUB}>; rel=hub"], [HUB, "https://b.example/"]),
        (["</hub>; rel=hub"], ["https://up.example/hub"]),
        (["<hub?x=1>; rel=hub"], ["https://up.example/blog/hub?x=1"]),
        (["<https://me:secret@hub.example/>; rel=hub"], [HUB]),
        # the first `rel` counts, and a link of another context is not ours
        ([f"<{HUB}>; rel=next; rel=hub"], []),
        ([f'<{HUB}>; rel=hub; anchor="https://else.example/"'], []),
        ([f'<{HUB}>; rel=hub; anchor=""'], [HUB]),
        # what is broken is passed over, and what comes after it is read
        ([f"nonsense, <{HUB}>; rel=hub"], [HUB]),
        ([f"<{HUB}>; rel=hub; ;; x, , <https://b.example/>; rel=hub"], [HUB, "https://b.example/"]),
        ([f"<{HUB}; rel=hub"], []),
        ([f"<{HUB}>"], []),
        (["<>; rel=hub"], [URL]),
        (["<ftp://hub.example/>; rel=hub, <mailto:a@b>; rel=hub, <javascript:1>; rel=hub"], []),
        (["<http://[::1>; rel=hub, <http://h:99999/>; rel=hub, <https://a b/>; rel=hub"], []),
        ([f"<https://{'a' * 3000}.example/>; rel=hub"], []),
    ],
)
def test_targets_of_a_relation(values: list[str], expected: list[str]) -> None:
    assert related(values, URL, "hub") == expected


@given(st.text(alphabet='<>;,="\\ relhub:/.\t\n', max_size=300))
def test_any_header_is_endured(value: str) -> None:
    assert all(target.startswith(("http://", "https://")) for target in related([value], URL, "hub"))


def test_a_flood_of_links_is_bounded() -> None:
    assert len(related([f"<https://h{n}.example/>; rel=hub" for n in range(5000)], URL, "hub")) == 100
    assert related(['<a>; "' + "\\" * 100_000], URL, "hub") == []
