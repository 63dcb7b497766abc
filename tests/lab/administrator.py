"""An administrator at the command line: a user without an SSH configuration, with a home of its own, and the lab."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.exit_codes import ExitCode
from tests.lab.builder.lab import Lab
from tests.lab.real_runs import RealRuns

_REPOSITORY = Path(__file__).parents[2]

Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True, slots=True)
class Administrator:
    """Whoever works in ``folder``; ``runs`` looks at the same home and at the machines themselves."""

    lab: Lab
    folder: Path

    @property
    def runs(self) -> RealRuns:
        """The home, and the machines' own word."""
        return RealRuns(self.lab, self.folder)

    def do(self, *argv: str) -> Done:
        """Runs `patchdeck` to its end."""
        return subprocess.run(
            self._words(argv),
            cwd=_REPOSITORY,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def begin(self, *argv: str) -> "subprocess.Popen[str]":
        """Runs `patchdeck` beside the test."""
        return subprocess.Popen(
            self._words(argv),
            cwd=_REPOSITORY,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def enrol(self, *names: str) -> None:
        """Has the machines given anew, and adds them with sudo."""
        for name in names:
            self.lab.reset(name)
            machine = self.lab.machines[name]
            way = ("--address", machine.address, "--port", str(machine.port), "--user", machine.user)
            added = self.do("machines", "add", name, *way, "--become", "sudo", "--key-file", str(self.lab.key_file))
            assert added.returncode == ExitCode.OK, added.stderr
        shutil.copy(self.lab.known_hosts, self.runs.home.known_hosts)

    def define(self, name: str, text: str) -> None:
        """Adds a deployment from a TOML file."""
        file = self.folder / f"{name}.toml"
        file.write_text(text)
        added = self.do("deployments", "add", "-f", str(file))
        assert added.returncode == ExitCode.OK, added.stderr

    def _words(self, argv: Sequence[str]) -> list[str]:
        return [str(Path(sys.executable).with_name("patchdeck")), *argv]

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SSH_", "XDG_"))}
        return kept | {"HOME": str(self.folder), "PATCHDECK_HOME": str(self.folder / "home")}
