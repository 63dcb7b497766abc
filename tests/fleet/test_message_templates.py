"""Templates of messages: what they may say, where a mistake stands, and that nothing of a machine steers anything."""

import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.alerts.severity import Severity
from fleet.errors import BadInput, ExpressionMistake
from fleet.message_templates import (
    DEFAULT_TEXT,
    DEFAULT_TITLE,
    WORDS,
    parse_template,
    parse_title,
    render_text,
    render_title,
)
from fleet.messages import Message, MessageKind

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def message(**more: object) -> Message:
    fields = {"title": "Disk low", "text": "2 machines", "facts": {"Rule": "disk-low"}, "severity": Severity.CRITICAL}
    return Message(id="m-1", kind=MessageKind.ALERT_OPENED, at=AT, **{**fields, **more})  # type: ignore[arg-type]


def test_words_stand_for_the_parts_of_a_message() -> None:
    """Also in braces, where letters follow; a dollar is written twice."""
    template = parse_template("$mark${title}! costs $$5 ${fact rule} $id")
    assert render_text(template, message(), "here") == "[Critical] Disk low! costs $5 disk-low m-1"


def test_a_line_whose_words_are_all_empty_falls_away() -> None:
    """So that a template needs no conditions."""
    template = parse_template("$text\nmore: $more\n\n$items\n\nalways")
    assert render_text(template, message(), "") == "2 machines\n\nalways"


def test_of_many_items_the_rest_is_counted() -> None:
    """Ten thousand machines make one message with the first of them."""
    many = message(items=("web-01", "web-02"), item_count=10_000)
    assert render_text(parse_template("$items\n$more"), many, "") == "- web-01\n- web-02\nand 9,998 more"


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("a\n $titel", 2, 2), ("$", 1, 1), ("x${fact }", 1, 2), ("${title", 1, 1), ("5$ ", 1, 2), ("${a b}", 1, 1)],
)
def test_a_template_that_does_not_parse_shows_the_place(text: str, line: int, column: int) -> None:
    """Line and column, and the line itself for the caret."""
    with pytest.raises(ExpressionMistake) as caught:
        parse_template(text)
    position = caught.value.position
    assert (position.line, position.column, position.source_line) == (line, column, text.split("\n")[line - 1])


def test_an_unknown_word_is_told_with_the_nearest() -> None:
    """A slip of the finger is found at once."""
    with pytest.raises(ExpressionMistake, match="Did you mean 'severity'"):
        parse_template("$severty")


def test_a_title_has_one_line() -> None:
    """A second one would be lost."""
    with pytest.raises(BadInput, match="one line"):
        parse_title("a\nb")


@given(st.text(max_size=200), st.text(max_size=200), st.dictionaries(st.text(max_size=9), st.text(max_size=50)))
def test_no_text_breaks_out_of_a_title_or_its_line(title: str, text: str, facts: dict[str, str]) -> None:
    """Whatever machines are called: one line that is never empty, and lines without steering characters."""
    about = message(title=title, text=text, facts=facts, items=(title, text), item_count=2)
    rendered = render_title(parse_title(DEFAULT_TITLE), about, "home")
    assert rendered
    assert not set(rendered) & set("\r\n\0\x1b\u2028\u202e")
    assert not set(render_text(parse_template(DEFAULT_TEXT), about, "home")) & set("\r\0\x1b\u2028\u202e")


def test_a_word_that_stands_often_for_a_long_text_takes_little_memory() -> None:
    """A template of 16,384 characters would make 60 MB of it, of which 100,000 characters are used."""
    template, about = parse_template("$text" * 3_000), message(text="a line\n" * 3_000)
    tracemalloc.start()
    try:
        rendered = render_text(template, about, "here")
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert rendered.endswith("…")
    assert len(rendered) == 100_001
    assert most_bytes < 10_000_000


@given(st.text(alphabet="$ab{}title \n", max_size=60))
def test_any_template_is_read_or_refused_with_its_place(text: str) -> None:
    """Never anything else."""
    mistake = None
    try:
        render_text(parse_template(text), message(), "home")
    except ExpressionMistake as error:
        mistake = error.position
    if mistake is not None:
        assert 1 <= mistake.column <= len(text.splitlines()[mistake.line - 1])


def test_every_word_has_a_value() -> None:
    """The list that the documentation has is the one that is filled in."""
    for word in WORDS:
        render_text(parse_template(f"${word}"), message(), "home")
