"""Other software that installs updates on a machine, and when it last ran: active, not active, or not known."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from collectors.sections import Section, Sections
from fleet.facts import OtherUpdater
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean_name

UNATTENDED_UPGRADES = "unattended-upgrades"
APT_DAILY = "apt-daily"
_DNF_AUTOMATIC = "dnf-automatic"
_YAST = "yast2-online-update"
_BY_UNIT = {
    "apt-daily-upgrade.timer": UNATTENDED_UPGRADES,
    "apt-daily.timer": APT_DAILY,
    "packagekit.service": "packagekit",
    "packagekit-offline-update.service": "packagekit",
    "snapd.service": "snapd",
    "landscape-client.service": "landscape-client",
    "google-osconfig-agent.service": "google-osconfig-agent",
    "amazon-ssm-agent.service": "amazon-ssm-agent",
    "mintupdate-automation-upgrade.timer": "mintupdate",
    "dnf-automatic.timer": _DNF_AUTOMATIC,
    "dnf-automatic-install.timer": "dnf-automatic-install",
    "dnf5-automatic.timer": _DNF_AUTOMATIC,
    "yum-cron.service": "yum-cron",
    "transactional-update.timer": "transactional-update",
    "os-update.timer": "os-update",
    "rpm-ostreed-automatic.timer": "rpm-ostreed-automatic",
    "bootc-fetch-apply-updates.timer": "bootc-fetch-apply-updates",
    "zincati.service": "zincati",
    "salt-minion.service": "salt-minion",
    "venv-salt-minion.service": "venv-salt-minion",
}
# These do what their settings say: with apply_updates = no they only fetch.
_BY_SETTINGS = frozenset({_DNF_AUTOMATIC, "yum-cron"})
# Files that are written when an updater runs, or a folder that changes when it installs.
_BY_TRACE = {
    "/var/lib/apt/periodic/upgrade-stamp": UNATTENDED_UPGRADES,
    "/var/lib/apt/periodic/unattended-upgrades-stamp": UNATTENDED_UPGRADES,
    "/var/log/unattended-upgrades/unattended-upgrades.log": UNATTENDED_UPGRADES,
    "/var/lib/apt/periodic/update-success-stamp": APT_DAILY,
    "/var/lib/PackageKit/transactions.db": "packagekit",
    "/var/lib/snapd/snaps": "snapd",
}
_YAST_CRON = re.compile(r"/etc/cron\.(daily|weekly|monthly)/opensuse\.org-online_update")
_TRACE = re.compile(r"([0-9]{1,10}) (/.*)")
_TRIGGERED = re.compile(r"[A-Z][a-z]{2} ([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}) UTC")


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the section says: ``active`` are units, ``ran_at`` is by updater, ``applies`` is None without settings."""

    has_systemd: bool
    active: tuple[str, ...]
    ran_at: Mapping[str, datetime]
    has_yast_cron: bool
    applies: bool | None
    offline: str


def read_updaters(sections: Sections) -> tuple[OtherUpdater, ...] | None:
    """The updaters that are active, by name; None where systemd does not run, so that nothing can be said.

    Raises:
        UnreadableOutput: systemctl printed something else than properties.
    """
    section = sections.find("updaters")
    if section is None or section.exit_status != 0:
        return None
    seen = _look(section)
    if not seen.has_systemd:
        return None
    names = {_BY_UNIT[unit] for unit in seen.active if unit in _BY_UNIT}
    if not upgrades_by_itself(sections):
        names.discard(UNATTENDED_UPGRADES)
    if not _fetches_by_itself(sections):
        names.discard(APT_DAILY)
    if seen.applies is False:
        names -= _BY_SETTINGS
    if seen.has_yast_cron:
        names.add(_YAST)
    return tuple(OtherUpdater(name, seen.ran_at.get(name)) for name in sorted(names))


def find_updaters(sections: Sections, active: tuple[OtherUpdater, ...] | None) -> Iterator[Finding]:
    """One finding for each active updater, and one for what is prepared or configured only."""
    for updater in active or ():
        does = "fetches package lists" if updater.name == APT_DAILY else "may install updates at any time"
        ran = f" It last ran at {updater.last_ran_at:%Y-%m-%d %H:%M} UTC." if updater.last_ran_at else ""
        remedy = "Let one of the two do it: disable it, or leave this machine out of deployments."
        yield Finding(FindingKind.OTHER_UPDATER, Severity.INFO, f"{updater.name} is active: it {does}.{ran}", remedy)
    section = sections.find("updaters")
    seen = _look(section) if section is not None and section.exit_status == 0 else None
    if seen is not None and seen.offline:
        text = f"{clean_name(seen.offline)} is there: updates are prepared and are installed at the next boot."
        yield Finding(FindingKind.OTHER_UPDATER, Severity.INFO, text, "Expect a longer boot; see pkcon offline-status.")
    if active is None and upgrades_by_itself(sections):
        ran_at = seen.ran_at.get(UNATTENDED_UPGRADES) if seen else None
        ran = f" It last ran at {ran_at:%Y-%m-%d %H:%M} UTC." if ran_at else ""
        text = f"{UNATTENDED_UPGRADES} is configured; without systemd it is not known whether anything starts it.{ran}"
        yield Finding(FindingKind.OTHER_UPDATER, Severity.INFO, text, "Look for cron and /etc/cron.daily/apt-compat.")


def upgrades_by_itself(sections: Sections) -> bool:
    """Whether apt's own configuration asks for unattended upgrades and the program for it is there."""
    values = _apt_settings(sections)
    return _is_on(values, "periodic_upgrade") and values.get("unattended_upgrade") == "present"


def _fetches_by_itself(sections: Sections) -> bool:
    return _is_on(_apt_settings(sections), "periodic_update")


def _apt_settings(sections: Sections) -> Mapping[str, str]:
    section = sections.find("apt-config")
    return section.values() if section is not None and section.exit_status == 0 else {}


def _is_on(values: Mapping[str, str], name: str) -> bool:
    # apt.systemd.daily: 0 is off, any number of days or "always" is on; all of it can be switched off by Enable.
    return (values.get("periodic_enable") or "1") != "0" and (values.get(name) or "0") != "0"


def _look(section: Section) -> _Seen:
    lines = [line for _, line in section.lines()]
    values = [line.partition("=")[::2] for line in lines]
    traces = [found for name, value in values if name == "changed" and (found := _TRACE.fullmatch(value))]
    units = list(_units(values))
    ran = [(_BY_UNIT[unit], at) for unit, _, at in units if unit in _BY_UNIT and at is not None]
    ran += [(_BY_TRACE[path], datetime.fromtimestamp(int(at), UTC)) for at, path in _pairs(traces) if path in _BY_TRACE]
    applies = [value.strip().lower() for name, value in values if name == "applies"]
    return _Seen(
        has_systemd="no-systemd" not in lines,
        active=tuple(unit for unit, is_active, _ in units if is_active),
        ran_at={name: max(at for each, at in ran if each == name) for name, _ in ran},
        has_yast_cron=any(_YAST_CRON.fullmatch(path) for _, path in _pairs(traces)),
        applies=any(word in ("yes", "true", "1", "on") for word in applies) if applies else None,
        offline=next((value for name, value in values if name == "offline"), ""),
    )


def _pairs(traces: list[re.Match[str]]) -> list[tuple[str, str]]:
    return [(found[1], found[2]) for found in traces]


def _units(values: list[tuple[str, str]]) -> Iterator[tuple[str, bool, datetime | None]]:
    """Each unit, whether it is active, and when its timer last started it."""
    unit, is_active, ran_at = "", False, None
    for name, value in [*values, ("Id", "")]:
        if name == "Id":
            if unit:
                yield unit, is_active, ran_at
            unit, is_active, ran_at = value, False, None
        elif name == "ActiveState":
            is_active = value in ("active", "activating", "reloading")
        elif name == "LastTriggerUSec":
            ran_at = _triggered_at(value)


def _triggered_at(text: str) -> datetime | None:
    found = _TRIGGERED.fullmatch(text)
    try:
        return datetime.strptime(f"{found[1]} +0000", "%Y-%m-%d %H:%M:%S %z") if found else None
    except ValueError:
        return None
