"""The edge of the program: whatever goes wrong is one line and a documented exit code."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ops.cli import AppRequest, main
from ops.exit_codes import ExitCode

Patchdeck = Callable[..., Any]


def test_an_unknown_setting_is_named_with_file_line_and_nearest(patchdeck: Patchdeck, home: Path) -> None:
    """A config with an unknown key is refused by the verbs that read it."""
    patchdeck("machines", "add", "web-01")
    (home / "config.toml").write_text("[assess]\nconcurency = 4\n")

    ended = patchdeck("assess", "all", code=2)

    assert "config.toml, line 2" in ended.err
    assert "assess.concurrency" in ended.err


@pytest.mark.parametrize("verb", [["machines", "show"], ["deployments", "show"], ["groups", "show"]])
def test_an_argument_that_is_no_text_is_code_2(patchdeck: Patchdeck, verb: list[str]) -> None:
    """Python hands over bytes that are not UTF-8 as halves of characters, which no database takes."""
    ended = patchdeck(*verb, "a\udcff", code=ExitCode.USAGE)

    assert ended.err == "patchdeck: The argument 'a\\udcff' is no text in UTF-8.\n"


def test_a_home_that_cannot_be_made_is_code_4(patchdeck: Patchdeck) -> None:
    """Also for root: /proc takes no folders."""
    ended = patchdeck("--home", "/proc/none", "machines", "list", code=ExitCode.HOME_UNUSABLE)

    assert ended.err.startswith("patchdeck: ")
    assert "/proc/none" in ended.err


@pytest.mark.parametrize("verb", [["machines", "list"], ["assess"], ["updates"], ["query", "SELECT 1"], ["audit"]])
def test_a_home_of_a_newer_version_is_code_5_and_untouched(patchdeck: Patchdeck, home: Path, verb: list[str]) -> None:
    """Whatever the verb, nothing in it changes."""
    patchdeck("machines", "list")
    (home / "version").write_text("99\n")
    before = sorted((path, path.stat().st_mtime_ns) for path in home.rglob("*") if path.is_file())

    ended = patchdeck(*verb, code=ExitCode.HOME_NEWER)

    assert "99" in ended.err
    assert sorted((path, path.stat().st_mtime_ns) for path in home.rglob("*") if path.is_file()) == before


def test_a_folder_that_is_no_home_is_left_alone(patchdeck: Patchdeck, tmp_path: Path) -> None:
    """A typo in --home does not turn somebody's folder into a home."""
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "cat.jpg").write_bytes(b"meow")

    patchdeck("--home", str(folder), "machines", "add", "x", code=ExitCode.HOME_UNUSABLE)

    assert [path.name for path in folder.iterdir()] == ["cat.jpg"]


def test_a_state_that_is_no_database_is_told_in_one_line(patchdeck: Patchdeck, home: Path) -> None:
    """A damaged state.db is a home that cannot be used, not a traceback."""
    patchdeck("machines", "list")
    for name in ("state.db", "state.db-wal", "state.db-shm"):
        (home / name).unlink(missing_ok=True)
    (home / "state.db").write_bytes(b"this is not a database" * 100)

    ended = patchdeck("machines", "list", code=ExitCode.HOME_UNUSABLE)

    assert ended.err.count("\n") == 1
    assert "state.db" in ended.err


def test_what_nobody_foresaw_is_one_line_and_the_rest_in_the_log(
    patchdeck: Patchdeck, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line names the log; the log has the error and where it was raised."""

    def broken(*arguments: object) -> None:
        raise ZeroDivisionError("nobody foresaw this")

    patchdeck("machines", "list")
    monkeypatch.setattr("ops.statuses.select_machines", broken)

    ended = patchdeck("machines", "list", code=ExitCode.FAILED)

    assert ended.err.startswith("patchdeck: ")
    assert ended.err.count("\n") == 1
    assert str(home / "patchdeck.log") in ended.err
    assert "nobody foresaw this" in (home / "patchdeck.log").read_text()


def test_a_state_of_a_newer_version_is_code_5(patchdeck: Patchdeck, home: Path) -> None:
    """The database has a version of its own."""
    patchdeck("machines", "list")
    with sqlite3.connect(home / "state.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    patchdeck("machines", "list", code=ExitCode.HOME_NEWER)


def test_the_app_needs_a_terminal(patchdeck: Patchdeck, home: Path) -> None:
    """Without one, `patchdeck` and `patchdeck demo` say so and make no home."""
    for arguments in ((), ("demo",)):
        ended = patchdeck(*arguments, code=2)
        assert "terminal" in ended.err
    assert not home.exists()


def test_without_a_verb_the_app_opens_over_the_home(
    patchdeck: Patchdeck, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The launcher is handed the opened home, and its exit code is that of the process."""
    requests: list[AppRequest] = []

    def open_app(request: AppRequest) -> int:
        requests.append(request)
        return 1

    patchdeck("machines", "list")
    monkeypatch.setattr("ops.cli.command_session.is_terminal", lambda number: True)
    monkeypatch.setattr("sys.argv", ["patchdeck"])

    assert main(open_app) == 1
    assert [request.home.path for request in requests] == [home]


def test_unknown_verbs_and_options_offer_the_nearest(patchdeck: Patchdeck) -> None:
    """Typos get one line."""
    assert "'assess'" in patchdeck("asses", code=2).err
    assert "--refresh" in patchdeck("assess", "--refrsh", code=2).err
    assert "--help" in patchdeck("machines", code=2).err


def test_json_has_columns_in_their_order_and_times_with_z(patchdeck: Patchdeck) -> None:
    """The shape of every listing: an array of objects."""
    patchdeck("machines", "add", "web-01")

    (definition,) = json.loads(patchdeck("machines", "show", "web-01", "--json").out)

    assert next(iter(definition)) == "name"
    assert definition["created_at"].endswith("Z")
    assert definition["compliance"] == "not-assessed"
    assert definition["facts"] is None


def test_a_damaged_document_of_the_state_is_told(patchdeck: Patchdeck, home: Path) -> None:
    """Or one with a word that only a newer Patchdeck knows."""
    patchdeck("machines", "add", "web-01")
    with sqlite3.connect(home / "state.db") as connection:
        connection.execute("UPDATE machines SET document = replace(document, '\"ssh\"', '\"carrier-pigeon\"')")
    connection.close()

    for verb in (["machines", "list"], ["assess"], ["query", "SELECT 1"]):
        ended = patchdeck(*verb, code=ExitCode.HOME_UNUSABLE)
        assert "carrier-pigeon" in ended.err
        assert ended.err.count("\n") == 1


def test_a_state_that_is_held_is_busy(patchdeck: Patchdeck, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's shell with an open transaction is not a broken home."""
    monkeypatch.setattr("ops.state.database.BUSY_SECONDS", 0.1)
    patchdeck("machines", "list")
    holder = sqlite3.connect(home / "state.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    ended = patchdeck("machines", "add", "web-01", code=ExitCode.STORE_BUSY)

    holder.close()
    assert "Another process" in ended.err


def test_a_table_that_cannot_be_read_is_told(patchdeck: Patchdeck, home: Path) -> None:
    """Whatever the verb: one line with the reason, and the code of an unusable home."""
    patchdeck("machines", "add", "web-01")
    patchdeck("query", "SELECT 1")
    for commit in (home / "tables" / "Machine" / "_delta_log").glob("*.json"):
        commit.write_text("garbage\n")

    for verb in (["tables", "list"], ["query", "SELECT 1"]):
        ended = patchdeck(*verb, code=ExitCode.HOME_UNUSABLE)
        assert "Json error" in ended.err
        assert ended.err.count("\n") == 1


def test_terminal_that_cannot_move_its_cursor_is_told_of_itself(
    patchdeck: Patchdeck, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The app needs more than a terminal, and it helps nobody to be told that there is none."""
    monkeypatch.setattr("os.isatty", lambda _stream: True)
    monkeypatch.setenv("TERM", "dumb")

    assert "TERM=dumb" in patchdeck(code=ExitCode.USAGE).err
