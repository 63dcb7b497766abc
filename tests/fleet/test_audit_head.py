"""Heads of the audit, as they are noted and given back."""

import json

import pytest

from fleet.audit_head import Head, parse_head
from fleet.errors import BadInput

HASH = "ab" * 32


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (HASH, None),
        (HASH.upper() + "\n", None),
        (f"7 {HASH}", 7),
        (f"7:{HASH}", 7),
        (f"7 {HASH}  2026-11-23 16:00:00Z", 7),
        (json.dumps([{"number": 7, "hash": HASH, "at": None}]), 7),
        (json.dumps({"number": 7, "hash": HASH}), 7),
    ],
)
def test_a_head_is_read_as_it_was_printed(text: str, number: int | None) -> None:
    """As text, as JSON, or its hash alone."""
    assert parse_head(text) == Head(number, HASH)


def test_the_head_of_an_empty_audit_is_read_back() -> None:
    """Zeros stand for no entry."""
    assert parse_head(Head(0, "").line) == Head(0, "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "x" * 64,
        HASH[:-1],
        "[]",
        "{",
        '[{"number": "7", "hash": "x"}]',
        f'[{{"number": -1, "hash": "{HASH}"}}]',
    ],
)
def test_what_is_no_head_is_refused_in_one_line(text: str) -> None:
    """It says what a head is."""
    with pytest.raises(BadInput, match="no head of the audit") as raised:
        parse_head(text)
    assert "\n" not in str(raised.value)
