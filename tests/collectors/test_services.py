"""Services that run what was replaced: found for real as root, and told apart from not known."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from collectors.probe import build_probe, read_part
from collectors.sections import Section, split_answer
from collectors.services import find_outdated, read_services
from fleet.failures import FindingKind


def _section(text: str, status: int = 0, stderr: bytes = b"") -> Section:
    return Section("services", text.encode(), stderr, status)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root sees the files of all processes")
def test_process_of_a_deleted_program_is_found(tmp_path: Path) -> None:
    """The probe names the program, or the service that it is of."""
    program = tmp_path / "patchdeck-nap"
    shutil.copy(shutil.which("sleep") or "/bin/sleep", program)
    probe = build_probe([])
    script = probe.script.replace(b"/(usr|lib|", f"{tmp_path.parent}/({tmp_path.name}|usr|".encode())
    script = script.replace(b"is_changed_since_boot || return 0", b":")

    with subprocess.Popen([program, "60"]) as nap:
        program.unlink()
        run = subprocess.run(["sh"], input=script, capture_output=True, check=False)
        nap.kill()

    section = split_answer(run.stdout, run.stderr, probe.marker).get("services")
    assert b"patchdeck-nap" in section.stdout or b"service=" in section.stdout


@pytest.mark.parametrize(("hours", "is_looked_for"), [(-2, False), (0, True), (2, True)])
def test_nothing_is_looked_for_where_no_package_changed_since_the_boot(
    tmp_path: Path, hours: int, is_looked_for: bool
) -> None:
    """By the time of the package database beside that of the boot; unknown counts as changed."""
    database = tmp_path / "status"
    database.touch()
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    changed_at = database.stat().st_mtime - uptime + hours * 3600
    os.utime(database, (changed_at, changed_at))
    linux = read_part("linux.sh").replace("for database in /var/lib/dpkg/status", f"for database in {database}")
    only = re.sub(r"(for database in \S+).*?; do", r"\1; do", linux, flags=re.DOTALL)

    run = subprocess.run(["sh", "-c", f"{read_part('frame.sh')}\n{only}\nis_changed_since_boot"], check=False)

    assert run.returncode == (0 if is_looked_for else 1)


def test_ordinary_users_are_not_asked() -> None:
    """They see their own processes only, so that their answer would read as none."""
    probe = build_probe([])
    script = probe.script.replace(b"user_id=$(id -u)", b"user_id=1000")

    run = subprocess.run(["sh"], input=script, capture_output=True, check=False)

    assert split_answer(run.stdout, run.stderr, probe.marker).find("services") is None


def test_services_and_programs_are_named_once() -> None:
    """What runs in containers and sessions is left out."""
    section = _section("service=nginx.service\nservice=other\nprocess=crond\nservice=nginx.service\n")

    assert read_services(section, None) == ("crond", "nginx.service")
    assert read_services(section, ("sshd.service",)) == ("crond", "nginx.service", "sshd.service")


@pytest.mark.parametrize(
    ("section", "services"),
    [
        (None, None),
        (_section("", 1), ()),
        (_section("", 2, b"grep: /proc/77/maps: No such file or directory"), ()),
        (_section("", 2, b"grep: /proc/77/maps: Permission denied"), None),
        (_section("", 124), None),
        (_section("process=crond\n", 124), ("crond",)),
    ],
)
def test_a_look_that_was_cut_short_is_not_none(section: Section | None, services: tuple[str, ...] | None) -> None:
    """No match is none; refused, stopped and not asked are unknown; processes that end meanwhile are no trouble."""
    assert read_services(section, None) == services


def test_finding_counts_what_it_does_not_list() -> None:
    """It stays one line."""
    (finding,) = find_outdated(tuple(f"s{number:02}.service" for number in range(14)))

    assert finding.kind is FindingKind.SERVICES_OUTDATED
    assert "and 4 more" in finding.text
    assert list(find_outdated(())) == list(find_outdated(None)) == []
