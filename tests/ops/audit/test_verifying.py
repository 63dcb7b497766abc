"""Verifying the audit of a real home, in whose state.db somebody has written with sqlite3."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from fleet.audit_chain import BEGINNING, hash_of_row
from fleet.audit_head import Head
from fleet.audit_verification import BreachKind
from fleet.errors import HomeUnusable
from fleet.tables import AUDIT
from ops.audit.book import audit_head, list_deeds
from ops.audit.verifying import verify_audit
from ops.home import Home, open_home
from ops.state import connect
from ops.state.audit import ENTRY_COLUMNS, Actor, Audit
from ops.state.audit_search import AuditFilter
from ops.store import TableStore
from ops.store.place import tables_of

Forge = Callable[..., None]
_COUNT = 6


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with an audit of six entries, published."""
    made = open_home(tmp_path / "home")
    record(made, _COUNT)
    TableStore(made).publish_machines()
    return made


def record(home: Home, count: int) -> None:
    """Add so many entries."""
    with closing(connect(home.state_file)) as connection:
        audit = Audit(connection, Actor("alice", "", "patchdeck"))
        for number in range(count):
            audit.record("machine.edit", f"web-{number}", '{"n":1}', '{"n":2}')


@pytest.fixture
def forge(home: Home) -> Forge:
    """Runs statements past Patchdeck, the triggers of the audit put aside and back."""

    def run(*statements: str) -> None:
        with closing(sqlite3.connect(home.state_file, isolation_level=None)) as connection:
            kept = connection.execute(
                "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit'"
            ).fetchall()
            for name, _ in kept:
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(statement)
            for _, sql in kept:
                connection.execute(sql)

    return run


def found(home: Home, known: Head | None = None) -> list[tuple[str, int | None]]:
    """What is off, and where."""
    return [
        (breach.kind.value, breach.number) for breach in verify_audit(home, () if known is None else (known,)).breaches
    ]


def rewrite_chain(home: Home) -> list[str]:
    """Statements that give every entry a hash that fits what it says now."""
    statements, digest = [], BEGINNING
    with closing(sqlite3.connect(home.state_file)) as connection:
        for row in connection.execute(f"SELECT {ENTRY_COLUMNS} FROM audit ORDER BY id"):
            digest = hash_of_row(digest, row[:-1])
            statements.append(f"UPDATE audit SET hash = '{digest}' WHERE id = {row[0]}")
    return statements


def test_what_was_written_is_whole(home: Home) -> None:
    """Also what is not published yet; that is said."""
    record(home, 2)
    verdict = verify_audit(home, (audit_head(home),))
    assert verdict.is_whole
    assert (verdict.entries, verdict.head.number, verdict.published) == (8, 8, 6)
    assert verdict.notes == ("The last 2 of them are not in the table Audit yet.",)


def test_an_audit_of_before_the_chain_is_whole(home: Home, forge: Forge) -> None:
    """Entries without an origin are hashed without it, as the migration did."""
    forge("UPDATE audit SET origin = NULL")
    forge(*rewrite_chain(home))
    assert not {kind for kind, _ in found(home)} - {BreachKind.REWRITTEN}


def test_a_changed_entry_is_found_and_what_it_was(home: Home, forge: Forge) -> None:
    """The table Audit says in what it differs."""
    forge("UPDATE audit SET user = 'mallory', after = '{\"n\":3}' WHERE id = 3")
    assert (BreachKind.CHANGED, 3) in found(home)


def test_a_chain_written_anew_is_found_by_the_table(home: Home, forge: Forge) -> None:
    """Every hash fits, and still it is not what was published; the first entry that differs is told value by value."""
    forge("UPDATE audit SET user = 'mallory', before = NULL WHERE id = 3")
    forge(*rewrite_chain(home))
    verdict = verify_audit(home)
    [breach] = verdict.breaches
    assert (breach.kind, breach.number, verdict.broken) == (BreachKind.REWRITTEN, 3, 0)
    assert "Caller was 'alice', and is 'mallory'" in breach.text
    assert "Before was '{\"n\":1}', and is ''" in breach.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows.with_columns(Caller=pl.lit("bob")), "Caller was 'bob', and is 'alice'"),
        (lambda rows: rows.filter(pl.col("Sequence") != 3), "had entry 3, and has it no more"),
        (lambda rows: rows.filter(pl.col("Sequence") < 4), "had 3 entries from 4 to 6, and has them no more"),
    ],
)
def test_a_changed_table_is_found(home: Home, change: Callable[[pl.DataFrame], pl.DataFrame], said: str) -> None:
    """Questions are answered by its rows: they have to say what the entries say, whatever their hashes."""
    path = tables_of(home) / AUDIT.name
    rows = change(pl.read_delta(path.target))
    rows.write_delta(path.target, mode="overwrite")
    (breach,) = verify_audit(home).breaches
    assert breach.kind is BreachKind.TABLE
    assert said in breach.text


def test_a_chain_written_anew_is_found_by_a_head_that_was_kept(home: Home, forge: Forge) -> None:
    """Also where the tables are gone."""
    known = audit_head(home)
    forge("UPDATE audit SET user = 'mallory' WHERE id = 3")
    forge(*rewrite_chain(home))
    (home.tables_dir / "Audit").rename(home.path / "aside")
    assert found(home) == []
    assert found(home, known) == [(BreachKind.REWRITTEN, 6)]


def test_a_removed_entry_is_found(home: Home, forge: Forge) -> None:
    """By the gap, and by the table."""
    forge("DELETE FROM audit WHERE id IN (3, 4)")
    assert found(home) == [(BreachKind.REMOVED, 3), (BreachKind.REMOVED, 3)]


def test_a_cut_end_is_found_by_the_table_and_by_a_known_head(home: Home, forge: Forge) -> None:
    """The chain alone cannot tell."""
    known = audit_head(home)
    forge("DELETE FROM audit WHERE id > 4")
    assert found(home, known) == [(BreachKind.CUT, 5), (BreachKind.CUT, 5)]
    assert found(home, Head(None, known.hash))[0] == (BreachKind.CUT, None)


def test_entries_that_changed_places_are_found(home: Home, forge: Forge) -> None:
    """Whatever numbers they were given."""
    forge(
        "UPDATE audit SET id = 100 WHERE id = 2",
        "UPDATE audit SET id = 2 WHERE id = 5",
        "UPDATE audit SET id = 5 WHERE id = 100",
    )
    assert (BreachKind.MOVED, 2) in found(home)
    assert (BreachKind.MOVED, 5) in found(home)


def test_missing_guards_are_found(home: Home) -> None:
    """Without its triggers the audit could have been changed by anything."""
    with closing(sqlite3.connect(home.state_file)) as connection:
        connection.execute("DROP TRIGGER audit_stays")
        connection.execute("DROP TRIGGER audit_is_kept")
        connection.execute("CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN SELECT 1; END")
    texts = [breach.text for breach in verify_audit(home).breaches if breach.kind is BreachKind.UNGUARDED]
    assert [text.split()[2] for text in texts] == ["audit_stays", "audit_is_kept"]


def test_a_foreign_guard_is_found_and_keeps_no_deed_out(home: Home) -> None:
    """A trigger could swallow the entries of one person: what they do fails then, and verifying names the trigger."""
    with closing(sqlite3.connect(home.state_file)) as connection:
        connection.execute("CREATE TRIGGER quiet BEFORE INSERT ON AUDIT BEGIN SELECT RAISE(IGNORE); END")
    with pytest.raises(HomeUnusable, match="takes no entry of the audit"):
        record(home, 1)
    (breach,) = verify_audit(home).breaches
    assert breach.kind is BreachKind.UNGUARDED
    assert "trigger quiet" in breach.text


def test_a_table_made_anew_is_found_whatever_is_in_it(home: Home, forge: Forge) -> None:
    """It takes values of any kind, which break neither verifying nor listing nor publishing."""
    forge(
        "CREATE TABLE other AS SELECT * FROM audit",
        "DROP TABLE audit",
        "ALTER TABLE other RENAME TO audit",
        "UPDATE audit SET at = NULL, user = 1.5, target = x'ff', origin = 7 WHERE id = 2",
        "UPDATE audit SET hash = NULL WHERE id = 4",
        "UPDATE audit SET id = 'x' WHERE id = 6",
    )
    assert {(BreachKind.UNGUARDED, None), (BreachKind.CHANGED, 2)} <= {*found(home)}
    assert len(list_deeds(home, AuditFilter(), 10).entries) == _COUNT
    TableStore(home).publish_machines()


def test_an_origin_nested_too_deeply_is_none(home: Home, forge: Forge) -> None:
    """The entry is listed all the same."""
    forge(f"UPDATE audit SET origin = '{'[' * 100_000}' WHERE id = 2")
    assert list_deeds(home, AuditFilter(), 10).entries[4].actor.origin is None


def test_what_is_no_text_is_told_and_breaks_nothing(home: Home, forge: Forge) -> None:
    """Bytes, no time, no JSON: whoever wrote them is found all the same."""
    forge("UPDATE audit SET user = CAST(x'ff00' AS TEXT), at = 'never', after = '{', origin = '[' WHERE id = 2")
    assert (BreachKind.CHANGED, 2) in found(home)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET user = 'mallory' WHERE id = 1",
        "DELETE FROM audit WHERE id = 1",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE id = 1",
        "INSERT INTO audit SELECT id + 9, at, user, '', command, action, target, NULL, NULL, '', NULL FROM audit",
    ],
)
def test_state_db_itself_refuses_to_change_entries(home: Home, statement: str) -> None:
    """Whoever writes into it by mistake is told; entries come at the end only."""
    with (
        closing(connect(home.state_file)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="entries of the audit are"),
    ):
        connection.execute(statement)
    assert verify_audit(home).is_whole
