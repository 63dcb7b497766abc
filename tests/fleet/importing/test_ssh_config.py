"""OpenSSH's configuration, compared with what ssh itself says."""

import shutil
import subprocess
from pathlib import Path

import pytest

from fleet.errors import BadInput
from fleet.importing.listed import MachineList
from fleet.importing.request import ReadingOptions
from fleet.importing.ssh_config import fits, read
from ops.importing.disk_files import DiskFiles
from tests.fleet.importing.list_folder import ListFolder

_CONFIG = """
Host web-1 web-2 "web-3"
    HostName %h.example.org
    Port=2222
Host db !x
    HostName 10.0.0.5
    ProxyJump ops@bastion:2200,inner
    User first
Host db
    User second
Host *-east !db-east
    User east
Host far-east db-east
Match originalhost web-2
    Compression yes
    User matched
Match host 10.0.0.5
    Port 2022
Match all
    IdentitiesOnly yes
Include extra.conf
Host *
    User admin # not a word of it
"""


def _read(text: str, **more: str) -> MachineList:
    folder = ListFolder(**{"/etc/c": text}, **{f"/etc/{name}": each for name, each in more.items()})
    return read("/etc/c", folder, ReadingOptions())


@pytest.mark.skipif(shutil.which("ssh") is None, reason="there is no ssh to compare with")
def test_settings_are_those_that_ssh_would_use(tmp_path: Path) -> None:
    """Address, port, user and jump of every host, through patterns, negations, Match and Include."""
    config = tmp_path / "config"
    extra = tmp_path / "extra.conf"
    config.write_text(_CONFIG.replace("extra.conf", str(extra)), encoding="utf-8")
    extra.write_text("Host included\n  HostName in.example.org\n  Port 99\n", encoding="utf-8")

    listed = read(str(config), DiskFiles(), ReadingOptions())

    assert [machine.name for machine in listed.machines] == [
        *("web-1", "web-2", "web-3", "db", "far-east", "db-east", "included")
    ]
    for machine in listed.machines:
        said = _ssh_says(config, machine.name)
        ours = (machine.address or machine.name, str(machine.port or 22), machine.user, machine.proxy_jump)
        assert ours == (said["hostname"], said["port"], said["user"], said.get("proxyjump")), machine.name


def test_patterns_are_no_machines() -> None:
    """Their settings hold for those that are called by a whole name."""
    listed = _read("Host web-* !web-9\n  User deploy\nHost web-1\nHost *\n  Port 22\n")
    assert [(machine.name, machine.user, machine.port) for machine in listed.machines] == [("web-1", "deploy", 22)]


def test_what_is_not_evaluated_is_noted_with_its_line() -> None:
    """A Match that runs something, a file that is not there, a line that is none."""
    listed = _read("Match exec true\n  Port 1\nInclude none/*\nHost a\n  ???\n")
    assert [(note.place.line, note.text.split()[0]) for note in listed.notes] == [
        *((1, "Match"), (3, "Include"), (5, "this"))
    ]
    assert listed.machines[0].port is None


def test_include_inside_a_block_holds_only_there() -> None:
    """As in ssh, settings of the file are those of the block."""
    listed = _read("Host a\n  Include *.conf\nHost b\n", **{"one.conf": "User included\n"})
    assert [(machine.name, machine.user) for machine in listed.machines] == [("a", "included"), ("b", None)]


def test_files_that_include_each_other_are_refused() -> None:
    """After as many as OpenSSH reads."""
    with pytest.raises(BadInput, match="include each other"):
        _read("Include c\n")


def test_setting_that_a_machine_cannot_hold_keeps_the_alias() -> None:
    """Patchdeck reads the user's own configuration when it connects, and finds it by the alias."""
    (machine,) = _read("Host a\n  HostName 10.0.0.1\n  ProxyCommand nc %h %p\n").machines
    assert machine.address is None
    assert "proxycommand" in machine.notes[0]


def test_jump_host_that_only_this_file_knows_is_told() -> None:
    """Who connects reads ~/.ssh/config; there the name leads somewhere."""
    text = "Host gate\n  HostName 10.0.0.1\nHost a\n  ProxyJump me@gate:2222\nHost b\n  ProxyJump other\n"
    assert [len(machine.notes) for machine in _read(text).machines] == [0, 1, 0]
    files = ListFolder(**{"/home/me/.ssh/config": text})
    assert [machine.notes for machine in read("/home/me/.ssh/config", files, ReadingOptions()).machines] == [()] * 3


def test_bad_port_refuses_its_machine_only() -> None:
    """The others are read."""
    listed = _read("Host a\n  Port x\nHost b\n")
    assert [machine.name for machine in listed.machines] == ["b"]
    assert [(refusal.name, refusal.place.line) for refusal in listed.refusals] == [("a", 1)]


def test_it_is_known_by_its_lines() -> None:
    """A table that begins with the word host is none."""
    assert fits("x", "Host a\n  User b\n")
    assert not fits("x", "Host name;address\n")


def _ssh_says(config: Path, alias: str) -> dict[str, str]:
    done = subprocess.run(
        ["ssh", "-G", "-F", str(config), alias], capture_output=True, text=True, check=True, timeout=20
    )
    return dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
