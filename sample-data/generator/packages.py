"""The Linux packages of the sample fleet: sources, their binaries, and how their versions grow.

Names are real; versions follow the pattern of each distribution, but which were ever published is invented.
Each file in catalogue/ has the sources of one system, one a line.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from generator.systems import SYSTEMS


@dataclass(frozen=True, slots=True)
class Source:
    """A source package: its binaries with their sizes in kB, and its version with ``{n}`` where it grows.

    ``{a}`` in the version is the same number as a letter, as in 2026b.

    ``per_quarter`` is how many versions come in 90 days, ``security_share`` how many of them are for security.
    ``needs_reboot``: the machine asks for a restart afterwards. ``new_package`` names a package that must be installed
    with it, as kernels have; ``{k}`` in it grows from ``first_abi``. ``kernel`` is the release that its kernel runs as,
    "" where it is none or where ``new_package`` names it. ``is_extra``: it is of the system's second repository.
    """

    name: str
    binaries: tuple[tuple[str, int], ...]
    version: str
    first: int
    per_quarter: float
    security_share: float
    roles: frozenset[str]
    needs_reboot: bool = False
    new_package: str = ""
    first_abi: int = 0
    is_third_party: bool = False
    kernel: str = ""
    is_extra: bool = False

    def version_at(self, number: int) -> str:
        """Its version after ``number`` releases from the first."""
        return self.version.format(n=self.first + number, a=chr(ord("a") + self.first + number - 1))

    def new_package_at(self, number: int) -> str:
        """The package that the version after ``number`` releases needs; "" if none."""
        return self.new_package.format(n=self.first + number, k=self.first_abi + number)

    def kernel_at(self, number: int) -> str:
        """The kernel that a machine with that version of it boots; "" where it is no kernel."""
        if self.new_package:
            return self.new_package_at(number).removeprefix("linux-image-")
        return self.kernel.format(n=self.first + number)


_FOLDER = Path(__file__).parent / "catalogue"
_NOT_ON_RASPBERRY = {"linux-signed-amd64"}


@cache
def sources(system_key: str) -> tuple[Source, ...]:
    """The sources that machines of a system may have installed."""
    system = SYSTEMS[system_key]
    own = _read(system.catalogue)
    if not system.base:
        return own
    return (*(source for source in sources(system.base) if source.name not in _NOT_ON_RASPBERRY), *own)


def installed_sources(system_key: str, role: str) -> tuple[Source, ...]:
    """The sources that a machine of this system and role has installed."""
    return tuple(source for source in sources(system_key) if source.roles & {"*", role})


def _read(system_key: str) -> tuple[Source, ...]:
    lines = (_FOLDER / f"{system_key}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(_source([field.strip() for field in line.split("|")]) for line in lines if not line.startswith("#"))


def _source(fields: list[str]) -> Source:
    name, binaries, version, first, per_quarter, security_share, roles, *notes = fields
    words = notes[0].split() if notes else []
    values = dict(word.split("=", 1) for word in words if "=" in word)
    return Source(
        name=name,
        binaries=tuple(
            (binary, int(kilobytes)) for binary, _, kilobytes in (b.rpartition(":") for b in binaries.split())
        ),
        version=version,
        first=int(first),
        per_quarter=float(per_quarter),
        security_share=float(security_share),
        roles=frozenset(roles.split()),
        needs_reboot="reboot" in words,
        new_package=values.get("new", ""),
        first_abi=int(values.get("abi", 0)),
        is_third_party="third-party" in words,
        kernel=values.get("kernel", ""),
        is_extra="extra" in words,
    )
