"""The systemd unit of a service: its text, its name, where it lies, and starting one that is installed."""

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from fleet.machines import Become, TransportKind
from ops.home import Home
from ops.state.database import opened
from ops.state.machines import MachineBook

SYSTEMCTL_SECONDS = 60.0
_SYSTEMD = Path("/run/systemd/system")
_FIT_FOR_NAMES = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."


class Scope(StrEnum):
    """Whose systemd runs the unit."""

    USER = "user"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its scope, its file, its text."""

    scope: Scope
    path: Path
    text: str

    @property
    def name(self) -> str:
        """As systemctl knows it."""
        return self.path.name


def make_unit(home: Home, scope: Scope, user: str) -> Unit:
    """The unit that runs the service of ``home``; a system unit runs as ``user``."""
    is_local, gains_root = _local_machines(home)
    lines = [*_describe(home), *_service(home), *([f"User={user}"] if scope is Scope.SYSTEM else [])]
    lines += _hardening(scope, is_local, gains_root)
    wanted_by = "multi-user.target" if scope is Scope.SYSTEM else "default.target"
    lines += ["", "[Install]", f"WantedBy={wanted_by}"]
    return Unit(scope, unit_path(home, scope), "\n".join(lines) + "\n")


def unit_path(home: Home, scope: Scope) -> Path:
    """Where the unit of ``home`` lies; its name tells homes apart."""
    plain = "".join(character if character in _FIT_FOR_NAMES else "-" for character in home.path.name)
    digest = hashlib.blake2b(os.fsencode(home.path), digest_size=4).hexdigest()
    return _folder(scope) / f"patchdeck-{plain[:60]}-{digest}.service"


def start_installed(home: Home) -> bool:
    """Has systemd start the unit of ``home``, if one is installed and systemd runs; False where it was not started."""
    if not _SYSTEMD.is_dir():
        return False
    return any(
        unit_path(home, scope).exists() and run_systemctl(scope, "start", unit_path(home, scope).name) == ""
        for scope in (Scope.SYSTEM, Scope.USER)
    )


def run_systemctl(scope: Scope, *arguments: str) -> str:
    """Runs systemctl; what went wrong in one line, empty if nothing did."""
    command = ["systemctl", f"--{scope.value}", "--no-ask-password", *arguments]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=SYSTEMCTL_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{' '.join(command)}: {error}"
    said = " ".join(done.stderr.split())
    return "" if done.returncode == 0 else f"{' '.join(command)} exited {done.returncode}: {said or 'no reason given'}"


def is_systemd_here() -> bool:
    """Whether this host runs systemd: sd_booted(3)."""
    return _SYSTEMD.is_dir()


def _folder(scope: Scope) -> Path:
    if scope is Scope.SYSTEM:
        return Path("/etc/systemd/system")
    configuration = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    base = configuration if configuration.is_absolute() else Path.home() / ".config"
    return base / "systemd" / "user"


def _describe(home: Home) -> list[str]:
    return [
        "[Unit]",
        f"Description=Patchdeck service of {_escape(str(home.path))}",
        "Documentation=man:systemd.service(5)",
        "After=network-online.target",
        "Wants=network-online.target",
        # It never gives up: a full disk or another service on this home will end.
        "StartLimitIntervalSec=0",
    ]


def _service(home: Home) -> list[str]:
    command = [*own_command(), "--home", str(home.path), "service", "run"]
    return [
        "",
        "[Service]",
        "Type=notify",
        "NotifyAccess=main",
        f"ExecStart={' '.join(map(quote_word, command))}",
        "Restart=on-failure",
        "RestartSec=15",
        "WatchdogSec=300",
        "TimeoutStopSec=90",
        # The service ends what it has begun here; what goes on, on machines, goes on without it.
        "KillMode=mixed",
        "UMask=0077",
    ]


def _hardening(scope: Scope, is_local: bool, gains_root: bool) -> list[str]:
    """What the service needs no right to. A machine that is this host itself is patched from within the unit."""
    lines = []
    if gains_root:
        lines.append("# No NoNewPrivileges: this host is enrolled itself, and sudo or doas must work there.")
    else:
        lines.append("NoNewPrivileges=yes")
    if is_local:
        lines.append("# No ProtectSystem: this host is enrolled itself, and its packages are installed from here.")
        return lines
    lines += ["LockPersonality=yes", "RestrictRealtime=yes", "RestrictSUIDSGID=yes"]
    if scope is Scope.SYSTEM:
        lines += [
            "ProtectSystem=full",
            "ProtectKernelTunables=yes",
            "ProtectKernelModules=yes",
            "ProtectControlGroups=yes",
        ]
        lines += ["ProtectClock=yes"]
    return lines


def _local_machines(home: Home) -> tuple[bool, bool]:
    """Whether this host is among the machines, and whether root is gained there."""
    with opened(home.state_file) as connection:
        machines = MachineBook(connection).list_machines()
    local = [machine for machine in machines if machine.transport is TransportKind.LOCAL]
    return bool(local), any(machine.become is not Become.NONE for machine in local)


def own_command() -> tuple[str, ...]:
    """The command line that runs this Patchdeck."""
    program = Path(sys.argv[0]).absolute()
    if program.name == "patchdeck" and os.access(program, os.X_OK):
        return (str(program),)
    return (sys.executable, str(program))


def quote_word(word: str) -> str:
    r"""As systemd.service(5) reads it: in quotes, with ``\``, ``"``, ``%`` and ``$`` doubled or escaped."""
    escaped = _escape(word.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$"))
    return escaped if escaped.isascii() and not set(escaped) & set(" '\"\\;") else f'"{escaped}"'


def _escape(text: str) -> str:
    return text.replace("%", "%%").replace("\n", " ")
