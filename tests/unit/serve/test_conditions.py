"""RFC 9110 section 13, by table: what is said of a document, and what becomes of the request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.serve.conditions import Outcome, evaluate, http_date, named, range_holds

TAG = '"abc"'
MODIFIED = 784111777  # Sun, 06 Nov 1994 08:49:37 GMT
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
BEFORE = "Sun, 06 Nov 1994 08:49:36 GMT"
AFTER = "Sun, 06 Nov 1994 08:49:38 GMT"
HOLDS, NOT_MODIFIED, FAILED = Outcome

TABLE = [
    # nothing is asked
    ({}, HOLDS),
    # If-None-Match: weak comparison (13.1.2)
    ({"if-none-match": '"abc"'}, NOT_MODIFIED),
    ({"if-none-match": 'W/"abc"'}, NOT_MODIFIED),
    ({"if-none-match": '"abd"'}, HOLDS),
    ({"if-none-match": "*"}, NOT_MODIFIED),
    ({"if-none-match": " * "}, NOT_MODIFIED),
    ({"if-none-match": '"x", "abc"'}, NOT_MODIFIED),
    ({"if-none-match": '"x" , W/"abc" ,"y"'}, NOT_MODIFIED),
    ({"if-none-match": '"x","y"'}, HOLDS),
    ({"if-none-match": ', ,"abc"'}, NOT_MODIFIED),
    ({"if-none-match": '"a,b", "abc"'}, NOT_MODIFIED),
    ({"if-none-match": '"x,\\"abc\\""'}, HOLDS),
    ({"if-none-match": ""}, HOLDS),
    ({"if-none-match": "abc"}, HOLDS),
    ({"if-none-match": '"abc'}, HOLDS),
    ({"if-none-match": 'w/"abc"'}, HOLDS),
    ({"if-none-match": "'abc'"}, HOLDS),
    ({"if-none-match": 'bad, "abc"'}, HOLDS),
    ({"if-none-match": '"abc" bad'}, HOLDS),
    ({"if-none-match": '"abc", bad'}, NOT_MODIFIED),
    # If-Modified-Since (13.1.3)
    ({"if-modified-since": DATE}, NOT_MODIFIED),
    ({"if-modified-since": AFTER}, NOT_MODIFIED),
    ({"if-modified-since": BEFORE}, HOLDS),
    ({"if-modified-since": "Sunday, 06-Nov-94 08:49:37 GMT"}, NOT_MODIFIED),
    ({"if-modified-since": "Sun Nov  6 08:49:37 1994"}, NOT_MODIFIED),
    ({"if-modified-since": "Sun Nov  6 08:49:36 1994"}, HOLDS),
    ({"if-modified-since": "yesterday"}, HOLDS),
    ({"if-modified-since": "784111777"}, HOLDS),
    ({"if-modified-since": "1994-11-06T08:49:37Z"}, HOLDS),
    ({"if-modified-since": "Thu, 31 Feb 2094 08:49:37 GMT"}, HOLDS),
    ({"if-modified-since": "Sun, 06 Nov 1994 09:49:37 +0100"}, HOLDS),
    # ... is not looked at beside If-None-Match, whatever that is
    ({"if-none-match": '"x"', "if-modified-since": AFTER}, HOLDS),
    ({"if-none-match": "bad", "if-modified-since": AFTER}, HOLDS),
    ({"if-none-match": '"abc"', "if-modified-since": BEFORE}, NOT_MODIFIED),
    # If-Match: strong comparison (13.1.1)
    ({"if-match": '"abc"'}, HOLDS),
    ({"if-match": "*"}, HOLDS),
    ({"if-match": '"x", "abc"'}, HOLDS),
    ({"if-match": 'W/"abc"'}, FAILED),
    ({"if-match": '"x"'}, FAILED),
    ({"if-match": "bad"}, FAILED),
    # If-Unmodified-Since (13.1.4), which is not looked at beside If-Match
    ({"if-unmodified-since": DATE}, HOLDS),
    ({"if-unmodified-since": AFTER}, HOLDS),
    ({"if-unmodified-since": BEFORE}, FAILED),
    ({"if-unmodified-since": "whenever"}, HOLDS),
    ({"if-match": '"abc"', "if-unmodified-since": BEFORE}, HOLDS),
    # the order of 13.2.2: what must hold first, then what the client has
    ({"if-match": '"x"', "if-none-match": '"abc"'}, FAILED),
    ({"if-match": '"abc"', "if-none-match": '"abc"'}, NOT_MODIFIED),
    ({"if-unmodified-since": BEFORE, "if-none-match": '"abc"'}, FAILED),
    ({"if-unmodified-since": DATE, "if-modified-since": DATE}, NOT_MODIFIED),
]


@pytest.mark.parametrize(("fields", "outcome"), TABLE, ids=[str(fields) for fields, _ in TABLE])
def test_what_becomes_of_a_conditional_request(fields: dict[str, str], outcome: Outcome) -> None:
    headers = {name.encode(): value.encode() for name, value in fields.items()}
    assert evaluate(headers, TAG, MODIFIED) is outcome


def test_what_changes_a_document_fails_where_it_is_as_the_client_has_it() -> None:
    assert evaluate({b"if-none-match": b"*"}, TAG, MODIFIED, reads=False) is FAILED
    assert evaluate({b"if-modified-since": DATE.encode()}, TAG, MODIFIED, reads=False) is HOLDS


@pytest.mark.parametrize(
    ("field", "holds"),
    [
        ('"abc"', True),
        (' "abc" ', True),
        ('"abd"', False),
        ('W/"abc"', False),  # strong comparison
        ('"abc", "x"', False),  # one tag, no list
        (DATE, True),
        (BEFORE, False),
        (AFTER, False),  # exactly that date, not "at least"
        ("*", False),
        ("", False),
    ],
)
def test_a_part_is_answered_if_the_rest_is_of_the_same_document(field: str, *, holds: bool) -> None:
    assert range_holds(field.encode(), TAG, MODIFIED, MODIFIED + 1) is holds


def test_a_date_of_this_second_may_be_that_of_another_document_too() -> None:
    assert not range_holds(DATE.encode(), TAG, MODIFIED, MODIFIED)


def test_the_tags_that_are_named() -> None:
    assert named(b'"a", W/"b",, "c,d"') == ['"a"', '"b"', '"c,d"']
    assert named(b"*") == []


@given(st.binary(max_size=60))
def test_anything_may_stand_in_a_field(field: bytes) -> None:
    for name in (b"if-match", b"if-none-match", b"if-modified-since", b"if-unmodified-since"):
        evaluate({name: field}, TAG, MODIFIED)
    range_holds(field, TAG, MODIFIED, MODIFIED)
    http_date(field)


@given(others=st.lists(st.text(st.characters(min_codepoint=0x23, max_codepoint=0x7E)), max_size=5), ours=st.booleans())
def test_a_list_matches_if_one_of_it_does(others: list[str], *, ours: bool) -> None:
    tags = [f'"{other}"' for other in others] + ([TAG] if ours else [])
    expected = NOT_MODIFIED if TAG in tags else HOLDS
    assert evaluate({b"if-none-match": ", ".join(tags).encode()}, TAG, MODIFIED) is expected
