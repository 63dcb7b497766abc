"""What zypper and rpm would print on a machine of the sample fleet, as the probe of `collectors` asks for it."""

from collections.abc import Iterator
from datetime import datetime

from generator.boxes import LinuxBox
from generator.releases import Release
from generator.roster import AS_ROOT
from generator.rpm_offers import RpmOffer, RpmState, rpm_state
from generator.section_text import Section
from generator.vulnerabilities import worst_of

_BEGIN = (
    "<?xml version='1.0'?> <stream> ",
    '<message type="info">Loading repository data...</message> ',
    '<message type="info">Reading installed packages...</message> <update-status version="0.6"> <update-list> ',
)
_END = "</update-list> </update-status> </stream> "
_SEVERITIES = {"low": "low", "medium": "moderate", "high": "important", "critical": "critical"}
_RAW = "/var/cache/zypp/raw"


def zypper_sections(box: LinuxBox, at: datetime) -> Iterator[Section]:
    """The sections in the order of the probe."""
    state = rpm_state(box, at)
    locked = [each for each in state.offers if not each.offer.update.is_installable]
    patches = list(state.advisories())
    yield Section("zypper-state", [*_state(box)])
    yield Section("zypper-locks", [line for each in locked for line in _lock(each)])
    yield Section("zypper-repositories", [*_repositories(state)])
    yield Section("zypper-packages", [*state.inventory(with_epoch=False)])
    yield Section("zypper-updates", [*_BEGIN, *(_update(state, each) for each in state.offers), _END])
    yield Section("zypper-patches", [*_BEGIN, *(_patch(release) for release, _ in patches), _END])
    if not state.offers:
        return
    taken = [each for each in state.offers if each not in locked]
    yield Section("zypper-installable", [*_BEGIN, *(_update(state, each) for each in taken), _END])
    if patches:
        yield Section("zypper-contents", [line for release, offers in patches for line in _contents(release, offers)])
    if locked and box.member.name in AS_ROOT:
        names = " ".join(each.name for each in locked)
        said = ["The following package updates will NOT be installed:", f"  {names}", "", "Nothing to do."]
        yield Section("zypper-reasons", said)


def _state(box: LinuxBox) -> Iterator[str]:
    if box.reboot_reasons:
        yield "reboot_needed="
    yield "reboot_rules=/etc/zypp/needreboot"
    if box.member.system.os_id == "sles":
        yield "registered=yes"


def _lock(each: RpmOffer) -> list[str]:
    return ["", "type: package", "match_type: glob", "case_sensitive: on", f"solvable_name: {each.name}", ""]


def _repositories(state: RpmState) -> Iterator[str]:
    for name in state.repositories:
        yield from (f"file {name}.repo", f" [{name}]", f" name={name}", " enabled=1")
    for name in state.repositories:
        made, _ = state.dates(name)
        yield from (
            f"repomd {_RAW}/{name}/repodata/repomd.xml",
            f" revision={made}",
            f" timestamp={made}",
            " advisories=yes",
        )
    yield from (f"fetched {state.dates(name)[1]} {_RAW}/{name}/repodata/repomd.xml" for name in state.repositories)
    yield from (f"solv /var/cache/zypp/solv/{name}/solv" for name in ("@System", *state.repositories))


def _update(state: RpmState, each: RpmOffer) -> str:
    update, architecture = each.offer.update, state.box.member.system.architecture
    return (
        f'<update kind="package" name="{each.name}" edition="{each.version}" arch="{architecture}" '
        f'edition-old="{update.installed_version}"><license/><source alias="{each.repository}"/></update>'
    )


def _patch(release: Release) -> str:
    category = "security" if release.is_security else "recommended"
    severity = _SEVERITIES[worst_of(release.cve_numbers)] if release.is_security else "moderate"
    needs_reboot = str(release.source.needs_reboot).lower()
    at = release.published_at
    return (
        f'<update kind="patch" name="{release.advisory}" edition="1" arch="noarch" status="needed" '
        f'category="{category}" severity="{severity}" pkgmanager="{str(release.source.name == "zypper").lower()}" '
        f'restart="{needs_reboot}" interactive="{needs_reboot}"><license/><source alias="{release.repository}"/>'
        f'<issue-date time_t="{int(at.timestamp())}" text="{at:%Y-%m-%dT%H:%M:%SZ}"/>'
        f"<issue-list>{''.join(map(_issue, release.cve_numbers))}</issue-list></update>"
    )


def _issue(cve: str) -> str:
    return f'<issue type="cve" id="{cve}"><href>https://www.suse.example/security/cve/{cve}/</href></issue>'


def _contents(release: Release, offers: list[RpmOffer]) -> list[str]:
    return [f"Information for patch {release.advisory}:", *(f"{each.name} < {release.version}" for each in offers)]
