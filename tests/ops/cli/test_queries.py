"""The life of a saved query: kept, listed, asked, edited, copied, renamed, removed; and what is refused on the way."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Patchdeck = Callable[..., Any]  # its answer is of conftest.py, which tests cannot import
SetEditor = Callable[[str], None]

QUERY = "SELECT $n * 2 AS Doubled\n"
HEADED = f"-- title: Twice a number\n-- param: n int = 4: the number\n-- column: Doubled: twice n\n{QUERY}"


@pytest.fixture
def folder(home: Path, patchdeck: Patchdeck) -> Path:
    """Where saved queries lie, in a home that is there."""
    patchdeck("machines", "list")
    return home / "queries"


@pytest.fixture
def set_editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SetEditor:
    """Makes a shell script the user's editor; the file is its first argument."""

    def set_one(script: str) -> None:
        path = tmp_path / "editor"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv("VISUAL", str(path))

    return set_one


def listed(patchdeck: Patchdeck) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in json.loads(patchdeck("queries", "list", "--json").out)}


def actions(patchdeck: Patchdeck) -> list[tuple[str, str]]:
    entries = json.loads(patchdeck("audit", "--json").out)
    return [(row["action"], row["target"]) for row in entries if row["action"].startswith("query.")]


def test_query_is_kept_with_a_header_and_can_be_asked(patchdeck: Patchdeck, folder: Path) -> None:
    """Its title is made of its name where none is given; the deed is in the audit."""
    patchdeck("queries", "save", "two-rows", "SELECT 1 AS One")
    patchdeck(
        *("queries", "save", "named", "SELECT 2 AS Two;", "--title", "A number", "--group", "Mine"),
        *("--help-text", "Just\ntwo."),
    )

    assert (folder / "two-rows.sql").read_text() == "-- title: Two rows\nSELECT 1 AS One\n"
    assert (folder / "named.sql").read_text() == (
        "-- title: A number\n-- group: Mine\n-- help: Just two.\nSELECT 2 AS Two;\n"
    )
    assert json.loads(patchdeck("query", "--name", "two-rows", "--json").out) == [{"One": 1}]
    assert listed(patchdeck)["named"]["group"] == "Mine"
    assert actions(patchdeck) == [("query.save", "named"), ("query.save", "two-rows")]
    assert sorted(path.name for path in folder.iterdir()) == ["named.sql", "two-rows.sql"]


def test_query_is_read_from_standard_input_or_a_file(patchdeck: Patchdeck, folder: Path, tmp_path: Path) -> None:
    """The ending of the file says which language it is; so does an option."""
    (tmp_path / "mine.kql").write_text("Machine | count\n")
    (tmp_path / "mine.sql").write_text(HEADED)

    patchdeck("queries", "save", "a", "-", given=HEADED)
    patchdeck("queries", "save", "b", "-f", "mine.sql")
    patchdeck("queries", "save", "c", "-f", "mine.kql")
    patchdeck("queries", "save", "d", "--kql", "-f", "-", given="print 1")

    assert (folder / "a.sql").read_text() == (folder / "b.sql").read_text() == HEADED
    assert (folder / "c.kql").read_text() == "// title: C\nMachine | count\n"
    assert listed(patchdeck)["d"]["language"] == "kql"


def test_title_given_takes_the_place_of_the_one_in_the_text(patchdeck: Patchdeck, folder: Path) -> None:
    """What else the header says stays."""
    patchdeck("queries", "save", "a", "-", "--title", "Other", given=HEADED)

    assert (folder / "a.sql").read_text() == HEADED.replace("Twice a number", "Other")


def test_nothing_is_overwritten_unless_it_is_asked_for(patchdeck: Patchdeck, folder: Path) -> None:
    """Neither the user's queries, whatever their language, nor the name of a predefined one."""
    patchdeck("queries", "save", "mine", "SELECT 1 AS One")

    own = patchdeck("queries", "save", "MINE", "SELECT 2 AS Two", code=2)
    predefined = patchdeck("queries", "save", "not-assessed", "SELECT 2 AS Two", code=2)
    patchdeck("queries", "save", "mine", "--kql", "print Three = 3", "--replace")
    patchdeck("queries", "save", "not-assessed", "SELECT 2 AS Two", "--replace")

    assert "There is a saved query 'mine' already: give --replace" in own.err
    assert "There is a predefined query 'not-assessed' already" in predefined.err
    assert sorted(path.name for path in folder.iterdir()) == ["mine.kql", "not-assessed.sql"]
    assert not listed(patchdeck)["not-assessed"]["is_predefined"]
    patchdeck("queries", "remove", "not-assessed")
    assert listed(patchdeck)["not-assessed"]["is_predefined"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("a", "SELECT Computre FROM Machine"), "Computre"),
        (("a", "SELECT * FROM Machin"), "Did you mean 'Machine'?"),
        (("a", "DROP TABLE Machine"), "Only SELECT is allowed"),
        (("a", "SELECT $n AS N"), "needs a value for $n"),
        (("a", "--kql", "Machine | wher 1 == 1"), "where"),
        (("a", "\n-- param: n int: m\nSELECT 1 AS One"), "There is no parameter 'n'"),
        (("a", "\n-- column: On: m\nSELECT 1 AS One"), "speaks of 'On' (column), and the answer has no such column"),
        (("a", "\n-- chart: bar x=One y=Two\nSELECT 1 AS One"), "speaks of 'Two' (chart)"),
        (("a", "\n-- titel: x\nSELECT 1 AS One"), "line 2: there is no 'titel' in a header. Did you mean 'title'?"),
        (("a", "   "), "There is no query."),
        (("a",), "Give the query itself, - for standard input, or -f FILE"),
        (("a", "SELECT 1", "-f", "x.sql"), "one of them"),
        (("a", "-f", "none.sql"), "none.sql: No such file or directory."),
        (("../a", "SELECT 1 AS One"), "'../a' is no name of a query"),
        (("a.sql", "SELECT 1 AS One"), "'a.sql' is no name of a query"),
        (("", "SELECT 1 AS One"), "'' is no name of a query"),
        (("x" * 81, "SELECT 1 AS One"), "is no name of a query"),
        (("a", "SELECT '" + "x" * 100_000 + "' AS One"), "larger than 100,000 bytes"),
    ],
)
def test_what_cannot_be_asked_is_not_kept(
    patchdeck: Patchdeck, folder: Path, arguments: tuple[str, ...], problem: str
) -> None:
    """It is said in what respect, and nothing is written or audited."""
    ended = patchdeck("queries", "save", *arguments, code=2)

    assert problem in ended.err
    assert ended.out == ""
    assert not list(folder.glob("*"))
    assert actions(patchdeck) == []


def test_force_keeps_what_cannot_be_asked_yet(patchdeck: Patchdeck, folder: Path) -> None:
    """And says what is wrong with it, where its header is."""
    patchdeck("queries", "save", "later", "SELECT * FROM Soon", "--force")
    broken = patchdeck("queries", "save", "broken", "\n-- titel: x\nSELECT 1", "--force")

    assert (folder / "later.sql").read_text() == "-- title: Later\nSELECT * FROM Soon\n"
    assert "line 2: there is no 'titel'" in broken.err
    assert {"later", "broken", "fleet-compliance"} <= set(listed(patchdeck))


def test_predefined_queries_are_copied_not_changed(patchdeck: Patchdeck, folder: Path) -> None:
    """With header and all."""
    patchdeck("queries", "copy", "not-assessed", "mine")
    refusals = [
        patchdeck("queries", *verb, code=2)
        for verb in (("edit", "not-assessed"), ("rename", "not-assessed", "x"), ("remove", "not-assessed"))
    ]

    assert listed(patchdeck)["mine"]["parameters"] == ["hours"]
    assert all("Query not-assessed is predefined, and stays as it is" in ended.err for ended in refusals)
    assert "There is a saved query 'mine' already" in patchdeck("queries", "copy", "findings", "mine", code=2).err
    patchdeck("queries", "copy", "findings", "mine", "--replace")
    assert listed(patchdeck)["mine"]["parameters"] == []


def test_saved_query_is_renamed_and_removed(patchdeck: Patchdeck, folder: Path) -> None:
    """In the folder in which it lies; a name that is taken is refused; the audit keeps what was removed."""
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "old.sql").write_text(HEADED)

    taken = patchdeck("queries", "rename", "old", "findings", code=2)
    patchdeck("queries", "rename", "old", "Old")
    patchdeck("queries", "rename", "old", "new")
    (row,) = json.loads(patchdeck("queries", "remove", "new", "--json").out)
    unknown = patchdeck("queries", "remove", "new", code=2)

    assert "There is a query 'findings' already" in taken.err
    assert row["path"].endswith("deep/new.sql")
    assert not list(folder.rglob("*.sql"))
    assert "There is no query 'new'." in unknown.err
    assert actions(patchdeck) == [("query.remove", "new"), ("query.rename", "Old"), ("query.rename", "old")]
    assert "Twice a number" in patchdeck("audit", "--json").out


def test_broken_files_do_not_keep_others_from_being_listed(patchdeck: Patchdeck, folder: Path) -> None:
    """Each says what is wrong; a name that two files have is asked of neither."""
    folder.mkdir(exist_ok=True)
    (folder / "latin.sql").write_bytes(b"-- title: \xe9")
    (folder / "twice.sql").write_text(HEADED)
    (folder / "Twice.kql").write_text("// title: x\nprint 1")
    (folder / "dangling.sql").symlink_to("nowhere")
    (folder / "good.sql").write_text(HEADED)

    rows = listed(patchdeck)

    assert "not UTF-8" in rows["latin"]["problem"]
    assert "Two saved queries are called Twice" in rows["Twice"]["problem"]
    assert rows["good"]["problem"] == ""
    assert "dangling" not in rows
    assert "Rename one of them" in patchdeck("query", "--name", "twice", code=2).err
    assert "Rename one of them" in patchdeck("queries", "remove", "twice", code=2).err
    patchdeck("queries", "remove", "latin")


def test_edited_query_is_kept_whole(patchdeck: Patchdeck, folder: Path, set_editor: SetEditor) -> None:
    """What comes back from the editor is tried first; a text that was not changed is not written."""
    patchdeck("queries", "save", "mine", "-", given=HEADED)

    set_editor("sed -i 's/Twice/Double/' \"$1\"")
    patchdeck("queries", "edit", "mine")
    set_editor("true")
    same = patchdeck("queries", "edit", "mine")

    assert (folder / "mine.sql").read_text() == HEADED.replace("Twice", "Double")
    assert "Nothing was changed." in same.err
    assert actions(patchdeck) == [("query.edit", "mine"), ("query.save", "mine")]


@pytest.mark.parametrize("script", ["sed -i 's/-- title/-- titel/' \"$1\"", "sed -i 's/SELECT/SELEKT/' \"$1\""])
def test_edited_text_that_cannot_be_kept_is_not_lost(
    patchdeck: Patchdeck, folder: Path, set_editor: SetEditor, script: str
) -> None:
    """It stays in a file, which is named with the way to keep it once it is right."""
    patchdeck("queries", "save", "mine", "-", given=HEADED)
    set_editor(script)

    refused = patchdeck("queries", "edit", "mine", code=2)

    assert (folder / "mine.sql").read_text() == HEADED
    (path,) = (word.rstrip(";") for word in refused.err.split() if word.endswith("mine.sql;"))
    assert Path(path).read_text() != HEADED
    assert f"patchdeck queries save mine --replace -f {path}" in refused.err


def test_broken_edit_can_be_mended_at_once(
    patchdeck: Patchdeck, folder: Path, set_editor: SetEditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sits at a terminal is asked, and gets their text again."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    patchdeck("queries", "save", "mine", "-", given=HEADED)
    monkeypatch.setattr("io.StringIO", Terminal)
    set_editor(
        'if grep -q titel "$1"; then sed -i s/titel/title/ "$1"; else sed -i "s/title: Twice/titel: Double/" "$1"; fi'
    )

    edited = patchdeck("queries", "edit", "mine", given="y\n")

    assert "there is no 'titel' in a header" in edited.err
    assert "Edit again?" in edited.err
    assert (folder / "mine.sql").read_text() == HEADED.replace("Twice", "Double")


def test_query_that_somebody_else_changed_meanwhile_is_not_overwritten(
    patchdeck: Patchdeck, folder: Path, set_editor: SetEditor
) -> None:
    """Their text stays, and so does ours."""
    patchdeck("queries", "save", "mine", "-", given=HEADED)
    set_editor(f"sed -i s/Twice/Double/ \"$1\"; echo '-- theirs' >> {folder}/mine.sql")

    refused = patchdeck("queries", "edit", "mine", code=2)

    assert "was changed by somebody else meanwhile" in refused.err
    assert (folder / "mine.sql").read_text() == HEADED + "-- theirs\n"


def test_folder_that_cannot_be_written_is_told_in_one_line(patchdeck: Patchdeck, folder: Path) -> None:
    """And nothing is audited."""
    folder.write_text("in the way")

    refused = patchdeck("queries", "save", "a", "SELECT 1 AS One", code=4)

    assert "cannot be written" in refused.err
    assert actions(patchdeck) == []
