"""Installing the service as a unit of systemd, and taking it away."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from fleet.errors import PatchdeckError
from ops.home import Home
from ops.permission import require_writable
from ops.service.starting import working
from ops.service.stopping import stop_service
from ops.service.units import SYSTEMCTL_SECONDS, Scope, Unit, is_systemd_here, make_unit, run_systemctl, unit_path
from ops.state.audit import Audit
from ops.state.database import opened

_END_SECONDS = 60.0


class NotInstalled(PatchdeckError):
    """The unit cannot be installed or removed; says why, and what can be done instead."""


def plan_unit(home: Home, scope: Scope) -> Unit:
    """The unit that `install` would write; it runs as the owner of the home."""
    return make_unit(home, scope, home.path.owner())


def install(home: Home, scope: Scope, *, now: bool) -> Iterator[str]:
    """Writes and enables the unit, and with ``now`` starts it; says what was done, a line each.

    A service that was started on demand is ended first, so that the unit can have the lease.

    Raises:
        NotInstalled: there is no systemd, or it or the file system refuses.
        ServiceNotStopped: the service that runs now does not end.
    """
    require_writable(home.path, "install its service")
    _require_systemd(scope)
    unit = plan_unit(home, scope)
    _write(unit)
    yield f"Wrote {unit.path}."
    _run(scope, "daemon-reload")
    _run(scope, "enable", unit.name)
    yield f"Enabled {unit.name}: it starts with {'the system' if scope is Scope.SYSTEM else 'your session'}."
    if scope is Scope.USER:
        yield _linger()
    if now:
        if working(home) is not None and stop_service(home, _END_SECONDS) is not None:
            yield "Ended the service that ran."
        _run(scope, "restart", unit.name)
        yield f"Started {unit.name}."
    with opened(home.state_file) as connection:
        Audit(connection).record("service.install", unit.name, None, json.dumps({"unit": unit.text}))


def uninstall(home: Home, scope: Scope) -> bool:
    """Ends, disables and removes the unit; False where there was none.

    Raises:
        NotInstalled: systemd or the file system refuses.
    """
    require_writable(home.path, "remove its service")
    path = unit_path(home, scope)
    if not path.exists():
        return False
    _require_systemd(scope)
    _run(scope, "disable", "--now", path.name)
    text = path.read_text("utf-8", errors="replace")
    try:
        path.unlink()
    except OSError as error:
        raise NotInstalled(f"Cannot remove {path}: {error.strerror}.") from error
    _run(scope, "daemon-reload")
    with opened(home.state_file) as connection:
        Audit(connection).record("service.uninstall", path.name, json.dumps({"unit": text}), None)
    return True


def _require_systemd(scope: Scope) -> None:
    if not is_systemd_here():
        raise NotInstalled(
            "This host does not run systemd, so there is no unit to install: start the service with "
            "`patchdeck service start`, or have your init system run `patchdeck service run`."
        )
    if scope is Scope.USER and not Path(os.environ.get("XDG_RUNTIME_DIR", "/nonexistent"), "systemd").is_dir():
        raise NotInstalled(
            "There is no systemd of your user here (no XDG_RUNTIME_DIR): log in as that user, not by su or sudo, "
            "or install for the whole system with --system."
        )
    if scope is Scope.SYSTEM and os.geteuid() != 0:
        raise NotInstalled("A unit of the system is written by root only: use sudo, or --user.")


def _write(unit: Unit) -> None:
    aside = unit.path.with_name(f".{unit.name}.{os.getpid()}")
    try:
        unit.path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(unit.text, "utf-8")
        aside.chmod(0o644)
        aside.replace(unit.path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise NotInstalled(f"Cannot write {unit.path}: {error.strerror}.") from error


def _run(scope: Scope, *arguments: str) -> None:
    if problem := run_systemctl(scope, *arguments):
        raise NotInstalled(problem)


def _linger() -> str:
    """Units of a user end with the user's last session, unless they linger."""
    try:
        done = subprocess.run(
            ["loginctl", "--no-ask-password", "enable-linger"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SYSTEMCTL_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        done = None
    if done is not None and done.returncode == 0:
        return "It goes on when you log out, and starts with the system (loginctl enable-linger)."
    return "It ends when you log out: to have it stay, run `loginctl enable-linger` as root for your user."
