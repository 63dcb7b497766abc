"""`patchdeck machines import` and `probe`, and `patchdeck sources`, as somebody types them."""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.cli.conftest import Patchdeck

_LIST = "name,address,port\nweb-1,10.0.0.1,22\nweb-2,10.0.0.2,zz\ndb-1,10.0.0.3,22\n"


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    """A list of three machines, one of which is wrong; in the current folder."""
    path = tmp_path / "hosts.csv"
    path.write_text(_LIST, encoding="utf-8")
    return path


def test_preview_is_shown_and_nothing_is_changed(patchdeck: Patchdeck, hosts: Path) -> None:
    """Places are told from where one is; what to do is said."""
    ended = patchdeck("machines", "import", "hosts.csv")
    assert "refused  web-2  hosts.csv:3" in ended.out
    assert "3 machines in hosts.csv (csv): 2 new, 1 refused." in ended.err
    assert "--all takes all of it over" in ended.err
    assert patchdeck("machines", "list", "--json").out.strip() == "[]"


def test_import_stops_at_what_is_wrong_unless_it_may_be_skipped(patchdeck: Patchdeck, hosts: Path) -> None:
    """Exit code 2 and the row; then all but that."""
    ended = patchdeck("machines", "import", "hosts.csv", "--all", code=2)
    assert "hosts.csv:3 (web-2): Port 'zz'" in ended.err
    assert "web-2" in ended.out
    patchdeck("machines", "import", "hosts.csv", "--all", "--skip-refused", "--dry-run")
    assert patchdeck("machines", "list", "--json").out.strip() == "[]"
    done = json.loads(patchdeck("machines", "import", "hosts.csv", "--all", "--skip-refused", "--json").out)
    assert [(row["name"], row["state"]) for row in done] == [("web-1", "new"), ("db-1", "new"), ("web-2", "refused")]
    again = json.loads(patchdeck("machines", "import", "hosts.csv", "--all", "--skip-refused", "--json").out)
    assert [row["state"] for row in again] == ["unchanged", "unchanged", "refused"]


def test_some_are_imported_and_the_rest_is_left(patchdeck: Patchdeck, hosts: Path) -> None:
    """What is wrong elsewhere does not matter then."""
    patchdeck("machines", "import", "hosts.csv", "--only", "db-*")
    patchdeck("machines", "import", "hosts.csv", "--only", "db-1", "--only", "web-*", "--except", "web-2")
    assert [row["name"] for row in json.loads(patchdeck("machines", "list", "--json").out)] == ["db-1", "web-1"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("none.csv",), "There is no file or folder 'none.csv'"),
        (("hosts.csv", "--format", "cvs"), "Did you mean 'csv'"),
        (("hosts.csv", "--map", "name"), "write FIELD=COLUMN"),
        (("hosts.csv", "--only", "web-9", "--all"), "Did you mean"),
        (("hosts.csv", "--follow"), "give --all or --only"),
        (("hosts.csv", "--every", "5"), "go with --follow"),
        (("hosts.csv", "--all", "--follow", "--new", "maybe"), "no way for new machines 'maybe'"),
        (("hosts.csv", "--tag-var", "db_password"), "looks like a secret"),
        (("hosts.csv", "--encoding", "klingon"), "no encoding"),
    ],
)
def test_mistakes_are_told_in_one_line(patchdeck: Patchdeck, hosts: Path, words: tuple[str, ...], said: str) -> None:
    """With exit code 2."""
    assert said in patchdeck("machines", "import", *words, code=2).err


def test_list_is_followed_from_the_command_line(patchdeck: Patchdeck, hosts: Path) -> None:
    """Listed, run, shown, edited, forgotten; a list that is gone is told with exit code 1."""
    patchdeck("machines", "import", "hosts.csv", "--all", "--skip-refused", "--follow", "--every", "15")
    hosts.write_text("name,address,port\nweb-1,10.0.0.1,22\n", encoding="utf-8")
    assert "hosts.csv: 1 unchanged, 1 missing." in patchdeck("sources", "run").err
    (row,) = json.loads(patchdeck("sources", "list", "--json").out)
    assert (row["machines"], row["missing"], row["every_minutes"]) == (1, 1, 15)
    shown = json.loads(patchdeck("sources", "show", "hosts.csv", "--json").out)
    assert [bool(each["missing_since"]) for each in shown] == [True, False]
    hosts.unlink()
    assert "could not be read, and nothing was changed" in patchdeck("sources", "run", "hosts.csv", code=1).err
    assert "no source 'hosts.cvs'. Did you mean 'hosts.csv'" in patchdeck("sources", "run", "hosts.cvs", code=2).err
    patchdeck("sources", "edit", "hosts.csv", "--every", "0", code=2)
    patchdeck("sources", "remove", "hosts.csv")
    assert len(json.loads(patchdeck("machines", "list", "--json").out)) == 2


def test_notes_about_the_list_are_in_json(patchdeck: Patchdeck, tmp_path: Path) -> None:
    """All of them; people see the first."""
    (tmp_path / "config").write_text("Host a\nMatch exec x\n" + "odd\n" * 30, encoding="utf-8")
    ended = patchdeck("machines", "import", "config", "--json")
    rows = json.loads(ended.out)
    assert [row["kind"] for row in rows] == ["machine"] + ["note"] * 31
    assert rows[1]["detail"] == "Match exec x is not evaluated: its block is passed over"
    assert "… and 11 more notes: --json has all" in ended.err


def test_refused_rows_of_a_followed_list_are_told(patchdeck: Patchdeck, hosts: Path) -> None:
    """With their lines."""
    patchdeck("machines", "import", "hosts.csv", "--all", "--skip-refused", "--follow")
    assert "hosts.csv:3 (web-2): Port 'zz' is not a number" in patchdeck("sources", "run").err


@pytest.fixture
def server() -> Iterator[int]:
    """A port of loopback that greets as SSH does."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_probe_finds_what_answers(patchdeck: Patchdeck, server: int) -> None:
    """It is a candidate then, and is not probed once it is enrolled."""
    words = ("machines", "probe", "127.0.0.1", "--ports", str(server), "--timeout", "2", "--json")
    assert "nothing was connected to" in patchdeck(*words, "--dry-run").err
    (row,) = json.loads(patchdeck(*words).out)
    assert (row["state"], row["kind"], row["os_type"]) == ("new", "ssh", "Linux")
    assert [row["state"] for row in json.loads(patchdeck(*words).out)] == ["known"]
    patchdeck("machines", "approve", "127.0.0.1")
    ended = patchdeck(*words)
    assert ended.out.strip() == "[]"
    assert "1 of machines that are known: not asked" in ended.err


def test_names_that_lead_nowhere_are_named(patchdeck: Patchdeck, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a zone with hundreds somebody wants to know which. No name server is asked here."""

    async def nowhere(host: str) -> list[str]:
        return []

    monkeypatch.setattr("ops.importing.probing.addresses_of", nowhere)
    ended = patchdeck("machines", "probe", "none.invalid", "--ports", "1", "--json")
    assert "1 name led nowhere: none.invalid" in ended.err
    assert ended.out.strip() == "[]"


@pytest.mark.parametrize("words", [(), ("10.0.0.0/8",), ("127.0.0.1", "--ports", "ssh"), ("--zone-file", "none")])
def test_probe_refuses_what_nobody_means(patchdeck: Patchdeck, words: tuple[str, ...]) -> None:
    """Nothing is connected to."""
    patchdeck("machines", "probe", *words, code=2)
