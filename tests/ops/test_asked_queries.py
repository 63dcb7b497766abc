"""The history of asked queries."""

import fcntl
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors import known_hosts_file
from fleet.errors import StoreBusy
from ops.asked_queries import MOST_QUERIES, AskedQuery, list_asked_queries, remember_query
from ops.home import Home, open_home
from query.language import QueryLanguage

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


def asked(text: str, minutes: int = 0, language: QueryLanguage = QueryLanguage.SQL) -> AskedQuery:
    return AskedQuery(NOW + timedelta(minutes=minutes), text, language, (("days", "30"),))


def test_newest_comes_first_and_each_text_once(home: Home) -> None:
    """A text that was asked again moves to the top."""
    for minute, text in enumerate(("SELECT 1", "SELECT 2", "SELECT 1")):
        remember_query(home, asked(text, minute))
    assert [each.text for each in list_asked_queries(home)] == ["SELECT 1", "SELECT 2"]
    assert list_asked_queries(home)[0] == asked("SELECT 1", 2)


def test_who_holds_the_folder_for_ever_holds_up_nobody_for_ever(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a shared home a viewer can: the query is not kept, which is said."""
    remember_query(home, asked("SELECT 1"))
    monkeypatch.setattr(known_hosts_file, "_WAIT_SECONDS", 0.05)
    folder = os.open(home.asked_dir, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        with pytest.raises(StoreBusy, match="Another process holds"):
            remember_query(home, asked("SELECT 2"))
    finally:
        os.close(folder)


def test_history_is_bounded(home: Home) -> None:
    """The oldest go."""
    for number in range(MOST_QUERIES + 150):
        remember_query(home, asked(f"SELECT {number}"))
    kept = list_asked_queries(home)
    assert len(kept) == MOST_QUERIES
    assert kept[0].text == f"SELECT {MOST_QUERIES + 149}"


def test_hidden_texts_of_kql_are_not_kept(home: Home) -> None:
    """What the language marks as a secret reaches no file."""
    remember_query(home, asked("print h\"s3cret\", h'an''other', 'plain'", 0, QueryLanguage.KQL))
    written = next(home.asked_dir.iterdir()).read_text(encoding="utf-8")
    assert "s3cret" not in written
    assert "an" + "''" not in written
    assert "plain" in written


def test_only_its_user_may_read_it(home: Home) -> None:
    """Queries name machines and people; they are nobody else's affair."""
    remember_query(home, asked("SELECT 1"))
    assert stat.S_IMODE(next(home.asked_dir.iterdir()).stat().st_mode) == 0o600


def test_torn_line_is_passed_over(home: Home) -> None:
    """A full disk may cut the last line; the others stay."""
    remember_query(home, asked("SELECT 1"))
    path = next(home.asked_dir.iterdir())
    path.write_text(path.read_text(encoding="utf-8") + '{"at": "2026-', encoding="utf-8")
    assert [each.text for each in list_asked_queries(home)] == ["SELECT 1"]


def test_home_with_a_history_is_opened_again(home: Home) -> None:
    """The folder belongs to a home."""
    remember_query(home, asked("SELECT 1"))
    assert open_home(home.path) == home


@pytest.mark.parametrize("secret", ['h@"a""two"', "h@'C:\\'", "H```line\ntwo```", 'h"\\"two"'])
def test_every_kind_of_hidden_text_is_left_out(home: Home, secret: str) -> None:
    """Verbatim strings and those of several lines too; what comes behind them stays."""
    remember_query(home, asked(f"print {secret}, 'shown'", language=QueryLanguage.KQL))
    assert [each.text for each in list_asked_queries(home)] == ["print h\"…\", 'shown'"]


def test_odd_ends_of_lines_and_a_torn_line_lose_nothing(home: Home) -> None:
    """A text may hold what Unicode takes for the end of a line; what comes behind a torn line is a line of its own."""
    remember_query(home, asked("SELECT '\u2028\u0085'"))
    path = next(home.asked_dir.iterdir())
    path.write_bytes(path.read_bytes() + b'{"at": "2026')
    remember_query(home, asked("SELECT 2", 1))
    assert [each.text for each in list_asked_queries(home)] == ["SELECT 2", "SELECT '\u2028\u0085'"]
