"""`patchdeck audit`: listing, showing, verifying, the head."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops.exit_codes import ExitCode
from ops.home import open_home
from ops.state import connect
from ops.state.audit import Actor, Audit
from tests.ops.cli.conftest import Patchdeck

ALICE = Actor("root (alice)", "10.0.0.5 51234 22", "patchdeck machines edit web-01")
BOB = Actor("bob", "", "patchdeck deployments add \x1b[31mred")


@pytest.fixture
def deeds(home: Path) -> Path:
    """A home in which alice and bob did something, an hour apart."""
    made = open_home(home)
    with closing(connect(made.state_file)) as connection:
        for hour, actor, action, target, before, after in (
            (9, ALICE, "machine.edit", "web-01", '{"address":"a","tags":{}}', '{"address":"b","tags":{"env":"prod"}}'),
            (10, BOB, "deployment.add", "weekly", None, '{"name":"weekly","window":{"minutes":60}}'),
            (11, BOB, "deployment.remove", "weekly", '{"name":"weekly"}', None),
            (12, ALICE, "machine.edit", "web-02", None, json.dumps({"note": "x" * 1_000_000})),
        ):
            at = datetime(2026, 11, 20, hour, tzinfo=UTC)
            Audit(connection, actor, lambda at=at: at).record(action, target, before, after)  # type: ignore[misc]
    return home


def numbers(patchdeck: Patchdeck, *arguments: str) -> list[int]:
    """The entries that a listing gives."""
    return [entry["number"] for entry in json.loads(patchdeck("audit", *arguments, "--json").out)]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], [4, 3, 2, 1]),
        (["--by", "alice"], [4, 1]),
        (["--by", "root"], [4, 1]),
        (["--by", "BO*"], [3, 2]),
        (["--by", "root (alice)"], [4, 1]),
        (["--action", "deployment.*"], [3, 2]),
        (["--action", "Machine.Edit", "--target", "web-02"], [4]),
        (["--target", "W*"], [4, 3, 2, 1]),
        (["--since", "2026-11-20T10:00Z", "--until", "2026-11-20T12:00Z"], [3, 2]),
        (["--since", "2026-11-20T12:00+02:00"], [4, 3, 2]),
        (["--until", "1d"], [4, 3, 2, 1]),
        (["--limit", "2"], [4, 3]),
        (["--limit", "2", "--below", "3"], [2, 1]),
        (["--by", "'; DROP TABLE audit; --"], []),
    ],
)
def test_entries_are_found(patchdeck: Patchdeck, deeds: Path, arguments: list[str], expected: list[int]) -> None:
    """By time, person, deed and target, the newest first, a page at a time."""
    assert deeds
    assert numbers(patchdeck, *arguments) == expected


def test_a_list_says_what_changed(patchdeck: Patchdeck, deeds: Path) -> None:
    """In a few words, also of large documents; and that there are earlier entries."""
    assert deeds
    shown = patchdeck("audit", "--limit", "3", "--below", "4")
    assert "address: a → b; + tags.env: prod" in shown.out
    assert "name: weekly; window.minutes: 60" in shown.out
    assert "- name: weekly" in shown.out
    assert "\x1b" not in shown.out
    page = patchdeck("audit", "--limit", "1")
    assert "1,000,012 characters: patchdeck audit show 4" in page.out
    assert "--below 4" in page.err


def test_an_entry_is_shown_whole(patchdeck: Patchdeck, deeds: Path) -> None:
    """Who, when, from where, the command, and each value that changed."""
    assert deeds
    shown = patchdeck("audit", "show", "1").out
    for text in ("root (alice)", "10.0.0.5 51234 22", ALICE.command, "2026-11-20 09:00:00Z", "address: a → b"):
        assert text in shown
    [entry] = json.loads(patchdeck("audit", "show", "1", "--json").out)
    assert entry["changes"] == [
        {"path": "address", "before": "a", "after": "b"},
        {"path": "tags.env", "before": None, "after": "prod"},
    ]
    [large] = json.loads(patchdeck("audit", "show", "4", "--json").out)
    assert len(large["after"]["note"]) == 1_000_000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["audit", "show", "99"], "no entry of the audit '99'"),
        (["audit", "--since", "lately"], "--since: 'lately' is no time"),
        (["audit", "--until", "999999w"], "--until"),
        (["audit", "--machine", "nothing"], "no machine 'nothing'"),
        (["audit", "--by", "alice", "verify"], "--by stands before verify"),
        (["audit", "verify", "--head", "abc"], "--head: 'abc' is no head"),
        (["audit", "verify", "--since-head", "/nowhere/x"], "No such file"),
        (["audit", "verify", "--head", "a" * 64, "--since-head", "x"], "not both"),
    ],
)
def test_what_cannot_be_meant_is_refused(patchdeck: Patchdeck, deeds: Path, arguments: list[str], said: str) -> None:
    """In one line."""
    assert deeds
    refused = patchdeck(*arguments, code=ExitCode.USAGE)
    assert said in refused.err
    assert refused.err.count("\n") == 1


def test_a_head_that_was_kept_proves_the_audit(patchdeck: Patchdeck, deeds: Path, tmp_path: Path) -> None:
    """As text, as JSON, on standard input, and in a file that has a line for every day."""
    assert deeds
    line, as_json = patchdeck("audit", "head").out, patchdeck("audit", "head", "--json").out
    daily = tmp_path / "heads"
    daily.write_text(f"{line}{as_json}{as_json}\n{line}")
    (tmp_path / "head.json").write_text(as_json)
    for arguments in (["--since-head", str(tmp_path / "head.json")], ["--head", line.strip().replace(" ", ":")]):
        assert "known head (entry 4) is part of it" in patchdeck("audit", "verify", *arguments).out
    assert "is part of it" in patchdeck("audit", "verify", "--since-head", "-", given=line).out
    assert "All 4 known heads are part of it" in patchdeck("audit", "verify", "--since-head", str(daily)).out


def test_each_head_of_a_file_has_to_be_part_of_the_audit(patchdeck: Patchdeck, deeds: Path, tmp_path: Path) -> None:
    """Whoever writes the audit anew has a false head noted by the next night: those before it tell."""
    assert deeds
    line, heads = patchdeck("audit", "head").out, tmp_path / "heads"
    for text in (f"1 {'0' * 63}1\n{line}", f"{line}1 {'0' * 63}1  2026-11-23 a reason\n"):
        heads.write_text(text)
        said = patchdeck("audit", "verify", "--since-head", str(heads), code=ExitCode.AUDIT_BROKEN).out
        assert "rewritten: entry 1 had the hash" in said
        assert "1 of the 2 known heads are not part of it" in said
    heads.write_text(f"{line}nonsense\n")
    assert (
        "heads: line 2: 'nonsense'" in patchdeck("audit", "verify", "--since-head", str(heads), code=ExitCode.USAGE).err
    )


def test_a_broken_audit_ends_with_its_own_code_and_says_where(patchdeck: Patchdeck, deeds: Path) -> None:
    """For people in lines, for programs in one object."""
    with closing(sqlite3.connect(deeds / "state.db")) as connection:
        connection.execute("DROP TRIGGER audit_is_kept")
        connection.execute("DELETE FROM audit WHERE id = 2")
        connection.commit()
    told = patchdeck("audit", "verify", code=ExitCode.AUDIT_BROKEN)
    assert "NOT as it was written" in told.out
    assert "The first place is entry 2" in told.out
    assert "removed: entry 2 is not there" in told.out
    assert "unguarded: the trigger audit_is_kept" in told.out
    [verdict] = json.loads(patchdeck("audit", "verify", "--json", code=ExitCode.AUDIT_BROKEN).out)
    assert (verdict["is_whole"], verdict["first_broken"], verdict["entries"]) == (False, 2, 3)


def test_an_empty_audit_is_whole(patchdeck: Patchdeck, home: Path) -> None:
    """And has a head that proves nothing and fits everything."""
    assert home
    head = patchdeck("audit", "head").out
    assert head == f"0 {'0' * 64}\n"
    assert "0 entries" in patchdeck("audit", "verify", "--head", head.strip()).out
    assert patchdeck("audit").out == ""
    assert json.loads(patchdeck("audit", "--json").out) == []


def test_a_home_that_is_only_read_can_be_verified(patchdeck: Patchdeck, deeds: Path) -> None:
    """By whoever may look at it."""
    assert deeds
    assert "is whole" in patchdeck("--read-only", "audit", "verify").out


def test_secrets_on_the_command_line_do_not_get_into_the_audit(patchdeck: Patchdeck, home: Path) -> None:
    """Neither from an option nor from a value that is kept."""
    patchdeck("machines", "add", "web-01", "--address", "10.0.0.1", "--tag", "note=https://u:hunter2Xy@h/x")
    patchdeck("queries", "save", "q", "SELECT 'password=hunter2Xy' AS a", "--title", "t")
    assert "hunter2Xy" not in patchdeck("audit", "--json").out
    with closing(sqlite3.connect(home / "state.db")) as connection:
        assert "hunter2Xy" not in str(connection.execute("SELECT * FROM audit").fetchall())
