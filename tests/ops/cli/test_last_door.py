"""The last door before the terminal: what nobody cleaned is harmless in talk and in tables, whatever state.db holds."""

from pathlib import Path

import pytest

from ops.cli.home_name import tell_home
from ops.cli.listing import Column, Listing, show_listing
from ops.cli.terminal import say, show_lines
from ops.config import Settings
from ops.home import open_home
from tests.tui.hostile_judge import is_seen
from tests.tui.hostile_values import HOSTILE


def test_talk_and_tables_steer_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Lines and tabs stay; a group that a hand in the database named is one of the ways there."""
    say(f"Mind: the group {HOSTILE}")
    show_listing(Listing((Column("group", "Group"),), [(HOSTILE,)]), as_json_text=False)
    shown = capsys.readouterr()
    assert "[@click=app.boom]" in shown.err
    assert "[@click=app.boom]" in shown.out
    assert {letter for letter in shown.err + shown.out if not is_seen(letter)} <= {"\n", "\t"}


def test_lines_of_an_answer_steer_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Also a text that holds nothing but letters, of which some are blank by design."""
    show_lines([HOSTILE, "blank\u3164\uffa0letters"])
    shown = capsys.readouterr().out
    assert "[@click=app.boom]" in shown
    assert {letter for letter in shown if not is_seen(letter)} <= {"\n", "\t"}


def test_the_colour_of_a_home_reaches_the_terminal(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The one thing that talk may steer a terminal with is ours: what the home is called cannot."""
    tell_home(open_home(home), Settings(app_name="PROD\x1b[6n", app_colour="red"), has_colours=True)
    assert capsys.readouterr().err.startswith("On \x1b[1;31mPROD\ufffd[6n\x1b[0m (")
