"""The main job as an administrator does it: machines enrolled, assessed by one command, and asked about."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from fleet.failures import FailureKind, FindingKind
from ops.exit_codes import ExitCode
from tests.lab.builder.lab import Lab
from tests.lab.own_answer import Offer, OwnAnswer

_ANSWERING = ("current", "behind", "pending", "blocked", "reboot", "german", "locked", "no-security-lists")
_FAILING = {
    "closed": FailureKind.CONNECTION_REFUSED,
    "silent": FailureKind.NO_BANNER,
    "key-changed": FailureKind.HOST_KEY_CHANGED,
    "cut": FailureKind.CONNECTION_LOST,
}
_REPOSITORY = Path(__file__).parents[2]

Row = Mapping[str, Any]  # a JSON object: its values are what each verb documents
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def patchdeck(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The console script over a home of its own, for a user without an SSH configuration."""
    folder = tmp_path_factory.mktemp("administrator")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SSH_", "XDG_"))}
    environment |= {"HOME": str(folder), "PATCHDECK_HOME": str(folder / "home")}

    def run(*argv: str) -> subprocess.CompletedProcess[str]:
        words = [str(Path(sys.executable).with_name("patchdeck")), *argv]
        return subprocess.run(
            words, cwd=_REPOSITORY, env=environment, capture_output=True, text=True, timeout=300, check=False
        )

    return run


@pytest.fixture(scope="module")
def scan(lab: Lab, patchdeck: Run, tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """Twelve machines, half of them unhappy, enrolled and assessed by one command."""
    for name in (*_ANSWERING, *_FAILING):
        machine = lab.machines[name]
        way = ("--address", machine.address, "--port", str(machine.port), "--user", machine.user)
        added = patchdeck("machines", "add", name, *way, "--key-file", str(lab.key_file))
        assert added.returncode == ExitCode.OK, added.stderr
    home = next(path for path in tmp_path_factory.getbasetemp().glob("administrator*/home"))
    shutil.copy(lab.known_hosts, home / "known_hosts")
    return patchdeck("assess", "all", "--json")


def test_one_command_assesses_twelve_machines(scan: subprocess.CompletedProcess[str]) -> None:
    """Every machine has its row; the exit code says that some could not be assessed."""
    assert scan.returncode == ExitCode.MACHINES_FAILED, scan.stderr
    assert {row["machine"] for row in _rows(scan)} == {*_ANSWERING, *_FAILING}


def test_each_failure_is_told_apart(scan: subprocess.CompletedProcess[str]) -> None:
    """Machines that gave no answer say why, and their counts are unknown, never zero."""
    failed = {row["machine"]: row for row in _rows(scan) if row["failure_kind"]}

    assert {name: row["failure_kind"] for name, row in failed.items()} == _FAILING
    assert {row["security_missing"] for row in failed.values()} == {None}


@pytest.mark.parametrize("name", [name for name in _ANSWERING if name != "no-security-lists"])
def test_counts_are_those_of_apt(
    scan: subprocess.CompletedProcess[str], ask_apt: Callable[[str], OwnAnswer], name: str
) -> None:
    """Security and other updates are as many as the machine's own package manager has."""
    (row,) = [row for row in _rows(scan) if row["machine"] == name]
    own = ask_apt(name)
    hidden_by_a_pin = 1 if name == "blocked" else 0

    assert row["security_missing"] == len(own.security)
    assert row["other_missing"] == len(own.offers) - len(own.security) + hidden_by_a_pin


def test_unwell_machines_say_what_they_have(scan: subprocess.CompletedProcess[str]) -> None:
    """A lock is a finding; without security lists the answer is not whole, and security is not zero but unknown."""
    rows = {row["machine"]: row for row in _rows(scan)}

    assert FindingKind.PACKAGE_MANAGER_LOCKED in json.dumps(rows["locked"]["findings"])
    assert rows["no-security-lists"]["coverage"] == "security-unknown"
    assert rows["no-security-lists"]["security_missing"] is None


@pytest.mark.parametrize("name", ["pending", "behind", "blocked"])
def test_stored_updates_answer_queries(
    scan: subprocess.CompletedProcess[str], patchdeck: Run, ask_apt: Callable[[str], OwnAnswer], name: str
) -> None:
    """What was stored is what apt said: the tables are asked as an analyst would."""
    sql = (
        "SELECT Product, ProductArch, InstalledVersion, ProductVersion FROM Update "
        f"WHERE Computer = '{name}' AND UpdateState = 'Needed' AND NotInstallableReason <> 'pinned'"
    )

    answer = patchdeck("query", sql, "--format", "json")

    assert answer.returncode == ExitCode.OK, answer.stderr
    assert {Offer(*row.values()) for row in _rows(answer)} == ask_apt(name).offers


def test_key_that_was_accepted_lets_the_machine_answer(lab: Lab, patchdeck: Run, scan: object) -> None:
    """An unknown host key fails, is accepted by its fingerprint, and then the machine answers."""
    machine = lab.machines["key-unknown"]
    patchdeck("machines", "add", machine.name, "--address", machine.address, "--port", str(machine.port),
              "--user", machine.user, "--key-file", str(lab.key_file))  # fmt: skip
    fingerprint = lab.exec(machine.name, ["ssh-keygen", "-lf", "/etc/ssh/ssh_host_ed25519_key"]).stdout.split()[1]

    before = patchdeck("assess", machine.name, "--json")
    wrong = patchdeck("machines", "accept-key", machine.name, "--fingerprint", "SHA256:nonsense")
    accepted = patchdeck("machines", "accept-key", machine.name, "--fingerprint", fingerprint)
    after = patchdeck("assess", machine.name, "--json")

    assert _rows(before)[0]["failure_kind"] == FailureKind.HOST_KEY_UNKNOWN
    assert wrong.returncode != ExitCode.OK
    assert accepted.returncode == ExitCode.OK, accepted.stderr
    assert after.returncode == ExitCode.OK, after.stderr


def _rows(done: subprocess.CompletedProcess[str]) -> Sequence[Row]:
    rows: Sequence[Row] = json.loads(done.stdout)
    return rows
