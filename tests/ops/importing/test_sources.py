"""Lists that are followed: what they cease to name is marked, and nothing is lost when they cannot be read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet.errors import BadInput, NotPermitted
from fleet.importing.request import ImportRequest
from fleet.importing.source import Following, NewMachines
from fleet.roles import Role
from fleet.ssh_logins import Login
from fleet.winrm import WinrmKind, WinrmScheme, WinrmWay
from ops import acting_login
from ops.candidates import Approval, approve_candidates, list_candidates, refuse_candidates
from ops.enrolment import list_machines, remove_machines
from ops.groups import list_groups
from ops.home import Home, open_home
from ops.importing import apply_import, preview_import
from ops.importing.applying import Applying
from ops.importing.sources import due_sources, edit_source, find_source, list_sources, remove_source, run_source

_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_LATER = _AT + timedelta(hours=2)


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    """A list of two machines."""
    path = tmp_path / "hosts.csv"
    path.write_text("name\nweb-1\nweb-2\n", encoding="utf-8")
    return path


@pytest.fixture
def home(tmp_path: Path, hosts: Path) -> Home:
    """A home that follows the list."""
    home = open_home(tmp_path / "home")
    preview = preview_import(home, ImportRequest(str(hosts)), lambda: _AT)
    apply_import(home, preview, Applying(following=Following(30)), lambda: _AT)
    return home


def _run(home: Home) -> dict[str, datetime | None]:
    """Reads the list; the machines with when they were marked."""
    run_source(home, "hosts.csv", lambda: _LATER)
    return {machine.name: machine.missing_since for machine in list_machines(home)}


def test_machine_that_is_gone_is_marked_and_stays(home: Home, hosts: Path) -> None:
    """The mark keeps its time, and goes when the machine comes back; all else of it is unchanged."""
    before = list_machines(home)
    hosts.write_text("name\nweb-2\n", encoding="utf-8")
    assert _run(home) == {"web-1": _LATER, "web-2": None}
    reading = run_source(home, "hosts.csv", lambda: _LATER + timedelta(days=1))
    assert reading.source.missing == 1
    assert [machine.missing_since for machine in list_machines(home)] == [_LATER, None]

    hosts.write_text("name\nweb-2\nweb-1\n", encoding="utf-8")
    reading = run_source(home, "hosts.csv", lambda: _LATER)

    assert reading.outcome is not None
    assert [row.state.value for row in reading.outcome.rows] == ["unchanged", "unchanged"]
    assert list_machines(home) == before


def test_machine_that_is_gone_stays_in_its_groups(home: Home, hosts: Path) -> None:
    """A list that was cut short takes no machine out of a deployment or the scope; one that moved has moved."""
    said = []
    full = "name,group\nweb-1,front\nweb-2,front\nweb-3,back\nweb-4,front\n"
    for text in (
        full,
        full.replace("web-1,front\n", "").replace("web-2,front", "web-2,back"),
        "name,group\nweb-4,front\n",
        full,
    ):
        hosts.write_text(text, encoding="utf-8")
        _run(home)
        _run(home)
        said.append(_groups(home))
    before, moved, cut, after = said
    assert moved == {"front": ("web-1", "web-4"), "back": ("web-2", "web-3")}
    assert cut == moved
    assert after == before == {"front": ("web-1", "web-2", "web-4"), "back": ("web-3",)}


def _groups(home: Home) -> dict[str, tuple[str, ...]]:
    return {group.name: group.targets for group in list_groups(home)}


def test_machine_in_a_line_that_is_refused_is_not_gone(home: Home, hosts: Path) -> None:
    """The list names it still."""
    hosts.write_text("name,port\nweb-1,22\nweb-2,zz\n", encoding="utf-8")
    assert _run(home) == {"web-1": None, "web-2": None}
    assert find_source(home, "hosts.csv").refused == 1


@pytest.mark.parametrize("text", ["", "name\n", "nothing that is known\n", '"'])
def test_list_that_is_broken_changes_nothing(home: Home, hosts: Path, text: str) -> None:
    """An empty one neither: it is taken for broken. The source says why, until it can be read again."""
    hosts.write_text(text, encoding="utf-8")
    assert _run(home) == {"web-1": None, "web-2": None}
    source = find_source(home, "hosts.csv")
    assert source.error
    assert (source.read_at, source.checked_at) == (_AT, _LATER)
    hosts.write_text("name\nweb-1\nweb-2\n", encoding="utf-8")
    run_source(home, "hosts.csv", lambda: _LATER)
    assert find_source(home, "hosts.csv").error == ""


def test_new_machines_are_enrolled_or_proposed(home: Home, hosts: Path) -> None:
    """One that was refused is not proposed again."""
    hosts.write_text("name\nweb-1\nweb-2\nweb-3\n", encoding="utf-8")
    assert list(_run(home)) == ["web-1", "web-2", "web-3"]

    edit_source(home, "hosts.csv", lambda each: replace(each, following=Following(30, NewMachines.PROPOSE)))
    hosts.write_text("name\nweb-1\nweb-2\nweb-3\nweb-4\n", encoding="utf-8")
    assert run_source(home, "hosts.csv", lambda: _LATER).proposed == ("web-4",)
    refuse_candidates(home, ["web-4"])
    assert run_source(home, "hosts.csv", lambda: _LATER).proposed == ()
    assert [(each.name, each.state.value) for each in list_candidates(home)] == [("web-4", "refused")]
    assert len(list_machines(home)) == 3


def test_session_over_ssh_follows_no_other_file(
    home: Home, hosts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service would read it, and tell what stands in it; all else of the list can be changed."""
    login = Login("ada", Role.ADMIN, "SHA256:x", "0a1b", "192.0.2.9 50000 8022")
    monkeypatch.setattr(acting_login, "_ACTING", [login])
    other = str(tmp_path / "other.csv")
    with pytest.raises(NotPermitted, match="follow another file"):
        edit_source(home, "hosts.csv", lambda each: replace(each, request=replace(each.request, path=other)))
    edit_source(home, "hosts.csv", lambda each: replace(each, following=Following(60)))
    with pytest.raises(NotPermitted, match="which the service does"):
        run_source(home, "hosts.csv", lambda: _LATER, asked=True)
    kept = find_source(home, "hosts.csv")
    assert (kept.request.path, kept.error) == (str(hosts), "")


def test_windows_that_is_proposed_is_reached_as_the_list_says(home: Home, hosts: Path) -> None:
    """What a candidate cannot hold comes with the next reading of the list."""
    edit_source(home, "hosts.csv", lambda each: replace(each, following=Following(30, NewMachines.PROPOSE)))
    hosts.write_text("name,transport,scheme,winrm\nwin-1,winrm,http,kerberos\n", encoding="utf-8")
    run_source(home, "hosts.csv", lambda: _LATER)
    approve_candidates(home, [Approval("win-1")])
    _run(home)
    (windows,) = [machine for machine in list_machines(home) if machine.name == "win-1"]
    assert windows.winrm == WinrmWay(WinrmScheme.HTTP, WinrmKind.KERBEROS)


def test_machine_that_somebody_removed_stays_away(home: Home) -> None:
    """A list that is followed does not bring it back."""
    remove_machines(home, ["web-1"])
    assert _run(home) == {"web-2": None}


def test_source_is_due_after_its_time(home: Home) -> None:
    """Also where the clock was set back meanwhile."""
    assert due_sources(home, _AT + timedelta(minutes=29)) == ([], _AT + timedelta(minutes=30))
    assert [source.name for source in due_sources(home, _AT + timedelta(minutes=30))[0]] == ["hosts.csv"]
    assert due_sources(home, _AT - timedelta(days=1))[0]


def test_source_that_is_followed_no_more_lets_its_machines_go(home: Home, hosts: Path) -> None:
    """Marks go; machines stay."""
    hosts.write_text("name\nweb-2\n", encoding="utf-8")
    _run(home)
    edit_source(home, "hosts.csv", lambda each: replace(each, followed=False))
    assert {(machine.source, machine.missing_since) for machine in list_machines(home)} == {(None, None)}
    assert list_sources(home, followed_only=True) == []
    remove_source(home, "hosts.csv")
    assert len(list_machines(home)) == 2
    assert list_sources(home) == []


def test_source_is_edited_within_bounds(home: Home, tmp_path: Path) -> None:
    """A file that is not there, or a period of nothing, is refused and changes nothing."""
    before = find_source(home, "hosts.csv")
    with pytest.raises(BadInput, match="no file or folder"):
        edit_source(home, "hosts.csv", lambda each: replace(each, request=ImportRequest(str(tmp_path / "none"))))
    with pytest.raises(BadInput, match="every 1 to"):
        edit_source(home, "hosts.csv", lambda each: replace(each, following=Following(0)))
    assert find_source(home, "hosts.csv") == before


def test_broken_variables_change_no_machine(tmp_path: Path) -> None:
    """Somebody is editing them just now, or encrypted them."""
    home, inventory = open_home(tmp_path / "home"), tmp_path / "inventory"
    (inventory / "group_vars").mkdir(parents=True)
    (inventory / "hosts").write_text("[web]\nweb-1\n", encoding="utf-8")
    variables = inventory / "group_vars/web.yml"
    variables.write_text("ansible_user: deploy\n", encoding="utf-8")
    apply_import(home, preview_import(home, ImportRequest(str(inventory))), Applying(following=Following()))
    before = list_machines(home)

    for text in ("ansible_user: [\n", "$ANSIBLE_VAULT;1.1;AES256\n66\n"):
        variables.write_text(text, encoding="utf-8")
        assert run_source(home, "inventory").outcome is not None
        assert list_machines(home) == before
    variables.write_text("ansible_user: another\n", encoding="utf-8")
    run_source(home, "inventory")
    assert [machine.user for machine in list_machines(home)] == ["another"]
