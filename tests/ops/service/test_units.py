"""The unit of systemd: what it says, and that it is installed and removed whole."""

import shutil
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.machines import Become, Machine, TransportKind
from ops.home import Home, open_home
from ops.service import installing, units
from ops.service.installing import NotInstalled, install, plan_unit, uninstall
from ops.service.units import Scope, make_unit
from ops.state import Audit, connect
from tests.ops.service.conftest import enrol

_AT = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def systemd(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, ...]]:
    """A host with systemd, as far as can be: systemctl is replaced by a list of what it was told."""
    told: list[tuple[str, ...]] = []

    def run_systemctl(scope: Scope, *arguments: str) -> str:
        told.append((scope.value, *arguments))
        return ""

    (tmp_path / "run" / "systemd").mkdir(parents=True)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    monkeypatch.setenv("PATH", str(tmp_path))  # no loginctl
    monkeypatch.setattr(installing, "is_systemd_here", lambda: True)
    monkeypatch.setattr(installing, "run_systemctl", run_systemctl)
    return told


def _lines(home: Home, scope: Scope = Scope.SYSTEM) -> list[str]:
    return make_unit(home, scope, "patch").text.splitlines()


def test_a_unit_of_the_system_is_hardened(home: Home) -> None:
    """It runs as the owner of the home, with what the service needs and no more."""
    lines = _lines(home)
    assert {"Type=notify", "Restart=on-failure", "User=patch", "NoNewPrivileges=yes", "ProtectSystem=full"} <= {*lines}
    assert not any(line.startswith(("ProtectHome", "PrivateTmp")) for line in lines)  # keys and agents lie there


def test_a_unit_of_a_user_has_what_a_user_may(home: Home) -> None:
    """No other user, no view of the file system of its own."""
    lines = _lines(home, Scope.USER)
    assert "WantedBy=default.target" in lines
    assert not any(line.startswith(("User=", "Protect")) for line in lines)


def test_a_host_that_patches_itself_is_not_locked_in(home: Home) -> None:
    """sudo must work there, and packages go to /usr; the unit says why."""
    enrol(home, Machine("id-1", "this", TransportKind.LOCAL, _AT, become=Become.SUDO))
    lines = _lines(home)
    assert not any(line.startswith(("NoNewPrivileges", "ProtectSystem")) for line in lines)
    assert sum(line.startswith("#") for line in lines) == 2


def test_units_of_different_homes_have_different_names(tmp_path: Path) -> None:
    """Also where the homes are called alike."""
    homes = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        homes.append(open_home(tmp_path / name / "fleet home"))
    names = {make_unit(home, Scope.USER, "me").name for home in homes}
    assert len(names) == 2
    assert all(name.startswith("patchdeck-fleet-home-") for name in names)


def test_strange_paths_are_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spaces, quotes, dollars and backslashes reach the program as they are."""
    home = open_home(tmp_path / 'a "b" $c \\d')
    monkeypatch.setattr("sys.argv", ["/usr/bin/patchdeck-nowhere"])
    (line,) = (line for line in _lines(home) if line.startswith("ExecStart="))
    assert f'"{tmp_path}/a \\"b\\" $$c \\\\d"' in line


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_finds_nothing_wrong_with_the_unit(home: Home, tmp_path: Path) -> None:
    """Its own checker reads it."""
    path = tmp_path / "patchdeck-test.service"
    path.write_text(make_unit(home, Scope.SYSTEM, "root").text, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert [line for line in done.stderr.splitlines() if path.name in line] == []


def test_a_unit_is_installed_started_and_removed(home: Home, systemd: list[tuple[str, ...]]) -> None:
    """Each of it is audited; to remove what is not there is no mistake."""
    said = [*install(home, Scope.USER, now=True)]
    unit = plan_unit(home, Scope.USER)
    assert unit.path.read_text("utf-8") == unit.text
    assert [call[1:] for call in systemd] == [("daemon-reload",), ("enable", unit.name), ("restart", unit.name)]
    assert said[-1] == f"Started {unit.name}."
    assert any("enable-linger" in line for line in said)
    assert uninstall(home, Scope.USER)
    assert not unit.path.exists()
    assert not uninstall(home, Scope.USER)
    with closing(connect(home.state_file)) as connection:
        actions = [entry.action for entry in Audit(connection).list_entries()]
    assert actions == ["service.uninstall", "service.install"]


def test_a_host_without_systemd_is_refused(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to do instead, and writes nothing."""
    monkeypatch.setattr(installing, "is_systemd_here", lambda: False)
    with pytest.raises(NotInstalled, match="patchdeck service start"):
        [*install(home, Scope.SYSTEM, now=False)]


def test_what_systemctl_refuses_is_told(
    home: Home, systemd: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its own words."""
    monkeypatch.setattr(installing, "run_systemctl", lambda *_: "systemctl exited 1: Access denied")
    with pytest.raises(NotInstalled, match="Access denied"):
        [*install(home, Scope.USER, now=False)]


def test_a_missing_systemctl_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One line, no traceback."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "systemctl" in units.run_systemctl(Scope.SYSTEM, "start", "x.service")
