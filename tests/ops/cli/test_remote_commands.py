"""The commands that Patchdeck runs on machines, shown without running any."""

import json
from pathlib import Path

from fleet.machines import Become, Machine, OSType, TransportKind
from ops.app_keys.catalogue import load_catalogue
from ops.remote_commands import assessment_command
from ops.state.audit import utc_now
from tests.ops.cli.conftest import Patchdeck


def machine(**fields: object) -> Machine:
    known: dict[str, object] = {"transport": TransportKind.SSH, "created_at": utc_now(), "address": "192.0.2.7"}
    return Machine(id="00000000-0000-4000-8000-000000000001", name="web-01", **{**known, **fields})  # type: ignore[arg-type]


def test_assessment_is_one_command_with_its_whole_script() -> None:
    """As a shell would have it; no marker that is another one each time, no password."""
    command = assessment_command(machine(user="admin", port=2222, become=Become.SUDO))
    assert command.command == "ssh -p 2222 admin@192.0.2.7 sh"
    assert "marker=patchdeck-…" in command.script
    assert "sudo_password=‹hidden›" in command.script
    assert "read_apt" in command.script
    assert command.at == ""


def test_windows_is_asked_by_powershell() -> None:
    """Whatever carries it, the script is the one that is kept beside this code."""
    command = assessment_command(machine(os_type=OSType.WINDOWS))
    assert command.command.startswith("ssh 192.0.2.7 powershell.exe")
    assert "function" in command.script


def test_this_machine_runs_it_itself() -> None:
    """Without ssh."""
    assert assessment_command(machine(transport=TransportKind.LOCAL, address=None)).command == "sh"


def test_verb_shows_commands_and_scripts(patchdeck: Patchdeck, home: Path) -> None:
    """As a table, as JSON, and the script alone, as it can be read by shellcheck."""
    patchdeck("machines", "add", "web-01", "--address", "192.0.2.7")
    rows = json.loads(patchdeck("commands", "web-01", "--json").out)
    assert [row["occasion"] for row in rows] == ["assessment"]
    assert rows[0]["at"] == ""
    assert "not run yet" in patchdeck("commands", "web-01").out
    assert "read_apt" in patchdeck("commands", "web-01", "--script").out
    assert json.loads(patchdeck("commands", "web-01", "--script", "--json").out)[0]["script"]
    assert "Did you mean 'web-01'" in patchdeck("commands", "web-1", code=2).err
    assert "leave out" in patchdeck("commands", "web-01", "--run", "x", "--script", code=2).err


def test_verb_lists_keys_as_they_hold_now(patchdeck: Patchdeck, home: Path) -> None:
    """By id, with the default beside them; searched by words; one's own are told apart."""
    patchdeck("machines", "list")
    (home / "config.toml").write_text('[keys]\n"machines.sort" = "f10"\n[app.keys]\nf11 = "machines web"\n', "utf-8")
    rows = {row["id"]: row for row in json.loads(patchdeck("keys", "list", "--json").out)}
    assert len(rows) > len(load_catalogue().scopes)
    assert rows["machines.sort"]["keys"] == ["f10"]
    assert rows["machines.sort"]["is_own"] is True
    assert rows["every-table.sort"]["keys"] == ["s"]
    assert rows["app.keys"]["does"] == ":machines web"
    assert "f10" in patchdeck("keys", "list", "sort", "machines").out
    (home / "config.toml").write_text('[keys]\n"machines.srot" = "f10"\n', "utf-8")
    assert "config.toml, line 2" in patchdeck("keys", "list", code=2).err
