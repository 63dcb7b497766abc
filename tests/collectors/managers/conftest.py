"""A throw-away apt of its own: status file, sources, lists and repositories in a folder, used without root."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
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

_DATE = "%a, %d %b %Y %H:%M:%S UTC"


@dataclass
class AptRoot:
    """An apt whose every path lies below ``path``; `environment` makes apt's programs use it."""

    path: Path
    sources: list[str] = field(default_factory=list)

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment in which apt's programs see this root."""
        return {
            "PATH": os.environ["PATH"],
            "LC_ALL": "C",
            "APT_CONFIG": str(self.path / "apt.conf"),
            "HOME": str(self.path),
        }

    @property
    def sources_file(self) -> Path:
        """The list of sources."""
        return self.path / "etc/sources.list"

    def make(self) -> None:
        """Make the folders and the configuration."""
        for folder in (
            "etc/preferences.d",
            "lists/partial",
            "cache/archives/partial",
            "dpkg/updates",
            "dpkg/info",
            "parts",
        ):
            (self.path / folder).mkdir(parents=True)
        (self.path / "dpkg/status").write_text("")
        self.configure()

    def configure(self, *lines: str) -> None:
        """Write apt.conf, with ``lines`` at its end."""
        settings = {
            "Dir::Etc::sourcelist": "etc/sources.list",
            "Dir::Etc::sourceparts": "parts",
            "Dir::Etc::preferences": "etc/preferences",
            "Dir::Etc::preferencesparts": "etc/preferences.d",
            "Dir::Etc::main": "none",
            "Dir::Etc::parts": "parts",
            "Dir::State::lists": "lists",
            "Dir::State::status": "dpkg/status",
            "Dir::State::extended_states": "extended_states",
            "Dir::Cache": "cache",
            "Dir::Cache::archives": "cache/archives",
        }
        text = [f'{name} "{self.path / value}";' for name, value in settings.items()]
        text += ['APT::Architecture "amd64";', 'APT::Architectures { "amd64"; "i386"; };', 'APT::Sandbox::User "root";']
        (self.path / "apt.conf").write_text("\n".join([*text, *lines]) + "\n")

    def install(self, *packages: Mapping[str, str]) -> None:
        """Write the status file: ``packages`` with Status ``install ok installed`` unless they say another."""
        text = "".join(_stanza({"Status": "install ok installed", **_complete(package)}) for package in packages)
        (self.path / "dpkg/status").write_text(text)

    def pin(self, *paragraphs: str) -> None:
        """Write the preferences file."""
        (self.path / "etc/preferences").write_text("\n\n".join(paragraphs) + "\n")

    def add_repository(
        self,
        name: str,
        packages: Sequence[Mapping[str, str]],
        *,
        label: str = "Debian",
        origin: str = "Debian",
        version: str = "12",
        age: timedelta = timedelta(hours=3),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Write a repository with suite and codename ``name`` and add it to the sources."""
        folder = self.path / "repositories" / name
        index = folder / "dists" / name / "main/binary-amd64"
        index.mkdir(parents=True, exist_ok=True)
        text = "".join(_stanza(_archived(_complete(package))) for package in packages)
        (index / "Packages").write_text(text)
        release = {
            "Origin": origin,
            "Label": label,
            "Suite": name,
            "Version": version,
            "Codename": name,
            "Date": (datetime.now(UTC) - age).strftime(_DATE),
            "Architectures": "amd64",
            "Components": "main",
            **(headers or {}),
        }
        digest = hashlib.sha256(text.encode()).hexdigest()
        sums = f"SHA256:\n {digest} {len(text.encode())} main/binary-amd64/Packages\n"
        head = "".join(f"{key}: {value}\n" for key, value in release.items() if value)
        (folder / "dists" / name / "Release").write_text(head + sums)
        self.sources.append(f"deb [trusted=yes] file:{folder} {name} main")
        self.sources_file.write_text("\n".join(self.sources) + "\n")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """What ``command`` of apt says here."""
        return subprocess.run(command, env=dict(self.environment), capture_output=True, text=True, check=False)

    def package(self, name: str, version: str, **fields: str) -> Mapping[str, str]:
        """The control fields of a package; ``Multi_Arch`` stands for ``Multi-Arch``."""
        return {"Package": name, "Version": version, **{key.replace("_", "-"): value for key, value in fields.items()}}

    def update(self) -> None:
        """`apt-get update`."""
        result = self.run("apt-get", "update", "-q")
        assert result.returncode == 0, result.stderr

    def assess(self, machine: Machine, *, refresh: bool = False, as_nobody: bool = False) -> Assessment:
        """The assessment of this root; ``as_nobody`` where we are root, whom no mode keeps out."""
        probe = build_probe(["apt"], refresh=refresh)
        started_at = datetime.now(UTC)
        words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if as_nobody and not os.getuid() else []
        done = subprocess.run(
            [*words, "sh"], input=probe.script, env=dict(self.environment), capture_output=True, check=False
        )
        result = CommandResult(done.stdout, done.stderr, done.returncode, 1.0)
        return read_answer(machine, probe.marker, result, Span(started_at, datetime.now(UTC)))


def _complete(package: Mapping[str, str]) -> dict[str, str]:
    defaults = {"Architecture": "amd64", "Maintainer": "nobody <n@example.org>", "Description": "a package"}
    return {**defaults, **package}


def _archived(package: dict[str, str]) -> dict[str, str]:
    file_version = package["Version"].partition(":")[2] or package["Version"]
    name = f"pool/{package['Package']}_{file_version}_{package['Architecture']}.deb"
    return {"Filename": name, "Size": "1000", "SHA256": "0" * 64, **package}


def _stanza(fields: Mapping[str, str]) -> str:
    ordered = {"Package": fields["Package"], **fields}
    return "".join(f"{key}: {value}\n" for key, value in ordered.items()) + "\n"


@pytest.fixture
def root(tmp_path: Path) -> AptRoot:
    """A throw-away apt with nothing installed and no repository; skips where there is no apt."""
    if not (shutil.which("apt-get") and shutil.which("apt-cache") and shutil.which("dpkg-query")):
        pytest.skip("apt is not installed here")

    made = AptRoot(tmp_path / "apt-root")
    made.path.mkdir()
    made.make()
    return made
