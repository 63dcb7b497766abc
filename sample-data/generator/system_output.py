"""What any Linux machine of the sample answers beside its package manager: system, disks, kernels, updaters."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from fleet.failures import FindingKind
from generator.boxes import LinuxBox
from generator.conditions import CLONES, FREE_OF_FULL_DISK, SELF_UPDATING, clock_skew_seconds, notices_at
from generator.era import chance, identity
from generator.identities import fqdn_of, machine_id_of, uname_machine
from generator.roster import AS_ROOT
from generator.section_text import Section

REBOOT_MARKER = "/run/reboot-required"
# The folders whose space the probe asks for, where there is dpkg and elsewhere.
_APT_DISKS = ("/", "/var", "/var/lib/dpkg", "/var/cache/apt/archives", "/var/lib/apt/lists", "/usr", "/boot")
_DISKS = ("/", "/var", "/usr", "/boot")
_PROGRAMS = {
    "apt": ("apt-get", "dpkg-query", "dpkg-database"),
    "dnf": ("dnf", "yum", "rpm-database"),
    "dnf5": ("dnf5", "dnf", "yum", "rpm-database"),
    "zypper": ("zypper", "rpm-database"),
    "pacman": ("pacman", "pacman-database"),
    "apk": ("apk", "apk-database"),
    "ostree": ("rpm-ostree", "bootc", "rpm-database", "ostree-booted"),
}
_UNITS = {
    "unattended-upgrades": ("apt-daily-upgrade.timer", "apt-daily.timer"),
    "dnf-automatic": ("dnf-automatic.timer",),
    "zincati": ("zincati.service",),
}
_TIMERS_RUN_AT = timedelta(hours=6, minutes=25)
# Desktops look for updates by themselves.
_PACKAGEKIT = {"dev-01"}
# What keeps running with libraries that were replaced, by role, and what replaces them.
_SERVICES = {
    "db": ("postgresql@15-main.service", "ssh.service"),
    "ci": ("gitlab-runsvdir.service", "ssh.service"),
    "web": ("nginx.service", "sshd.service"),
    "erp": ("postgresql.service", "sshd.service"),
}
_LIBRARIES = frozenset({"openssl", "libssl3", "openssl-libs", "libopenssl3", "libc6", "glibc"})


def system_sections(box: LinuxBox, at: datetime) -> Iterator[Section]:
    """The sections that begin every answer."""
    member = box.member
    yield Section("system", _system(box, at))
    yield Section("os-release", _os_release(box))
    yield Section("managers", _PROGRAMS[member.system.manager])
    yield Section("disks", _disks(box, at))
    inodes = ["Filesystem Inodes IUsed IFree IUse% Mounted on", "/dev/sda1 1966080 141303 1824777 8% /"]
    yield Section("inodes", inodes)
    yield Section("mounts", ["/ ext4 rw,relatime", "/var ext4 rw,relatime"])
    yield Section("reboot", _reboot(box))
    if member.name in AS_ROOT:
        # As grep does where no process has such a file.
        services = _services(box)
        yield Section("services", services, 0 if services else 1)
    yield Section("addresses", [f"2: eth0    inet {member.address}/24 brd + scope global eth0"])
    yield Section("updaters", _updaters(box, at))


def _system(box: LinuxBox, at: datetime) -> list[str]:
    member = box.member
    template = CLONES.get(member.name, member.name)
    values = {
        "now": int(at.timestamp() + clock_skew_seconds(member)),
        "uid": 0 if member.name in AS_ROOT else 1000,
        "ostype": "Linux",
        "kernel": box.kernel,
        "build": "#1 SMP PREEMPT_DYNAMIC",
        "machine": uname_machine(member.system),
        "host_name": member.name,
        "fqdn": fqdn_of(member),
        "container": "",
        "system_uuid": identity("firmware", template) if member.name in AS_ROOT else "",
        "machine_id": machine_id_of(member),
        "boot_id": box.boot_id,
        "uptime": f"{(at - box.booted_at).total_seconds():.2f} 0.00",
    }
    return [f"{name}={value}" for name, value in values.items()]


def _os_release(box: LinuxBox) -> list[str]:
    system = box.member.system
    lines = [f'PRETTY_NAME="{system.os_full_name}"', f'NAME="{system.os_name}"', f"ID={system.os_id}"]
    lines += [f'VERSION_ID="{system.os_version}"'] if system.os_version else []
    return [*lines, *([f'ID_LIKE="{system.like}"'] if system.like else [])]


def _disks(box: LinuxBox, at: datetime) -> list[str]:
    paths = _APT_DISKS if box.member.system.has_apt else _DISKS
    is_full = any(notice.kind is FindingKind.DISK_FULL for notice in notices_at(box.member, at))
    kilobytes = 3_000_000 + chance("disk", box.member.name).randrange(9_000_000)
    free = FREE_OF_FULL_DISK // 1024 if is_full else kilobytes
    rows = [_disk(20_000_000, free, "/var") if "/var" in path else _disk(31_000_000, 5_600_000, "/") for path in paths]
    return [" ".join(paths), "Filesystem 1024-blocks Used Available Capacity Mounted on", *rows]


def _disk(total: int, free: int, mount_point: str) -> str:
    return f"/dev/sda1 {total} 1 {free} 50% {mount_point}"


def _reboot(box: LinuxBox) -> list[str]:
    system = box.member.system
    newest = box.installed_kernel
    kernels = [newest] if system.manager in ("apk", "pacman") else list(dict.fromkeys((box.kernel, newest)))
    lines = [f"modules={kernel}" for kernel in kernels]
    if system.manager not in ("apk", "pacman", "ostree"):
        lines = [*(f"image={kernel}" for kernel in kernels), *lines]
    if system.has_apt and box.reboot_reasons:
        lines = [f"marker={REBOOT_MARKER}", f"packages={' '.join(box.reboot_reasons)}", *lines]
    return lines


def _services(box: LinuxBox) -> list[str]:
    is_outdated = not _LIBRARIES.isdisjoint(box.reboot_reasons)
    return [f"service={name}" for name in _SERVICES.get(box.member.role, ())] if is_outdated else []


def _updaters(box: LinuxBox, at: datetime) -> list[str]:
    name, system = box.member.name, box.member.system
    if system.manager == "apk":
        return ["no-systemd"]
    ran_at = _last_run(at)
    lines = []
    if name in _PACKAGEKIT:
        lines.append(f"changed={int(ran_at.timestamp())} /var/lib/PackageKit/transactions.db")
    updater = SELF_UPDATING.get(name, "")
    if updater == "dnf-automatic":
        lines.append("applies=yes")
    units = [*_UNITS.get(updater, ()), *(["packagekit.service"] if name in _PACKAGEKIT else [])]
    return lines + [line for unit in units for line in _unit(unit, ran_at)]


def _last_run(at: datetime) -> datetime:
    ran_at = at.replace(hour=0, minute=0, second=0, microsecond=0) + _TIMERS_RUN_AT
    return ran_at if ran_at <= at else ran_at - timedelta(days=1)


def _unit(unit: str, ran_at: datetime) -> list[str]:
    is_timer = unit.endswith(".timer")
    ran = [f"LastTriggerUSec={ran_at:%a %Y-%m-%d %H:%M:%S} UTC"] if is_timer else []
    return [f"Id={unit}", "ActiveState=active", *ran, ""]
