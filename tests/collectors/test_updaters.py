"""Other updaters: active, not active and not known, with when they last ran."""

from datetime import UTC, datetime

import pytest

from collectors.sections import Section, Sections
from collectors.updaters import find_updaters, read_updaters
from fleet.facts import OtherUpdater

# systemctl show of systemd 252 prints properties in this form, a unit a paragraph.
_UNITS = """
Id=dnf-automatic.timer
ActiveState=active
LastTriggerUSec=Sat 2026-11-21 06:12:01 UTC

Id=snapd.service
ActiveState=active

Id=packagekit.service
ActiveState=inactive
"""


def _sections(updaters: str, apt: str = "") -> Sections:
    sections = {"updaters": Section("updaters", updaters.encode(), b"", 0)}
    if apt:
        sections["apt-config"] = Section("apt-config", apt.encode(), b"", 0)
    return Sections(sections, None)


def test_active_units_are_updaters_with_their_last_run() -> None:
    """By the timer's last trigger, or by what the updater writes."""
    sections = _sections(f"changed=1795240800 /var/lib/snapd/snaps\n{_UNITS}")

    assert read_updaters(sections) == (
        OtherUpdater("dnf-automatic", datetime(2026, 11, 21, 6, 12, 1, tzinfo=UTC)),
        OtherUpdater("snapd", datetime.fromtimestamp(1795240800, UTC)),
    )


@pytest.mark.parametrize(("value", "is_updater"), [("no", False), ("yes", True), ("True", True)])
def test_what_only_fetches_is_no_updater(value: str, is_updater: bool) -> None:
    """dnf-automatic does what its settings say."""
    updaters = read_updaters(_sections(f"applies={value}\n{_UNITS}")) or ()

    assert ("dnf-automatic" in [updater.name for updater in updaters]) is is_updater


def test_apts_own_timers_count_where_they_do_something() -> None:
    """apt-daily fetches, unattended-upgrades installs; each only if apt's settings ask for it."""
    timers = "Id=apt-daily.timer\nActiveState=active\n\nId=apt-daily-upgrade.timer\nActiveState=active\n"
    on = "periodic_enable=\nperiodic_upgrade=1\nperiodic_update=1\nunattended_upgrade=present\n"

    both = _sections(timers, on)
    fetching = _sections(timers, on.replace("upgrade=1", "upgrade=0"))

    assert read_updaters(both) == (OtherUpdater("apt-daily"), OtherUpdater("unattended-upgrades"))
    assert read_updaters(fetching) == (OtherUpdater("apt-daily"),)
    (finding,) = find_updaters(fetching, read_updaters(fetching))
    assert "fetches package lists" in finding.text


def test_yast_runs_by_cron() -> None:
    """Its file is there, whatever units there are."""
    sections = _sections("changed=1795240800 /etc/cron.weekly/opensuse.org-online_update\n")

    assert read_updaters(sections) == (OtherUpdater("yast2-online-update"),)


def test_without_systemd_it_is_not_known() -> None:
    """cron, or nothing at all, may run what is configured; when it last did is told."""
    on = "periodic_upgrade=1\nunattended_upgrade=present\n"
    sections = _sections("changed=1795240800 /var/lib/apt/periodic/upgrade-stamp\nno-systemd\n", on)

    assert read_updaters(sections) is None
    (finding,) = find_updaters(sections, None)
    assert "last ran at 2026-11-21" in finding.text


def test_updates_prepared_for_the_next_boot_are_told() -> None:
    """They are installed before anybody can log in."""
    (finding,) = find_updaters(_sections("offline=/system-update\n"), ())

    assert "next boot" in finding.text


@pytest.mark.parametrize("text", ["n/a", "", "Sat 2026-13-41 99:99:99 UTC", "Sat 2026-11-21 06:12:01 CET"])
def test_time_that_cannot_be_read_is_unknown(text: str) -> None:
    """The updater is known all the same."""
    sections = _sections(f"Id=snapd.service\nActiveState=active\nLastTriggerUSec={text}\n")

    assert read_updaters(sections) == (OtherUpdater("snapd"),)
