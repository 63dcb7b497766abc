"""Other software that installs updates on a machine: found active, found not active, or not known."""

from collections.abc import Iterator, Mapping

from collectors.sections import Section, Sections
from fleet.facts import OtherUpdater
from fleet.failures import Finding, FindingKind, Severity

UNATTENDED_UPGRADES = "unattended-upgrades"
_APT_TIMER = "apt-daily-upgrade.timer"
_BY_UNIT = {
    "packagekit.service": "packagekit",
    "snapd.service": "snapd",
    "landscape-client.service": "landscape-client",
    "google-osconfig-agent.service": "google-osconfig-agent",
    "amazon-ssm-agent.service": "amazon-ssm-agent",
    "mintupdate-automation-upgrade.timer": "mintupdate",
    "dnf-automatic.timer": "dnf-automatic",
    "dnf-automatic-install.timer": "dnf-automatic",
}


def read_updaters(sections: Sections) -> tuple[OtherUpdater, ...] | None:
    """Names of the updaters that are active, sorted; None where systemd does not run, so that nothing can be said.

    Raises:
        UnreadableOutput: systemctl printed something else than properties.
    """
    section = sections.find("updaters")
    if section is None or section.exit_status != 0 or section.stdout.strip() == b"no-systemd":
        return None
    active = set(_active_units(section))
    names = {_BY_UNIT[unit] for unit in active if unit in _BY_UNIT}
    if _APT_TIMER in active and upgrades_by_itself(sections):
        names.add(UNATTENDED_UPGRADES)
    return tuple(OtherUpdater(name) for name in sorted(names))


def find_updaters(sections: Sections, active: tuple[OtherUpdater, ...] | None) -> Iterator[Finding]:
    """One finding for each active updater, and one for unattended-upgrades where it is only known to be configured."""
    for updater in active or ():
        text = f"{updater.name} is active and may install updates at any time."
        remedy = "Let one of the two do it: disable it, or leave this machine out of deployments."
        yield Finding(FindingKind.OTHER_UPDATER, Severity.INFO, text, remedy)
    if active is None and upgrades_by_itself(sections):
        text = f"{UNATTENDED_UPGRADES} is configured; without systemd it is not known whether anything starts it."
        yield Finding(FindingKind.OTHER_UPDATER, Severity.INFO, text, "Look for cron and /etc/cron.daily/apt-compat.")


def upgrades_by_itself(sections: Sections) -> bool:
    """Whether apt's own configuration asks for unattended upgrades and the program for it is there."""
    section = sections.find("apt-config")
    if section is None or section.exit_status != 0:
        return False
    values = section.values()
    return _is_on(values, "periodic_enable", "1") and _is_on(values, "periodic_upgrade", "0") and _has_program(values)


def _is_on(values: Mapping[str, str], name: str, default: str) -> bool:
    # apt.systemd.daily: 0 is off, any number of days or "always" is on.
    return (values.get(name) or default) != "0"


def _has_program(values: Mapping[str, str]) -> bool:
    return values.get("unattended_upgrade") == "present"


def _active_units(section: Section) -> Iterator[str]:
    unit = ""
    for _, line in section.lines():
        name, _, value = line.partition("=")
        if name == "Id":
            unit = value
        if name == "ActiveState" and value in ("active", "activating", "reloading"):
            yield unit
