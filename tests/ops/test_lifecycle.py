"""Machines that are retired, restored, renamed, reinstalled: their history stays theirs and nobody else's."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.compliance import Compliance
from fleet.deployments.deployment import Deployment
from fleet.deployments.rollout import Rollout, WaveKind, WaveRule
from fleet.deployments.runs import Requester, RunStatus
from fleet.deployments.update_rules import UpdateRules
from fleet.errors import BadInput, UnknownName
from fleet.facts import MachineFacts
from fleet.groups.group import Group
from fleet.machines import Machine, OSType
from fleet.status import MachineStatus
from fleet.tables import MACHINE, UPDATE, UPDATE_HISTORY, Table
from fleet.updates import Classification, Update
from ops.deployments.new_runs import new_run
from ops.enrolment import (
    Definition,
    edit_machine,
    enable_machines,
    enrol,
    find_machine,
    list_machines,
    remove_machines,
    rename_machine,
)
from ops.home import Home, open_home
from ops.lifecycle import (
    deeds_on,
    find_names,
    find_retired,
    forget_retired,
    list_retired,
    note_reinstalled,
    restore_machine,
    retire_machines,
)
from ops.state.database import opened
from ops.state.deployments import DeploymentBook, Source
from ops.state.groups import GroupBook
from ops.state.past_machines import enrolled_at
from ops.state.runs import RunBook
from ops.statuses import statuses_of
from ops.store import Batch, TableStore

_NOW = datetime.now(UTC)
_OPENSSL = Update("openssl", "amd64", "1", "2", Classification.SECURITY, "origin", "Debian-Security:12", size_bytes=9)
_RULES = UpdateRules(classes=(Classification.SECURITY,))
_CURL = Update("curl", "amd64", "7", "8", Classification.OTHERS, "origin", "Debian:12")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


def _scan(home: Home, machine: Machine, *updates: Update, minutes: int = 0, identity: str = "one") -> None:
    at = _NOW + timedelta(minutes=minutes)
    facts = MachineFacts(os_type=OSType.LINUX, os_full_name="Debian 12", machine_id=identity)
    installed = {(each.name, each.architecture): each.installed_version for each in updates} or {("sh", "all"): "1"}
    scan = Assessment(machine.id, machine.name, at, at, Coverage.COMPLETE, facts, updates, installed)
    TableStore(home).commit_batch(Batch(f"b{minutes}", (scan,)))


def _rows(home: Home, table: Table, *columns: str) -> Sequence[tuple[object, ...]]:
    files = DeltaTable(home.tables_dir / table.name).file_uris()
    if not files:
        return []
    rows = pl.concat([pl.read_parquet(file, hive_partitioning=False) for file in files], how="diagonal")
    return rows.select(columns).sort(columns).rows()


def _status(home: Home, name: str) -> MachineStatus:
    (status,) = statuses_of(home, [name])
    return status


def test_a_retired_machine_is_gone_from_the_fleet_and_its_history_is_not(home: Home) -> None:
    """It is neither listed nor counted; what it went through stays under its id; why and by whom is kept."""
    machine = enrol(home, Definition("web-01")).machine
    _scan(home, machine, _OPENSSL)

    (retired,) = retire_machines(home, ["WEB-01"], "replaced")

    with pytest.raises(UnknownName):
        find_machine(home, "web-01")
    assert (retired.machine.id, retired.reason, find_retired(home, machine.id)) == (machine.id, "replaced", retired)
    assert _rows(home, MACHINE, "Computer") == _rows(home, UPDATE, "Product") == []
    assert _rows(home, UPDATE_HISTORY, "SourceComputerId", "Product") == [(machine.id, "openssl")]


def test_a_restored_machine_is_what_it_was(home: Home) -> None:
    """Its id, its tags, what was known, and since when it lacks what it lacks; its next scan adds nothing."""
    machine = enrol(home, Definition("web-01", tags={"env": "prod"})).machine
    enable_machines(home, ["web-01"], enabled=False)
    _scan(home, machine, _OPENSSL, _CURL)
    before, needed = _status(home, "web-01"), _rows(home, UPDATE, "Product", "FirstSeen", "TimeGenerated", "Type")
    retire_machines(home, ["web-01"])

    restored = restore_machine(home, "web-01")

    assert (restored.is_new, _status(home, "web-01"), list_retired(home)) == (True, before, [])
    assert _rows(home, UPDATE, "Product", "FirstSeen", "TimeGenerated", "Type") == needed
    assert _rows(home, MACHINE, "Computer", "SecurityUpdatesMissing") == [("web-01", 1)]
    _scan(home, machine, _OPENSSL, _CURL, minutes=5)
    assert len(_rows(home, UPDATE_HISTORY, "Product")) == 2


def test_what_was_installed_meanwhile_does_not_come_back(home: Home) -> None:
    """Only what was needed at the last answer is put back."""
    machine = enrol(home, Definition("web-01")).machine
    _scan(home, machine, _OPENSSL, _CURL)
    _scan(home, machine, _CURL, minutes=1)
    retire_machines(home, ["web-01"])

    restore_machine(home, machine.id, "web-09")

    assert _rows(home, UPDATE, "Computer", "Product") == [("web-09", "curl")]


def test_restoring_and_retiring_twice_is_once(home: Home) -> None:
    """Scripts may say it again; nothing more is audited."""
    machine = enrol(home, Definition("web-01")).machine
    retire_machines(home, ["web-01"])

    first, second = restore_machine(home, "web-01"), restore_machine(home, machine.id)

    assert (first.is_new, second.is_new, second.machine) == (True, False, first.machine)
    assert [entry.action for entry in deeds_on(home, machine.id)] == [
        "machine.restore",
        "machine.retire",
        "machine.add",
    ]
    with pytest.raises(UnknownName, match="retired machine"):
        restore_machine(home, "web-02")


def test_a_name_that_is_taken_asks_for_another(home: Home) -> None:
    """The new machine keeps its name, the old one its history."""
    old = enrol(home, Definition("web-01")).machine
    retire_machines(home, ["web-01"])
    enrol(home, Definition("web-01"))

    with pytest.raises(BadInput, match="--name"):
        restore_machine(home, "web-01")
    assert restore_machine(home, "web-01", "web-old").machine.id == old.id


def test_several_retired_machines_of_a_name_are_told_apart_by_id(home: Home) -> None:
    """None is guessed."""
    ids = []
    for _ in range(2):
        ids.append(enrol(home, Definition("web-01")).machine.id)
        retire_machines(home, ["web-01"])

    with pytest.raises(BadInput, match="give the id"):
        restore_machine(home, "web-01")
    assert forget_retired(home, ids[0]).machine.id == ids[0]
    assert restore_machine(home, "web-01").machine.id == ids[1]


def test_a_machine_that_a_run_works_on_is_neither_retired_nor_removed(home: Home) -> None:
    """Nor is any other of those that were named with it."""
    machine, _ = (enrol(home, Definition(name)).machine for name in ("web-01", "web-02"))
    run = new_run(Deployment("nightly", ("all",)), _NOW, Requester("anna", "", ""))
    with opened(home.state_file) as connection:
        RunBook(connection).make(run)
        RunBook(connection).claim(machine.id, run.id)

    with pytest.raises(BadInput, match=run.id):
        retire_machines(home, ["web-02", "web-01"])
    with pytest.raises(BadInput, match=run.id):
        remove_machines(home, ["web-02", "web-01"])
    assert (list_retired(home), len(list_machines(home))) == ([], 2)
    with opened(home.state_file) as connection:
        RunBook(connection).save(replace(run, status=RunStatus.CANCELLED))
    assert len(retire_machines(home, ["web-02", "web-01"])) == 2


def test_a_reason_is_hostile_too(home: Home) -> None:
    """It is shown on terminals."""
    enrol(home, Definition("web-01"))

    (retired,) = retire_machines(home, ["web-01"], "gone\x1b[2J\nfor good")

    assert "\x1b" not in retired.reason
    assert "\n" not in retired.reason


def test_a_new_machine_of_an_old_name_is_told_of_it_and_has_nothing_of_its(home: Home) -> None:
    """Retired, removed or renamed: the name alone is the same."""
    old = enrol(home, Definition("web-01")).machine
    _scan(home, old, _OPENSSL)
    with opened(home.state_file) as connection:
        GroupBook(connection).put(Group("front", targets=("web-01",)))
    retire_machines(home, ["web-01"])

    new = enrol(home, Definition("web-01"))

    assert new.machine.id != old.id
    assert "Its history stays with it." in new.notes[0]
    assert new.notes[-1] == "What names it means this machine now: group front."
    assert _status(home, "web-01").last_attempt is None
    assert [period.machine_id for period in find_names(home, new.machine).others] == [old.id]
    remove_machines(home, ["web-01"])
    forget_retired(home, "web-01")
    assert "until" in enrol(home, Definition("WEB-01")).notes[0]
    assert enrol(home, Definition("never-used")).notes == ()


def test_a_rename_is_followed_by_what_names_the_machine(home: Home) -> None:
    """Groups and deployments that options defined; a deployment of a file, and a run that waits, are told."""
    enrol(home, Definition("web-01"))
    rollout = Rollout(waves=(WaveRule(WaveKind.TARGET, "web-01"), WaveRule(WaveKind.REST)))
    with opened(home.state_file) as connection:
        GroupBook(connection).put(Group("front", targets=("web-01", "db-*")))
        GroupBook(connection).put(Group("webs", expression="name = web-*"))
        DeploymentBook(connection).add(Deployment("nightly", ("web-01",), _RULES, rollout=rollout))
        DeploymentBook(connection).add(
            Deployment("filed", ("web-01",), _RULES), Source("targets = ['web-01']", "toml", "/")
        )
        run = new_run(Deployment("nightly", ("web-01",)), _NOW, Requester("anna", "", ""))
        RunBook(connection).make(run)

    edit = rename_machine(home, "web-01", "app-01")

    assert edit.followed == ("group front", "deployment nightly")
    assert edit.kept == ("deployment filed, whose file names it", f"the run {run.id}, which waits")
    assert (edit.regrouping.entered, edit.regrouping.left) == ((), ("webs",))
    with opened(home.state_file) as connection:
        assert GroupBook(connection).find("front").targets == ("app-01", "db-*")
        followed = DeploymentBook(connection).find("nightly").deployment
    assert (followed.targets, followed.rollout.waves[0].target) == (("app-01",), "app-01")


def test_a_rename_to_a_taken_name_changes_nothing(home: Home) -> None:
    """Not even the groups."""
    enrol(home, Definition("web-01"))
    enrol(home, Definition("web-02"))
    with opened(home.state_file) as connection:
        GroupBook(connection).put(Group("front", targets=("web-01",)))

    with pytest.raises(BadInput, match="already a machine"):
        rename_machine(home, "web-01", "WEB-02")
    with opened(home.state_file) as connection:
        assert GroupBook(connection).find("front").targets == ("web-01",)


def test_an_edit_says_which_groups_it_leads_out_of(home: Home) -> None:
    """A tag may take a machine out of what patches it."""
    enrol(home, Definition("web-01", tags={"env": "prod"}))
    with opened(home.state_file) as connection:
        GroupBook(connection).put(Group("prod", expression="tag:env=prod"))

    edit = edit_machine(home, "web-01", lambda old: replace(old, tags={"env": "test"}))

    assert edit.regrouping.left == ("prod",)
    assert [*edit.regrouping.describe()] == ["It is no longer in group prod."]


def test_former_names_are_told_with_their_times(home: Home) -> None:
    """Each once, the latest first; a name that came back is none."""
    machine = enrol(home, Definition("a")).machine
    for name in ("b", "a", "c"):
        rename_machine(home, find_machine(home, _name_of(home, machine)).name, name)

    names = find_names(home, find_machine(home, "c"))

    assert [period.name for period in names.former] == ["a", "b"]
    assert all(period.until is not None for period in names.former)
    assert names.others == ()


def _name_of(home: Home, machine: Machine) -> str:
    return next(status.machine.name for status in statuses_of(home, ["all"]) if status.machine.id == machine.id)


def test_deeds_follow_the_machine_and_not_its_name(home: Home) -> None:
    """Also those that only say a name: by the time at which the machine had it."""
    from ops.enrolment import note_deed

    old = enrol(home, Definition("web-01")).machine
    note_deed(home, "machine.store-password", "web-01 (sudo)")
    rename_machine(home, "web-01", "web-old")
    enrol(home, Definition("web-01"))
    note_deed(home, "machine.store-password", "web-01 (login)")

    assert [entry.action for entry in deeds_on(home, "web-old")] == [
        "machine.edit",
        "machine.store-password",
        "machine.add",
    ]
    assert [entry.target for entry in deeds_on(home, "web-01")] == ["web-01 (login)", "web-01"]
    assert len(deeds_on(home, old.id, 1)) == 1


def test_the_fleet_of_an_earlier_time_knows_who_was_retired_then(home: Home) -> None:
    """Enrolled, retired, restored: as of each of these times."""
    machine = enrol(home, Definition("web-01")).machine
    times = [datetime.now(UTC)]
    retire_machines(home, ["web-01"])
    times.append(datetime.now(UTC))
    restore_machine(home, "web-01")
    times.append(datetime.now(UTC))

    with opened(home.state_file) as connection:
        then = [[each.id for each in enrolled_at(connection, at).machines] for at in times]
        absent = [enrolled_at(connection, at).absent for at in times]

    assert then == [[machine.id], [], [machine.id]]
    assert absent[1] == {machine.id}


def test_machines_of_an_earlier_time_are_made_of_those_that_are_held(home: Home) -> None:
    """Ten thousand of them anew take as much memory again; what was otherwise then is as it was."""
    same, told = (enrol(home, Definition(name)).machine for name in ("web-01", "web-02"))
    learnt = replace(told, os_type=OSType.LINUX)
    with opened(home.state_file) as connection:
        known = {same.id: same, told.id: learnt}
        then = {each.id: each for each in enrolled_at(connection, datetime.now(UTC), known).machines}

    assert then == {same.id: same, told.id: told}
    assert then[same.id] is same
    assert then[told.id].name is learnt.name


def test_a_reinstalled_machine_is_not_assessed_and_keeps_its_history(home: Home) -> None:
    """What was known speaks for the old system; the audit has what it was."""
    machine = enrol(home, Definition("web-01")).machine
    _scan(home, machine, _OPENSSL)

    done = note_reinstalled(home, "web-01", "SHA256:new")

    assert (done.is_new, note_reinstalled(home, "web-01").is_new) == (True, False)
    assert _status(home, "web-01").compliance(_NOW) is Compliance.NOT_ASSESSED
    entry = deeds_on(home, "web-01")[0]
    assert (entry.action, '"machine_id_before": "one"' in (entry.after or "")) == ("machine.reinstalled", True)
    assert "SHA256:new" in (entry.after or "")
    _scan(home, machine, replace(_OPENSSL, installed_version="1.5"), minutes=9, identity="two")
    assert _status(home, "web-01").compliance(_NOW) is Compliance.NON_COMPLIANT
    assert {owner for (owner,) in _rows(home, UPDATE_HISTORY, "SourceComputerId")} == {machine.id}
