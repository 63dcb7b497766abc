"""The last door before the terminal: what nobody cleaned is harmless in talk and in tables, whatever state.db holds."""

import pytest

from ops.cli.listing import Column, Listing, show_listing
from ops.cli.terminal import say
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
