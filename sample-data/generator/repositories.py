"""The repositories of the sample machines, as apt knows them: addresses, suites, and what their Release files say."""

from dataclasses import dataclass

from generator.systems import System

_COMPONENT = "main"


@dataclass(frozen=True, slots=True)
class RepositoryHead:
    """One suite of one archive. ``name`` is how updates tell where they come from (`Update.repository`)."""

    name: str
    address: str
    suite: str
    origin: str
    label: str
    suite_said: str
    version: str

    @property
    def index(self) -> str:
        """How apt writes it beside a version."""
        return f"{self.address} {self.suite}/{_COMPONENT}"

    @property
    def stem(self) -> str:
        """How the names of its lists begin."""
        return f"{self.address.partition('://')[2]}/dists/{self.suite}/".replace("_", "%5f").replace("/", "_")

    def release_lines(self, date: str, architecture: str) -> list[str]:
        """The head of its Release file."""
        version = [f"Version: {self.version}"] if self.version else []
        return [
            f"Origin: {self.origin}",
            f"Label: {self.label}",
            f"Suite: {self.suite_said}",
            *version,
            f"Codename: {self.suite}",
            f"Date: {date}",
            f"Architectures: {architecture}",
            f"Components: {_COMPONENT}",
        ]


def repositories_of(system: System, third_parties: list[str]) -> list[RepositoryHead]:
    """The repositories that a machine of ``system`` is configured with."""
    own = [_own(system, name) for name in (system.main, system.updates, system.security) if name not in _OTHERS]
    return [*own, *(_OTHERS[name] for name in dict.fromkeys(third_parties))]


def _own(system: System, name: str) -> RepositoryHead:
    label, _, rest = name.partition(":")
    version, _, suite_said = rest.partition("/")
    if system.os_id == "ubuntu":
        address = "http://security.ubuntu.com/ubuntu" if suite_said.endswith("-security") else _UBUNTU
        return RepositoryHead(name, address, suite_said, "Ubuntu", label, suite_said, version)
    code_name = _CODE_NAMES[system.os_version]
    suite = code_name + suite_said.partition("stable")[2]
    address = "http://deb.debian.org/debian-security" if label == "Debian-Security" else "http://deb.debian.org/debian"
    return RepositoryHead(name, address, suite, "Debian", label, suite_said, version)


def _other(name: str, address: str, suite: str) -> RepositoryHead:
    label, _, suite_said = name.partition(":")
    return RepositoryHead(name, address, suite, label, label, suite_said, "")


_UBUNTU = "http://archive.ubuntu.com/ubuntu"
_CODE_NAMES = {"11": "bullseye", "12": "bookworm"}
_OTHERS = {
    other.name: other
    for other in (
        _other("Grafana Labs:stable", "https://apt.grafana.example", "stable"),
        _other("Docker CE:noble", "https://download.docker.example/linux/ubuntu", "noble"),
        _other("GitLab B.V.:jammy", "https://packages.gitlab.example/ubuntu", "jammy"),
        _other("Raspberry Pi Foundation:stable", "http://archive.raspberrypi.example/debian", "bookworm"),
    )
}
