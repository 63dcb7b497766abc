"""Importing a list: previewed, taken over whole or in part, again and again."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.errors import BadInput, UnknownName
from fleet.groups.group import Group
from fleet.importing.preview import ImportState
from fleet.importing.request import ImportRequest
from fleet.machines import Machine
from ops.enrolment import Definition, enrol, list_machines, remove_machines
from ops.groups import define_group, find_group, list_groups
from ops.home import Home, open_home
from ops.importing import apply_import, preview_import
from ops.importing.applying import Applying
from ops.importing.sources import list_sources
from ops.state.audit import Audit
from ops.state.database import opened
from ops.state.machines import MachineBook

_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_LIST = "name,address,port,tags,group\nweb-1,10.0.0.1,22,env=prod,web\nweb-2,10.0.0.2,22,env=prod,web\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home without machines."""
    return open_home(tmp_path / "home")


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    """A list of two machines."""
    path = tmp_path / "hosts.csv"
    path.write_text(_LIST, encoding="utf-8")
    return path


def _machine(home: Home, name: str) -> Machine:
    return next(machine for machine in list_machines(home) if machine.name == name)


def _edit(home: Home, machine: Machine) -> None:
    with opened(home.state_file) as connection:
        MachineBook(connection).edit(machine)


def _deeds(home: Home) -> list[str]:
    with opened(home.state_file) as connection:
        return [entry.action for entry in Audit(connection).list_entries()]


def test_preview_changes_nothing(home: Home, hosts: Path) -> None:
    """It says what would be new, and where the list says so."""
    preview = preview_import(home, ImportRequest(str(hosts)))
    assert [(row.name, row.state, row.place.line) for row in preview.rows] == [
        *(("web-1", ImportState.NEW, 2), ("web-2", ImportState.NEW, 3))
    ]
    assert preview.describe() == "2 machines in hosts.csv (csv): 2 new."
    assert not (list_machines(home) or list_groups(home) or list_sources(home))
    assert _deeds(home) == []


def test_import_again_changes_nothing(home: Home, hosts: Path) -> None:
    """Machines, groups and the audit are the same."""
    request = ImportRequest(str(hosts))
    apply_import(home, preview_import(home, request))
    before, deeds = list_machines(home), _deeds(home)

    outcome = apply_import(home, preview_import(home, request))

    assert {row.state for row in outcome.rows} == {ImportState.UNCHANGED}
    assert list_machines(home) == before
    assert _deeds(home) == deeds
    assert find_group(home, "web").targets == ("web-1", "web-2")


def test_list_prevails_where_nobody_changed_anything_by_hand(home: Home, hosts: Path) -> None:
    """What somebody changed stays and is told; --overwrite takes the list's word."""
    request = ImportRequest(str(hosts))
    apply_import(home, preview_import(home, request))
    _edit(home, replace(_machine(home, "web-1"), port=2200))
    hosts.write_text(_LIST.replace(",22,", ",2222,"), encoding="utf-8")

    preview = preview_import(home, request)
    apply_import(home, preview)

    assert [row.state for row in preview.rows] == [ImportState.UNCHANGED, ImportState.CHANGED]
    assert preview.rows[0].describe() == "port: 2200 stays, set by hand (list: 2222)"
    assert [machine.port for machine in list_machines(home)] == [2200, 2222]
    apply_import(home, preview_import(home, replace(request, overwrites=True)))
    assert [machine.port for machine in list_machines(home)] == [2222, 2222]


def test_machine_that_was_renamed_by_hand_is_known_again(home: Home, hosts: Path) -> None:
    """By what the list said before; its group names it as it is called here."""
    request = ImportRequest(str(hosts))
    apply_import(home, preview_import(home, request))
    _edit(home, replace(_machine(home, "web-1"), name="front-1"))

    outcome = apply_import(home, preview_import(home, request))

    assert [machine.name for machine in list_machines(home)] == ["front-1", "web-2"]
    assert outcome.rows[0].notes == ("it is called front-1 here",)
    assert find_group(home, "web").targets == ("front-1", "web-2")


def test_machine_that_was_removed_is_new_when_somebody_imports_it_again(home: Home, hosts: Path) -> None:
    """And stays away where a list is followed."""
    apply_import(home, preview_import(home, ImportRequest(str(hosts))))
    remove_machines(home, ["web-1"])

    asked = preview_import(home, ImportRequest(str(hosts)))
    followed = preview_import(home, ImportRequest(str(hosts)), keeps_removed=True)

    assert [row.state for row in asked.rows] == [ImportState.NEW, ImportState.UNCHANGED]
    assert (followed.rows[0].state, followed.rows[0].machine) == (ImportState.UNCHANGED, None)
    assert "removed here by hand" in followed.rows[0].describe()


def test_three_of_many_are_wrong(home: Home, hosts: Path) -> None:
    """They are named with their lines and nothing is done; asked for, the rest goes in."""
    rows = [f"m{number},10.0.0.1,22" for number in range(500)]
    for at, wrong in ((10, "a b,10.0.0.1,22"), (200, "x,10.0.0.1,zz"), (400, "M1,10.0.0.1,22")):
        rows.insert(at, wrong)
    hosts.write_text("\n".join(["name,address,port", *rows]), encoding="utf-8")
    preview = preview_import(home, ImportRequest(str(hosts)))

    with pytest.raises(BadInput, match=r"3 refused: .*csv:12 \(a b\).*csv:202 \(x\): Port 'zz'.*csv:402 \(M1\)"):
        apply_import(home, preview)
    assert list_machines(home) == []
    outcome = apply_import(home, preview, Applying(skip_refused=True))

    assert len(list_machines(home)) == 500
    assert [row.place.line for row in outcome.refused] == [12, 202, 402]


def test_only_some_are_taken_over(home: Home, hosts: Path) -> None:
    """By name or pattern in the request, or as marked in the preview; a name that is not there is told."""
    some = ImportRequest(str(hosts), only=("WEB-*",), excluded=("web-2",))
    assert [row.name for row in preview_import(home, some).rows] == ["web-1"]
    apply_import(home, preview_import(home, ImportRequest(str(hosts))), Applying(names=["web-2"]))
    assert [machine.name for machine in list_machines(home)] == ["web-2"]
    assert find_group(home, "web").targets == ("web-2",)
    with pytest.raises(UnknownName, match="Did you mean 'web-2'"):
        preview_import(home, ImportRequest(str(hosts), only=("web-22",)))


def test_what_changed_after_the_preview_is_left_out(home: Home, hosts: Path) -> None:
    """Somebody enrolled it meanwhile in another way."""
    preview = preview_import(home, ImportRequest(str(hosts)))
    enrol(home, Definition("web-1", address="10.9.9.9"))

    outcome = apply_import(home, preview)

    assert outcome.outdated == ("web-1",)
    assert [machine.address for machine in list_machines(home)] == ["10.9.9.9", "10.0.0.2"]


def test_group_that_was_made_by_hand_stays(home: Home, hosts: Path) -> None:
    """It is told, and does not stop the machines."""
    define_group(home, Group("web", ("front-*",)))
    outcome = apply_import(home, preview_import(home, ImportRequest(str(hosts))))
    assert [(row.state, row.reason) for row in outcome.groups] == [
        (ImportState.REFUSED, "there is another definition, made by hand: it stays")
    ]
    assert find_group(home, "web").targets == ("front-*",)


@pytest.mark.parametrize(
    ("text", "only"),
    [
        (_LIST, ("web-1",)),
        (_LIST.replace("10.0.0.2,22", "10.0.0.2,zz"), ()),
        (_LIST.replace("10.0.0.2,22", "10.0.0.2,22,x,y"), ()),
    ],
)
def test_group_keeps_machines_of_which_nothing_is_decided(
    home: Home, hosts: Path, text: str, only: tuple[str, ...]
) -> None:
    """Not asked for this time, or refused for a mistake in the list: neither takes them out."""
    apply_import(home, preview_import(home, ImportRequest(str(hosts))))
    hosts.write_text(text, encoding="utf-8")

    apply_import(home, preview_import(home, ImportRequest(str(hosts), only=only)), Applying(skip_refused=True))

    assert find_group(home, "web").targets == ("web-1", "web-2")


def test_group_that_the_list_empties_has_nobody(home: Home, hosts: Path) -> None:
    """Nothing of it stays to be patched by mistake."""
    inventory = hosts.with_name("inventory")
    inventory.write_text("[web]\nweb-1\n", encoding="utf-8")
    apply_import(home, preview_import(home, ImportRequest(str(inventory))))
    inventory.write_text("web-1\n[web]\n", encoding="utf-8")

    apply_import(home, preview_import(home, ImportRequest(str(inventory))))

    assert find_group(home, "web").expression == "not all"


def test_groups_that_refer_to_themselves_are_refused_and_machines_go_in(home: Home, hosts: Path) -> None:
    """The circle is shown."""
    hosts.write_text("[a]\nweb-1\n[b:children]\na\n[a:children]\nb\n[c:children]\nb\n[c]\nweb-1\n", encoding="utf-8")
    outcome = apply_import(home, preview_import(home, ImportRequest(str(hosts), format="ansible")))
    reasons = {row.name: row.reason for row in outcome.groups}
    assert reasons["a"].startswith("groups refer to themselves: ")
    assert reasons["c"] == ""
    assert [machine.name for machine in list_machines(home)] == ["web-1"]


def test_two_lists_of_one_name_are_two_sources(home: Home, hosts: Path, tmp_path: Path) -> None:
    """Else each would take the other's machines for its own."""
    other = tmp_path / "other" / "hosts.csv"
    other.parent.mkdir()
    other.write_text("name\ndb-1\n", encoding="utf-8")
    for path in (hosts, other, hosts):
        apply_import(home, preview_import(home, ImportRequest(str(path))))
    assert [source.name for source in list_sources(home)] == ["hosts.csv", "hosts.csv-2"]
    with pytest.raises(BadInput, match="give another --source"):
        preview_import(home, ImportRequest(str(other), source="hosts.csv"))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"name\nm\xe4rz\n", r"csv:2: this is not utf-8 text; say its --encoding"),
        (b"name\na\0b\n", r"csv:2: it holds a NUL"),
        (b"", "it is empty"),
        (b"name\n", "names no machine"),
    ],
)
def test_list_that_cannot_be_read_says_where(home: Home, hosts: Path, raw: bytes, said: str) -> None:
    """Nothing is changed."""
    hosts.write_bytes(raw)
    with pytest.raises(BadInput, match=said):
        preview_import(home, ImportRequest(str(hosts), format="csv"))


def test_lists_of_spreadsheets_have_other_encodings(home: Home, hosts: Path) -> None:
    """UTF-16 and UTF-8 with a mark are known by it."""
    for encoding in ("utf-16", "utf-8-sig"):
        hosts.write_text("name;address\nweb-1;10.0.0.1\n", encoding=encoding)
        assert [row.name for row in preview_import(home, ImportRequest(str(hosts))).rows] == ["web-1"]


def test_what_is_no_file_is_not_opened(home: Home, tmp_path: Path) -> None:
    """A pipe would keep us for ever."""
    import os

    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadInput, match="is no file"):
        preview_import(home, ImportRequest(str(tmp_path / "pipe")))
    with pytest.raises(BadInput, match="There is no file or folder"):
        preview_import(home, ImportRequest(str(tmp_path / "nothing")))


def test_key_files_that_are_here_are_kept_whole(home: Home, hosts: Path) -> None:
    """From the list's folder; others are left out and told, since nobody could log in with them."""
    (hosts.parent / "id").write_text("key", encoding="utf-8")
    hosts.write_text("name,key file\na,id\nb,~/none\n", encoding="utf-8")
    one, two = preview_import(home, ImportRequest(str(hosts))).rows
    assert one.machine is not None
    assert one.machine.key_file == str(hosts.parent / "id")
    assert "no key file ~/none here" in two.describe()
