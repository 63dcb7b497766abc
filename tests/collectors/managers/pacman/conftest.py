"""Throw-away pacmans: configuration, database and repositories in a folder, read by a real pacman without root."""

import io
import os
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.linux_facts import Span
from collectors.probe import build_probe
from collectors.reading import read_answer
from collectors.transports.base import CommandResult
from fleet.assessments import Assessment
from fleet.machines import Machine

Fields = Mapping[str, str]


@dataclass
class PacmanRoot:
    """A pacman whose every path lies below ``path``: programs of that name in ``bin`` hand it to the real ones."""

    path: Path
    settings: list[str] = field(default_factory=list)
    repositories: list[str] = field(default_factory=list)

    @property
    def database(self) -> Path:
        """Where this pacman keeps what it knows."""
        return self.path / "db"

    @property
    def log(self) -> Path:
        """Its log."""
        return self.path / "pacman.log"

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which the probe finds this pacman first."""
        return {"PATH": f"{self.path / 'bin'}:{os.environ['PATH']}", "HOME": str(self.path), "TMPDIR": str(self.path)}

    def make(self) -> None:
        """Make the folders, the programs and the configuration."""
        for folder in ("bin", "db/local", "db/sync", "cache", "gnupg"):
            (self.path / folder).mkdir(parents=True)
        (self.database / "local/ALPM_DB_VERSION").write_text("9\n")
        for program in ("pacman", "pacman-conf"):
            wrapper = self.path / "bin" / program
            wrapper.write_text(f'#!/bin/sh\nexec /usr/bin/{program} --config {self.path}/pacman.conf "$@"\n')
            wrapper.chmod(0o755)
        self.configure()

    def configure(self, *settings: str) -> None:
        """Write pacman.conf, with ``settings`` among its options."""
        self.settings.extend(settings)
        lines = ["[options]", f"DBPath = {self.database}/", f"LogFile = {self.log}", f"CacheDir = {self.path}/cache/"]
        lines += [f"GPGDir = {self.path}/gnupg/", "Architecture = x86_64", "SigLevel = Never", *self.settings]
        for name in self.repositories:
            lines += [f"[{name}]", f"Server = file://{self.path}/server/{name}"]
        (self.path / "pacman.conf").write_text("\n".join(lines) + "\n")

    def install(self, name: str, version: str, **fields: str) -> None:
        """Write an entry of the local database."""
        folder = self.database / "local" / f"{name}-{version}"
        folder.mkdir()
        known = {"NAME": name, "VERSION": version, "BASE": name, "ARCH": "x86_64", "SIZE": "1", "REASON": "0"}
        (folder / "desc").write_text(_entry({**known, **fields}))
        (folder / "files").write_text("%FILES%\n")

    def add_repository(self, name: str, *packages: Fields, age: timedelta = timedelta(hours=3)) -> Path:
        """Write a repository and the machine's own database of it, made ``age`` ago and fetched now."""
        server = self.path / "server" / name
        server.mkdir(parents=True, exist_ok=True)
        made_at = datetime.now(UTC) - age
        _write_database(server / f"{name}.db", packages, made_at)
        _write_database(self.database / "sync" / f"{name}.db", packages, made_at)
        if name not in self.repositories:
            self.repositories.append(name)
        self.configure()
        return server / f"{name}.db"

    def publish(self, name: str, *packages: Fields) -> None:
        """Write a newer state of a repository, which the machine has not fetched."""
        _write_database(self.path / "server" / name / f"{name}.db", packages, datetime.now(UTC))

    def package(self, name: str, version: str, **fields: str) -> Fields:
        """An entry of a sync database."""
        return _package(name, version, fields)

    def run(self, *command: str) -> str:
        """What ``command`` of pacman prints here."""
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True).stdout

    def assess(
        self, machine: Machine, *, refresh: bool = False, as_nobody: bool = False, changes: tuple[str, str] = ("", "")
    ) -> Assessment:
        """The assessment of this root by the whole probe, on a machine that says it is Arch.

        ``as_nobody`` where we are root; ``changes`` is a part of the script and what stands there instead.
        """
        probe = build_probe(["pacman"], refresh=refresh)
        script = probe.script.replace(
            b"if command -v sed",
            b"find_managers() { echo pacman; }\nread_os_release() { echo ID=arch; }\nif command -v sed",
        )
        script = script.replace(changes[0].encode(), changes[1].encode()) if changes[0] else script
        words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if as_nobody and not os.getuid() else []
        started_at = datetime.now(UTC)
        done = subprocess.run([*words, "sh"], input=script, env=self.environment, capture_output=True, check=False)
        result = CommandResult(done.stdout, done.stderr, done.returncode, 1.0)
        return read_answer(machine, probe.marker, result, Span(started_at, datetime.now(UTC)))


def _package(name: str, version: str, fields: Fields) -> Fields:
    known = {"FILENAME": f"{name}-{version}-x86_64.pkg.tar.zst", "NAME": name, "BASE": name, "VERSION": version}
    return {**known, "CSIZE": "4321", "ISIZE": "9000", "ARCH": "x86_64", **fields}


def _write_database(path: Path, packages: tuple[Fields, ...], made_at: datetime) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for fields in packages:
            text = _entry(fields).encode()
            member = tarfile.TarInfo(f"{fields['NAME']}-{fields['VERSION']}/desc")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    os.utime(path, (made_at.timestamp(), made_at.timestamp()))


def _entry(fields: Fields) -> str:
    return "".join(f"%{name}%\n{value}\n\n" for name, value in fields.items())


@pytest.fixture
def pacman(tmp_path: Path) -> PacmanRoot:
    """A throw-away pacman with nothing installed and no repository; skips where there is no pacman."""
    if not (Path("/usr/bin/pacman").exists() and shutil.which("pacman-conf")):
        pytest.skip("pacman is not installed here")
    made = PacmanRoot(tmp_path / "pacman-root")
    made.path.mkdir()
    made.make()
    return made
