"""Command lines that only open the app are read without typer, and mean the same."""

from pathlib import Path

import pytest

from ops.cli.app_words import AppWords, read_app_words


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ([], AppWords()),
        (["--home", "some where"], AppWords(Path("some where"))),
        (["--ascii", "--home", "x", "--read-only"], AppWords(Path("x"), is_read_only=True, is_ascii=True)),
    ],
)
def test_words_of_the_app_alone_are_read(words: list[str], asked: AppWords) -> None:
    """Home, read-only and ASCII, in any order."""
    assert read_app_words(words, {}) == asked


@pytest.mark.parametrize(
    "words",
    [
        ["demo"],
        ["--help"],
        ["--home"],
        ["--home", "--ascii"],
        ["--home", ""],
        ["--home=x"],
        ["--home", "a", "--home", "b"],
    ],
)
def test_all_that_takes_more_than_a_look_is_left_to_typer(words: list[str]) -> None:
    """Verbs, help, what is missing or given twice."""
    assert read_app_words(words, {}) is None


def test_a_variable_that_says_read_only_is_left_to_typer() -> None:
    """It knows which words are yes and which are no."""
    assert read_app_words([], {"PATCHDECK_READ_ONLY": "0"}) is None
