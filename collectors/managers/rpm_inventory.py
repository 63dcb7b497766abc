"""What rpm says is installed, from the lines ``name TAB evr TAB architecture TAB source rpm`` of a probe."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from collectors.managers.rpm_versions import evr_key, normal_evr
from collectors.sections import Section
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name

# Keys are kept in rpm's database as packages of this name; they are never updated.
_KEY_NAME = "gpg-pubkey"


@dataclass(frozen=True, slots=True)
class RpmInventory:
    """Installed packages. ``versions`` has the newest version of each (name, architecture), of which a machine may have
    several; ``sources`` the name of its source package, where that is another one.
    """

    versions: Mapping[tuple[str, str], str] = field(default_factory=dict)
    sources: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def find_version(self, name: str, architecture: str) -> str:
        """The version of a package; of another architecture where it is about to change that. Empty if not there."""
        exact = self.versions.get((name, architecture))
        return exact or next((version for (known, _), version in self.versions.items() if known == name), "")


def parse_rpm_inventory(section: Section) -> RpmInventory:
    """The packages that ``rpm -qa`` printed.

    Raises:
        UnreadableOutput: a line fits no known shape.

    Source: rpm 4.18; captured in a throw-away root.
    """
    versions: dict[tuple[str, str], str] = {}
    sources: dict[tuple[str, str], str] = {}
    for number, line in section.lines():
        parts = line.split("\t")
        if len(parts) != 4 or not parts[0] or not parts[1]:
            raise UnreadableOutput(section.name, number, clean(line))
        name, version, architecture, source = (clean_name(part) for part in parts)
        if name == _KEY_NAME:
            continue
        key, version = (name, architecture), normal_evr(version)
        if key not in versions or evr_key(versions[key]) < evr_key(version):
            versions[key] = version
        source_name = source.rsplit("-", 2)[0] if source.endswith(".src.rpm") else name
        if source_name != name:
            sources[key] = source_name
    return RpmInventory(versions, sources)
