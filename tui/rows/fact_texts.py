"""Facts that machines of every system give, each as its name, its text and its tone; an empty text is unknown."""

from datetime import datetime

from fleet.answers import Answer
from fleet.facts import DiskSpace, MachineFacts
from tui.rows.ages import describe_age, describe_bytes, describe_time
from tui.tones import Tone

Fact = tuple[str, str, Tone]


def reboot_fact(facts: MachineFacts) -> Fact:
    """Whether it is to be rebooted, and why."""
    text = facts.reboot_required.value + (f": {facts.reboot_reason}" if facts.reboot_reason else "")
    return ("Reboot required", text, Tone.REBOOT if facts.reboot_required is Answer.YES else Tone.NORMAL)


def end_of_life_fact(facts: MachineFacts, now: datetime) -> Fact:
    """When its system's updates end or ended, and who says so."""
    if facts.end_of_life is None:
        return ("End of life", facts.end_of_life_source, Tone.NORMAL)
    tone = Tone.PENDING if facts.end_of_life < now.date() else Tone.NORMAL
    return ("End of life", f"{facts.end_of_life.isoformat()}, by {facts.end_of_life_source}", tone)


def place_facts(facts: MachineFacts, now: datetime) -> list[Fact]:
    """What it is called, where it is, since when it runs, and how its clock goes."""
    skew = f"{facts.clock_skew_seconds:+.1f} s" if facts.clock_skew_seconds is not None else ""
    return [
        ("Host name", facts.fqdn or facts.host_name or "", Tone.NORMAL),
        ("Addresses", ", ".join(facts.ip_addresses), Tone.NORMAL),
        ("Booted", time_text(facts.booted_at, now), Tone.NORMAL),
        ("Clock", f"{skew} against this one" if skew else "", Tone.NORMAL),
    ]


def body_facts(facts: MachineFacts) -> list[Fact]:
    """Its disks, and by what it is told from others."""
    return [
        *((f"Free on {disk.path}", _disk(disk), Tone.NORMAL) for disk in facts.disks),
        ("Machine id", facts.machine_id or "", Tone.NORMAL),
        ("Firmware UUID", facts.system_uuid or "", Tone.NORMAL),
        ("Boot id", facts.boot_id or "", Tone.NORMAL),
    ]


def updaters_fact(facts: MachineFacts, now: datetime) -> Fact:
    """What else installs updates there, and when that last ran."""
    if facts.other_updaters is None:
        return ("Other updaters", "", Tone.NORMAL)
    ran = {u.name: f" (last ran {describe_age(u.last_ran_at, now)} ago)" for u in facts.other_updaters if u.last_ran_at}
    names = tuple(f"{updater.name}{ran.get(updater.name, '')}" for updater in facts.other_updaters)
    return ("Other updaters", none_or(names), Tone.NORMAL)


def none_or(names: tuple[str, ...] | None) -> str:
    """The names; ``none`` where there are none, empty where it is not known."""
    return "" if names is None else ", ".join(names) or "none"


def time_text(at: datetime | None, now: datetime) -> str:
    """``2026-11-22 14:05Z, 3 h``; empty for None."""
    return f"{describe_time(at)}, {describe_age(at, now)}" if at else ""


def _disk(disk: DiskSpace) -> str:
    read_only = ", read-only" if disk.is_read_only else ""
    return f"{describe_bytes(disk.free_bytes)} of {describe_bytes(disk.total_bytes)}{read_only}"
